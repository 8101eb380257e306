"""Jobs: work for an organisation that is done outside the request. docs/jobs.md says how to write one.

A job is a function with a name:

    @job("content.publish_scheduled", title=_("Publish scheduled content"))
    def publish_scheduled(context: JobContext) -> dict: ...

    enqueue("content.publish_scheduled", organization, key="now")

`enqueue` writes the run and the queue's row in the caller's transaction, so a job exists exactly if what
asked for it was committed. The database knows names, never paths of classes or functions.
"""

import inspect
import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django_q.tasks import async_task
from django_tenants.utils import get_public_schema_name

from tenants.db import connection

from .broker import RUNNER, OutboxBroker
from .choices import JobState
from .models import JobRun, Organization

ACTIVE_STATES = (JobState.QUEUED, JobState.RUNNING)
# Ids and plain values only: content belongs in the organisation's schema, which other organisations can't
# read; the ledger is a table of the public schema.
LONGEST_TEXT = 500
LONGEST_ARGUMENTS = 4000
F = TypeVar("F", bound=Callable[..., Any])


class JobRefused(Exception):
    """Raised by a job that can't be done and won't be by trying again; the message is shown to people."""


# Exceptions whose message was written for people: the run fails with it and isn't tried again.
# Later rooms add theirs in AppConfig.ready.
refusals: list[type[Exception]] = [JobRefused, ValidationError]


@dataclass(frozen=True)
class Mandate:
    """Support access, as whoever knows it explains it to the queue.

    `current()` is the id of the grant under which something is done at this moment, or None. `require(id)`
    raises JobRefused where that grant is over. `acting(id)` is the context in which what is done is done
    under it, on the record as well.
    """

    current: Callable[[], UUID | None]
    require: Callable[[UUID], None]
    acting: Callable[[UUID], AbstractContextManager[None]]


# Filled by a later room in AppConfig.ready.
mandates: list[Mandate] = []
# Among a run's arguments, the id of the grant under which it was asked for. No function can have one of
# that name.
GRANT = "support grant"


@dataclass(frozen=True)
class JobContext:
    """What a job knows of its run. `progress(percent, step)` is seen at once by whoever looks."""

    run_id: UUID
    organization: Organization
    attempt: int
    progress: Callable[[int, str], None]


@dataclass(frozen=True)
class Definition:
    """A registered job; `title` is what the console calls it.

    `timeout` in seconds. `atomic`: the work and the note that it is done are one transaction, so it takes
    effect exactly once. `as_owner`: with the rights of the owner instead of the organisation's own role.
    `any_status`: also for an organisation that is suspended, closed or being set up. `retry_errors`: an
    unexpected error is tried again. `keep`: the row stays after success. `after_access`: also when the
    support access under which it was asked for is over.
    """

    name: str
    title: Any
    function: Callable[..., Any]
    timeout: int
    max_attempts: int
    atomic: bool
    as_owner: bool
    any_status: bool
    retry_errors: bool
    keep: bool
    after_access: bool


registry: dict[str, Definition] = {}


def job(
    name: str,
    *,
    title: Any = "",
    timeout: int | None = None,
    max_attempts: int = 3,
    atomic: bool = True,
    as_owner: bool = False,
    any_status: bool = False,
    retry_errors: bool = True,
    keep: bool = True,
    after_access: bool = False,
) -> Callable[[F], F]:
    """Register a function as the job "<noun>.<verb>". It takes a JobContext and its arguments by name.

    It must be safe to run twice: an attempt that was killed is repeated. Raises ValueError at import for a
    name that is taken or a timeout the queue couldn't keep.
    """
    longest = settings.Q_CLUSTER["timeout"]
    seconds = longest if timeout is None else timeout
    if not 0 < seconds <= longest:
        raise ValueError(f"the timeout of {name} must be 1 to {longest} seconds (Q_CLUSTER)")

    def register(function: F) -> F:
        known = registry.get(name)
        if known is not None and known.function.__module__ != function.__module__:
            raise ValueError(f"two jobs are called {name}")
        registry[name] = Definition(
            name=name,
            title=title or name,
            function=function,
            timeout=seconds,
            max_attempts=max_attempts,
            atomic=atomic,
            as_owner=as_owner,
            any_status=any_status,
            retry_errors=retry_errors,
            keep=keep,
            after_access=after_access,
        )
        function.job_name = name  # type: ignore[attr-defined]
        return function

    return register


