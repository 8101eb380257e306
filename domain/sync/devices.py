"""Phones that call: known by the name they give themselves, per person; ended ones are told to wipe."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from domain.access.queries import scope_for
from domain.audit.rules import record
from domain.core.errors import DomainError, InvalidState, NotAllowed
from domain.core.scope import EVERYWHERE
from domain.identity.limits import Limit, count
from domain.identity.models import UserSession
from domain.identity.sessions import end_session
from tenants.db import connection

from .models import SyncDevice, SyncView
from .models.devices import END_DEVICES
from .views import forget_views

# When a phone was seen is written so often at most: a call with nothing new writes nothing.
SEEN_EVERY = timedelta(minutes=5)
# Of one person: each installation of an app is one, and is kept for as long as the person is.
NEW_DEVICES = Limit("sync-new-devices", attempts=20, seconds=24 * 3600)


class DeviceEnded(DomainError):
    """Somebody ended the device: it is to wipe what it keeps of the organisation."""

    code = "device-ended"

    def __init__(self) -> None:
        super().__init__(_("This device was ended: remove what it keeps of the organisation."))


def find_device(user: Any, device_id: str, *, session: Any = None) -> SyncDevice:
    """The person's device of this name, made when it first calls. Raises DeviceEnded, TooManyAttempts.

    `session` (identity.UserSession) says what it is called. Outside a transaction.
    """
    known = SyncDevice.objects.filter(user=user, device_id=device_id).first()
    if known is not None:
        refuse_ended(known)
        return known
    count(NEW_DEVICES, f"{connection.schema_name} {user.pk}")
    device, is_new = SyncDevice.objects.get_or_create(
        user=user, device_id=device_id, defaults={"created_by": user, "updated_by": user, **_told(session)}
    )
    if is_new:
        record("sync-device.added", device, by=user, subject_ids=[user.pk])
    refuse_ended(device)
    return device


def refuse_ended(device: SyncDevice) -> None:
    """Raises DeviceEnded for a device that was ended, and keeps that it was told."""
    if device.ended_at is not None:
        tell_to_wipe(device)
        raise DeviceEnded


@transaction.atomic
def end_device(device: SyncDevice, *, by: Any, reason: str, version: int | None = None) -> SyncDevice:
    """End a device: its session is over, and when it next calls it is told to wipe what it keeps.

    One's own, or anybody's with the right to. `version` is what every action gets: what changes of a device
    is when it called. Raises NotAllowed, InvalidState for one that was ended before.
    """
    row = SyncDevice.objects.select_for_update(of=("self",)).get(pk=device.pk)
    own = by is not None and by.pk == row.user_id
    if by is not None and not own and not scope_for(by).can(END_DEVICES, EVERYWHERE):
        raise NotAllowed(_("You may not end other people's devices."))
    if row.ended_at is not None:
        raise InvalidState(_("This device was ended already."), code="ended")
    forget_views(SyncView.objects.filter(device=row))
    row.ended_at, row.end_reason, row.updated_by = timezone.now(), reason[:200], by
    row.save(update_fields=["ended_at", "end_reason", "updated_by"])
    record("sync-device.ended", row, by=by, reason=reason[:500], subject_ids=[row.user_id])
    sessions = UserSession.objects.here().filter(user=row.user_id)
    session = sessions.filter(pk=row.session_id).first() if row.session_id else None
    if session is not None and end_session(session, reason="device-ended"):
        record(
            "session.ended",
            session,
            by=by,
            reason=reason[:500],
            session_id=session.pk,
            subject_ids=[row.user_id],
        )
    return row


def ended_with_session(session: UUID | None) -> bool:
    """Whether a session went with its device, which is told by asking."""
    if session is None:
        return False
    device = SyncDevice.objects.filter(session_id=session, ended_at__isnull=False).first()
    if device is None:
        return False
    tell_to_wipe(device)
    return True


def note_call(device: SyncDevice, *, session: Any = None, **moments: Any) -> None:
    """Keep when a phone called and what it said of itself; seldom, unless there is more to say.

    Raises DeviceEnded where it was ended meanwhile.
    """
    now = timezone.now()
    # The session that ends with the device is always the one it calls with.
    is_known = session is None or session.pk == device.session_id
    if not moments and is_known and device.last_seen_at > now - SEEN_EVERY:
        return
    here = SyncDevice.objects.filter(pk=device.pk, ended_at__isnull=True)
    if not here.update(last_seen_at=now, **_told(session), **moments):
        raise DeviceEnded


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
