"""Thresholds that don't overlap; what is due to the øre; a threshold is reached once, whatever is at work."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.access.queries import scope_for
from domain.assignments import honorarium
from domain.assignments.models import HonorariumCrossing, HonorariumThreshold
from domain.core.errors import InvalidInput, NotAllowed

JANUARY = date(2026, 1, 1)


def threshold(number, rate, first=JANUARY, last=None):
    return HonorariumThreshold(
        assignments_from=number, rate=Decimal(rate), valid_from=first, valid_to=last, period="year"
    )


def test_each_assignment_pays_the_highest_threshold_it_has_reached():
    rows = [threshold(3, "350.50"), threshold(15, "500.00")]
    assert honorarium.amount_due([JANUARY] * 2, rows) == Decimal("0.00")
    assert honorarium.amount_due([JANUARY] * 3, rows) == Decimal("350.50")
    assert honorarium.amount_due([JANUARY] * 16, rows) == 12 * Decimal("350.50") + 2 * Decimal("500.00")


def test_the_rate_is_that_of_the_day():
    rows = [threshold(1, "100", last=date(2026, 6, 30)), threshold(1, "120", first=date(2026, 7, 1))]
    days = [date(2026, 6, 30), date(2026, 7, 1)]
    assert honorarium.amount_due(days, rows) == Decimal("220.00")


@given(st.integers(0, 40), st.dictionaries(st.integers(1, 30), st.decimals(0, 999, places=2), max_size=4))
def test_the_sum_is_exact_and_grows_with_each_assignment(count, rates):
    rows = [threshold(number, str(rate)) for number, rate in rates.items()]
    expected = sum(
        (
            rates[max(n for n in rates if n <= number)]
            for number in range(1, count + 1)
            if min(rates, default=99) <= number
        ),
        Decimal(0),
    )
    assert honorarium.amount_due([JANUARY] * count, rows) == expected


@pytest.mark.parametrize(
    ("kind", "day", "first", "last"),
    [
        ("year", date(2024, 2, 29), date(2024, 1, 1), date(2024, 12, 31)),
        ("month", date(2024, 2, 10), date(2024, 2, 1), date(2024, 2, 29)),
        ("month", date(2026, 12, 31), date(2026, 12, 1), date(2026, 12, 31)),
    ],
)
def test_periods_are_those_of_the_calendar(kind, day, first, last):
    period = honorarium.period_of(day, kind)
    assert (period.first, period.last) == (first, last)


@pytest.mark.django_db
def test_thresholds_dont_overlap(admin, karim):
    made = honorarium.add_threshold(
        by=admin, assignments_from=3, rate=Decimal(300), valid_from=JANUARY, valid_to=date(2026, 6, 30)
    )
    with pytest.raises(InvalidInput, match="already"):
        honorarium.add_threshold(by=admin, assignments_from=3, rate=Decimal(1), valid_from=date(2026, 6, 30))
    honorarium.add_threshold(by=admin, assignments_from=3, rate=Decimal(320), valid_from=date(2026, 7, 1))
    honorarium.add_threshold(by=admin, assignments_from=4, rate=Decimal(400), valid_from=JANUARY)
    with pytest.raises(InvalidInput, match="already"):
        honorarium.change_threshold(made, changes={"valid_to": None}, by=admin)
    with pytest.raises(InvalidInput) as refused:
        honorarium.add_threshold(
            by=admin, assignments_from=9, rate=Decimal(1), valid_from=JANUARY, period="month"
        )
    assert refused.value.field == "period"
    with pytest.raises(NotAllowed):
        honorarium.add_threshold(by=karim, assignments_from=20, rate=Decimal(1), valid_from=JANUARY)


@pytest.mark.django_db
def test_a_rate_that_was_reached_stays(admin, bring, karim):
    made = honorarium.add_threshold(by=admin, assignments_from=1, rate=Decimal(300), valid_from=JANUARY)
    bring("completed")
    with pytest.raises(InvalidInput, match="reached it already"):
        honorarium.change_threshold(made, changes={"rate": Decimal(1)}, by=admin)
    crossing = HonorariumCrossing.objects.get()
    assert (crossing.threshold, crossing.mentor.email) == (made, "mentor@nhf.example")
    (line,) = honorarium.report(honorarium.this_period(), scope_for(karim))
    assert (line.assignments, line.amount) == (1, Decimal("300.00"))
