"""Signed heads, in the text format transparency logs share (C2SP: tlog-checkpoint, signed-note).

    meander.audit/<id of the organisation>
    <size>
    <root, base64>
    <time, UTC>

    — <key name> <base64 of four bytes that name the key, and the signature>

The signature covers the lines before the empty one, with their line ends.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from .keys import is_signed, key_id, public_bytes

ALGORITHM_ED25519 = b"\x01"


class BadCheckpoint(ValueError):
    """The text is none of ours, or its signature is by no key we know."""


@dataclass(frozen=True)
class Checkpoint:
    """What a signed head says."""

    origin: str
    size: int
    root: bytes
    at: str
    key_id: str = ""

    @property
    def body(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n{self.at}\n"


def origin_of(organization_id: object) -> str:
    """What the record of an organisation is called in its heads."""
    return f"meander.audit/{organization_id}"


def key_name(public: bytes) -> str:
    return f"meander-audit-{key_id(public)}"


def key_hash(public: bytes) -> bytes:
    return sha256(key_name(public).encode() + b"\n" + ALGORITHM_ED25519 + public).digest()[:4]


def sign(head: Checkpoint, key: Ed25519PrivateKey) -> str:
    """The head as signed text."""
    public = public_bytes(key)
    signature = base64.b64encode(key_hash(public) + key.sign(head.body.encode())).decode()
    return f"{head.body}\n— {key_name(public)} {signature}\n"


def read(text: str, keys: Mapping[str, bytes]) -> Checkpoint:
    """What a signed head says, once its signature is verified. Raises BadCheckpoint."""
    body, _gap, rest = text.partition("\n\n")
    body += "\n"
    try:
        origin, size, root, at = body.splitlines()
        head = Checkpoint(origin, int(size), base64.b64decode(root, validate=True), at)
        for line in rest.splitlines():
            dash, name, encoded = line.split(" ")
            signature = base64.b64decode(encoded, validate=True)
            for identity, public in keys.items():
                if (
                    dash == "—"
                    and name == key_name(public)
                    and signature[:4] == key_hash(public)
                    and head.body == body
                    and is_signed(public, signature[4:], body.encode())
                ):
                    return Checkpoint(origin, head.size, head.root, at, identity)
    except (ValueError, binascii.Error) as error:
        raise BadCheckpoint("not a signed head") from error
    raise BadCheckpoint("the signature is by none of the known keys")
