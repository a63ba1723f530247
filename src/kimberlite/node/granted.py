"""What the operational store knows for keeping and opening: who was given what, and what went.

A grant is written down before its copy is sealed, so that no copy is without one. Scrubbing
overwrites in the database file itself. Source: ours, docs/spec/retention.md.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import astuple, dataclass

from kimberlite.storage.sqlite import reading, transaction

STEP = """
CREATE TABLE opened (
    holder TEXT NOT NULL, id INTEGER NOT NULL, sub TEXT NOT NULL, digest BLOB NOT NULL,
    section TEXT NOT NULL, recipient TEXT NOT NULL, role TEXT NOT NULL, ground TEXT NOT NULL,
    reference TEXT NOT NULL, officer TEXT NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (holder, id)) STRICT;
CREATE INDEX opened_sub ON opened (holder, sub);
CREATE INDEX act_sub ON act (holder, sub)"""

GROUNDS = ("policy", "mandate", "entitled")
"""Policy: what both sides stated about all participants. Mandate: named by its reference.
Entitled: who sees it anyway, and was handed it in a dossier."""


@dataclass(frozen=True, slots=True)
class Grant:
    """One opening given to one more recipient.

    Attributes:
        sub: the certificate, by its number's key.
        digest: of the section, 32 bytes.
        section: its name.
        recipient: whose key it was sealed to; ``role`` in which role that recipient asked.
        ground: one of ``GROUNDS``; ``reference`` names the mandate, or the days of the policy.
        officer: pseudonym of who decided it; "job" for what policy opens by itself.
        at: seconds since 1970.
    """

    sub: str
    digest: bytes
    section: str
    recipient: str
    role: str
    ground: str
    reference: str
    officer: str
    at: int


_GRANT = "sub, digest, section, recipient, role, ground, reference, officer, at"


class Granted:
    """Grants and erasures of one holder, in its operational store."""

    def __init__(self, db: sqlite3.Connection, holder: str) -> None:
        self._db = db
        self._holder = holder

    def acts_about(self, sub: str) -> list[int]:
        """List the acts about a number's key, oldest first."""
        sql = "SELECT id FROM act WHERE holder = ? AND sub = ? ORDER BY id"
        with reading():
            return [row[0] for row in self._db.execute(sql, (self._holder, sub)).fetchall()]

    def grant(self, told: Sequence[Grant]) -> None:
        """Write grants down, all or none."""
        with transaction(self._db):
            sql = "SELECT coalesce(max(id), 0) FROM opened WHERE holder = ?"
            (last,) = self._db.execute(sql, (self._holder,)).fetchone()
            rows = [(self._holder, last + at, *astuple(each)) for at, each in enumerate(told, 1)]
            self._db.executemany(
                f"INSERT INTO opened (holder, id, {_GRANT}) "  # noqa: S608  # our own names
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                rows,
            )

    def grants(self, sub: str | None = None) -> list[Grant]:
        """List what was granted, oldest first; of one number's key or of all."""
        which, told = ("", ()) if sub is None else (" AND sub = ?", (sub,))
        sql = f"SELECT {_GRANT} FROM opened WHERE holder = ?{which} ORDER BY id"  # noqa: S608
        with reading():
            found = self._db.execute(sql, (self._holder, *told)).fetchall()
        return [Grant(*row) for row in found]

    def since(self, place: int) -> list[tuple[int, Grant]]:
        """List what was granted after a place, oldest first, each with its own place."""
        sql = f"SELECT id, {_GRANT} FROM opened WHERE holder = ? AND id > ? ORDER BY id"  # noqa: S608
        with reading():
            found = self._db.execute(sql, (self._holder, place)).fetchall()
        return [(int(row[0]), Grant(*row[1:])) for row in found]

    def subjects(self) -> list[str]:
        """List the numbers' keys that logged acts of this office are about, in order."""
        sql = "SELECT DISTINCT sub FROM act WHERE holder = ? AND stage = 'logged' ORDER BY sub"
        with reading():
            return [row[0] for row in self._db.execute(sql, (self._holder,)).fetchall()]

    def scans_of(self, sub: str) -> list[bytes]:
        """List the digests of scans that were taken in under a number's key."""
        sql = "SELECT digest FROM scan WHERE holder = ? AND number = ? ORDER BY id"
        with reading():
            return [bytes(row[0]) for row in self._db.execute(sql, (self._holder, sub)).fetchall()]

    def named_elsewhere(self, sub: str, digest: bytes) -> bool:
        """Say whether acts about another number name a digest too."""
        sql = (
            "SELECT 1 FROM act WHERE holder = ? AND sub <> ? AND proposal IS NOT NULL "
            "AND instr(proposal, ?) > 0 LIMIT 1"
        )
        with reading():
            return self._db.execute(sql, (self._holder, sub, digest)).fetchone() is not None

    def scrub(self, act: int, application: bytes, proposal: bytes | None) -> None:
        """Put what may stay of an act in place of what was asked for, and drop its notes.

        The old bytes are overwritten in the file, and the write-ahead log is emptied of them.
        """
        self._db.execute("PRAGMA secure_delete = ON")
        with transaction(self._db):
            self._db.execute(
                "UPDATE act SET application = ?, proposal = ? WHERE holder = ? AND id = ?",
                (application, proposal, self._holder, act),
            )
            self._db.execute("DELETE FROM note WHERE holder = ? AND act = ?", (self._holder, act))

    def scrub_scans(self, sub: str) -> None:
        """Drop the file names of scans taken in under a number's key: they may name persons."""
        self._db.execute("PRAGMA secure_delete = ON")
        with transaction(self._db):
            sql = "UPDATE scan SET name = '' WHERE holder = ? AND number = ?"
            self._db.execute(sql, (self._holder, sub))

    def settle(self) -> None:
        """Move everything out of the write-ahead log, so that nothing scrubbed remains in it."""
        with reading():
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
