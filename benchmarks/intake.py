"""Bulk intake: a national system's year of papers, read, checked and taken in as acts.

The limit is the standard library's own reader over the same bytes, with nothing done to the cells.
"""

from __future__ import annotations

import csv
import io
import json
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from xml.parsers import expat
from xml.sax.saxutils import escape

from benchmarks.measure import Figures, rate, took
from kimberlite.kernel.days import parse_day
from kimberlite.node.intake.batches import Batches
from kimberlite.node.intake.columns import columns
from kimberlite.node.intake.preview import Asked, Preview, preview, read
from kimberlite.node.intake.tables import Manner
from kimberlite.node.store import Store

ROWS, QUICK = 30_000, 60
_TODAY = parse_day("2026-11-22")
_SHEET = "xl/worksheets/s.xml"
_BOOK = '<workbook xmlns:r="r"><sheets><sheet name="A" r:id="x"/></sheets></workbook>'
_LINKS = '<Relationships><Relationship Id="x" Target="worksheets/s.xml"/></Relationships>'


def bench(*, quick: bool) -> Iterator[Figures]:
    """Time each format; then the transaction that makes acts of the rows."""
    count = QUICK if quick else ROWS
    rows = [_row(at) for at in range(1, count + 1)]
    files: dict[str, tuple[bytes, Callable[[bytes], object]]] = {
        "csv": (_csv(rows), _walk_csv),
        "json": (json.dumps(rows).encode(), json.loads),
        "xlsx": (_xlsx(rows), _walk_xlsx),
    }
    manner = Manner(known=frozenset(each.name for each in columns("papers")))
    found: list[Preview] = []
    for name, (data, walk) in files.items():
        asked = Asked("papers", f"bench.{name}", "XA", _TODAY)
        limit = took(partial(walk, data))
        reading = took(partial(read, data, manner))
        whole = took(partial(_look, data, asked, found))
        yield {
            "bench": "intake",
            "file": name,
            "rows": len(found[-1].records),
            "bytes": len(data),
            "read_s": round(reading.wall, 2),
            "read_and_check_s": round(whole.wall, 2),
            "read_and_check_cpu_s": round(whole.cpu, 2),
            "per_second": rate(count / whole.wall),
            "limit": f"the standard library's reader of {name}, and nothing else",
            "limit_figure": round(limit.wall, 2),
            "ratio": round(limit.wall / whole.wall, 3),
        }
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "office.db", "XA")
        passed = took(partial(Batches(store).apply, found[0], "officer-1", 1))
        yield {
            "bench": "intake",
            "file": "applied",
            "rows": count,
            "acts": len(store.acts()),
            "apply_s": round(passed.wall, 2),
            "per_second": rate(count / passed.wall),
        }
        store.close()


def _look(data: bytes, asked: Asked, found: list[Preview]) -> None:
    found.append(preview(data, asked))


def _row(at: int) -> dict[str, str]:
    return {
        "number": f"XC{at:06d}",
        "issued": "2026-10-01",
        "expires": "2026-12-01",
        "origin": "XC",
        "parcels": "2",
        "carats_710231": f"{1000 + at}.50",
        "value_710231": f"{20000 + at}.25",
        "exporter": f"Exporter {at % 60} Ltd",
        "exporter_address": "1 Quarry Road, Port Kite",
        "importer": f"Importer {at % 90} BV",
        "importer_address": "7 Wheel Street, Brillant",
        "seals": f"S{at};T{at}",
        "specimen": "matches",
        "arrived": "2026-10-05",
        "outcome": "confirmed",
        "examination": "documents;seals;weighed",
    }


def _csv(rows: list[dict[str, str]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def _xlsx(rows: list[dict[str, str]]) -> bytes:
    """Write a sheet as programs do that stream: every text in its cell."""
    lines = [list(rows[0]), *(list(each.values()) for each in rows)]
    sheet = "".join(f"<row>{''.join(map(_cell, line))}</row>" for line in lines)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", _BOOK)
        packed.writestr("xl/_rels/workbook.xml.rels", _LINKS)
        packed.writestr(_SHEET, f"<worksheet><sheetData>{sheet}</sheetData></worksheet>")
    return out.getvalue()


def _cell(text: str) -> str:
    return f'<c t="inlineStr"><is><t>{escape(text)}</t></is></c>'


def _walk_csv(data: bytes) -> int:
    return sum(1 for _ in csv.reader(io.StringIO(data.decode(), newline="")))


def _walk_xlsx(data: bytes) -> None:
    def nothing(*_told: object) -> None:
        return None

    parser = expat.ParserCreate()
    parser.StartElementHandler = parser.EndElementHandler = nothing
    parser.CharacterDataHandler = nothing
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        parser.Parse(packed.read(_SHEET), True)  # noqa: FBT003 - expat takes it by place
