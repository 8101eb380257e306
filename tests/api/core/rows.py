"""Rows of every entity that the API serves, in the organisation that is selected."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.utils import timezone

from domain.access.invitations import invite
from domain.access.models import RoleAssignment
from domain.activities.deciding import withdraw_activity
from domain.activities.evidence import add_document, attach
from domain.activities.models import ActivityFlag, ActivityType
from domain.activities.rules import create_activity
from domain.activities.visits import write_report
from domain.assignments.honorarium import add_threshold
from domain.assignments.models import AssignmentConsent, AssignmentReadReceipt, HonorariumCrossing
from domain.assignments.rules import write_assignment
from domain.associations.models import LocalAssociation, LocalAssociationMembership
from domain.certification import declarations, kinds, pausing
from domain.certification import rules as certification
from domain.certification.models import CertificationKind, DeclarationText
from domain.config.models import FeatureArea, OrganizationSettings
from domain.identity.models import Membership, User
from domain.identity.sessions import open_session
from domain.people.models import ContactRelative, DiagnosisCategory
from domain.people.notes import add_note, write_own_note
from domain.people.relatives import add_caregiver, link_relative, register_relative
from domain.people.rules import create_contact
from domain.sync.models import ClientIdMapping, SyncDevice, SyncMutation
from tenants.models import Organization
from tests.support.location_rows import make_mentor_location, make_municipality_position
from tests.support.people_rows import make_contact_share, make_note_request
from tests.support.rows import make_file


def tree() -> list[Any]:
    top = LocalAssociation.objects.create(name="Ål og omegn", number="T-1")
    below = LocalAssociation.objects.create(name="Bø", number="T-2", parent=top, paying_entity=top)
    return [top, below]


def memberships() -> list[Any]:
    people = User.objects.filter(memberships__organization__schema_name="nhf")[:2]
    return [
        LocalAssociationMembership.objects.create(user=user, association=place, is_primary=True)
        for user, place in zip(people, tree(), strict=True)
    ]


def everything(model: Any) -> list[Any]:
    return list(model.objects.all()[:3])


def invitations() -> list[Any]:
    place = LocalAssociation.objects.create(name="Ås", number="T-3")
    return [
        invite(email="ny@nhf.example", role="peer_mentor", local_association=place, message="Hei!", by=None),
        invite(email="nye@nhf.example", role="finance", by=None),
    ]


def sessions() -> list[Any]:
    nhf = Organization.objects.get(schema_name="nhf")
    people = User.objects.filter(memberships__organization=nhf)[:2]
    return [open_session(user, nhf, device_name="Telefonen").session for user in people]


def certifications() -> list[Any]:
    """One issued, with its reminders, and one under way."""
    issued, begun = User.objects.filter(memberships__organization__schema_name="nhf")[:2]
    kind = kinds.create_kind(key="visitor", name_nb="Besøksvenn", requirements=["course"], by=None)
    rows = [certification.start_certification(user=user, kind=kind, by=None) for user in (issued, begun)]
    certification.tick(rows[0], requirement="course", by=None)
    return [certification.issue(rows[0], by=None), rows[1]]


def declared() -> list[Any]:
    person = User.objects.filter(memberships__organization__schema_name="nhf")[0]
    text = declarations.publish_text(DeclarationText.objects.get(role_context="driver"), by=None)
    shown = declarations.render(text, "nb")
    return [
        declarations.sign_declaration(
            user=person, text=text, language="nb", text_sha256=shown.sha256, by=person
        )
    ]


def statuses() -> list[Any]:
    people = User.objects.filter(memberships__organization__schema_name="nhf")[:2]
    return [pausing.status_of(person) for person in people]


def positions() -> list[Any]:
    return [make_mentor_location(row.association, row.user) for row in memberships()]


def municipalities() -> list[Any]:
    place, nobody = tree()[0], User()
    return [make_municipality_position(place, nobody) for _number in range(2)]


def contacts() -> list[Any]:
    place, _is_new = LocalAssociation.objects.get_or_create(number="T-4", defaults={"name": "Ås"})
    made = [
        create_contact(
            first_name=name,
            last_name="Øy",
            local_association=place,
            phone="22334455",
            by=None,
            duplicate_checked=True,
            birth_year=1960,
            diagnosis_category=DiagnosisCategory.objects.first(),
        )
        for name in ("Åse", "Zoë")
    ]
    link_relative(
        contact=made[0], relative=register_relative(first_name="Eli", by=None), relation="parent", by=None
    )
    return made


def contact_relatives() -> list[Any]:
    return list(ContactRelative.objects.filter(contact__in=contacts()))


def contact_notes() -> list[Any]:
    karim = User.objects.get(email="coordinator@nhf.example")
    return [add_note(contact=row, author=karim, body="Trives godt.", by=None) for row in contacts()]


def notes() -> list[Any]:
    karim = User.objects.get(email="coordinator@nhf.example")
    return [write_own_note(by=karim, title=f"Husk {number}", body="Ring") for number in range(2)]


def caregivers() -> list[Any]:
    return [add_caregiver(contact=row, first_name="Ola", relation="partner", by=None) for row in contacts()]


def activities() -> list[Any]:
    """Of one mentor, overlapping: the second is flagged. With a contact, and with others."""
    solveig = User.objects.get(email="mentor@nhf.example")
    person = contacts()[0]
    return [
        create_activity(
            by=None,
            type=ActivityType.objects.get(key=key),
            leaders=[solveig],
            contacts=named,
            local_association=person.local_association,
            started_at=datetime(2026, 2, 10, 12, tzinfo=UTC),
            duration_minutes=60,
            further_participants=others,
            theme="Ærlig prat",
            submit=True,
        )
        for key, named, others in (("talk", [person], 0), ("group-meeting", [], 5))
    ]


def evidence(attach: Any) -> list[Any]:
    """A file each, made by an area's rule."""
    solveig = User.objects.get(email="mentor@nhf.example")
    return [
        attach(row, make_file(None, solveig), by=solveig)
        for row in (withdraw_activity(row, by=None) for row in activities())
    ]


