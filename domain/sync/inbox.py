"""What phones sent and nobody could take: deciding about it. Part of the area's rules."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.access.queries import scope_for
from domain.audit.rules import record
from domain.core.errors import InvalidState, NotAllowed, StaleVersion
from domain.core.scope import Scope

from .choices import Outcome, Resolution
from .models import ClientIdMapping, SyncMutation
from .models.mutations import CHANGE_INBOX, looked_after


def resolvable(scope: Scope) -> Q:
    """The condition of entries that wait and that the caller may decide about: theirs, and of those whom they
    look after what is not personal."""
    waiting = Q(outcome__in=Outcome.to_inbox(), resolution="")
    own = Q(user=scope.user_id) if scope.is_member else Q(pk__in=())
    if not scope.can(CHANGE_INBOX):
        return waiting & own
    return waiting & (own | (Q(is_personal=False) & looked_after(scope, CHANGE_INBOX)))


def locked(entry: SyncMutation, *, by: Any, version: int | None = None) -> SyncMutation:
    """The entry as it is now, locked for a decision.

    Raises InvalidState where it was decided before, NotAllowed, StaleVersion.
    """
    row = (
        SyncMutation.objects.select_for_update(of=("self",)).select_related("user", "device").get(pk=entry.pk)
    )
    if row.outcome not in Outcome.to_inbox() or row.resolution:
        raise InvalidState(_("This was decided already."), code="resolved")
    scope = scope_for(by)
    if not SyncMutation.objects.visible_to(scope).filter(resolvable(scope), pk=row.pk).exists():
        raise NotAllowed(_("You are not allowed to decide about this."))
    if version is not None and version != row.version:
        raise StaleVersion(_("Someone else has changed this meanwhile. Look at it again before you save."))
    return row


@transaction.atomic
def discard(entry: SyncMutation, *, by: Any, version: int | None = None) -> SyncMutation:
    """Keep what is here: what the phone sent is gone. Raises InvalidState, NotAllowed, StaleVersion."""
    row = locked(entry, by=by, version=version)
    return _close(row, Resolution.DISCARDED, by=by, row_id=row.row_id, row_version=None)


def close(
    row: SyncMutation, resolution: Resolution, *, by: Any, row_id: UUID | None, row_version: int | None
) -> SyncMutation:
    """Note that what the phone sent was taken, in the transaction that did it; `row` is `locked`."""
    return _close(row, resolution, by=by, row_id=row_id, row_version=row_version)


def _close(
    row: SyncMutation, resolution: Resolution, *, by: Any, row_id: UUID | None, row_version: int | None
) -> SyncMutation:
    row.resolution, row.resolved_at, row.resolved_by, row.updated_by = resolution, timezone.now(), by, by
    row.row_id, row.content = row_id, None
    row.result = {"id": str(row_id) if row_id else None, "version": row_version}
    row.save()
    verb = "discarded" if resolution == Resolution.DISCARDED else "taken"
    changes: Mapping[str, tuple[Any, Any]] = {
        "resource": (None, row.resource),
        "resolution": (None, resolution.value),
    }
    on_behalf_of = row.user if row.user_id != getattr(by, "pk", None) else None
    record(
        f"sync-mutation.{verb}",
        row,
        by=by,
        changes=changes,
        on_behalf_of=on_behalf_of,
        subject_ids=[row.user_id],
    )
    return row


def forget_content_about(keys: Iterable[UUID]) -> None:
    """Nobody decides any more about changes that name rows which are being erased."""
    named = Q(pk__in=())
    for key in keys:
        named |= Q(row_id=key) | Q(result__names__contains=[str(key)])
    SyncMutation.objects.open().filter(named).update(
        resolution=Resolution.DISCARDED, resolved_at=timezone.now(), content=None
    )


def forget_phones(person: Any) -> None:
    """A step of the erasure of a member: what their phones sent, and what they called it."""
    forget_content_about([person.pk])
    ClientIdMapping.objects.filter(device__user=person).delete()
    SyncMutation.objects.filter(user=person).delete()
