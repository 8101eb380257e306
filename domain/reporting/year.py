"""A year in numbers, beside the year before: by month, and by county. Nobody is named.

One aggregated query per chart, for both years at once. Who sees what follows from the permission of each
chart and where it holds; numbers about people who are supported are small for whoever sees no names
(`small_cells`).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, tzinfo
from typing import Any

from django.db.models import CharField, Count, F, Q, QuerySet, Value
from django.db.models.functions import Cast, ExtractYear, TruncMonth
from django.utils import timezone

from domain.activities.choices import ActivityStatus
from domain.activities.models import Activity, ActivityLeader
from domain.activities.models.activities import VIEW as VIEW_ACTIVITIES
from domain.assignments.models import VIEW as VIEW_ASSIGNMENTS
from domain.assignments.models import Assignment
from domain.certification.queries import zone_here
from domain.config.choices import Area
from domain.config.queries import enabled_areas
from domain.core.scope import Scope
from domain.people.choices import ClosedReason, ContactStatus
from domain.people.models import Contact, ContactStatusChange
from domain.people.models.contacts import COUNT, VIEW

from .small_cells import Shown, exactly, hidden_if_few, rounded, total

# So many years can be chosen, the present one among them.
YEARS = 6
# Chart → the area it is of, the permission it takes, and its series.
CHARTS: dict[str, tuple[Area, str, tuple[str, ...]]] = {
    "activities": (Area.ACTIVITIES, VIEW_ACTIVITIES, ("counting", "not_counting")),
    "mentors": (Area.ACTIVITIES, VIEW_ACTIVITIES, ("mentors",)),
    "contacts": (Area.CONTACTS, COUNT, ("new", "closed")),
    "assignments": (Area.ASSIGNMENTS, VIEW_ASSIGNMENTS, ("sent", "opened", "accepted", "declined")),
}
# The county of an association that has none.
NOWHERE = ""


@dataclass(frozen=True)
class Asked:
    """Which year, for whom, and of which county ("" is all that the caller may count)."""

    scope: Scope
    year: int
    today: date
    # The organisation's: months and days begin by its clocks.
    zone: tzinfo
    county: str = ""

    @property
    def last_month(self) -> int:
        """The last month of the year that has begun."""
        return self.today.month if self.year == self.today.year else 12

    @property
    def is_present(self) -> bool:
        return self.year == self.today.year


@dataclass(frozen=True)
class Line:
    """A month or county: each series in the year asked for and in the one before."""

    name: Any
    now: dict[str, Shown]
    before: dict[str, Shown]
    # A month that hasn't begun has no numbers yet.
    is_to_come: bool = False


@dataclass(frozen=True)
class Chart:
    """`sums` are of the months that have begun, in either year; none where a sum would say nothing."""

    key: str
    series: tuple[str, ...]
    lines: list[Line]
    sums: Line | None = None

    @property
    def is_empty(self) -> bool:
        return all(
            cell.number == 0 for line in self.lines for cell in (*line.now.values(), *line.before.values())
        )

    @property
    def hides(self) -> bool:
        return any(
            cell.is_hidden for line in self.lines for cell in (*line.now.values(), *line.before.values())
        )


def ask(scope: Scope, *, year: int | None = None, county: str = "") -> Asked:
    """A year that can be chosen (without one: the present), and a county."""
    zone = zone_here()
    today = timezone.localdate(timezone=zone)
    return Asked(scope, year if year in years(today) else today.year, today, zone, county)


def years(today: date) -> list[int]:
    return [today.year - back for back in range(YEARS)]


def charts_for(scope: Scope) -> list[str]:
    """The charts whose area is in use and that the caller may see."""
    if not scope.is_inside:
        return []
    areas = enabled_areas()
    return [key for key, (area, right, _series) in CHARTS.items() if area in areas and scope.can(right)]


def sees_names(scope: Scope) -> bool:
    """Whether the caller sees, wherever they may count contacts, who these are as well."""
    return all(scope.can(VIEW, path) for path in scope.reach(COUNT))


def is_about_few(key: str, scope: Scope) -> bool:
    """Whether the numbers of a chart are about people whom the caller doesn't know by name."""
    return key == "contacts" and not sees_names(scope)


# --- By month


def by_month(key: str, asked: Asked) -> Chart:
    """One chart: twelve lines. One query."""
    counted = _MONTHLY[key](asked)
    shown = hidden_if_few if is_about_few(key, asked.scope) else exactly
    series = CHARTS[key][2]

    def cells(year: int, month: int) -> dict[str, Shown]:
        numbers = counted.get((year, month), {})
        return {name: shown(numbers.get(name, 0)) for name in series}

    lines = [
        Line(
            date(asked.year, month, 1),
            cells(asked.year, month),
            cells(asked.year - 1, month),
            is_to_come=month > asked.last_month,
        )
        for month in range(1, 13)
    ]
    # Whoever was active in two months is one person: their months make no sum.
    return Chart(key, series, lines, None if key == "mentors" else _sums(lines, series))


