"""Jobs that support asked for: done under its grant, on the record as such, and not once it is over."""

import pytest
from django.urls import reverse
from django_tenants.utils import schema_context

from domain.audit.context import acting
from domain.audit.models import AuditEvent
from domain.identity.support import revoke_grant
from tenants.choices import JobState
from tenants.jobs import GRANT, enqueue
from tenants.models import JobRun, Organization
from tests.jobs.sample import jobs as sample  # noqa: F401 - registers the jobs
from tests.support.jobs import work_off

pytestmark = pytest.mark.django_db


def asked(grant, name="sample.rename", **arguments) -> JobRun:
    """Asked for in NHF by whom the grant lets in; without a grant by the same person."""
    organization = Organization.objects.get(schema_name="nhf")
    with schema_context("nhf"), acting(grant_id=grant.pk if grant else None):
        return enqueue(name, organization, key="a", **arguments)


def written() -> list[AuditEvent]:
    with schema_context("nhf"):
        return list(AuditEvent.objects.filter(action="organization.updated").order_by("at"))


def test_what_a_job_writes_names_the_grant_it_was_asked_for_under(let_in, staff):
    grant = let_in(areas=["settings"], access="write")
    asked(grant, by=staff.pk)
    assert "done" in work_off()
    [event] = written()
    assert (event.grant_id, event.actor_id) == (grant.pk, staff.pk)
    assert event.on_behalf_of_label == "Norges Handikapforbund"


def test_so_does_what_a_job_asks_for_in_its_turn(let_in, staff):
    grant = let_in()
    asked(grant, "sample.ask_further", by=staff.pk)
    work_off()
    assert [event.grant_id for event in written()] == [grant.pk]


def test_a_members_job_names_none_though_one_of_support_came_before(let_in, admin, staff):
    asked(let_in(), by=staff.pk)
    work_off()
    asked(None, by=admin.pk)
    work_off()
    assert [event.grant_id is None for event in written()] == [False, True]


def test_access_that_ended_before_the_job_came_to_it_refuses_it_and_says_so(let_in, staff, admin):
    grant = let_in()
    run = asked(grant, by=staff.pk)
    with schema_context("nhf"):
        revoke_grant(grant, by=admin)
    work_off()
    run.refresh_from_db()
    assert run.state == JobState.FAILED
    assert run.error == "The support access under which this was asked for is over."
    assert written() == []


def test_access_that_ends_while_the_job_is_under_way_undoes_it(let_in, staff):
    run = asked(let_in(), by=staff.pk, end_access=True)
    work_off()
    run.refresh_from_db()
    assert (run.state, written()) == (JobState.FAILED, [])


def test_the_mail_about_access_given_back_goes_out_although_it_is_over(let_in, staff, mailoutbox):
    grant = let_in()
    work_off()
    mailoutbox.clear()
    with schema_context("nhf"), acting(grant_id=grant.pk):
        revoke_grant(grant, by=staff)
    assert "done" in work_off()
    assert [mail.to for mail in mailoutbox] == [[staff.email]]


def test_what_support_asks_for_in_the_admin_carries_its_grant(let_in, staff, browser_of):
    grant = let_in(areas=["resource_links"], access="write")
    browser_of("nhf", staff.email).post(reverse("broken_links:check"))
    with schema_context("nhf"):
        assert JobRun.objects.get(key="failed").arguments[GRANT] == str(grant.pk)
