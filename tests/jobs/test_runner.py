"""Doing a job: where it runs, what is counted, what is kept of an error."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django_tenants.utils import schema_context

from domain.audit.models import AuditEvent
from tenants import job_runner
from tenants.choices import JobState, OrganizationStatus
from tenants.jobs import enqueue
from tenants.models import JobRun, Organization
from tests.jobs.sample import jobs as sample  # noqa: F401 - registers the jobs
from tests.support.jobs import work_off

pytestmark = pytest.mark.django_db
SOON = timedelta(minutes=5)


def done(run: JobRun) -> JobRun:
    work_off(within=SOON)
    run.refresh_from_db()
    return run


def set_status(organization: Organization, status: OrganizationStatus) -> None:
    with schema_context("public"):
        Organization.objects.filter(pk=organization.pk).update(status=status)


def test_a_job_runs_in_its_organisation_with_its_role(nhf):
    run = done(enqueue("sample.where", nhf, key="a"))

    assert (run.state, run.result) == (JobState.DONE, {"schema": "nhf", "is_owner": False})
    assert (run.attempts, run.progress) == (1, 100)
    assert run.started_at < run.finished_at


def test_a_job_that_says_so_has_the_owners_rights_in_its_organisation(nhf):
    assert done(enqueue("sample.where_as_owner", nhf, key="a")).result == {"schema": "nhf", "is_owner": True}


def test_a_job_leaves_the_public_schema_selected(nhf):
    run = enqueue("sample.where", nhf, key="a")
    job_runner.run(str(run.pk))

    assert connection.schema_name == "public"


def test_a_task_without_a_run_does_nothing(nhf):
    assert job_runner.run(str(uuid4())) == "nothing to do"


def test_a_finished_job_delivered_again_does_nothing(nhf):
    run = done(enqueue("sample.where", nhf, key="a"))

    assert job_runner.run(str(run.pk)) == "nothing to do"
    run.refresh_from_db()
    assert run.attempts == 1


def test_what_a_failing_job_wrote_is_undone_and_after_three_attempts_it_is_parked(nhf):
    run = done(enqueue("sample.write_and_fail", nhf, key="a"))

    assert (run.state, run.attempts) == (JobState.PARKED, 3)
    assert not AuditEvent.objects.filter(action="sample.written").exists()


def test_an_error_keeps_its_kind_and_place_but_no_value(nhf):
    run = done(enqueue("sample.fail", nhf, key="a", secret="Kari Nordmann"))

    assert "ZeroDivisionError" in run.error
    assert "tests/jobs/sample/jobs.py" in run.error
    assert "Kari" not in run.error


def test_a_refusal_is_shown_in_its_own_words_and_not_tried_again(nhf):
    run = done(enqueue("sample.refuse", nhf, key="a"))

    assert (run.state, run.attempts, run.error) == (JobState.FAILED, 1, "This is already approved.")


def test_a_job_writes_its_messages_in_the_language_of_who_asked(nhf):
    from django.utils import translation

    with translation.override("nb"):
        run = enqueue("sample.fail", nhf, key="a", secret="x")
    from django_q.models import OrmQ

    with schema_context("public"):
        assert OrmQ.objects.get().task["kwargs"] == {"language": "nb"}
    assert translation.get_language() == "en"
    assert run.state == JobState.QUEUED


def test_a_job_of_a_suspended_organisation_waits_and_says_why(nhf):
    run = enqueue("sample.where", nhf, key="a")
    set_status(nhf, OrganizationStatus.SUSPENDED)
    work_off()
    run.refresh_from_db()
    assert (run.state, run.attempts) == (JobState.QUEUED, 0)
    assert "active again" in run.step

    set_status(nhf, OrganizationStatus.ACTIVE)
    assert done(run).state == JobState.DONE


def test_a_job_of_a_closed_organisation_fails(nhf):
    run = enqueue("sample.where", nhf, key="a")
    set_status(nhf, OrganizationStatus.CLOSED)

    assert (done(run).state, run.error) == (JobState.FAILED, "The organisation is closed.")


def test_a_job_this_version_does_not_know_fails(nhf):
    run = enqueue("sample.where", nhf, key="a")
    with schema_context("public"):
        JobRun.objects.filter(pk=run.pk).update(name="sample.of_tomorrow")

    assert done(run).state == JobState.FAILED


def test_an_attempt_that_another_has_taken_over_from_changes_nothing(nhf):
    run = done(enqueue("sample.lose_ledger", nhf, key="a", name="Changed"))

    nhf.refresh_from_db()
    assert nhf.name == "Norges Handikapforbund"
    assert run.state == JobState.RUNNING


def test_a_job_told_to_stop_is_given_back_without_counting(nhf, monkeypatch):
    def interrupted(context):
        job_runner.stop_soon(0, None)

    from tenants import jobs

    monkeypatch.setattr(job_runner._Stop, "asked", False)
    monkeypatch.setitem(
        jobs.registry,
        "sample.where",
        replace(jobs.registry["sample.where"], function=interrupted),
    )
    run = enqueue("sample.where", nhf, key="a")

    assert job_runner.run(str(run.pk)) == "given back"

    with schema_context("public"):
        run.refresh_from_db()
    assert (run.state, run.attempts) == (JobState.QUEUED, 0)
