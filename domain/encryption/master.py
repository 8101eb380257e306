"""The key service: what wraps the keys of organisations. Ours is a ring of master keys; another may be set.

`MEANDER_MASTER_KEYS` is "<id>:<base64 of 32 bytes>", several separated by commas or lines: the first wraps,
all unwrap. `MEANDER_MASTER_KEYS_FILE` names a file with the same. Development makes its own file.

A key management service (KMS) is a class with the two methods of `KeyService`, named in
`MEANDER_KEY_SERVICE`; our processes then never hold a master key.
"""

import base64
import os
import re
import secrets
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, Protocol

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string
from django.views.decorators.debug import sensitive_variables

from . import envelope
from .errors import KeyUnavailable

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Wrapped(NamedTuple):
    """A key as the service gave it back, and the id of the master key it is under."""

    master_key_id: str
    blob: bytes


class KeyService(Protocol):
    """`about` says what the key is for; a wrapped key is unwrapped with the same only."""

    # The master key that `wrap` uses now; keys under another are moved by `rotate_keys --master`.
    current: str

    def wrap(self, key: bytes, about: bytes) -> Wrapped: ...

    def unwrap(self, wrapped: Wrapped, about: bytes) -> bytes:
        """Raises KeyUnavailable without that master key, CiphertextRefused for what isn't this key."""


class MasterKeyRing:
    """Master keys in the memory of our processes."""

    def __init__(self, keys: Mapping[str, bytes]):
        self._keys = dict(keys)
        self.current = next(iter(self._keys))

    def __repr__(self) -> str:
        return f"<master keys {', '.join(self._keys)}>"

    @sensitive_variables()
    def wrap(self, key: bytes, about: bytes) -> Wrapped:
        return Wrapped(self.current, envelope.wrap_key(self._keys[self.current], key, about))

    @sensitive_variables()
    def unwrap(self, wrapped: Wrapped, about: bytes) -> bytes:
        key = self._keys.get(wrapped.master_key_id)
        if key is None:
            raise KeyUnavailable(f"there is no master key {wrapped.master_key_id!r} in MEANDER_MASTER_KEYS")
        return envelope.unwrap_key(key, wrapped.blob, about)


def key_service() -> KeyService:
    """The installation's key service. Raises ImproperlyConfigured for keys that can't be read."""
    if settings.KEY_SERVICE:
        return _other_service(settings.KEY_SERVICE)
    return _ring(settings.MASTER_KEYS, str(settings.MASTER_KEYS_FILE), settings.MASTER_KEYS_ARE_MADE)


@lru_cache(maxsize=4)
def _other_service(path: str) -> KeyService:
    return import_string(path)()


@lru_cache(maxsize=4)
def _ring(configured: str, file: str, is_made: bool) -> MasterKeyRing:
    if not configured and not file:
        raise ImproperlyConfigured("set MEANDER_MASTER_KEYS or MEANDER_MASTER_KEYS_FILE")
    if not configured:
        path = Path(file)
        if is_made and not path.exists():
            _make_file(path)
        try:
            configured = path.read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError) as error:
            raise ImproperlyConfigured(f"the master keys in {path} can't be read") from error
    return MasterKeyRing(parse(configured))


@sensitive_variables()
def parse(text: str) -> dict[str, bytes]:
    """Raises ImproperlyConfigured, which never says what was there."""
    keys: dict[str, bytes] = {}
    for number, entry in enumerate(re.split(r"[,\s]+", text.strip()), start=1):
        identity, colon, encoded = entry.partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except ValueError:
            key = b""
        if not colon or not _ID.fullmatch(identity) or len(key) != envelope.KEY_BYTES or identity in keys:
            raise ImproperlyConfigured(
                f"master key number {number} must be <id>:<32 bytes in base64>, with an id of its own"
            ) from None
        keys[identity] = key
    return keys


def _make_file(path: Path) -> None:
    """A file with a new key, readable by us alone, unless another process was quicker."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"made-here:{base64.b64encode(secrets.token_bytes(envelope.KEY_BYTES)).decode()}\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)  # Unlike a rename it fails where the file is there already.
    except FileExistsError:
        pass
    finally:
        draft.unlink()
