"""The tree, against the reference values that certificate transparency's own tests use."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.audit.merkle import (
    EMPTY_ROOT,
    STEP,
    Frontier,
    Tree,
    is_consistent,
    is_included,
    leaf_hash,
    perfect_root,
)

# The eight leaves, and the roots of the trees of the first 1 to 8 of them, of the reference implementation.
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    bytes.fromhex(text)
    for text in (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    )
]
# (leaf, size) -> audit path.
INCLUSION = {
    (0, 1): [],
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    (1, 5): [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
# (first size, second size) -> consistency proof.
CONSISTENCY = {
    (1, 1): [],
    (1, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}


def tree_of(leaves: list[bytes], size: int | None = None) -> Tree:
    """A tree that reads as ours do: leaf hashes, and those of complete subtrees of 256."""
    stored = {0: [leaf_hash(leaf) for leaf in leaves]}
    stored[STEP] = [perfect_root(stored[0][i : i + 256]) for i in range(0, len(leaves) - 255, 256)]

    def read(level: int, start: int, end: int) -> list[bytes]:
        hashes = stored[level][start:end]
        assert len(hashes) == end - start
        return hashes

    return Tree(len(leaves) if size is None else size, read)


@pytest.mark.parametrize("size", range(1, 9))
def test_the_roots_are_those_of_the_reference(size):
    frontier = Frontier()
    for leaf in LEAVES[:size]:
        frontier.append(leaf_hash(leaf))
    assert frontier.root() == ROOTS[size - 1] == tree_of(LEAVES[:size]).root()


def test_a_tree_without_leaves_has_the_hash_of_nothing():
    assert Frontier().root() == tree_of([]).root() == EMPTY_ROOT == sha256(b"").digest()


@pytest.mark.parametrize(("index", "size"), INCLUSION)
def test_inclusion_proofs_are_those_of_the_reference(index, size):
    proof = tree_of(LEAVES, size).inclusion_proof(index)
    assert [step.hex() for step in proof] == INCLUSION[index, size]
    assert is_included(leaf_hash(LEAVES[index]), index, size, proof, ROOTS[size - 1])


@pytest.mark.parametrize(("first", "second"), CONSISTENCY)
def test_consistency_proofs_are_those_of_the_reference(first, second):
    proof = tree_of(LEAVES, second).consistency_proof(first)
    assert [step.hex() for step in proof] == CONSISTENCY[first, second]
    assert is_consistent(first, ROOTS[first - 1], second, ROOTS[second - 1], proof)


sizes = st.integers(1, 1500)


@given(data=st.data(), size=sizes)
def test_every_leaf_can_be_proved_and_no_other(data, size):
    leaves = [str(n).encode() for n in range(size)]
    tree, index = tree_of(leaves), data.draw(st.integers(0, size - 1))
    proof, root = tree.inclusion_proof(index), tree.root()
    leaf = leaf_hash(leaves[index])
    assert is_included(leaf, index, size, proof, root)
    assert not is_included(leaf_hash(b"another"), index, size, proof, root)
    assert not is_included(leaf, index, size, [*proof, leaf], root)
    if size > 1:
        assert not is_included(leaf, (index + 1) % size, size, proof, root)
        assert not is_included(leaf, index, size, proof[:-1], root)


@given(data=st.data(), size=sizes)
def test_a_tree_that_grew_is_proved_to_begin_with_what_it_was(data, size):
    leaves = [str(n).encode() for n in range(size)]
    first = data.draw(st.integers(1, size))
    before, after = tree_of(leaves[:first]).root(), tree_of(leaves).root()
    proof = tree_of(leaves).consistency_proof(first)
    assert is_consistent(first, before, size, after, proof)
    changed = [b"changed", *leaves[1:first]]
    assert not is_consistent(first, tree_of(changed).root(), size, after, proof)
    assert not is_consistent(first, before, size, after, [*proof, before])


@given(size=sizes, more=st.integers(0, 700))
def test_a_stored_tree_goes_on_where_it_ended(size, more):
    leaves = [str(n).encode() for n in range(size + more)]
    frontier = tree_of(leaves[:size]).frontier()
    for leaf in leaves[size:]:
        frontier.append(leaf_hash(leaf))
    assert (frontier.size, frontier.root()) == (size + more, tree_of(leaves).root())
