"""The day register: what an authority issued and what arrived in it, as its archive keeps it.

Source: KPCS Core Document, Annex II, recommendations 15, 16 and 25 (records of exports and
imports); Section III(b) (originals kept for at least three years). The form is ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from kimberlite.documents.pdf import labels
from kimberlite.documents.pdf.rendering import render
from kimberlite.documents.pdf.sheet import ABSENT, Names
from kimberlite.kernel.days import show_day
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


@dataclass(frozen=True, slots=True)
class Row:
    """One act: its log entry, the day it bears, and what was declared or found.

    ``other`` is the destination of what was issued, the issuer of what arrived. ``points`` are
    hundredths of a carat, ``cents`` of US$; None where nobody measured.
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


@dataclass(frozen=True, slots=True)
class Register:
    """A register of ``holder`` from ``first`` to ``last``, both included, days since 1970."""

    holder: str
    authority: str
    first: int
    last: int
    issued: tuple[Row, ...]
    arrived: tuple[Row, ...]
    kind: str
    names: Names = field(default=lambda _code: {})


def day_register(register: Register, lang: str, moment: int) -> bytes:
    """Make the register as a PDF.

    Args:
        lang: second language, "en" for none.
        moment: date of the document, UTC seconds.

    Raises:
        Invalid: ``pdf.language``, ``pdf.glyphs``, ``pdf.render``.
    """
    country = labels.country("en", register.holder, register.names(register.holder))
    told = {
        "title": f"{labels.label('en', 'paper.register')}: {country}",
        "author": register.authority or country,
        "lang": lang,
        "heads": {
            name: _both(lang, f"paper.{name}") for name in ("register", "period", "none", "total")
        },
        "period": f"{labels.day('en', register.first)} – {labels.day('en', register.last)}",
        "worthless": None if register.kind == "prod" else _both(lang, "paper.worthless"),
        "tables": [
            {
                "head": _both(lang, "paper.outgoing"),
                "columns": [_column(lang, *each) for each in _OUTGOING],
                "rows": [_outgoing(each, register.names) for each in register.issued],
                "total": _total(register.issued, 7),
            },
            {
                "head": _both(lang, "paper.incoming"),
                "columns": [_column(lang, *each) for each in _INCOMING],
                "rows": [_incoming(each, register.names) for each in register.arrived],
                "total": _total(register.arrived, 5),
            },
        ],
    }
    return render(_TEMPLATE, told, moment)


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


def _amounts(row: Row) -> tuple[str, str, str, str]:
    return (
        ABSENT if row.parcels is None else str(row.parcels),
        ABSENT if row.points is None else display.number("en", row.points, 2),
        ABSENT if row.cents is None else display.number("en", row.cents, 2),
        labels.label("en", f"word.{row.status}"),
    )


def _total(rows: Sequence[Row], before: int) -> dict[str, Any]:
    return {
        "span": before,
        "cells": [
            str(sum(each.parcels or 0 for each in rows)),
            display.number("en", sum(each.points or 0 for each in rows), 2),
            display.number("en", sum(each.cents or 0 for each in rows), 2),
        ],
        "count": len(rows),
    }
