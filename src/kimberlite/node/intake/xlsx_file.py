"""XLSX files, read as a stream: cells as they stand in the XML, bounded, without a formula run.

Our own reader on the standard library's expat, because what there is either lays a sheet out in
memory (one far cell of a 5 kB file ends the process) or takes fifteen seconds for 30,000 rows; and
amounts are taken as written, not as binary fractions. Source: ECMA-376; docs/decisions.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable
from datetime import date, timedelta
from typing import Final
from xml.parsers import expat

from kimberlite.kernel.errors import Invalid
from kimberlite.node.intake.tables import (
    CELL_LONGEST,
    MOST_COLUMNS,
    MOST_ROWS,
    Bad,
    Cell,
    Manner,
    Number,
    Row,
    Table,
    gathered,
    heads,
    text_cell,
    too_many_columns,
)

MAGIC: Final = b"PK\x03\x04"
MOST_INFLATED: Final = 192 << 20
"""Most bytes that the parts of one file may inflate to."""
_MOST_PARTS: Final = 2_000
_MOST_STRINGS: Final = 2_000_000
_CHUNK: Final = 1 << 16
_LETTERS = re.compile(r"[A-Z]{1,3}")
_DATED = frozenset((*range(14, 18), 22, *range(27, 32), 36, *range(50, 59)))
_LITERAL = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')

Attributes = dict[str, str]


def read(data: bytes, manner: Manner) -> Table:
    """Read the first sheet, or the one that ``manner`` names.

    Raises:
        Invalid: ``intake.xlsx``, ``intake.sheet``, ``intake.inflated``, ``intake.no-header``,
            ``intake.empty``, ``intake.too-many-rows``, ``intake.too-many-columns``.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            return _read(_Parts(opened), manner)
    except Invalid:
        raise
    except (
        zipfile.BadZipFile,
        zlib.error,
        expat.ExpatError,
        EOFError,
        LookupError,
        NotImplementedError,
        OSError,
        OverflowError,
        RuntimeError,
        ValueError,
    ) as bad:
        raise _damaged() from bad


def _damaged() -> Invalid:
    return Invalid("intake.xlsx", "this is no spreadsheet (.xlsx) that can be read: save it anew")


