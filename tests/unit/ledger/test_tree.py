from __future__ import annotations

import pytest

from kimberlite.kernel.errors import Invalid, Problem
from kimberlite.ledger.tree import (
    EMPTY_ROOT,
    Frontier,
    leaf_hash,
    leaf_hashes,
    node_hash,
    root_of,
)

# The eight entries that published test data for these trees use, and their roots by size
# (transparency-dev/merkle, Apache-2.0; the same in Certificate Transparency's first tests).
ENTRIES = [
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
ROOT_1 = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
ROOT_8 = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert Frontier().root() == EMPTY_ROOT
    assert root_of([]) == EMPTY_ROOT


def test_published_roots() -> None:
    edge = Frontier()
    edge.append(leaf_hash(ENTRIES[0]))
    assert edge.root().hex() == ROOT_1
    edge.extend(leaf_hashes(ENTRIES[1:]))
    assert edge.root().hex() == ROOT_8
    assert edge.size == 8


def test_a_leaf_never_passes_for_a_node() -> None:
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(left + right) != node_hash(left, right)


def test_three_leaves_by_hand() -> None:
    a, b, c = leaf_hashes([b"a", b"b", b"c"])
    assert root_of([a, b, c]) == node_hash(node_hash(a, b), c)


def test_the_stored_form_is_size_then_subtrees_from_left_to_right() -> None:
    a, b, c = leaf_hashes([b"a", b"b", b"c"])
    edge = Frontier()
    edge.extend([a, b, c])
    assert edge.to_bytes() == (3).to_bytes(8, "big") + node_hash(a, b) + c
    assert Frontier.from_bytes(edge.to_bytes()) == edge
    assert repr(edge) == f"<Frontier size=3 root={edge.root().hex()}>"


def test_a_copy_goes_its_own_way() -> None:
    edge = Frontier()
    edge.append(leaf_hash(b"a"))
    before = edge.root()
    twin = edge.copy()
    twin.append(leaf_hash(b"b"))
    assert (edge.size, edge.root()) == (1, before)
    assert twin != edge
    assert edge != before


def test_adding_nothing_changes_nothing() -> None:
    edge = Frontier()
    edge.extend([])
    assert edge.to_bytes() == bytes(8)


@pytest.mark.parametrize("wrong", [b"", bytes(31), bytes(33)])
def test_only_hashes_are_appended(wrong: bytes) -> None:
    edge = Frontier()
    with pytest.raises(Invalid) as one:
        edge.append(wrong)
    with pytest.raises(Invalid) as many:
        edge.extend([bytes(32), wrong])
    assert one.value.code == many.value.code == "tree.hash"
    assert edge.size == 0


@pytest.mark.parametrize(
    "data",
    [
        b"",
        bytes(7),
        bytes(9),
        (1).to_bytes(8, "big"),
        (1).to_bytes(8, "big") + bytes(31),
        (2).to_bytes(8, "big") + bytes(64),
        (1 << 63).to_bytes(8, "big") + bytes(32),
        b"\xff" * 8 + bytes(64 * 32),
    ],
)
def test_a_damaged_stored_form_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid) as bad:
        Frontier.from_bytes(data)
    assert bad.value.code == "tree.frontier"


def test_a_tree_stays_below_two_to_the_63() -> None:
    full = Frontier.from_bytes(((1 << 63) - 1).to_bytes(8, "big") + bytes(63 * 32))
    with pytest.raises(Problem) as one:
        full.append(bytes(32))
    with pytest.raises(Problem) as many:
        full.extend([bytes(32)])
    assert one.value.code == many.value.code == "tree.size"
