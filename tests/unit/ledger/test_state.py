"""The state: what a batch has put is seen at once, kept in one piece, or forgotten."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from kimberlite.kernel import cbor
from kimberlite.ledger.state import State, Table

SMALL: Table[int] = Table("small", lambda row: [row], lambda value: value[0])
LARGE: Table[int] = Table("large", lambda row: [row], lambda value: value[0], resident=False)


class Kept:
    """Rows in a dictionary that counts how often it is asked."""

    def __init__(self) -> None:
        self.tables: dict[tuple[str, str], bytes] = {}
        self.places: dict[bytes, int] = {}
        self.asked: list[str] = []

    def row(self, table: str, key: str) -> bytes | None:
        self.asked.append(f"row {table}")
        return self.tables.get((table, key))

    def some(self, table: str, keys: Sequence[str]) -> Mapping[str, bytes]:
        self.asked.append(f"some {len(keys)} of {table}")
        return {key: self.tables[table, key] for key in keys if (table, key) in self.tables}

    def rows(self, table: str) -> Iterable[tuple[str, bytes]]:
        self.asked.append(f"rows {table}")
        return sorted((k, v) for (t, k), v in self.tables.items() if t == table)

    def indexes(self, ids: Sequence[bytes]) -> Mapping[bytes, int]:
        self.asked.append(f"indexes {len(ids)}")
        return {each: self.places[each] for each in ids if each in self.places}

    def keep(self, changes: Iterable[tuple[str, str, bytes]]) -> None:
        self.tables.update({(table, key): raw for table, key, raw in changes})


@pytest.fixture
def kept() -> Kept:
    found = Kept()
    found.keep([("small", "a", cbor.encode([1])), ("large", "a", cbor.encode([1]))])
    return found


@pytest.mark.parametrize("resident", [True, False], ids=["resident", "on disk"])
def test_a_row_that_many_statements_made_long_is_read_again(kept: Kept, resident: bool) -> None:
    table: Table[list[bytes]] = Table("long", lambda r: r, lambda v: v, resident=resident)
    grown = [bytes(300)] * 5_000  # more than a mebibyte, and more than 4,096 members
    state = State(kept)
    state.put(table, "a", grown)
    kept.keep(state.changes())

    again = State(kept)
    assert again.get(table, "a") == grown
    again.forget()
    again.fetch(table, ["a"])
    assert again.get(table, "a") == grown


@pytest.mark.parametrize("table", [SMALL, LARGE], ids=["resident", "on disk"])
def test_a_row_is_seen_as_soon_as_it_is_put(kept: Kept, table: Table[int]) -> None:
    state = State(kept)
    assert (state.get(table, "a"), state.get(table, "b")) == (1, None)
    state.put(table, "a", 2)
    state.put(table, "b", 3)
    assert (state.get(table, "a"), state.get(table, "b")) == (2, 3)
    assert kept.tables[table.name, "a"] == cbor.encode([1]), "nothing is kept before the commit"


@pytest.mark.parametrize("table", [SMALL, LARGE], ids=["resident", "on disk"])
def test_changes_are_told_once_and_read_back_by_the_next(kept: Kept, table: Table[int]) -> None:
    state = State(kept)
    state.put(table, "b", 2)
    state.put(table, "b", 3)
    assert state.changes() == [(table.name, "b", cbor.encode([3]))]
    kept.keep(state.changes())
    state.settle()
    assert state.changes() == []
    assert (state.get(table, "b"), State(kept).get(table, "b")) == (3, 3)


@pytest.mark.parametrize("table", [SMALL, LARGE], ids=["resident", "on disk"])
def test_what_is_forgotten_was_never_put(kept: Kept, table: Table[int]) -> None:
    state = State(kept)
    state.get(table, "a")
    state.put(table, "a", 2)
    state.put(table, "b", 3)
    state.forget()
    assert state.changes() == []
    assert (state.get(table, "a"), state.get(table, "b")) == (1, None)


def test_a_row_that_looks_empty_is_still_a_row(kept: Kept) -> None:
    state = State(kept)
    for table in (SMALL, LARGE):
        state.put(table, "zero", 0)
        assert state.get(table, "zero") == 0
        kept.keep(state.changes())
        state.settle()
        assert State(kept).get(table, "zero") == 0


def test_a_scan_is_in_order_of_key_whatever_the_order_of_writing(kept: Kept) -> None:
    state = State(kept)
    for key in ("c", "B", "\u00e9", "b"):
        state.put(SMALL, key, 1)
    assert [key for key, _ in state.scan(SMALL)] == ["B", "a", "b", "c", "\u00e9"]


def test_resident_tables_are_read_once_and_large_ones_row_by_row(kept: Kept) -> None:
    """Memory must not grow with the years, and the hot tables must not be read per entry."""
    state = State(kept)
    for _ in range(3):
        state.get(SMALL, "a")
        state.get(LARGE, "a")
    assert kept.asked.count("rows small") == 1
    assert "row small" not in kept.asked
    assert "rows large" not in kept.asked
    assert kept.asked.count("row large") == 3


def test_places_of_statements_are_looked_up_together(kept: Kept) -> None:
    kept.places = {b"one": 7}
    state = State(kept)
    state.expect([b"one", b"two"])
    assert (state.index_of(b"one"), state.index_of(b"two")) == (7, None)
    assert kept.asked == ["indexes 2"]
    state.enter(b"two", 8)
    assert state.index_of(b"two") == 8
    state.forget()
    assert state.index_of(b"two") is None


def test_rows_of_a_batch_are_looked_up_together_and_let_go_with_it(kept: Kept) -> None:
    state = State(kept)
    state.fetch(LARGE, ["a", "b", "a"])
    assert (state.get(LARGE, "a"), state.get(LARGE, "b")) == (1, None)
    state.put(LARGE, "b", 2)
    assert state.get(LARGE, "b") == 2
    assert kept.asked == ["some 2 of large"]
    state.undo()
    kept.keep([("large", "a", cbor.encode([7]))])
    assert (state.get(LARGE, "a"), state.get(LARGE, "b")) == (7, None)


def test_fetching_ahead_leaves_a_resident_table_alone(kept: Kept) -> None:
    state = State(kept)
    state.fetch(SMALL, ["a"])
    assert kept.asked == []


class Batches(RuleBasedStateMachine):
    """However puts, commits and failures follow each other, the state is the model's."""

    def __init__(self) -> None:
        super().__init__()
        self.kept = Kept()
        self.state = State(self.kept)
        self.durable: dict[tuple[str, str], int] = {}
        self.now: dict[tuple[str, str], int] = {}

    @rule(table=st.sampled_from([SMALL, LARGE]), key=st.sampled_from("abc"), row=st.integers(0, 9))
    def put(self, table: Table[int], key: str, row: int) -> None:
        self.state.put(table, key, row)
        self.now[table.name, key] = row

    @rule(keys=st.lists(st.sampled_from("abc")))
    def look_ahead(self, keys: list[str]) -> None:
        self.state.fetch(LARGE, keys)

    @rule()
    def commit(self) -> None:
        self.kept.keep(self.state.changes())
        self.state.settle()
        self.durable = dict(self.now)

    @rule()
    def fail(self) -> None:
        self.state.forget()
        self.now = dict(self.durable)

    @rule()
    def restart(self) -> None:
        self.state = State(self.kept)
        self.now = dict(self.durable)

    @invariant()
    def agrees(self) -> None:
        for table in (SMALL, LARGE):
            for key in "abc":
                expected: Any = self.now.get((table.name, key))
                assert self.state.get(table, key) == expected


TestBatches = Batches.TestCase
TestBatches.settings = settings(max_examples=60, stateful_step_count=25)
