"""One organisation in a folder: what closing writes and what restoring reads.

    <DUMP_DIR>/<schema>-<UTC time>/
        schema.pgdump    pg_dump -Fc of the schema, without owners and grants
        shared.json      its rows of the public schema: the organisation, hosts, relations, memberships
        files.tar        its media files
        manifest.json    written last: versions, and the SHA-256 of each of the others

    <KEY_DUMP_DIR>/<schema>-<UTC time>.pgdump
        the rows of the key tables, which the folder leaves out: encrypted columns are unreadable without them

The folder holds personal data in the clear: it is readable by us alone, and belongs on an encrypted disk. The
file of keys holds wrapped keys; it belongs elsewhere, and may go earlier than the folder.
"""

import hashlib
import json
import logging
import os
import shutil
import tarfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core import serializers
from django.db import models
from django.utils.translation import gettext as _

from tenants.db import connection

from . import pgtools
from .models import Organization
from .names import is_schema_name

logger = logging.getLogger(__name__)
FORMAT = 1
SCHEMA, SHARED, FILES, MANIFEST = "schema.pgdump", "shared.json", "files.tar", "manifest.json"
# Models of the public schema whose rows go along, by label: those with a foreign key to Organization that are
# worth bringing back. Later rooms add theirs in AppConfig.ready. Sessions and tokens are not: what was
# revoked must stay so.
shared_models: list[str] = ["tenants.Domain", "tenants.OrganizationHierarchy"]
# Tables of an organisation whose rows are kept apart, in the order of their references; domain.encryption
# adds its own.
key_tables: list[str] = []


class DumpFailed(RuntimeError):
    """No dump could be written; the message says why, for an operator."""


class DumpUnusable(RuntimeError):
    """The folder is no complete dump, or not one this code can restore."""


def write_dump(organization: Organization) -> Path:
    """Write the organisation's dump and return its folder. Needs the owner's login.

    The three parts are written one after the other: an organisation in use may change between them, a
    closed one does not. Raises DumpFailed; nothing is left then.
    """
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    folder = Path(settings.DUMP_DIR, f"{organization.schema_name}-{stamp}")
    unfinished = folder.with_name(f".{folder.name}.unfinished")
    keys = key_file(folder)
    schema = organization.schema_name
    try:
        unfinished.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished.mkdir(mode=0o700)
        pgtools.run(
            "pg_dump",
            "--format=custom",
            "--no-owner",
            "--no-privileges",
            f"--schema={schema}",
            *[f"--exclude-table-data={schema}.{table}" for table in key_tables],
            f"--file={unfinished / SCHEMA}",
        )
        # After the rows: whatever they were sealed with is there by now.
        _write_keys(schema, keys)
        (unfinished / SHARED).write_text(_shared_rows(organization), encoding="utf-8")
        _pack_files(organization, unfinished / FILES)
        for part in (SCHEMA, SHARED, FILES):
            (unfinished / part).chmod(0o600)
        manifest = unfinished / MANIFEST
        said = {**_manifest(organization, unfinished), "keys": {"file": keys.name, "sha256": _sha256(keys)}}
        manifest.write_text(json.dumps(said, indent=1), encoding="utf-8")
        manifest.chmod(0o600)
        unfinished.rename(folder)
    except (OSError, pgtools.ProgramMissing, pgtools.ProgramFailed) as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        keys.unlink(missing_ok=True)
        raise DumpFailed(
            _("No dump of %(name)s could be written: %(error)s") % {"name": organization.name, "error": error}
        ) from error
    logger.info("dump written", extra={"schema": organization.schema_name, "folder": str(folder)})
    return folder


def key_file(folder: Path) -> Path:
    """Where the keys of a dump are kept."""
    return Path(settings.KEY_DUMP_DIR, f"{folder.name}.pgdump")


def require_keys(folder: Path, manifest: dict[str, Any]) -> Path | None:
    """The dump's file of keys, its checksum compared; None for a dump without. Raises DumpUnusable."""
    said = manifest.get("keys")
    if said is None:
        return None
    path = Path(settings.KEY_DUMP_DIR, Path(said["file"]).name)
    if not path.is_file():
        raise DumpUnusable(f"The keys of {folder} are missing: there is no {path}.")
    if _sha256(path) != said["sha256"]:
        raise DumpUnusable(f"{path} is damaged: its checksum differs.")
    return path


