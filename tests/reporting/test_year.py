"""The year in figures."""

from datetime import date, datetime, timedelta

import pytest

from cms.admin.dashboard_chart import Stack, column_chart, row_chart
from domain.access.models import RoleAssignment
from domain.access.queries import scope_for
from domain.access.rules import assign_role
from domain.activities.models import Activity, ActivityLeader
from domain.assignments.models import Assignment
from domain.certification.queries import today_here, zone_here
from domain.people.models import Contact, ContactStatusChange
from domain.reporting.small_cells import Shown, hidden_if_few, rounded, total
from domain.reporting.year import ask, by_county, by_month, charts_for
from tests.support.queries import statements

pytestmark = pytest.mark.django_db

ADMIN, COORDINATOR, FINANCE = "admin@nhf.example", "coordinator@nhf.example", "both@meander.example"
# A year that is over, so that no month is to come.
YEAR = date.today().year - 1


def numbers(chart, name, *, before=False):
    """One series as people may read it."""
    return [(line.before if before else line.now)[name] for line in chart.lines]


@pytest.fixture
def admin(person):
    return person(ADMIN)


@pytest.fixture
def at():
    """Noon of a day by the organisation's clocks."""
    return lambda year, month, day=15: datetime(year, month, day, 12, tzinfo=zone_here())


@pytest.fixture
def counted(tree, person, mentor, bulk, an_activity):
    """March: three that count, two that don't, by two mentors; one a year before; one that isn't approved."""
    march, other = date(YEAR, 3, 15), person(COORDINATOR)
    lines = [an_activity(march, counts=True)] * 3 + [an_activity(march, tree.bergen, counts=False)] * 2
    lines += [an_activity(date(YEAR - 1, 3, 31), counts=True), an_activity(march, status="submitted")]
    rows = bulk(Activity, lines)
    bulk(ActivityLeader, [{"activity": row, "user": mentor} for row in rows[:4]])
    bulk(ActivityLeader, [{"activity": rows[4], "user": other}, {"activity": rows[6], "user": other}])
    return rows


def test_approved_activities_and_who_led_them_are_counted_by_month_beside_the_year_before(counted, admin):
    asked = ask(scope_for(admin), year=YEAR)
    with statements() as found:
        chart = by_month("activities", asked)
    assert len(found) == 1
    march = chart.lines[2]
    assert {name: cell.number for name, cell in march.now.items()} == {"counting": 3, "not_counting": 2}
    assert march.before["counting"].number == 1
    assert chart.sums and chart.sums.now["counting"].number == 3
    assert [cell.number for cell in numbers(by_month("mentors", asked), "mentors")][2] == 2
    # Of the month's mentors no sum over the year.
    assert by_month("mentors", asked).sums is None


def test_a_county_is_counted_alone_and_beside_the_others_and_a_region_sees_its_own(
    counted, admin, east_coordinator
):
    scope = scope_for(admin)
    oslo = by_month("activities", ask(scope, year=YEAR, county="03"))
    assert oslo.sums and (oslo.sums.now["counting"].number, oslo.sums.now["not_counting"].number) == (3, 0)
    by_place = by_county("activities", ask(scope, year=YEAR))
    assert [(line.name, line.now["counting"].number) for line in by_place.lines] == [("03", 3), ("46", 0)]
    of_east = by_county("activities", ask(scope_for(east_coordinator), year=YEAR))
    assert [line.name for line in of_east.lines] == ["03"]


def test_of_the_present_year_counties_are_compared_until_the_same_day(tree, admin, bulk, an_activity):
    today = today_here()
    day = date(today.year - 1, today.month, min(today.day, 28))
    bulk(Activity, [an_activity(day, counts=True), an_activity(day + timedelta(days=5), counts=True)])
    if (day + timedelta(days=5)).year == day.year:
        line = by_county("activities", ask(scope_for(admin))).lines[0]
        assert line.before["counting"].number == 1


def test_assignments_count_in_the_month_in_which_they_were_sent(tree, mentor, admin, bulk, at):
    base = {"recipient": mentor, "local_association": tree.grorud, "expires_at": at(YEAR, 12)}
    sent = {**base, "sent_at": at(YEAR, 1, 31)}
    accepted = {**sent, "status": "accepted", "opened_at": at(YEAR, 2), "accepted_at": at(YEAR, 2)}
    bulk(
        Assignment,
        [
            {**sent, "status": "sent"},
            accepted,
            {**sent, "status": "declined", "declined_at": at(YEAR, 2)},
            {**base, "status": "draft"},
        ],
    )
    chart = by_month("assignments", ask(scope_for(admin), year=YEAR))
    january = {name: cell.number for name, cell in chart.lines[0].now.items()}
    assert january == {"sent": 3, "opened": 1, "accepted": 1, "declined": 1}
    assert all(cell.number == 0 for cell in chart.lines[1].now.values())


