"""The operational store: what officers work on before anything is official.

Drafts, approvals and what waits to be sent. The holder stands on every row, as one node may host
several authorities. The only store with migrations. Decision 0010.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kimberlite.kernel.errors import Conflict, NotFound
from kimberlite.node.correspondence import STEP as CORRESPONDENCE
from kimberlite.node.granted import STEP as GRANTED
from kimberlite.node.granted import Granted
from kimberlite.node.steps import INTAKE, STOCK
from kimberlite.node.stock.ledger import Stock, Use
from kimberlite.storage.sqlite import connect, migrate, reading, transaction

_STEPS = (
    """
CREATE TABLE act (
    holder TEXT NOT NULL, id INTEGER NOT NULL, typ TEXT NOT NULL, sub TEXT NOT NULL,
    stage TEXT NOT NULL, application BLOB NOT NULL, proposal BLOB, signed BLOB,
    created INTEGER NOT NULL, PRIMARY KEY (holder, id)) STRICT;
CREATE TABLE approval (
    holder TEXT NOT NULL, act INTEGER NOT NULL, officer TEXT NOT NULL, approval BLOB NOT NULL,
    PRIMARY KEY (holder, act, officer),
    FOREIGN KEY (holder, act) REFERENCES act (holder, id)) STRICT;
CREATE TABLE note (
    holder TEXT NOT NULL, act INTEGER NOT NULL, at INTEGER NOT NULL, officer TEXT NOT NULL,
    words TEXT NOT NULL, FOREIGN KEY (holder, act) REFERENCES act (holder, id)) STRICT;
