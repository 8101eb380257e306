"""Rows of every kind that an address can name, made by the rules, in the organisation that is selected.

`plant(tree, person)` of a kind gives a row that belongs to a local association and tells about a person of
it. A new kind of row that an address names gets a maker here; everything that walks addresses finds it.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from django.core.files.base import ContentFile
from django.utils import timezone
from django_tenants.utils import schema_context
from wagtail.models import Collection, GroupApprovalTask, Locale, Workflow

from cms import rules as content
from cms.demo.organizations import PASSWORD
from cms.models import (
    CardDeck,
    ContentImport,
    ConversationCard,
    CustomDocument,
    FaqCategory,
    FaqEntry,
    ResourceCategory,
    ResourceLink,
)
from domain.access.choices import Role
from domain.access.invitations import invite
from domain.access.members import add_member
from domain.access.rules import assign_role
from domain.access.sharing import share_association
from domain.activities.deciding import flag_activity
from domain.activities.models import ActivityAttachment, ActivityDocument
from domain.activities.rules import create_activity, create_type
from domain.activities.visits import write_report
from domain.assignments import rules as assignments
from domain.assignments.models import (
    AssignmentConsent,
    AssignmentReadReceipt,
    HonorariumCrossing,
    HonorariumThreshold,
)
from domain.associations import memberships, rules
from domain.associations.models import LocalAssociation
from domain.audit.entities import create_entity
from domain.audit.models import AuditEvent
from domain.certification import declarations, pausing
from domain.certification import rules as certification
from domain.certification.models import CertificationReminder, DeclarationText
from domain.config.models import FeatureArea
from domain.files.rules import accept_file
from domain.identity.models import DeviceKey, Membership, PasskeyCredential, User
from domain.identity.sessions import open_session
from domain.identity.support import request_grant
from domain.people.models import Contact, DiagnosisCategory
from domain.people.notes import add_note, write_own_note
from domain.people.relatives import add_caregiver, link_relative, register_relative
from domain.people.rules import create_contact
from domain.sales.models import DemoBooking, DemoSlot
from tenants.db import connection
from tenants.models import JobRun, Organization

from .images import image
from .location_rows import make_mentor_location, make_municipality_position
from .people_rows import make_copy_of

# What every id in an address may be that names nothing.
UNKNOWN_UUID, UNKNOWN_NUMBER, UNKNOWN_TEXT = "018f3f2a-0000-7000-8000-00000000dead", "987654321", "f" * 32


def make_tree() -> SimpleNamespace:
    """Norge › Øst (Grorud, Sinsen) and Vest (Bergen), by name."""

    def make(name, number, parent=None, **values):
        return rules.create_association(name=name, number=number, parent=parent, by=None, **values)

    norge = make("Norge", "1", kind="national")
    east = make("Øst", "10", norge, kind="region", county="03")
    west = make("Vest", "20", norge, kind="region", county="46")
    return SimpleNamespace(
        norge=norge,
        east=east,
        west=west,
        grorud=make("Grorud", "101", east, county="03"),
        sinsen=make("Sinsen", "102", east, county="03"),
        bergen=make("Bergen", "201", west, county="46"),
    )


def here() -> Organization:
    return Organization.objects.get(schema_name=connection.schema_name)


def make_local_membership(association: LocalAssociation, user: User) -> Any:
    return memberships.join_association(user=user, association=association, by=None)


def make_role(association: LocalAssociation, user: User) -> Any:
    return assign_role(user, "coordinator", local_association=association, by=None)


def make_membership(association: LocalAssociation, user: User) -> Membership:
    if not user.association_memberships.filter(association=association).exists():
        make_local_membership(association, user)
    return Membership.objects.here().select_related("user").get(user=user)


def make_share(association: LocalAssociation, user: User) -> Any:
    until = timezone.localdate() + timedelta(days=7)
    return share_association(association, user=user, until=until, reason="Holiday", by=None)


def make_invitation(association: LocalAssociation, user: User) -> Any:
    address = f"{secrets.token_hex(6)}@invited.example"
    return invite(email=address, role="coordinator", local_association=association, by=None)


def make_grant(association: LocalAssociation, user: User) -> Any:
    """Somebody of the platform's support has asked to be let in, and waits for an answer."""
    organization = here()
    with schema_context("platform"):
        staff = make_support_person()
        terms = {"areas": ["faqs"], "reason": "A list", "ends_at": timezone.now() + timedelta(hours=4)}
        return request_grant(organization, by=staff, **terms)


