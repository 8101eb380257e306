"""The keys that sign heads: Ed25519, one current, the old ones' public halves kept.

The current private key is `AUDIT_SIGNING_KEY` (base64 of the 32-byte seed) or the file `signing.pem` in
`AUDIT_KEY_DIR`, which is made when it is first needed. Public keys are the files `<key id>.pub` there and
those of `AUDIT_PUBLIC_KEYS`. Only what signs (the worker) needs the private key.
"""

import base64
import os
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

CURRENT = "signing.pem"
RAW = serialization.Encoding.Raw, serialization.PublicFormat.Raw


def key_id(public: bytes) -> str:
    """The name of a key: the first half of its hash, in hexadecimal."""
    return sha256(public).hexdigest()[:16]


def public_bytes(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(*RAW)


def signing_key() -> Ed25519PrivateKey:
    """The installation's current key; made, readable by its owner alone, if there is none yet.

    Raises ImproperlyConfigured for one that can't be read.
    """
    return _signing_key(settings.AUDIT_SIGNING_KEY, str(settings.AUDIT_KEY_DIR))


@lru_cache(maxsize=4)
def _signing_key(configured: str, folder: str) -> Ed25519PrivateKey:
    if configured:
        try:
            return Ed25519PrivateKey.from_private_bytes(base64.b64decode(configured, validate=True))
        except ValueError as error:
            raise ImproperlyConfigured("AUDIT_SIGNING_KEY must be 32 bytes in base64") from error
    path = Path(folder) / CURRENT
    if not path.exists():
        _make_key(path)
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ImproperlyConfigured(f"{path} is not an Ed25519 key")
    _publish(key, path.parent)
    return key


def _make_key(path: Path) -> None:
    """A new key under this name, unless another process was quicker."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)  # Unlike a rename it fails where the file is there already.
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _publish(key: Ed25519PrivateKey, folder: Path) -> None:
    public = public_bytes(key)
    path = folder / f"{key_id(public)}.pub"
    if not path.exists():
        path.write_text(base64.b64encode(public).decode() + "\n", encoding="ascii")


def public_keys() -> dict[str, bytes]:
    """Every public key this installation has ever signed with, by id; doesn't need the private one."""
    keys = [public_bytes(signing_key())] if settings.AUDIT_SIGNING_KEY else []
    keys += [base64.b64decode(text) for text in settings.AUDIT_PUBLIC_KEYS]
    folder = Path(settings.AUDIT_KEY_DIR)
    if folder.is_dir():
        keys += [base64.b64decode(path.read_text("ascii")) for path in sorted(folder.glob("*.pub"))]
    return {key_id(public): public for public in keys}


def rotate() -> tuple[str, str]:
    """Sign with a new key from now on; returns the ids of the old and the new one.

    The old private key is destroyed, its public half stays. Raises ImproperlyConfigured where the key comes
    from the environment: there a new one is set, and the old public key is added to AUDIT_PUBLIC_KEYS.
    """
    if settings.AUDIT_SIGNING_KEY:
        raise ImproperlyConfigured("the key is set by AUDIT_SIGNING_KEY: change it there")
    old = key_id(public_bytes(signing_key()))
    path = Path(settings.AUDIT_KEY_DIR) / CURRENT
    fresh = path.with_name("next.pem")
    fresh.unlink(missing_ok=True)
    _make_key(fresh)
    fresh.replace(path)
    _signing_key.cache_clear()
    return old, key_id(public_bytes(signing_key()))


def is_signed(public: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