def visits() -> list[Any]:
    due = {"what": "Ring", "due_on": date(2026, 3, 1)}
    return [write_report(row, by=None, health_status="Bra", follow_ups=[due]) for row in activities()]


def assignments() -> list[Any]:
    """Two of one mentor, about a contact each."""
    solveig = User.objects.get(email="mentor@nhf.example")
    content = {"name": "Åse Øy", "message": "Ring før du kommer"}
    return [write_assignment(recipient=solveig, content=content, contact=row, by=None) for row in contacts()]


def consents() -> list[Any]:
    return [
        AssignmentConsent.objects.create(
            assignment=row,
            user=row.recipient,
            response="declined",
            responded_at=timezone.now(),
            reason="Sjuk",
        )
        for row in assignments()
    ]


def receipts() -> list[Any]:
    return [
        AssignmentReadReceipt.objects.create(assignment=row, user=row.recipient, opened_at=timezone.now())
        for row in assignments()
    ]


def thresholds() -> list[Any]:
    return [add_threshold(assignments_from=number, rate=Decimal("250.50"), by=None) for number in (1, 10)]


def crossings() -> list[Any]:
    solveig = User.objects.get(email="mentor@nhf.example")
    return [
        HonorariumCrossing.objects.create(
            mentor=solveig, threshold=row, period_start=date(2026, 1, 1), crossed_at=timezone.now()
        )
        for row in thresholds()
    ]


def phones() -> list[Any]:
    owners = User.objects.filter(email__in=["admin@nhf.example", "coordinator@nhf.example"])
    return [
        SyncDevice.objects.create(
            user=user, device_id="telefon", name="Telefon", platform="android", queued=2
        )
        for user in owners
    ]


def note_requests() -> list[Any]:
    """Asked of the administrator, who alone sees it."""
    return [make_note_request(tree()[0], User.objects.get(email="admin@nhf.example"))]


def contact_shares() -> list[Any]:
    return [make_contact_share(tree()[0], User.objects.get(email="admin@nhf.example"))]


def sent_by_phones() -> list[Any]:
    return [
        SyncMutation.objects.create(
            user=device.user,
            device=device,
            mutation_id=uuid4(),
            resource="contacts",
            op="update",
            row_id=uuid4(),
            base_version=3,
            occurred_at=timezone.now(),
            occurred_offset_minutes=60,
            payload_hash=b"",
            outcome="conflict",
            code="conflict",
            is_personal=False,
            content={"data": {"city": "Oslo"}},
        )
        for device in phones()
    ]


def client_ids() -> list[Any]:
    return [
        ClientIdMapping.objects.create(
            device=device, resource="notes", client_id=f"n{number}", server_id=uuid4()
        )
        for device in phones()
        for number in range(2)
    ]


# An entity that is missing here fails `test_every_entity_is_read_alike`.
MAKERS: dict[str, Callable[[], list[Any]]] = {
    "local-associations": tree,
    "local-association-memberships": memberships,
    "memberships": lambda: list(Membership.objects.here()[:3]),
    "users": lambda: [row.user for row in memberships()],
    "role-assignments": lambda: everything(RoleAssignment),
    "invitations": invitations,
    "contacts": contacts,
    "diagnosis-categories": lambda: everything(DiagnosisCategory),
    "caregivers": caregivers,
    "registered-relatives": lambda: [row.relative for row in contact_relatives()],
    "contact-relatives": lambda: contact_relatives(),
    "contact-notes": contact_notes,
    "notes": notes,
    "activity-types": lambda: everything(ActivityType),
    "activities": activities,
    "activity-flags": lambda: list(ActivityFlag.objects.filter(activity__in=activities())),
    "activity-attachments": lambda: evidence(attach),
    "activity-documents": lambda: evidence(add_document),
    "home-visit-reports": visits,
    "assignments": assignments,
    "assignment-consents": consents,
    "assignment-read-receipts": receipts,
    "honorarium-thresholds": thresholds,
    "honorarium-crossings": crossings,
    "sessions": lambda: list(sessions()),
    "certification-kinds": lambda: everything(CertificationKind),
    "certification-reminders": lambda: list(certifications()[0].reminders.all()),
    "declaration-texts": lambda: everything(DeclarationText),
    "declarations": declared,
    "mentor-certifications": certifications,
    "mentor-locations": positions,
    "municipality-positions": municipalities,
    "mentor-statuses": statuses,
    "contact-shares": contact_shares,
    "note-requests": note_requests,
    "sync-devices": phones,
    "sync/inbox": sent_by_phones,
    "sync/client-ids": client_ids,
    "feature-areas": lambda: everything(FeatureArea),
    "organization-settings": lambda: everything(OrganizationSettings),
}