def make_support_person() -> User:
    """One of the platform's support; the platform must be selected."""
    # No organisation says who is the platform's staff: PostgreSQL refuses it.
    with connection.as_owner():
        staff = User.objects.create_user(
            f"{secrets.token_hex(6)}@meander.example", PASSWORD, first_name="Help", platform_role="support"
        )
    add_member(here(), email=staff.email, role=Role.PLATFORM_STAFF, by=None)
    return staff


def make_event(association: LocalAssociation, user: User) -> AuditEvent:
    rules.change_association(association, changes={"email": "post@lag.example"}, by=None)
    return AuditEvent.objects.filter(object_id=str(association.pk)).latest("at")


def make_session(association: LocalAssociation, user: User) -> Any:
    return open_session(user, here(), device_name="Phone").session


def make_passkey(association: LocalAssociation, user: User) -> PasskeyCredential:
    # As owner: support that was let in has passkeys too, though the organisation can't give them any.
    with connection.as_owner():
        return PasskeyCredential.objects.create(
            user=user, credential_id=secrets.token_bytes(32), public_key=b"key", name="Phone"
        )


def make_file(association: LocalAssociation | None, user: User):
    pdf = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    return accept_file(ContentFile(pdf, name="referat.pdf"), by=user)


def make_device_key(association: LocalAssociation, user: User) -> DeviceKey:
    session = make_session(association, user)
    return DeviceKey.objects.create(
        user=user, session=session, purpose="seal", public_key=secrets.token_bytes(32)
    )


def _locale() -> Locale:
    return Locale.objects.get(language_code="nb")


def _heading(model: type) -> Callable[..., Any]:
    def make(association: LocalAssociation, user: User) -> Any:
        return content.create(model(name=f"Heading {secrets.token_hex(3)}", locale=_locale()), by=None)

    return make


def _item(model: type, heading: str, heading_model: type, **fields: Any) -> Callable[..., Any]:
    def make(association: LocalAssociation, user: User) -> Any:
        above = _heading(heading_model)(association, user)
        row = model(locale=_locale(), audience="members", **{heading: above}, **fields)
        return content.create(row, by=None, publish=True)

    return make


make_faq = _item(FaqEntry, "category", FaqCategory, question="Why?", answer="<p>Because.</p>")
make_link = _item(
    ResourceLink, "category", ResourceCategory, title="Help", url="https://helsenorge.no/", description="Here"
)
make_card = _item(ConversationCard, "deck", CardDeck, title="Today", prompt="What was good today?")


def make_image(association: LocalAssociation, user: User) -> Any:
    return image("A picture", width=40, height=30)


def make_document(association: LocalAssociation, user: User) -> CustomDocument:
    return CustomDocument.objects.create(title="A paper", file=ContentFile(b"What it says.", "paper.txt"))


def make_collection(association: LocalAssociation, user: User) -> Any:
    return Collection.get_first_root_node().add_child(name="A collection")


def make_workflow(association: LocalAssociation, user: User) -> Workflow:
    return Workflow.objects.create(name="A workflow", active=True)


def make_task(association: LocalAssociation, user: User) -> GroupApprovalTask:
    return GroupApprovalTask.objects.create(name="A task", active=True)


def make_area(association: LocalAssociation, user: User) -> FeatureArea:
    return FeatureArea.objects.earliest("area")


def make_slot(association: LocalAssociation, user: User) -> DemoSlot:
    start = timezone.now() + timedelta(days=secrets.randbelow(300) + 1)
    host = User.objects.filter(platform_role="owner").first()
    return DemoSlot.objects.create(starts_at=start, ends_at=start + timedelta(hours=1), host=host)


def make_booking(association: LocalAssociation, user: User) -> DemoBooking:
    return DemoBooking.objects.create(
        name="Ask", email="ask@ask.example", organization_name="Some", consent_at=timezone.now()
    )


def make_export(association: LocalAssociation, user: User) -> JobRun:
    """A record's export that is on its way."""
    return JobRun.objects.create(organization=here(), name="audit.export", key=secrets.token_hex(6))


def make_erasure(association: LocalAssociation, user: User) -> JobRun:
    """Somebody's erasure that is on its way."""
    return JobRun.objects.create(organization=here(), name="people.erase", key=secrets.token_hex(6))


def make_import(association: LocalAssociation, user: User) -> ContentImport:
    return ContentImport.objects.create(
        token=secrets.token_hex(16), kind="faqs", user=user, file_name="a.csv", format="csv", delimiter=","
    )


def make_kind(association: LocalAssociation, user: User) -> Any:
    key = f"k{secrets.token_hex(6)}"
    return certification.create_kind(key=key, name_nb="Besøksvenn", requirements=["course"], by=None)


