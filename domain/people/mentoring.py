"""Who supports whom: assigning a peer mentor to a contact, and ending it. Part of the area's rules."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.access.choices import Role
from domain.access.models import RoleAssignment
from domain.core.errors import InvalidInput, InvalidState
from domain.identity.choices import MembershipStatus
from domain.identity.models import Membership

from .choices import ContactStatus
from .models import Contact, ContactMentor
from .models.contacts import CHANGE
from .recording import note
from .standing import check_may, check_present, locked
from .statuses import change_status

# Asked before somebody is assigned, as `check(contact=…, user=…, day=…)`: a later area raises InvalidInput
# (field "user") for a mentor who may not be, with the reason.
mentor_checks: list[Callable[..., None]] = []


@transaction.atomic
def assign_mentor(
    contact: Contact,
    *,
    user: Any,
    by: Any,
    valid_from: date | None = None,
    valid_to: date | None = None,
    is_primary: bool = False,
    version: int | None = None,
) -> ContactMentor:
    """Assign a peer mentor, from today unless another day is given; the first that lasts is the primary one.

    A new contact becomes active. Raises InvalidInput for someone who is no active member with the mentors'
    role on the first day, or whom a later area refuses; InvalidState for a closed contact or a mentor who has
    them at that time already; NotAllowed; StaleVersion.
    """
    row = locked(contact, version)
    check_may(by, CHANGE, row.local_association.path)
    return _assign(row, user, by=by, valid_from=valid_from, valid_to=valid_to, is_primary=is_primary)


def assign_to_self(contact: Contact, *, by: Any) -> ContactMentor:
    """The mentor who registered a contact supports them; in the transaction that registered them."""
    return _assign(locked(contact), by, by=by)


@transaction.atomic
def end_mentor(
    contact: Contact,
    *,
    user: Any,
    by: Any,
    last_day: date | None = None,
    version: int | None = None,
    reason: str = "",
) -> ContactMentor:
    """End a mentor's assignment, with today as its last day unless another is given.

    One that hasn't begun is gone. Raises InvalidState where there is none, InvalidInput for a day before the
    first, NotAllowed, StaleVersion.
    """
    row = locked(contact, version)
    check_may(by, CHANGE, row.local_association.path)
    today = timezone.localdate()
    held = row.mentors.select_for_update(of=("self",)).filter(user=user).select_related("user", "contact")
    found = next((each for each in held if each.valid_to is None or each.valid_to >= today), None)
    if found is None:
        raise InvalidState(_("This person isn't assigned here."), code="not-assigned")
    end = last_day or today
    if end < found.valid_from and last_day is not None:
        raise InvalidInput(_("The last day can't be before the first."), code="period", field="last_day")
    _end(found, end, by=by, reason=reason)
    _touch(row, by=by)
    return found


@transaction.atomic
def make_primary(contact: Contact, *, user: Any, by: Any, version: int | None = None) -> ContactMentor:
    """Make one of the assigned mentors the primary one. Raises InvalidState, NotAllowed, StaleVersion."""
    row = locked(contact, version)
    check_may(by, CHANGE, row.local_association.path)
    held = list(row.mentors.select_for_update(of=("self",)).filter(valid_to=None).select_related("user"))
    found = next((each for each in held if each.user_id == user.pk), None)
    if found is None:
        raise InvalidState(_("This person isn't assigned here until further notice."), code="not-assigned")
    if not found.is_primary:
        _take_primary(held, by=by)
        found.is_primary, found.updated_by = True, by
        found.save()
        note(
            "contact-mentor.made-primary",
            found,
            by=by,
            changes={"is_primary": (False, True)},
            subject_ids=[row.pk, found.user_id],
        )
        _touch(row, by=by)
    return found


def end_assignments(contact: Contact, *, by: Any) -> None:
    """End all assignments of a locked contact today: it was closed, or erased."""
    today = timezone.localdate()
    for each in contact.mentors.select_for_update(of=("self",)).select_related("user", "contact"):
        if each.valid_to is None or each.valid_to > today:
            _end(each, today, by=by)


def end_assignments_of(user: Any, *, by: Any) -> None:
    """End all assignments of a mentor today."""
    today = timezone.localdate()
    rows = ContactMentor.objects.select_for_update(of=("self",)).filter(user=user)
    for each in rows.select_related("user", "contact"):
        if each.valid_to is None or each.valid_to > today:
            _end(each, today, by=by)


def check_mentor(user: Any, day: date) -> None:
    """Raise InvalidInput unless a person is an active member who has the mentors' role on a day."""
    active = Membership.objects.here().filter(user=user, status=MembershipStatus.ACTIVE)
    if not active.exists():
        raise InvalidInput(_("This person is not an active member of the organisation."), field="user")
    roles = RoleAssignment.objects.filter(user=user, role=Role.PEER_MENTOR)
    if not roles.holding(day).exists():
        raise InvalidInput(
            _("This person doesn't have the role of a peer mentor on that day."),
            code="no-mentor",
            field="user",
        )


