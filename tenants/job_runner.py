"""What a worker does with a run: the ledger of attempts, the schema and role, the outcome.

The guarantees (docs/jobs.md) rest on three things. The attempt is counted and committed before the work
begins, so that one that kills its process is counted too. A lock of the session (`Ledger`) says whether
somebody works on a run, and vanishes with the process. Every later write names the attempt it belongs to, so
that one taken for dead can no longer change anything, its own transaction included.
"""

import logging
import traceback
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django_q.exceptions import TimeoutException
from django_tenants.utils import get_public_schema_name, schema_context

from tenants.db import connection

from . import jobs
from .choices import JobState, OrganizationStatus
from .models import JobRun, Organization

LOCK_CLASS = 0x6A6F6273  # Tells the locks of runs from other advisory locks.
# Before the second and the third attempt after an error.
PAUSES = (timedelta(seconds=10), timedelta(seconds=60))
# How often a job of a suspended organisation looks whether it may go on.
SUSPENDED_PAUSE = timedelta(seconds=60)
# A run is taken for dead when nobody holds its lock and it began longer ago than this.
DEAD_AFTER = timedelta(seconds=5)
logger = logging.getLogger(__name__)


class JobInterrupted(KeyboardInterrupt):
    """The worker is told to stop. (psycopg cancels a running statement on KeyboardInterrupt.)"""


class SupersededError(Exception):
    """Another attempt has taken over this run: nothing this one did may remain."""


class _Stop:
    """Whether this process is to stop, and whether a job may be interrupted right now."""

    asked = False
    interruptible = False


def stop_soon(signum: int, frame: object) -> None:
    """Signal handler of a worker's child: give the job back and begin no other."""
    _Stop.asked = True
    if _Stop.interruptible:
        _Stop.interruptible = False
        raise JobInterrupted


def fresh_start(**_kwargs: Any) -> None:
    """Forget the organisation and language of the task before. Runs ahead of every task."""
    connection.set_schema_to_public()
    translation.deactivate()


def lock_number(run_id: UUID) -> int:
    """The 32-bit half of a run's lock; two runs sharing one would merely wait for each other."""
    return int.from_bytes(run_id.bytes[-4:], "big", signed=True)


class Ledger:
    """A second connection: holds the run's lock and writes progress while the job's transaction is open."""

    def __init__(self, run_id: UUID):
        self.run_id = run_id
        self.attempt = 0
        self.connection = connection.copy()

    def __enter__(self) -> "Ledger":
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.connection.close()

    def lock(self) -> bool:
        """Whether nobody else works on the run; held until this connection ends."""
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK_CLASS, lock_number(self.run_id)])
            return cursor.fetchone()[0]

    def progress(self, percent: int, step: str) -> None:
        """Percent done (0 to 100) and what is being done, visible at once."""
        with self.connection.cursor() as cursor:
            cursor.execute(
                "UPDATE tenants_jobrun SET progress = %s, step = %s "
                "WHERE id = %s AND attempts = %s AND state = %s",
                [
                    max(0, min(100, int(percent))),
                    str(step)[:200],
                    self.run_id,
                    self.attempt,
                    JobState.RUNNING.value,
                ],
            )


def run(job_run_id: str, language: str | None = None) -> str:
    """Do one run; the queue's only entry. Returns a word for the log and never raises but on a timeout."""
    fresh_start()
    try:
        with Ledger(UUID(str(job_run_id))) as ledger:
            if not ledger.lock():
                return "runs elsewhere"
            begun = _begin(ledger.run_id, language)
            if begun is None:
                return "nothing to do"
            job_run, definition = begun
            ledger.attempt = job_run.attempts
            outcome = _work(job_run, definition, ledger, language)
            # What leaves no row on success (signs of life, housekeeping) leaves no line either.
            level = logging.INFO if definition.keep or outcome != "done" else logging.DEBUG
            logger.log(level, "job %s of %s: %s", job_run.name, job_run.organization.schema_name, outcome)
            return outcome
    finally:
        fresh_start()


