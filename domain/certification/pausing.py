"""Pausing and resuming mentors, by somebody or because a certificate ran out. Part of the area's rules."""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.access.choices import Role
from domain.access.models import RoleAssignment
from domain.audit.rules import differences, record
from domain.config.queries import current_organization, current_settings
from domain.core.errors import InvalidInput, InvalidState, NotAllowed, StaleVersion
from domain.identity.models import Membership, User
from tenants.jobs import enqueue

from .choices import MentorState
from .models import CHANGE_STATUS, MentorStatus, MentorStatusPeriod
from .places import check_may_about
from .queries import lacking_kinds, today_here

TELL = "certification.tell_coordinators"


@transaction.atomic
def pause(
    status: MentorStatus,
    *,
    by: Any,
    reason: str = "",
    returns_on: date | None = None,
    version: int | None = None,
) -> MentorStatus:
    """Let a mentor get no assignments, until a day or until further notice; their coordinators are told.

    Mentors pause themselves by `pause_self`. Of a pause that lasts, reason and day can be changed. Raises
    InvalidInput for a day that isn't to come, NotAllowed, StaleVersion.
    """
    row = _locked(status, version)
    check_may_about(by, CHANGE_STATUS, row.user)
    return _pause(row, by=by, reason=reason, returns_on=returns_on)


@transaction.atomic
def pause_self(
    status: MentorStatus,
    *,
    by: Any,
    returns_on: date | None = None,
    reason: str = "",
    version: int | None = None,
) -> MentorStatus:
    """A mentor takes a break; the day of return may be left open. Raises as `pause`."""
    row = _locked(status, version)
    if row.user_id != by.pk:
        raise NotAllowed(_("Only the mentor can do this."))
    return _pause(row, by=by, reason=reason, returns_on=returns_on)


@transaction.atomic
def take_break(*, by: Any, returns_on: date | None = None, reason: str = "") -> MentorStatus:
    """`pause_self` for a mentor who may have no status yet.

    Raises NotAllowed for who is no mentor, InvalidState where the mentor is paused like that already.
    """
    is_mentor = RoleAssignment.objects.filter(user=by, role=Role.PEER_MENTOR).holding(today_here()).exists()
    if not is_mentor:
        raise NotAllowed(_("Only a mentor can do this."))
    status = _of(by, lock=True)
    version = status.version
    paused = pause_self(status, by=by, returns_on=returns_on, reason=reason)
    if paused.version == version:
        raise InvalidState(_("You are paused like that already."), code="paused")
    return paused


@transaction.atomic
def resume(status: MentorStatus, *, by: Any, reason: str = "", version: int | None = None) -> MentorStatus:
    """End a pause: somebody who may change the mentor's status, or the mentor who paused themselves.

    Raises InvalidState where there is none, or where a required certificate has run out (only a renewal ends
    that one), NotAllowed, StaleVersion.
    """
    row = _locked(status, version)
    if by is None or row.user_id != by.pk:
        check_may_about(by, CHANGE_STATUS, row.user)
    elif row.status == MentorState.PAUSED and row.changed_by_id != by.pk:
        raise NotAllowed(_("Somebody else paused you. Ask your coordinator."))
    if row.status == MentorState.ACTIVE:
        raise InvalidState(_("This mentor is not paused."), code="not-paused")
    if row.status == MentorState.AUTO_PAUSED and lacking_kinds(row.user, today_here()):
        raise InvalidState(
            _("The certificate has run out: renewing it ends the pause."), code="certificate-expired"
        )
    return _change(row, MentorState.ACTIVE, "mentor-status.resumed", by=by, reason=reason)


# --- What follows from certificates and dates


def pause_automatically(user: Any) -> bool:
    """Pause an active mentor whose certificate has run out, where the organisation wants that.

    Called inside a transaction. A mentor whom somebody has paused stays paused by them.
    """
    if not current_settings().auto_pause:
        return False
    row = _of(user, lock=True)
    if row.status != MentorState.ACTIVE:
        return False
    _change(row, MentorState.AUTO_PAUSED, "mentor-status.auto-paused", by=None, reason="")
    return True


