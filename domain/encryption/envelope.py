"""The cryptography: AES-256-GCM of keys and columns, each bound to where it stands.

A ciphertext is one value of a column:

    1 byte    format, 1
    16 bytes  id of the record key
    12 bytes  nonce, random
    n bytes   ciphertext and tag of the padded plaintext

Its associated data are organisation (schema), table, row, column and record key: moved anywhere else it can't
be opened. The plaintext is padded to 64 bytes, so that "yes" and "no" look alike.
"""

import os
from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.views.decorators.debug import sensitive_variables

from .errors import CiphertextRefused

FORMAT = 1
KEY_BYTES = 32
NONCE_BYTES = 12
BLOCK = 64
_HEADER = 1 + 16 + NONCE_BYTES
_TAG = 16


class Place(NamedTuple):
    """Where a sealed value stands."""

    schema: str
    table: str
    row: UUID
    column: str


def new_key() -> bytes:
    return AESGCM.generate_key(bit_length=KEY_BYTES * 8)


def context(purpose: str, *parts: object) -> bytes:
    """Associated data: the purpose and each part with its length, so that no two lists are written alike."""
    encoded = [str(part).encode() for part in (purpose, *parts)]
    return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)


@sensitive_variables()
def wrap_key(wrapping: bytes, key: bytes, about: bytes) -> bytes:
    """A key under another: nonce, ciphertext, tag."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(wrapping).encrypt(nonce, key, about)


@sensitive_variables()
def unwrap_key(wrapping: bytes, wrapped: bytes, about: bytes) -> bytes:
    """Raises CiphertextRefused where it isn't the key that was wrapped for this."""
    try:
        return AESGCM(wrapping).decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], about)
    except (InvalidTag, ValueError):
        raise CiphertextRefused from None


class Rewrapper:
    """Moves many keys from under one key to another: what both have in common is made once.

    `before` and `after` make the associated data of a key's id.
    """

    def __init__(
        self, old: bytes, new: bytes, before: Callable[[UUID], bytes], after: Callable[[UUID], bytes]
    ):
        self._old, self._new, self._before, self._after = AESGCM(old), AESGCM(new), before, after

    def move(self, key_id: UUID, wrapped: bytes) -> bytes:
        """Raises CiphertextRefused as `unwrap_key`."""
        nonce = os.urandom(NONCE_BYTES)
        try:
            return nonce + self._new.encrypt(
                nonce,
                self._old.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], self._before(key_id)),
                self._after(key_id),
            )
        except (InvalidTag, ValueError):
            raise CiphertextRefused from None


@sensitive_variables()
def seal(plaintext: bytes, key: bytes, key_id: UUID, place: Place) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    sealed = AESGCM(key).encrypt(nonce, _pad(plaintext), _about(place, key_id))
    return bytes([FORMAT]) + key_id.bytes + nonce + sealed


@sensitive_variables()
def unseal(ciphertext: bytes, key: bytes, place: Place) -> bytes:
    """Raises CiphertextRefused for what was altered, or sealed for another place or with another key."""
    key_id, nonce = key_id_of(ciphertext), ciphertext[_HEADER - NONCE_BYTES : _HEADER]
    try:
        return _unpad(AESGCM(key).decrypt(nonce, ciphertext[_HEADER:], _about(place, key_id)))
    except (InvalidTag, ValueError):
        raise CiphertextRefused from None


def key_id_of(ciphertext: bytes) -> UUID:
    """The record key a ciphertext names. Raises CiphertextRefused for what is none."""
    if len(ciphertext) < _HEADER + _TAG or ciphertext[0] != FORMAT:
        raise CiphertextRefused
    return UUID(bytes=ciphertext[1:17])


def _about(place: Place, key_id: UUID) -> bytes:
    return context("meander field", place.schema, place.table, place.row, place.column, key_id)


@sensitive_variables()
def _pad(plaintext: bytes) -> bytes:
    marked = plaintext + b"\x80"
    return marked + bytes(-len(marked) % BLOCK)


@sensitive_variables()
def _unpad(padded: bytes) -> bytes:
    return padded[: padded.rindex(b"\x80")]
