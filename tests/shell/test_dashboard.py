"""The first page after signing in."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tenants.utils import schema_context, tenant_context

from cms.admin import dashboard_queries as queries
from cms.admin.dashboard_chart import bar_chart
from cms.models import FaqEntry, LinkCheck, ResourceCategory, ResourceLink
from cms.models.resource_links import LinkStatus
from domain.config.rules import change_settings, set_area

pytestmark = pytest.mark.django_db


@pytest.fixture
def kinds(nhf, person):
    return queries.kinds_in_use(person("admin@nhf.example"))


def page_of(browser):
    page = browser.get("/admin/", headers={"accept-language": "en"})
    assert page.status_code == 200
    return page.content.decode()


def test_an_empty_organisation_is_told_where_to_begin(browser_of):
    page = page_of(browser_of("nhf", "admin@nhf.example"))
    assert "Begin here" in page
    assert "Add resource link" in page
    assert "Nothing is waiting for you." in page
    assert "Nothing has been published in the last twelve months." in page


def test_counts_are_those_of_the_content(kinds, make_faq, person):
    admin = person("admin@nhf.example")
    first = make_faq("En", by=admin)
    make_faq("Ein", by=admin, language="nn", translation_key=first.translation_key)
    make_faq("To", by=admin)
    make_faq("Utkast", by=admin, live=False)
    FaqEntry.objects.filter(pk=first.pk).update(has_unpublished_changes=True)
    found = queries.totals(kinds)[0]
    assert (found.published, found.drafts, found.changed, found.texts) == (3, 1, 1, 2)
    assert [found.missing(code) for code in ("nb", "nn", "en")] == [0, 1, 2]
    assert queries.totals(kinds)[1] == queries.Totals(kinds[1])


def test_the_dashboard_shows_drafts_and_what_was_published(browser_of, nhf, make_faq, person):
    with tenant_context(nhf):
        make_faq("Hva er en likeperson?", by=person("admin@nhf.example"))
        make_faq("Et utkast til meg", by=person("admin@nhf.example"), live=False)
        make_faq("En annens utkast", by=person("coordinator@nhf.example"), live=False)
    page = page_of(browser_of("nhf", "admin@nhf.example"))
    assert "Hva er en likeperson?" in page
    assert "Et utkast til meg" in page
    assert "En annens utkast" not in page
    assert "Begin here" not in page
    assert '<svg class="chart"' in page


def test_one_organisations_texts_are_not_on_anothers_dashboard(browser_of, nhf, make_faq, person):
    with tenant_context(nhf):
        make_faq("Canary of NHF", by=person("admin@nhf.example"))
    assert "Canary of NHF" not in page_of(browser_of("blindeforbundet", "admin@blindeforbundet.example"))


def test_scheduled_locked_and_broken_are_shown_when_there_are_any(kinds, make_faq, person):
    admin, other = person("admin@nhf.example"), person("coordinator@nhf.example")
    planned = make_faq("Planlagt", by=admin, live=False)
    revision = planned.latest_revision
    revision.approved_go_live_at = timezone.now() + timedelta(days=2)
    revision.save()
    FaqEntry.objects.filter(pk=make_faq("Låst", by=admin).pk).update(
        locked=True, locked_by=other, locked_at=timezone.now()
    )
    locale = planned.locale
    category = ResourceCategory.objects.create(name="Lenker", locale=locale)
    for title, status in (("Død lenke", LinkStatus.BROKEN), ("Levende lenke", LinkStatus.OK)):
        link = ResourceLink.objects.create(
            title=title, url="https://nhf.example/", category=category, locale=locale
        )
        LinkCheck.objects.create(link=link, status=status, checked_at=timezone.now())
    assert [row.title for row in queries.scheduled(kinds)] == ["Planlagt"]
    assert [(row.title, row.who) for row in queries.locked_by_others(kinds, admin)] == [
        ("Låst", "Karim Haddad")
    ]
    assert queries.locked_by_others(kinds, other) == []
    assert [row.title for row in queries.broken_links(kinds)] == ["Død lenke"]


def test_what_waits_for_review_waits_for_who_may_publish(nhf, browser_of, make_faq, person):
    from django.contrib.auth.models import Group
    from wagtail.models import GroupApprovalTask, Workflow, WorkflowTask

    admin, author = person("admin@nhf.example"), person("coordinator@nhf.example")
    task = GroupApprovalTask.objects.create(name="Godkjenning")
    task.groups.add(Group.objects.get(name="org_admin"))
    workflow = Workflow.objects.create(name="Godkjenning")
    WorkflowTask.objects.create(workflow=workflow, task=task)
    with tenant_context(nhf):
        entry = make_faq("Til godkjenning", by=author, live=False)
        workflow.start(entry, author)
        kinds = queries.kinds_in_use(admin)
        assert [(row.title, row.who) for row in queries.waiting_for_review(kinds, admin)] == [
            ("Til godkjenning", "Karim Haddad")
        ]
        assert queries.waiting_for_review(kinds, author) == []
    assert "Til godkjenning" in page_of(browser_of("nhf", "admin@nhf.example"))
    assert "Waiting for your review" not in page_of(browser_of("nhf", "coordinator@nhf.example"))


def test_months_are_the_last_twelve_and_count_first_publications(kinds, make_faq):
    today = date(2026, 1, 15)
    assert queries.last_months(today)[0] == date(2025, 2, 1)
    assert queries.last_months(today)[-1] == date(2026, 1, 1)
    make_faq("Nå")
    old = make_faq("For lenge siden")
    FaqEntry.objects.filter(pk=old.pk).update(first_published_at=timezone.now() - timedelta(days=800))
    by_month = queries.published_by_month(kinds)
    assert len(by_month) == 12
    assert by_month[-1][1]["faqentry"] == 1
    assert sum(sum(counts.values()) for _month, counts in by_month) == 1


def test_a_disabled_area_and_a_language_out_of_use_are_left_out(browser_of, nhf, make_faq):
    with tenant_context(nhf):
        make_faq("Hemmelig når av")
        set_area(area="faqs", enabled=False, by=None)
        change_settings(changes={"locales": ["nb", "nn"]}, by=None)
    page = page_of(browser_of("nhf", "admin@nhf.example"))
    assert "Hemmelig når av" not in page
    assert "Not in English" not in page


def test_the_number_of_queries_does_not_grow_with_the_content(browser_of, nhf, make_faq, person):
    admin = person("admin@nhf.example")

    def count() -> int:
        browser = browser_of("nhf", "admin@nhf.example")
        browser.get("/admin/")
        with CaptureQueriesContext(connection) as captured:
            assert browser.get("/admin/").status_code == 200
        return len(captured)

    with tenant_context(nhf):
        make_faq("Første", by=admin)
    few = count()
    with tenant_context(nhf):
        for number in range(30):
            make_faq(f"Nummer {number}", by=admin, live=bool(number % 2))
    assert count() == few <= 40


def test_the_platform_sees_bookings_organisations_and_jobs(browser_of, platform):
    from domain.sales.models import DemoBooking
    from tenants.choices import JobState, OrganizationStatus
    from tenants.models import JobRun, Organization

    DemoBooking.objects.create(
        name="Liv Dahl",
        email="liv@forening.example",
        organization_name="Foreningen",
        consent_at=timezone.now(),
    )
    with schema_context("public"):
        Organization.objects.filter(schema_name="blindeforbundet").update(status=OrganizationStatus.SUSPENDED)
        JobRun.objects.create(
            organization=platform,
            name="send_mail",
            key="1",
            state=JobState.PARKED,
            error="x\nTimeoutError: no",
        )
    page = page_of(browser_of("platform", "owner@meander.example"))
    for text in ("Foreningen", "Norges Blindeforbund", "Suspended", "send_mail", "TimeoutError: no"):
        assert text in page


def test_the_platform_sees_who_is_behind_who_ends_when_and_where_to_look(browser_of, platform):
    from tenants.choices import JobState, OrganizationStatus
    from tenants.models import JobRun, Organization

    nhf = Organization.objects.get(schema_name="nhf")
    other = Organization.objects.get(schema_name="blindeforbundet")
    browser = browser_of("platform", "owner@meander.example")
    assert "behind on migrations" not in page_of(browser)
    with connection.as_owner(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM nhf.django_migrations WHERE app = 'cms'")
    with schema_context("public"):
        Organization.objects.filter(pk=other.pk).update(
            status=OrganizationStatus.CLOSED, drop_after=datetime(2031, 3, 14, 12, tzinfo=UTC)
        )
        run = JobRun.objects.create(
            organization=nhf,
            name="organization.close",
            key="1",
            state=JobState.FAILED,
            error="No dump could be written",
        )
    page = page_of(browser)
    for text in ("Organisations behind on migrations", "data deleted after", "14", "2031", "Close an organ"):
        assert text in page
    for pk in (nhf.pk, other.pk):
        assert f'href="/admin/organizations/{pk}/"' in page
        assert browser.get(f"/admin/organizations/{pk}/").status_code == 200
    assert f'href="/admin/organizations/runs/{run.pk}/"' in page
    assert "No dump could be written" in page


def test_an_organisation_sees_nothing_of_the_platform(browser_of):
    page = page_of(browser_of("nhf", "admin@nhf.example"))
    for text in ("demo booking", "Jobs that gave up", "Blindeforbund"):
        assert text not in page


def test_the_highest_bar_fills_the_chart_and_a_zero_has_none():
    chart = bar_chart([("jan", 0), ("feb", 5), ("mar", 10)])
    assert [bar.height for bar in chart.bars] == [0, 71.0, 142.0]
    assert chart.bars[2].y == 24
    assert bar_chart([("jan", 0)]).bars[0].height == 0
