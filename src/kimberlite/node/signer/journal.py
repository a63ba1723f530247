"""What this signer has signed, kept before a signature is shown: the memory that limits it.

The same draft gets the same statement again, one certificate number never gets two, and what a
key signed in a day is counted. Nothing in it is secret.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kimberlite.storage.sqlite import connect, migrate, reading, transaction

_STEPS = (
    """
CREATE TABLE signed (
    position INTEGER PRIMARY KEY, draft BLOB NOT NULL UNIQUE, proposal BLOB NOT NULL,
    once TEXT UNIQUE, kid BLOB NOT NULL, moment INTEGER NOT NULL, day INTEGER NOT NULL,
    points INTEGER NOT NULL, cents INTEGER NOT NULL, proposer TEXT NOT NULL,
    id BLOB NOT NULL UNIQUE, statement BLOB NOT NULL, record BLOB NOT NULL) STRICT;
CREATE INDEX signed_day ON signed (kid, day);
CREATE TABLE seen (
    only INTEGER PRIMARY KEY CHECK (only = 1), size INTEGER NOT NULL, root BLOB NOT NULL,
    enrolment INTEGER NOT NULL) STRICT;
INSERT INTO seen VALUES (1, 0, x'', 0);
CREATE TRIGGER signed_stays BEFORE UPDATE ON signed
    BEGIN SELECT RAISE(ABORT, 'what was signed never changes'); END;
CREATE TRIGGER signed_remains BEFORE DELETE ON signed
    BEGIN SELECT RAISE(ABORT, 'what was signed never goes'); END""",
    """
CREATE TABLE sealed (
    position INTEGER PRIMARY KEY, statement BLOB NOT NULL, page BLOB NOT NULL,
    copy INTEGER NOT NULL, kid BLOB NOT NULL, moment INTEGER NOT NULL,
    digest BLOB NOT NULL) STRICT;
CREATE INDEX sealed_statement ON sealed (statement);
CREATE TRIGGER sealed_stays BEFORE UPDATE ON sealed
    BEGIN SELECT RAISE(ABORT, 'what was sealed never changes'); END;
CREATE TRIGGER sealed_remains BEFORE DELETE ON sealed
    BEGIN SELECT RAISE(ABORT, 'what was sealed never goes'); END""",
)


@dataclass(frozen=True, slots=True)
class Signed:
    """One signature: what was asked for, with which key, and what came of it.

    Attributes:
        draft: digest of what is said, without approvals and verdicts.
        proposal: digest of what the officers approved.
        once: what may be signed only once, such as a certificate's number; None for the rest.
        points, cents: what counts towards the day's limits.
        id: id of the statement.
        record: the approval record.
    """

    draft: bytes
    proposal: bytes
    once: str | None
    kid: bytes
    moment: int
    day: int
    points: int
    cents: int
    proposer: str
    id: bytes
    statement: bytes
    record: bytes


@dataclass(frozen=True, slots=True)
class Sealed:
    """One seal on a document: for which statement, which page, with which key, over what digest."""

    statement: bytes
    page: bytes
    copy: bool
    kid: bytes
    moment: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class Seen:
    """The furthest this signer has seen: log size with its root, and enrolment version."""

    size: int
    root: bytes
    enrolment: int


_COLUMNS = "draft, proposal, once, kid, moment, day, points, cents, proposer, id, statement, record"
_BY_DRAFT = f"SELECT {_COLUMNS} FROM signed WHERE draft = ?"  # noqa: S608 - constants
_BY_ONCE = f"SELECT {_COLUMNS} FROM signed WHERE once = ?"  # noqa: S608 - constants
_BY_ID = f"SELECT {_COLUMNS} FROM signed WHERE id = ?"  # noqa: S608 - constants
_ADD = f"INSERT INTO signed ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608


class Journal:
    """One signer's memory in one SQLite file. Use from one thread at a time."""

    def __init__(self, path: Path) -> None:
        """Open ``path``, made if absent. Raises as ``storage.sqlite``."""
        self._db = connect(path)
        migrate(self._db, _STEPS)

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def of_draft(self, draft: bytes) -> Signed | None:
        """Give what was signed for this draft, or None."""
        return self._one(_BY_DRAFT, draft)

    def of_once(self, once: str) -> Signed | None:
        """Give what was signed for this number, or None."""
        return self._one(_BY_ONCE, once)

    def of_id(self, statement: bytes) -> Signed | None:
        """Give what was signed under this statement id, or None."""
        return self._one(_BY_ID, statement)

    def _one(self, sql: str, key: bytes | str) -> Signed | None:
        with reading():
            row = self._db.execute(sql, (key,)).fetchone()
        return None if row is None else Signed(*row)

    def spent(self, kid: bytes, day: int) -> tuple[int, int, int]:
        """Count what ``kid`` signed on ``day``: statements, carats in hundredths, US$ in cents."""
        sql = (
            "SELECT count(*), coalesce(sum(points), 0), coalesce(sum(cents), 0) "
            "FROM signed WHERE kid = ? AND day = ?"
        )
        with reading():
            statements, points, cents = self._db.execute(sql, (kid, day)).fetchone()
        return statements, points, cents

    def latest(self) -> int:
        """Give the moment of the last signature, 0 before the first."""
        with reading():
            (moment,) = self._db.execute("SELECT coalesce(max(moment), 0) FROM signed").fetchone()
        return int(moment)

    def add(self, signed: Signed) -> None:
        """Keep a signature; durable on return. Raises as ``storage.sqlite.transaction``."""
        row = (
            signed.draft,
            signed.proposal,
            signed.once,
            signed.kid,
            signed.moment,
            signed.day,
            signed.points,
            signed.cents,
            signed.proposer,
            signed.id,
            signed.statement,
            signed.record,
        )
        with transaction(self._db):
            self._db.execute(_ADD, row)

    def seals(self, statement: bytes) -> tuple[Sealed, ...]:
        """List the seals on documents of a statement, in the order in which they were made."""
        sql = "SELECT statement, page, copy, kid, moment, digest FROM sealed WHERE statement = ?"
        with reading():
            rows = self._db.execute(sql + " ORDER BY position", (statement,)).fetchall()
        return tuple(Sealed(row[0], row[1], bool(row[2]), *row[3:]) for row in rows)

    def add_seal(self, sealed: Sealed) -> None:
        """Keep a seal; durable on return. Raises as ``storage.sqlite.transaction``."""
        row = (
            sealed.statement,
            sealed.page,
            int(sealed.copy),
            sealed.kid,
            sealed.moment,
            sealed.digest,
        )
        with transaction(self._db):
            sql = "INSERT INTO sealed (statement, page, copy, kid, moment, digest) "
            self._db.execute(sql + "VALUES (?, ?, ?, ?, ?, ?)", row)

    def seen(self) -> Seen:
        """Give the furthest that was seen."""
        with reading():
            row = self._db.execute("SELECT size, root, enrolment FROM seen").fetchone()
        return Seen(*row)

    def see(self, seen: Seen) -> None:
        """Remember the furthest seen. Raises as ``storage.sqlite.transaction``."""
        with transaction(self._db):
            sql = "UPDATE seen SET size = ?, root = ?, enrolment = ?"
            self._db.execute(sql, (seen.size, seen.root, seen.enrolment))
