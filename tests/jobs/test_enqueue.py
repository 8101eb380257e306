"""Asking for a job: in the caller's transaction, once per key, with ids only."""

from uuid import UUID

import pytest
from django.db import connection, transaction
from django_q.models import OrmQ
from django_tenants.utils import schema_context

from tenants.choices import JobState
from tenants.jobs import JobRefused, enqueue, job, retry
from tenants.models import JobRun, Organization
from tests.jobs.sample import jobs as sample  # noqa: F401 - registers the jobs
from tests.support.jobs import work_off

pytestmark = pytest.mark.django_db


def queued() -> int:
    with schema_context("public"):
        return OrmQ.objects.count()


def test_a_job_is_asked_for_with_the_rights_of_the_organisation_alone(nhf):
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user <> session_user")
        assert cursor.fetchone() == (True,)

    run = enqueue("sample.where", nhf, key="a")

    assert (run.state, run.attempts, queued()) == (JobState.QUEUED, 0, 1)


def test_the_same_key_twice_is_one_job(nhf):
    assert enqueue("sample.where", nhf, key="a") == enqueue("sample.where", nhf, key="a")
    assert queued() == 1


def test_the_same_key_of_another_organisation_is_another_job(nhf, platform):
    enqueue("sample.where", nhf, key="a")
    enqueue("sample.where", platform, key="a")

    assert queued() == 2


def test_a_key_is_free_again_when_its_job_is_done(nhf):
    first = enqueue("sample.where", nhf, key="a")
    work_off()

    assert enqueue("sample.where", nhf, key="a") != first


def test_what_is_rolled_back_asks_for_nothing(nhf):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        enqueue("sample.where", nhf, key="a")
        raise ZeroDivisionError

    assert (JobRun.objects.count(), queued()) == (0, 0)


def test_the_queue_holds_the_id_of_the_run_and_no_argument(nhf):
    run = enqueue("sample.fail", nhf, key="a", secret="hemmelig")

    with schema_context("public"):
        task = OrmQ.objects.get().task
    assert task["args"] == (str(run.pk),)
    assert "hemmelig" not in str(task)


@pytest.mark.parametrize(
    "value",
    [object(), {"a": 1}, "x" * 501, [["a"]], b"bytes"],
    ids=["object", "mapping", "long text", "nested list", "bytes"],
)
def test_only_ids_and_short_plain_values_are_taken(nhf, value):
    with pytest.raises(ValueError, match="must be an id"):
        enqueue("sample.fail", nhf, key="a", secret=value)


def test_a_long_list_of_ids_is_refused(nhf):
    with pytest.raises(ValueError, match="too long"):
        enqueue("sample.fail", nhf, key="a", secret=[UUID(int=n) for n in range(200)])


def test_an_argument_the_job_does_not_take_is_refused_at_once(nhf):
    with pytest.raises(TypeError):
        enqueue("sample.where", nhf, key="a", colour="red")


def test_an_unknown_job_is_refused(nhf):
    with pytest.raises(LookupError):
        enqueue("sample.nothing", nhf, key="a")


def test_an_organisation_cannot_ask_on_behalf_of_another(nhf):
    other = Organization.objects.get(schema_name="blindeforbundet")

    with pytest.raises(PermissionError):
        enqueue("sample.where", other, key="a")


def test_two_jobs_of_one_name_are_refused():
    def elsewhere(context):
        return {}

    elsewhere.__module__ = "somewhere.else"
    with pytest.raises(ValueError, match="two jobs"):
        job("sample.where")(elsewhere)


def test_a_timeout_the_queue_could_not_keep_is_refused(settings):
    with pytest.raises(ValueError, match="timeout"):
        job("sample.endless", timeout=settings.Q_CLUSTER["retry"])
    assert settings.Q_CLUSTER["retry"] > settings.Q_CLUSTER["timeout"]


def test_a_failed_job_can_be_tried_again_and_a_done_one_cannot(platform):
    failed, done = enqueue("sample.refuse", platform, key="a"), enqueue("sample.where", platform, key="a")
    work_off()

    retry(failed)
    with pytest.raises(JobRefused):
        retry(done)

    failed.refresh_from_db()
    assert (failed.state, failed.attempts, failed.error, queued()) == (JobState.QUEUED, 0, "", 1)


def test_a_failed_job_is_not_tried_again_beside_one_of_the_same_key(platform):
    failed = enqueue("sample.refuse", platform, key="a")
    work_off()
    enqueue("sample.refuse", platform, key="a")

    with pytest.raises(JobRefused, match="already"):
        retry(failed)
