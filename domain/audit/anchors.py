"""Places outside the database that keep each signed head and the hashes of the events it added.

A superuser of the database can rewrite everything in it; what was anchored before shows that. Where to is
`AUDIT_ANCHORS`, one or several:

    file:///var/lib/meander/audit      a folder with one append-only file per organisation
    storage:<alias>                    a storage of Django's STORAGES (S3 and others), one object per head
    python:<module>.<class>            anything with the methods of `Anchor`

Best is a place whose own rules forbid to overwrite (object lock, a disk of another machine).
"""

import base64
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.utils.module_loading import import_string


@dataclass(frozen=True)
class Anchored:
    """A head outside the database: its signed text, and the leaf hashes from `start` up to its size."""

    start: int
    size: int
    checkpoint: str
    leaves: tuple[bytes, ...]

    def line(self) -> str:
        joined = base64.b64encode(b"".join(self.leaves)).decode()
        return json.dumps(
            {"start": self.start, "size": self.size, "checkpoint": self.checkpoint, "leaves": joined},
            ensure_ascii=False,
        )

    @classmethod
    def of_line(cls, line: str) -> "Anchored":
        """Raises ValueError for what is no such line."""
        try:
            row = json.loads(line)
            joined = base64.b64decode(row["leaves"], validate=True)
            leaves = tuple(joined[i : i + 32] for i in range(0, len(joined), 32))
            anchored = cls(int(row["start"]), int(row["size"]), str(row["checkpoint"]), leaves)
        except (KeyError, TypeError) as error:
            raise ValueError("not an anchored head") from error
        if len(joined) != 32 * (anchored.size - anchored.start):
            raise ValueError("an anchored head has a hash for each event it adds")
        return anchored


class Anchor(Protocol):
    """What a place must be able to do. `log` names the organisation: its schema and id."""

    name: str

    def append(self, log: str, head: Anchored) -> None:
        """Keep a head; one of the same size again changes nothing. Raises OSError."""

    def heads(self, log: str) -> Iterator[Anchored]:
        """Every head, smallest first. Raises OSError, and ValueError for what can't be read."""

    def size(self, log: str) -> int:
        """The size of the largest head kept, 0 if there is none."""


class FileAnchor:
    """One file of JSON lines per organisation; only ever opened for appending, and flushed to disk."""

    def __init__(self, folder: str):
        self.folder = Path(folder)
        self.name = f"file://{folder}"

    def _path(self, log: str) -> Path:
        return self.folder / f"{log}.jsonl"

    def append(self, log: str, head: Anchored) -> None:
        if head.size <= self.size(log):
            return
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(self._path(log), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            # One write: two at once don't mix their lines. The line end ahead closes one that a full disk or
            # a crash left torn; its head follows whole.
            os.write(descriptor, f"\n{head.line()}\n".encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def heads(self, log: str) -> Iterator[Anchored]:
        try:
            with self._path(log).open(encoding="utf-8") as file:
                for line in file:
                    if _is_whole(line):
                        yield Anchored.of_line(line)
        except FileNotFoundError:
            return

    def size(self, log: str) -> int:
        last = 0
        try:
            with self._path(log).open("rb") as file:
                # The last line is at most that of one batch of the sealer.
                file.seek(max(0, file.seek(0, os.SEEK_END) - LONGEST_LINE))
                lines = file.read().decode(errors="replace").splitlines()
        except FileNotFoundError:
            return last
        whole = [line for line in lines if _is_whole(line)]
        return Anchored.of_line(whole[-1]).size if whole else last


def _is_whole(line: str) -> bool:
    return line.startswith("{") and line.rstrip("\n").endswith("}")


# Of a batch of 10,000 events: 44 bytes of base64 per hash.
LONGEST_LINE = 1024 * 1024


class StorageAnchor:
    """One object per head, never overwritten by us: "<organisation>/<start>-<size>.json"."""

    def __init__(self, alias: str):
        self.name = f"storage:{alias}"
        self._storage: Storage = storages[alias]

    def append(self, log: str, head: Anchored) -> None:
        name = f"{log}/{head.start:016d}-{head.size:016d}.json"
        if not self._storage.exists(name):
            self._storage.save(name, ContentFile(f"{head.line()}\n".encode()))

    def heads(self, log: str) -> Iterator[Anchored]:
        for name in self._names(log):
            with self._storage.open(f"{log}/{name}") as file:
                yield Anchored.of_line(file.read().decode())

    def size(self, log: str) -> int:
        return max((int(name[17:33]) for name in self._names(log)), default=0)

    def _names(self, log: str) -> list[str]:
        try:
            return sorted(name for name in self._storage.listdir(log)[1] if name.endswith(".json"))
        except FileNotFoundError:
            return []


def anchors() -> list[Anchor]:
    """The places of `AUDIT_ANCHORS`. Raises ImproperlyConfigured for one that can't be understood."""
    return [_anchor(address) for address in settings.AUDIT_ANCHORS if address]


def _anchor(address: str) -> Anchor:
    kind, _colon, rest = address.partition(":")
    if kind == "file" and rest.startswith("//"):
        return FileAnchor(rest.removeprefix("//"))
    if kind == "storage":
        return StorageAnchor(rest)
    if kind == "python":
        return import_string(rest)()
    raise ImproperlyConfigured(f"AUDIT_ANCHORS: {address!r} is none of file://…, storage:…, python:…")


def log_name(schema_name: str, organization_id: object) -> str:
    """What an organisation's record is called outside: readable, and never another's after a rename."""
    return f"{schema_name}-{organization_id}"
