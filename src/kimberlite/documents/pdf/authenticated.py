"""An authenticated copy: a confirmed certificate with its confirmation, for who imported it.

What was declared stands beside what was found. The copy is numbered, sealed by the authority that
confirmed the arrival, and carries both signed statements.
Source: Regulation (EC) 2368/2002, Art. 5 (authenticated copy of a confirmed certificate); the form
is ours.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from kimberlite.certificates.annex import TITLE
from kimberlite.certificates.model import Certificate, Confirmation, Party, Shipment, Values
from kimberlite.documents.pdf import labels
from kimberlite.documents.pdf.rendering import render
from kimberlite.documents.pdf.sheet import ABSENT, UNDISCLOSED, Attachment, Names
from kimberlite.kernel.errors import Invalid
from kimberlite.kernel.goods import ROUGH
from kimberlite.words import display

_TEMPLATE = "authenticated.typ"


@dataclass(frozen=True, slots=True)
class Named:
    """A statement in the log: its id (32 bytes), its entry, the word to compare by telephone."""

    statement: bytes
    entry: int
    checkword: str


@dataclass(frozen=True, slots=True)
class Copy:
    """What an authenticated copy shows.

    Attributes:
        certificate: as it reads now; ``confirmation`` what was found, both with open sections.
        number: of the copy, from 1 on; ``made`` the day on which it was made, since 1970.
        authority: name of the office that makes it.
        lang: second language, "en" for none.
        kind: kind of the log: demo, test or prod.
    """

    certificate: Certificate
    confirmation: Confirmation
    issued: Named
    confirmed: Named
    number: int
    made: int
    authority: str
    lang: str
    kind: str
    names: Names = field(default=lambda _code: {})
    attachments: tuple[Attachment, ...] = ()


def authenticated(copy: Copy, moment: int) -> bytes:
    """Make the copy as a PDF; the same bytes for the same copy.

    Args:
        moment: date of the document, UTC seconds.

    Raises:
        Invalid: ``pdf.sections`` when sections are closed; ``pdf.language``, ``pdf.glyphs``,
            ``pdf.render``.
    """
    seen = copy.certificate
    title = labels.label("en", "authenticated.title")
    told = {
        "title": f"{title} {copy.number}: {TITLE} {seen.number}",
        "author": copy.authority,
        "description": labels.label("en", "authenticated.words"),
        "attachments": [_attachment(each) for each in copy.attachments],
        "lang": copy.lang,
        "heads": {
            name: _both(copy.lang, f"authenticated.{name}")
            for name in ("title", "words", "declared", "found", "copy")
        },
        "certificate": _both(copy.lang, "paper.title"),
        "number": seen.number,
        "copy": str(copy.number),
        "worthless": None if copy.kind == "prod" else _both(copy.lang, "paper.worthless"),
        "rows": _rows(copy),
        "foot": _foot(copy),
    }
    return render(_TEMPLATE, told, moment)


def _rows(copy: Copy) -> list[dict[str, Any]]:
    """Give the rows: label, what was declared, what was found."""
    seen, said = copy.certificate, copy.confirmation
    shipment, values, parties = seen.shipment, seen.values, seen.parties
    if shipment is None or values is None or parties is None or said.values is None:
        raise Invalid("pdf.sections", "an authenticated copy needs every section open")
    found, arrived = said.parties, said.evidence
    rows = [
        ("paper.number", seen.number, said.number),
        ("paper.issued", labels.day("en", seen.issued), ""),
        ("paper.expires", labels.day("en", seen.expires), ""),
        ("paper.authority", _country(copy, seen.issuer), ""),
        ("paper.received", "", labels.day("en", said.arrived)),
        ("paper.importing", "", f"{copy.authority}, {_country(copy, said.holder)}"),
        ("paper.status", "", labels.label("en", f"authenticated.outcome.{said.outcome}")),
        ("authenticated.examination", "", _examined(said)),
        ("paper.origin", _origins(copy, shipment), ""),
        ("paper.provenance", _country(copy, shipment.provenance), ""),
        ("paper.destination", _country(copy, shipment.destination), _country(copy, said.holder)),
        (
            "paper.exporter",
            _party(parties.exporter),
            "" if found is None else _party(found.exporter),
        ),
        (
            "paper.importer",
            _party(parties.importer),
            "" if found is None else _party(found.importer),
        ),
        (
            "paper.seals",
            ", ".join(parties.seals),
            ", ".join(arrived.seals if arrived.seals is not None else ()),
        ),
        ("paper.parcels", str(shipment.parcels), _count(said.values.parcels)),
        *_goods(values, said.values),
    ]
    return [
        {
            "label": _both(copy.lang, key),
            "cells": [_cell(declared or ABSENT), _cell(measured or ABSENT)],
        }
        for key, declared, measured in rows
    ]


def _goods(values: Values, found: Values) -> list[tuple[str, str, str]]:
    rows = [(f"authenticated.goods.{hs}", _line(values, hs), _line(found, hs)) for hs in ROUGH]
    shown = [row for row in rows if row[1] or row[2]]
    return [*shown, ("paper.total", _total(values), _total(found))]


def _line(values: Values, hs: str) -> str:
    lines = [each for each in values.lines if each.hs == hs]
    cents = [each.value.cents for each in lines if each.value is not None]
    worth = sum(cents) if lines and len(cents) == len(lines) else None
    return _amounts(sum(each.carats.points for each in lines), worth) if lines else ""


def _total(values: Values) -> str:
    return _amounts(values.carats.points, None if values.value is None else values.value.cents)


def _amounts(points: int, cents: int | None) -> str:
    worth = "" if cents is None else f", US$ {display.number('en', cents, 2)}"
    return f"{display.number('en', points, 2)} ct{worth}"


def _examined(said: Confirmation) -> str:
    return ", ".join(labels.label("en", f"authenticated.examined.{e}") for e in said.examination)


def _count(number: int | None) -> str:
    return "" if number is None else str(number)


def _origins(copy: Copy, shipment: Shipment) -> str:
    if not shipment.origins:
        return UNDISCLOSED
    return ", ".join(_country(copy, each.country) for each in shipment.origins)


def _country(copy: Copy, code: str) -> str:
    name = labels.country("en", code, copy.names(code))
    return name if name == code else f"{name} ({code})"


def _party(party: Party) -> str:
    return ", ".join(filter(None, (party.name, party.address, party.licence)))


def _foot(copy: Copy) -> list[dict[str, Any]]:
    """Give by which statements both sides stand, to look up and to compare."""
    told = (("paper.title", copy.issued), ("paper.confirmation", copy.confirmed))
    return [
        {
            "label": _both(copy.lang, key),
            "entry": str(each.entry),
            "statement": each.statement.hex(),
            "checkword": each.checkword,
        }
        for key, each in told
    ] + [
        {
            "label": _both(copy.lang, "authenticated.made"),
            "entry": labels.day("en", copy.made),
            "statement": "",
            "checkword": "",
        }
    ]


def _attachment(each: Attachment) -> dict[str, Any]:
    return {
        "name": each.name,
        "media": each.media,
        "description": each.description,
        "relation": each.relation,
        "data": list(each.data),
    }


def _both(lang: str, key: str) -> dict[str, str | None]:
    english = labels.label("en", key)
    local = None if lang == "en" else labels.label(lang, key)
    return {"en": english, "local": None if local == english else local, "lang": lang}


def _cell(text: str) -> dict[str, str]:
    return {"text": text, "lang": labels.script(text)}