def enqueue(name: str, organization: Organization, /, *, key: str, **arguments: Any) -> JobRun:
    """Ask for a job, in the caller's transaction; returns its run.

    While a run with the same organisation, name and key waits or runs, that one is returned and nothing is
    added. `arguments` are ids, short texts, numbers or flat lists of them. Raises LookupError for an unknown
    job, ValueError or TypeError for arguments it doesn't take, PermissionError when one organisation asks on
    behalf of another.

    What is asked for under support access is done under it: refused if it is over by then.
    """
    definition = registry.get(name)
    if definition is None:
        raise LookupError(f"no job is called {name}")
    plain = _plain_arguments(definition, arguments) | _mandate()
    _check_caller(organization)
    with transaction.atomic():
        while True:
            run = JobRun(organization=organization, name=name, key=key, arguments=plain)
            JobRun.objects.bulk_create([run], ignore_conflicts=True)
            active = JobRun.objects.filter(
                organization=organization, name=name, key=key, state__in=ACTIVE_STATES
            ).first()
            if active is not None:
                break  # else: another was in the way and has ended meanwhile
        if active.pk == run.pk:
            push(run, language=get_language())
    return active


def retry(run: JobRun) -> None:
    """Try a failed or parked run again, with its attempts counted anew.

    Raises JobRefused when it isn't one, or when another of the same key waits or runs.
    """
    try:
        with transaction.atomic():
            changed = JobRun.objects.filter(pk=run.pk, state__in=[JobState.FAILED, JobState.PARKED]).update(
                state=JobState.QUEUED, attempts=0, progress=0, step="", error="", finished_at=None
            )
            if not changed:
                raise JobRefused(_("Only a run that has failed or been stopped can be tried again."))
            push(run, language=get_language())
    except IntegrityError as error:
        raise JobRefused(_("The same job already waits or runs.")) from error


def push(run: JobRun, *, language: str | None = None, delay: timedelta = timedelta(0)) -> None:
    """Put a run into the queue; `language` is the one its messages are written in."""
    definition = registry.get(run.name)
    async_task(
        RUNNER,
        str(run.pk),
        language=language,
        task_name=run.name[:100],
        broker=OutboxBroker(delay=delay),
        save=False,  # JobRun is the record.
        ack_failure=False,  # The runner settles what fails; what it couldn't even begin comes again.
        timeout=definition.timeout if definition else settings.Q_CLUSTER["timeout"],
    )


def _check_caller(organization: Organization) -> None:
    """Whoever acts for an organisation asks for jobs of that one; public and the platform for any."""
    allowed = {get_public_schema_name(), settings.PLATFORM_SCHEMA, organization.schema_name}
    if connection.schema_name not in allowed:
        raise PermissionError(
            f"{connection.schema_name} can't ask for a job on behalf of {organization.schema_name}"
        )


def _mandate() -> dict[str, str]:
    grants = [grant for mandate in mandates if (grant := mandate.current()) is not None]
    return {GRANT: str(grants[0])} if grants else {}


def _plain_arguments(definition: Definition, arguments: dict[str, Any]) -> dict[str, Any]:
    inspect.signature(definition.function).bind(None, **arguments)
    plain = {name: _plain(definition.name, name, value) for name, value in arguments.items()}
    if len(json.dumps(plain)) > LONGEST_ARGUMENTS:
        raise ValueError(f"the arguments of {definition.name} are too long: pass ids")
    return plain


def _plain(job_name: str, name: str, value: Any, *, nested: bool = False) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if value is None or type(value) in (bool, int, float):
        return value
    if type(value) is str and len(value) <= LONGEST_TEXT:
        return value
    if isinstance(value, list | tuple) and not nested:
        return [_plain(job_name, name, item, nested=True) for item in value]
    raise ValueError(f"{job_name}: {name} must be an id, a short text, a number or a flat list of them")