class _Parts:
    """The parts of a file, each inflated as it is parsed, all of them within one limit."""

    def __init__(self, opened: zipfile.ZipFile) -> None:
        self._opened, self._left = opened, MOST_INFLATED
        if len(opened.namelist()) > _MOST_PARTS:
            raise _damaged()
        self._names = set(opened.namelist())

    def has(self, name: str) -> bool:
        return name in self._names

    def parse(self, name: str, start: _Start, end: _End, text: _Text) -> None:
        """Feed a part to expat. A document type, where bombs of entities begin, is refused."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = start
        parser.EndElementHandler = end
        parser.CharacterDataHandler = text
        parser.StartDoctypeDeclHandler = _no_doctype
        with self._opened.open(name) as part:
            while piece := part.read(_CHUNK):
                self._left -= len(piece)
                if self._left < 0:
                    raise Invalid(
                        "intake.inflated",
                        "this file is far larger than it looks: save less into it",
                        limit=MOST_INFLATED,
                    )
                parser.Parse(piece, False)  # noqa: FBT003 - expat takes it by place
        parser.Parse(b"", True)  # noqa: FBT003 - likewise


_Start = Callable[[str, Attributes], None]
_End = Callable[[str], None]
_Text = Callable[[str], None]


def _no_doctype(*_told: object) -> None:
    raise _damaged()


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _nothing(*_told: object) -> None:
    return None


def _read(parts: _Parts, manner: Manner) -> Table:
    name, path, from_1904 = _sheet(parts, manner.sheet)
    strings = _strings(parts)
    sheet = _Sheet(strings, _dated(parts), from_1904)
    parts.parse(path, sheet.start, sheet.end, sheet.text)
    rows = iter(sheet.rows)
    header = heads(next(rows, Row(1, ())).cells)
    return Table("xlsx", header, gathered(rows, len(header)), sheet=name)


def _sheet(parts: _Parts, asked: str) -> tuple[str, str, bool]:
    """Give name and path of the sheet, and whether its days count from 1904."""
    sheets: list[tuple[str, str]] = []
    targets: dict[str, str] = {}
    told = {"1904": False}

    def book(name: str, attributes: Attributes) -> None:
        if _local(name) == "sheet":
            at = next(v for k, v in attributes.items() if _local(k) == "id" and ":" in k)
            sheets.append((attributes["name"], at))
        elif _local(name) == "workbookPr":
            told["1904"] = attributes.get("date1904") in {"1", "true"}

    def relation(name: str, attributes: Attributes) -> None:
        if _local(name) == "Relationship" and attributes.get("TargetMode") != "External":
            targets[attributes["Id"]] = attributes["Target"]

    try:
        parts.parse("xl/workbook.xml", book, _nothing, _nothing)
        parts.parse("xl/_rels/workbook.xml.rels", relation, _nothing, _nothing)
    except StopIteration:
        raise _damaged() from None
    chosen = [each for each in sheets if each[0] == asked] if asked else sheets[:1]
    if not chosen:
        raise Invalid("intake.sheet", "there is no such sheet in this file", sheet=asked[:40])
    name, at = chosen[0]
    target = targets[at]
    path = target.lstrip("/") if target.startswith("/") else posixpath.join("xl", target)
    return name, posixpath.normpath(path), told["1904"]


def _strings(parts: _Parts) -> list[str]:
    """Read the shared strings; runs of one string are put together, phonetic hints left out."""
    found: list[str] = []
    if not parts.has("xl/sharedStrings.xml"):
        return found
    run: list[str] = []
    inside = {"t": False, "rPh": False}

    def start(name: str, _attributes: Attributes) -> None:
        local = _local(name)
        if local in inside:
            inside[local] = True
        elif local == "si":
            run.clear()

    def end(name: str) -> None:
        local = _local(name)
        if local in inside:
            inside[local] = False
        elif local == "si":
            found.append("".join(run)[: CELL_LONGEST + 1])
            if len(found) > _MOST_STRINGS:
                raise _damaged()

    def text(piece: str) -> None:
        if inside["t"] and not inside["rPh"]:
            run.append(piece)

    parts.parse("xl/sharedStrings.xml", start, end, text)
    return found


def _dated(parts: _Parts) -> frozenset[str]:
    """Give the styles under which a number is shown as a day."""
    if not parts.has("xl/styles.xml"):
        return frozenset()
    formats = set(map(str, _DATED))
    styles: list[str] = []
    inside = {"cellXfs": False}

    def start(name: str, attributes: Attributes) -> None:
        local = _local(name)
        if local == "numFmt" and _shows_day(attributes.get("formatCode", "")):
            formats.add(attributes["numFmtId"])
        elif local == "cellXfs":
            inside["cellXfs"] = True
        elif local == "xf" and inside["cellXfs"]:
            styles.append(attributes.get("numFmtId", "0"))

    def end(name: str) -> None:
        if _local(name) == "cellXfs":
            inside["cellXfs"] = False

    parts.parse("xl/styles.xml", start, end, _nothing)
    return frozenset(str(at) for at, each in enumerate(styles) if each in formats)


def _shows_day(code: str) -> bool:
    shown = _LITERAL.sub("", code).lower()
    return "d" in shown or "y" in shown


class _Sheet:
    """Takes a sheet's events and keeps its rows."""

    def __init__(self, strings: list[str], dated: frozenset[str], from_1904: bool) -> None:  # noqa: FBT001
        self.rows: list[Row] = []
        self._strings, self._dated, self._from_1904 = strings, dated, from_1904
        self._row: list[Cell] = []
        self._number = 0
        self._at, self._kind, self._style = 0, "", ""
        self._formula = self._taking = False
        self._text = ""
        self._columns: dict[str, int] = {}

    def start(self, name: str, attributes: Attributes) -> None:
        """Take the start of an element."""
        local = name if ":" not in name else _local(name)
        if local == "v" or local == "t":
            self._taking = True
        elif local == "c":
            self._at = self._column(attributes.get("r"))
            self._kind = attributes.get("t", "n")
            self._style = attributes.get("s", "0")
            self._formula = False
            self._text = ""
        elif local == "f":
            self._formula = True
        elif local == "row":
            told = attributes.get("r", "")
            self._number = int(told) if told.isdecimal() else self._number + 1
            self._row = []

    def text(self, piece: str) -> None:
        """Take characters."""
        if self._taking:
            self._text += piece

    def end(self, name: str) -> None:
        """Take the end of an element."""
        local = name if ":" not in name else _local(name)
        if local == "v" or local == "t":
            self._taking = False
        elif local == "c":
            cell = self._cell(self._text)
            if cell != "":
                row, at = self._row, self._at
                if at == len(row):
                    row.append(cell)
                else:
                    row.extend([""] * (at + 1 - len(row)))
                    row[at] = cell
        elif local == "row" and self._row:
            self.rows.append(Row(self._number, tuple(self._row)))
            if len(self.rows) > MOST_ROWS + 1:
                raise Invalid(
                    "intake.too-many-rows", "take fewer rows into one file", limit=MOST_ROWS
                )

    def _column(self, told: str | None) -> int:
        if told is None:
            return len(self._row)
        letters = told.rstrip("0123456789")
        known = self._columns.get(letters)
        if known is None:
            known = self._columns[letters] = _column(letters)
        return known

    def _cell(self, text: str) -> Cell:
        if self._formula:
            return Bad("intake.formula")
        match self._kind:
            case "s":
                return text_cell(self._strings[_place(text)]) if text else ""
            case "n":
                return self._amount(text) if text else ""
            case "b":
                return "yes" if text == "1" else "no"
            case "e":
                return Bad("intake.cell-error")
            case "d":
                return Number(text, text[:10])
            case _:
                return text_cell(text)

    def _amount(self, text: str) -> Cell:
        if self._style not in self._dated:
            return Number(text)
        return Number(text, day_shown(float(text), from_1904=self._from_1904))


def _place(text: str) -> int:
    if not (text.isascii() and text.isdecimal()):
        raise _damaged()
    return int(text)


def _column(letters: str) -> int:
    if _LETTERS.fullmatch(letters) is None:
        raise _damaged()
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    if column > MOST_COLUMNS:
        raise too_many_columns()
    return column - 1


def day_shown(serial: float, *, from_1904: bool) -> str:
    """Give the day that a spreadsheet shows for a serial number, "" where it shows none.

    Serial 60 is 29 February 1900, a day that never was; before it nothing is taken.
    """
    whole = int(serial)
    if from_1904:
        return (date(1904, 1, 1) + timedelta(whole)).isoformat() if 0 <= whole < 10**6 else ""
    return (date(1899, 12, 30) + timedelta(whole)).isoformat() if 60 < whole < 10**6 else ""