def _assign(
    row: Contact,
    user: Any,
    *,
    by: Any,
    valid_from: date | None = None,
    valid_to: date | None = None,
    is_primary: bool = False,
) -> ContactMentor:
    check_present(row)
    if row.status == ContactStatus.CLOSED:
        raise InvalidState(_("Open it again first: it is closed."), code="closed-contact")
    begin = valid_from or timezone.localdate()
    if valid_to is not None and valid_to < begin:
        raise InvalidInput(_("The last day can't be before the first."), code="period", field="valid_to")
    if is_primary and valid_to is not None:
        raise InvalidInput(_("The primary one has no last day."), code="period", field="is_primary")
    check_mentor(user, begin)
    for check in mentor_checks:
        check(contact=row, user=user, day=begin)
    # The contact is locked: nobody else assigns meanwhile.
    held = list(row.mentors.select_for_update(of=("self",)).select_related("user", "contact"))
    for each in held:
        meets = each.valid_to is None or each.valid_to >= begin
        if each.user_id == user.pk and meets and (valid_to is None or each.valid_from <= valid_to):
            raise InvalidState(_("This person is assigned at that time already."), code="assigned-already")
    lasting = [each for each in held if each.valid_to is None]
    primary = is_primary or (valid_to is None and not any(each.is_primary for each in lasting))
    if primary:
        _take_primary(lasting, by=by)
    made = ContactMentor(
        contact=row,
        user=user,
        is_primary=primary,
        valid_from=begin,
        valid_to=valid_to,
        created_by=by,
        updated_by=by,
    )
    made.save(force_insert=True)
    note(
        "contact-mentor.assigned",
        made,
        by=by,
        changes={"valid_from": (None, begin), "valid_to": (None, valid_to), "is_primary": (None, primary)},
        subject_ids=[row.pk, user.pk],
    )
    if row.status == ContactStatus.NEW:
        note(
            "contact.activated",
            row,
            by=by,
            changes={"status": change_status(row, ContactStatus.ACTIVE, by=by)},
            subject_ids=[row.pk],
        )
    else:
        _touch(row, by=by)
    return made


def _take_primary(held: list[ContactMentor], *, by: Any) -> None:
    for each in held:
        if each.is_primary:
            each.is_primary, each.updated_by = False, by
            each.save()


def _end(each: ContactMentor, day: date, *, by: Any, reason: str = "") -> None:
    before = each.valid_to
    gone = each.valid_from > day
    note(
        "contact-mentor.ended",
        each,
        by=by,
        reason=reason,
        changes={"valid_to": (before, each.valid_from - timedelta(days=1) if gone else day)},
        subject_ids=[each.contact_id, each.user_id],
    )
    if gone:
        each.delete()
        return
    each.valid_to, each.is_primary, each.updated_by = day, False, by
    each.save()


def _touch(row: Contact, *, by: Any) -> None:
    """Its version tells whoever reads the contact that its mentors changed."""
    row.updated_by = by
    row.save(update_fields=["updated_by"])
