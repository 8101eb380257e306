"""The whole record as one ZIP file that anyone can verify without us.

manifest.json    what this is, of whom, how many records
records.jsonl    one record a line, in order: seq, event (hashed), parts (salts and values), leaf_hash
heads.jsonl      every signed head
keys.json        the public keys that signed them
verify_audit.py  the program that verifies them; standard library only
"""

import json
import zipfile
from collections.abc import Callable, Iterator
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Any

from django.utils import timezone

from tenants.models import Organization

from . import checkpoint, keys, payload
from .models import AuditDetail, AuditEvent, AuditHead, AuditSeal
from .tree import event_payload

FORMAT = "meander-audit-export/1"
PAGE = 2000
VERIFIER = Path(__file__).with_name("verify_audit.py")


def write_export(target: IO[bytes], organization: Organization, *, progress: Callable[[int], None]) -> int:
    """Write the selected organisation's sealed record; returns the number of records.

    Up to the newest head: what isn't sealed yet isn't in it. `progress` is told how many are written.
    """
    last = AuditHead.objects.order_by("-size").first()
    size = last.size if last else 0
    manifest = {
        "format": FORMAT,
        "organization": organization.name,
        "origin": checkpoint.origin_of(organization.pk),
        "records": size,
        "exported_at": payload.text(timezone.now()),
    }
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        archive.writestr("manifest.json", json.dumps(manifest, ensure_ascii=False, indent=1))
        archive.writestr("keys.json", json.dumps(key_list(), indent=1))
        archive.write(VERIFIER, "verify_audit.py")
        with archive.open("heads.jsonl", "w") as raw, TextIOWrapper(raw, encoding="utf-8") as lines:
            for text in AuditHead.objects.filter(size__lte=size).values_list("checkpoint", flat=True):
                lines.write(json.dumps({"checkpoint": text}, ensure_ascii=False) + "\n")
        with archive.open("records.jsonl", "w", force_zip64=True) as raw:
            for count, record in enumerate(records(size), start=1):
                raw.write(payload.canonical(record) + b"\n")
                if count % PAGE == 0:
                    progress(count)
    return size


def records(size: int) -> Iterator[dict[str, Any]]:
    """The first `size` records of the selected organisation, as they are exported."""
    for start in range(0, size, PAGE):
        end = min(size, start + PAGE)
        seals = list(AuditSeal.objects.filter(seq__gte=start, seq__lt=end).order_by("seq"))
        events = AuditEvent._base_manager.select_related("detail").in_bulk([seal.event_id for seal in seals])
        for seal in seals:
            event = events.get(seal.event_id)
            if event is None:
                continue  # The verifier names the gap.
            yield {
                "seq": seal.seq,
                "event": event_payload(event),
                "parts": parts_with_salts(getattr(event, "detail", None)),
                "leaf_hash": bytes(seal.leaf_hash).hex(),
            }


def parts_with_salts(detail: AuditDetail | None) -> dict[str, dict[str, Any]]:
    """Every part of an event: its salt and value, or, where it was erased, its hash."""
    if detail is None:
        return {}
    texts = {name: getattr(detail, name) for name in payload.TEXT_PARTS}
    parts: dict[str, dict[str, Any]] = {
        name: {"salt": detail.salts.get(name, ""), "value": value}
        for name, value in payload.parts_of(texts, detail.changes).items()
    }
    for name, hashed in detail.erased.items():
        parts[name] = {"hash": hashed}
    return parts


def key_list() -> list[dict[str, str]]:
    """The public keys, by what heads call them."""
    return [{"id": identity, "public_key": public.hex()} for identity, public in keys.public_keys().items()]
