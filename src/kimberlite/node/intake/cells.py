"""Cells as values: amounts, days, codes, lists. What could mean two things is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from typing import Any, Final, TypeAlias

from kimberlite.kernel.days import parse_day
from kimberlite.kernel.errors import Invalid
from kimberlite.kernel.ids import PARTICIPANT, CertificateNumber
from kimberlite.node.intake.tables import Cell, Number

Read: TypeAlias = Callable[[Cell, str], Any]
"""Reads a cell that is not empty; the second argument is the decimal mark, "" where unsaid."""

LIST_MARKS: Final = re.compile(r"[;|\n]")
"""What stands between items of one cell; a comma may stand in a name or an amount."""

_GROUPS = re.compile(r"[ '\u00a0\u202f\u2009]")
_WHOLE = re.compile(r"[0-9]{1,13}")
_GROUPED = {mark: re.compile(rf"[0-9]{{1,3}}(?:{re.escape(mark)}[0-9]{{3}})+") for mark in ".,"}
_SHARE = re.compile(r"(?P<code>[A-Z]{2}) ?[:=] ?(?P<share>[0-9]{1,3}(?:[.,][0-9])?) ?%?")
_WHOLE_SHARE = 1000
_HIGHEST = 1e13
_EXACT_DIGITS = 15
"""Digits that a spreadsheet shows of a number; those behind are its binary fraction."""


def _bad(code: str, why: str) -> Invalid:
    return Invalid(code, why)


def plain(cell: Cell) -> str:
    """Give a cell as text: a number as a person would type it.

    Raises:
        Invalid: ``intake.number`` for what is no number after all.
    """
    if isinstance(cell, str):
        return cell
    assert isinstance(cell, Number)
    try:
        whole = int(cell.text)
    except ValueError:
        return _shortest(cell.text)
    return str(whole)


def _shortest(text: str) -> str:
    try:
        value = float(text)
    except ValueError:
        raise _bad("intake.number", "this is no number") from None
    if value != value or abs(value) >= _HIGHEST:  # noqa: PLR0124 - the one way to tell a NaN
        raise _bad("intake.number", "this number is out of bounds")
    return format(Decimal(f"{value:.{_EXACT_DIGITS}g}"), "f")


def amount(cell: Cell, decimal: str) -> str:
    """Read an amount of at most two decimals, as "1234.56".

    Points, commas and spaces may group digits by three. "1,234" may mean two amounts, and is
    refused unless the sender said which mark stands before decimals.

    Raises:
        Invalid: ``intake.number``, ``intake.number-ambiguous``, ``intake.decimals``.
    """
    mark = "." if isinstance(cell, Number) else decimal
    text = _ungrouped(plain(cell), mark)
    whole, _, part = text.partition(".")
    if _WHOLE.fullmatch(whole) is None or (part and not part.isascii()) or text.endswith("."):
        raise _bad("intake.number", "expected an amount such as 1234.56")
    if part and not part.isdecimal():
        raise _bad("intake.number", "expected an amount such as 1234.56")
    if len(part.rstrip("0")) > 2:
        raise _bad("intake.decimals", "at most two decimals; nothing is rounded away")
    return f"{int(whole)}.{part[:2]:0<2}"


def _ungrouped(text: str, decimal: str) -> str:
    """Take groups of digits out, and put a point before the decimals."""
    if _GROUPS.search(text):
        parts = _GROUPS.split(text)
        if not all(len(each) == 3 for each in (*parts[1:-1], re.split("[.,]", parts[-1])[0])):
            raise _bad("intake.number", "spaces group digits by three")
        text = "".join(parts)
    marks = [each for each in text if each in ".,"]
    if not marks:
        return text
    if not decimal:
        decimal = _told_by(text, marks)
    other = "," if decimal == "." else "."
    whole, _, part = text.partition(decimal)
    if other in part or decimal in part:
        raise _bad("intake.number", "marks between digits do not fit together")
    if other in whole:
        if _GROUPED[other].fullmatch(whole) is None:
            raise _bad("intake.number", "marks between digits do not fit together")
        whole = whole.replace(other, "")
    if decimal in text and not part:
        raise _bad("intake.number", "an amount does not end in a mark")
    return f"{whole}.{part}" if part else whole


def _told_by(text: str, marks: list[str]) -> str:
    """Find which mark stands before decimals from the amount itself."""
    first, last = marks[0], marks[-1]
    if first != last:
        return last
    if len(marks) > 1:
        return "," if first == "." else "."
    if len(text) - text.index(first) - 1 == 3 and text[0] != "0" and text.index(first) <= 3:
        raise _bad("intake.number-ambiguous", "this may mean two amounts: say which mark is which")
    return first


def count(cell: Cell, _decimal: str) -> int:
    """Read a whole number up to a billion. Raises Invalid ``intake.count``."""
    text = plain(cell)
    if not (text.isascii() and text.isdecimal()) or len(text) > 9:
        raise _bad("intake.count", "expected a whole number")
    return int(text)


def day(cell: Cell, _decimal: str) -> str:
    """Read a day: ISO 8601, or what the spreadsheet itself shows as a day.

    Raises:
        Invalid: ``intake.day``, as 03/04/2026 is a day in March to some and in April to others.
    """
    text = cell.day if isinstance(cell, Number) else plain(cell)
    text = text.removesuffix("T00:00:00").removesuffix(" 00:00:00")
    try:
        parse_day(text)
    except Invalid:
        raise _bad("intake.day", "write days as YYYY-MM-DD") from None
    return text


def code(cell: Cell, _decimal: str) -> str:
    """Read a participant's code. Raises Invalid ``intake.code``."""
    text = plain(cell).upper()
    if PARTICIPANT.fullmatch(text) is None:
        raise _bad("intake.code", "expected a code of two letters")
    return text


