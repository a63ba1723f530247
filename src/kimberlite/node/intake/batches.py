"""Batches in the operational store: the rows of a file as acts, all in one transaction."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from kimberlite.certificates.v1.arrival import CONFIRMATION_TYP
from kimberlite.certificates.v1.issue import TYP as CERTIFICATE_TYP
from kimberlite.certificates.v1.paper import PAPER_TYP, SLIP_TYP
from kimberlite.kernel.errors import Conflict, Invalid, NotFound
from kimberlite.kernel.ids import CertificateNumber
from kimberlite.ledger.approval import PSEUDONYM
from kimberlite.node.intake.columns import APPLICATIONS, PAPERS, SLIPS
from kimberlite.node.intake.mapping import Record
from kimberlite.node.intake.preview import Preview
from kimberlite.node.store import Store
from kimberlite.storage.sqlite import reading, transaction

TYP_OF: Final[Mapping[str, str]] = {
    PAPERS: PAPER_TYP,
    APPLICATIONS: CERTIFICATE_TYP,
    SLIPS: SLIP_TYP,
}
"""The statement that a row of each kind of file becomes."""

_GONE = ("withdrawn", "refused")
_BATCH = "SELECT id, kind, name, digest, at, officer, rows FROM batch WHERE holder = ? "


@dataclass(frozen=True, slots=True)
class Batch:
    """A file that was taken in: by whom, when, under which name and digest."""

    id: int
    kind: str
    name: str
    digest: bytes
    at: int
    officer: str
    rows: int


@dataclass(frozen=True, slots=True)
class Item:
    """One act of a batch: the row it came from, what it is about, the act that it waits for."""

    row: int
    act: int
    number: str
    typ: str
    stage: str
    follows: int | None = None


class Batches:
    """The batches of one holder."""

    def __init__(self, store: Store) -> None:
        self._db, self._holder = store.db, store.holder

    def apply(self, found: Preview, officer: str, at: int) -> Batch:
        """Make an act of every row, all in one transaction.

        A paper with an outcome becomes two acts; the second waits for the first.

        Raises:
            Invalid: ``intake.faults`` unless every row can be taken; ``intake.officer``.
            Conflict: ``intake.applied-before`` for a file that was taken in; ``intake.changed``
                when one of its rows has come in by another way since it was looked at.
        """
        if PSEUDONYM.fullmatch(officer) is None:
            raise Invalid("intake.officer", 'who takes it in is named, such as "officer-17"')
        if not found.good or not found.records:
            raise Invalid(
                "intake.faults",
                f"{found.fault_count} faults: nothing is taken in until every row is right",
                n=found.fault_count,
            )
        kind, name = found.asked.kind, found.asked.name[:120]
        with transaction(self._db):
            self._refuse_twice(found)
            sql = "SELECT coalesce(max(id), 0) + 1 FROM batch WHERE holder = ?"
            (batch,) = self._db.execute(sql, (self._holder,)).fetchone()
            rows = len(found.records)
            told = (self._holder, batch, kind, name, found.digest, at, officer, rows)
            self._db.execute("INSERT INTO batch VALUES (?, ?, ?, ?, ?, ?, ?, ?)", told)
            self._add(batch, kind, found.records, at)
        return Batch(batch, kind, name, found.digest, at, officer, rows)

    def _refuse_twice(self, found: Preview) -> None:
        sql = """SELECT b.id FROM batch b JOIN batch_act i ON i.holder = b.holder AND i.batch = b.id
            JOIN act a ON a.holder = i.holder AND a.id = i.act WHERE b.holder = ? AND b.kind = ?
            AND b.digest = ? AND a.stage NOT IN (?, ?) LIMIT 1"""
        told = (self._holder, found.asked.kind, found.digest, *_GONE)
        row = self._db.execute(sql, told).fetchone()
        if row is not None:
            raise Conflict("intake.applied-before", f"this file is batch {row[0]}", batch=row[0])
        known = self.keys(found.asked.kind)
        again = next((r for r in found.records if key_of(found.asked.kind, r.key) in known), None)
        if again is not None:
            raise Conflict(
                "intake.changed",
                f"row {again.row} has come in by another way: look at the file again",
                row=again.row,
            )

    def _add(self, batch: int, kind: str, records: Sequence[Record], at: int) -> None:
        sql = "SELECT coalesce(max(id), 0) FROM act WHERE holder = ?"
        (act,) = self._db.execute(sql, (self._holder,)).fetchone()
        acts: list[tuple[Any, ...]] = []
        items: list[tuple[Any, ...]] = []
        for each in records:
            first = act + 1
            for typ, told in _acts(kind, each):
                act += 1
                kept = json.dumps(told, ensure_ascii=False, sort_keys=True).encode()
                acts.append((self._holder, act, typ, "", "applied", kept, None, None, at))
                key, follows = key_of(kind, each.key), None if act == first else first
                items.append((self._holder, batch, each.row, act, key, follows))
        self._db.executemany("INSERT INTO act VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", acts)
        self._db.executemany("INSERT INTO batch_act VALUES (?, ?, ?, ?, ?, ?)", items)

    def keys(self, kind: str) -> set[str]:
        """Give what acts of this kind that still stand are about: number keys, or references."""
        marks = ", ".join("?" * len(_GONE))
        told = (self._holder, TYP_OF[kind], *_GONE)
        sql = f"""SELECT b.number FROM batch_act b JOIN act a ON a.holder = b.holder
            AND a.id = b.act WHERE b.holder = ? AND a.typ = ? AND a.stage NOT IN ({marks})"""  # noqa: S608
        found = {row[0] for row in self._db.execute(sql, told)}
        if kind != APPLICATIONS:
            sql = f"SELECT sub FROM act WHERE holder = ? AND typ = ? AND stage NOT IN ({marks})"  # noqa: S608
            found |= {row[0] for row in self._db.execute(sql, told)}
        return found

    def batches(self) -> list[Batch]:
        """List the batches, newest first."""
        with reading():
            rows = self._db.execute(_BATCH + "ORDER BY id DESC", (self._holder,)).fetchall()
        return [Batch(*row) for row in rows]

    def batch(self, batch: int) -> Batch:
        """Give one batch. Raises NotFound ``intake.batch``."""
        with reading():
            row = self._db.execute(_BATCH + "AND id = ?", (self._holder, batch)).fetchone()
        if row is None:
            raise NotFound("intake.batch", f"there is no batch {batch} here", batch=batch)
        return Batch(*row)

    def items(self, batch: int) -> list[Item]:
        """List the acts of a batch in the order of its rows. Raises NotFound ``intake.batch``."""
        self.batch(batch)
        sql = """SELECT b.row, b.act, b.number, a.typ, a.stage, b.follows
            FROM batch_act b JOIN act a ON a.holder = b.holder AND a.id = b.act
            WHERE b.holder = ? AND b.batch = ? ORDER BY b.act"""
        with reading():
            return [Item(*row) for row in self._db.execute(sql, (self._holder, batch))]

    def stages(self, batch: int) -> Counter[str]:
        """Count the acts of a batch by stage."""
        return Counter(each.stage for each in self.items(batch))


def key_of(kind: str, key: str) -> str:
    """Give the one spelling of what a row is about."""
    return key if kind == APPLICATIONS else CertificateNumber.parse(key).key


def _acts(kind: str, record: Record) -> list[tuple[str, dict[str, Any]]]:
    first = (TYP_OF[kind], record.told)
    return [first, (CONFIRMATION_TYP, record.arrival)] if record.arrival else [first]
