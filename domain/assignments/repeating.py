"""Telling once more that an assignment waits unopened, where the first mail may not have arrived. A rule."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from domain.audit.rules import record
from domain.config.queries import current_organization
from domain.core.errors import InvalidState
from domain.core.reminding import Delivery, check_repeatable
from tenants.jobs import enqueue

from .models import CHANGE, Assignment
from .queries import unopened_too_long
from .rules import check_may, locked

ESCALATE = "assignments.escalate"


@transaction.atomic
def tell_again(assignment: Assignment, *, by: Any, version: int | None = None) -> Assignment:
    """Let the coordinator be mailed again, as who keeps assignments there decides.

    The mail has the same Message-ID as the first. Raises InvalidState where it was sent, or the assignment
    doesn't wait any more; NotAllowed, StaleVersion.
    """
    row = locked(assignment, version)
    check_may(by, CHANGE, row.local_association.path)
    check_repeatable(row.escalation)
    if not unopened_too_long().filter(pk=row.pk).exists():
        raise InvalidState(_("There is nothing to be reminded of any more."), code="not-needed")
    before = row.escalation
    row.escalated_at, row.escalation, row.updated_by = None, Delivery.NONE, by
    row.save()
    record(
        "assignment.escalation-repeated",
        row,
        by=by,
        changes={"escalation": (before, Delivery.NONE.value)},
        subject_ids=[person for person in (row.recipient_id, row.contact_id) if person is not None],
    )
    enqueue(ESCALATE, current_organization(), key=str(row.pk), assignment_id=str(row.pk))
    return row
