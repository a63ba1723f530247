"""A row as the JSON form of what is to be said: columns put where they belong, gaps filled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from kimberlite.certificates.v1.sections import HEADINGS
from kimberlite.kernel.errors import Invalid, Problem
from kimberlite.kernel.quantity import Carats
from kimberlite.node.intake.columns import APPLICATIONS, PAPERS, SLIPS, Column, columns
from kimberlite.node.intake.tables import Bad, Row, Table


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a cell: its row as the user sees it, its column, code and sentence."""

    row: int
    column: str
    code: str
    detail: str
    shown: str = ""


@dataclass(slots=True)
class Record:
    """A row that was read: what it is about, what is to be said, and what arrived, if told."""

    row: int
    key: str
    told: dict[str, Any]
    arrival: dict[str, Any] = field(default_factory=dict)
    points: int = 0
    cents: int = 0
    parcels: int = 0


@dataclass(frozen=True, slots=True)
class Ground:
    """What fills gaps: whose file it is, and today in ISO 8601."""

    holder: str
    today: str


class Mapper:
    """Maps the rows of one table."""

    def __init__(self, kind: str, table: Table, ground: Ground, decimal: str) -> None:
        """Match the header with the columns.

        Raises:
            Invalid: ``intake.kind``; ``intake.column-unknown``, ``intake.column-twice``,
                ``intake.column-missing`` naming the column.
        """
        self._kind, self._ground, self._decimal = kind, ground, decimal
        known = {each.name: each for each in columns(kind)}
        for name in table.header:
            if name and name not in known:
                raise _about("intake.column-unknown", f"there is no column {name}", name)
            if name and table.header.count(name) > 1:
                raise _about("intake.column-twice", f"the column {name} stands twice", name)
        for each in known.values():
            if each.required and each.name not in table.header:
                raise _about(
                    "intake.column-missing", f"the column {each.name} is needed", each.name
                )
        self._columns = [(at, known[name]) for at, name in enumerate(table.header) if name]
        self._unnamed = [at for at, name in enumerate(table.header) if not name]

    def map(self, row: Row) -> Record | list[Fault]:
        """Read one row; give what it says, or everything that is wrong with it."""
        faults: list[Fault] = []
        values: dict[str, Any] = {}
        for at, column in self._columns:
            cell = row.cells[at]
            if isinstance(cell, Bad):
                faults.append(Fault(row.number, column.name, cell.code, ""))
                continue
            if cell == "":
                if column.required:
                    faults.append(Fault(row.number, column.name, "intake.required", ""))
                continue
            try:
                values[column.name] = column.read(cell, self._decimal)
            except Problem as bad:
                shown = cell if isinstance(cell, str) else cell.text
                faults.append(Fault(row.number, column.name, bad.code, bad.detail, shown[:40]))
        faults.extend(
            Fault(row.number, "", "intake.beyond-header", "")
            for at in self._unnamed
            if row.cells[at] != ""
        )
        if faults:
            return faults
        try:
            return self._record(row.number, values)
        except Problem as bad:
            name = str(bad.facts.get("column", ""))
            return [Fault(row.number, name, bad.code, bad.detail)]

    def _record(self, row: int, values: dict[str, Any]) -> Record:
        told: dict[str, Any] = {}
        arrival: dict[str, Any] = {}
        for _, column in self._columns:
            if column.name in values and column.path:
                _put(arrival if column.path[0] == "+" else told, column, values[column.name])
        match self._kind:
            case "papers":
                record = _paper(row, told, values, self._ground)
            case "applications":
                record = _application(row, told, values, self._ground)
            case _:
                record = _slip(row, told, values, self._ground)
        if self._kind == PAPERS and values.keys() & _OUTCOME:
            record.arrival = _arrival(record, arrival, values)
        return record


_OUTCOME = frozenset(("arrived", "outcome", "examination"))


def _about(code: str, why: str, column: str) -> Invalid:
    return Invalid(code, why, column=column[:40])


def _put(told: dict[str, Any], column: Column, value: object) -> None:
    path = column.path.removeprefix("+")
    if path in {"lines", "shipment"}:
        return
    *sections, name = path.split(".")
    for section in sections:
        told = told.setdefault(section, {})
    told[name] = value


