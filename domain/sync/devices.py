"""Phones that call: known by the name they give themselves, per person; ended ones are told to wipe."""

from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from domain.core.errors import DomainError

from .models import SyncDevice

# When a phone was seen is written so often at most: a call with nothing new writes nothing.
SEEN_EVERY = timedelta(minutes=5)


class DeviceEnded(DomainError):
    """Somebody ended the device: it is to wipe what it keeps of the organisation."""

    code = "device-ended"

    def __init__(self) -> None:
        super().__init__(_("This device was ended: remove what it keeps of the organisation."))


def find_device(user: Any, device_id: str, *, session: Any = None) -> SyncDevice:
    """The person's device of this name, made when it first calls. Raises DeviceEnded.

    `session` (identity.UserSession) says what it is called.
    """
    known = SyncDevice.objects.filter(user=user, device_id=device_id)
    device = known.first()
    if device is None:
        try:
            with transaction.atomic():
                device = SyncDevice.objects.create(
                    user=user, device_id=device_id, created_by=user, updated_by=user, **_told(session)
                )
        except IntegrityError:  # Twice at once.
            device = known.get()
    if device.ended_at is not None:
        tell_to_wipe(device)
        raise DeviceEnded
    return device


def note_call(device: SyncDevice, *, session: Any = None, **moments: Any) -> None:
    """Keep when a phone called and what it said of itself; seldom, unless there is more to say."""
    now = timezone.now()
    if not moments and device.last_seen_at > now - SEEN_EVERY:
        return
    SyncDevice.objects.filter(pk=device.pk).update(last_seen_at=now, **_told(session), **moments)


def tell_to_wipe(device: SyncDevice) -> None:
    """Keep that an ended device was told."""
    SyncDevice.objects.filter(pk=device.pk, told_at=None, ended_at__isnull=False).update(
        told_at=timezone.now(), last_seen_at=timezone.now()
    )


def _told(session: Any) -> dict[str, Any]:
    if session is None:
        return {}
    return {
        "session_id": session.pk,
        "name": session.device_name,
        "platform": session.platform,
        "app_version": session.app_version,
    }