def make_certification(association: LocalAssociation, user: User) -> Any:
    """Issued a month ago; the person belongs to the association."""
    make_membership(association, user)
    day = timezone.localdate() - timedelta(days=30)
    held = certification.start_certification(user=user, kind=make_kind(association, user), by=None)
    held = certification.tick(held, requirement="course", done_on=day, by=None)
    return certification.issue(held, issued_on=day, by=None)


def make_reminder(association: LocalAssociation, user: User) -> CertificationReminder:
    return make_certification(association, user).reminders.earliest("due_at")


def make_mentor_status(association: LocalAssociation, user: User) -> Any:
    make_membership(association, user)
    return pausing.status_of(user)


def make_text(association: LocalAssociation, user: User) -> DeclarationText:
    """The draft of what mentors sign."""
    return DeclarationText.objects.get(role_context="mentor", published_at=None)


def make_declaration(association: LocalAssociation, user: User) -> Any:
    """What drivers sign, signed."""
    make_membership(association, user)
    text = DeclarationText.objects.filter(role_context="driver").latest("number")
    if text.published_at is None:
        text = declarations.publish_text(text, by=None)
    shown = declarations.render(text, "nb")
    return declarations.sign_declaration(
        user=user, text=text, language="nb", text_sha256=shown.sha256, by=user
    )


def make_contact(association: LocalAssociation, user: User) -> Contact:
    """Somebody who is supported there, by nobody yet."""
    name = secrets.token_hex(4)
    return create_contact(
        first_name="Åse", last_name=name, local_association=association, duplicate_checked=True, by=None
    )


def make_caregiver(association: LocalAssociation, user: User) -> Any:
    contact = make_contact(association, user)
    return add_caregiver(contact=contact, first_name="Ola", last_name="Lie", relation="partner", by=None)


def make_contact_relative(association: LocalAssociation, user: User) -> Any:
    relative = register_relative(first_name="Eli", last_name=secrets.token_hex(4), by=None)
    contact = make_contact(association, user)
    return link_relative(contact=contact, relative=relative, relation="parent", by=None)


def make_relative(association: LocalAssociation, user: User) -> Any:
    return make_contact_relative(association, user).relative


def make_contact_note(association: LocalAssociation, user: User) -> Any:
    contact, day = make_contact(association, user), timezone.localdate()
    return add_note(contact=contact, author=user, body="Trives godt.", follow_up_on=day, by=None)


def make_note(association: LocalAssociation, user: User) -> Any:
    return write_own_note(by=user, title="Husk", body="Kort")


def make_diagnosis_category(association: LocalAssociation, user: User) -> DiagnosisCategory:
    return DiagnosisCategory.objects.create(name_nb=f"Gruppe {secrets.token_hex(3)}")


# Each on a day of its own: two at the same time would be doubtful.
_days = count()


def make_activity(association: LocalAssociation, user: User) -> Any:
    """A group meeting that waits for a decision; somebody else led it."""
    kind = make_activity_type(association, user)
    return create_activity(
        by=None,
        type=kind,
        leaders=[user],
        local_association=association,
        started_at=timezone.now() - timedelta(days=3 + next(_days) % 2000),
        duration_minutes=90,
        further_participants=4,
        submit=True,
    )


def make_activity_type(association: LocalAssociation, user: User) -> Any:
    return create_type(by=None, key=f"t{secrets.token_hex(6)}", name_nb="Strikkekafé", category="group")


def make_flag(association: LocalAssociation, user: User) -> Any:
    row = make_activity(association, user)
    return flag_activity(row, reason="Stemmer dagen?", by=None).flags.get(reason="Stemmer dagen?")


def _evidence(model: Any, **values: Any) -> Callable[[LocalAssociation, User], Any]:
    def make(association: LocalAssociation, user: User) -> Any:
        activity = make_activity(association, user)
        return create_entity(model(activity=activity, file=make_file(association, user), **values), by=None)

    return make


def make_visit(association: LocalAssociation, user: User) -> Any:
    later = [{"what": "Ringe kommunen", "due_on": timezone.localdate() + timedelta(days=7)}]
    activity = make_activity(association, user)
    return write_report(activity, by=None, health_status="Bra", follow_ups=later)


def make_assignment(association: LocalAssociation, user: User) -> Any:
    """Sent to the person, by nobody in particular."""
    row = assignments.write_assignment(
        recipient=user, local_association=association, content={"name": "Ukjent"}, by=None
    )
    return assignments.step(assignments.locked(row), "send", by=None)


def make_consent(association: LocalAssociation, user: User) -> Any:
    return AssignmentConsent.objects.create(
        assignment=make_assignment(association, user),
        user=user,
        response="declined",
        responded_at=timezone.now(),
    )


