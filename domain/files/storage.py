"""Where the bytes of files lie: in the storage "files" (setting STORAGES), below the organisation's folder.

By default that is the folder MEDIA_ROOT/<schema>/files, to which no address leads, and which is dumped,
restored and removed with the organisation's other files. With django-storages it may be a bucket of its own.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage, storages
from django.utils.deconstruct import deconstructible

from tenants.db import connection
from tenants.fields import uuid7
from tenants.names import is_schema_name

ALIAS = "files"
FOLDER = "files"
_NAME = re.compile(r"[0-9a-f]{32}(\.\d{2,4})?\Z")


@deconstructible
class LocalFiles(FileSystemStorage):
    """On this machine's disk, readable by us alone; without addresses."""

    def __init__(self, **options: Any):
        super().__init__(file_permissions_mode=0o600, directory_permissions_mode=0o700, **options)

    @property
    def base_location(self) -> str:
        return str(Path(settings.MEDIA_ROOT))

    @property
    def location(self) -> str:
        return str(Path(settings.MEDIA_ROOT).absolute())

    def url(self, name: str | None) -> str:
        raise ValueError("These files have no address: domain.files.serving serves them.")


def new_name() -> str:
    """A name that tells nothing and was never used."""
    return uuid7().hex


def rendition_name(name: str, size: int) -> str:
    return f"{name}.{size}"


def write(name: str, data: bytes) -> None:
    """Store bytes under a name that isn't in use."""
    path = _path(name)
    stored = _storage().save(path, ContentFile(data))
    if stored != path:
        _storage().delete(stored)
        raise FileExistsError(path)


def read(name: str) -> bytes:
    """All bytes. Raises FileNotFoundError."""
    with _storage().open(_path(name)) as file:
        return file.read()


def open_file(name: str) -> Any:
    """A file to read from, that can seek. Raises FileNotFoundError."""
    return _storage().open(_path(name))


def size_of(name: str) -> int:
    """In bytes. Raises FileNotFoundError."""
    return _storage().size(_path(name))


def remove(name: str) -> None:
    """Delete the bytes; nothing happens where there are none."""
    with suppress(FileNotFoundError):
        _storage().delete(_path(name))


def names() -> Iterator[tuple[str, datetime]]:
    """Every name of the organisation in the storage, and when it was written."""
    folder = _folder()
    with suppress(FileNotFoundError):
        for name in _storage().listdir(folder)[1]:
            yield name, _storage().get_modified_time(f"{folder}/{name}")


def _storage() -> Storage:
    return storages[ALIAS]


def _folder() -> str:
    schema = connection.schema_name
    if not schema or schema == "public" or not is_schema_name(schema):
        raise SuspiciousFileOperation("Files belong to an organisation, and none is selected.")
    return f"{schema}/{FOLDER}"


def _path(name: str) -> str:
    if not _NAME.match(name):
        raise SuspiciousFileOperation(f"not the name of a stored file: {name!r}")
    return f"{_folder()}/{name}"