def _begin(run_id: UUID, language: str | None) -> tuple[JobRun, jobs.Definition] | None:
    """Count the attempt, or say why there is none. Committed before the work begins."""
    with transaction.atomic():
        job_run = (
            JobRun.objects.select_for_update(of=("self",))
            .select_related("organization")
            .filter(pk=run_id, state__in=jobs.ACTIVE_STATES)
            .first()
        )
        if job_run is None:
            return None
        if _Stop.asked:
            jobs.push(job_run, language=language)
            return None
        definition = jobs.registry.get(job_run.name)
        with translation.override(language or job_run.organization.default_language):
            if definition is None:
                _end(job_run, JobState.FAILED, _("This version has no job of that name."))
                return None
            if not definition.any_status and not _may_work(job_run, language):
                return None
            if job_run.attempts >= definition.max_attempts:
                _end(
                    job_run,
                    JobState.PARKED,
                    job_run.error or _("The process that worked on it ended each time."),
                )
                return None
        job_run.attempts += 1
        job_run.state = JobState.RUNNING
        job_run.started_at = timezone.now()
        job_run.progress, job_run.step = 0, ""
        job_run.save(update_fields=["attempts", "state", "started_at", "progress", "step"])
        return job_run, definition


def _may_work(job_run: JobRun, language: str | None) -> bool:
    status = job_run.organization.status
    if status == OrganizationStatus.ACTIVE:
        return True
    if status == OrganizationStatus.CLOSED:
        _end(job_run, JobState.FAILED, _("The organisation is closed."))
        return False
    job_run.state = JobState.QUEUED
    job_run.step = _("Waits until the organisation is active again.")
    job_run.save(update_fields=["state", "step"])
    jobs.push(job_run, language=language, delay=SUSPENDED_PAUSE)
    return False


def _end(job_run: JobRun, state: JobState, error: str) -> None:
    job_run.state, job_run.error, job_run.finished_at = state, error, timezone.now()
    job_run.save(update_fields=["state", "error", "finished_at"])


def _work(job_run: JobRun, definition: jobs.Definition, ledger: Ledger, language: str | None) -> str:
    try:
        with (
            translation.override(language or job_run.organization.default_language),
            _interruptible(),
            _acting_for(job_run.organization, definition),
            transaction.atomic() if definition.atomic else nullcontext(),
            _mandated(job_run, definition),
        ):
            context = jobs.JobContext(job_run.pk, job_run.organization, job_run.attempts, ledger.progress)
            arguments = {name: value for name, value in job_run.arguments.items() if name != jobs.GRANT}
            result = definition.function(context, **arguments)
            # What the job asked to happen after the commit happens in the organisation's schema too.
            connection.set_tenant(job_run.organization)
            _done(job_run, definition, result)
        return "done"
    except SupersededError:
        return "superseded"
    except JobInterrupted:
        return _settle(job_run, JobState.QUEUED, "", language, given_back=True)
    except tuple(jobs.refusals) as error:
        return _settle(job_run, JobState.FAILED, refusal_text(error), language)
    except (Exception, TimeoutException) as error:
        logger.error("job %s failed", job_run.name, exc_info=True)
        last = not definition.retry_errors or job_run.attempts >= definition.max_attempts
        with translation.override(language or job_run.organization.default_language):
            text = error_text(error)
        if last:
            state = JobState.PARKED if definition.retry_errors else JobState.FAILED
            outcome = _settle(job_run, state, text, language)
        else:
            outcome = _settle(job_run, JobState.QUEUED, text, language)
        if isinstance(error, TimeoutException):
            raise  # django-q2 replaces a process that had to be interrupted.
        return outcome


@contextmanager
def _interruptible() -> Iterator[None]:
    _Stop.interruptible = True
    try:
        yield
    finally:
        _Stop.interruptible = False


@contextmanager
def _acting_for(organization: Organization, definition: jobs.Definition) -> Iterator[None]:
    with connection.as_owner() if definition.as_owner else nullcontext():
        connection.set_tenant(organization)
        try:
            yield
        finally:
            connection.set_schema_to_public()


