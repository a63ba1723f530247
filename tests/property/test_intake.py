"""Whatever comes as a file of rows: a stable code or rows that are right, and nothing half kept."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from kimberlite.certificates.drafting import from_json
from kimberlite.kernel.days import parse_day
from kimberlite.kernel.errors import Conflict, Invalid, Problem
from kimberlite.node.intake import cells
from kimberlite.node.intake.batches import Batches
from kimberlite.node.intake.checking import Checker
from kimberlite.node.intake.columns import KINDS
from kimberlite.node.intake.preview import Asked, Preview, preview
from kimberlite.node.intake.scans import found_number
from kimberlite.node.intake.tables import Number
from kimberlite.node.store import Store
from tests.helpers.sheets import BOOK, LINKS, PAPER, as_csv, as_json, as_xlsx, broken, papers

TODAY = parse_day("2026-11-22")
GOOD = as_xlsx([list(PAPER), *(list(each.values()) for each in papers(2))])
FILES = (as_csv(papers(2)), as_csv(papers(2), ";", "utf-16"), as_json(papers(2)), GOOD)

NAMES = sorted({each.name for columns in KINDS.values() for each in columns})
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(allow_nan=True),
    st.text(max_size=20),
    st.sampled_from(["XA", "***", "2026-01-01", "1,234", "=1", "XC000001", "paper", "ünï"]),
)
ROWS = st.lists(
    st.dictionaries(
        st.one_of(st.sampled_from(NAMES), st.text(max_size=8)),
        st.one_of(SCALARS, st.lists(SCALARS, max_size=2)),
        max_size=14,
    ),
    max_size=4,
)


def looked(data: bytes, kind: str = "papers") -> Preview | str:
    """Look at a file; give what it holds, or the code of its refusal."""
    try:
        return preview(data, Asked(kind, "file", "XA", TODAY))
    except Invalid as bad:
        return bad.code


def sound(found: Preview | str) -> None:
    """Whatever can be taken in says something that can be signed; every fault has its code."""
    if isinstance(found, str):
        assert found.startswith("intake."), found
        return
    assert all("." in each.code and each.row > 0 for each in found.faults)
    assert len(found.records) + len({each.row for each in found.faults}) <= len(found.table.rows)
    for each in found.records:
        told = {**each.told, "certificate": "00" * 32} if each.told["type"] == "slip" else each.told
        from_json(told)


@given(st.binary(max_size=400))
@example(b"\xff\xfe")
@example(b"\xef\xbb\xbf[")
@example(b"PK\x03\x04" + bytes(40))
def test_any_bytes(data: bytes) -> None:
    sound(looked(data))


@given(st.sampled_from(FILES), st.data())
@settings(max_examples=150, deadline=None)
def test_files_that_were_cut_or_altered(file: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(file) - 1))
    kind = data.draw(st.sampled_from(["cut", "bit", "put"]))
    if kind == "cut":
        altered = file[:at]
    elif kind == "bit":
        altered = file[:at] + bytes((file[at] ^ (1 << data.draw(st.integers(0, 7))),))
        altered += file[at + 1 :]
    else:
        altered = file[:at] + data.draw(st.binary(min_size=1, max_size=9)) + file[at:]
    sound(looked(altered))


@given(ROWS, st.sampled_from(["papers", "slips"]))
@settings(max_examples=200, deadline=None)
def test_any_json_rows(rows: list[dict[str, Any]], kind: str) -> None:
    sound(looked(json.dumps(rows).encode(), kind))


@given(st.sampled_from(sorted(PAPER)), SCALARS)
@settings(max_examples=200, deadline=None)
def test_one_odd_cell_in_a_good_row(name: str, value: Any) -> None:
    found = looked(json.dumps([{**PAPER, name: value}]).encode())
    sound(found)
    assert not isinstance(found, str) or found in {"intake.empty", "intake.json"}


@given(st.lists(st.tuples(st.sampled_from(sorted(PAPER)), SCALARS), max_size=5), st.data())
@settings(max_examples=150, deadline=None)
def test_the_quick_check_says_what_the_drafts_say(
    changes: list[tuple[str, Any]], data: st.DataObject
) -> None:
    """One checker for many rows agrees with a fresh reading of each, odd values included."""
    checker = Checker()
    told = looked(as_json(papers(1)))
    assert isinstance(told, Preview)
    good = told.records[0].told
    for path, value in [*changes, *changes]:
        section = data.draw(st.sampled_from(["", "shipment", "parties", "values"]))
        row = {**good, section: {**good[section], path: value}} if section else {**good}
        if not section:
            row[data.draw(st.sampled_from(["form", "note", "issued", "office", path]))] = value
        assert code_of(checker.check, row) == code_of(from_json, row)


def code_of(check: Callable[[Any], object], row: dict[str, Any]) -> str:
    """Give the code with which a row is refused, "" where it is not."""
    try:
        check(row)
    except Problem as bad:
        return bad.code
    return ""


TAGS = st.sampled_from(
    [
        "<row>",
        "</row>",
        '<row r="9999999999">',
        '<c r="A1">',
        '<c r="ZZ1" t="s">',
        '<c t="n" s="1">',
        "<c>",
        "</c>",
        "<v>",
        "</v>",
        "<v>1</v>",
        "<f/>",
        "<is><t>x</t></is>",
        "number",
        "-1",
        "1e400",
        "&lt;",
        "&x;",
        "<!DOCTYPE a>",
        "]]>",
    ]
)


@given(st.lists(TAGS, max_size=25).map("".join), st.booleans())
@settings(max_examples=200, deadline=None)
def test_any_xml_of_a_sheet(inner: str, closed: bool) -> None:
    told = f"<worksheet><sheetData>{inner}</sheetData></worksheet>" if closed else inner
    styles = '<s><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></s>'
    sound(looked(broken(told, styles=styles, sharedStrings="<sst><si><t>a</t></si></sst>")))


@given(st.sampled_from(["book", "links", "styles", "sharedStrings"]), st.text(max_size=40))
@settings(max_examples=100, deadline=None)
def test_any_other_part_of_a_sheet(part: str, text: str) -> None:
    base = {"book": BOOK, "links": LINKS, "styles": "<s/>", "sharedStrings": "<sst/>"}[part]
    for told in (text, base.replace("x", text, 1), base + text):
        sound(looked(broken("<w/>", **{part: told.encode("utf-8", "replace")})))


def test_a_part_that_is_locked_or_packed_otherwise_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_LZMA) as packed:
        packed.writestr("xl/workbook.xml", BOOK)
    raw = bytearray(out.getvalue())
    for flags in (6, raw.index(b"PK\x01\x02") + 8):
        locked = bytearray(raw)
        locked[flags] |= 1
        assert looked(bytes(locked)) == "intake.xlsx"
    method = raw.index(b"PK\x01\x02") + 10
    raw[method] = 99
    assert looked(bytes(raw)) == "intake.xlsx"


@given(st.integers(0, 10**12), st.sampled_from(["", ".", ","]), st.booleans())
def test_an_amount_that_is_written_out_is_read_back(cents: int, mark: str, grouped: bool) -> None:
    point = mark or "."
    group = {".": ",", ",": "."}[point] if grouped else ""
    whole = f"{cents // 100:,}".replace(",", group)
    told = f"{cents // 100}.{cents % 100:02d}"
    assert cells.amount(f"{whole}{point}{cents % 100:02d}", mark) == told


@given(st.integers(0, 10**13))
def test_a_number_of_a_spreadsheet_is_read_back(cents: int) -> None:
    """A cell's double holds any amount of this size to the cent, however its tail is written."""
    told = cells.amount(Number(repr(cents / 100)), "")
    assert told == f"{cents // 100}.{cents % 100:02d}"


@given(st.text(max_size=30), st.sampled_from(["", ".", ","]))
def test_no_text_is_an_amount_by_accident(text: str, mark: str) -> None:
    try:
        told = cells.amount(text, mark)
    except Problem as bad:
        told = bad.code
    assert told.startswith("intake.") or "".join(filter(str.isdecimal, told))


@given(st.binary(max_size=60), st.text(max_size=30))
def test_any_scan_says_a_number_or_none(data: bytes, name: str) -> None:
    number, by = found_number(data, name)
    assert (number == "") == (by == "")


@given(ROWS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_taken_in_is_taken_in_whole(rows: list[dict[str, Any]]) -> None:
    store = Store(Path(":memory:"), "XA")
    found = looked(json.dumps([*rows, *papers(2)]).encode())
    if isinstance(found, str):
        return
    try:
        Batches(store).apply(found, "officer-1", 5)
    except (Invalid, Conflict):
        assert store.acts() == []
    else:
        assert len(store.acts()) == len(found.records) + found.arrivals
