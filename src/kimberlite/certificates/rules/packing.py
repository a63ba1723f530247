"""Rules on parcels, containers and papers, where a certificate lists them one by one.

None of them asks that they be listed: Annex I.A asks for counts, and national practice for more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType

from kimberlite.certificates.model import Parties, Values
from kimberlite.certificates.rules.ruling import (
    BLOCKS,
    HOLDS,
    SPEAKS,
    Case,
    Ruling,
    SectionRule,
    holds_if,
)

CENTS_A_CARAT: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        "7102.10": (100, 500_000),
        "7102.21": (50, 500_000),
        "7102.31": (100, 500_000),
    }
)
"""Lowest and highest plausible average in cents of US$ a carat, by HS heading.

Averages of whole half-years between participants lie from 0.81 to 4,050 US$ a carat in the public
KP statistics of 2003 to 2024. The bounds are wider, and only a warning.
"""
WHOLE_PARCEL = 10_000
"""Points from which an average says something: a few stones may be worth anything."""

_PROOFS = frozenset(("mine-record", "stock-proof", "purchase-record", "certificate"))
_IMPORTED = frozenset(("certificate", "stock-proof"))


def _values(case: Case) -> Values:
    assert case.certificate.values is not None
    return case.certificate.values


def _parties(case: Case) -> Parties:
    assert case.certificate.parties is not None
    return case.certificate.parties


def _once(marks: tuple[str, ...]) -> bool:
    return len(set(marks)) == len(marks)


def _parcels_fit(case: Case) -> Ruling | None:
    """Hold when the parcels listed come to the lines: in number, mass and value, by heading."""
    shipment, values = case.certificate.shipment, _values(case)
    assert shipment is not None
    listed = values.parcel_list
    if not listed:
        return None
    mass: Counter[str] = Counter()
    worth: Counter[str] = Counter()
    for each in listed:
        mass[each.hs] += each.carats.points
        worth[each.hs] += 0 if each.value is None else each.value.cents
    valued = all(each.value is not None for each in listed)
    good = (
        len(listed) == shipment.parcels
        and _once(tuple(each.id for each in listed))
        and mass == Counter({line.hs: line.carats.points for line in values.lines})
    )
    if good and valued:
        cents = {line.hs: line.value.cents for line in values.lines if line.value is not None}
        good = worth == Counter(cents)
    return holds_if(good, listed=len(listed), parcels=shipment.parcels)


def _in_boxes(case: Case) -> Ruling | None:
    """Hold when every parcel lies in a container that is listed."""
    named = {each.box for each in _values(case).parcel_list if each.box}
    if not named:
        return None
    strange = sorted(named - {box.id for box in _parties(case).boxes})
    return holds_if(not strange, boxes=", ".join(strange))


def _boxes_sealed(case: Case) -> Ruling | None:
    """Hold when the containers bear the seals of the shipment, each seal once."""
    parties = _parties(case)
    if not parties.boxes:
        return None
    seals = [seal for box in parties.boxes for seal in box.seals]
    counted = parties.containers in {None, len(parties.boxes)}
    marks = tuple(box.id for box in parties.boxes)
    good = sorted(seals) == sorted(parties.seals) and _once(tuple(seals)) and _once(marks)
    return holds_if(good and counted, boxes=len(marks), seals=", ".join(parties.seals))


def _declared(case: Case) -> Ruling | None:
    kinds = {paper.kind for paper in _parties(case).papers}
    return holds_if("declaration" in kinds) if kinds else None


def _proved(case: Case) -> Ruling | None:
    """Hold when a paper shows where the goods were mined, or under what they came in."""
    shipment = case.certificate.shipment
    assert shipment is not None
    kinds = {paper.kind for paper in _parties(case).papers}
    if not kinds:
        return None
    countries = {origin.country for origin in shipment.origins}
    own = countries == {case.certificate.issuer}
    wanted = _PROOFS if own else _IMPORTED
    return holds_if(bool(kinds & wanted), mined="here" if own else "elsewhere")


def _plausible(case: Case) -> Ruling:
    odd = []
    for line in _values(case).lines:
        bounds, points = CENTS_A_CARAT.get(line.hs), line.carats.points
        if bounds is None or line.value is None or points < WHOLE_PARCEL:
            continue
        if not bounds[0] * points <= line.value.cents * 100 <= bounds[1] * points:
            odd.append(line.hs)
    return holds_if(not odd, headings=", ".join(odd)) if odd else HOLDS


_OURS = "ours: docs/spec/certificate.md"
_SHIPMENT = frozenset(("shipment",))
_VALUES = frozenset(("values",))
_PARTIES = frozenset(("parties",))

RULES = (
    SectionRule("parcels.fit", _OURS, BLOCKS, _SHIPMENT | _VALUES, _parcels_fit),
    SectionRule("parcels.boxes", _OURS, BLOCKS, _VALUES | _PARTIES, _in_boxes),
    SectionRule(
        "boxes.seals", "KPCS Core Document, Section IV(c)", BLOCKS, _PARTIES, _boxes_sealed
    ),
    SectionRule(
        "papers.declaration",
        "KPCS Core Document, Annex II, recommendation 18",
        SPEAKS,
        _PARTIES,
        _declared,
    ),
    SectionRule(
        "papers.source",
        "KPCS Core Document, Section IV(a); Regulation (EC) 2368/2002, Art. 12",
        SPEAKS,
        _SHIPMENT | _PARTIES,
        _proved,
    ),
    SectionRule(
        "values.plausible", "ours: public KP statistics, 2003 to 2024", SPEAKS, _VALUES, _plausible
    ),
)
