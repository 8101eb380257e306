"""Bringing back one organisation from its dump, while the others go on.

Rows go back to what they were, keys don't: those the organisation has now are kept, so that what was
destroyed since the dump stays destroyed. Of one that was dropped, the dump's file of keys is read instead,
and the ledger of destroyed keys (`DestroyedKey`) is applied to it.
"""

import json
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core import serializers
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tenants.utils import schema_context
from psycopg import sql

from . import pgtools, routing
from .authority import require_owner, require_staff
from .choices import OrganizationStatus
from .db import connection
from .dumps import FILES, SCHEMA, SHARED, DumpUnusable, key_tables, read_manifest, require_keys
from .events import announce
from .fleet import known_migrations, migrate_schema
from .models import Domain, Organization
from .roles import grant_schema

# The schema that is being replaced is kept under this name until its successor is complete.
ASIDE = "__replaced"
# Called with the schema, which is selected, once rows and keys are back; with the owner's rights.
key_steps: list[Callable[[str], object]] = []


def restore_organization(folder: Path, *, by: Any = None, without_keys: bool = False) -> Organization:
    """Put an organisation back as a dump has it: schema, hosts, memberships, files. Returns it.

    An existing organisation keeps its own row and status, and answers 403 meanwhile; one that was dropped
    comes back suspended, to be looked at and resumed. People signed in through its admin must sign in again.
    When anything fails the former schema is back in its place; run again after a crash, it starts anew.
    `without_keys` brings back one whose keys are gone: its encrypted columns count as erased.
    Raises DumpUnusable, ValidationError when a host is somebody else's now, `pgtools.ProgramFailed`.
    """
    require_staff(by)
    require_owner()
    if connection.in_atomic_block:
        raise RuntimeError("a restore can't be part of a transaction: pg_restore has its own")
    manifest = read_manifest(folder)
    schema = manifest["schema"]
    if newer := {tuple(pair) for pair in manifest["migrations"]} - known_migrations():
        raise DumpUnusable(f"{folder} was written by newer code: it has {len(newer)} migrations we don't.")
    rows = json.loads((folder / SHARED).read_text(encoding="utf-8"))
    _require_free(rows, manifest)
    keys = None
    if not without_keys and not _exists(schema) and not _exists(schema + ASIDE):
        keys = require_keys(folder, manifest)
    before = _take_out_of_use(manifest)
    try:
        _set_aside(schema)
        pgtools.run(
            "pg_restore",
            "--single-transaction",
            "--exit-on-error",
            "--no-owner",
            "--no-privileges",
            f"--dbname={connection.settings_dict['NAME']}",
            str(folder / SCHEMA),
        )
        _bring_back_keys(schema, keys)
        migrate_schema(schema)
        with connection.as_owner(), transaction.atomic():
            organization = _bring_back_rows(rows, manifest)
            grant_schema(schema, platform=organization.is_platform)
            _make_current(schema)
            with schema_context(schema):
                for step in key_steps:
                    step(schema)
            announce("organization.restored", organization, by=by, changes={"dump": (None, folder.name)})
            _execute("DROP SCHEMA IF EXISTS {} CASCADE", schema + ASIDE)
            transaction.on_commit(routing.forget)
    except BaseException:
        _put_back(schema)
        _set_status(schema, before)
        raise
    _unpack_files(folder / FILES, organization)
    _set_status(schema, before)
    organization.refresh_from_db()
    return organization


def _require_free(rows: list[dict], manifest: dict[str, Any]) -> None:
    """Neither the schema's name nor a host may be another organisation's now."""
    if (
        Organization.objects.filter(schema_name=manifest["schema"])
        .exclude(pk=manifest["organization"])
        .exists()
    ):
        raise ValidationError(
            _("Another organisation has the schema name %(schema)s now."),
            code="schema-taken",
            params={"schema": manifest["schema"]},
        )
    hosts = [row["fields"]["domain"] for row in rows if row["model"] == Domain._meta.label_lower]
    taken = Domain.objects.filter(domain__in=hosts).exclude(tenant_id=manifest["organization"])
    if names := sorted(taken.values_list("domain", flat=True)):
        raise ValidationError(
            _("Another organisation has this address now: %(hosts)s."),
            code="host-taken",
            params={"hosts": ", ".join(names)},
        )


def _take_out_of_use(manifest: dict[str, Any]) -> tuple[str, str] | None:
    """Status and reason to return to; None for an organisation that doesn't exist (any more)."""
    organization = Organization.objects.filter(pk=manifest["organization"]).first()
    if organization is None:
        return None
    _set_status(organization.schema_name, (OrganizationStatus.SUSPENDED.value, "restore"))
    return organization.status, organization.status_reason


def _set_status(schema: str, status: tuple[str, str] | None) -> None:
    if status is not None:
        Organization.objects.filter(schema_name=schema).update(
            status=status[0], status_reason=status[1], status_changed_at=timezone.now()
        )
        routing.forget()