def make_receipt(association: LocalAssociation, user: User) -> Any:
    return AssignmentReadReceipt.objects.create(
        assignment=make_assignment(association, user), user=user, opened_at=timezone.now()
    )


def make_threshold(association: LocalAssociation, user: User) -> Any:
    """From a number that no other has."""
    number = 1 + max(HonorariumThreshold.objects.values_list("assignments_from", flat=True), default=0)
    return HonorariumThreshold.objects.create(assignments_from=number, rate=100)


def make_crossing(association: LocalAssociation, user: User) -> Any:
    make_membership(association, user)
    return HonorariumCrossing.objects.create(
        mentor=user,
        threshold=make_threshold(association, user),
        period_start=timezone.localdate().replace(month=1, day=1),
        crossed_at=timezone.now(),
    )


MAKERS: dict[str, Callable[[LocalAssociation, User], Any]] = {
    "association": lambda association, user: association,
    "local-membership": make_local_membership,
    "membership": make_membership,
    "role": make_role,
    "share": make_share,
    "invitation": make_invitation,
    "grant": make_grant,
    "event": make_event,
    "session": make_session,
    "passkey": make_passkey,
    "device-key": make_device_key,
    "file": make_file,
    "person": lambda association, user: user,
    "area": make_area,
    "faq": make_faq,
    "faq-category": _heading(FaqCategory),
    "link": make_link,
    "link-category": _heading(ResourceCategory),
    "card": make_card,
    "deck": _heading(CardDeck),
    "image": make_image,
    "document": make_document,
    "collection": make_collection,
    "workflow": make_workflow,
    "task": make_task,
    "contact": make_contact,
    "hand-out": lambda association, user: make_copy_of(make_contact(association, user)),
    "caregiver": make_caregiver,
    "relative": make_relative,
    "contact-relative": make_contact_relative,
    "contact-note": make_contact_note,
    "note": make_note,
    "diagnosis-category": make_diagnosis_category,
    "slot": make_slot,
    "booking": make_booking,
    "audit-export": make_export,
    "erasure": make_erasure,
    "import": make_import,
    "certification": make_certification,
    "certification-kind": make_kind,
    "reminder": make_reminder,
    "mentor-status": make_mentor_status,
    "mentor-location": make_mentor_location,
    "municipality-position": make_municipality_position,
    "declaration": make_declaration,
    "declaration-text": make_text,
    "activity": make_activity,
    "activity-type": make_activity_type,
    "activity-flag": make_flag,
    "activity-attachment": _evidence(ActivityAttachment),
    "activity-document": _evidence(ActivityDocument, document_type="invitation"),
    "home-visit-report": make_visit,
    "assignment": make_assignment,
    "consent": make_consent,
    "receipt": make_receipt,
    "threshold": make_threshold,
    "crossing": make_crossing,
}


@dataclass
class FileName:
    """What stands behind a document's number in its address; it follows the title."""

    document: CustomDocument

    @property
    def pk(self) -> str:
        return self.document.filename


# What is there in each organisation besides, made of the rows above.
DERIVED: dict[str, Callable[[dict[str, Any]], Any]] = {
    "faq-revision": lambda rows: rows["faq"].latest_revision,
    "link-revision": lambda rows: rows["link"].latest_revision,
    "card-revision": lambda rows: rows["card"].latest_revision,
    # What the API calls a text, whatever its languages.
    "faq-text": lambda rows: SimpleNamespace(pk=rows["faq"].translation_key),
    "link-text": lambda rows: SimpleNamespace(pk=rows["link"].translation_key),
    "card-text": lambda rows: SimpleNamespace(pk=rows["card"].translation_key),
    "file-name": lambda rows: FileName(rows["document"]),
    "run": lambda rows: rows["audit-export"],
    # Not as the person's own, but as a row of the organisation's.
    "member-session": lambda rows: rows["session"],
    "signed-text": lambda rows: rows["declaration"].text,
    "follow-up": lambda rows: rows["home-visit-report"].follow_ups.first(),
}


def make_rows(association: LocalAssociation, user: User) -> dict[str, Any]:
    """A row of every kind; the platform lets no support in, it is the support."""
    absent = {"grant"} if connection.schema_name == "platform" else set()
    rows = {kind: make(association, user) for kind, make in MAKERS.items() if kind not in absent}
    return rows | {kind: make(rows) for kind, make in DERIVED.items()}


def unknown_like(row: Any) -> str:
    """An id of the same shape as the row's that is nobody's."""
    key = row.pk
    if isinstance(key, UUID):
        return UNKNOWN_UUID
    return UNKNOWN_NUMBER if isinstance(key, int) else UNKNOWN_TEXT
