"""Giving events their order, and signing it.

Events are inserted without a lock and commit in any order. Once every transaction older than some id has
ended (`pg_snapshot_xmin`), what those wrote is complete: the sealer orders it by transaction and id, appends
it to the tree and signs the new head. Then the head goes to the anchors. Safe to run at any time, twice, and
by two at once: one waits for the other and finds nothing left.
"""

import hashlib
import logging

from django.db import transaction
from django.utils import timezone

from tenants.db import connection
from tenants.models import Organization

from . import checkpoint, keys, payload
from .anchors import Anchor, Anchored, anchors, log_name
from .merkle import leaf_hash
from .models import AuditAnchoring, AuditEvent, AuditHead, AuditNode, AuditSeal
from .tree import grown

BATCH = 10_000
LOCK_CLASS = 0x61756474
logger = logging.getLogger(__name__)

_EVENTS = AuditEvent._meta.db_table
_SEALS = AuditSeal._meta.db_table
_COLUMNS = (
    "id",
    "at",
    "action",
    "object_type",
    "object_id",
    "actor_id",
    "on_behalf_of_id",
    "session_id",
    "grant_id",
    "subject_ids",
    "commitment",
)
# Complete from `since` up to the horizon; or, where the clock of transactions is another one than when the
# last head was signed (a restore into a new cluster), whatever no running transaction can have written.
_UNSEALED = f"""
    SELECT {", ".join(f"e.{name}" for name in _COLUMNS)}, e.xid::text
    FROM {_EVENTS} e LEFT JOIN {_SEALS} s ON s.event_id = e.id
    WHERE s.event_id IS NULL AND (
        (e.xid >= %(since)s::xid8 AND e.xid < %(until)s::xid8)
        OR (%(anew)s AND e.xid >= pg_snapshot_xmax(pg_current_snapshot())))
    ORDER BY e.xid, e.id LIMIT %(limit)s
"""  # noqa: S608 - names of our own


def seal(organization: Organization, *, limit: int = BATCH, until: int | None = None) -> int:
    """Append what is complete to the selected organisation's tree, at most `limit` events; returns how many.

    `until`: the transaction below which all that wrote here have ended, where the caller knows it. The
    snapshot's horizon, taken otherwise, is held by transactions in the server's other databases too.
    Needs the owner's rights. One transaction.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK_CLASS, _lock_number(organization)])
        last = AuditHead.objects.order_by("-size").first()
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text")
        horizon = int(cursor.fetchone()[0]) if until is None else until
        anew = last is not None and last.horizon > horizon
        cursor.execute(
            _UNSEALED,
            {
                "since": "0" if last is None or anew else str(last.horizon),
                "until": str(horizon),
                "anew": anew,
                "limit": limit,
            },
        )
        rows = cursor.fetchall()
        if not rows:
            return 0
        if len(rows) == limit:
            # Others of the last transaction may be left; and with another clock, whatever else is unsealed.
            horizon = last.horizon if last and anew else min(horizon, int(rows[-1][-1]))
        size = last.size if last else 0
        leaves = [
            leaf_hash(payload.canonical(payload.leaf(**dict(zip(_COLUMNS, row, strict=False)))))
            for row in rows
        ]
        root, nodes = grown(size, leaves)
        with cursor.copy(f"COPY {_SEALS} (seq, event_id, leaf_hash) FROM STDIN") as copy:
            for seq, (row, leaf) in enumerate(zip(rows, leaves, strict=True), start=size):
                copy.write_row((seq, row[0], leaf))
        AuditNode.objects.bulk_create(nodes)
        _sign(organization, size + len(rows), root, horizon)
    return len(rows)


def _sign(organization: Organization, size: int, root: bytes, horizon: int) -> AuditHead:
    key, now = keys.signing_key(), timezone.now()
    head = checkpoint.Checkpoint(checkpoint.origin_of(organization.pk), size, root, payload.text(now))
    return AuditHead.objects.create(
        size=size,
        root=root,
        at=now,
        key_id=keys.key_id(keys.public_bytes(key)),
        checkpoint=checkpoint.sign(head, key),
        horizon=horizon,
    )


def seal_all(organization: Organization) -> int:
    """Seal until nothing complete is left; returns how many events."""
    sealed = 0
    while count := seal(organization):
        sealed += count
    return sealed


def anchor_heads(organization: Organization) -> int:
    """Bring the heads to every anchor that lacks them; returns how many were written.

    Only heads that are committed: run it outside the transaction that made them. A place that can't be
    reached is noted and tried again next time.
    """
    written = 0
    for anchor in anchors():
        state, _new = AuditAnchoring.objects.get_or_create(name=anchor.name[:200])
        try:
            written += _bring(anchor, organization, state)
            error = ""
        except (OSError, ValueError) as problem:
            logger.error("audit heads of %s could not be anchored: %s", organization.schema_name, problem)
            error = f"{type(problem).__name__}: {problem}"[:500]
        if error != state.error:
            state.error = error
            state.save(update_fields=["error"])
    return written


def _bring(anchor: Anchor, organization: Organization, state: AuditAnchoring) -> int:
    log, written = log_name(organization.schema_name, organization.pk), 0
    known = anchor.size(log)
    for head in AuditHead.objects.filter(size__gt=known).order_by("size"):
        leaves = AuditSeal.objects.filter(seq__gte=known, seq__lt=head.size).order_by("seq")
        hashes = tuple(bytes(leaf) for leaf in leaves.values_list("leaf_hash", flat=True))
        anchor.append(log, Anchored(known, head.size, head.checkpoint, hashes))
        known = head.size
        written += 1
    if written or state.size != known:
        state.size, state.at = known, timezone.now()
        state.save(update_fields=["size", "at"])
    return written


def anchored_size() -> int:
    """How many events of the selected organisation are known outside the database, as last noted."""
    return max(AuditAnchoring.objects.values_list("size", flat=True), default=0)


def unsealed(*, limit: int = 1000) -> int:
    """How many events wait to be sealed, counted up to `limit`."""
    last = AuditHead.objects.order_by("-size").first()
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM (SELECT FROM {_EVENTS} e LEFT JOIN {_SEALS} s ON s.event_id = e.id "  # noqa: S608
            "WHERE s.event_id IS NULL AND e.xid >= %s::xid8 LIMIT %s) AS waiting",
            [str(last.horizon if last else 0), limit],
        )
        return cursor.fetchone()[0]


def _lock_number(organization: Organization) -> int:
    digest = hashlib.sha256(organization.schema_name.encode()).digest()
    return int.from_bytes(digest[:4], "big", signed=True)
