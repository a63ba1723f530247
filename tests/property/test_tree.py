from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimberlite.kernel.errors import Problem
from kimberlite.ledger.proofs import (
    consistency_path,
    inclusion_path,
    root_from_inclusion,
    verify_consistency,
    verify_inclusion,
)
from kimberlite.ledger.tree import Frontier, root_of
from tests.helpers.trees import SlowTree, some_entries

LARGEST = 300
TREE = SlowTree.of(some_entries(LARGEST))
LEAF = TREE.leaves

sizes = st.integers(min_value=1, max_value=LARGEST)


@st.composite
def places(draw: st.DrawFn) -> tuple[int, int]:
    size = draw(sizes)
    return draw(st.integers(min_value=0, max_value=size - 1)), size


@st.composite
def growths(draw: st.DrawFn) -> tuple[int, int]:
    new = draw(sizes)
    return draw(st.integers(min_value=1, max_value=new)), new


def flip(data: bytes, bit: int) -> bytes:
    at, mask = divmod(bit % (8 * len(data)), 8)
    return data[:at] + bytes((data[at] ^ (1 << mask),)) + data[at + 1 :]


def test_every_size_has_the_root_of_the_definition() -> None:
    """Law: one by one, all at once, and by the recursive definition, the root is the same."""
    edge = Frontier()
    assert edge.root() == TREE.root(0)
    for size in range(1, LARGEST + 1):
        edge.append(LEAF[size - 1])
        assert edge.root() == TREE.root(size)
        assert root_of(LEAF[:size]) == TREE.root(size)


@given(st.lists(st.integers(min_value=0, max_value=LARGEST), max_size=8))
def test_batches_do_not_matter(cuts: list[int]) -> None:
    """Law: however the leaves are cut into batches, the edge is the same, stored or not."""
    edge = Frontier()
    for low, high in pairwise([0, *sorted(cuts), LARGEST]):
        edge.extend(LEAF[low:high])
        edge = Frontier.from_bytes(edge.to_bytes())
        assert edge.root() == TREE.root(high)
    whole = Frontier()
    whole.extend(LEAF)
    assert edge == whole


@given(st.integers(min_value=0, max_value=LARGEST), st.integers(min_value=0, max_value=LARGEST))
def test_a_copy_and_its_original_do_not_meet_again(size: int, more: int) -> None:
    """Law: what is added to a copy is not added to the original."""
    edge = Frontier()
    edge.extend(LEAF[:size])
    edge.copy().extend(LEAF[:more])
    edge.extend(LEAF[size:])
    assert edge.root() == TREE.root(LARGEST)


@given(places())
def test_inclusion_paths_are_those_of_the_definition(place: tuple[int, int]) -> None:
    """Law: the path is PATH of RFC 9162, and rebuilding from it gives the root."""
    index, size = place
    path = inclusion_path(TREE, index, size)
    assert path == TREE.path(index, size)
    verify_inclusion(index, size, LEAF[index], path, TREE.root(size))


@given(growths())
def test_consistency_paths_are_those_of_the_definition(sizes: tuple[int, int]) -> None:
    """Law: the path is PROOF of RFC 9162, and it ties both roots together."""
    old, new = sizes
    path = consistency_path(TREE, old, new)
    assert path == TREE.proof(old, new)
    verify_consistency(old, new, TREE.root(old), TREE.root(new), path)


def test_small_trees_completely() -> None:
    """Law: up to 33 leaves every proof is right, and no proof of one leaf serves another."""
    for size in range(1, 34):
        for index in range(size):
            path = inclusion_path(TREE, index, size)
            assert path == TREE.path(index, size)
            for other in range(size):
                if other == index:
                    verify_inclusion(index, size, LEAF[index], path, TREE.root(size))
                    continue
                with pytest.raises(Problem):
                    verify_inclusion(other, size, LEAF[index], path, TREE.root(size))
        for old in range(1, size + 1):
            path = consistency_path(TREE, old, size)
            assert path == TREE.proof(old, size)
            for other in range(1, LARGEST // 8):
                if other == old:
                    verify_consistency(old, size, TREE.root(old), TREE.root(size), path)
                    continue
                with pytest.raises(Problem):
                    verify_consistency(other, size, TREE.root(old), TREE.root(size), path)


@given(places(), st.integers(min_value=0), st.integers(min_value=0, max_value=30))
def test_any_altered_bit_breaks_an_inclusion_proof(
    place: tuple[int, int], bit: int, which: int
) -> None:
    """Law: leaf, root and every hash of the path are bound, bit by bit."""
    index, size = place
    hashes = [LEAF[index], TREE.root(size), *TREE.path(index, size)]
    at = which % len(hashes)
    hashes[at] = flip(hashes[at], bit)
    leaf, root, *path = hashes
    with pytest.raises(Problem) as bad:
        verify_inclusion(index, size, leaf, path, root)
    assert bad.value.code == "proof.inclusion"


@given(growths(), st.integers(min_value=0), st.integers(min_value=0, max_value=30))
def test_any_altered_bit_breaks_a_consistency_proof(
    sizes: tuple[int, int], bit: int, which: int
) -> None:
    """Law: both roots and every hash of the path are bound, bit by bit."""
    old, new = sizes
    hashes = [TREE.root(old), TREE.root(new), *TREE.proof(old, new)]
    at = which % len(hashes)
    hashes[at] = flip(hashes[at], bit)
    old_root, new_root, *path = hashes
    with pytest.raises(Problem) as bad:
        verify_consistency(old, new, old_root, new_root, path)
    assert bad.value.code == "proof.consistency"


@given(places(), sizes)
def test_another_size_never_leads_to_its_own_root(place: tuple[int, int], other: int) -> None:
    """Law: a path may fit another size, but then it leads to the root of the first."""
    index, size = place
    path = TREE.path(index, size)
    try:
        found = root_from_inclusion(index, other, LEAF[index], path)
    except Problem:
        return
    assert (found == TREE.root(other)) == (other == size)
    assert found == TREE.root(size)


numbers = st.integers(min_value=-5, max_value=1 << 65)
hashes = st.one_of(st.binary(min_size=32, max_size=32), st.binary(max_size=40))


@given(numbers, numbers, hashes, hashes, st.lists(hashes, max_size=70))
def test_nonsense_is_only_ever_refused(
    first: int, second: int, one: bytes, other: bytes, path: list[bytes]
) -> None:
    """Law: checking a proof ends in a Problem or in equal roots, never otherwise."""
    try:
        verify_consistency(first, second, one, other, path)
    except Problem:
        pass
    else:
        assert first == second
        assert one == other
    with pytest.raises(Problem):
        verify_inclusion(first, second, one, path, b"\xff" * 32)


@given(st.binary(max_size=600))
def test_random_bytes_are_no_right_edge(data: bytes) -> None:
    """Law: reading gives a Problem, or an edge that is written as the same bytes."""
    try:
        edge = Frontier.from_bytes(data)
    except Problem:
        return
    assert edge.to_bytes() == data
