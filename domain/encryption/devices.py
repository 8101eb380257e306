"""Sealing for one device: HPKE (RFC 9180), base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.

Only the phone has the private half of its key (`DeviceKey.Purpose.SEAL`): queue, push service and the phone's
cache hold what nobody else can read. It says nothing of who sealed it.
"""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from django.views.decorators.debug import sensitive_variables

from .errors import CiphertextRefused

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


@sensitive_variables()
def seal_to_device(plaintext: bytes, public_key: bytes, *, info: bytes, aad: bytes = b"") -> bytes:
    """The encapsulated key (32 bytes) and the ciphertext. Raises ValueError for what is no X25519 key.

    `info` says what it is for, `aad` which one it is (organisation, assignment, device): it opens with the
    same two only. The library's single shot takes no associated data, so both are bound as HPKE's info.
    """
    return SUITE.encrypt(plaintext, X25519PublicKey.from_public_bytes(public_key), _bound(info, aad))


@sensitive_variables()
def open_on_device(sealed: bytes, private_key: bytes, *, info: bytes, aad: bytes = b"") -> bytes:
    """What the phone does; here for tests and clients in Python. Raises CiphertextRefused."""
    try:
        return SUITE.decrypt(sealed, X25519PrivateKey.from_private_bytes(private_key), _bound(info, aad))
    except (InvalidTag, ValueError):
        raise CiphertextRefused from None


def _bound(*parts: bytes) -> bytes:
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)
