"""Rows of contacts, certification, activities and assignments that an address can name (see rows.py)."""

import secrets
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from domain.activities.deciding import flag_activity
from domain.activities.rules import create_activity, create_type
from domain.activities.visits import write_report
from domain.assignments import rules as assignments
from domain.assignments.models import (
    AssignmentConsent,
    AssignmentReadReceipt,
    HonorariumCrossing,
    HonorariumThreshold,
)
from domain.associations.models import LocalAssociation
from domain.audit.entities import create_entity
from domain.certification import declarations, kinds, pausing
from domain.certification import rules as certification
from domain.certification.models import CertificationReminder, DeclarationText
from domain.identity.models import User
from domain.people.models import Contact, DiagnosisCategory
from domain.people.notes import add_note, write_own_note
from domain.people.relatives import add_caregiver, link_relative, register_relative
from domain.people.rules import create_contact

from .people_rows import make_file, make_membership


def make_kind(association: LocalAssociation, user: User) -> Any:
    key = f"k{secrets.token_hex(6)}"
    return kinds.create_kind(key=key, name_nb="Besøksvenn", requirements=["course"], by=None)


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


def make_evidence(model: Any, **values: Any) -> Callable[[LocalAssociation, User], Any]:
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