Counted = dict[Any, dict[str, int]]


def _activities(asked: Asked) -> Counted:
    rows = _of_place(Activity.objects.all(), asked, VIEW_ACTIVITIES).filter(
        status=ActivityStatus.APPROVED, day__range=_days(asked)
    )
    return _numbers(
        rows.annotate(month=TruncMonth("day")),
        counting=Count("pk", filter=Q(counts=True)),
        not_counting=Count("pk", filter=Q(counts=False)),
    )


def _mentors(asked: Asked) -> Counted:
    rows = _of_place(ActivityLeader.objects.all(), asked, VIEW_ACTIVITIES, "activity__").filter(
        activity__status=ActivityStatus.APPROVED, activity__day__range=_days(asked), user__isnull=False
    )
    return _numbers(rows.annotate(month=TruncMonth("activity__day")), mentors=Count("user", distinct=True))


def _assignments(asked: Asked) -> Counted:
    """By the month in which they were sent: what became of them later counts there too."""
    rows = _of_place(Assignment.objects.all(), asked, VIEW_ASSIGNMENTS).filter(sent_at__range=_moments(asked))
    return _numbers(
        rows.annotate(month=TruncMonth("sent_at", tzinfo=asked.zone)),
        sent=Count("pk"),
        opened=Count("opened_at"),
        accepted=Count("accepted_at"),
        declined=Count("declined_at"),
    )


def _contacts(asked: Asked) -> Counted:
    new, closed = _coming_and_going(asked)
    zone = asked.zone
    return _both(
        _kinds(new.annotate(month=TruncMonth("created_at", tzinfo=zone)), "new", "month"),
        _kinds(closed.annotate(month=TruncMonth("at", tzinfo=zone)), "closed", "month"),
        lambda key: (key.year, key.month),
    )


_MONTHLY: dict[str, Callable[[Asked], Counted]] = {
    "activities": _activities,
    "mentors": _mentors,
    "contacts": _contacts,
    "assignments": _assignments,
}


# --- By county


def by_county(key: str, asked: Asked) -> Chart:
    """One chart: a line for each county of which there is something, in the order of their codes. One query.

    Both years are counted until the same day, as far as the year asked for has come. Where small numbers are
    hidden the others are rounded: the months of the same people would tell the rest.
    """
    counted = _COUNTYWISE[key](asked)
    hides = is_about_few(key, asked.scope)
    shown = rounded if hides else exactly
    series = CHARTS[key][2]
    codes = sorted({code for _year, code in counted}, key=lambda code: (code == NOWHERE, code))

    def cells(year: int, code: str) -> dict[str, Shown]:
        numbers = counted.get((year, code), {})
        return {name: shown(numbers.get(name, 0)) for name in series}

    lines = [Line(code, cells(asked.year, code), cells(asked.year - 1, code)) for code in codes]
    # A mentor may be active in two counties.
    return Chart(key, series, lines, None if hides or key == "mentors" else _sums(lines, series))


def _activities_there(asked: Asked) -> Counted:
    rows = _of_place(Activity.objects.all(), asked, VIEW_ACTIVITIES).filter(
        _until(asked, "day"), status=ActivityStatus.APPROVED
    )
    return _numbers_there(
        rows.annotate(year=ExtractYear("day"), code=F("local_association__county")),
        counting=Count("pk", filter=Q(counts=True)),
        not_counting=Count("pk", filter=Q(counts=False)),
    )


def _mentors_there(asked: Asked) -> Counted:
    rows = _of_place(ActivityLeader.objects.all(), asked, VIEW_ACTIVITIES, "activity__").filter(
        _until(asked, "activity__day"), activity__status=ActivityStatus.APPROVED, user__isnull=False
    )
    return _numbers_there(
        rows.annotate(year=ExtractYear("activity__day"), code=F("activity__local_association__county")),
        mentors=Count("user", distinct=True),
    )


def _assignments_there(asked: Asked) -> Counted:
    rows = _of_place(Assignment.objects.all(), asked, VIEW_ASSIGNMENTS).filter(
        _until(asked, "sent_at", moments=True)
    )
    return _numbers_there(
        rows.annotate(year=ExtractYear("sent_at", tzinfo=asked.zone), code=F("local_association__county")),
        sent=Count("pk"),
        opened=Count("opened_at"),
        accepted=Count("accepted_at"),
        declined=Count("declined_at"),
    )


