"""Devices a person has signed in from before.

Each keeps a random secret (the app in its keystore, a browser in a cookie), of which the server has the
SHA-256. Others' guesses at the account don't lock a known device out, and signing in from one needs no mail.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass

from django.utils import timezone

from .models import KnownDevice, User

# 32 random bytes in base64url.
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
    return KnownDevice.objects.filter(user__email__iexact=account, digest=digest).exists()


def remember_device(user: User, *, device: Device) -> str:
    """Know the device from now on; returns the secret it must keep, or "" where it was known already.

    A secret is taken over from another person of the same device, but never from thin air: what a caller
    thought up, somebody else could know too.
    """
    digest = secret_digest(device.secret)
    now = timezone.now()
    if KnownDevice.objects.filter(user=user, digest=digest).update(last_seen_at=now):
        return ""
    secret = device.secret
    if not KnownDevice.objects.filter(digest=digest).exists():
        secret = secrets.token_urlsafe(32)
    KnownDevice.objects.get_or_create(
        user=user, digest=secret_digest(secret), defaults={"label": device.name[:100]}
    )
    return secret


def forget_devices(user: User) -> None:
    """Know none of a person's devices any more: the next sign-in from each is announced."""
    KnownDevice.objects.filter(user=user).delete()
