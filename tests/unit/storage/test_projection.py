"""Projections: made once from each entry, anew when their version changes, by any process."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kimberlite.storage.projection import Fact, Projection, catch_up, prepare
from kimberlite.storage.sqlite import connect


def count(db: sqlite3.Connection, index: int, raw: bytes, facts: list[Fact]) -> None:
    db.execute("INSERT INTO seen VALUES (?, ?)", (index, raw))
    if raw == b"bad":
        db.execute("INSERT INTO nowhere VALUES (1)")


COUNTING = Projection(
    "counting", 1, {"seen": "CREATE TABLE seen (at INTEGER PRIMARY KEY, raw BLOB) STRICT"}, count
)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    made = connect(tmp_path / "p.db")
    yield made
    made.close()


def entries(start: int, end: int) -> list[tuple[int, bytes, list[Fact]]]:
    return [(index, b"entry", []) for index in range(start, end)]


def seen(db: sqlite3.Connection) -> list[int]:
    return [at for (at,) in db.execute("SELECT at FROM seen ORDER BY at")]


def test_each_entry_is_taken_once(db: sqlite3.Connection) -> None:
    assert prepare(db, COUNTING) == 0
    assert catch_up(db, COUNTING, entries(0, 2500)) == 2500
    assert prepare(db, COUNTING) == 2500
    assert catch_up(db, COUNTING, entries(2000, 2600)) == 100
    assert seen(db) == list(range(2600))


def test_another_version_starts_again_from_nothing(db: sqlite3.Connection) -> None:
    prepare(db, COUNTING)
    catch_up(db, COUNTING, entries(0, 5))
    assert prepare(db, replace(COUNTING, version=2)) == 0
    assert seen(db) == []


def test_an_entry_that_cannot_be_taken_leaves_nothing_of_its_batch(db: sqlite3.Connection) -> None:
    prepare(db, COUNTING)
    catch_up(db, COUNTING, entries(0, 3))
    with pytest.raises(Exception, match=r"storage\."):
        catch_up(db, COUNTING, [*entries(3, 5), (5, b"bad", [])])
    assert seen(db) == [0, 1, 2]
    assert prepare(db, COUNTING) == 3


def test_no_entry_is_nothing_to_do(db: sqlite3.Connection) -> None:
    prepare(db, COUNTING)
    assert catch_up(db, COUNTING, []) == 0
