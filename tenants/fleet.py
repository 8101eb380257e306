"""What it takes to bring schemas to the code's migrations: public first, then the template, then the rest.

`tenants.fleet_run` does it for all of them; `manage.py migrate_fleet` is the command.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import groupby

from django.conf import settings
from django.core.management import call_command
from django.core.management.commands.migrate import Command as MigrateCommand
from django.db import router
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django_tenants.utils import get_public_schema_name
from psycopg import sql

from tenants.db import connection

from .locks import own_template
from .roles import grant_platform, grant_readiness, grant_shared, install_roles

# Run after the public schema was migrated, when content types and permissions of new models exist: functions
# without arguments, safe to repeat. Areas add theirs in AppConfig.ready.
public_steps: list[Callable[[], None]] = []
# Each schema looked at stays locked (for reading) until the query ends, and the lock table is finite.
BATCH = 250


class PublicBehind(RuntimeError):
    """An organisation's schema can't be migrated while the public one lacks the code's migrations."""


@cache
def wanted_migrations() -> frozenset[tuple[str, str]]:
    """Every migration of the code, as (app, name)."""
    return frozenset(MigrationLoader(None).graph.nodes)


@cache
def known_migrations() -> frozenset[tuple[str, str]]:
    """As `wanted_migrations`, and those that squashed ones stand for: what a schema of ours may have."""
    known = MigrationLoader(None).disk_migrations
    replaced = {(app, name) for migration in known.values() for app, name in migration.replaces or ()}
    return frozenset(known) | replaced


def pending_schemas(schemas: Iterable[str]) -> set[str]:
    """Those of the schemas that lack a migration of the code, or don't exist: one query per 250 schemas.

    The query is a function that runs with the owner's rights, so readiness checks and the platform's console
    may ask too. Squashed migrations count by their own name; a schema ahead of the code is not pending.
    """
    schemas = list(schemas)
    wanted = sorted(wanted_migrations())
    apps, names = [app for app, _ in wanted], [name for _, name in wanted]
    pending: set[str] = set()
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regprocedure('public.meander_behind(text[], text[], text[])') IS NULL")
        if cursor.fetchone()[0]:
            return set(schemas)  # Not even the public schema is there yet.
        for start in range(0, len(schemas), BATCH):
            cursor.execute(
                "SELECT public.meander_behind(%s::text[], %s::text[], %s::text[])",
                [schemas[start : start + BATCH], apps, names],
            )
            pending.update(row[0] for row in cursor.fetchall())
    return pending


@contextmanager
def lock_timeout(seconds: float) -> Iterator[None]:
    """Give up (OperationalError) rather than wait longer for a lock: a migration that waits behind a long
    transaction makes everyone else wait behind itself. Must be outside a transaction."""

    def set_to(value: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", [value])

    set_to(f"{int(seconds * 1000)}ms")
    try:
        yield
    finally:
        if connection.connection is not None and not connection.connection.closed:
            set_to("0")


def migrate_schema(schema: str, *, verbosity: int = 0, stdout=None) -> None:
    """Bring one schema to the code's migrations with Django's own command, as owner of its tables.

    Raises PublicBehind for any but the public schema while that one is behind: content types and permissions
    are made there.
    """
    public = schema == get_public_schema_name()
    if not public and pending_schemas([get_public_schema_name()]):
        raise PublicBehind("The public schema is behind the code: it is migrated first, always.")
    with connection.as_owner():
        try:
            connection.set_schema_to_public()
            if not public:
                with connection.cursor() as cursor:
                    cursor.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(schema)))
            # Without the public schema in the path: otherwise its django_migrations would be taken for ours.
            connection.set_schema(schema, include_public=False)
            MigrationRecorder(connection).ensure_schema()
            connection.set_schema(schema)
            if not MigrationRecorder(connection).applied_migrations():
                _migrate_from_nothing()
            # What is new in a schema that was there; and the signals after, which make permissions.
            call_command(
                MigrateCommand(stdout=stdout),
                interactive=False,
                verbosity=verbosity,
                database=connection.alias,
                skip_checks=True,
            )
        finally:
            connection.set_schema_to_public()


def _migrate_from_nothing() -> None:
    """All migrations of an empty schema; those whose tables belong elsewhere are only noted as done.

    Django's command would make classes of all models again for each of them, which takes most of its time.
    In an empty schema there is nothing to rename, so the signals that come before are not missed.
    """
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    for belongs, steps in groupby(
        plan, key=lambda step: router.allow_migrate(connection.alias, step[0].app_label)
    ):
        if belongs:
            executor.loader.build_graph()  # With what was noted since.
            executor.migrate(None, plan=list(steps))
        else:
            for migration, _backwards in steps:
                executor.record_migration(migration)  # type: ignore[call-arg, arg-type]


def migrate_public(*, verbosity: int = 0, stdout=None) -> bool:
    """Public schema, its steps, and everybody's rights in it; returns whether it was behind."""
    connection.set_schema_to_public()
    behind = bool(pending_schemas([get_public_schema_name()]))
    if behind:
        migrate_schema(get_public_schema_name(), verbosity=verbosity, stdout=stdout)
    for step in public_steps:
        step()
    install_roles()
    grant_shared()
    grant_platform()
    return behind


def migrate_template(*, verbosity: int = 0, stdout=None) -> bool:
    """The template and what belongs in it, while nobody copies it; returns whether it was behind."""
    from .template import finish_template

    template = settings.TEMPLATE_SCHEMA
    with own_template():
        behind = bool(pending_schemas([template]))
        if behind:
            migrate_schema(template, verbosity=verbosity, stdout=stdout)
        # Also when it wasn't behind: a run may have ended between the two.
        finish_template()
        grant_readiness(template)
    return behind


def prepare_database(*, verbosity: int = 0, stdout=None) -> None:
    """Public schema, roles and template: what the first organisation needs. Safe to repeat."""
    migrate_public(verbosity=verbosity, stdout=stdout)
    migrate_template(verbosity=verbosity, stdout=stdout)
