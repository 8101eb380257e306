"""The worker as real processes: what leaks, what is counted when one is killed, how it stops."""

import os
import signal
from datetime import timedelta

from django.db import connection
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ
from django_q.tasks import async_task

from domain.audit.models import AuditEvent
from tenants.broker import OutboxBroker
from tenants.choices import JobState
from tenants.jobs import enqueue
from tenants.models import Heartbeat, JobRun, Organization
from tests.jobs.sample import jobs as sample  # noqa: F401 - registers the jobs

# `own_database` commits; pytest-django's own guard is lifted by it.


def organization(schema: str) -> Organization:
    return Organization.objects.get(schema_name=schema)


def state_of(run: JobRun) -> str:
    run.refresh_from_db()
    return run.state


def test_a_worker_takes_nothing_of_one_organisation_to_the_next(start_worker, wait_until):
    runs = [
        enqueue("sample.where", organization(schema), key=f"{n}")
        for n in range(6)
        for schema in ("nhf", "blindeforbundet", "platform")
    ]
    worker = start_worker()

    wait_until(lambda: all(state_of(run) == JobState.DONE for run in runs), "the jobs", worker=worker)

    assert all(
        run.result == {"schema": run.organization.schema_name, "is_owner": False} and run.attempts == 1
        for run in runs
    )
    ours = {str(run.pk) for run in runs}
    # The queue forgets a task a moment after its run is noted as done.
    wait_until(
        lambda: not ours & {row.task["args"][0] for row in OrmQ.objects.all()},
        "an empty queue",
        worker=worker,
    )


def test_a_task_without_organisation_is_refused_and_never_run(start_worker, wait_until, tmp_path):
    target = tmp_path / "written"
    async_task("pathlib.Path.touch", target, broker=OutboxBroker())
    worker = start_worker()

    wait_until(lambda: "was refused" in worker.text, "the refusal", worker=worker)

    # The queue forgets a task a moment after it was refused.
    wait_until(
        lambda: all(row.task.get("func") == "tenants.job_runner.run" for row in OrmQ.objects.all()),
        "the refused task to leave the queue",
        worker=worker,
    )
    assert not target.exists()


def test_a_job_that_kills_its_process_is_counted_and_parked_after_three_attempts(start_worker, wait_until):
    poison = enqueue("sample.die", organization("nhf"), key="a")
    worker = start_worker()

    wait_until(lambda: state_of(poison) == JobState.PARKED, "the parking", seconds=60, worker=worker)
    after = enqueue("sample.where", organization("nhf"), key="b")
    wait_until(lambda: state_of(after) == JobState.DONE, "the job after it", worker=worker)

    assert poison.attempts == 3
    assert poison.error


def test_a_job_that_takes_too_long_is_stopped_and_parked(start_worker, wait_until):
    run = enqueue("sample.too_slow", organization("nhf"), key="a")
    worker = start_worker()

    wait_until(lambda: state_of(run) == JobState.PARKED, "the parking", seconds=60, worker=worker)

    assert run.attempts == 3


def test_progress_is_seen_while_the_job_runs_and_a_stop_gives_it_back_uncounted(start_worker, wait_until):
    run = enqueue("sample.steps", organization("nhf"), key="a", seconds=30)
    worker = start_worker()
    wait_until(lambda: state_of(run) == JobState.RUNNING and run.progress == 40, "progress", worker=worker)
    assert run.step == "Halfway"

    seconds = worker.stop()

    assert seconds < 12
    assert worker.process.returncode == 0
    assert worker.group() == set()
    assert (state_of(run), run.attempts) == (JobState.QUEUED, 0)
    # The next worker takes it at once.
    again = start_worker()
    wait_until(lambda: state_of(run) == JobState.RUNNING, "the second start", worker=again)


def test_an_idle_worker_stops_cleanly_within_seconds(start_worker, wait_until):
    worker = start_worker()
    wait_until(lambda: Heartbeat.objects.filter(name="worker").exists(), "a heartbeat", worker=worker)

    assert worker.stop() < 6

    assert worker.process.returncode == 0
    assert worker.group() == set()
    assert "Traceback" not in worker.text


def test_a_signal_to_the_whole_group_ends_it_too(start_worker, wait_until):
    worker = start_worker()
    wait_until(lambda: Heartbeat.objects.filter(name="worker").exists(), "a heartbeat", worker=worker)

    os.killpg(worker.process.pid, signal.SIGTERM)

    worker.process.wait(30)
    wait_until(lambda: worker.group() == set(), "the end of its children", seconds=10)


def test_no_process_outlives_a_killed_worker(start_worker, wait_until):
    worker = start_worker()
    wait_until(lambda: Heartbeat.objects.filter(name="worker").exists(), "a heartbeat", worker=worker)

    worker.process.kill()
    worker.process.wait()

    wait_until(lambda: worker.group() == set(), "the end of its children", seconds=10)


def test_readiness_follows_the_heartbeat_and_fails_when_the_worker_is_gone(start_worker, wait_until):
    def ready() -> tuple[int, bool]:
        answer = Client(HTTP_HOST="10.0.0.1").get("/health/ready")
        return answer.status_code, answer.json()["checks"]["worker"]["ok"]

    Heartbeat.objects.filter(name="worker").delete()
    assert ready() == (503, False)
    worker = start_worker()
    wait_until(lambda: ready() == (200, True), "readiness", worker=worker)
    worker.stop()

    Heartbeat.objects.filter(name="worker").update(at=timezone.now() - timedelta(seconds=61))

    assert ready() == (503, False)
    assert connection.schema_name == "public"


def test_a_job_killed_in_the_middle_takes_effect_exactly_once(start_worker, wait_until):
    run = enqueue("sample.write_slowly", organization("nhf"), key="a")
    worker = start_worker()
    wait_until(lambda: state_of(run) == JobState.RUNNING and run.progress == 50, "progress", worker=worker)
    os.kill(int(run.step), signal.SIGKILL)

    wait_until(lambda: state_of(run) == JobState.DONE, "the second attempt", seconds=60, worker=worker)

    assert run.attempts == 2
    connection.set_tenant(run.organization)
    assert AuditEvent.objects.filter(action="sample.written").count() == 1
