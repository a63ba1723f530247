"""The post box of a node: what waits to be handed in, and sealed copies that wait for their entry.

Durable before a call returns. Several processes of one node may use it at once. Source: ours,
docs/spec/nodes.md, section "The post box".
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kimberlite.kernel.errors import Refused
from kimberlite.ledger.envelope import Statement
from kimberlite.storage.sqlite import connect, migrate, reading, transaction

_STEPS = (
    """
CREATE TABLE out (
    place INTEGER PRIMARY KEY AUTOINCREMENT, id BLOB NOT NULL UNIQUE, iss TEXT NOT NULL,
    typ TEXT NOT NULL, sub TEXT NOT NULL, raw BLOB NOT NULL, carried INTEGER NOT NULL,
    at INTEGER NOT NULL, state TEXT NOT NULL, tries INTEGER NOT NULL, due INTEGER NOT NULL,
    why TEXT NOT NULL, refusal BLOB, entry INTEGER, receipt BLOB) STRICT;
CREATE INDEX standing_out ON out (state, place);
CREATE TABLE copy (
    digest BLOB NOT NULL, recipient TEXT NOT NULL, sender TEXT NOT NULL, sealed BLOB NOT NULL,
    at INTEGER NOT NULL, PRIMARY KEY (digest, recipient, sender)) STRICT;
CREATE TABLE sealed (
    digest BLOB NOT NULL, iss TEXT NOT NULL, entry INTEGER NOT NULL,
    PRIMARY KEY (digest, iss)) STRICT, WITHOUT ROWID;