def number(cell: Cell, _decimal: str) -> str:
    """Read a certificate's number. Raises Invalid ``number.format``."""
    return str(CertificateNumber.parse(plain(cell).upper()))


def words(cell: Cell, _decimal: str) -> str:
    """Read text as it stands."""
    return plain(cell)


def flag(cell: Cell, _decimal: str) -> bool:
    """Read yes or no. Raises Invalid ``intake.flag``."""
    found = _FLAGS.get(plain(cell).lower())
    if found is None:
        raise _bad("intake.flag", "write yes or no")
    return found


_FLAGS: Mapping[str, bool] = {
    **dict.fromkeys(("yes", "y", "true", "1"), True),
    **dict.fromkeys(("no", "n", "false", "0"), False),
}


def one_of(*allowed: str) -> Read:
    """Make a reader of one of fixed words; it raises Invalid ``intake.word``."""

    def read(cell: Cell, _decimal: str) -> str:
        text = plain(cell).lower().replace("_", "-").replace(" ", "-")
        if text not in allowed:
            raise Invalid("intake.word", f"one of {', '.join(allowed)}", words=", ".join(allowed))
        return text

    return read


def some_of(allowed: Collection[str]) -> Read:
    """Make a reader of several fixed words, none twice."""
    read = one_of(*allowed)

    def several(cell: Cell, decimal: str) -> list[str]:
        found = [read(each.strip(), decimal) for each in LIST_MARKS.split(plain(cell)) if each]
        return list(dict.fromkeys(found))

    return several


def listing(cell: Cell, _decimal: str) -> list[str]:
    """Read several items, such as seal numbers, between semicolons."""
    return [each.strip() for each in LIST_MARKS.split(plain(cell)) if each.strip()]


def origins(cell: Cell, _decimal: str) -> tuple[str, list[dict[str, Any]]]:
    """Read origins: "XA", "XA;XB", "XA:60;XB:40" in percent, or "***" where they are mixed.

    Returns:
        the mode of origin and the origins in their JSON form.

    Raises:
        Invalid: ``intake.origin``.
    """
    text = plain(cell).upper()
    if set(text) == {"*"}:
        return "mixed-undisclosed", []
    items = [each.strip() for each in LIST_MARKS.split(text) if each.strip()]
    if items and len(set(items)) == len(items) and all(map(PARTICIPANT.fullmatch, items)):
        mode = "single" if len(items) == 1 else "mixed-listed"
        return mode, [{"country": each} for each in items]
    told: list[dict[str, Any]] = []
    whole = 0
    for each in items:
        found = _SHARE.fullmatch(each)
        if found is not None:
            share = int(Decimal(found["share"].replace(",", ".")) * 10)
            told.append({"country": found["code"], "share": share})
            whole += share
    if len(told) != len(items) or whole != _WHOLE_SHARE:
        raise _bad("intake.origin", 'write "XA", "XA;XB", "XA:60;XB:40" (100 in all) or "***"')
    return "mixed-shares", told
