"""CSV files: encoding by its marks or strictly UTF-8, delimiter by the header, RFC 4180 quoting.

A legacy code page is never guessed: a wrong guess would change names that are signed later.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from typing import Final

from kimberlite.kernel.errors import Invalid
from kimberlite.node.intake.tables import (
    MOST_COLUMNS,
    Manner,
    Row,
    Table,
    gathered,
    heads,
    name_of,
    text_cell,
    too_many_columns,
)

ENCODINGS: Final = (
    "utf-8",
    "windows-1250",
    "windows-1251",
    "windows-1252",
    "windows-1254",
    "windows-1255",
    "windows-1256",
    "iso-8859-1",
    "iso-8859-15",
    "koi8-r",
    "gb18030",
    "cp850",
)
"""Code pages that a sender may name."""

DELIMITERS: Final = ",;\t|"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_FIELD_LONGEST = 4096


def read(data: bytes, manner: Manner) -> Table:
    """Read a CSV file.

    Raises:
        Invalid: ``intake.encoding``, ``intake.delimiter``, ``intake.csv``, ``intake.no-header``,
            ``intake.empty``, ``intake.too-many-rows``, ``intake.too-many-columns``.
    """
    text, encoding = decoded(data, manner.encoding)
    delimiter = found_delimiter(text, manner.known)
    rows = _rows(text, delimiter)
    _, first = next(rows, (1, []))
    header = heads(first)
    told = (
        Row(line, tuple(text_cell(each) for each in cells)) for line, cells in rows if any(cells)
    )
    return Table("csv", header, gathered(told, len(header)), encoding, delimiter)


def decoded(data: bytes, asked: str) -> tuple[str, str]:
    """Give the text, and the name of its encoding. Raises Invalid ``intake.encoding``."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _decode(data, name), name.removesuffix("-sig")
    if asked and asked not in ENCODINGS:
        raise Invalid("intake.encoding", f"name one of {', '.join(ENCODINGS)}", encoding=asked[:20])
    name = asked or "utf-8"
    return _decode(data, name), name


def _decode(data: bytes, name: str) -> str:
    try:
        return data.decode(name)
    except (UnicodeDecodeError, UnicodeError) as bad:
        raise Invalid(
            "intake.encoding",
            f"this is not {name}: save it as UTF-8, or say which code page it is in",
            encoding=name,
        ) from bad


def found_delimiter(text: str, known: frozenset[str]) -> str:
    """Give the delimiter under which the header names most known columns.

    Raises:
        Invalid: ``intake.delimiter`` when none, or more than one, does.
    """
    first = next((line for line in text[:65_536].splitlines() if line.strip()), "")
    scores = {
        each: sum(name_of(name.strip('"')) in known for name in first.split(each))
        for each in DELIMITERS
    }
    best = max(scores.values())
    leading = [each for each, score in scores.items() if score == best]
    if best == 0 or (len(leading) > 1 and best > 1):
        raise Invalid(
            "intake.delimiter",
            "no column of this kind of file is named in the first row: take the template's header",
        )
    return leading[0]


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(_FIELD_LONGEST)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            if len(cells) > MOST_COLUMNS and any(cells[MOST_COLUMNS:]):
                raise too_many_columns()
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as bad:
        raise Invalid(
            "intake.csv",
            f"line {reader.line_num}: a quotation mark or a cell does not end",
            line=reader.line_num,
        ) from bad