def _execute(statement: str, *names: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _exists(schema: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [schema])
        return cursor.fetchone() is not None


def _set_aside(schema: str) -> None:
    _put_back(schema)  # what a run that was killed has left
    if _exists(schema):
        _execute("ALTER SCHEMA {} RENAME TO {}", schema, schema + ASIDE)


def _put_back(schema: str) -> None:
    connection.set_schema_to_public()
    if _exists(schema + ASIDE):
        with connection.as_owner(), transaction.atomic():
            _execute("DROP SCHEMA IF EXISTS {} CASCADE", schema)
            _execute("ALTER SCHEMA {} RENAME TO {}", schema + ASIDE, schema)
    elif _exists(schema) and not Organization.objects.filter(schema_name=schema).exists():
        _execute("DROP SCHEMA {} CASCADE", schema)  # half of an organisation that was gone


def _bring_back_keys(schema: str, keys: Path | None) -> None:
    """Fill the key tables, which the dump has left empty: from the schema set aside, or from the file."""
    if _exists(schema + ASIDE):
        with connection.as_owner(), transaction.atomic():
            for table in key_tables:
                _take_over(schema, table)
    elif keys is not None:
        pgtools.run(
            "pg_restore",
            "--data-only",
            "--single-transaction",
            "--exit-on-error",
            "--no-owner",
            "--no-privileges",
            f"--dbname={connection.settings_dict['NAME']}",
            str(keys),
        )


def _take_over(schema: str, table: str) -> None:
    """Copy a table's rows from the schema set aside, which may be a migration ahead of the dump."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.attname FROM pg_attribute a JOIN pg_attribute b USING (attname) "
            "WHERE a.attrelid = to_regclass(%s) AND b.attrelid = to_regclass(%s) "
            "AND a.attnum > 0 AND NOT a.attisdropped AND NOT b.attisdropped",
            [sql.Identifier(name, table).as_string() for name in (schema, schema + ASIDE)],
        )
        columns = sql.SQL(", ").join(sql.Identifier(row[0]) for row in cursor.fetchall())
        if columns.as_string():
            cursor.execute(
                sql.SQL("INSERT INTO {new} ({columns}) SELECT {columns} FROM {old}").format(
                    new=sql.Identifier(schema, table),
                    old=sql.Identifier(schema + ASIDE, table),
                    columns=columns,
                )
            )


def _bring_back_rows(rows: list[dict], manifest: dict[str, Any]) -> Organization:
    """Insert what is missing of the rows in public; what exists is newer and stays.

    Rows that point to something that is gone meanwhile (a person, another organisation) are left out.
    """
    for row in serializers.deserialize("json", json.dumps(rows)):
        instance = row.object
        model = type(instance)
        if model._base_manager.filter(pk=instance.pk).exists():
            continue
        if isinstance(instance, Organization):
            instance.status = OrganizationStatus.SUSPENDED
            instance.status_reason = ""
            instance.status_changed_at = timezone.now()
            instance.drop_after = None
        elif not _targets_exist(instance) or _would_clash(instance):
            continue
        models.Model.save_base(instance, raw=True, force_insert=True)
    return Organization.objects.get(pk=manifest["organization"])


def _targets_exist(instance: models.Model) -> bool:
    for field in instance._meta.local_fields:
        if field.related_model is not None:
            value = getattr(instance, field.attname)
            target = apps.get_model(field.related_model._meta.label)
            if value is not None and not target._base_manager.filter(pk=value).exists():
                return False
    return True


def _would_clash(instance: models.Model) -> bool:
    """Whether a row made since stands in the way, such as a new membership of the same person."""
    try:
        instance.validate_unique()
        instance.validate_constraints()
    except ValidationError:
        return True
    return False


def _make_current(schema: str) -> None:
    """What must not come back with old rows: sign-ins, and transaction ids of another server's clock.

    Ids that lie in the future here become that of this transaction: rows with them count as changed by the
    restore. A table that has a row per transaction keeps the last of those rows, for they all are this
    one; one with rows per transaction and something else, none: nobody asks from then any more.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("DELETE FROM {}").format(sql.Identifier(schema, "django_session")),
        )
        cursor.execute(
            "SELECT c.relname, a.attname, (SELECT min(i.indnkeyatts) FROM pg_index i "
            "  WHERE i.indrelid = c.oid AND i.indisunique AND a.attnum = ANY (i.indkey)) "
            "FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
            "WHERE c.relnamespace = to_regnamespace(%s) AND c.relkind = 'r' AND a.attnum > 0 "
            "AND NOT a.attisdropped AND a.atttypid = 'xid8'::regtype",
            [sql.Identifier(schema).as_string()],
        )
        for table, column, keys in cursor.fetchall():
            names = {"table": sql.Identifier(schema, table), "column": sql.Identifier(column)}
            future = sql.SQL("{column} > pg_current_xact_id()").format(**names)
            cursor.execute(
                sql.SQL("SELECT EXISTS (SELECT FROM {table} WHERE {future})").format(future=future, **names)
            )
            if not cursor.fetchone()[0]:
                continue
            statements = [
                "ALTER TABLE {table} DISABLE TRIGGER USER",
                "UPDATE {table} SET {column} = pg_current_xact_id() WHERE {future}",
                "ALTER TABLE {table} ENABLE TRIGGER USER",
            ]
            if keys is not None and keys > 1:
                statements[1] = "DELETE FROM {table} WHERE {future}"
            elif keys == 1:
                statements.insert(
                    1,
                    "DELETE FROM {table} WHERE {future} AND {column} < "
                    "(SELECT {column} FROM {table} ORDER BY {column} DESC LIMIT 1)",
                )
            for statement in statements:
                cursor.execute(sql.SQL(statement).format(future=future, **names))


def _unpack_files(archive: Path, organization: Organization) -> None:
    media = Path(settings.MEDIA_ROOT, organization.schema_name)
    fresh = media.with_name(f".{media.name}.restoring")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    with tarfile.open(archive) as packed:
        packed.extractall(fresh, filter="data")
    shutil.rmtree(media, ignore_errors=True)
    if (fresh / "media").is_dir():
        (fresh / "media").rename(media)
    for logo in (fresh / "logo").glob("*"):
        target = Path(organization.logo.storage.path(logo.name))
        target.parent.mkdir(parents=True, exist_ok=True)
        logo.replace(target)
    shutil.rmtree(fresh, ignore_errors=True)
