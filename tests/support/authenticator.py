"""An authenticator in software: makes passkeys and signs with them, and lies wherever a test wants it to.

A test changes what is said before it is signed (`told`), or what is sent afterwards (`sent`).
"""

import base64
import hashlib
import json
import os
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

UP, UV, BE, BS, AT = 0x01, 0x04, 0x08, 0x10, 0x40


def encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def decoded(value: str) -> bytes:
    return base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))


class Es256:
    algorithm = -7
    curve: ec.EllipticCurve = ec.SECP256R1()
    cose_curve = 1
    digest: hashes.HashAlgorithm = hashes.SHA256()

    def __init__(self):
        self.private = ec.generate_private_key(self.curve)

    def cose(self) -> dict[int, Any]:
        numbers = self.private.public_key().public_numbers()
        size = (self.curve.key_size + 7) // 8
        x, y = numbers.x.to_bytes(size, "big"), numbers.y.to_bytes(size, "big")
        return {1: 2, 3: self.algorithm, -1: self.cose_curve, -2: x, -3: y}

    def sign(self, data: bytes) -> bytes:
        return self.private.sign(data, ec.ECDSA(self.digest))


class Es512(Es256):
    """None of the algorithms that are offered."""

    algorithm, curve, cose_curve, digest = -36, ec.SECP521R1(), 3, hashes.SHA512()


class Es256OnP384(Es256):
    """What no standard has: ES256 goes with P-256 alone."""

    curve, cose_curve = ec.SECP384R1(), 2


class EdDsa:
    algorithm = -8

    def __init__(self):
        self.private = ed25519.Ed25519PrivateKey.generate()

    def cose(self) -> dict[int, Any]:
        return {1: 1, 3: self.algorithm, -1: 6, -2: self.private.public_key().public_bytes_raw()}

    def sign(self, data: bytes) -> bytes:
        return self.private.sign(data)


class Rs256:
    algorithm = -257
    bits = 2048

    def __init__(self):
        self.private = rsa.generate_private_key(65537, self.bits)

    def cose(self) -> dict[int, Any]:
        numbers = self.private.public_key().public_numbers()
        modulus = numbers.n.to_bytes(self.bits // 8, "big")
        return {1: 3, 3: self.algorithm, -1: modulus, -2: numbers.e.to_bytes(3, "big")}

    def sign(self, data: bytes) -> bytes:
        return self.private.sign(data, padding.PKCS1v15(), hashes.SHA256())


class ShortRs256(Rs256):
    bits = 1024


@dataclass
class Told:
    """What an authenticator is about to say; a test may change any of it before it is signed."""

    client: dict[str, Any]
    rp_id: str
    flags: int
    sign_count: int
    credential_id: bytes
    cose: Any = None
    format: str = "none"
    statement: dict[str, Any] = field(default_factory=dict)
    after_data: bytes = b""
    user_handle: bytes | None = None
    client_json: bytes | None = None

    def client_data(self) -> bytes:
        return self.client_json or json.dumps(self.client, separators=(",", ":")).encode()

    def data(self) -> bytes:
        """Authenticator data (WebAuthn level 3, section 6.1)."""
        head = hashlib.sha256(self.rp_id.encode()).digest() + struct.pack(">BI", self.flags, self.sign_count)
        if self.flags & AT:
            head += bytes(16) + struct.pack(">H", len(self.credential_id)) + self.credential_id
            head += cbor2.dumps(self.cose)
        return head + self.after_data


Change = Callable[[Any], object]


def unchanged(_said: Any) -> None:
    return None


class Authenticator:
    """One device with one passkey of one person. `origin` is where the browser would say it is."""

    def __init__(self, origin: str, *, key: Any = None, synced: bool = False, counts: bool = True):
        self.origin = origin
        self.key = key or Es256()
        self.credential_id = os.urandom(32)
        self.flags = UP | UV | (BE | BS if synced else 0)
        self.counts, self.sign_count = counts, 0
        self.rp_id, self.user_handle = "", b""

    def create(
        self,
        options: dict[str, Any],
        *,
        told: Change = unchanged,
        sent: Change = unchanged,
        attestation: str = "none",
    ) -> dict[str, Any]:
        """Answer `navigator.credentials.create()`."""
        self.rp_id, self.user_handle = options["rp"]["id"], decoded(options["user"]["id"])
        said = self._say("webauthn.create", options["challenge"])
        said.flags |= AT
        said.cose, said.format = self.key.cose(), attestation
        told(said)
        signed = said.data() + hashlib.sha256(said.client_data()).digest()
        if said.format == "packed":
            said.statement = {"alg": self.key.algorithm, "sig": self.key.sign(signed), **said.statement}
        statement = cbor2.dumps({"fmt": said.format, "attStmt": said.statement, "authData": said.data()})
        return self._send(
            said, {"attestationObject": encoded(statement), "transports": ["internal", "hybrid"]}, sent
        )

    def get(
        self, options: dict[str, Any], *, told: Change = unchanged, sent: Change = unchanged
    ) -> dict[str, Any]:
        """Answer `navigator.credentials.get()`."""
        said = self._say("webauthn.get", options["challenge"])
        said.user_handle = self.user_handle
        told(said)
        signed = said.data() + hashlib.sha256(said.client_data()).digest()
        response = {
            "authenticatorData": encoded(said.data()),
            "signature": encoded(self.key.sign(signed)),
            "userHandle": None if said.user_handle is None else encoded(said.user_handle),
        }
        return self._send(said, response, sent)

    def _say(self, kind: str, challenge: str) -> Told:
        self.sign_count += self.counts
        client = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return Told(client, self.rp_id, self.flags, self.sign_count, self.credential_id)

    def _send(self, said: Told, response: dict[str, Any], sent: Change) -> dict[str, Any]:
        answer = {
            "id": encoded(said.credential_id),
            "rawId": encoded(said.credential_id),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": {"clientDataJSON": encoded(said.client_data()), **response},
        }
        sent(answer)
        return answer
