"""Planning the reminders before a certification ends. Part of the area's rules; `jobs` sends them."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.access.rules import check_version
from domain.audit.rules import record
from domain.config.queries import current_organization
from domain.core.errors import InvalidState
from tenants.jobs import enqueue

from .choices import IN_FORCE, REMINDER_DAYS, REPEATABLE, ReminderOutcome
from .models import CHANGE, CertificationReminder, MentorCertification
from .places import check_may_about
from .queries import today_here, zone_here

REMIND = "certification.remind"
# Local time of the day: mail is read in the morning.
SENT_AT = time(9, 0)
# Longer than sending one mail takes: what is still "being sent" after it never came to an end.
SENDING_TAKES = timedelta(minutes=30)


def due_at(last_day: date, offset_days: int) -> datetime:
    return datetime.combine(last_day - timedelta(days=offset_days), SENT_AT, tzinfo=zone_here())


def plan_reminders(certification: MentorCertification) -> None:
    """Let the planned reminders be those of the present last day; called in every rule that moves it.

    A time that has passed already is not made up for: whoever gets a certificate for three weeks isn't told
    at once that it ends in less than ninety days. Safe to repeat.
    """
    planned = CertificationReminder.objects.select_for_update().filter(
        certification=certification, outcome=ReminderOutcome.PLANNED
    )
    last_day = certification.valid_until if certification.status in IN_FORCE else None
    stale = planned if last_day is None else planned.exclude(valid_until=last_day)
    stale.update(outcome=ReminderOutcome.SUPERSEDED)
    if last_day is None:
        return
    now = timezone.now()
    for offset in REMINDER_DAYS:
        due = due_at(last_day, offset)
        if due <= now:
            continue
        row, is_new = CertificationReminder.objects.get_or_create(
            certification=certification,
            valid_until=last_day,
            offset_days=offset,
            defaults={"due_at": due},
        )
        # The date was moved away and back again before this one had been sent.
        if not is_new and row.outcome == ReminderOutcome.SUPERSEDED:
            CertificationReminder.objects.filter(pk=row.pk).update(
                outcome=ReminderOutcome.PLANNED, due_at=due
            )


def due_reminders(now: datetime) -> list[CertificationReminder]:
    """Those to be sent now, at most one of a certification: the one nearest the end that is due.

    The others are skipped, as are those of what isn't in force any more or got another last day.
    """
    nearer = CertificationReminder.objects.filter(
        certification=OuterRef("certification"),
        valid_until=OuterRef("valid_until"),
        offset_days__lt=OuterRef("offset_days"),
        due_at__lte=now,
    )
    due = (
        CertificationReminder.objects.select_for_update(of=("self",))
        .filter(outcome=ReminderOutcome.PLANNED, due_at__lte=now)
        .annotate(is_late=Exists(nearer))
        .select_related("certification")
        .order_by("due_at")
    )
    wanted: list[CertificationReminder] = []
    day = today_here()
    for row in due:
        held = row.certification
        in_force = held.status_on(day) in IN_FORCE and held.valid_until == row.valid_until
        if in_force and not row.is_late:
            wanted.append(row)
        else:
            CertificationReminder.objects.filter(pk=row.pk).update(outcome=ReminderOutcome.SKIPPED)
    return wanted


def claim(reminder_id: UUID) -> CertificationReminder | None:
    """Mark a reminder as being sent, for whoever comes first; None for everyone else.

    Committed before the mail leaves, so that nobody sends it a second time by itself: a worker that is
    stopped in between leaves it at that (`settle_abandoned`).
    """
    with transaction.atomic():
        taken = CertificationReminder.objects.filter(
            pk=reminder_id, outcome=ReminderOutcome.PLANNED, due_at__lte=timezone.now()
        ).update(outcome=ReminderOutcome.SENDING)
    if not taken:
        return None
    return CertificationReminder.objects.select_related("certification__user", "certification__kind").get(
        pk=reminder_id
    )


@transaction.atomic
def settle(reminder: CertificationReminder, outcome: ReminderOutcome) -> None:
    """Write what became of a reminder that was being sent."""
    is_sent = outcome == ReminderOutcome.SENT
    changed = CertificationReminder.objects.filter(
        pk=reminder.pk, outcome__in=[ReminderOutcome.SENDING, ReminderOutcome.UNCERTAIN]
    ).update(outcome=outcome, sent_at=timezone.now() if is_sent else None)
    if changed and is_sent:
        record(
            "certification-reminder.sent",
            reminder.certification,
            by=None,
            changes={"days": (None, reminder.offset_days)},
            subject_ids=[reminder.certification.user_id],
        )


def release(reminder: CertificationReminder) -> None:
    """Plan it again: the mail server wasn't there, so it certainly wasn't sent."""
    CertificationReminder.objects.filter(pk=reminder.pk, outcome=ReminderOutcome.SENDING).update(
        outcome=ReminderOutcome.PLANNED
    )


def settle_killed(reminder_id: UUID) -> bool:
    """It was claimed by an attempt that was killed: nobody knows, and somebody may repeat it."""
    return bool(
        CertificationReminder.objects.filter(pk=reminder_id, outcome=ReminderOutcome.SENDING).update(
            outcome=ReminderOutcome.UNCERTAIN
        )
    )


def settle_abandoned(now: datetime) -> int:
    """What was begun and never came to an end is uncertain: gives how many."""
    return CertificationReminder.objects.filter(
        outcome=ReminderOutcome.SENDING, updated_at__lt=now - SENDING_TAKES
    ).update(outcome=ReminderOutcome.UNCERTAIN)


@transaction.atomic
def send_again(
    reminder: CertificationReminder, *, by: Any, version: int | None = None
) -> CertificationReminder:
    """Let one be sent again of which nobody knows that it arrived, as who keeps certifications there decides.

    The mail has the same Message-ID as the first: where that did arrive, it can be told for the same. Raises
    InvalidState where it was sent, or there is nothing to be reminded of any more; NotAllowed, StaleVersion.
    """
    row = (
        CertificationReminder.objects.select_for_update(of=("self",))
        .select_related("certification__user")
        .get(pk=reminder.pk)
    )
    check_version(row, version)
    held = row.certification
    check_may_about(by, CHANGE, held.user)
    if row.outcome not in REPEATABLE:
        raise InvalidState(_("Only what may not have arrived can be sent again."), code="not-repeatable")
    if held.valid_until != row.valid_until or held.status_on(today_here()) not in IN_FORCE:
        raise InvalidState(_("There is nothing to be reminded of any more."), code="not-needed")
    before = row.outcome
    row.outcome, row.due_at, row.updated_by = ReminderOutcome.PLANNED, timezone.now(), by
    row.save()
    record(
        "certification-reminder.repeated",
        held,
        by=by,
        changes={"outcome": (before, ReminderOutcome.PLANNED.value)},
        subject_ids=[held.user_id],
    )
    enqueue(REMIND, current_organization(), key=str(row.pk), reminder_id=str(row.pk))
    return row
