"""Making, cloning and dropping test databases."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import psycopg
from django.db import connection
from psycopg import sql

from tenants.names import role_prefix

# Serialises "does the template exist? then make it" between processes; and the same for the demo.
LOCK, DEMO_LOCK = 0x74657374, 0x74657375
KEEP = 6


@contextmanager
def _maintenance() -> Iterator[psycopg.Connection]:
    """A connection to the server's `postgres` database, with the owner's login."""
    parameters = connection.get_connection_params()
    keep = {k: v for k, v in parameters.items() if k in {"host", "port", "user", "password", "sslmode"}}
    with psycopg.connect(**keep, dbname="postgres", autocommit=True) as maintenance:
        yield maintenance


def _execute(maintenance: psycopg.Connection, statement: str, **names: str) -> None:
    maintenance.execute(sql.SQL(statement).format(**{k: sql.Identifier(v) for k, v in names.items()}))


@contextmanager
def _pointed_at(name: str) -> Iterator[None]:
    """Our connection to another database, with nothing remembered of the one before."""
    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    connection.set_schema_to_public()
    try:
        yield
    finally:
        connection.set_schema_to_public()
        connection.close()
        connection.settings_dict["NAME"] = before


def make_template(name: str, migrations: dict[str, str]) -> str:
    """Migrate and provision a database under this name, unless it is there; older ones are dropped.

    `migrations` maps the file of each migration to a digest of it. A migrated database is kept besides, so
    that the next one needs to run only the migrations that are new.
    """
    from cms.demo.organizations import seed_organizations, seed_people
    from domain.identity.models import User
    from tenants.fleet import prepare_database

    with _maintenance() as maintenance:
        maintenance.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        names = [
            row[0]
            for row in maintenance.execute(
                "SELECT datname FROM pg_database WHERE starts_with(datname, 'meander_tests_') ORDER BY oid"
            )
        ]
        if name not in names:
            # A few are kept: another run, of another state of the code, may be using one.
            for old in names[:-KEEP]:
                _drop(maintenance, old)
            building = f"{name}_building"
            _drop(maintenance, building)
            migrated = _migrated(maintenance, migrations)
            if migrated:
                _copy(maintenance, migrated, building)
            else:
                _execute(maintenance, "CREATE DATABASE {name}", name=building)
            with _pointed_at(building), _files_elsewhere():
                prepare_database()
            _keep_migrated(maintenance, building, migrations)
            with _pointed_at(building), _files_elsewhere():
                list(seed_organizations())
                seed_people()
                # Nobody of the cast has chosen a language: pages come in that of the test.
                User.objects.update(language="")
            _execute(maintenance, "ALTER DATABASE {old} RENAME TO {new}", old=building, new=name)
        maintenance.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
    return name


def _migrated(maintenance: psycopg.Connection, migrations: dict[str, str]) -> str:
    """The database that needs the fewest migrations to become this one, or ""."""
    best, most = "", 0
    for kept, comment in maintenance.execute(
        "SELECT datname, shobj_description(oid, 'pg_database') FROM pg_database "
        "WHERE starts_with(datname, 'meander_migrated_')"
    ).fetchall():
        applied = json.loads(comment or "{}")
        if len(applied) > most and applied.items() <= migrations.items():
            best, most = kept, len(applied)
    return best


def _keep_migrated(maintenance: psycopg.Connection, source: str, migrations: dict[str, str]) -> None:
    kept = [
        row[0]
        for row in maintenance.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, 'meander_migrated_') ORDER BY oid"
        )
    ]
    for old in kept[: 1 - KEEP]:
        _drop(maintenance, old)
    target = f"meander_migrated_{uuid4().hex[:12]}"
    _copy(maintenance, source, target)
    comment = sql.SQL("COMMENT ON DATABASE {} IS {}")
    maintenance.execute(comment.format(sql.Identifier(target), sql.Literal(json.dumps(migrations))))


def _copy(maintenance: psycopg.Connection, source: str, target: str) -> None:
    # Copying files is quicker than logging every page, as the server of the tests never waits for a disk.
    _execute(
        maintenance,
        "CREATE DATABASE {target} TEMPLATE {source} STRATEGY file_copy",
        target=target,
        source=source,
    )


@contextmanager
def _files_elsewhere() -> Iterator[None]:
    """Keep out of the folder of `make run`: its organisations have the same names and files of their own."""
    with TemporaryDirectory() as folder, _files_in(folder):
        yield


@contextmanager
def _files_in(folder: str | Path) -> Iterator[None]:
    from django.conf import settings

    before = settings.MEDIA_ROOT
    settings.MEDIA_ROOT = folder
    try:
        yield
    finally:
        settings.MEDIA_ROOT = before


def make_demo(template: str, run: str, folder: Path) -> str:
    """The template with the demo in it, its files in the folder; made by whoever of a run needs it first.

    Not kept for the next run: what the demo makes follows from all of the code, and from the day.
    """
    from django.conf import settings
    from django.core.management import call_command

    name = f"meander_demo_{run}"
    with _maintenance() as maintenance:
        maintenance.execute("SELECT pg_advisory_lock(%s)", [DEMO_LOCK])
        names = [
            row[0]
            for row in maintenance.execute(
                "SELECT datname FROM pg_database WHERE starts_with(datname, 'meander_demo_') ORDER BY oid"
            )
        ]
        if name not in names:
            for old in names[: 1 - KEEP]:
                _drop(maintenance, old)
            building = f"{name}_building"
            _drop(maintenance, building)
            _copy_unused(maintenance, template, building)
            before, settings.DEMO = settings.DEMO, True
            with _pointed_at(building), _files_in(folder):
                _grant_everything()
                call_command("seed_demo", verbosity=0)
            settings.DEMO = before
            _execute(maintenance, "ALTER DATABASE {old} RENAME TO {new}", old=building, new=name)
        maintenance.execute("SELECT pg_advisory_unlock(%s)", [DEMO_LOCK])
    return name


@contextmanager
def cloned_database(template: str, label: str) -> Iterator[str]:
    """A copy of the template, with database roles of its own; dropped at the end, roles included."""
    from django.conf import settings

    name = f"meander_t_{label}"
    with _maintenance() as maintenance:
        _drop(maintenance, name)
        _copy_unused(maintenance, template, name)
    try:
        with _pointed_at(name):
            _grant_everything()
            assert settings.DATABASES["default"]["ENGINE"] == "tenants.backend"
            yield name
    finally:
        with _maintenance() as maintenance:
            _drop(maintenance, name)


def _copy_unused(maintenance: psycopg.Connection, source: str, target: str) -> None:
    """Nobody else may be copying the database, or be connected to it."""
    maintenance.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    _copy(maintenance, source, target)
    maintenance.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def _grant_everything() -> None:
    from tenants.models import Organization
    from tenants.roles import grant_schema, grant_shared, install_roles

    install_roles()
    grant_shared()
    for organization in Organization.objects.all():
        grant_schema(organization.schema_name, platform=organization.is_platform)


def _drop(maintenance: psycopg.Connection, name: str) -> None:
    for attempt in range(100):
        try:
            _execute(maintenance, "DROP DATABASE IF EXISTS {name} WITH (FORCE)", name=name)
            break
        except psycopg.errors.InsufficientPrivilege:
            # A web process that was just stopped still holds its connection, under a login of its own.
            if attempt == 99:
                raise
            time.sleep(0.1)
    prefix = role_prefix(name)
    rows = maintenance.execute(
        "SELECT rolname FROM pg_roles WHERE starts_with(rolname, %s)", [prefix + "_"]
    ).fetchall()
    for (role,) in rows:
        # A database that was copied from this one may name it still.
        with suppress(psycopg.errors.DependentObjectsStillExist):
            _execute(maintenance, "DROP ROLE {role}", role=role)