CREATE TABLE pouch (digest BLOB PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE told (name TEXT PRIMARY KEY, number INTEGER NOT NULL, words TEXT NOT NULL)
    STRICT, WITHOUT ROWID""",
)

WAITING, LOGGED, REFUSED = "waiting", "logged", "refused"
LONGEST_WAIT: Final = 300
"""Most seconds between two tries."""
MOST_COPIES: Final = 20_000
"""Copies from pouches that may wait for their entries."""


@dataclass(frozen=True, slots=True)
class Item:
    """One statement on its way: ``carried`` (1) for another authority, or (0) this node's own.

    State: waiting, logged (``entry`` and ``receipt`` say where) or refused (``refusal`` is the
    log's signed word, ``why`` the rule). ``why`` of one that waits says what the last try met.
    """

    place: int
    id: bytes
    iss: str
    typ: str
    sub: str
    raw: bytes
    carried: int
    at: int
    state: str
    tries: int
    due: int
    why: str
    refusal: bytes | None
    entry: int | None
    receipt: bytes | None


_COLUMNS = "place, id, iss, typ, sub, raw, carried, at, state, tries, due, why, refusal, entry"


class Box:
    """The post box in one file. May be used from several threads."""

    def __init__(self, path: Path) -> None:
        """Open ``path``, made if absent. Raises as ``storage.sqlite``."""
        self._lock = threading.Lock()
        self._db = connect(path)
        migrate(self._db, _STEPS)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()

    # ---- out -------------------------------------------------------------------------------

    def add(self, statement: Statement, now: int, *, carried: bool = False) -> Item:
        """Put a statement at the end of the line, once; give it as it stands."""
        with self._lock, transaction(self._db):
            self._add(statement, now, carried=carried)
        found = self.find(statement.id)
        assert found is not None
        return found

    def _add(self, statement: Statement, now: int, *, carried: bool) -> None:
        header = statement.header
        sql = f"""INSERT OR IGNORE INTO out ({_COLUMNS})
            VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, 'waiting', 0, 0, '', NULL, NULL)"""  # noqa: S608
        told = (statement.id, header.iss, header.typ, header.sub, statement.raw, carried, now)
        self._db.execute(sql, told)

    def find(self, statement: bytes) -> Item | None:
        """Give what is known of a statement by its id, or None."""
        found = self._items("WHERE id = ?", (statement,))
        return found[0] if found else None

    def items(self, state: str = "") -> list[Item]:
        """List every statement in order of arrival, or those of one state."""
        return self._items("WHERE state = ?" if state else "", (state,) if state else ())

    def unreceipted(self) -> list[Item]:
        """List what is logged and has no receipt yet."""
        return self._items("WHERE state = 'logged' AND receipt IS NULL", ())

    def _items(self, how: str, told: Sequence[object]) -> list[Item]:
        sql = f"SELECT {_COLUMNS}, receipt FROM out {how} ORDER BY place"  # noqa: S608 - our words
        with self._lock, reading():
            rows = self._db.execute(sql, told).fetchall()
        return [Item(*row) for row in rows]

    def receipt(self, entry: int) -> bytes | None:
        """Give the receipt that was got for an entry, or None."""
        sql = "SELECT receipt FROM out WHERE entry = ? AND receipt IS NOT NULL"
        with self._lock, reading():
            found = self._db.execute(sql, (entry,)).fetchone()
        return None if found is None else bytes(found[0])

    def put_off(self, item: Item, why: str, due: int) -> None:
        """Remember a try that came to nothing; the next is at ``due`` (UTC seconds)."""
        sql = "UPDATE out SET tries = tries + 1, why = ?, due = ? WHERE place = ?"
        self._write(sql, (why, due, item.place))

    def logged(self, item: Item, entry: int, receipt: bytes | None) -> None:
        """Remember that a statement is in the log."""
        sql = """UPDATE out SET state = 'logged', why = '', refusal = NULL, entry = ?,
            receipt = coalesce(?, receipt) WHERE place = ?"""
        self._write(sql, (entry, receipt, item.place))

    def refused(self, item: Item, code: str, refusal: bytes) -> None:
        """Remember that the log refused a statement, with its signed word."""
        sql = "UPDATE out SET state = 'refused', why = ?, refusal = ? WHERE place = ?"
        self._write(sql, (code, refusal, item.place))

    def wake(self) -> None:
        """Let everything that waits be tried at once."""
        self._write("UPDATE out SET due = 0 WHERE state = 'waiting'", ())

    # ---- copies ----------------------------------------------------------------------------

    def ripe(self) -> list[tuple[bytes, str, str, bytes]]:
        """List kept copies whose sender has logged a statement that seals them."""
        sql = """SELECT copy.digest, recipient, sender, copy.sealed FROM copy
            JOIN sealed ON sealed.digest = copy.digest AND sealed.iss = copy.sender
            ORDER BY copy.rowid"""
        with self._lock, reading():
            return self._db.execute(sql).fetchall()

    def forget(self, digest: bytes, recipient: str, sender: str) -> None:
        """Let a kept copy go."""
        sql = "DELETE FROM copy WHERE digest = ? AND recipient = ? AND sender = ?"
        self._write(sql, (digest, recipient, sender))

    def note_sealed(self, end: int, found: Iterable[tuple[bytes, str, int]]) -> None:
        """Take it that entries up to ``end`` have been looked at: digest, issuer, entry."""
        with self._lock, transaction(self._db):
            sql = "INSERT OR IGNORE INTO sealed VALUES (?, ?, ?)"
            self._db.executemany(sql, found)
            self._tell("seen", end, "")

    def is_sealed(self, digest: bytes, iss: str) -> bool:
        """Say whether a logged statement of ``iss`` seals that digest."""
        sql = "SELECT 1 FROM sealed WHERE digest = ? AND iss = ?"
        with self._lock, reading():
            return self._db.execute(sql, (digest, iss)).fetchone() is not None

    def sealed_from(self, start: int, end: int) -> list[tuple[bytes, str, int]]:
        """List digests sealed by entries ``start`` to ``end``: digest, issuer, entry."""
        sql = "SELECT digest, iss, entry FROM sealed WHERE entry >= ? AND entry < ? ORDER BY entry"
        with self._lock, reading():
            return self._db.execute(sql, (start, end)).fetchall()

    # ---- pouches ---------------------------------------------------------------------------

    def pouch_seen(self, digest: bytes) -> bool:
        """Say whether the pouch of that digest was taken in."""
        sql = "SELECT 1 FROM pouch WHERE digest = ?"
        with self._lock, reading():
            return self._db.execute(sql, (digest,)).fetchone() is not None

    def take_pouch(
        self,
        digest: bytes,
        statements: Sequence[Statement],
        copies: Sequence[tuple[bytes, str, str, bytes]],
        now: int,
    ) -> None:
        """Keep what a pouch brought, all of it or nothing, and that it was taken in.

        Raises:
            Refused: ``pouch.full`` when too many copies wait for their entries already.
        """
        with self._lock, transaction(self._db):
            (held,) = self._db.execute("SELECT count(*) FROM copy").fetchone()
            if held + len(copies) > MOST_COPIES:
                raise Refused("pouch.full", "too many copies wait here for their entries already")
            for each in statements:
                self._add(each, now, carried=True)
            rows = [(*copy, now) for copy in copies]
            self._db.executemany("INSERT OR REPLACE INTO copy VALUES (?, ?, ?, ?, ?)", rows)
            self._db.execute("INSERT INTO pouch VALUES (?, ?)", (digest, now))

    # ---- how things stand ------------------------------------------------------------------

    def tell(self, name: str, number: int, words: str = "") -> None:
        """Remember a number and words under a name."""
        with self._lock, transaction(self._db):
            self._tell(name, number, words)

    def _tell(self, name: str, number: int, words: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO told VALUES (?, ?, ?)", (name, number, words))

    def told(self, name: str) -> tuple[int, str]:
        """Give the number and words under a name; 0 and nothing where there are none."""
        with self._lock, reading():
            sql = "SELECT number, words FROM told WHERE name = ?"
            found = self._db.execute(sql, (name,)).fetchone()
        return (0, "") if found is None else (int(found[0]), str(found[1]))

    def _write(self, sql: str, told: Sequence[object]) -> None:
        with self._lock, transaction(self._db):
            self._db.execute(sql, told)
