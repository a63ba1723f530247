"""Rules that the certificate itself answers: complete, consistent, within the scheme."""

from __future__ import annotations

from kimberlite.certificates.annex import missing
from kimberlite.certificates.model import Shipment, Values
from kimberlite.certificates.rules.ruling import (
    BLOCKS,
    HOLDS,
    Case,
    Ruling,
    SectionRule,
    holds_if,
)
from kimberlite.kernel.goods import ROUGH

WHOLE = 1000
"""Shares of origin are in thousandths."""

_SHIPMENT = frozenset(("shipment",))
_VALUES = frozenset(("values",))
_PARTIES = frozenset(("parties",))


def _shipment(case: Case) -> Shipment:
    assert case.certificate.shipment is not None
    return case.certificate.shipment


def _values(case: Case) -> Values:
    assert case.certificate.values is not None
    return case.certificate.values


def _complete(case: Case) -> Ruling | None:
    if case.certificate.kind == "letter-of-comfort":
        return None
    lacking = missing(case.certificate)
    return holds_if(not lacking, items=", ".join(lacking))


def _origin_mode(case: Case) -> Ruling:
    """Hold when the way of showing the origin fits the origins shown."""
    shipment = _shipment(case)
    countries = [origin.country for origin in shipment.origins]
    shares = [origin.share for origin in shipment.origins if origin.share is not None]
    once = len(set(countries)) == len(countries)
    match shipment.origin_mode:
        case "single":
            good = len(countries) == 1 and not shares
        case "mixed-undisclosed":
            good = not countries
        case "mixed-listed":
            good = len(countries) > 1 and once and not shares
        case _:
            shared = len(shares) == len(countries) and sum(shares) == WHOLE
            good = len(countries) > 1 and once and shared
    return holds_if(good, mode=shipment.origin_mode, origins=len(countries))


def _headings(case: Case) -> Ruling:
    strange = [line.hs for line in _shipment(case).lines if line.hs not in ROUGH]
    return holds_if(not strange, headings=", ".join(strange))


def _parcels_add_up(case: Case) -> Ruling:
    shipment = _shipment(case)
    counted = sum(line.parcels for line in shipment.lines)
    if case.certificate.kind == "letter-of-comfort" and not shipment.lines:
        return HOLDS
    return holds_if(counted == shipment.parcels, lines=counted, parcels=shipment.parcels)


def _lines_match(case: Case) -> Ruling:
    """Hold when both sections name the same headings, each once."""
    shipment, values = _shipment(case), _values(case)
    named = [line.hs for line in shipment.lines]
    valued = [line.hs for line in values.lines]
    good = sorted(named) == sorted(valued) and len(set(named)) == len(named)
    return holds_if(good, shipment=", ".join(named), values=", ".join(valued))


def _sizes_add_up(case: Case) -> Ruling | None:
    values = _values(case)
    if not values.sizes:
        return None
    sizes = sum(size.carats.points for size in values.sizes)
    return holds_if(sizes == values.carats.points, sizes=sizes, lines=values.carats.points)


def _heaviest_fits(case: Case) -> Ruling | None:
    values = _values(case)
    if values.heaviest is None:
        return None
    heaviest, whole = values.heaviest.points, values.carats.points
    return holds_if(0 < heaviest <= whole, heaviest=heaviest, whole=whole)


def _parcels_positive(case: Case) -> Ruling:
    shipment = _shipment(case)
    empty = [line.hs for line in shipment.lines if line.parcels <= 0]
    return holds_if(shipment.parcels > 0 and not empty, headings=", ".join(empty))


def _values_positive(case: Case) -> Ruling:
    bad = [
        line.hs
        for line in _values(case).lines
        if line.carats.points <= 0 or line.value is None or line.value.cents <= 0
    ]
    return holds_if(not bad, headings=", ".join(bad))


def _sealed(case: Case) -> Ruling:
    parties = case.certificate.parties
    return holds_if(parties is not None and bool(parties.seals))


def _technical_purpose(case: Case) -> Ruling | None:
    if case.certificate.kind != "technical":
        return None
    return holds_if(bool(_shipment(case).purpose))


def _return_day(case: Case) -> Ruling | None:
    day = _shipment(case).return_by
    if day is None:
        return None
    return holds_if(day >= case.certificate.issued, return_by=day)


_ANNEX = "KPCS Core Document, Annex I.A"
_ROUGH = "KPCS Core Document, Section I (rough diamonds)"
_OURS = "ours: docs/spec/certificate.md"

RULES = (
    SectionRule("annex.complete", _ANNEX, BLOCKS, _SHIPMENT | _VALUES | _PARTIES, _complete),
    SectionRule("origin.mode", f"{_ANNEX} (origin)", BLOCKS, _SHIPMENT, _origin_mode),
    SectionRule("goods.heading", _ROUGH, BLOCKS, _SHIPMENT, _headings),
    SectionRule("goods.parcels", f"{_ANNEX} (parcels)", BLOCKS, _SHIPMENT, _parcels_positive),
    SectionRule("goods.amounts", f"{_ANNEX} (mass, value)", BLOCKS, _VALUES, _values_positive),
    SectionRule("lines.parcels", _OURS, BLOCKS, _SHIPMENT, _parcels_add_up),
    SectionRule("lines.match", _OURS, BLOCKS, _SHIPMENT | _VALUES, _lines_match),
    SectionRule("lines.sizes", _OURS, BLOCKS, _VALUES, _sizes_add_up),
    SectionRule("lines.heaviest", _OURS, BLOCKS, _VALUES, _heaviest_fits),
    SectionRule("parties.seals", "KPCS Core Document, Section IV(c)", BLOCKS, _PARTIES, _sealed),
    SectionRule("purpose.technical", _OURS, BLOCKS, _SHIPMENT, _technical_purpose),
    SectionRule("purpose.return", _OURS, BLOCKS, _SHIPMENT, _return_day),
)
