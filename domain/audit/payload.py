"""What of an event is hashed, byte for byte. Version 1; docs/audit.md describes it for verifiers.

What may have to be erased one day (names, labels, changed values, reasons, networks) is not in the hashed
payload. Each such *part* has a random salt; the payload holds one hash over all parts' salted hashes. With
the salt gone, a value can't be guessed from its hash; with the hash kept, the proof stays.
"""

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

VERSION = 1
SALT_BYTES = 16
# The parts that are columns of their own; each changed field is one more, called "changes.<field>".
TEXT_PARTS = ("actor_label", "on_behalf_of_label", "object_label", "reason", "network")
CHANGE = "changes."
_encoder = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def canonical(value: Any) -> bytes:
    """JSON in the one way we write it: sorted keys, no spaces, UTF-8. Floats are not used."""
    return _encoder.encode(value).encode()


def parts_of(texts: Mapping[str, str], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The parts that have a value, by name."""
    parts: dict[str, Any] = {name: texts[name] for name in TEXT_PARTS if texts.get(name)}
    for name, pair in changes.items():
        parts[CHANGE + name] = pair
    return parts


def new_salts(parts: Mapping[str, Any]) -> dict[str, str]:
    """A random salt for each part, in hexadecimal."""
    random = os.urandom(SALT_BYTES * len(parts)).hex()
    width = SALT_BYTES * 2
    return {name: random[i * width : (i + 1) * width] for i, name in enumerate(parts)}


def part_hash(salt: str, name: str, value: Any) -> bytes:
    return sha256(bytes.fromhex(salt) + name.encode() + b"\x00" + canonical(value)).digest()


def commitment(hashes: Mapping[str, bytes]) -> bytes:
    """The one hash in the payload that stands for all parts."""
    whole = sha256()
    for name in sorted(hashes):
        whole.update(name.encode() + b"\x00" + hashes[name])
    return whole.digest()


def text(moment: datetime) -> str:
    """A time in UTC with microseconds: 2026-11-23T12:00:00.000000Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def leaf(
    *,
    id: UUID,
    at: datetime,
    action: str,
    object_type: str,
    object_id: str,
    actor_id: UUID | None,
    on_behalf_of_id: UUID | None,
    session_id: UUID | None,
    grant_id: UUID | None,
    subject_ids: list[UUID],
    commitment: bytes,
) -> dict[str, Any]:
    """The hashed payload of an event, before it is written as canonical JSON."""
    return {
        "action": action,
        "actor_id": str(actor_id) if actor_id else None,
        "at": text(at),
        "commitment": bytes(commitment).hex(),
        "grant_id": str(grant_id) if grant_id else None,
        "id": str(id),
        "object_id": object_id,
        "object_type": object_type,
        "on_behalf_of_id": str(on_behalf_of_id) if on_behalf_of_id else None,
        "session_id": str(session_id) if session_id else None,
        "subject_ids": [str(subject) for subject in subject_ids],
        "v": VERSION,
    }


def plain(value: Any) -> Any:
    """A value as JSON that PostgreSQL gives back unchanged: texts without NUL, no fractions but as text."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted((plain(item) for item in value), key=str)
    if isinstance(value, Mapping):
        return {clean(str(key)): plain(item) for key, item in value.items()}
    return clean(str(value))


def clean(value: str) -> str:
    """A text as PostgreSQL can keep it."""
    return value.replace("\x00", "").encode("utf-8", "replace").decode()