def _write_keys(schema: str, path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    pgtools.run(
        "pg_dump",
        "--format=custom",
        "--data-only",
        "--no-owner",
        "--no-privileges",
        *[f"--table={schema}.{table}" for table in key_tables],
        f"--file={path}",
    )


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest, after every part was compared with its checksum. Raises DumpUnusable."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if manifest["format"] != FORMAT:
            raise DumpUnusable(f"{folder} was written in format {manifest['format']}, not {FORMAT}.")
        if not is_schema_name(manifest["schema"]):
            raise DumpUnusable(f"{folder} names no schema of ours.")
        for part, expected in manifest["sha256"].items():
            if _sha256(folder / part) != expected:
                raise DumpUnusable(f"{folder / part} is damaged: its checksum differs.")
    except (OSError, ValueError, KeyError) as error:
        raise DumpUnusable(f"{folder} is no complete dump: {error!r}") from error
    return manifest


def verify_dump(folder: Path, organization: Organization) -> None:
    """Read the whole dump as a restore would, without a database. Raises DumpFailed when it can't be read.

    Beyond the checksums: pg_restore turns the archive into SQL, which uncompresses every row, the files are
    unpacked into nothing, and the rows in public are parsed.
    """
    try:
        manifest = read_manifest(folder)
        if manifest["organization"] != str(organization.pk):
            raise DumpUnusable(f"{folder} is the dump of another organisation.")
        pgtools.run("pg_restore", f"--file={os.devnull}", str(folder / SCHEMA))
        if keys := require_keys(folder, manifest):
            pgtools.run("pg_restore", f"--file={os.devnull}", str(keys))
        rows = json.loads((folder / SHARED).read_text(encoding="utf-8"))
        if not any(row["pk"] == str(organization.pk) for row in rows):
            raise DumpUnusable(f"{folder / SHARED} lacks the organisation itself.")
        with tarfile.open(folder / FILES) as archive:
            for member in archive:
                content = archive.extractfile(member)
                while content is not None and content.read(1 << 20):
                    pass
    except (
        OSError,
        ValueError,
        KeyError,
        tarfile.TarError,
        DumpUnusable,
        pgtools.ProgramMissing,
        pgtools.ProgramFailed,
    ) as error:
        raise DumpFailed(
            _("The dump of %(name)s can't be read back: %(error)s")
            % {"name": organization.name, "error": error}
        ) from error


def shared_querysets(organization: Organization) -> list[models.QuerySet]:
    """The organisation's rows of `shared_models`, and its own row first."""
    found: list[models.QuerySet] = [Organization.objects.filter(pk=organization.pk)]
    for label in shared_models:
        model = apps.get_model(label)
        ours = models.Q()
        for field in model._meta.local_fields:
            if field.related_model is Organization:
                ours |= models.Q(**{field.name: organization})
        found.append(model._base_manager.filter(ours).order_by("pk"))
    return found


def _shared_rows(organization: Organization) -> str:
    rows = [row for queryset in shared_querysets(organization) for row in queryset]
    return serializers.serialize("json", rows, indent=1)


def _pack_files(organization: Organization, target: Path) -> None:
    media = Path(settings.MEDIA_ROOT, organization.schema_name)
    with tarfile.open(target, "w") as archive:
        if media.is_dir():
            archive.add(media, arcname="media")
        if organization.logo:
            logo = Path(organization.logo.path)
            if logo.is_file():
                archive.add(logo, arcname=f"logo/{logo.name}")


def _manifest(organization: Organization, folder: Path) -> dict[str, Any]:
    with connection.as_owner(), connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        version = cursor.fetchone()[0]
        cursor.execute(f'SELECT app, name FROM "{organization.schema_name}".django_migrations ORDER BY id')  # noqa: S608
        migrations = cursor.fetchall()
    return {
        "format": FORMAT,
        "schema": organization.schema_name,
        "organization": str(organization.pk),
        "name": organization.name,
        "written_at": datetime.now(UTC).isoformat(),
        "server_version": version,
        "migrations": migrations,
        "sha256": {part: _sha256(folder / part) for part in (SCHEMA, SHARED, FILES)},
    }


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
