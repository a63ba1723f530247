"""The default engine: one SQLite file, WAL, synchronous=FULL; one commit holds a whole batch."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar
from weakref import WeakSet, finalize

from kimberlite.kernel.errors import Conflict
from kimberlite.ledger.engine.memory import refuse_strangers
from kimberlite.ledger.engine.port import Batch, Head, Stored
from kimberlite.storage.sqlite import connect, migrate, reading, transaction

_STEPS = (
    """
CREATE TABLE head (
    only INTEGER PRIMARY KEY CHECK (only = 1), size INTEGER NOT NULL, frontier BLOB NOT NULL,
    facts BLOB NOT NULL, epoch INTEGER NOT NULL) STRICT;
CREATE TABLE entry (
    position INTEGER PRIMARY KEY, raw BLOB NOT NULL, facts BLOB NOT NULL) STRICT;
CREATE TABLE statement (
    id BLOB PRIMARY KEY, position INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE state (
    name TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL,
    PRIMARY KEY (name, key)) STRICT, WITHOUT ROWID;
CREATE TABLE tile (
    level INTEGER NOT NULL, number INTEGER NOT NULL, data BLOB NOT NULL,
    PRIMARY KEY (level, number)) STRICT, WITHOUT ROWID;
CREATE TRIGGER entry_stays BEFORE UPDATE ON entry
    BEGIN SELECT RAISE(ABORT, 'an entry never changes'); END;
CREATE TRIGGER entry_remains BEFORE DELETE ON entry
    BEGIN SELECT RAISE(ABORT, 'an entry never goes'); END""",
)
_LOOKUPS = 500
_Key = TypeVar("_Key")


class SqliteEngine:
    """A log in one SQLite file. Writing is for one thread; each reading thread has a connection."""

    def __init__(self, path: Path, *, readonly: bool = False) -> None:
        """Open ``path``, made if absent unless ``readonly``. Raises as ``storage.sqlite``."""
        self._path, self._readonly = path, readonly
        self._db = connect(path, readonly=readonly)
        self._readers: WeakSet[_Held] = WeakSet()
        self._local = threading.local()
        if not readonly:
            migrate(self._db, _STEPS)
            self._begin()

    def _begin(self) -> None:
        head = Head()
        with transaction(self._db):
            sql = "INSERT OR IGNORE INTO head VALUES (1, ?, ?, ?, ?)"
            self._db.execute(sql, (head.size, head.frontier, head.facts, head.epoch))

    def _reader(self) -> sqlite3.Connection:
        held: _Held | None = getattr(self._local, "held", None)
        if held is None:
            self._local.held = held = _Held(connect(self._path, readonly=True))
            self._readers.add(held)
        return held.db

    def head(self) -> Head:
        """Give the latest durable head."""
        with reading():
            sql = "SELECT size, frontier, facts, epoch FROM head"
            return Head(*self._reader().execute(sql).fetchone())

    def lease(self) -> int:
        """Become the one writer: raise the epoch, which fences earlier holders off."""
        with transaction(self._db):
            self._db.execute("UPDATE head SET epoch = epoch + 1")
            (epoch,) = self._db.execute("SELECT epoch FROM head").fetchone()
        return int(epoch)

    def commit(self, batch: Batch, epoch: int) -> Head:
        """Make ``batch`` durable. Raises as the port says."""
        size = batch.first + len(batch.entries)
        db = self._db
        with transaction(db):
            sql = "UPDATE head SET size = ?, frontier = ?, facts = ? WHERE size = ? AND epoch = ?"
            told = (size, batch.frontier, batch.facts, batch.first, epoch)
            if db.execute(sql, told).rowcount != 1:
                found = db.execute("SELECT size, frontier, facts, epoch FROM head").fetchone()
                refuse_strangers(Head(*found), batch, epoch)
                raise Conflict("log.moved", "the log is not where this batch begins")
            db.executemany(
                "INSERT INTO entry VALUES (?, ?, ?)",
                [(at, e[1], e[2]) for at, e in enumerate(batch.entries, start=batch.first)],
            )
            db.executemany(
                "INSERT INTO statement VALUES (?, ?)",
                sorted((e[0], at) for at, e in enumerate(batch.entries, start=batch.first)),
            )
            db.executemany("INSERT OR REPLACE INTO state VALUES (?, ?, ?)", batch.rows)
            db.executemany("INSERT OR REPLACE INTO tile VALUES (?, ?, ?)", batch.tiles)
        return Head(size, batch.frontier, batch.facts, epoch)

    def entries(self, start: int, end: int) -> Sequence[Stored]:
        """Give entries ``start`` to ``end``, as many as there are."""
        sql = "SELECT raw, facts FROM entry WHERE position >= ? AND position < ? ORDER BY position"
        with reading():
            return [Stored(*row) for row in self._reader().execute(sql, (start, end))]

    def row(self, table: str, key: str) -> bytes | None:
        """Give one row of the state, or None."""
        sql = "SELECT value FROM state WHERE name = ? AND key = ?"
        with reading():
            found = self._reader().execute(sql, (table, key)).fetchone()
        return None if found is None else bytes(found[0])

    def some(self, table: str, keys: Sequence[str]) -> Mapping[str, bytes]:
        """Give those of the rows under ``keys`` that there are."""
        found: dict[str, bytes] = {}
        with reading():
            for part in _parts(keys):
                marks = ",".join("?" * len(part))
                sql = f"SELECT key, value FROM state WHERE name = ? AND key IN ({marks})"  # noqa: S608
                found.update(self._reader().execute(sql, (table, *part)).fetchall())
        return found

    def rows(self, table: str) -> Iterable[tuple[str, bytes]]:
        """Give a table of the state in order of key."""
        sql = "SELECT key, value FROM state WHERE name = ? ORDER BY key"
        with reading():
            return self._reader().execute(sql, (table,)).fetchall()

    def indexes(self, ids: Sequence[bytes]) -> Mapping[bytes, int]:
        """Give where statements stand, for those of ``ids`` that are in the log."""
        found: dict[bytes, int] = {}
        with reading():
            for part in _parts(ids):
                marks = ",".join("?" * len(part))
                sql = f"SELECT id, position FROM statement WHERE id IN ({marks})"  # noqa: S608
                found.update(self._reader().execute(sql, part).fetchall())
        return found

    def tile(self, level: int, number: int) -> bytes | None:
        """Give a hash tile that was committed, or None."""
        sql = "SELECT data FROM tile WHERE level = ? AND number = ?"
        with reading():
            found = self._reader().execute(sql, (level, number)).fetchone()
        return None if found is None else bytes(found[0])

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Hold one moment still: what this thread reads inside is all of the same head."""
        db = self._reader()
        if db.in_transaction:
            yield  # the block around this one holds it already
            return
        with reading():
            db.execute("BEGIN")
        try:
            yield
        finally:
            with reading():
                db.execute("COMMIT")

    def close(self) -> None:
        """Let go of the file."""
        for held in list(self._readers):
            held.db.close()
        self._readers.clear()
        self._db.close()


class _Held:
    """One thread's connection, closed when the thread has ended or the engine is."""

    __slots__ = ("__weakref__", "db")

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db
        finalize(self, db.close)


def _parts(keys: Sequence[_Key]) -> Iterator[Sequence[_Key]]:
    """Cut ``keys`` into parts of the length that one query takes."""
    return (keys[at : at + _LOOKUPS] for at in range(0, len(keys), _LOOKUPS))
