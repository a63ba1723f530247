"""What a scope catches: each exception of a deciding text, and each thing papers fail to show."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kimberlite.registry.matching import catches, plain
from kimberlite.registry.model import Direction, Goods, Interval, Scope, Target, Truth

YES, NO, CANNOT_TELL = Truth.YES, Truth.NO, Truth.CANNOT_TELL
BEGAN = Interval(100, 110)
ISSUER = Scope("XA", Target.ISSUER, Direction.EXPORT)
ORIGIN = replace(ISSUER, target=Target.ORIGIN)
GOODS = Goods("XA", "XB", ("XA",), "XA", issued=200, left=201)
RESOLD = replace(GOODS, issuer="XC", provenance="XA")
MIXED = replace(RESOLD, origins=None)


def scope(**more: Any) -> Scope:
    return replace(ISSUER, **more)


def goods(**more: Any) -> Goods:
    return replace(GOODS, **more)


ZONES = scope(zones_allowed=("NORTH", "EAST"))
APPROVED = replace(ZONES, needs_approval=True)

CASES = {
    "issued by the country": (ISSUER, GOODS, YES, "in-force"),
    "issued elsewhere": (ISSUER, RESOLD, NO, ""),
    "of the origin": (ORIGIN, RESOLD, YES, "in-force"),
    "of one origin among others": (ORIGIN, replace(RESOLD, origins=("XD", "XA")), YES, "in-force"),
    "of another origin": (ORIGIN, replace(RESOLD, origins=("XD",)), NO, ""),
    "mixed, undisclosed": (ORIGIN, MIXED, CANNOT_TELL, "origin-undisclosed"),
    "bought from the country": (scope(target=Target.PROVENANCE), RESOLD, YES, "in-force"),
    "bought elsewhere": (
        scope(target=Target.PROVENANCE),
        replace(RESOLD, provenance="XD"),
        NO,
        "",
    ),
    "a class of goods": (replace(ORIGIN, goods="mixed-undisclosed"), MIXED, YES, "in-force"),
    "not of that class": (replace(ORIGIN, goods="mixed-undisclosed"), RESOLD, NO, ""),
    "heavy enough": (scope(threshold_points=50), goods(heaviest_points=50), YES, "in-force"),
    "too light": (scope(threshold_points=50), goods(heaviest_points=49), NO, ""),
    "weight not shown": (scope(threshold_points=50), GOODS, CANNOT_TELL, "weight-not-shown"),
    "of the region": (scope(regions=("SOUTH",)), goods(localities=("South",)), YES, "in-force"),
    "of another region": (scope(regions=("SOUTH",)), goods(localities=("North",)), NO, ""),
    "region not shown": (scope(regions=("SOUTH",)), GOODS, CANNOT_TELL, "place-not-shown"),
    "by the company": (scope(companies=("ACME",)), goods(company="Acme"), YES, "in-force"),
    "by another company": (scope(companies=("ACME",)), goods(company="Other"), NO, ""),
    "company not shown": (scope(companies=("ACME",)), GOODS, CANNOT_TELL, "company-not-shown"),
    "left on the day": (scope(left_before=201), GOODS, YES, "in-force"),
    "left the day before": (scope(left_before=202), GOODS, NO, ""),
    "leaving not shown": (
        scope(left_before=202),
        goods(left=None),
        CANNOT_TELL,
        "left-not-shown",
    ),
    "issued after, so left after": (scope(left_before=200), goods(left=None), YES, "in-force"),
    "resold, first leaving not shown": (
        replace(ORIGIN, left_before=150),
        RESOLD,
        CANNOT_TELL,
        "left-not-shown",
    ),
    "resold, first left before": (
        replace(ORIGIN, left_before=150),
        replace(RESOLD, left_origin=149),
        NO,
        "",
    ),
    "resold before": (replace(ORIGIN, left_before=202), RESOLD, NO, ""),
    "resold, first left after": (
        replace(ORIGIN, left_before=150),
        replace(RESOLD, left_origin=150),
        YES,
        "in-force",
    ),
    "under way at the begin": (scope(transit_passes=True), goods(left=99), NO, ""),
    "under way, perhaps": (
        scope(transit_passes=True),
        goods(left=105),
        CANNOT_TELL,
        "dates-uncertain",
    ),
    "not under way yet": (scope(transit_passes=True), goods(left=110), YES, "in-force"),
    "under way not shown": (
        scope(transit_passes=True),
        goods(left=None, issued=105),
        CANNOT_TELL,
        "left-not-shown",
    ),
    "issued after the begin": (scope(transit_passes=True), goods(left=None), YES, "in-force"),
    "of an allowed zone": (ZONES, goods(localities=("north",)), NO, ""),
    "of two allowed zones": (ZONES, goods(localities=("North", "East")), NO, ""),
    "of a zone too many": (ZONES, goods(localities=("North", "West")), YES, "in-force"),
    "no zone is allowed": (scope(zones_allowed=()), goods(localities=("North",)), YES, "in-force"),
    "zone not shown": (ZONES, GOODS, CANNOT_TELL, "place-not-shown"),
    "perhaps an unnamed zone": (
        replace(ZONES, zones_unnamed=2),
        goods(localities=("West",)),
        CANNOT_TELL,
        "zone-unnamed",
    ),
    "approved": (APPROVED, goods(localities=("North",), approval="A-1"), NO, ""),
    "approval missing": (APPROVED, goods(localities=("North",)), YES, "approval-missing"),
    "an allowed company": (scope(companies_allowed=("ACME",)), goods(company="ACME"), NO, ""),
    "not an allowed company": (
        scope(companies_allowed=("ACME",)),
        goods(company="Other"),
        YES,
        "in-force",
    ),
    "allowed company not shown": (
        scope(companies_allowed=("ACME",)),
        GOODS,
        CANNOT_TELL,
        "company-not-shown",
    ),
    "the last lot": (scope(lots_allowed=2), goods(lot=2), NO, ""),
    "a lot too many": (scope(lots_allowed=2), goods(lot=3), YES, "in-force"),
    "lot nought": (scope(lots_allowed=2), goods(lot=0), YES, "in-force"),
    "not a lot": (scope(lots_allowed=2), GOODS, YES, "in-force"),
    "one exception is enough": (
        scope(lots_allowed=2, companies_allowed=("ACME",)),
        goods(lot=9, company="Acme"),
        NO,
        "",
    ),
    "no beats what is not shown": (
        replace(ORIGIN, regions=("SOUTH",)),
        replace(MIXED, localities=("North",)),
        NO,
        "",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_scope_catches(name: str) -> None:
    asked, given, truth, code = CASES[name]
    found = catches(asked, given, BEGAN)
    assert (found.truth, found.code.removeprefix("restriction.")) == (truth, code)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("Berbérati", "BERBERATI"),
        ("marange resources", "MARANGE-RESOURCES"),
        (" M'Baïki ", "M-BAIKI"),
    ],
)
def test_places_compare_without_case_accents_and_punctuation(written: str, code: str) -> None:
    assert plain(written) == code
