"""Projections: tables for questions, made from the log's entries and made anew at any time.

Nothing official lives in one. Each keeps a cursor, the number of entries it has seen, in the same
transaction as what it made of them; when its version changes it starts again from nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from kimberlite.storage.sqlite import reading, transaction

Fact = list[Any]
Apply = Callable[[sqlite3.Connection, int, bytes, list[Fact]], None]
"""Takes one entry in: its index, its bytes, its facts. Must only depend on these."""

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Projection:
    """One room's tables. ``tables`` are CREATE statements by table name."""

    name: str
    version: int
    tables: dict[str, str]
    apply: Apply = field(repr=False)


def prepare(db: sqlite3.Connection, projection: Projection) -> int:
    """Make the tables, or make them anew for another version; give the cursor.

    Raises:
        Unavailable, Conflict: as ``storage.sqlite.transaction``.
    """
    with transaction(db):
        db.execute(
            "CREATE TABLE IF NOT EXISTS projection (name TEXT PRIMARY KEY, "
            "version INTEGER NOT NULL, seen INTEGER NOT NULL) STRICT"
        )
        found = db.execute(
            "SELECT version, seen FROM projection WHERE name = ?", (projection.name,)
        ).fetchone()
        if found is not None and found[0] == projection.version:
            return int(found[1])
        for name, sql in projection.tables.items():
            db.execute(f'DROP TABLE IF EXISTS "{name}"')
            db.execute(sql)
        row = (projection.name, projection.version)
        db.execute("INSERT OR REPLACE INTO projection VALUES (?, ?, 0)", row)
    return 0


def catch_up(
    db: sqlite3.Connection,
    projection: Projection,
    entries: Iterable[tuple[int, bytes, list[Fact]]],
) -> int:
    """Take in entries that follow on the cursor; give how many were taken.

    Raises:
        Unavailable, Conflict: as ``storage.sqlite.transaction``; what was taken before stays.
    """
    taken = 0
    batch: list[tuple[int, bytes, list[Fact]]] = []
    for entry in entries:
        batch.append(entry)
        if len(batch) == _BATCH:
            taken += _take(db, projection, batch)
            batch = []
    return taken + _take(db, projection, batch)


def _take(
    db: sqlite3.Connection, projection: Projection, batch: list[tuple[int, bytes, list[Fact]]]
) -> int:
    if not batch:
        return 0
    with transaction(db), reading():
        (seen,) = db.execute(
            "SELECT seen FROM projection WHERE name = ?", (projection.name,)
        ).fetchone()
        # Another process may have taken some of these in the meantime.
        new = [each for each in batch if each[0] >= seen]
        for index, raw, facts in new:
            projection.apply(db, index, raw, facts)
        told = (max(seen, batch[-1][0] + 1), projection.name)
        db.execute("UPDATE projection SET seen = ? WHERE name = ?", told)
    return len(new)
