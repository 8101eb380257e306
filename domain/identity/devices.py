"""Devices a person has signed in from before.

Each keeps a random secret (the app in its keystore, a browser in a cookie), of which the server has the
SHA-256. Others' guesses at the account don't lock a known device out, and signing in from one needs no mail.
"""

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone

from .lookup import people_with
from .models import KnownDevice, User

# 16 random bytes and 16 of their HMAC, in base64url.
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


@dataclass(frozen=True)
class Device:
    """What the caller says about the device that a session is opened on; `secret`, if it was given one."""

    name: str = ""
    platform: str = ""
    app_version: str = ""
    secret: str = ""


def secret_digest(secret: str) -> bytes:
    """What a device's secret is known by; of anything that can't be one, a value that no device has."""
    return hashlib.sha256(secret.encode()).digest() if _SECRET.fullmatch(secret) else b""


def is_known(account: str, digest: bytes) -> bool:
    """Whether the person with this (casefolded) e-mail address has signed in from the device: one query."""
    return KnownDevice.objects.filter(user__in=people_with(account).values("pk"), digest=digest).exists()


def remember_device(user: User, *, device: Device) -> str:
    """Know the device from now on; returns the secret it must keep, or "" where it was known already.

    A secret that we gave is taken over, so that two people can share a device; one that the caller thought
    up is not, since somebody else could know it too.
    """
    digest = secret_digest(device.secret)
    now = timezone.now()
    if KnownDevice.objects.filter(user=user, digest=digest).update(last_seen_at=now):
        return ""
    secret = device.secret if _is_ours(device.secret) else _new_secret()
    KnownDevice.objects.get_or_create(
        user=user, digest=secret_digest(secret), defaults={"label": device.name[:100]}
    )
    return secret


def forget_devices(user: User) -> None:
    """Know none of a person's devices any more: the next sign-in from each is announced."""
    KnownDevice.objects.filter(user=user).delete()


def _new_secret() -> str:
    random = secrets.token_bytes(16)
    return base64.urlsafe_b64encode(random + _mac(settings.SECRET_KEY, random)).rstrip(b"=").decode()


def _is_ours(secret: str) -> bool:
    """Whether the secret was given by us, to whomever."""
    if not _SECRET.fullmatch(secret):
        return False
    raw = base64.urlsafe_b64decode(secret + "=")
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return any(hmac.compare_digest(raw[16:], _mac(key, raw[:16])) for key in keys)


def _mac(key: str, random: bytes) -> bytes:
    return hmac.digest(key.encode(), b"device\0" + random, hashlib.sha256)[:16]
