from __future__ import annotations

from collections.abc import Callable

import pytest

from kimberlite.kernel.errors import Invalid, Untrusted
from kimberlite.ledger.proofs import (
    consistency_path,
    inclusion_path,
    root_from_consistency,
    root_from_inclusion,
    verify_consistency,
    verify_inclusion,
)
from tests.helpers.trees import SlowTree, some_entries

TREE = SlowTree.of(some_entries(100))
LEAF = TREE.leaves


def test_a_proof_leads_to_the_root() -> None:
    path = inclusion_path(TREE, 37, 100)
    assert path == TREE.path(37, 100)
    assert root_from_inclusion(37, 100, LEAF[37], path) == TREE.root(100)
    verify_inclusion(37, 100, LEAF[37], path, TREE.root(100))


def test_the_only_leaf_needs_no_path() -> None:
    assert inclusion_path(TREE, 0, 1) == []
    verify_inclusion(0, 1, LEAF[0], [], TREE.root(1))


def test_another_leaf_is_not_in_the_log() -> None:
    with pytest.raises(Untrusted) as bad:
        verify_inclusion(37, 100, LEAF[38], TREE.path(37, 100), TREE.root(100))
    assert bad.value.code == "proof.inclusion"


def test_growth_is_proved() -> None:
    path = consistency_path(TREE, 37, 100)
    assert path == TREE.proof(37, 100)
    verify_consistency(37, 100, TREE.root(37), TREE.root(100), path)
    assert root_from_consistency(37, 100, TREE.root(37), path) == TREE.root(100)


def test_a_rewritten_log_is_caught_from_either_end() -> None:
    other = SlowTree.of([b"rewritten", *some_entries(100)[1:]])
    path = TREE.proof(37, 100)
    for old, new in ((other.root(37), TREE.root(100)), (TREE.root(37), other.root(100))):
        with pytest.raises(Untrusted) as bad:
            verify_consistency(37, 100, old, new, path)
        assert bad.value.code == "proof.consistency"


def test_equal_sizes_are_consistent_when_equal() -> None:
    verify_consistency(5, 5, TREE.root(5), TREE.root(5), [])
    with pytest.raises(Untrusted) as bad:
        verify_consistency(5, 5, TREE.root(5), TREE.root(6), [])
    assert bad.value.code == "proof.consistency"


def test_between_equal_sizes_a_path_is_refused() -> None:
    with pytest.raises(Invalid) as bad:
        verify_consistency(5, 5, TREE.root(5), TREE.root(5), [TREE.root(5)])
    assert bad.value.code == "proof.length"


@pytest.mark.parametrize(
    ("index", "size", "code"),
    [
        (0, 0, "proof.size"),
        (0, -1, "proof.size"),
        (0, 1 << 63, "proof.size"),
        (-1, 4, "proof.index"),
        (4, 4, "proof.index"),
        ((1 << 64) - 1, 4, "proof.index"),
    ],
)
def test_places_outside_a_tree(index: int, size: int, code: str) -> None:
    with pytest.raises(Invalid) as built:
        inclusion_path(TREE, index, size)
    with pytest.raises(Invalid) as checked:
        verify_inclusion(index, size, LEAF[0], [], TREE.root(1))
    assert built.value.code == checked.value.code == code


@pytest.mark.parametrize(("old", "new"), [(0, 0), (0, 5), (-1, 5), (6, 5), (5, 1 << 63)])
def test_sizes_between_which_nothing_is_proved(old: int, new: int) -> None:
    with pytest.raises(Invalid) as built:
        consistency_path(TREE, old, new)
    with pytest.raises(Invalid) as checked:
        verify_consistency(old, new, TREE.root(5), TREE.root(5), [])
    assert built.value.code == checked.value.code == "proof.size"


def test_a_proof_has_exactly_its_length() -> None:
    inclusion, consistency = TREE.path(37, 100), TREE.proof(37, 100)
    for path in (inclusion[:-1], [*inclusion, bytes(32)], []):
        with pytest.raises(Invalid) as bad:
            verify_inclusion(37, 100, LEAF[37], path, TREE.root(100))
        assert bad.value.code == "proof.length"
    for path in (consistency[:-1], [*consistency, bytes(32)], []):
        with pytest.raises(Invalid) as bad:
            verify_consistency(37, 100, TREE.root(37), TREE.root(100), path)
        assert bad.value.code == "proof.length"


@pytest.mark.parametrize("wrong", [b"", bytes(31), bytes(33)])
def test_every_hash_has_32_bytes(wrong: bytes) -> None:
    path, growth = TREE.path(37, 100), TREE.proof(37, 100)
    root, old = TREE.root(100), TREE.root(37)
    attempts: list[Callable[[], object]] = [
        lambda: verify_inclusion(37, 100, wrong, path, root),
        lambda: verify_inclusion(37, 100, LEAF[37], path, wrong),
        lambda: verify_inclusion(37, 100, LEAF[37], [wrong, *path[1:]], root),
        lambda: verify_consistency(37, 100, wrong, root, growth),
        lambda: verify_consistency(37, 100, old, wrong, growth),
        lambda: verify_consistency(37, 100, old, root, [*growth[:-1], wrong]),
    ]
    for attempt in attempts:
        with pytest.raises(Invalid) as bad:
            attempt()
        assert bad.value.code == "proof.hash"


def test_a_bare_proof_does_not_bind_the_size() -> None:
    """Why receipts sign the size as well: leaf 5 of 8 proves itself under 7 just as well."""
    path = TREE.path(5, 8)
    assert root_from_inclusion(5, 7, LEAF[5], path) == root_from_inclusion(5, 8, LEAF[5], path)


def test_a_proof_fetches_at_most_two_nodes_a_level() -> None:
    for index in range(100):
        TREE.fetched.clear()
        inclusion_path(TREE, index, 100)
        assert len(TREE.fetched) <= 2 * 7
        assert len(set(TREE.fetched)) == len(TREE.fetched)
    for old in range(1, 100):
        TREE.fetched.clear()
        consistency_path(TREE, old, 100)
        assert len(TREE.fetched) <= 2 * 7 + 1
