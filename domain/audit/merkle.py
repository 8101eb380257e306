"""The tree of RFC 9162, section 2.1: one hash that stands for a whole record, and short proofs about it.

Pure functions over hashes (32 bytes, SHA-256); nothing here knows of the database. A `Reader` gives stored
subtree hashes: those of level 0 are the leaves', those of level 8 stand for 256 leaves each, then 16, 24 …;
so that a head over a million leaves is computed from a few hundred hashes.
"""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

# Subtrees of 2^8 leaves (and 2^16, …) are stored, those between are computed when needed.
STEP = 8
WIDTH = 1 << STEP
EMPTY_ROOT = sha256(b"").digest()
# (level, first index, end index) -> the hashes of those complete subtrees.
Reader = Callable[[int, int, int], Sequence[bytes]]


def leaf_hash(data: bytes) -> bytes:
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def perfect_root(hashes: Sequence[bytes]) -> bytes:
    """The root over a power of two of hashes."""
    row = list(hashes)
    while len(row) > 1:
        row = [sha256(b"\x01" + row[i] + row[i + 1]).digest() for i in range(0, len(row), 2)]
    return row[0]


class Frontier:
    """The complete subtrees of a growing tree, largest first: enough to append and to know the root."""

    def __init__(self, size: int = 0, subtrees: Iterable[bytes] = ()):
        self.size = size
        self._subtrees = list(subtrees)
        if len(self._subtrees) != size.bit_count():
            raise ValueError(f"a tree of {size} leaves has {size.bit_count()} complete subtrees")

    def append(self, leaf: bytes) -> None:
        size = self.size
        while size & 1:
            leaf = node_hash(self._subtrees.pop(), leaf)
            size >>= 1
        self._subtrees.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        if not self._subtrees:
            return EMPTY_ROOT
        root = self._subtrees[-1]
        for subtree in reversed(self._subtrees[:-1]):
            root = node_hash(subtree, root)
        return root


class Tree:
    """A tree of `size` leaves whose hashes are read where they are stored."""

    def __init__(self, size: int, read: Reader):
        self.size = size
        self._read = read

    def root(self) -> bytes:
        return self._subtree(0, self.size) if self.size else EMPTY_ROOT

    def frontier(self) -> Frontier:
        subtrees, start = [], 0
        for bit in reversed(range(self.size.bit_length())):
            if self.size >> bit & 1:
                subtrees.append(self._subtree(start, start + (1 << bit)))
                start += 1 << bit
        return Frontier(self.size, subtrees)

    def inclusion_proof(self, index: int) -> list[bytes]:
        """PATH(index, D[size]). Raises IndexError for a leaf the tree hasn't."""
        if not 0 <= index < self.size:
            raise IndexError(index)
        return self._path(index, 0, self.size)

    def consistency_proof(self, first: int) -> list[bytes]:
        """PROOF(first, D[size]): that the tree of the first so many leaves is the beginning of this one."""
        if not 0 < first <= self.size:
            raise IndexError(first)
        return self._subproof(first, 0, self.size, complete=True)

    def _subtree(self, start: int, end: int) -> bytes:
        size = end - start
        height = size.bit_length() - 1
        if size == 1 << height and start % size == 0:
            level = height - height % STEP
            return perfect_root(self._read(level, start >> level, end >> level))
        split = start + _split(size)
        return node_hash(self._subtree(start, split), self._subtree(split, end))

    def _path(self, index: int, start: int, end: int) -> list[bytes]:
        if end - start == 1:
            return []
        split = start + _split(end - start)
        if index < split:
            return [*self._path(index, start, split), self._subtree(split, end)]
        return [*self._path(index, split, end), self._subtree(start, split)]

    def _subproof(self, first: int, start: int, end: int, *, complete: bool) -> list[bytes]:
        if first == end - start:
            return [] if complete else [self._subtree(start, end)]
        split = _split(end - start)
        if first <= split:
            return [
                *self._subproof(first, start, start + split, complete=complete),
                self._subtree(start + split, end),
            ]
        return [
            *self._subproof(first - split, start + split, end, complete=False),
            self._subtree(start, start + split),
        ]


def _split(size: int) -> int:
    """The largest power of two smaller than `size`."""
    return 1 << (size - 1).bit_length() - 1


def is_included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether a leaf hash stands at `index` of the tree with that root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    fn, sn, computed = index, size - 1, leaf
    for step in proof:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            computed = node_hash(step, computed)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            computed = node_hash(computed, step)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and computed == root


def is_consistent(
    first: int, first_root: bytes, second: int, second_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether the tree of `first` leaves is the beginning of the one of `second` (RFC 9162, 2.1.4.2)."""
    if not 0 < first <= second:
        return False
    if first == second:
        return not proof and first_root == second_root
    steps = list(proof)
    if first & (first - 1) == 0:
        steps.insert(0, first_root)
    if not steps:
        return False
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = steps[0]
    for step in steps[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node_hash(step, fr), node_hash(step, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node_hash(sr, step)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and fr == first_root and sr == second_root
