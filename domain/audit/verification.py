"""Recomputing the record from the events and comparing it with tree, heads, signatures and anchors.

Everything is read in one snapshot, the anchors before it: a head is anchored only after it was committed, so
whatever an anchor has must be in the snapshot.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db import transaction

from tenants.db import connection
from tenants.models import Organization

from . import checkpoint, keys, payload
from .anchors import Anchored, anchors, log_name
from .erasure import ERASED, is_covered
from .merkle import STEP, WIDTH, Frontier, perfect_root
from .models import AuditDetail, AuditEvent, AuditHead, AuditNode, AuditSeal
from .tree import leaf_of

PAGE = 2000


@dataclass(frozen=True)
class Finding:
    """Something that isn't as it was sealed: `seq` is the number of the first record it concerns."""

    seq: int
    what: str
    event_id: str = ""

    def __str__(self) -> str:
        where = f"record {self.seq}"
        event = f" ({self.event_id})" if self.event_id else ""
        return f"{where}{event}: {self.what}"


@dataclass
class Verification:
    """What was looked at and found; `findings` in the order of the records they concern."""

    events: int = 0
    heads: int = 0
    anchored: int = 0
    unsealed: int = 0
    erased: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.findings

    @property
    def first(self) -> Finding | None:
        return min(self.findings, key=lambda finding: finding.seq, default=None)


@dataclass
class _Outside:
    """What the anchors know: leaf hashes by number, and roots by size."""

    leaves: dict[int, bytes] = field(default_factory=dict)
    roots: dict[int, bytes] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @property
    def size(self) -> int:
        return max(self.roots, default=0)


def verify(organization: Organization) -> Verification:
    """Recompute everything of the selected organisation. Needs the owner's rights."""
    public = keys.public_keys()
    outside = _read_anchors(organization, public)
    with transaction.atomic():
        with connection.cursor() as cursor:
            if not _is_nested():
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        return _Verifier(organization, public, outside).run()


def _is_nested() -> bool:
    return len(connection.savepoint_ids) > 0


def _read_anchors(organization: Organization, public: dict[str, bytes]) -> _Outside:
    outside = _Outside()
    log = log_name(organization.schema_name, organization.pk)
    for anchor in anchors():
        try:
            for head in anchor.heads(log):
                _take(outside, head, organization, public, anchor.name)
        except (OSError, ValueError) as error:
            outside.findings.append(
                Finding(
                    0,
                    f"the anchor {anchor.name} can't be read: {error}",
                )
            )
    return outside


def _take(
    outside: _Outside, head: Anchored, organization: Organization, public: dict[str, bytes], name: str
) -> None:
    try:
        said = checkpoint.read(head.checkpoint, public)
        if (said.origin, said.size) != (checkpoint.origin_of(organization.pk), head.size):
            raise checkpoint.BadCheckpoint("it is another record's")
    except checkpoint.BadCheckpoint as error:
        what = f"a head of the anchor {name} is not valid: {error}"
        outside.findings.append(Finding(head.start, what))
        return
    if outside.roots.setdefault(head.size, said.root) != said.root:
        outside.findings.append(Finding(head.start, "two anchored heads of the same size differ"))
    for seq, leaf in enumerate(head.leaves, start=head.start):
        if outside.leaves.setdefault(seq, leaf) != leaf:
            outside.findings.append(Finding(seq, "two anchors differ"))


