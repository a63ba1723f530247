"""The pages: a certificate with its import confirmation, its print over stock, blank stock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kimberlite.certificates import annex
from kimberlite.documents.pdf import guilloche, labels, layout, sheet
from kimberlite.documents.pdf.design import Design, Place
from kimberlite.documents.pdf.rendering import render
from kimberlite.documents.pdf.sheet import Code, Names, Order, Value
from kimberlite.kernel.errors import Invalid, Refused
from kimberlite.kernel.goods import ROUGH

MOST_FORMS = 500
"""Blank forms at a time."""

_TEMPLATE = "page.typ"
_HEADS = ("title", "assurance", "confirmation", "tear", "sheet")


def certificate(order: Order) -> bytes:
    """Make the page of a certificate, with its import confirmation below the perforation.

    Returns:
        A PDF with the attachments of the order; the same bytes for the same order.

    Raises:
        Invalid: ``pdf.sections``, ``pdf.language``, ``pdf.glyphs``, ``pdf.render``.
    """
    seen, lang = order.certificate, order.lang
    shown = {
        **_frame(order.design, lang, order.statement),
        "number": seen.number,
        "heading": _heading(order.design, lang, seen.issuer, order.names),
        "bands": _bands(order),
        "across": _across(order.kind, lang, copy=order.copy),
        "micro": f"{seen.number} {order.statement.hex()} ",
        "emblem": guilloche.emblem(seen.issuer.encode(), order.design.ink, order.design.accent),
        "boxes": _boxes(sheet.fields(order), lang),
        "goods": _goods(lang, sheet.goods(order)),
        "codes": _codes(order, layout.CODES),
    }
    return render(_TEMPLATE, {**_document(order), "sheets": [shown]}, order.moment)


def overprint(order: Order) -> bytes:
    """Make a page with nothing but values, each where the design says its own stock has room.

    Outside production SPECIMEN stands across it all the same.

    Raises:
        Invalid: ``pdf.overprint`` when the design has no places; as :func:`certificate`.
        Refused: ``pdf.stock-copy`` for a copy, ``pdf.stock-number`` when the certificate names no
            form number, so that any sheet could take it.
    """
    places = order.design.overprint
    if order.copy:
        raise Refused("pdf.stock-copy", "a copy is never printed on numbered stock")
    if not order.certificate.form:
        raise Refused("pdf.stock-number", "this certificate names no form number")
    if not places:
        raise Invalid(
            "pdf.overprint",
            f"the design {order.design.name} has no places for printing over stock",
            name=order.design.name,
        )
    corners = [(at.x, at.y) for name in ("code-1", "code-2") if (at := places.get(name))]
    shown = {
        **_frame(order.design, order.lang, order.statement),
        "frame": False,
        "number": order.certificate.number,
        "bands": _bands(order),
        "across": _across(order.kind, order.lang, copy=False),
        "boxes": [
            _placed(name, places[name], value)
            for name, value in (sheet.fields(order) | _cells(order)).items()
            if name in places
        ],
        "goods": [],
        "codes": _codes(order, corners),
    }
    return render(_TEMPLATE, {**_document(order), "sheets": [shown]}, order.moment)


@dataclass(frozen=True, slots=True)
class Stock:
    """Blank numbered forms of the participant ``code``; the rest as in :class:`Order`."""

    design: Design
    code: str
    serials: range
    lang: str
    kind: str
    names: Names = field(default=lambda _code: {})


def blank(stock: Stock, moment: int) -> bytes:
    """Make blank numbered forms, a page each, with a background of its own.

    Args:
        moment: date of the document, UTC seconds.

    Raises:
        Invalid: ``pdf.forms`` for no or too many forms, ``pdf.language``.
    """
    serials = stock.serials
    if not 0 < len(serials) <= MOST_FORMS or serials[0] < 1:
        raise Invalid("pdf.forms", "forms are numbered from 1", limit=MOST_FORMS)
    first, last = (stock.design.form_number(each) for each in (serials[0], serials[-1]))
    told = {
        "title": f"{labels.label('en', 'paper.blank')} {first} - {last}",
        "author": labels.country("en", stock.code, stock.names(stock.code)),
        "description": annex.TITLE,
        "attachments": [],
        "sheets": [_blank(stock, stock.design.form_number(each)) for each in serials],
    }
    return render(_TEMPLATE, told, moment)


def _blank(stock: Stock, form: str) -> dict[str, Any]:
    lang, design = stock.lang, stock.design
    fields: dict[str, Value] = {
        "form": sheet.plain(form),
        "once": sheet.both(lang, "paper.once"),
        "slip.importing": sheet.both(lang, "paper.stamp"),
    }
    rows: list[dict[str, Value]] = [{"hs": sheet.heading(lang, hs)} for hs in ROUGH]
    rows.append({"hs": sheet.both(lang, "paper.total")})
    return {
        **_frame(design, lang, f"{stock.code} {form}".encode()),
        "number": form,
        "heading": _heading(design, lang, stock.code, stock.names),
        "bands": _worthless(stock.kind, lang),
        "across": _across(stock.kind, lang, copy=False),
        "micro": f"{stock.code} {form} ",
        "emblem": guilloche.emblem(stock.code.encode(), design.ink, design.accent),
        "boxes": _boxes(fields, lang),
        "goods": _goods(lang, rows),
        "codes": [],
    }


def _frame(design: Design, lang: str, seed: bytes) -> dict[str, Any]:
    return {
        "frame": True,
        "lang": lang,
        "ink": design.ink,
        "accent": design.accent,
        "background": guilloche.background(seed, design.ink, design.accent),
        "perforation": layout.PERFORATION,
        "heads": {name: _label(lang, f"paper.{name}") for name in _HEADS},
        "continued": _value(sheet.both(lang, "paper.continued")),
    }


def _document(order: Order) -> dict[str, Any]:
    seen = order.certificate
    return {
        "title": f"{annex.TITLE} {seen.number}",
        "author": order.authority or labels.country("en", seen.issuer, order.names(seen.issuer)),
        "description": annex.ASSURANCE,
        "attachments": [
            {
                "name": each.name,
                "media": each.media,
                "description": each.description,
                "relation": each.relation,
                "data": list(each.data),
            }
            for each in order.attachments
        ],
    }


def _heading(design: Design, lang: str, code: str, names: Names) -> dict[str, list[str]]:
    english = list(design.heading.get("en", ())) or [labels.country("en", code, names(code))]
    if lang == "en":
        return {"en": english, "local": []}
    local = list(design.heading.get(lang, ())) or [labels.country(lang, code, names(code))]
    return {"en": english, "local": [] if local == english else local}


def _bands(order: Order) -> list[list[dict[str, str]]]:
    """Give the lines in the accent colour: worthless, a copy, and why."""
    told = _worthless(order.kind, order.lang)
    if order.copy:
        told.append(_one_line(order.lang, "paper.copy"))
        if order.certificate.original != "paper":
            told.append(_one_line(order.lang, "paper.electronic"))
    if order.corrected:
        told.append(_one_line(order.lang, "paper.corrected"))
    return told


def _worthless(kind: str, lang: str) -> list[list[dict[str, str]]]:
    return [] if kind == "prod" else [_one_line(lang, "paper.worthless")]


def _one_line(lang: str, key: str) -> list[dict[str, str]]:
    return [run for line in _value(sheet.both(lang, key)) for run in line]


def _across(kind: str, lang: str, *, copy: bool) -> list[dict[str, Any]]:
    """Give the words that stand across the whole page."""
    told: list[dict[str, Any]] = []
    if kind != "prod":
        told.append({"text": labels.label("en", "paper.specimen"), "size": 58})
    if copy:
        told.append({"text": labels.label("en", "paper.copy"), "size": 25})
    del lang  # the English word is what every authority reads; the band says it in both
    return told


def _label(lang: str, key: str) -> dict[str, str | None]:
    local = None if lang == "en" else labels.label(lang, key)
    return {"en": labels.label("en", key), "local": local, "lang": lang}


def _value(value: Value) -> list[list[dict[str, str]]]:
    return [[{"text": run.text, "lang": run.lang} for run in line] for line in value]


def _boxes(fields: Mapping[str, Value], lang: str) -> list[dict[str, Any]]:
    return [
        {
            "name": box.name,
            "x": box.x,
            "y": box.y,
            "w": box.w,
            "h": box.h,
            "size": box.size,
            "ruled": box.ruled,
            "label": _label(lang, box.label) if box.label else None,
            "value": _value(fields.get(box.name, ())),
        }
        for box in layout.BOXES
    ]


def _placed(name: str, at: Place, value: Value) -> dict[str, Any]:
    told = {"x": at.x, "y": at.y, "w": at.w, "h": at.h, "size": at.size}
    return {"name": name, **told, "ruled": False, "label": None, "value": _value(value)}


def _cells(order: Order) -> dict[str, Value]:
    """Give the goods table cell by cell, as pre-printed stock has one row for each heading."""
    rows = zip((*ROUGH, "total"), sheet.goods(order), strict=True)
    return {
        f"{what}.{hs}": row[what] for hs, row in rows for what in ("parcels", "carats", "value")
    }


def _goods(lang: str, rows: Sequence[Mapping[str, Value]]) -> list[dict[str, Any]]:
    return [
        {
            "x": each.x,
            "y": each.y,
            "head": each.head,
            "row": each.row,
            "rows": [
                {
                    name: _value((value[0][:1],) if each.brief else value)
                    for name, value in row.items()
                }
                for row in rows
            ],
            "columns": [
                {
                    "name": column.name,
                    "w": column.w,
                    "label": _label(lang, column.label),
                    "over": _label(lang, column.over) if column.over else None,
                }
                for column in each.columns
            ],
        }
        for each in layout.GOODS
    ]


def _codes(order: Order, corners: Sequence[tuple[float, float]]) -> list[dict[str, Any]]:
    """Place the printed codes: as many as there are corners, the others on a second sheet."""
    told = []
    for at, code in enumerate(order.codes):
        x, y = corners[at] if at < len(corners) else (0.0, 0.0)
        told.append(
            {
                "x": x,
                "y": y,
                "w": layout.CODE,
                "sheet": 1 if at < len(corners) else 2,
                "svg": code.svg,
                "alt": _alt(code),
                "label": _code_label(order.lang, code),
            }
        )
    return told


def _alt(code: Code) -> str:
    part = f", {code.at} of {code.of}" if code.of > 1 else ""
    return f"QR code: {labels.label('en', code.label)}{part}"


def _code_label(lang: str, code: Code) -> dict[str, str | None]:
    found = _label(lang, code.label)
    part = f" {code.at}/{code.of}" if code.of > 1 else ""
    return {**found, "en": f"{found['en']}{part}"}
