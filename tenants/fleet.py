"""Migrating every schema: public first, then the template, then the organisations."""

from collections.abc import Callable, Iterable
from functools import cache

from django.conf import settings
from django.core.management import call_command
from django.core.management.commands.migrate import Command as MigrateCommand
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django_tenants.utils import get_public_schema_name

from .roles import grant_readiness, grant_schema, grant_shared, install_roles, role_exists

# Run after the public schema was migrated, when content types and permissions of new models exist: functions
# without arguments, safe to repeat. Areas add theirs in AppConfig.ready.
public_steps: list[Callable[[], None]] = []


@cache
def wanted_migrations() -> frozenset[tuple[str, str]]:
    """Every migration of the code, as (app, name)."""
    return frozenset(MigrationLoader(None).graph.nodes)


def pending_schemas(schemas: Iterable[str]) -> set[str]:
    """Those of the schemas that lack a migration of the code, or don't exist: one query for all.

    Squashed migrations count by their own name; a schema that is ahead of the code is not pending.
    """
    schemas = list(schemas)
    wanted = sorted(wanted_migrations())
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT schemaname FROM pg_tables WHERE tablename = 'django_migrations' AND schemaname = ANY(%s)",
            [schemas],
        )
        present = {row[0] for row in cursor.fetchall()}
        current: set[str] = set()
        if present:
            parts = " UNION ALL ".join(
                # Names come from the catalogue and have been through is_schema_name when they were made.
                f"SELECT '{schema}' FROM wanted LEFT JOIN \"{schema}\".django_migrations m "  # noqa: S608
                f"ON (m.app, m.name) = (wanted.app, wanted.name) HAVING count(*) = count(m.id)"
                for schema in sorted(present)
            )
            cursor.execute(
                f"WITH wanted AS (SELECT * FROM unnest(%s::text[], %s::text[]) AS w(app, name)) {parts}",  # noqa: S608
                [[app for app, _ in wanted], [name for _, name in wanted]],
            )
            current = {row[0] for row in cursor.fetchall()}
    return set(schemas) - current


def migrate_schema(schema: str, *, verbosity: int = 0, stdout=None) -> None:
    """Bring one schema to the code's migrations, as owner of its tables."""
    public = schema == get_public_schema_name()
    with connection.as_owner():
        try:
            connection.set_schema_to_public()
            if not public:
                with connection.cursor() as cursor:
                    cursor.execute(f'CREATE SCHEMA IF NOT EXISTS "{schema}"')
            # Without the public schema in the path: otherwise its django_migrations would be taken for ours.
            connection.set_schema(schema, include_public=False)
            MigrationRecorder(connection).ensure_schema()
            connection.set_schema(schema)
            call_command(
                MigrateCommand(stdout=stdout),
                interactive=False,
                verbosity=verbosity,
                database=connection.alias,
                skip_checks=True,
            )
        finally:
            connection.set_schema_to_public()


def prepare_database(*, verbosity: int = 0, stdout=None) -> None:
    """Public schema, roles and template, each only if it is behind."""
    template = settings.TEMPLATE_SCHEMA
    pending = pending_schemas(["public", template])
    if "public" in pending:
        migrate_schema("public", verbosity=verbosity, stdout=stdout)
    for step in public_steps:
        step()
    install_roles()
    grant_shared()
    if template in pending:
        from .template import finish_template

        migrate_schema(template, verbosity=verbosity, stdout=stdout)
        finish_template()
    if not role_exists(template):
        grant_schema(template)
    grant_readiness(template)
