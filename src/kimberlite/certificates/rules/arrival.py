"""Rules on what an importing authority found, against what was declared.

Tolerances are the receiver's published practice, as no KP text gives a number.
"""

from __future__ import annotations

from kimberlite.certificates.model import Confirmation, Parties, Values
from kimberlite.certificates.rules.ruling import (
    BLOCKS,
    SPEAKS,
    Case,
    Ruling,
    SectionRule,
    at_hand,
    holds_if,
)
from kimberlite.registry.model import Practice, Truth

IMPORTED = ("confirmed", "confirmed-with-discrepancy")
WHOLE = 1000

_TOLD = frozenset(("confirmation",))
_BOTH = frozenset(("confirmation", "values", "measured", "registry"))
_COUNTED = frozenset(("confirmation", "shipment", "measured"))


def _told(case: Case) -> Confirmation:
    assert case.confirmation is not None
    return case.confirmation


def _amounts(case: Case) -> tuple[Values, Values, Practice]:
    declared, found = case.certificate.values, _told(case).values
    assert declared is not None
    assert found is not None
    assert case.registry is not None
    practice = case.registry.practice(case.receiver, _told(case).arrived)
    return declared, found, practice


def minimum_missing(told: Confirmation) -> tuple[str, ...]:
    """List which of the five items of KPCS Section III(b) a confirmation lacks."""
    values, parties = told.values, told.parties
    items = {
        "number": bool(told.number),
        "parcels": values is not None and values.parcels is not None and values.parcels > 0,
        "carats": values is not None and values.carats.points > 0,
        "importer": parties is not None and bool(parties.importer.name),
        "exporter": parties is not None and bool(parties.exporter.name),
    }
    return tuple(name for name, present in items.items() if not present)


def _minimum(case: Case) -> Ruling | None:
    told = _told(case)
    if told.outcome not in IMPORTED:
        return None
    lacking = minimum_missing(told)
    return holds_if(not lacking, items=", ".join(lacking))


def _by_destination(case: Case) -> Ruling:
    shipment = case.certificate.shipment
    assert shipment is not None
    told = _told(case)
    return holds_if(
        told.holder == shipment.destination,
        holder=told.holder,
        destination=shipment.destination,
    )


def _parcels_agree(case: Case) -> Ruling | None:
    shipment, found = case.certificate.shipment, _told(case).values
    assert shipment is not None
    assert found is not None
    if found.parcels is None:
        return None
    return holds_if(
        found.parcels == shipment.parcels, declared=shipment.parcels, found=found.parcels
    )


def _headings_agree(case: Case) -> Ruling | None:
    shipment, found = case.certificate.shipment, _told(case).values
    assert shipment is not None
    assert found is not None
    if not found.lines:
        return None
    declared = sorted({line.hs for line in shipment.lines})
    measured = sorted({line.hs for line in found.lines})
    return holds_if(declared == measured, declared=", ".join(declared), found=", ".join(measured))


def within(declared: int, found: int, permille: int) -> bool:
    """Say whether ``found`` lies within ``permille`` thousandths of ``declared``, exactly."""
    return abs(found - declared) * WHOLE <= permille * declared


def _carats_agree(case: Case) -> Ruling | None:
    declared, found, practice = _amounts(case)
    if not found.lines:
        return None
    good = within(declared.carats.points, found.carats.points, practice.tolerance_carats_permille)
    return holds_if(
        good,
        declared=declared.carats.points,
        found=found.carats.points,
        tolerance=practice.tolerance_carats_permille,
    )


def _value_agrees(case: Case) -> Ruling | None:
    declared, found, practice = _amounts(case)
    if not found.lines or declared.value is None or found.value is None:
        return None
    good = within(declared.value.cents, found.value.cents, practice.tolerance_value_permille)
    return holds_if(
        good,
        declared=declared.value.cents,
        found=found.value.cents,
        tolerance=practice.tolerance_value_permille,
    )


def _seals_good(case: Case) -> Ruling | None:
    """Hold when seals were looked at and found unbroken, with the numbers declared."""
    parties, evidence = case.certificate.parties, _told(case).evidence
    assert parties is not None
    if "seals" not in _told(case).examination:
        return None
    broken = evidence.seals_intact is False
    other = evidence.seals is not None and sorted(evidence.seals) != sorted(parties.seals)
    return holds_if(not broken and not other, broken=int(broken), other=int(other))


def _natural(case: Case) -> Ruling | None:
    found = _told(case).evidence.synthetics
    return None if found is None else holds_if(not found)


def _parties_agree(case: Case) -> Ruling:
    declared, told = case.certificate.parties, _told(case).parties
    assert isinstance(declared, Parties)
    assert isinstance(told, Parties)
    differing = [
        role
        for role, one, other in (
            ("exporter", declared.exporter, told.exporter),
            ("importer", declared.importer, told.importer),
        )
        if one.name.casefold().split() != other.name.casefold().split()
    ]
    return holds_if(not differing, roles=", ".join(differing))


def _plain_outcome(case: Case) -> Ruling | None:
    """Hold unless a plain "confirmed" stands over a difference."""
    if _told(case).outcome != "confirmed":
        return None
    offered = at_hand(case)
    rulings = {rule.code: rule.check(case) for rule in FOUND if rule.needs <= offered}
    differing = [code for code, said in rulings.items() if said and said.truth is Truth.NO]
    return holds_if(not differing, rules=", ".join(differing))


_MINIMUM = "KPCS Core Document, Section III(b)"
_CHECK = "KPCS Core Document, Annex II, recommendations 22 and 23"
_TOLERANCE = "national practice of the receiver, as stated in the log"
_OURS = "ours: docs/spec/certificate.md"
_NATURAL = "KPCS Core Document, Section I (diamond)"

FOUND = (
    SectionRule("arrival.parcels", _TOLERANCE, SPEAKS, _COUNTED, _parcels_agree),
    SectionRule("arrival.headings", _CHECK, SPEAKS, _COUNTED, _headings_agree),
    SectionRule("arrival.carats", _TOLERANCE, SPEAKS, _BOTH, _carats_agree),
    SectionRule("arrival.value", _TOLERANCE, SPEAKS, _BOTH, _value_agrees),
    SectionRule("arrival.seals", _CHECK, SPEAKS, _TOLD | {"parties"}, _seals_good),
    SectionRule(
        "arrival.parties", _MINIMUM, SPEAKS, frozenset(("parties", "named")), _parties_agree
    ),
    SectionRule("arrival.natural", _NATURAL, SPEAKS, _TOLD, _natural),
)
"""What was found, against what was declared."""

RULES = (
    SectionRule("confirmation.minimum", _MINIMUM, BLOCKS, _TOLD, _minimum),
    SectionRule(
        "confirmation.destination", _MINIMUM, BLOCKS, _TOLD | {"shipment"}, _by_destination
    ),
    *FOUND,
    SectionRule("confirmation.outcome", _OURS, SPEAKS, _TOLD, _plain_outcome),
)