@contextmanager
def _mandated(job_run: JobRun, definition: jobs.Definition) -> Iterator[None]:
    """Under the support access by which it was asked for. Raises JobRefused where that is over.

    What is one transaction is also refused if it ended meanwhile.
    """
    grant = job_run.arguments.get(jobs.GRANT)
    if grant is None:
        yield
        return
    with ExitStack() as stack:
        for mandate in jobs.mandates:
            if not definition.after_access:
                mandate.require(UUID(grant))
            stack.enter_context(mandate.acting(UUID(grant)))
        yield
        for mandate in jobs.mandates:
            if definition.atomic and not definition.after_access:
                mandate.require(UUID(grant))


def _done(job_run: JobRun, definition: jobs.Definition, result: Any) -> None:
    """Note the success, in the job's own transaction. Raises SupersededError."""
    with schema_context(get_public_schema_name()):
        mine = JobRun.objects.filter(pk=job_run.pk, attempts=job_run.attempts, state=JobState.RUNNING)
        if definition.keep:
            changed = mine.update(
                state=JobState.DONE,
                progress=100,
                step="",
                error="",
                result=result if isinstance(result, dict) else {},
                finished_at=timezone.now(),
            )
        else:
            changed, _rows = mine.delete()
        if not changed:
            raise SupersededError


def _settle(
    job_run: JobRun, state: JobState, error: str, language: str | None, *, given_back: bool = False
) -> str:
    """Write how an attempt ended that did not succeed; what waits goes back into the queue."""
    if not connection.in_atomic_block:
        connection.close()  # It may have been interrupted in the middle of a statement.
    connection.set_schema_to_public()
    values: dict[str, Any] = {"state": state, "error": error}
    if given_back:
        values["attempts"] = job_run.attempts - 1
    if state != JobState.QUEUED:
        values["finished_at"] = timezone.now()
    with transaction.atomic():
        changed = JobRun.objects.filter(
            pk=job_run.pk, attempts=job_run.attempts, state=JobState.RUNNING
        ).update(**values)
        if changed and state == JobState.QUEUED:
            pause = timedelta(0) if given_back else PAUSES[min(job_run.attempts, len(PAUSES)) - 1]
            jobs.push(job_run, language=language, delay=pause)
    return "given back" if given_back else state.value


def refusal_text(error: Exception) -> str:
    """The message of a refusal, as it is shown to people."""
    return " ".join(error.messages) if isinstance(error, ValidationError) else str(error)


def error_text(error: BaseException) -> str:
    """What is kept of an unexpected error: its kind and place, never its message, which may hold values."""
    if isinstance(error, TimeoutException):
        return _("It took too long and was stopped.")
    place = ""
    for frame in traceback.extract_tb(error.__traceback__):
        path = Path(frame.filename)
        if path.is_relative_to(settings.BASE_DIR) and "site-packages" not in path.parts:
            place = f"{path.relative_to(settings.BASE_DIR)}:{frame.lineno}"
    return _("An unexpected error (%(kind)s, %(place)s). The worker's log has the details.") % {
        "kind": type(error).__name__,
        "place": place,
    }


def recover() -> int:
    """Put runs back whose process has died; returns how many. Runs in the public schema, as owner."""
    found = 0
    dead = JobRun.objects.filter(state=JobState.RUNNING, started_at__lt=timezone.now() - DEAD_AFTER)
    for run_id in dead.values_list("pk", flat=True):
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [LOCK_CLASS, lock_number(run_id)])
                if not cursor.fetchone()[0]:
                    continue
            changed = JobRun.objects.filter(pk=run_id, state=JobState.RUNNING).update(state=JobState.QUEUED)
            if changed:
                logger.warning("job run %s: its process has died", run_id)
                jobs.push(JobRun.objects.get(pk=run_id))
                found += 1
    return found


def busy_count() -> int:
    """How many runs are being worked on right now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database "
            "WHERE locktype = 'advisory' AND granted AND objsubid = 2 AND classid = %s "
            "AND d.datname = current_database()",
            [LOCK_CLASS],
        )
        return cursor.fetchone()[0]
