"""Rows of every kind that an address can name, made by the rules, in the organisation that is selected.

`plant(tree, person)` of a kind gives a row that belongs to a local association and tells about a person of
it. A new kind of row that an address names gets a maker here; everything that walks addresses finds it.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
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
from domain.activities.models import ActivityAttachment, ActivityDocument
from domain.associations import rules
from domain.associations.models import LocalAssociation
from domain.audit.models import AuditEvent
from domain.config.models import FeatureArea
from domain.identity.models import DeviceKey, PasskeyCredential, User
from domain.identity.sessions import open_session
from domain.identity.support import request_grant
from domain.sales.models import DemoBooking, DemoSlot
from tenants.db import connection
from tenants.models import JobRun, Organization

from .images import image
from .location_rows import make_mentor_location, make_municipality_position
from .operation_rows import (
    make_activity,
    make_activity_type,
    make_assignment,
    make_caregiver,
    make_certification,
    make_consent,
    make_contact,
    make_contact_note,
    make_contact_relative,
    make_crossing,
    make_declaration,
    make_diagnosis_category,
    make_evidence,
    make_flag,
    make_kind,
    make_mentor_status,
    make_note,
    make_receipt,
    make_relative,
    make_reminder,
    make_text,
    make_threshold,
    make_visit,
)
from .people_rows import (
    make_contact_share,
    make_copy_of,
    make_file,
    make_local_membership,
    make_membership,
    make_note_request,
    make_sync_device,
    make_sync_mutation,
    make_upload,
)

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


def make_role(association: LocalAssociation, user: User) -> Any:
    return assign_role(user, "coordinator", local_association=association, by=None)


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
    "upload": make_upload,
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
    "note-request": make_note_request,
    "contact-share": make_contact_share,
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
    "activity-attachment": make_evidence(ActivityAttachment),
    "activity-document": make_evidence(ActivityDocument, document_type="invitation"),
    "home-visit-report": make_visit,
    "assignment": make_assignment,
    "consent": make_consent,
    "receipt": make_receipt,
    "threshold": make_threshold,
    "crossing": make_crossing,
    "sync-device": make_sync_device,
    "sync-mutation": make_sync_mutation,
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
