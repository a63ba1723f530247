"""What stands on a page, worked out from a certificate: lines of text, field by field.

Nothing is drawn here and nothing is decided but how a value is written. English always, the
second language beside it; digits are Latin in every language, as decimals must not be misread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from kimberlite.certificates.model import Certificate, Party, Shipment, Values
from kimberlite.documents.pdf import labels
from kimberlite.documents.pdf.design import Design
from kimberlite.kernel.errors import Invalid
from kimberlite.kernel.goods import ROUGH
from kimberlite.words import display

Names = Callable[[str], Mapping[str, str]]

UNDISCLOSED = "***"
"""What fills the box of origin where it is not disclosed. Source: 31 CFR 592.307, note (b)."""
ABSENT = "–"
_NBSP = "\u00a0"


@dataclass(frozen=True, slots=True)
class Run:
    """Text in one language, "" where it belongs to none."""

    text: str
    lang: str = ""


Line = tuple[Run, ...]
Value = tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Code:
    """A printed code: an SVG with its quiet zone, the key of its label, its place among parts."""

    svg: str
    label: str
    at: int = 1
    of: int = 1


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file inside the PDF. ``relation`` as in PDF/A-3: "source", "data" or "supplement"."""

    name: str
    media: str
    description: str
    relation: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Order:
    """What to print, and how.

    Attributes:
        statement: id of the signed statement, 32 bytes.
        moment: when it was signed, UTC seconds; the document is dated so.
        lang: second language; "en" for none.
        kind: kind of the log: demo, test or prod. All but prod are marked SPECIMEN.
        copy: whether the page is marked as a copy.
        authority: name of the issuing office, "" where unknown.
        names: gives the names of a territory by language, as the registry has them.
        address: where to check, in clear; ``checkword`` to compare by telephone.
        corrected: whether the sections are those of a later correction or rectification.
    """

    certificate: Certificate
    statement: bytes
    moment: int
    lang: str
    kind: str
    copy: bool
    design: Design
    names: Names = field(default=lambda _code: {})
    authority: str = ""
    checkword: str = ""
    address: str = ""
    codes: tuple[Code, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    corrected: bool = False


def is_copy(certificate: Certificate, *, asked: bool, own: bool) -> bool:
    """Say whether a page of this certificate is a copy.

    The form of the original is fixed at issue: a page of a certificate whose original is
    electronic is always a copy, and so is every page made by anyone but its issuer.
    """
    return asked or not own or certificate.original != "paper"


def opened(certificate: Certificate) -> tuple[Shipment, Values]:
    """Give the sections without which no page can be printed.

    Raises:
        Invalid: ``pdf.sections`` naming those that are closed.
    """
    shipment, values, parties = certificate.shipment, certificate.values, certificate.parties
    if shipment is None or values is None or parties is None:
        told = {"shipment": shipment, "values": values, "parties": parties}
        closed = ", ".join(name for name, each in told.items() if each is None)
        raise Invalid("pdf.sections", f"sections that are closed: {closed}", sections=closed)
    return shipment, values


def fields(order: Order) -> dict[str, Value]:
    """Give the value of every box that has one. Raises Invalid ``pdf.sections``."""
    seen = order.certificate
    shipment, _ = opened(seen)
    parties = seen.parties
    assert parties is not None
    number, authority = plain(seen.number), _authority(order)
    exporter, importer = _party(parties.exporter), _party(parties.importer)
    destination = _country(order, shipment.destination)
    told: dict[str, Value] = {
        "number": number,
        "form": plain(seen.form),
        "origin": _origin(order, shipment),
        "provenance": _country(order, shipment.provenance),
        "destination": destination,
        "issued": _day(order, seen.issued),
        "expires": _day(order, seen.expires),
        "authority": authority,
        "exporter": exporter,
        "importer": importer,
        "seals": plain(", ".join(parties.seals)),
        "carrier": plain(parties.carrier),
        "containers": plain("" if parties.containers is None else str(parties.containers)),
        "remarks": _remarks(order, shipment),
        "validation": _validation(order),
        "checkword": plain(order.checkword),
        "verify": plain(order.address),
        "once": both(order.lang, "paper.once"),
        "slip.number": number,
        "slip.authority": authority,
        "slip.destination": destination,
        "slip.checkword": plain(order.checkword),
        "slip.exporter": exporter,
        "slip.importer": importer,
        "slip.importing": both(order.lang, "paper.stamp"),
    }
    return {name: value for name, value in told.items() if value}


def goods(order: Order) -> list[dict[str, Value]]:
    """Give the rows of the goods table: the three headings in order, then the total.

    Lines under one heading are added up; a heading without goods has dashes.
    """
    shipment, values = opened(order.certificate)
    rows = [_row(order.lang, hs, shipment, values) for hs in ROUGH]
    whole = values.value
    total: dict[str, Value] = {
        "hs": both(order.lang, "paper.total"),
        "parcels": plain(str(shipment.parcels)),
        "carats": plain(_amount(values.carats.points)),
        "value": plain(ABSENT if whole is None else _amount(whole.cents)),
    }
    return [*rows, total]


def _row(lang: str, hs: str, shipment: Shipment, values: Values) -> dict[str, Value]:
    counted = [line.parcels for line in shipment.lines if line.hs == hs]
    lines = [line for line in values.lines if line.hs == hs]
    cents = [line.value.cents for line in lines if line.value is not None]
    points = sum(line.carats.points for line in lines)
    return {
        "hs": heading(lang, hs),
        "parcels": plain(str(sum(counted)) if counted else ABSENT),
        "carats": plain(_amount(points) if lines else ABSENT),
        "value": plain(_amount(sum(cents)) if lines and len(cents) == len(lines) else ABSENT),
    }


def heading(lang: str, hs: str) -> Value:
    """Write an HS heading with what it covers."""
    runs = [Run(hs), *(run for line in both(lang, f"paper.goods.{hs}") for run in line)]
    return (tuple(runs),)


def both(lang: str, key: str) -> Value:
    """Write a printed word in English and, on a line of its own, in the second language."""
    return _lines(labels.label("en", key), labels.label(lang, key), lang)


def plain(text: str) -> Value:
    """Write a text of no language, in whatever script it is; nothing for no text."""
    return ((Run(text, labels.script(text)),),) if text else ()


def _amount(value: int) -> str:
    return display.number("en", value, 2)


def _lines(english: str, local: str, lang: str) -> Value:
    if lang == "en" or local == english:
        return ((Run(english, "en"),),)
    return ((Run(english, "en"),), (Run(local, lang),))


def _named(order: Order, lang: str, code: str) -> str:
    return labels.country(lang, code, order.names(code))


def _country(order: Order, code: str) -> Value:
    english, local = _named(order, "en", code), _named(order, order.lang, code)
    shown = english if english == code else f"{english} ({code})"
    return _lines(shown, shown if local == english else local, order.lang)


def _day(order: Order, number: int) -> Value:
    return _lines(labels.day("en", number), labels.day(order.lang, number), order.lang)


def _origin(order: Order, shipment: Shipment) -> Value:
    if shipment.origin_mode == "mixed-undisclosed":
        said = tuple(line[0] for line in both(order.lang, "paper.mixed"))
        return ((Run(UNDISCLOSED),), said)

    def listed(lang: str) -> str:
        shown = []
        for each in shipment.origins:
            share = (
                ""
                if each.share is None
                else f"{_NBSP}{display.number('en', each.share, 1)}{_NBSP}%"
            )
            code = f" ({each.country})" if lang == "en" else ""
            where = f" [{', '.join(each.localities)}]" if each.localities and lang == "en" else ""
            name = _named(order, lang, each.country)
            shown.append(f"{name}{code if name != each.country else ''}{share}{where}")
        return ("، " if lang == "ar" else ", ").join(shown)

    same = [
        _named(order, "en", e.country) == _named(order, order.lang, e.country)
        for e in shipment.origins
    ]
    if all(same):
        return ((Run(listed("en"), "en"),),)
    return _lines(listed("en"), listed(order.lang), order.lang)


def _authority(order: Order) -> Value:
    country = _country(order, order.certificate.issuer)
    return (*plain(order.authority), *country[:1]) if order.authority else country


def _party(party: Party) -> Value:
    return (*plain(party.name), *plain(party.address), *plain(party.licence))


def _remarks(order: Order, shipment: Shipment) -> Value:
    seen, lang = order.certificate, order.lang
    told: list[tuple[str, str]] = []
    if seen.kind != "ordinary":
        told.append(("paper.kind", labels.label("en", f"word.{seen.kind}")))
    if shipment.purpose:
        told.append(("paper.purpose", shipment.purpose))
    if shipment.return_by is not None:
        told.append(("paper.return", labels.day("en", shipment.return_by)))
    if seen.replaces is not None:
        told.append(("paper.replaces", seen.replaces[0]))
    if seen.basis:
        told.append(("paper.basis", seen.basis))
    runs: list[Run] = []
    for key, text in told:
        runs.append(Run(f"{labels.label('en', key)}: {text}", "en"))
        if lang != "en":
            runs.append(Run(labels.label(lang, key), lang))
    runs.extend(Run(f"{each.kind}: {each.text}", "en") for each in seen.tokens)
    return (tuple(runs),) if runs else ()


def _validation(order: Order) -> Value:
    name = order.statement.hex()
    grouped = " ".join(name[at : at + 8] for at in range(0, len(name), 8))
    return (*both(order.lang, "paper.signed"), (Run(grouped),))
