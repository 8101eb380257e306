"""A fleet migration: every schema that is behind, in parallel processes, each with its own outcome.

What is expensive and the same for all of them, loading migrations and working out the state of the models,
is done once, before the processes are forked; each schema then costs a fork, a connection and its statements.
A process per schema: what one breaks, leaks or dies of stays its own.
"""

import multiprocessing
import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from multiprocessing.connection import Connection, wait
from typing import Any, cast

from django.conf import settings
from django.core.management.sql import emit_post_migrate_signal, emit_pre_migrate_signal
from django.db import OperationalError, connections, transaction
from django.db.migrations import Migration
from django.db.migrations.exceptions import InconsistentMigrationHistory
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState
from django_tenants.utils import get_public_schema_name, schema_context
from psycopg.errors import LockNotAvailable

from tenants.db import connection

from .choices import OrganizationKind
from .fleet import (
    PublicBehind,
    lock_timeout,
    migrate_public,
    migrate_template,
    pending_schemas,
)
from .models import Organization
from .provisioning import default_steps
from .roles import grant_schema, schemas_lacking_rights

# A lock that isn't to be had is tried for again after these many seconds.
PAUSES = (1.0, 5.0)


@dataclass(frozen=True)
class Outcome:
    """What happened to one schema; `error` is empty where all went well."""

    schema: str
    seconds: float
    applied: tuple[str, ...] = ()
    error: str = ""


@dataclass
class Report:
    """What a run did: the schemas it touched, and how many were up to date already."""

    outcomes: list[Outcome] = field(default_factory=list)
    current: int = 0
    # Why the run ended before every schema had its turn; empty if it didn't.
    stopped: str = ""
    seconds: float = 0.0

    @property
    def failed(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.error]

    @property
    def ok(self) -> bool:
        return not self.failed and not self.stopped

    def as_json(self) -> dict:
        return {**asdict(self), "ok": self.ok}


@dataclass(frozen=True)
class Plan:
    """The migrations some schemas lack, in order, and the models' state before the first of them."""

    migrations: tuple[Migration, ...]
    state: ProjectState


def run_fleet(
    *,
    jobs: int = 1,
    canary: str = "",
    only: Iterable[str] = (),
    timeout: float = 10.0,
    verbosity: int = 0,
    stdout=None,
    told: Callable[[Outcome], None] = lambda outcome: None,
) -> Report:
    """Migrate public, template, the canary, then all other organisations, `jobs` at a time.

    Public or template failing ends the run, and so does the canary; an organisation failing doesn't. With
    `only`, just those organisations, and PublicBehind is raised where public or template would come first.
    `timeout` is how long a statement waits for a lock, in seconds. `told` hears each outcome as it comes.
    """
    report, begin = Report(), time.perf_counter()

    def note(outcome: Outcome) -> bool:
        report.outcomes.append(outcome)
        told(outcome)
        return not outcome.error

    only = list(only)
    try:
        if only:
            if pending_schemas([get_public_schema_name(), settings.TEMPLATE_SCHEMA]):
                raise PublicBehind("The public schema or the template is behind: migrate all, not only some.")
        elif not _shared_parts(report, note, timeout, verbosity, stdout):
            return report
        # Only now: what was provisioned while the template was older is in the list, what comes later
        # is a copy of the new one.
        wanted = _organizations(only)
        if canary and canary not in wanted:
            raise LookupError(f"no organisation has the schema {canary}")
        behind = sorted(pending_schemas(wanted) | schemas_lacking_rights(wanted))
        report.current += len(wanted) - len(behind)
        plans = _plans(behind)
        if canary in behind:
            behind.remove(canary)
            if not note(next(_in_processes([canary], plans, 1, timeout))):
                report.stopped = "The canary failed, so no other organisation was touched."
                return report
        for outcome in _in_processes(behind, plans, jobs, timeout):
            note(outcome)
        return report
    finally:
        report.seconds = time.perf_counter() - begin


def _shared_parts(report: Report, note, timeout: float, verbosity: int, stdout) -> bool:
    for schema, migrate in (
        (get_public_schema_name(), migrate_public),
        (settings.TEMPLATE_SCHEMA, migrate_template),
    ):
        begin, before = time.perf_counter(), _applied(schema)
        error = ""
        try:
            with lock_timeout(timeout):
                migrate(verbosity=verbosity, stdout=stdout)
        except Exception as caught:
            error = _described(caught)
        finally:
            connection.set_schema_to_public()
        applied = tuple(f"{app}.{name}" for app, name in _applied(schema) if (app, name) not in before)
        if not applied and not error:
            report.current += 1
        elif not note(Outcome(schema, time.perf_counter() - begin, applied, error)):
            report.stopped = f"The {schema} schema failed, so no organisation was touched."
            return False
    return True


def _organizations(only: list[str]) -> list[str]:
    known = list(
        Organization.objects.exclude(kind=OrganizationKind.TEMPLATE)
        .order_by("schema_name")
        .values_list("schema_name", flat=True)
    )
    if unknown := set(only) - set(known):
        raise LookupError(f"no organisation has the schema {', '.join(sorted(unknown))}")
    return [schema for schema in known if not only or schema in only]


