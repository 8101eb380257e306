"""What mentors are due for what they have done: thresholds, who has reached them, and the sums.

Part of the area's rules. Completed assignments are numbered from one in each period, by the organisation's
own days; each pays the rate of the highest threshold at or below its number that held on its day.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.associations.standing import check_may
from domain.audit.entities import create_entity, update_entity
from domain.audit.reading import Seen, note_seen
from domain.audit.rules import record
from domain.certification.places import people_within
from domain.certification.queries import today_here, zone_here
from domain.config.queries import current_organization
from domain.core.errors import InvalidInput
from domain.core.scope import EVERYWHERE, Scope
from tenants.db import connection
from tenants.jobs import enqueue

from .choices import HonorariumPeriod
from .models import (
    CHANGE_THRESHOLDS,
    VIEW_THRESHOLDS,
    Assignment,
    HonorariumCrossing,
    HonorariumThreshold,
)

TELL = "assignments.tell_crossing"
# Of PostgreSQL's advisory locks: completions of a mentor follow each other; so do changes of thresholds.
_COUNTING, _CHANGING = 0x61686F6E, 0x61686F74
FIELDS = ("rate", "notify_coordinator", "valid_to")


@dataclass(frozen=True)
class Period:
    """A stretch of the calendar, both days included."""

    kind: str
    first: date
    last: date

    @property
    def moments(self) -> tuple[datetime, datetime]:
        """From its beginning to the beginning of what follows, where the organisation is."""
        zone = zone_here()
        begin = datetime.combine(self.first, time.min, tzinfo=zone)
        return begin, datetime.combine(self.last + timedelta(days=1), time.min, tzinfo=zone)


def period_of(day: date, kind: str) -> Period:
    if kind == HonorariumPeriod.MONTH:
        first = day.replace(day=1)
        following = (first + timedelta(days=32)).replace(day=1)
        return Period(kind, first, following - timedelta(days=1))
    return Period(kind, date(day.year, 1, 1), date(day.year, 12, 31))


@dataclass(frozen=True)
class Due:
    """What a mentor is due in a period; exact, in one currency."""

    mentor: Any
    assignments: int
    amount: Decimal
    currency: str


def report(period: Period, scope: Scope) -> list[Due]:
    """The honorarium of each mentor whom the scope sees, who completed something in the period."""
    if not scope.can(VIEW_THRESHOLDS):
        return []
    begin, end = period.moments
    done = Assignment.objects.filter(
        completed_at__gte=begin, completed_at__lt=end, recipient__isnull=False
    ).select_related("recipient")
    people = people_within(scope, VIEW_THRESHOLDS)
    if people is not None:
        done = done.filter(recipient__in=people.order_by().values("pk"))
    thresholds = list(HonorariumThreshold.objects.filter(period=period.kind))
    found: dict[Any, tuple[Any, list[date]]] = {}
    for row in done.order_by("completed_at", "pk"):
        assert row.completed_at is not None
        day = timezone.localdate(row.completed_at, timezone=begin.tzinfo)
        found.setdefault(row.recipient_id, (row.recipient, []))[1].append(day)
    lines = [
        Due(mentor, len(days), amount_due(days, thresholds), thresholds[0].currency if thresholds else "NOK")
        for mentor, days in found.values()
    ]
    return sorted(lines, key=lambda line: (str(line.mentor), str(line.mentor.pk)))


def amount_due(days: list[date], thresholds: list[HonorariumThreshold]) -> Decimal:
    """The sum for assignments completed on these days, in their order, from number one on."""
    total = Decimal("0.00")
    for number, day in enumerate(days, start=1):
        reached = [
            row
            for row in thresholds
            if row.assignments_from <= number
            and row.valid_from <= day
            and (row.valid_to is None or day <= row.valid_to)
        ]
        if reached:
            total += max(reached, key=lambda row: row.assignments_from).rate
    return total


def count_completion(assignment: Assignment) -> list[HonorariumCrossing]:
    """Note the thresholds that its mentor reaches with it; in the transaction that completes it."""
    if assignment.recipient_id is None or assignment.completed_at is None:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, hashtext(%s))",
            [_COUNTING, f"{connection.schema_name}/{assignment.recipient_id}"],
        )
    day = timezone.localdate(assignment.completed_at, timezone=zone_here())
    made = []
    numbers: dict[str, int] = {}
    for threshold in HonorariumThreshold.objects.holding(day).order_by("assignments_from"):
        period = period_of(day, threshold.period)
        if threshold.period not in numbers:
            begin, end = period.moments
            numbers[threshold.period] = Assignment.objects.filter(
                recipient=assignment.recipient_id, completed_at__gte=begin, completed_at__lt=end
            ).count()
        if numbers[threshold.period] < threshold.assignments_from:
            continue
        crossing = _cross(assignment, threshold, period)
        if crossing is not None:
            made.append(crossing)
    return made


def _cross(
    assignment: Assignment, threshold: HonorariumThreshold, period: Period
) -> HonorariumCrossing | None:
    """None where it was reached before."""
    assert assignment.completed_at is not None
    crossing, is_new = HonorariumCrossing.objects.get_or_create(
        mentor_id=assignment.recipient_id,
        threshold=threshold,
        period_start=period.first,
        defaults={"crossed_at": assignment.completed_at},
    )
    if not is_new:
        return None
    record(
        "honorarium-crossing.reached",
        crossing,
        by=None,
        changes={"assignments_from": (None, threshold.assignments_from)},
        subject_ids=[crossing.mentor_id],
    )
    if threshold.notify_coordinator:
        enqueue(TELL, current_organization(), key=str(crossing.pk), crossing_id=str(crossing.pk))
    return crossing


# --- Thresholds


@transaction.atomic
def add_threshold(*, by: Any, **values: Any) -> HonorariumThreshold:
    """A new threshold. Raises InvalidInput for one that overlaps another, or counts in other periods."""
    check_may(by, CHANGE_THRESHOLDS, EVERYWHERE)
    _lock_thresholds()
    row = HonorariumThreshold(**values)
    _check_period(row)
    try:
        with transaction.atomic():
            return create_entity(row, by=by)
    except (ValidationError, IntegrityError) as error:
        raise _refused(error) from error


@transaction.atomic
def change_threshold(
    threshold: HonorariumThreshold, *, changes: Mapping[str, Any], by: Any, version: int | None = None
) -> HonorariumThreshold:
    """Change its rate, whom it tells or its last day; the rate while nobody has reached it.

    Raises InvalidInput, NotAllowed, StaleVersion.
    """
    threshold.check_schema()
    check_may(by, CHANGE_THRESHOLDS, EVERYWHERE)
    _lock_thresholds()
    row = HonorariumThreshold.objects.select_for_update(of=("self",)).get(pk=threshold.pk)
    unknown = sorted(name for name in set(changes) - set(FIELDS) if getattr(row, name, None) != changes[name])
    if unknown:
        raise InvalidInput(
            _("This can't be changed: end it, and add another."), code="not-editable", field=unknown[0]
        )
    if changes.get("rate", row.rate) != row.rate and row.crossings.exists():
        raise InvalidInput(
            _("Somebody has reached it already: end it, and add another."), code="reached", field="rate"
        )
    for name in FIELDS:
        setattr(row, name, changes.get(name, getattr(row, name)))
    _check_period(row)
    row.refresh_from_db()
    try:
        with transaction.atomic():
            kept = {name: value for name, value in changes.items() if name in FIELDS}
            return update_entity(row, by=by, values=kept, version=version)
    except (ValidationError, IntegrityError) as error:
        raise _refused(error) from error


def _lock_thresholds() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_CHANGING, connection.schema_name])


def _check_period(row: HonorariumThreshold) -> None:
    """All thresholds of a day count in the same periods and money: or an assignment would pay twice."""
    others = HonorariumThreshold.objects.exclude(pk=row.pk)
    others = others.exclude(period=row.period, currency=row.currency)
    if row.valid_to is not None:
        others = others.filter(valid_from__lte=row.valid_to)
    if any(each.valid_to is None or each.valid_to >= row.valid_from for each in others):
        raise InvalidInput(
            _("Thresholds of the same time are counted in the same periods."), code="periods", field="period"
        )


def _refused(error: ValidationError | IntegrityError) -> InvalidInput:
    if isinstance(error, IntegrityError):
        return InvalidInput(
            _("There is a threshold from the same number in that time already."), code="overlap"
        )
    field, messages = next(iter(getattr(error, "message_dict", {"": error.messages}).items()))
    return InvalidInput(messages[0], field="" if field == "__all__" else field)


def this_period(kind: str = HonorariumPeriod.YEAR) -> Period:
    return period_of(today_here(), kind)


def crossings_of(period: Period, scope: Scope) -> list[HonorariumCrossing]:
    """Who reached which threshold in the period, and whether the coordinators were told; the latest first."""
    if not scope.can(VIEW_THRESHOLDS):
        return []
    rows = HonorariumCrossing.objects.visible_to(scope).filter(
        period_start=period.first, threshold__period=period.kind
    )
    return list(rows.select_related("mentor", "threshold").order_by("-crossed_at", "pk"))


def note_report(lines: list[Due], *, by: Any, verb: str) -> None:
    """Record whose honorarium was shown."""
    seen = [Seen(frozenset([line.mentor.pk])) for line in lines]
    note_seen(HonorariumCrossing, seen, by=by, verb=verb)
