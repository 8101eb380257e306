"""Content sealed for one phone, opened by an independent reading of RFC 9180."""

import hashlib
import hmac

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.encryption.devices import open_on_device, seal_to_device
from domain.encryption.errors import CiphertextRefused

KEM = b"KEM" + (0x0020).to_bytes(2, "big")
AES_128, AES_256 = 0x0001, 0x0002


def extract(suite: bytes, salt: bytes, label: bytes, material: bytes) -> bytes:
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + material, hashlib.sha256)


def expand(suite: bytes, key: bytes, label: bytes, info: bytes, length: int) -> bytes:
    labeled = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info
    return hmac.digest(key, labeled + b"\x01", hashlib.sha256)[:length]  # 32 bytes at most: one block.


def open_by_the_rfc(sealed: bytes, private: bytes, info: bytes, aad: bytes, aead: int) -> bytes:
    """Sections 4.1 and 5.1: DHKEM(X25519, HKDF-SHA256), base mode, the first message."""
    mine, enc = X25519PrivateKey.from_private_bytes(private), sealed[:32]
    shared = mine.exchange(X25519PublicKey.from_public_bytes(enc))
    both = enc + mine.public_key().public_bytes_raw()
    secret = expand(KEM, extract(KEM, b"", b"eae_prk", shared), b"shared_secret", both, 32)
    suite = b"HPKE" + b"".join(part.to_bytes(2, "big") for part in (0x0020, 0x0001, aead))
    context = b"\x00" + extract(suite, b"", b"psk_id_hash", b"") + extract(suite, b"", b"info_hash", info)
    schedule = extract(suite, secret, b"secret", b"")
    key = expand(suite, schedule, b"key", context, 16 if aead == AES_128 else 32)
    return AESGCM(key).decrypt(expand(suite, schedule, b"base_nonce", context, 12), sealed[32:], aad)


def test_our_reading_opens_the_rfcs_own_example():
    """RFC 9180, A.1.1, sequence number 0."""
    opened = open_by_the_rfc(
        bytes.fromhex(
            "37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431"
            "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a"
        ),
        bytes.fromhex("4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8"),
        b"Ode on a Grecian Urn",
        b"Count-0",
        AES_128,
    )
    assert opened == b"Beauty is truth, truth beauty"


@pytest.fixture
def phone() -> X25519PrivateKey:
    return X25519PrivateKey.generate()


def seal(phone: X25519PrivateKey, text: bytes = b"Oppdrag", **bound: bytes) -> bytes:
    return seal_to_device(text, phone.public_key().public_bytes_raw(), **{"info": b"assignment", **bound})


@pytest.mark.parametrize("text", [b"", b"Oppdrag", b"x" * 100_000])
def test_what_is_sealed_opens_by_the_rfc_and_by_the_library(phone, text):
    sealed = seal(phone, text, aad=b"nhf/1")
    info = b"\x00\x00\x00\x0aassignment\x00\x00\x00\x05nhf/1"
    assert open_by_the_rfc(sealed, phone.private_bytes_raw(), info, b"", AES_256) == text
    assert open_on_device(sealed, phone.private_bytes_raw(), info=b"assignment", aad=b"nhf/1") == text
    assert seal(phone, text, aad=b"nhf/1") != sealed


def test_another_phone_or_another_purpose_does_not_open_it(phone):
    sealed, private = seal(phone, aad=b"nhf/1"), phone.private_bytes_raw()
    for key, info, aad in (
        (X25519PrivateKey.generate().private_bytes_raw(), b"assignment", b"nhf/1"),
        (private, b"assignment", b"nhf/2"),
        (private, b"assignmentn", b"hf/1"),
    ):
        with pytest.raises(CiphertextRefused):
            open_on_device(sealed, key, info=info, aad=aad)
    with pytest.raises(CiphertextRefused):
        open_on_device(sealed[:-1] + bytes([sealed[-1] ^ 1]), private, info=b"assignment", aad=b"nhf/1")
    with pytest.raises(InvalidTag):
        open_by_the_rfc(sealed, private, b"assignment", b"nhf/1", AES_256)


@pytest.mark.parametrize("key", [b"", b"x" * 31, bytes(32)])
def test_what_is_no_public_key_is_refused(key):
    with pytest.raises(ValueError):
        seal_to_device(b"x", key, info=b"assignment")