def unpause_automatically(user: Any, *, by: Any) -> bool:
    """End a pause that came automatically, where nothing is lacking any more; no other pause.

    Called inside a transaction.
    """
    row = MentorStatus.objects.select_for_update(of=("self",)).filter(user=user).first()
    if row is None or row.status != MentorState.AUTO_PAUSED or lacking_kinds(user, today_here()):
        return False
    _change(row, MentorState.ACTIVE, "mentor-status.resumed", by=by, reason="")
    return True


@transaction.atomic
def return_from_pauses(day: date) -> int:
    """Make active whoever said that they are back on this day or before; gives how many. Safe to repeat.

    Whose certificate has run out meanwhile is paused automatically instead.
    """
    rows = MentorStatus.objects.select_for_update(of=("self",)).filter(
        status=MentorState.PAUSED, returns_on__lte=day
    )
    back = 0
    for row in rows.select_related("user"):
        _change(row, MentorState.ACTIVE, "mentor-status.resumed", by=None, reason="")
        back += 1
        expired = [kind for kind, held in lacking_kinds(row.user, day) if held is not None]
        if expired:
            pause_automatically(row.user)
    return back


def status_of(user: Any) -> MentorStatus:
    """The mentor's status, made where there is none yet."""
    with transaction.atomic():
        return _of(user, lock=False)


@transaction.atomic
def greet_mentors(day: date) -> int:
    """Give a status to everybody who is a peer mentor by now and has none; gives how many. Safe to repeat."""
    mentors = RoleAssignment.objects.filter(role=Role.PEER_MENTOR).holding(day).values("user")
    here = Membership.objects.here().values("user")
    new = list(User.objects.filter(pk__in=mentors).filter(pk__in=here, mentor_status__isnull=True))
    for user in new:
        _of(user, lock=False)
    return len(new)


def _of(user: Any, *, lock: bool) -> MentorStatus:
    rows = MentorStatus.objects.select_for_update(of=("self",)) if lock else MentorStatus.objects.all()
    row = rows.select_related("user").filter(user=user).first()
    if row is not None:
        return row
    row, is_new = MentorStatus.objects.get_or_create(user=user)
    if is_new:
        MentorStatusPeriod.objects.create(mentor_status=row, status=row.status, began_at=row.since)
        record(
            "mentor-status.created",
            row,
            by=None,
            changes={"status": (None, row.status)},
            subject_ids=[row.user_id],
        )
    return row


def _pause(row: MentorStatus, *, by: Any, reason: str, returns_on: date | None) -> MentorStatus:
    if returns_on is not None and returns_on <= today_here():
        raise InvalidInput(_("The day of return must be after today."), code="period", field="returns_on")
    if row.status == MentorState.PAUSED and row.returns_on == returns_on and row.reason == reason:
        return row
    return _change(
        row, MentorState.PAUSED, "mentor-status.paused", by=by, reason=reason, returns_on=returns_on
    )


def _change(
    row: MentorStatus,
    state: MentorState,
    action: str,
    *,
    by: Any,
    reason: str,
    returns_on: date | None = None,
) -> MentorStatus:
    before = {"status": row.status, "returns_on": row.returns_on}
    now = timezone.now()
    row.status, row.reason, row.returns_on = state, reason, returns_on
    row.since, row.changed_by, row.updated_by = now, by, by
    row.save()
    MentorStatusPeriod.objects.filter(mentor_status=row, ended_at__isnull=True).update(ended_at=now)
    MentorStatusPeriod.objects.create(
        mentor_status=row,
        status=state,
        reason=reason,
        began_at=now,
        returns_on=returns_on,
        changed_by=by,
    )
    record(
        action,
        row,
        by=by,
        reason=reason,
        changes=differences(before, {"status": state.value, "returns_on": returns_on}),
        subject_ids=[row.user_id],
    )
    enqueue(
        TELL, current_organization(), key=f"{row.pk}-{row.version}", status_id=str(row.pk), kind=state.value
    )
    return row


def _locked(status: MentorStatus, version: int | None) -> MentorStatus:
    status.check_schema()
    row = MentorStatus.objects.select_for_update(of=("self",)).select_related("user").get(pk=status.pk)
    if version is not None and row.version != version:
        raise StaleVersion(_("Someone else has changed this since you opened it. Reload and try again."))
    return row