def _applied(schema: str) -> dict[tuple[str, str], None]:
    """The migrations a schema has, in order of application."""
    with connection.as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [f'"{schema}".django_migrations'])
        if cursor.fetchone()[0] is None:
            return {}
        cursor.execute(f'SELECT app, name FROM "{schema}".django_migrations ORDER BY id')  # noqa: S608
        return dict.fromkeys(cursor.fetchall())


def _plans(schemas: list[str]) -> dict[str, Plan]:
    """For each schema, what it lacks; those that lack the same share one plan and one state."""
    if not schemas:
        return {}
    executor = MigrationExecutor(None)
    order = [migration for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]
    groups: dict[frozenset, list[str]] = defaultdict(list)
    for schema in schemas:
        groups[frozenset(_applied(schema))].append(schema)
    plans = {}
    for applied, members in groups.items():
        state = ProjectState(real_apps=executor.loader.unmigrated_apps)
        missing: list[Migration] = []
        for migration in order:
            if (migration.app_label, migration.name) in applied:
                if missing and any(
                    parent in {(m.app_label, m.name) for m in missing} for parent in migration.dependencies
                ):
                    raise InconsistentMigrationHistory(
                        f"{', '.join(members)}: {migration} is applied before what it depends on"
                    )
                migration.mutate_state(state, preserve=False)
            else:
                missing.append(migration)
        if missing:
            state.apps  # noqa: B018 - renders the models here, once, instead of in every process
        plans.update(dict.fromkeys(members, Plan(tuple(missing), state)))
    return plans


def _in_processes(schemas: list[str], plans: dict[str, Plan], jobs: int, timeout: float) -> Iterator[Outcome]:
    """The outcome of each schema, as it comes."""
    if not schemas:
        return
    # Children open connections of their own; ours must not be in their hands.
    connections.close_all()
    fork = multiprocessing.get_context("fork")
    waiting = list(reversed(schemas))
    running: dict[Any, tuple[str, Any, float]] = {}
    try:
        while waiting or running:
            while waiting and len(running) < max(1, jobs):
                schema = waiting.pop()
                receiver, sender = fork.Pipe(duplex=False)
                process = fork.Process(target=_child, args=(schema, plans[schema], timeout, sender))
                process.start()
                sender.close()
                running[receiver] = (schema, process, time.perf_counter())
            for ready in cast(list[Connection], wait(list(running))):
                schema, process, begin = running.pop(ready)
                try:
                    outcome = ready.recv()
                except EOFError:
                    process.join()
                    outcome = Outcome(
                        schema,
                        time.perf_counter() - begin,
                        error=f"the process ended with code {process.exitcode} and said nothing",
                    )
                ready.close()
                process.join()
                yield outcome
    finally:
        # Only when we were interrupted: each rolls back the migration it is in.
        for _schema, process, _begin in running.values():
            process.terminate()
        for _schema, process, _begin in running.values():
            process.join()


def _child(schema: str, plan: Plan, timeout: float, sender: Connection) -> None:
    sender.send(migrate_one(schema, plan, timeout))
    sender.close()
    connection.close()
    os._exit(0)  # Whatever the parent had open is not ours to tidy.


def migrate_one(schema: str, plan: Plan, timeout: float) -> Outcome:
    """Apply a plan to a schema, then rights and defaults. Never raises: the outcome says what happened."""
    begin = time.perf_counter()
    applied: list[str] = []
    error = ""
    for pause in (*PAUSES, None):
        error = ""
        try:
            with lock_timeout(timeout):
                _apply(schema, plan, applied)
            break
        except OperationalError as caught:
            error = _described(caught)
            if pause is None or not isinstance(caught.__cause__, LockNotAvailable):
                break
            time.sleep(pause)
        except Exception as caught:
            error = _described(caught)
            break
        finally:
            connection.set_schema_to_public()
    return Outcome(schema, time.perf_counter() - begin, tuple(applied), error)


def _apply(schema: str, plan: Plan, applied: list[str]) -> None:
    state = plan.state.clone() if plan.migrations else plan.state
    organization = Organization.objects.get(schema_name=schema)
    with connection.as_owner(), schema_context(schema):
        recorder = MigrationRecorder(connection)
        if plan.migrations:
            emit_pre_migrate_signal(0, False, connection.alias)
        for migration in plan.migrations:
            label = f"{migration.app_label}.{migration.name}"
            if label in applied:  # by an attempt that then had to wait for a lock
                migration.mutate_state(state, preserve=False)
                continue
            with connection.schema_editor(atomic=migration.atomic) as editor:
                state = migration.apply(state, editor)
                if migration.atomic:
                    _record(recorder, migration)
            if not migration.atomic:
                _record(recorder, migration)
            applied.append(label)
        if plan.migrations:
            emit_post_migrate_signal(0, False, connection.alias)
    with connection.as_owner(), transaction.atomic():
        grant_schema(schema, platform=organization.is_platform)
        with schema_context(schema):
            # What a release adds to the defaults reaches the organisations that exist.
            for step in default_steps:
                step(organization)


def _record(recorder: MigrationRecorder, migration: Migration) -> None:
    for app, name in migration.replaces or ():
        recorder.record_applied(app, name)
    recorder.record_applied(migration.app_label, migration.name)


def _described(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"
