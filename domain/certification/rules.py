"""Certifying mentors: the checklist, issuing, renewing, revoking, and what follows the date.

What each kind asks for is `kinds`.
"""

from datetime import date, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from domain.access.choices import Role
from domain.access.models import RoleAssignment
from domain.audit.rules import differences, record
from domain.core.errors import InvalidInput, InvalidState, StaleVersion
from domain.identity.choices import MembershipStatus
from tenants.db import connection

from .choices import IN_FORCE, REMINDER_DAYS, CertificationStatus, Requirement, RoleContext
from .models import (
    ADD,
    CHANGE,
    CertificationKind,
    CertificationRequirement,
    MentorCertification,
)
from .pausing import pause_automatically, status_of, unpause_automatically
from .periods import last_day
from .places import check_may_about
from .queries import current_text, missing, today_here
from .reminders import plan_reminders

# Seed of the lock under which numbers are given.
NUMBER_LOCK = 33


@transaction.atomic
def start_certification(*, user: Any, kind: CertificationKind, by: Any) -> MentorCertification:
    """Open the checklist of a person who is to be certified.

    Raises InvalidInput for somebody who is no member, InvalidState for a kind that isn't in use or that the
    person has already, NotAllowed.
    """
    check_may_about(by, ADD, user)
    is_member = user.memberships.filter(organization__schema_name=connection.schema_name)
    if not is_member.exclude(status=MembershipStatus.LEFT).exists():
        raise InvalidInput(_("This person is not a member of the organisation."), field="user")
    if not kind.is_active:
        raise InvalidState(_("This kind is not in use any more."), code="retired-kind")
    row = MentorCertification(user=user, kind=kind, created_by=by, updated_by=by)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise InvalidState(
            _("This person has one of this kind already."), code="certified-already"
        ) from error
    CertificationRequirement.objects.bulk_create(
        CertificationRequirement(certification=row, requirement=key) for key in kind.requirements
    )
    record(
        "mentor-certification.created",
        row,
        by=by,
        changes={"kind": (None, kind.key)},
        subject_ids=[user.pk],
    )
    if RoleAssignment.objects.filter(user=user, role=Role.PEER_MENTOR).holding().exists():
        status_of(user)
    return row


@transaction.atomic
def tick(
    certification: MentorCertification,
    *,
    requirement: str,
    by: Any,
    done_on: date | None = None,
    version: int | None = None,
) -> MentorCertification:
    """Note that a requirement was met, on a day that is not to come (today unless given).

    Of a police certificate the day on which it was seen; whoever notes it is who saw it, so that somebody
    must. Raises InvalidInput, InvalidState (revoked), NotAllowed, StaleVersion.
    """
    row = _locked(certification, version)
    check_may_about(by, CHANGE, row.user)
    _check_not_revoked(row)
    line = _line(row, requirement)
    today = today_here()
    day = done_on or today
    if day > today:
        raise InvalidInput(_("That day is still to come."), code="period", field="done_on")
    if line.requirement == Requirement.DECLARATION and current_text(RoleContext.MENTOR) is not None:
        raise InvalidInput(
            _("The mentor signs the declaration, or it is noted as signed on paper."), field="requirement"
        )
    if line.requirement == Requirement.POLICE_CERTIFICATE and by is None:
        raise InvalidInput(_("Somebody must have seen the police certificate."), field="requirement")
    if line.done_on == day and line.done_by_id == getattr(by, "pk", None):
        return row
    return _note(row, line, day, by, "ticked")


@transaction.atomic
def untick(
    certification: MentorCertification, *, requirement: str, by: Any, version: int | None = None
) -> MentorCertification:
    """Take a tick back, where it was a mistake. What was issued stays issued. Raises as `tick`."""
    row = _locked(certification, version)
    check_may_about(by, CHANGE, row.user)
    _check_not_revoked(row)
    line = _line(row, requirement)
    return row if line.done_on is None else _note(row, line, None, by, "unticked")


@transaction.atomic
def issue(
    certification: MentorCertification,
    *,
    by: Any,
    issued_on: date | None = None,
    version: int | None = None,
) -> MentorCertification:
    """Issue what is under way, from today (or an earlier day) for as long as its kind says.

    Raises InvalidState where something of the checklist is missing or it has been issued, InvalidInput,
    NotAllowed, StaleVersion.
    """
    row = _locked(certification, version)
    check_may_about(by, CHANGE, row.user)
    _check_not_revoked(row)
    if row.issued_on is not None:
        raise InvalidState(_("It has been issued already: renew it."), code="issued")
    day = _day(issued_on, "issued_on")
    _check_complete(row, day)
    row.number = _next_number(day)
    return _put_in_force(row, day, by, "issued")


@transaction.atomic
def renew(
    certification: MentorCertification,
    *,
    by: Any,
    renewed_on: date | None = None,
    version: int | None = None,
) -> MentorCertification:
    """Issue it anew, from today (or an earlier day) for as long as its kind says; the number stays.

    What is asked for anew (police certificate, yearly talk) must have been done since the last issue. Ends a
    pause that came because it had run out. Raises as `issue`.
    """
    row = _locked(certification, version)
    check_may_about(by, CHANGE, row.user)
    _check_not_revoked(row)
    if row.issued_on is None:
        raise InvalidState(_("It has not been issued yet."), code="pending")
    day = _day(renewed_on, "renewed_on")
    if day <= row.issued_on:
        raise InvalidInput(
            _("It was issued on that day or later already."), code="period", field="renewed_on"
        )
    _check_complete(row, day)
    return _put_in_force(row, day, by, "renewed")