def _lines(values: Mapping[str, Any], prefix: str) -> list[dict[str, str]]:
    """Gather mass and value by heading. Raises Invalid ``intake.line``."""
    found = []
    for heading in HEADINGS:
        tail = heading.replace(".", "")
        carats, value = values.get(f"{prefix}carats_{tail}"), values.get(f"{prefix}value_{tail}")
        if carats is None and value is None:
            continue
        if carats is None:
            raise _about("intake.line", f"no carats under {heading}", f"{prefix}carats_{tail}")
        line = {"hs": heading, "carats": carats}
        found.append(line if value is None else {**line, "value": value})
    return found


def _sums(lines: Sequence[Mapping[str, str]]) -> tuple[int, int]:
    points = sum(int(Decimal(each["carats"]) * 100) for each in lines)
    return points, sum(int(Decimal(each.get("value", "0")) * 100) for each in lines)


def _goods(told: dict[str, Any], values: dict[str, Any]) -> tuple[int, int]:
    """Fill in shipment and values; give points and cents. Raises Invalid ``intake.*``."""
    lines = _lines(values, "")
    if not lines:
        raise _about("intake.line", "no carats under any heading", "carats_710231")
    for each in lines:
        if "value" not in each:
            tail = each["hs"].replace(".", "")
            raise _about("intake.line", f"no value under {each['hs']}", f"value_{tail}")
    points, cents = _sums(lines)
    for name, total in (("carats", points), ("value", cents)):
        if name in values and int(Decimal(values[name]) * 100) != total:
            raise _about("intake.sum", f"the lines sum up to {Carats(total)}", name)
    shipment, whole = told["shipment"], told["shipment"]["parcels"]
    shipment["origin_mode"], origins = values["origin"]
    if origins:
        shipment["origins"] = origins
    shipment["lines"] = [_parcels(each["hs"], values, lines, whole) for each in lines]
    if sum(each["parcels"] for each in shipment["lines"]) != whole:
        raise _about("intake.sum", f"the lines do not sum up to {whole} parcels", "parcels")
    told.setdefault("values", {})["lines"] = lines
    return points, cents


def _parcels(
    heading: str, values: Mapping[str, Any], lines: Sequence[object], whole: int
) -> dict[str, Any]:
    name = f"parcels_{heading.replace('.', '')}"
    found = values.get(name, whole if len(lines) == 1 else None)
    if found is None:
        raise _about("intake.line", f"no parcels under {heading}", name)
    return {"hs": heading, "parcels": found}


def _paper(row: int, told: dict[str, Any], values: dict[str, Any], ground: Ground) -> Record:
    points, cents = _goods(told, values)
    told = {
        "type": "paper",
        "kind": "ordinary",
        "holder": values["number"][:2],
        "day": ground.today,
        "specimen": "not-compared",
        **told,
    }
    shipment = told["shipment"]
    shipment.setdefault("destination", ground.holder)
    shipment.setdefault("provenance", told["holder"])
    told["parties"].setdefault("seals", [])
    return Record(row, values["number"], told, {}, points, cents, shipment["parcels"])


def _application(row: int, told: dict[str, Any], values: dict[str, Any], ground: Ground) -> Record:
    points, cents = _goods(told, values)
    told = {"kind": "ordinary", "original": "paper", **told}
    shipment = told["shipment"]
    shipment.setdefault("provenance", ground.holder)
    return Record(row, values["reference"], told, {}, points, cents, shipment["parcels"])


def _slip(row: int, told: dict[str, Any], values: dict[str, Any], ground: Ground) -> Record:
    told = {"type": "slip", "day": ground.today, **told}
    lines = _lines(values, "")
    points, cents = _sums(lines)
    if lines:
        if "parcels" not in values:
            raise _about("intake.line", "what was measured comes with its parcels", "parcels")
        told["values"]["lines"] = lines
    else:
        told.pop("values", None)
    parties = told.get("parties")
    if parties is not None:
        parties.setdefault("seals", [])
    return Record(row, values["number"], told, {}, points, cents, values.get("parcels", 0))


def _arrival(record: Record, arrival: dict[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Give the confirmation that follows the paper. Raises Invalid ``intake.required``."""
    for name in ("arrived", "outcome", "examination"):
        if name not in values:
            raise _about("intake.required", "an outcome has a day and an examination", name)
    measured = arrival.setdefault("values", {})
    measured["lines"] = _lines(values, "found_") or record.told["values"]["lines"]
    measured.setdefault("parcels", record.parcels)
    more = {"office": record.told["office"]} if "office" in record.told else {}
    return {
        "type": "confirmation",
        "number": record.key,
        **more,
        **arrival,
        "parties": record.told["parties"],
    }


__all__ = ["APPLICATIONS", "PAPERS", "SLIPS", "Fault", "Ground", "Mapper", "Record"]
