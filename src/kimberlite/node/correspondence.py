"""What an office wrote and handed out: letters drafted, copies numbered. Kept with its acts.

A letter's content is not kept, only its digest, as it may say what is sealed. Source: ours,
docs/spec/retention.md.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from kimberlite.kernel.errors import Conflict
from kimberlite.storage.sqlite import reading, transaction

STEP = """
CREATE TABLE letter (
    holder TEXT NOT NULL, id INTEGER NOT NULL, kind TEXT NOT NULL, at INTEGER NOT NULL,
    recipient TEXT NOT NULL, address TEXT NOT NULL, officer TEXT NOT NULL, digest BLOB NOT NULL,
    PRIMARY KEY (holder, id)) STRICT;
CREATE TABLE letter_about (
    holder TEXT NOT NULL, letter INTEGER NOT NULL, recipient TEXT NOT NULL, day INTEGER NOT NULL,
    kind TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (holder, letter, name),
    FOREIGN KEY (holder, letter) REFERENCES letter (holder, id)) STRICT;
CREATE UNIQUE INDEX letter_once ON letter_about (holder, recipient, day, name)
    WHERE kind = 'reminder';
CREATE TABLE copy (
    holder TEXT NOT NULL, sub TEXT NOT NULL, number INTEGER NOT NULL, at INTEGER NOT NULL,
    officer TEXT NOT NULL, recipient TEXT NOT NULL, statement BLOB NOT NULL, digest BLOB NOT NULL,
    PRIMARY KEY (holder, sub, number)) STRICT"""

KINDS = ("advice", "reminder")


@dataclass(frozen=True, slots=True)
class Written:
    """One letter that was drafted. ``about`` names what it is about; ``at`` is UTC seconds."""

    id: int
    kind: str
    at: int
    recipient: str
    address: str
    officer: str
    digest: bytes
    about: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Copied:
    """One authenticated copy that was made: its number, for whom, of which statement."""

    sub: str
    number: int
    at: int
    officer: str
    recipient: str
    statement: bytes
    digest: bytes


class Correspondence:
    """Letters and copies of one holder, in its operational store."""

    def __init__(self, db: sqlite3.Connection, holder: str) -> None:
        self._db = db
        self._holder = holder

    def reminded(self, recipient: str, day: int) -> frozenset[str]:
        """Name what ``recipient`` was reminded of on ``day``."""
        sql = (
            "SELECT name FROM letter_about WHERE holder = ? AND recipient = ? AND day = ? "
            "AND kind = 'reminder'"
        )
        with reading():
            rows = self._db.execute(sql, (self._holder, recipient, day)).fetchall()
        return frozenset(row[0] for row in rows)

    def write(self, told: Written, day: int) -> int:
        """Keep that a letter was drafted on ``day`` and give its id.

        Raises:
            Conflict: ``letter.today`` when its recipient was reminded of the same that day.
        """
        with transaction(self._db):
            if told.kind == "reminder" and not self.reminded(told.recipient, day).isdisjoint(
                told.about
            ):
                raise already(told.recipient)
            sql = "SELECT coalesce(max(id), 0) + 1 FROM letter WHERE holder = ?"
            (made,) = self._db.execute(sql, (self._holder,)).fetchone()
            row = (told.kind, told.at, told.recipient, told.address, told.officer, told.digest)
            self._db.execute(
                "INSERT INTO letter VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (self._holder, made, *row)
            )
            self._db.executemany(
                "INSERT INTO letter_about VALUES (?, ?, ?, ?, ?, ?)",
                [(self._holder, made, told.recipient, day, told.kind, name) for name in told.about],
            )
        return int(made)

    def letters(self, most: int = 100) -> list[Written]:
        """List the letters that were drafted, newest first."""
        sql = (
            "SELECT id, kind, at, recipient, address, officer, digest FROM letter "
            "WHERE holder = ? ORDER BY id DESC LIMIT ?"
        )
        with reading():
            rows = self._db.execute(sql, (self._holder, most)).fetchall()
            return [Written(*[*row, self._about(row[0])]) for row in rows]

    def _about(self, letter: int) -> tuple[str, ...]:
        sql = "SELECT name FROM letter_about WHERE holder = ? AND letter = ? ORDER BY name"
        return tuple(row[0] for row in self._db.execute(sql, (self._holder, letter)))

    def next_copy(self, sub: str) -> int:
        """Give the number that the next copy of a certificate has, from 1 on."""
        sql = "SELECT coalesce(max(number), 0) + 1 FROM copy WHERE holder = ? AND sub = ?"
        with reading():
            return int(self._db.execute(sql, (self._holder, sub)).fetchone()[0])

    def copied(self, told: Copied) -> None:
        """Keep that a copy was made.

        Raises:
            Conflict: ``copy.number`` when another took that number in the meantime.
        """
        row = (told.sub, told.number, told.at, told.officer, told.recipient)
        with transaction(self._db):
            sql = "SELECT 1 FROM copy WHERE holder = ? AND sub = ? AND number = ?"
            if self._db.execute(sql, (self._holder, told.sub, told.number)).fetchone():
                raise Conflict(
                    "copy.number", f"copy {told.number} was made in the meantime: try again"
                )
            self._db.execute(
                "INSERT INTO copy VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (self._holder, *row, told.statement, told.digest),
            )

    def copies(self, sub: str | None = None) -> list[Copied]:
        """List the copies made of one certificate, by its number's key, or of all; newest first."""
        sql = (
            "SELECT sub, number, at, officer, recipient, statement, digest FROM copy "
            "WHERE holder = ? AND (? IS NULL OR sub = ?) ORDER BY at DESC, number DESC"
        )
        with reading():
            found = self._db.execute(sql, (self._holder, sub, sub)).fetchall()
        return [Copied(*row) for row in found]


def already(recipient: str) -> Conflict:
    """Make the problem of reminding somebody twice a day of the same."""
    return Conflict(
        "letter.today", f"{recipient} was reminded of all of this today", recipient=recipient
    )
