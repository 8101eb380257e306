"""The tree of the selected organisation as it is stored, and proofs about its events."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from . import payload
from .merkle import STEP, WIDTH, Tree, leaf_hash, perfect_root
from .models import AuditEvent, AuditHead, AuditNode, AuditSeal


def stored_hashes(level: int, start: int, end: int) -> list[bytes]:
    """The hashes of complete subtrees of 2^level leaves. Raises LookupError where one is missing."""
    rows: QuerySet
    if level == 0:
        rows = AuditSeal.objects.filter(seq__gte=start, seq__lt=end).order_by("seq")
        hashes = [bytes(value) for value in rows.values_list("leaf_hash", flat=True)]
    else:
        rows = AuditNode.objects.filter(level=level, index__gte=start, index__lt=end).order_by("index")
        hashes = [bytes(value) for value in rows.values_list("hash", flat=True)]
    if len(hashes) != end - start:
        raise LookupError(f"hashes of level {level} from {start} to {end} are missing")
    return hashes


def leaf_of(event: AuditEvent) -> bytes:
    """The leaf hash of an event as it stands in the database now."""
    return leaf_hash(payload.canonical(event_payload(event)))


def event_payload(event: AuditEvent) -> dict[str, Any]:
    """The hashed payload of an event."""
    return payload.leaf(
        id=event.id,
        at=event.at,
        action=event.action,
        object_type=event.object_type,
        object_id=event.object_id,
        actor_id=event.actor_id,
        on_behalf_of_id=event.on_behalf_of_id,
        session_id=event.session_id,
        grant_id=event.grant_id,
        subject_ids=event.subject_ids,
        commitment=bytes(event.commitment),
    )


def grown(size: int, leaves: Sequence[bytes]) -> tuple[bytes, list[AuditNode]]:
    """The root after so many more leaves, and the complete subtrees to store; the tree has `size` now."""
    frontier = Tree(size, stored_hashes).frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root(), list(_new_nodes(size, leaves))


def _new_nodes(size: int, hashes: Sequence[bytes]) -> Iterable[AuditNode]:
    level, first = 0, size
    while hashes:
        begun = first - first % WIDTH
        row = [*(stored_hashes(level, begun, first) if begun < first else []), *hashes]
        complete = [perfect_root(row[i : i + WIDTH]) for i in range(0, len(row) - WIDTH + 1, WIDTH)]
        level, first, hashes = level + STEP, begun // WIDTH, complete
        for offset, value in enumerate(complete):
            yield AuditNode(level=level, index=first + offset, hash=value)


@dataclass(frozen=True)
class Standing:
    """An event's place: not sealed yet (`seq` None), or number `seq` below the first head that has it."""

    seq: int | None = None
    head: AuditHead | None = None
    anchored: bool = False


def standing(event: AuditEvent, anchored_size: int = 0) -> Standing:
    """Where an event stands in the record; `anchored_size` is how far it is known outside."""
    seal = AuditSeal.objects.filter(event_id=event.pk).first()
    if seal is None:
        return Standing()
    head = AuditHead.objects.filter(size__gt=seal.seq).order_by("size").first()
    return Standing(seal.seq, head, anchored_size > seal.seq)


def inclusion_proof(seq: int, head: AuditHead) -> list[bytes]:
    """That the event of this number is under the head (RFC 9162, 2.1.3)."""
    return Tree(head.size, stored_hashes).inclusion_proof(seq)


def consistency_proof(first: AuditHead, second: AuditHead) -> list[bytes]:
    """That the record of the second head begins with that of the first (RFC 9162, 2.1.4)."""
    return Tree(second.size, stored_hashes).consistency_proof(first.size)