@pytest.fixture
def supported(tree, register, bulk, at):
    """May: six came, in June two; of Bergen three. One was registered twice, one closed."""
    rows = [register(f"Navn{number}", "Navnesen") for number in range(8)]
    rows += [register(f"Navn{n}", "Bergsen", local_association=tree.bergen) for n in range(3)]
    Contact.objects.filter(pk__in=[row.pk for row in rows]).update(created_at=at(YEAR, 5))
    Contact.objects.filter(pk__in=[row.pk for row in rows[:2]]).update(created_at=at(YEAR, 6))
    alias = register("Navn0", "Navnesen")
    Contact.objects.filter(pk=alias.pk).update(
        created_at=at(YEAR, 6),
        merged_into=rows[0],
        status="closed",
        closed_reason="merged",
        closed_on="2020-01-01",
    )
    bulk(
        ContactStatusChange,
        [
            {"contact": rows[0], "before": "active", "after": "closed", "reason": "moved", "at": at(YEAR, 7)},
            {"contact": alias, "before": "new", "after": "closed", "reason": "merged", "at": at(YEAR, 7)},
        ],
    )
    return rows


def test_small_numbers_about_people_are_hidden_from_whoever_sees_no_names(supported, admin, person):
    unnamed, named = (ask(scope_for(person(who)), year=YEAR) for who in (ADMIN, COORDINATOR))
    with statements() as found:
        chart = by_month("contacts", unnamed)
    assert len(found) == 1
    new = numbers(chart, "new")
    assert (new[4], new[5], new[6]) == (Shown(9), Shown(None), Shown(0))
    assert numbers(chart, "closed")[6].is_hidden
    # The sum would tell how many June had.
    assert chart.sums and chart.sums.now["new"] == Shown(9, is_least=True)
    by_place = {line.name: line.now["new"] for line in by_county("contacts", unnamed).lines}
    assert by_place == {"03": Shown(10, is_about=True), "46": Shown(None)}
    # Nor do the months of one county tell what the others have.
    assert numbers(by_month("contacts", ask(unnamed.scope, year=YEAR, county="46")), "new") == new
    exact = by_month("contacts", named)
    assert [cell.number for cell in numbers(exact, "new")][4:6] == [9, 2]
    assert exact.sums and exact.sums.now["new"] == Shown(11)
    oslo = by_month("contacts", ask(named.scope, year=YEAR, county="03"))
    assert [cell.number for cell in numbers(oslo, "new")][4:6] == [6, 2]


def test_what_is_hidden_on_the_page_is_hidden_in_its_file(supported, browser_of):
    browser = browser_of("nhf", ADMIN)
    english = {"accept-language": "en"}
    page = browser.get(f"/admin/year/?year={YEAR}", headers=english).content.decode()
    assert "fewer than 5" in page and "at least 9" in page and "about 10" in page
    assert "Navnesen" not in page
    address = f"/admin/year/?year={YEAR}&export=contacts-by-month"
    lines = browser.get(address, headers=english).content.decode().splitlines()
    assert lines[0] == f"Month,New {YEAR},Closed {YEAR},New {YEAR - 1},Closed {YEAR - 1}"
    assert lines[5:8] == ["05,9,0,0,0", "06,<5,0,0,0", "07,0,<5,0,0"]
    assert "46,<5" not in browser.get(address.replace("month", "county"), headers=english).content.decode()
    assert browser.get(f"{address}x").status_code == 404
    for odd in ("year=1&county=99", "year=²026", "year=99999&county=%00"):
        assert browser.get(f"/admin/year/?{odd}").status_code == 200


def test_the_page_asks_one_query_per_chart_and_finance_sees_neither_page_nor_menu(
    counted, browser_of, person
):
    browser = browser_of("nhf", ADMIN)
    browser.get("/admin/year/")
    with statements() as found:
        browser.get(f"/admin/year/?year={YEAR}")
    aggregated = [sql for sql in found if "GROUP BY" in sql and "COUNT(" in sql]
    assert len(aggregated) == 8
    finance = person(FINANCE)
    RoleAssignment.objects.filter(user=finance).delete()
    assign_role(finance, "finance", by=None)
    assert charts_for(scope_for(finance)) == []
    browser = browser_of("nhf", FINANCE)
    assert browser.get("/admin/year/").status_code in (302, 403)
    home = browser.get("/admin/", headers={"accept-language": "en"}).content.decode()
    assert "/admin/year/" not in home and "Today</h2>" not in home
    # For whom nothing waits reads what they may do.
    assert "What you may do here" in home and "Local associations</h3>" in home


def test_one_to_four_are_few_and_nothing_is_not():
    assert [hidden_if_few(number).number for number in (0, 1, 4, 5)] == [0, None, None, 5]
    assert [rounded(number).number for number in (0, 4, 5, 7, 8, 12, 13)] == [0, None, 5, 5, 10, 10, 15]
    assert total([Shown(7), Shown(None)]) == Shown(7, is_least=True)
    assert total([Shown(7), Shown(0)]) == Shown(7)
    assert total([rounded(8), Shown(None)]) == Shown(10, is_about=True, is_least=True)
    assert total([Shown(None), Shown(0)]) == Shown(None)
    assert total([Shown(None), Shown(None)]) == Shown(None, is_least=True)


def test_columns_stand_on_one_scale_and_the_year_before_is_a_line():
    chart = column_chart([("jan", [Stack((6, 4), "10", 20)]), ("feb", [Stack((0,), "<5", None, True)])])
    january, february = (group.pieces[0] for group in chart.groups)
    assert [part.height for part in january.parts] == [91.8, 61.2]
    assert january.line and january.line[1] == 34  # The highest of all fills the chart.
    assert february.parts == [] and february.box and february.box.height == 61.2
    lying = row_chart([("Oslo", [Stack((5,), "5", 10)]), ("Agder", [Stack((0,), "0", 0)])])
    assert lying.groups[0].pieces[0].parts[0].width == 225
    assert lying.height > 60
