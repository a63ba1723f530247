"""The day register: every act of an authority, and its blank forms, as its archive keeps them.

Source: KPCS Core Document, Annex II, recommendations 15, 16 and 25 (records of exports and
imports); Section III(b) (originals kept for at least three years). The form is ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from kimberlite.documents.pdf import labels
from kimberlite.documents.pdf.rendering import render
from kimberlite.documents.pdf.sheet import ABSENT, Names
from kimberlite.kernel.days import show_day, show_moment
from kimberlite.words import display

_TEMPLATE = "register.typ"
_OUTGOING = (
    ("paper.entry", "right"),
    ("paper.day", "left"),
    ("paper.number", "left"),
    ("paper.form", "left"),
    ("paper.destination", "left"),
    ("paper.exporter", "left"),
    ("paper.importer", "left"),
    ("paper.parcels", "right"),
    ("paper.carats", "right"),
    ("paper.value", "right"),
    ("paper.status", "left"),
)
_INCOMING = (
    ("paper.entry", "right"),
    ("paper.day", "left"),
    ("paper.number", "left"),
    ("paper.sender", "left"),
    ("paper.importer", "left"),
    ("paper.parcels", "right"),
    ("paper.carats", "right"),
    ("paper.value", "right"),
    ("paper.status", "left"),
)
_PAPERS = tuple(each for each in _OUTGOING if each[0] != "paper.destination")
_PAPERS = (*_PAPERS[:4], ("paper.sender", "left"), *_PAPERS[4:])
_OTHERS = (
    ("paper.entry", "right"),
    ("paper.day", "left"),
    ("paper.act", "left"),
    ("paper.about", "left"),
    ("paper.said", "left"),
)
_STOCK = (
    ("paper.movement", "right"),
    ("paper.moment", "left"),
    ("paper.act", "left"),
    ("paper.form", "left"),
    ("paper.count", "right"),
    ("paper.from", "left"),
    ("paper.to", "left"),
    ("paper.officer", "left"),
    ("paper.remarks", "left"),
)
_A_PAGE = 20
"""Rows of one table on one sheet, so that each sheet bears its own total."""


@dataclass(frozen=True, slots=True)
class Row:
    """One act: its log entry, the day it bears, and what was declared or found.

    ``other`` is the destination of what was issued, the issuer of what arrived. ``points`` are
    hundredths of a carat, ``cents`` of US$; None where nobody measured. ``paper`` marks what rests
    on a transcription of foreign paper.
    """

    entry: int
    day: int
    number: str
    other: str
    status: str
    exporter: str = ""
    importer: str = ""
    form: str = ""
    parcels: int | None = None
    points: int | None = None
    cents: int | None = None
    paper: bool = False


@dataclass(frozen=True, slots=True)
class Other:
    """An act that is neither an issue nor an arrival: its entry, day, type, subject, and say.

    ``typ`` is the statement's type; ``said`` a word such as an outcome, "" where there is none.
    """

    entry: int
    day: int
    typ: str
    about: str
    said: str = ""


@dataclass(frozen=True, slots=True)
class Moved:
    """A movement of blank forms; ``came`` and ``went`` are (state, office)."""

    id: int
    at: int
    kind: str
    forms: str
    count: int
    came: tuple[str, str]
    went: tuple[str, str]
    officer: str
    why: str
    undoes: int | None = None


@dataclass(frozen=True, slots=True)
class Register:
    """A register of ``holder`` from ``first`` to ``last``, both included, days since 1970.

    ``count`` is the count of blank forms: column and number, from opening to closing.
    """

    holder: str
    authority: str
    first: int
    last: int
    issued: tuple[Row, ...]
    arrived: tuple[Row, ...]
    kind: str
    names: Names = field(default=lambda _code: {})
    papers: tuple[Row, ...] = ()
    others: tuple[Other, ...] = ()
    moved: tuple[Moved, ...] = ()
    count: tuple[tuple[str, int], ...] = ()


def day_register(register: Register, lang: str, moment: int) -> bytes:
    """Make the register as a PDF.

    Args:
        lang: second language, "en" for none.
        moment: date of the document, UTC seconds.

    Raises:
        Invalid: ``pdf.language``, ``pdf.glyphs``, ``pdf.render``.
    """
    country = labels.country("en", register.holder, register.names(register.holder))
    heads = ("register", "period", "none", "total", "page-total", "so-far")
    told = {
        "title": f"{labels.label('en', 'paper.register')}: {country}",
        "author": register.authority or country,
        "lang": lang,
        "heads": {name: _both(lang, f"paper.{name}") for name in heads},
        "period": f"{labels.day('en', register.first)} – {labels.day('en', register.last)}",
        "worthless": None if register.kind == "prod" else _both(lang, "paper.worthless"),
        "tables": list(_tables(register, lang)),
        "count": [
            {"label": _both(lang, f"paper.stock.{name}"), "text": display.number("en", number, 0)}
            for name, number in register.count
        ],
    }
    return render(_TEMPLATE, told, moment)


def _tables(register: Register, lang: str) -> Iterator[dict[str, Any]]:
    names = register.names
    yield _table(lang, "outgoing", _OUTGOING, [(_outgoing(e, names), e) for e in register.issued])
    yield _table(lang, "incoming", _INCOMING, [(_incoming(e, names), e) for e in register.arrived])
    if register.papers:
        yield _table(lang, "papers", _PAPERS, [(_outgoing(e, names), e) for e in register.papers])
    if register.others:
        yield _table(lang, "others", _OTHERS, [(_other(each), None) for each in register.others])
    if register.moved or register.count:
        yield _table(lang, "stock", _STOCK, [(_moved(each), None) for each in register.moved])


def _table(
    lang: str,
    head: str,
    columns: tuple[tuple[str, str], ...],
    rows: Sequence[tuple[list[dict[str, str]], Row | None]],
) -> dict[str, Any]:
    """Put rows on sheets, each with its own total and what it comes to so far."""
    before = next((at for at, each in enumerate(columns) if each[0] == "paper.parcels"), None)
    sheets = [rows[at : at + _A_PAGE] for at in range(0, len(rows), _A_PAGE)]
    span = len(columns) if before is None else before
    return {
        "head": _both(lang, f"paper.{head}"),
        "columns": [_column(lang, *each) for each in columns],
        "sheets": [
            {
                "rows": [cells for cells, _ in sheet],
                "total": _total(sheet, span, summed=before is not None),
                "so_far": _total(rows[: (at + 1) * _A_PAGE], span, summed=before is not None),
            }
            for at, sheet in enumerate(sheets)
        ],
        "total": _total(rows, span, summed=before is not None),
    }


def _both(lang: str, key: str) -> dict[str, str | None]:
    local = None if lang == "en" else labels.label(lang, key)
    english = labels.label("en", key)
    return {"en": english, "local": None if local == english else local, "lang": lang}


def _column(lang: str, key: str, align: str) -> dict[str, Any]:
    return {"label": _both(lang, key), "align": align}


def _cell(text: str) -> dict[str, str]:
    return {"text": text, "lang": labels.script(text)}


def _outgoing(row: Row, names: Names) -> list[dict[str, str]]:
    where = labels.country("en", row.other, names(row.other))
    front = (str(row.entry), show_day(row.day), row.number, row.form, where)
    return [_cell(each) for each in (*front, row.exporter, row.importer, *_amounts(row))]


def _incoming(row: Row, names: Names) -> list[dict[str, str]]:
    where = labels.country("en", row.other, names(row.other))
    front = (str(row.entry), show_day(row.day), row.number, where)
    return [_cell(each) for each in (*front, row.importer, *_amounts(row))]


def _other(row: Other) -> list[dict[str, str]]:
    said = labels.label("en", f"word.{row.said}") if row.said else ABSENT
    act = labels.label("en", f"kind.{row.typ}")
    told = (str(row.entry), show_day(row.day), act, row.about, said.removeprefix("word."))
    return [_cell(each) for each in told]


def _moved(row: Moved) -> list[dict[str, str]]:
    kind = labels.label("en", f"word.{row.kind}")
    back = "" if row.undoes is None else f" (– {row.undoes})"
    told = (
        *(str(row.id), show_moment(row.at), kind + back, row.forms),
        *(display.number("en", row.count, 0), _place(row.came), _place(row.went)),
        *(row.officer, row.why),
    )
    return [_cell(each) for each in told]


def _place(told: tuple[str, str]) -> str:
    state, office = told
    return " ".join(filter(None, (labels.label("en", f"word.{state}"), office)))


def _amounts(row: Row) -> tuple[str, str, str, str]:
    status = labels.label("en", f"word.{row.status}")
    return (
        ABSENT if row.parcels is None else str(row.parcels),
        ABSENT if row.points is None else display.number("en", row.points, 2),
        ABSENT if row.cents is None else display.number("en", row.cents, 2),
        f"{status} ({labels.label('en', 'word.paper')})" if row.paper else status,
    )


def _total(rows: Sequence[tuple[object, Row | None]], span: int, *, summed: bool) -> dict[str, Any]:
    found = [row for _, row in rows if row is not None]
    cells = [
        str(sum(each.parcels or 0 for each in found)),
        display.number("en", sum(each.points or 0 for each in found), 2),
        display.number("en", sum(each.cents or 0 for each in found), 2),
    ]
    return {"span": span, "cells": cells if summed else [], "count": len(rows)}