def _contacts_there(asked: Asked) -> Counted:
    new, closed = _coming_and_going(asked)
    zone = asked.zone
    new = new.filter(_until(asked, "created_at", moments=True))
    closed = closed.filter(_until(asked, "at", moments=True))
    return _both(
        _kinds(
            new.annotate(year=ExtractYear("created_at", tzinfo=zone), code=F("local_association__county")),
            "new",
            "year",
            "code",
        ),
        _kinds(
            closed.annotate(
                year=ExtractYear("at", tzinfo=zone), code=F("contact__local_association__county")
            ),
            "closed",
            "year",
            "code",
        ),
        lambda year, code: (year, code),
    )


_COUNTYWISE: dict[str, Callable[[Asked], Counted]] = {
    "activities": _activities_there,
    "mentors": _mentors_there,
    "contacts": _contacts_there,
    "assignments": _assignments_there,
}


# --- Parts of the queries


def _of_place(rows: QuerySet, asked: Asked, permission: str, to_row: str = "") -> QuerySet:
    """Where the caller has the permission, and in the county that was asked for."""
    place = f"{to_row}local_association__"
    rows = rows.filter(asked.scope.within(permission, f"{place}path")).order_by()
    return rows.filter(**{f"{place}county": asked.county}) if asked.county else rows


def _coming_and_going(asked: Asked) -> tuple[QuerySet, QuerySet]:
    """Contacts by when they were registered, and the ends of support. Who was registered twice is one.

    Who sees no names gets no county of a month: what is hidden in the one would follow from the others.
    """
    if asked.county and not sees_names(asked.scope):
        asked = replace(asked, county="")
    new = _of_place(Contact.objects.filter(merged_into=None), asked, COUNT)
    closed = ContactStatusChange.objects.filter(contact__merged_into=None, after=ContactStatus.CLOSED)
    closed = closed.exclude(before=ContactStatus.CLOSED).exclude(reason=ClosedReason.MERGED)
    return (
        new.filter(created_at__range=_moments(asked)),
        _of_place(closed, asked, COUNT, "contact__").filter(at__range=_moments(asked)),
    )


def _days(asked: Asked) -> tuple[date, date]:
    return date(asked.year - 1, 1, 1), date(asked.year, 12, 31)


def _moments(asked: Asked) -> tuple[datetime, datetime]:
    """The two years by the organisation's clocks."""
    first, last = _days(asked)
    zone = asked.zone
    return datetime.combine(first, time.min, tzinfo=zone), datetime.combine(last, time.max, tzinfo=zone)


def _until(asked: Asked, column: str, *, moments: bool = False) -> Q:
    """Of either year the part until today's day, where the year asked for is the present one."""
    zone = asked.zone if moments else None

    def part(year: int) -> Q:
        last = _same_day(asked.today, year) if asked.is_present else date(year, 12, 31)
        days: tuple[Any, Any] = (date(year, 1, 1), last)
        if zone is not None:
            days = (
                datetime.combine(days[0], time.min, tzinfo=zone),
                datetime.combine(days[1], time.max, tzinfo=zone),
            )
        return Q(**{f"{column}__range": days})

    return part(asked.year) | part(asked.year - 1)


def _same_day(day: date, year: int) -> date:
    try:
        return day.replace(year=year)
    except ValueError:  # The 29th of February.
        return day.replace(year=year, day=28)


def _numbers(rows: QuerySet, **counts: Any) -> Counted:
    found = rows.values("month").annotate(**counts)
    return {(row["month"].year, row["month"].month): row for row in found}


def _numbers_there(rows: QuerySet, **counts: Any) -> Counted:
    return {(row["year"], row["code"]): row for row in rows.values("year", "code").annotate(**counts)}


def _kinds(rows: QuerySet, kind: str, *columns: str) -> QuerySet:
    """Lines of the kind, the columns, and how many."""
    named = rows.annotate(kind=Cast(Value(kind), CharField()))
    return named.values("kind", *columns).annotate(number=Count("pk")).values_list("kind", "number", *columns)


def _both(new: QuerySet, closed: QuerySet, key_of: Callable[..., Any]) -> Counted:
    """Two kinds of lines by one query."""
    counted: Counted = {}
    for kind, number, *key in new.union(closed, all=True):
        counted.setdefault(key_of(*key), {})[kind] = number
    return counted


def _sums(lines: Iterable[Line], series: tuple[str, ...]) -> Line:
    begun = [line for line in lines if not line.is_to_come]
    return Line(
        None,
        {name: total(line.now[name] for line in begun) for name in series},
        {name: total(line.before[name] for line in begun) for name in series},
    )
