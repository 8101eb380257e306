"""Keeping what a phone holds: what an answer brought counts once the phone asks with its checkpoint.

An answer may be lost on its way. So it is kept apart (`SyncDelivery`): whoever asks with the checkpoint that
it gave has it, and it is added to what the phone holds; whoever asks once more with the one before hasn't,
and it is made anew. Any other checkpoint is of a phone that was restored, or of a database that was.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from tenants.db import connection
from tenants.fields import uuid7

from .models import SyncDelivery, SyncDevice, SyncHolding, SyncView
from .positions import Position

# Rows of one `SyncHolding`: as many when one is split, and at most.
PART, LARGEST_PART = 1000, 2000
# A phone that doesn't ask for so long begins anew.
KEPT_FOR = timedelta(days=90)
# Views of one person that are kept: a phone that begins anew leaves its former one behind.
MOST_VIEWS = 20


class ViewGone(LookupError):
    """The phone and we no longer know of each other what it holds: it begins anew."""


# Arrays as text: psycopg takes longer to write each of a thousand ids than PostgreSQL to keep them.
_DELIVER = """
INSERT INTO sync_syncdelivery (view_id, resource, ids, versions, removed)
VALUES (%s, %s, %s::uuid[], %s::bigint[], %s::uuid[])"""
# What lies behind all that is held, as a page of everything does, is a part of its own, and never read here.
_APPEND = """
WITH behind AS (
  DELETE FROM sync_syncdelivery d
  WHERE d.view_id = %s AND cardinality(d.removed) = 0 AND cardinality(d.ids) >= 100 AND NOT EXISTS (
    SELECT FROM sync_syncholding h
    WHERE h.view_id = d.view_id AND h.resource = d.resource AND h.last >= d.ids[1])
  RETURNING *
)
INSERT INTO sync_syncholding (view_id, resource, first, last, ids, versions)
SELECT view_id, resource, ids[1], ids[cardinality(ids)], ids, versions FROM behind"""


@dataclass
class Delivered:
    """What one answer brings of one resource."""

    versions: dict[UUID, int] = field(default_factory=dict)
    removed: list[UUID] = field(default_factory=list)


def open_view(user: Any, *, device: SyncDevice | None) -> SyncView:
    """A view of a phone that holds nothing yet; the oldest of many goes."""
    kept = SyncView.objects.filter(user=user).order_by("-used_at", "-pk").values("pk")[: MOST_VIEWS - 1]
    forget_views(SyncView.objects.filter(user=user).exclude(pk__in=list(kept.values_list("pk", flat=True))))
    if device is not None:
        # A phone that begins anew holds nothing of what it did, once it has the first answer; until then it
        # may still go on with the former one.
        stale = SyncView.objects.filter(device=device).order_by("-used_at", "-pk")[2:]
        forget_views(SyncView.objects.filter(pk__in=[view.pk for view in stale]))
    return SyncView.objects.create(user=user, device=device)


def find_view(pk: UUID, user: Any, *, lock: bool = False) -> SyncView:
    """Raises ViewGone for one that isn't there any more, or is somebody else's."""
    found = SyncView.objects.filter(pk=pk, user=user)
    view = (found.select_for_update() if lock else found).first()
    if view is None:
        raise ViewGone
    return view


def positions_at(view: SyncView, generation: UUID) -> dict[str, Position]:
    """How far the phone is, that asks with this generation. Raises ViewGone for one that isn't the view's."""
    if generation == view.pending_generation:
        told = view.pending_positions
    elif generation == view.generation:
        told = view.positions
    else:
        raise ViewGone
    return {name: Position.of(each) for name, each in told.items()}


def acknowledge(view: SyncView, generation: UUID) -> None:
    """Count what the last answer brought as held, if the phone asks with its checkpoint; else forget it.

    In a transaction that holds the view's lock.
    """
    deliveries = SyncDelivery.objects.filter(view=view)
    if generation == view.pending_generation:
        with connection.cursor() as cursor:
            cursor.execute(_APPEND, [view.pk])
        for delivery in deliveries:
            _hold(view, delivery)
        view.generation, view.positions = view.pending_generation, view.pending_positions
    view.pending_generation, view.pending_positions = None, {}
    deliveries._raw_delete(deliveries.db)


def deliver(view: SyncView, positions: Mapping[str, Position], brought: Mapping[str, Delivered]) -> UUID:
    """Keep what an answer brings until it is acknowledged; returns the generation of its checkpoint."""
    rows = [
        (view.pk, resource, _array(each.versions), _array(each.versions.values()), _array(each.removed))
        for resource, each in brought.items()
        if each.versions or each.removed
    ]
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(_DELIVER, rows)
    made = uuid7()
    view.pending_generation = made
    view.pending_positions = {name: position.as_json() for name, position in positions.items()}
    view.save()
    return made


def forget_views(views: Any) -> int:
    """Remove views with all they hold, once calls that are under way have ended; returns how many."""
    with transaction.atomic():
        locked = SyncView.objects.select_for_update().filter(pk__in=views.values("pk")).order_by("pk")
        keys = list(locked.values_list("pk", flat=True))
        SyncDelivery.objects.filter(view__in=keys).delete()
        SyncHolding.objects.filter(view__in=keys).delete()
        SyncView.objects.filter(pk__in=keys).delete()
    return len(keys)


def forget_all(schema: str = "") -> int:
    """Let every phone of the organisation begin anew: its database is another than it was."""
    return forget_views(SyncView.objects.all())


def forget_unused_views() -> int:
    return forget_views(SyncView.objects.filter(used_at__lt=timezone.now() - KEPT_FOR))


def _array(values: Iterable[Any]) -> str:
    """Ids or numbers as PostgreSQL writes an array."""
    return "{" + ",".join(map(str, values)) + "}"


def _hold(view: SyncView, delivery: SyncDelivery) -> None:
    """Add to the parts that hold a resource's rows, and take out what was removed.

    Each part holds the rows from its first to the next one's: only those that change are read and written.
    """
    own = SyncHolding.objects.filter(view=view, resource=delivery.resource)
    starts = sorted(own.values_list("first", "pk"))
    changed: dict[int | None, tuple[dict[UUID, int], set[UUID]]] = {}
    for key, version in zip(delivery.ids, delivery.versions, strict=True):
        changed.setdefault(_part_of(starts, key), ({}, set()))[0][key] = version
    for key in delivery.removed:
        changed.setdefault(_part_of(starts, key), ({}, set()))[1].add(key)
    known = {part.pk: part for part in own.filter(pk__in=[pk for pk in changed if pk is not None])}
    for pk, (versions, removed) in changed.items():
        part = None if pk is None else known[pk]
        rows = {} if part is None else dict(zip(part.ids, part.versions, strict=True))
        rows.update(versions)
        _write(view, delivery.resource, part, sorted((k, v) for k, v in rows.items() if k not in removed))


def _part_of(starts: list[tuple[UUID, int]], key: UUID) -> int | None:
    """The part that a row belongs to; None where there is none at all."""
    if not starts:
        return None
    return starts[max(0, bisect_right(starts, (key, float("inf"))) - 1)][1]


def _write(view: SyncView, resource: str, part: SyncHolding | None, rows: list[tuple[UUID, int]]) -> None:
    chunks = _chunks(rows)
    first = next(chunks, None)
    if part is not None and first is None:
        part.delete()
    elif part is not None and first is not None:
        _fill(part, first).save()
    elif first is not None:
        _fill(SyncHolding(view=view, resource=resource), first).save()
    SyncHolding.objects.bulk_create(
        _fill(SyncHolding(view=view, resource=resource), chunk) for chunk in chunks
    )


def _chunks(rows: list[tuple[UUID, int]]) -> Iterator[list[tuple[UUID, int]]]:
    size = PART if len(rows) > LARGEST_PART else LARGEST_PART
    return iter([rows[start : start + size] for start in range(0, len(rows), size)])


def _fill(part: SyncHolding, rows: list[tuple[UUID, int]]) -> SyncHolding:
    part.ids, part.versions = [key for key, _version in rows], [version for _key, version in rows]
    part.first, part.last = part.ids[0], part.ids[-1]
    return part
