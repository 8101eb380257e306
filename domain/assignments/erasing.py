"""What becomes of assignments when a contact or a member is erased, a contact or an association merged.

Part of the area's rules.
"""

from typing import Any

from domain.associations.models import LocalAssociation
from domain.audit.rules import record
from domain.identity.models import User
from domain.people.models import Contact

from .models import Assignment
from .rules import destroy_content, locked, step
from .states import OPEN_STATES

REASON = "Erased with the person"


def forget_contact(*, contact: Contact, by: Any) -> None:
    """A step of a contact's erasure: what was sent about them is withdrawn, or loses its content."""
    for row in Assignment.objects.filter(contact=contact):
        _end(row, by=by)


def forget_person(person: User) -> None:
    """A step of a member's erasure: what was sent to them goes; the rows stay without them."""
    for row in Assignment.objects.filter(recipient=person):
        _end(row, by=None)


def hand_over_assignments(*, merged: LocalAssociation, into: LocalAssociation, by: Any) -> None:
    """When a local association is merged into another, its assignments go along."""
    for row in Assignment.objects.select_for_update(of=("self",)).filter(local_association=merged):
        row.local_association, row.updated_by = into, by
        row.save()
        record(
            "assignment.moved",
            row,
            by=by,
            changes={"local_association": (str(merged), str(into))},
            subject_ids=[person for person in (row.recipient_id, row.contact_id) if person is not None],
        )


def _end(row: Assignment, *, by: Any) -> None:
    if row.status in OPEN_STATES:
        step(locked(row), "withdraw", by=by, reason=REASON)
    else:
        destroy_content(row, by=by, reason=REASON)