class _Verifier:
    def __init__(self, organization: Organization, public: dict[str, bytes], outside: _Outside):
        self.organization, self.public, self.outside = organization, public, outside
        self.result = Verification(findings=list(outside.findings), anchored=outside.size)
        self.frontier = Frontier()
        self.last_good_head = 0
        # Ids whose parts the record says were erased.
        self.erased_ids = set(AuditEvent.objects.filter(action=ERASED).values_list("object_id", flat=True))

    def run(self) -> Verification:
        heads = self._heads()
        awaited = next(heads, None)
        row: list[bytes] = []
        broken_tree = False
        for seq, event_id, stored, event in self._records():
            leaf = leaf_of(event) if event else stored
            self._check_record(seq, event_id, stored, leaf, event)
            self.frontier.append(leaf)
            row.append(leaf)
            if len(row) == WIDTH:
                self._nodes(seq // WIDTH, perfect_root(row))
                row = []
            if self.frontier.size in self.outside.roots and not broken_tree:
                broken_tree = self._compare(self.outside.roots[self.frontier.size], "the anchored head")
            while awaited is not None and awaited.size <= self.frontier.size:
                self._head(awaited)
                awaited = next(heads, None)
            self.result.events += 1
        self._ends(awaited)
        self._unsealed()
        self.result.findings.sort(key=lambda finding: finding.seq)
        return self.result

    def _records(self) -> Iterator[tuple[int, str, bytes, AuditEvent | None]]:
        """Seals in order with their events, those without a gap; where one is missing, that is said."""
        expected, after = 0, -1
        while True:
            seals = list(AuditSeal.objects.filter(seq__gt=after).order_by("seq")[:PAGE])
            if not seals:
                return
            ids = [seal.event_id for seal in seals]
            events = AuditEvent._base_manager.select_related("detail").in_bulk(ids)
            for seal in seals:
                while expected < seal.seq:
                    self._found(expected, "its seal is missing")
                    # Where the anchors know the leaf, what comes after can still be compared.
                    yield expected, "", self.outside.leaves.get(expected, b""), None
                    expected += 1
                yield seal.seq, str(seal.event_id), bytes(seal.leaf_hash), events.get(seal.event_id)
                expected += 1
            after = seals[-1].seq

    def _check_record(
        self, seq: int, event_id: str, stored: bytes, leaf: bytes, event: AuditEvent | None
    ) -> None:
        known = self.outside.leaves.get(seq)
        if event is None:
            if event_id:
                self._found(seq, "the event is missing", event_id)
        elif leaf != stored:
            self._found(seq, "the event was changed after it was sealed", event_id)
        if known is not None and known != (leaf if event else stored):
            self._found(seq, "it is another event than the one that was anchored", event_id)
        if event is not None:
            self._check_detail(seq, event)

    def _check_detail(self, seq: int, event: AuditEvent) -> None:
        detail = getattr(event, "detail", None)
        if detail is None:
            self.result.erased += 1
            if not is_covered(event, self.erased_ids):
                self._found(seq, "its detail is missing, and no erasure says so", str(event.pk))
            return
        if detail.erased:
            self.result.erased += 1
            if not is_covered(event, self.erased_ids):
                self._found(seq, "parts of it were erased, and no erasure says so", str(event.pk))
        if part_hashes(detail) is None or payload.commitment(part_hashes(detail) or {}) != bytes(
            event.commitment
        ):
            self._found(seq, "its detail was changed after it was written", str(event.pk))

    def _nodes(self, index: int, root: bytes) -> None:
        """Compare the stored subtree of 256 leaves, and those above that it completes."""
        level = STEP
        while True:
            node = AuditNode.objects.filter(level=level, index=index).first()
            start, end = index << level, (index + 1) << level
            # A record found before explains it.
            explained = any(start <= found.seq < end for found in self.result.findings)
            if (node is None or bytes(node.hash) != root) and not explained:
                self._found(start, "a stored subtree is not that of its events")
            if (index + 1) % WIDTH:
                return
            below = AuditNode.objects.filter(level=level, index__gt=index - WIDTH, index__lte=index)
            row = [bytes(value) for value in below.order_by("index").values_list("hash", flat=True)]
            if len(row) < WIDTH:
                return
            level, index, root = level + STEP, index // WIDTH, perfect_root(row)

    def _heads(self) -> Iterator[AuditHead]:
        yield from AuditHead.objects.order_by("size").iterator(chunk_size=PAGE)

    def _head(self, head: AuditHead) -> None:
        self.result.heads += 1
        try:
            said = checkpoint.read(head.checkpoint, self.public)
            if (said.origin, said.size, said.root) != (
                checkpoint.origin_of(self.organization.pk),
                head.size,
                bytes(head.root),
            ):
                raise checkpoint.BadCheckpoint("it says something else than its row")
        except checkpoint.BadCheckpoint as error:
            what = f"the head of size {head.size} is not valid: {error}"
            self._found(self.last_good_head, what)
            return
        if self._compare(said.root, "the signed head"):
            return
        self.last_good_head = head.size

    def _compare(self, root: bytes, what: str) -> bool:
        """Whether the root so far differs; placed at a record found before, else after the last good head."""
        if root == self.frontier.root():
            return False
        size = self.frontier.size
        if not any(self.last_good_head <= found.seq < size for found in self.result.findings):
            said = f"the events up to {size} don't give {what} of that size"
            self._found(self.last_good_head, said)
        return True

    def _ends(self, awaited: AuditHead | None) -> None:
        size = self.frontier.size
        if awaited is not None:
            self._found(size, f"a signed head of {awaited.size} events has fewer here")
        if self.outside.size > size:
            what = f"the record ends here, but {self.outside.size} events were anchored: it was rolled back"
            self._found(size, what)
        last = AuditHead.objects.order_by("-size").values_list("size", flat=True).first() or 0
        if last < size:
            self._found(last, "events were given a number without a signed head")

    def _unsealed(self) -> None:
        """Events without a seal: waiting if their transaction is newer than the last head, else put in."""
        last = AuditHead.objects.order_by("-size").first()
        events = AuditEvent._base_manager.extra(
            where=["NOT EXISTS (SELECT FROM audit_auditseal s WHERE s.event_id = audit_auditevent.id)"]
        )
        self.result.unsealed = events.count()
        if last is None:
            return
        for event in events.filter(xid__lt=last.horizon).order_by("xid", "id")[:100]:
            before = AuditSeal.objects.filter(event_id__lt=event.pk).order_by("-seq").first()
            place = before.seq + 1 if before else 0
            self._found(place, "an event was put in that was never sealed", str(event.pk))

    def _found(self, seq: int, what: str, event_id: str = "") -> None:
        self.result.findings.append(Finding(seq, what, event_id))


def part_hashes(detail: AuditDetail) -> dict[str, bytes] | None:
    """The salted hash of every part of a detail, also of the erased ones; None where a salt is missing."""
    texts = {name: getattr(detail, name) for name in payload.TEXT_PARTS}
    parts = payload.parts_of(texts, detail.changes)
    if parts.keys() != detail.salts.keys():
        return None
    try:
        hashes = {name: payload.part_hash(detail.salts[name], name, value) for name, value in parts.items()}
        hashes.update({name: bytes.fromhex(value) for name, value in detail.erased.items()})
    except ValueError:
        return None
    return hashes