@transaction.atomic
def revoke(
    certification: MentorCertification, *, by: Any, reason: str, version: int | None = None
) -> MentorCertification:
    """Let it stand for nothing any more, from today. Can't be undone: a new one may be started.

    Raises InvalidInput without a reason, InvalidState where it was revoked, NotAllowed, StaleVersion.
    """
    row = _locked(certification, version)
    check_may_about(by, CHANGE, row.user)
    _check_not_revoked(row)
    if not reason.strip():
        raise InvalidInput(_("Say why."), code="required", field="reason")
    before = row.status
    row.status, row.revoked_on = CertificationStatus.REVOKED, today_here()
    row.revocation_reason, row.updated_by = reason, by
    row.save()
    plan_reminders(row)
    record(
        "mentor-certification.revoked",
        row,
        by=by,
        reason=reason,
        changes={"status": (before, row.status)},
        subject_ids=[row.user_id],
    )
    if row.kind.is_required and before in IN_FORCE:
        pause_automatically(row.user)
    return row


@transaction.atomic
def follow_dates(day: date) -> int:
    """Write the statuses that the dates give on this day; gives how many changed. Safe to repeat.

    Who loses a required one that way is paused automatically, where the organisation wants that.
    """
    soon = day + timedelta(days=REMINDER_DAYS[0])
    rows = (
        MentorCertification.objects.select_for_update(of=("self",))
        .select_related("kind", "user")
        .filter(status__in=[*IN_FORCE], valid_until__lte=soon)
        .order_by("pk")
    )
    changed = 0
    for row in rows:
        status = row.status_on(day)
        if status == row.status:
            continue
        before, row.status, row.updated_by = row.status, status, None
        row.save(update_fields=["status", "updated_by"])
        record(
            f"mentor-certification.{status.value}",
            row,
            by=None,
            changes={"status": (before, status.value)},
            subject_ids=[row.user_id],
        )
        changed += 1
        if status == CertificationStatus.EXPIRED:
            plan_reminders(row)
            if row.kind.is_required:
                pause_automatically(row.user)
    return changed


# --- What they have in common


def _locked(certification: MentorCertification, version: int | None) -> MentorCertification:
    certification.check_schema()
    row = (
        MentorCertification.objects.select_for_update(of=("self",))
        .select_related("kind", "user")
        .get(pk=certification.pk)
    )
    if version is not None and row.version != version:
        raise StaleVersion(_("Someone else has changed this since you opened it. Reload and try again."))
    return row


def _check_not_revoked(row: MentorCertification) -> None:
    if row.status == CertificationStatus.REVOKED:
        raise InvalidState(_("It has been revoked: start a new one."), code="revoked")


def _line(row: MentorCertification, requirement: str) -> CertificationRequirement:
    line = CertificationRequirement.objects.filter(certification=row, requirement=requirement).first()
    if line is None:
        raise InvalidInput(_("This kind doesn't ask for that."), field="requirement")
    return line


def _note(
    row: MentorCertification, line: CertificationRequirement, day: date | None, by: Any, verb: str
) -> MentorCertification:
    before = line.done_on
    line.done_on, line.done_by, line.updated_by = day, by if day is not None else None, by
    line.save()
    # The checklist is part of the certification: who reads that must learn that it changed.
    row.updated_by = by
    row.save(update_fields=["updated_by"])
    record(
        f"mentor-certification.{verb}",
        row,
        by=by,
        changes={line.requirement: (before, day)},
        subject_ids=[row.user_id],
    )
    return row


def _day(given: date | None, field: str) -> date:
    today = today_here()
    if given is not None and given > today:
        raise InvalidInput(_("That day is still to come."), code="period", field=field)
    return given or today


def _check_complete(row: MentorCertification, day: date) -> None:
    lacking = missing(row, day)
    if lacking:
        names = ", ".join(str(each.label) for each in lacking)
        raise InvalidState(
            ngettext("This is still missing: %(names)s.", "These are still missing: %(names)s.", len(lacking))
            % {"names": names},
            code="incomplete",
        )


def _put_in_force(row: MentorCertification, day: date, by: Any, verb: str) -> MentorCertification:
    before = {name: getattr(row, name) for name in ("status", "issued_on", "valid_until")}
    if row.issued_on is not None and row.valid_until is not None:
        last = min(row.valid_until, day - timedelta(days=1))
        row.earlier_periods = [*row.earlier_periods, DateRange(row.issued_on, last, "[]")]
    row.issued_on = day
    row.valid_until = last_day(day, row.kind.validity_months)
    row.status, row.updated_by = row.status_on(today_here()), by
    row.save()
    plan_reminders(row)
    after = {name: getattr(row, name) for name in before}
    record(
        f"mentor-certification.{verb}",
        row,
        by=by,
        changes=differences(before, after),
        subject_ids=[row.user_id],
    )
    unpause_automatically(row.user, by=by)
    if row.status == CertificationStatus.EXPIRED and row.kind.is_required:
        # Noted long after it was issued: it has run out already.
        pause_automatically(row.user)
    return row


def _next_number(day: date) -> str:
    """ "2026-00017": the next of the year. Numbers are never used twice; one transaction at a time."""
    table = f"{connection.schema_name}.{MentorCertification._meta.db_table}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))", [table, NUMBER_LOCK])
    year = f"{day.year}-"
    last = (
        MentorCertification.objects.filter(number__startswith=year)
        .order_by("-number")
        .values_list("number", flat=True)
        .first()
    )
    return f"{year}{int(last.removeprefix(year)) + 1 if last else 1:05d}"
