"""A file looked at before anything is kept: every row checked, every fault named, all counted."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from kimberlite.kernel.days import parse_day, show_day
from kimberlite.kernel.errors import Invalid, Problem
from kimberlite.kernel.ids import CertificateNumber
from kimberlite.node.intake import csv_file, json_file, xlsx_file
from kimberlite.node.intake.checking import Checker
from kimberlite.node.intake.columns import APPLICATIONS, columns
from kimberlite.node.intake.mapping import Fault, Ground, Mapper, Record
from kimberlite.node.intake.tables import MOST_BYTES, Manner, Table

MOST_FAULTS: Final = 2_000
"""Faults that are listed; all are counted."""

Progress = Callable[[int], None]


class Known(Protocol):
    """What is there already, as a preview asks for it."""

    def fault(self, kind: str, record: Record) -> tuple[str, str] | None:
        """Give column and code where a row cannot be taken beside what is there; fill in links."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a file is said to be: its kind, its name, whose it is, and how to read it."""

    kind: str
    name: str
    holder: str
    today: int
    encoding: str = ""
    decimal: str = ""
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file holds, and what is wrong with it. ``records`` are the rows that can be taken.

    Sums are over these: hundredths of a carat, cents of US$.
    """

    asked: Asked
    digest: bytes
    table: Table
    records: tuple[Record, ...]
    faults: tuple[Fault, ...]
    fault_count: int
    points: int
    cents: int
    parcels: int

    @property
    def good(self) -> bool:
        """Whether every row can be taken."""
        return self.fault_count == 0

    @property
    def arrivals(self) -> int:
        """How many rows tell of an arrival as well."""
        return sum(1 for each in self.records if each.arrival)


def read(data: bytes, manner: Manner) -> Table:
    """Read a file of rows, whichever of the formats it is.

    Raises:
        Invalid: ``intake.too-large``, ``intake.empty``, ``intake.format``; as each format.
    """
    if len(data) > MOST_BYTES:
        raise Invalid("intake.too-large", "take fewer rows into one file", limit=MOST_BYTES)
    if not data.strip():
        raise Invalid("intake.empty", "the file is empty")
    if data.startswith(xlsx_file.MAGIC):
        return xlsx_file.read(data, manner)
    if data.startswith((b"\xd0\xcf\x11\xe0", b"%PDF", b"{\\rtf")):
        raise Invalid("intake.format", "save it as .xlsx, .csv or .json")
    if data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in {b"[", b"{"}:
        return json_file.read(data, manner)
    return csv_file.read(data, manner)


def preview(
    data: bytes, asked: Asked, known: Known | None = None, progress: Progress | None = None
) -> Preview:
    """Look at a file: read it, map and check every row, and compare with what is there.

    Raises:
        Invalid: as ``read`` and ``Mapper``; ``intake.decimal``. Faults of rows are not raised.
    """
    if asked.decimal not in {"", ".", ","}:
        raise Invalid("intake.decimal", "decimals stand behind a point or a comma")
    names = frozenset(each.name for each in columns(asked.kind))
    table = read(data, Manner(asked.encoding, asked.decimal, asked.sheet, names))
    ground = Ground(asked.holder, show_day(asked.today))
    mapper = Mapper(asked.kind, table, ground, asked.decimal)
    faults: list[Fault] = []
    records: list[Record] = []
    seen: dict[str, int] = {}
    checker = Checker()
    for at, row in enumerate(table.rows):
        found = mapper.map(row)
        if isinstance(found, Record):
            wrong = _wrong(found, asked, seen, known) or _unfit(found, asked, checker)
            if wrong is None:
                records.append(found)
            else:
                faults.append(wrong)
        else:
            faults.extend(found)
        if progress is not None and at % 500 == 0:
            progress(at)
    return Preview(
        asked,
        hashlib.sha256(data).digest(),
        table,
        tuple(records),
        tuple(faults[:MOST_FAULTS]),
        len(faults),
        sum(each.points for each in records),
        sum(each.cents for each in records),
        sum(each.parcels for each in records),
    )


def _wrong(record: Record, asked: Asked, seen: dict[str, int], known: Known | None) -> Fault | None:
    column = "reference" if asked.kind == APPLICATIONS else "number"
    key = record.key if asked.kind == APPLICATIONS else CertificateNumber.parse(record.key).key
    before = seen.setdefault(key, record.row)
    if before != record.row:
        return Fault(record.row, column, "intake.repeated", f"as in row {before}", str(before))
    wrong = _days(record, asked) or (None if known is None else known.fault(asked.kind, record))
    if wrong is not None:
        return Fault(record.row, wrong[0], wrong[1], "", record.key)
    return None


def _unfit(record: Record, asked: Asked, checker: Checker) -> Fault | None:
    try:
        for told in _drafts(record, asked):
            checker.check(told)
    except Problem as bad:
        at = str(bad.facts.get("field", ""))
        code = str(bad.facts.get("why") or bad.code)
        return Fault(record.row, _column(asked.kind, at), code, bad.detail)
    return None


def _days(record: Record, asked: Asked) -> tuple[str, str] | None:
    """Give column and code where the log would refuse later what days or receiver say."""
    told, latest = record.told, show_day(asked.today + 1)
    if told.get("issued", "") > told.get("expires", "9999"):
        return "expires", "intake.day-order"
    arrived = str(record.arrival.get("arrived") or told.get("arrived", ""))
    for column, day in (("received", told.get("day")), ("arrived", arrived)):
        if day and day > latest:
            return column, "intake.day-order"
    if told.get("receiver") == asked.holder:
        return "receiver", "intake.receiver"
    late = told.get("type") == "slip" and parse_day(arrived) > parse_day(told["day"]) + 1
    return ("arrived", "intake.day-order") if late else None


_NO_STATEMENT = "00" * 32


def _drafts(record: Record, asked: Asked) -> list[Mapping[str, Any]]:
    """Give what a row will say, as far as it is known, for its fields to be checked."""
    told = record.told
    if asked.kind == APPLICATIONS:
        day = show_day(asked.today)
        sealed = {**told["parties"], "seals": ["to be sealed"]}
        days = {"issued": day, "expires": day}
        return [{**told, **days, "type": "certificate", "number": "XX0", "parties": sealed}]
    found: list[Mapping[str, Any]] = [
        {**told, "certificate": _NO_STATEMENT} if told["type"] == "slip" else told
    ]
    if record.arrival:  # its parties are the paper's, which have been looked at
        arrival = {**record.arrival, "certificate": _NO_STATEMENT}
        del arrival["parties"]
        if arrival["values"]["lines"] is told["values"]["lines"]:  # nothing else was measured
            del arrival["values"]
        found.append(arrival)
    return found


def _column(kind: str, field: str) -> str:
    """Find the column from which a field came."""
    for each in columns(kind):
        path = each.path.removeprefix("+")
        if path and (field == path or field.startswith(f"{path}.")):
            return each.name
    return field.replace(".", "_")
