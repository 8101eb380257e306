"""What can be done to an organisation from its page, and what is written down about it."""

import pytest
from django.urls import reverse
from django_tenants.utils import schema_context

from domain.audit.models import AuditEvent
from tenants.choices import JobState, OrganizationStatus
from tenants.models import JobRun, Organization
from tenants.organization_jobs import CLOSE
from tests.support.jobs import work_off

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer(db) -> Organization:
    return Organization.objects.get(schema_name="nhf")


def at(name: str, organization: Organization, *rest) -> str:
    return reverse(f"organizations:{name}", args=[organization.pk, *rest])


def page_of(browser, organization) -> str:
    return browser.get(at("detail", organization)).content.decode()


def recorded() -> list[tuple[str, str, str]]:
    with schema_context("platform"):
        return list(AuditEvent.objects.order_by("at").values_list("action", "actor_label", "reason"))


def test_the_page_offers_what_is_possible_now(browser, customer):
    page = page_of(browser, customer)

    assert at("action", customer, "suspend") in page
    assert at("action", customer, "close") in page
    assert at("action", customer, "resume") not in page
    assert at("action", customer, "reopen") not in page


def test_the_platform_itself_can_be_neither_suspended_nor_closed(browser, platform):
    assert "/suspend/" not in page_of(browser, platform)

    answer = browser.post(at("action", platform, "suspend"), {"reason": "A mistake"})

    assert answer.status_code == 200
    assert "part of the platform itself" in answer.content.decode()


def test_suspending_asks_for_a_reason_and_keeps_it_in_the_record(browser, customer):
    answer = browser.post(at("action", customer, "suspend"), {"reason": ""})
    assert answer.status_code == 200
    assert "reason" in answer.context["form"].errors

    answer = browser.post(at("action", customer, "suspend"), {"reason": "Unpaid since March"})

    assert answer.headers["Location"] == at("detail", customer)
    customer.refresh_from_db()
    assert customer.status == OrganizationStatus.SUSPENDED
    assert recorded()[-1] == ("organization.suspended", "Unni Berg", "Unpaid since March")
    assert "Unpaid since March" in page_of(browser, customer)


def test_a_suspended_organisation_is_resumed(browser, customer):
    browser.post(at("action", customer, "suspend"), {"reason": "Unpaid"})

    browser.post(at("action", customer, "resume"))

    customer.refresh_from_db()
    assert (customer.status, customer.status_reason) == (OrganizationStatus.ACTIVE, "")
    assert [action for action, *_ in recorded()][-2:] == ["organization.suspended", "organization.resumed"]


def test_what_is_not_possible_now_is_said_in_plain_words(browser, customer):
    answer = browser.post(at("action", customer, "reopen"))

    assert answer.status_code == 200
    assert "can&#x27;t be changed this way while its status is “Active”" in answer.content.decode()


def test_closing_is_a_job_that_one_can_watch(browser, customer):
    answer = browser.post(at("action", customer, "close"), {"reason": "They leave"})

    run = JobRun.objects.get(name=CLOSE)
    assert answer.headers["Location"] == reverse("organizations:run", args=[run.pk]) + "?follow=1"
    assert (run.organization, run.state, run.arguments["reason"]) == (customer, JobState.QUEUED, "They leave")
    customer.refresh_from_db()
    assert customer.status == OrganizationStatus.ACTIVE


def test_asking_twice_to_close_is_one_job(browser, customer):
    for _ in range(2):
        browser.post(at("action", customer, "close"), {"reason": "They leave"})

    assert JobRun.objects.filter(name=CLOSE).count() == 1


def test_a_host_is_added_made_the_main_one_and_removed(browser, customer):
    browser.post(at("add_host", customer), {"host": "Likeperson.NHF.example."})
    added = customer.domains.get(domain="likeperson.nhf.example")
    assert not added.is_primary

    browser.post(at("primary_host", customer, added.pk))
    added.refresh_from_db()
    assert added.is_primary
    before = customer.domains.get(domain="nhf.localhost")
    browser.post(at("remove_host", customer, before.pk))

    assert [domain.domain for domain in customer.domains.all()] == ["likeperson.nhf.example"]
    assert [action for action, *_ in recorded()][-3:] == ["host.added", "host.made_primary", "host.removed"]


@pytest.mark.parametrize(
    ("host", "words"),
    [
        ("blindeforbundet.localhost", "answers on this host already"),
        ("http://nhf.example/", "host name alone"),
        ("", "required"),
    ],
)
def test_a_host_that_cannot_be_is_refused_at_its_field(browser, customer, host, words):
    answer = browser.post(at("add_host", customer), {"host": host})

    assert words in str(answer.context["form"].errors["host"])
    assert customer.domains.count() == 1


def test_the_main_host_is_not_removed(browser, customer):
    answer = browser.post(at("remove_host", customer, customer.domains.get().pk))

    assert "main address" in answer.content.decode()
    assert customer.domains.count() == 1


def test_the_page_shows_what_was_done_and_the_jobs(browser, customer):
    browser.post(at("add_host", customer), {"host": "likeperson.nhf.example"})
    browser.post(at("action", customer, "close"), {"reason": "They leave"})

    page = page_of(browser, customer)

    assert "Host added" in page
    assert "Unni Berg" in page
    assert "Close an organisation" in page


def test_a_failed_job_is_tried_again_and_that_is_recorded(browser, customer, platform):
    run = JobRun.objects.create(
        organization=customer, name="content.publish_scheduled", key="a", state=JobState.PARKED, attempts=3
    )
    page = browser.get(reverse("organizations:run", args=[run.pk])).content.decode()
    assert reverse("organizations:retry", args=[run.pk]) in page

    browser.post(reverse("organizations:retry", args=[run.pk]))

    run.refresh_from_db()
    assert (run.state, run.attempts) == (JobState.QUEUED, 0)
    assert recorded()[-1][0] == "job.retried"
    work_off()
    run.refresh_from_db()
    assert run.state == JobState.DONE


def test_the_jobs_are_counted_and_filtered_by_state(browser, customer):
    for number, state in enumerate([JobState.DONE, JobState.DONE, JobState.PARKED]):
        JobRun.objects.create(
            organization=customer, name="content.publish_scheduled", key=str(number), state=state
        )

    answer = browser.get(reverse("jobs:index"), {"state": "done"})

    assert len(answer.context["object_list"]) == 2
    assert {row["label"]: row["count"] for row in answer.context["counts"]}["Done"] == 2
