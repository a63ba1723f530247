"""What a file of rows holds once it is read: a header, and cells that say what they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeAlias

from kimberlite.kernel.errors import Invalid

MOST_BYTES: Final = 16 << 20
"""Longest file, in bytes."""
MOST_ROWS: Final = 50_000
MOST_COLUMNS: Final = 120
CELL_LONGEST: Final = 500
"""Longest cell, in characters; no field of a certificate is longer."""


class Number(NamedTuple):
    """A cell that the file itself says is a number, written with a point; ``day`` if styled so.

    ``day`` is the calendar day that a spreadsheet shows, in ISO 8601, else "".
    """

    text: str
    day: str = ""


@dataclass(frozen=True, slots=True)
class Bad:
    """A cell that cannot be taken, whatever its column: a formula, an error, control characters."""

    code: str


Cell: TypeAlias = str | Number | Bad


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as the user sees it, and its cells in the order of the header."""

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A file of rows. ``encoding`` and ``delimiter`` are "" where the format fixes them."""

    format: str
    header: tuple[str, ...]
    rows: tuple[Row, ...]
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class Manner:
    """How the sender says to read: only what the file itself leaves open. "" asks to find out."""

    encoding: str = ""
    decimal: str = ""
    sheet: str = ""
    known: frozenset[str] = field(default_factory=frozenset)
    """Names of columns, by which the delimiter is found."""


def heads(names: Sequence[object]) -> tuple[str, ...]:
    """Give the header's names in their one spelling.

    Raises:
        Invalid: ``intake.no-header``, ``intake.too-many-columns``.
    """
    found = [name_of(each) for each in names]
    while found and not found[-1]:
        found.pop()
    if len(found) > MOST_COLUMNS:
        raise too_many_columns()
    if not any(found):
        raise Invalid("intake.no-header", "the first row must name the columns")
    return tuple(found)


def name_of(value: object) -> str:
    """Give a column's name in its one spelling: lower case, underscores."""
    if not isinstance(value, str):
        return ""
    return "_".join(value.strip().lower().replace(".", "").replace("-", " ").split())


def gathered(rows: Iterable[Row], width: int) -> tuple[Row, ...]:
    """Take the rows that hold anything, each as wide as the header.

    Raises:
        Invalid: ``intake.too-many-rows``, ``intake.empty``.
    """
    found: list[Row] = []
    for row in rows:
        if not any(row.cells):
            continue
        if len(found) >= MOST_ROWS:
            raise Invalid("intake.too-many-rows", "take fewer rows into one file", limit=MOST_ROWS)
        cells = row.cells[:width] + ("",) * (width - len(row.cells))
        if any(row.cells[width:]):
            cells = (*cells[:-1], Bad("intake.beyond-header"))
        found.append(Row(row.number, cells))
    if not found:
        raise Invalid("intake.empty", "the file holds no rows below its header")
    return tuple(found)


def text_cell(text: str) -> Cell:
    """Take a cell of text; what a spreadsheet would run, or a screen would hide, is refused."""
    text = text.strip()
    if len(text) > CELL_LONGEST:
        return Bad("intake.too-long")
    if not text.isprintable() and not _shows(text):
        return Bad("intake.control")
    if text[:1] in _STARTS and (text[:1] in "=@" or not text[1:2].isdecimal()):
        return Bad("intake.formula") if len(text) > 1 or text in "=@" else text
    return text


_STARTS = frozenset("=@+-")
_SPACES = {"\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u3000": " "}


def _shows(text: str) -> bool:
    """Say whether only spaces of other scripts keep the text from being printable."""
    return "".join(_SPACES.get(each, each) for each in text).isprintable()


def too_many_columns() -> Invalid:
    """Say that a row is too wide."""
    return Invalid("intake.too-many-columns", "the sheet has too many columns", limit=MOST_COLUMNS)