CREATE TABLE number (
    holder TEXT NOT NULL, prefix TEXT NOT NULL, serial INTEGER NOT NULL, act INTEGER NOT NULL,
    PRIMARY KEY (holder, prefix, serial)) STRICT""",
    STOCK,
    INTAKE,
    GRANTED,
    CORRESPONDENCE,
)

STAGES = ("applied", "proposed", "signed", "logged", "refused", "withdrawn")
"""Applied: asked for, goods not checked. Proposed: checked and sealed, officers may approve.
Signed: the signer has signed, the log has not answered. Logged: the log holds it. Refused: the log
said no. Withdrawn: given up before it was signed."""


@dataclass(frozen=True, slots=True)
class Act:
    """One act on its way to the log.

    ``application`` is what was asked for, as JSON; ``proposal`` the CBOR that officers approve.
    """

    id: int
    typ: str
    sub: str
    stage: str
    application: bytes
    proposal: bytes | None
    signed: bytes | None
    created: int


class Store:
    """The acts of one holder."""

    def __init__(self, path: Path, holder: str) -> None:
        """Open ``path``, made if absent. Raises as ``storage.sqlite``."""
        self._db = connect(path)
        self._holder = holder
        migrate(self._db, _STEPS)
        self.stock = Stock(self._db, holder)
        self.granted = Granted(self._db, holder)

    @property
    def db(self) -> sqlite3.Connection:
        """The connection, for what else of this holder stands in the same file."""
        return self._db

    @property
    def holder(self) -> str:
        """Whose acts these are."""
        return self._holder

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def apply(self, typ: str, application: bytes, at: int) -> int:
        """Keep what was asked for and give the act's id."""
        with transaction(self._db):
            sql = "SELECT coalesce(max(id), 0) + 1 FROM act WHERE holder = ?"
            (act,) = self._db.execute(sql, (self._holder,)).fetchone()
            row = (self._holder, act, typ, "", "applied", application, None, None, at)
            self._db.execute("INSERT INTO act VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        return int(act)

    def propose(
        self,
        act: int,
        sub: str,
        proposal: bytes,
        number: tuple[str, int] | None = None,
        use: Use | None = None,
    ) -> None:
        """Fix what officers are to approve; its number and its form are taken at the same moment.

        Raises:
            Conflict: ``number.in-use`` when another act took that number, ``act.stage`` when the
                act was proposed before.
            Refused: ``stock.not-here`` when its form is not in the stock of its office.
        """
        with transaction(self._db):
            sql = (
                "UPDATE act SET stage = 'proposed', sub = ?, proposal = ? "
                "WHERE holder = ? AND id = ? AND stage = 'applied'"
            )
            done = self._db.execute(sql, (sub, proposal, self._holder, act))
            if done.rowcount != 1:
                raise Conflict("act.stage", f"act {act} is not waiting for a check", act=act)
            if number is not None:
                self._take(number, act)
            if use is not None:
                self.stock.use(use, act)

    def _take(self, number: tuple[str, int], act: int) -> None:
        sql = "SELECT act FROM number WHERE holder = ? AND prefix = ? AND serial = ?"
        taken = self._db.execute(sql, (self._holder, *number)).fetchone()
        if taken is not None:
            raise Conflict(
                "number.in-use",
                f"{number[0]}{number[1]} is already used by act {taken[0]}",
                number=f"{number[0]}{number[1]}",
            )
        self._db.execute("INSERT INTO number VALUES (?, ?, ?, ?)", (self._holder, *number, act))

    def next_serial(self, prefix: str, first: int, last: int) -> int | None:
        """Give the lowest serial of a range above every one taken here, or None when it is full."""
        sql = (
            "SELECT coalesce(max(serial), ? - 1) + 1 FROM number "
            "WHERE holder = ? AND prefix = ? AND serial BETWEEN ? AND ?"
        )
        with reading():
            (serial,) = self._db.execute(sql, (first, self._holder, prefix, first, last)).fetchone()
        return int(serial) if serial <= last else None

    def act(self, act: int) -> Act:
        """Give one act. Raises NotFound ``act.unknown``."""
        for each in self._acts("AND id = ?", (act,)):
            return each
        raise NotFound("act.unknown", f"there is no act {act} here", act=act)

    def acts(self) -> list[Act]:
        """List all acts, newest first."""
        return list(self._acts("ORDER BY id DESC", ()))

    def _acts(self, how: str, told: Sequence[object]) -> Iterator[Act]:
        sql = """SELECT id, typ, sub, stage, application, proposal, signed, created
            FROM act WHERE holder = ? """
        with reading():
            for row in self._db.execute(sql + how, (self._holder, *told)).fetchall():
                yield Act(*row)

    def approve(self, act: int, officer: str, approval: bytes) -> None:
        """Keep an officer's approval. Raises Conflict ``act.approved`` when already given."""
        with transaction(self._db):
            sql = "SELECT 1 FROM approval WHERE holder = ? AND act = ? AND officer = ?"
            if self._db.execute(sql, (self._holder, act, officer)).fetchone():
                raise Conflict("act.approved", f"{officer} has approved this already")
            row = (self._holder, act, officer, approval)
            self._db.execute("INSERT INTO approval VALUES (?, ?, ?, ?)", row)

    def approvals(self, act: int) -> list[bytes]:
        """List the approvals of an act in order of officer."""
        sql = "SELECT approval FROM approval WHERE holder = ? AND act = ? ORDER BY officer"
        with reading():
            return [row[0] for row in self._db.execute(sql, (self._holder, act))]

    def advance(self, act: int, stage: str, signed: bytes | None = None) -> None:
        """Move an act on, with the statement once it is signed."""
        with transaction(self._db):
            sql = (
                "UPDATE act SET stage = ?, signed = coalesce(?, signed) WHERE holder = ? AND id = ?"
            )
            self._db.execute(sql, (stage, signed, self._holder, act))

    def withdraw(self, act: int, officer: str, at: int) -> None:
        """Give an act up, and take back what it did to the stock of forms."""
        with transaction(self._db):
            sql = "UPDATE act SET stage = 'withdrawn' WHERE holder = ? AND id = ?"
            self._db.execute(sql, (self._holder, act))
            self.stock.release(act, officer, at)

    def settle(self, signed: bytes, stage: str) -> None:
        """Move the act on whose statement the log has answered for, if it still waits for that."""
        with transaction(self._db):
            sql = """UPDATE act SET stage = ?
                WHERE holder = ? AND stage = 'signed' AND signed = ?"""
            self._db.execute(sql, (stage, self._holder, signed))

    def remark(self, act: int, officer: str, words: str, at: int) -> None:
        """Keep what an officer noted at an act, such as the outcome of the goods check."""
        with transaction(self._db):
            row = (self._holder, act, at, officer, words)
            self._db.execute("INSERT INTO note VALUES (?, ?, ?, ?, ?)", row)

    def remarks(self, act: int) -> list[tuple[int, str, str]]:
        """List remarks: moment, officer, words."""
        sql = "SELECT at, officer, words FROM note WHERE holder = ? AND act = ? ORDER BY rowid"
        with reading():
            return self._db.execute(sql, (self._holder, act)).fetchall()
