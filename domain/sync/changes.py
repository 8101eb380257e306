"""What changed since: the one question of a call with nothing new, and the comparison where something is.

A transaction id below the horizon (`pg_snapshot_xmin`) is of a transaction that has ended, so whoever reads
now sees all that those below did. Rows that a later transaction changed may be seen already or not yet: they
are looked at again next time, and compared by version with what the phone holds, so that none is missed and
none is sent twice, whatever is under way at the same time.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from tenants.db import connection

from .models import SyncHolding
from .positions import Position

# Tables of the public schema that phones are told of: whoever is a member, and what people are called.
SHARED = ("identity_user", "identity_membership")


@dataclass(frozen=True)
class Now:
    """The state of the organisation's tables: `horizon`, and by table the newest transaction that changed
    it. `content` is a stamp of all that the content API shows: another one means another state. `epoch` is
    the database server: transaction ids of one mean nothing on another."""

    horizon: int
    epoch: str
    touched: Mapping[str, int]
    content: str

    def is_touched(self, tables: Iterable[str], since: int) -> bool:
        return any(self.touched.get(table, -1) >= since for table in tables)


@dataclass(frozen=True)
class Asked:
    """A view as it is found before anything is locked; `is_ended`: its device was ended."""

    generation: UUID | None
    positions: Mapping[str, Position]
    pending_generation: UUID | None
    pending_positions: Mapping[str, Position]
    device: UUID | None
    is_ended: bool

    def at(self, generation: UUID) -> Mapping[str, Position] | None:
        """How far the phone is, that asks with this generation; None where the view has no such."""
        if generation == self.pending_generation:
            return self.pending_positions
        return self.positions if generation == self.generation else None


# One statement, so that the horizon is no newer than what it says of the tables.
_SHARED = "(SELECT max(change_xid)::text FROM {table} WHERE change_xid >= (SELECT xid FROM since))"
_NOW = """
WITH asked AS MATERIALIZED (
  SELECT v.*, d.ended_at FROM sync_syncview v LEFT JOIN sync_syncdevice d ON d.id = v.device_id
  WHERE v.id = %s AND v.user_id = %s
), since AS MATERIALIZED (
  SELECT coalesce(min((p.value->>'since')::xid8), pg_snapshot_xmin(pg_current_snapshot())) AS xid
  FROM asked, LATERAL (SELECT * FROM jsonb_each(asked.positions)
                       UNION ALL SELECT * FROM jsonb_each(asked.pending_positions)) p
)
SELECT pg_snapshot_xmin(pg_current_snapshot())::text,
       (pg_control_system()).system_identifier::text,
       ARRAY(SELECT ARRAY[name, max(xid)::text] FROM sync_synctablechange
             WHERE xid >= (SELECT xid FROM since) GROUP BY name),
       (SELECT concat_ws('.', count(*), max(xid), sum(changes)) FROM api_contentchange),
       (SELECT json_build_array(generation, positions, pending_generation, pending_positions, device_id,
                                ended_at IS NOT NULL) FROM asked),
       SHARED"""
_ASK = _NOW.replace("SHARED", ", ".join(_SHARED.format(table=table) for table in SHARED))


def state_of_tables(view: UUID | None, user: UUID) -> tuple[Now, Asked | None]:
    """What was touched since the phone asked last, and its view; None where there is none of the person's.

    One statement: a call with nothing new asks nothing else.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ASK, [view, user])
        horizon, epoch, tables, content, found, *shared = cursor.fetchone()
    touched = {name: int(xid) for name, xid in tables}
    touched |= {table: int(xid) for table, xid in zip(SHARED, shared, strict=True) if xid is not None}
    return Now(int(horizon), epoch, touched, content), None if found is None else _asked(found)


def _asked(found: Any) -> Asked:
    found = json.loads(found) if isinstance(found, str) else found
    generation, positions, pending, pending_positions, device, is_ended = found
    return Asked(
        UUID(generation) if generation else None,
        {name: Position.of(told) for name, told in positions.items()},
        UUID(pending) if pending else None,
        {name: Position.of(told) for name, told in pending_positions.items()},
        UUID(device) if device else None,
        is_ended,
    )


@dataclass(frozen=True)
class Difference:
    """A row to deliver (`state`), or to take back (None)."""

    id: UUID
    state: int | None


_CANDIDATES = """
candidate AS MATERIALIZED (
  SELECT id FROM {table} WHERE change_xid >= %s::xid8
  UNION SELECT row_id FROM sync_synctombstone WHERE name = %s AND xid >= %s::xid8
),"""
_HELD = """
held AS MATERIALIZED (
  SELECT u.id, u.version FROM sync_syncholding p, LATERAL unnest(p.ids, p.versions) AS u (id, version)
  WHERE p.view_id = %s AND p.resource = %s {narrowed}
)"""
_NARROWED = """
  AND EXISTS (SELECT 1 FROM candidate c WHERE c.id BETWEEN p.first AND p.last)
  AND u.id IN (SELECT id FROM candidate)"""
_COMPARED = """
SELECT coalesce(v.id, h.id), v.version FROM visible v FULL JOIN held h ON v.id = h.id
WHERE v.version IS DISTINCT FROM h.version {behind} ORDER BY 1 LIMIT %s"""


def differences(
    visible: QuerySet, *, state: Any, view: UUID, resource: str, position: Position, limit: int
) -> list[Difference]:
    """Where what the caller sees and what the phone holds differ, in the order of ids, `limit` at most.

    `visible` is the caller's rows, `state` an expression of what is compared of each (a bigint). In a round
    of `changes` only rows that were written or deleted since are looked at; else all of them, which costs
    some milliseconds per 10,000.
    """
    table = visible.model._meta.db_table
    narrowed = position.kind == "changes"
    rows = visible.order_by()
    if narrowed:
        rows = rows.filter(pk__in=RawSQL("SELECT id FROM candidate", ()))
    try:
        seen, parameters = rows.values_list("pk", state).query.get_compiler(connection.alias).as_sql()
    except EmptyResultSet:
        seen, parameters = "SELECT NULL::uuid, NULL::bigint WHERE false", ()
    behind = "AND coalesce(v.id, h.id) > %s" if position.after else ""
    statement = (
        "WITH "
        + (_CANDIDATES.format(table=connection.ops.quote_name(table)) if narrowed else "")
        + _HELD.format(narrowed=_NARROWED if narrowed else "")
        + f", visible (id, version) AS MATERIALIZED ({seen})"
        + _COMPARED.format(behind=behind)
    )
    since = str(position.since)
    values: list[Any] = [since, table, since] if narrowed else []
    values += [view, resource, *parameters, *([position.after] if position.after else []), limit]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [Difference(key, state) for key, state in cursor.fetchall()]


def held_versions(view: UUID, resource: str) -> dict[UUID, int]:
    """All that the phone holds of a resource; for small ones."""
    held: dict[UUID, int] = {}
    for part in SyncHolding.objects.filter(view=view, resource=resource):
        held.update(zip(part.ids, part.versions, strict=True))
    return held


def still_there(model: Any, keys: Sequence[UUID]) -> set[UUID]:
    """Which of these rows exist, whoever sees them."""
    return set(model._base_manager.filter(pk__in=keys).values_list("pk", flat=True)) if keys else set()
