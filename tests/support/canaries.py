"""Words that stand in the rows of one organisation (or region) alone: where else they are met, it leaks."""

import base64
import json
import zlib
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.db import models
from django_q.models import OrmQ

from domain.config.models import TerminologyOverride
from tenants import pgtools
from tenants.db import connection
from tenants.models import Organization

# Kind of row → the columns of text that people write.
WRITTEN = {
    "faq": ("question", "answer"),
    "faq-category": ("name",),
    "link": ("title", "description"),
    "link-category": ("name",),
    "card": ("title", "prompt"),
    "deck": ("name", "description"),
    "image": ("title",),
    "document": ("title",),
    "collection": ("name",),
    "workflow": ("name",),
    "task": ("name",),
    "association": ("name",),
    "membership": ("display_title",),
    "share": ("reason",),
    "invitation": ("last_name", "message"),
    "grant": ("reason",),
    "session": ("device_name",),
    "passkey": ("name",),
    "booking": ("name", "message"),
    "import": ("file_name",),
    "audit-export": ("step",),
    "certification-kind": ("name_nb",),
    "certification": ("revocation_reason",),
    "mentor-status": ("reason",),
    "municipality-position": ("name",),
    "declaration": ("revocation_reason",),
}


def plant(rows: dict[str, Any], mark: str) -> None:
    """Write the mark into every text of the rows, past the rules, in the organisation that is selected."""
    for kind, names in WRITTEN.items():
        if kind in rows:
            write(rows[kind], dict.fromkeys(names, f"{mark} {kind}"))
    write(rows["person"], {"last_name": mark, "phone": ""})
    for kind in ("faq", "link", "card"):
        rows[kind].refresh_from_db()
        # Revisions keep a copy of the whole row.
        rows[kind].save_revision()
        rows[f"{kind}-revision"] = rows[kind].latest_revision
    TerminologyOverride.objects.update_or_create(
        term="peer_mentor", locale="nb", defaults={"singular": f"{mark} term", "plural": f"{mark} terms"}
    )


def plant_in_branding(organization: Organization, mark: str) -> None:
    """Who writes to the organisation learns its address; nobody in another organisation does."""
    write(organization, {"contact_email": f"{mark.lower()}@canary.example"})


def write(row: models.Model, values: dict[str, Any]) -> None:
    # As owner: what no rule writes, an organisation's role may not.
    with connection.as_owner():
        type(row)._base_manager.filter(pk=row.pk).update(**values)
        row.refresh_from_db()


def spellings(mark: str) -> set[bytes]:
    """The mark as it may stand in a file: plain, escaped by JSON, in hexadecimal, in base64 at any offset."""
    plain = mark.encode()
    found = {plain, json.dumps(mark)[1:-1].encode(), plain.hex().encode()}
    for offset in range(3):
        encoded = base64.b64encode(bytes(offset) + plain)
        # Without what depends on the neighbours.
        found.add(encoded[(offset * 8 + 5) // 6 : -4 if (len(plain) + offset) % 3 else None])
    return found


def leaks(marks: Iterable[str], *, logged: str = "") -> set[tuple[str, str]]:
    """Which marks are met where: in a dump of the whole database, queue, cache, logs, media.

    The dump is of what is committed. Columns of bytes are dumped in hexadecimal, which is looked for too.
    """
    places = {
        "dump": _dumped(),
        "queue": b"".join(_packed(row.payload) for row in OrmQ.objects.all()),
        "cache": b"".join(
            key.encode() + value
            for cache in caches.all()
            for key, value in getattr(cache, "_cache", {}).items()
        ),
        "logs": logged.encode(),
        "media": b"".join(
            path.read_bytes() for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()
        ),
    }
    return {
        (mark, place)
        for mark in marks
        for place, content in places.items()
        if any(spelling in content for spelling in spellings(mark))
    }


def _dumped() -> bytes:
    with TemporaryDirectory() as folder:
        file = Path(folder, "dump.sql")
        pgtools.run("pg_dump", "--no-owner", f"--file={file}")
        return file.read_bytes()


def _packed(payload: str) -> bytes:
    """A signed, perhaps compressed pickle, as it is and opened."""
    body = payload.partition(":")[0]
    raw = base64.urlsafe_b64decode(body.lstrip(".") + "=" * (-len(body.lstrip(".")) % 4))
    return payload.encode() + (zlib.decompress(raw) if body.startswith(".") else raw)
