"""Files of rows for tests: the same table as CSV, JSON and XLSX, and parts of broken XLSX."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import openpyxl

HEAD = (
    "number",
    "issued",
    "expires",
    "origin",
    "parcels",
    "carats_710231",
    "value_710231",
    "exporter",
    "exporter_address",
    "importer",
    "importer_address",
    "seals",
)
PAPER: dict[str, str] = {
    "number": "XC000001",
    "issued": "2026-10-01",
    "expires": "2026-12-01",
    "origin": "XC",
    "parcels": "2",
    "carats_710231": "1000.50",
    "value_710231": "20000.25",
    "exporter": "Cut & Co",
    "exporter_address": "1 Road, Town",
    "importer": "Facet Brothers",
    "importer_address": "7 Wheel Street",
    "seals": "S1;S2",
}
OUTCOME = {"arrived": "2026-10-05", "outcome": "confirmed", "examination": "documents;weighed"}


def papers(count: int, **changes: str) -> list[dict[str, str]]:
    """Give rows of foreign papers under numbers XC000001 and on."""
    return [{**PAPER, "number": f"XC{at:06d}", **changes} for at in range(1, count + 1)]


def as_csv(
    rows: Sequence[Mapping[str, str]], delimiter: str = ",", encoding: str = "utf-8"
) -> bytes:
    """Write rows as CSV."""
    out = io.StringIO(newline="")
    head = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(out, head, delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


def as_json(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Write rows as JSON."""
    return json.dumps({"rows": rows}).encode()


def as_xlsx(rows: Sequence[Sequence[Any]], title: str = "Sheet") -> bytes:
    """Write rows, the header first, as a spreadsheet program does."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def zipped(parts: Mapping[str, str | bytes]) -> bytes:
    """Pack parts as they are told."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in parts.items():
            packed.writestr(name, data)
    return out.getvalue()


BOOK = '<workbook xmlns:r="r"><sheets><sheet name="A" r:id="x"/></sheets></workbook>'
LINKS = '<Relationships><Relationship Id="x" Target="worksheets/s.xml"/></Relationships>'


def broken(sheet: str | bytes, **parts: str | bytes) -> bytes:
    """Pack a sheet's XML into the smallest spreadsheet; ``parts`` replace or add by short name."""
    names = {"book": "xl/workbook.xml", "links": "xl/_rels/workbook.xml.rels"}
    told = {"xl/workbook.xml": BOOK, "xl/_rels/workbook.xml.rels": LINKS}
    more = {names.get(name, f"xl/{name}.xml"): data for name, data in parts.items()}
    return zipped({**told, "xl/worksheets/s.xml": sheet, **more})
