"""Terms of office, observers, and a participant's history as it is shown."""

from __future__ import annotations

from typing import Any

from kimberlite.kernel.days import parse_day
from kimberlite.registry import Registry
from kimberlite.registry.model import Standing, Truth
from tests.helpers.world import ARCHIVE, World

TODAY = parse_day("2026-01-05")


def world_with(*codes: str) -> World:
    world = World()
    for code in codes:
        named = {"names": {"en": f"Land {code}"}, "begins": TODAY - 900, "source": "AD 1"}
        world.decide("kp-participant+cose", named, sub=code)
    return world


def chair(world: World, code: str, kind: str, begins: int, ends: int | None = None) -> None:
    named = {"kind": kind, "begins": begins, "ends": ends, "source": "plenary"}
    world.decide("kp-chair+cose", named, sub=code)


def tell(world: World, code: str, event: str, kind: str, earliest: int, **more: Any) -> None:
    named = {
        "event": event,
        "kind": kind,
        "earliest": earliest,
        "published": min(earliest, TODAY),
        "source": "press",
        "confidence": "high",
        **more,
    }
    world.must(ARCHIVE, "kp-history+cose", named, sub=code)


def test_the_chair_is_the_chair_of_the_day_else_a_custodian() -> None:
    world = world_with("XA", "XB")
    chair(world, "XA", "chair", TODAY, TODAY + 10)
    chair(world, "XB", "custodian", TODAY + 5, TODAY + 20)
    chair(world, "XB", "vice", TODAY)
    registry = Registry(world.reloaded())
    found = [registry.chair(TODAY + n) for n in (-1, 0, 9, 10, 20)]
    assert [None if each is None else each.code for each in found] == [
        None,
        "XA",
        "XA",
        "XB",
        None,
    ]
    assert [(each.kind, each.names["en"]) for each in registry.organs(TODAY)] == [
        ("chair", "Land XA"),
        ("vice", "Land XB"),
    ]


def test_a_decided_chair_goes_before_an_asserted_one() -> None:
    world = world_with("XA", "XB")
    tell(world, "XB", "xb-chair", "chair", TODAY - 5, ends=TODAY + 300)
    chair(world, "XA", "chair", TODAY)
    registry = Registry(world.reloaded())
    before, after = registry.chair(TODAY - 1), registry.chair(TODAY)
    assert before is not None
    assert after is not None
    assert (before.code, after.code) == ("XB", "XA")
    assert before.record.standing is Standing.ASSERTED


def test_a_term_may_be_cut_short() -> None:
    world = World()
    tell(world, "XB", "xb-chair", "chair", TODAY - 5, ends=TODAY + 300)
    tell(world, "XB", "xb-withdrew", "organ-ended", TODAY, latest=TODAY + 4)
    registry = Registry(world.reloaded())
    assert [registry.chair(TODAY + n) is None for n in (-1, 3, 4)] == [False, False, True]


def test_an_observer_joins_and_leaves() -> None:
    world = World()
    for kind, begins in (("joined", TODAY), ("left", TODAY + 5)):
        named = {"kind": kind, "names": {"en": "One"}, "begins": begins, "source": "AD"}
        world.decide("kp-observer+cose", named, sub="obs.one")
    registry = Registry(world.reloaded())
    seen = [[each.code for each in registry.observers(TODAY + n)] for n in (-1, 0, 4, 5)]
    assert seen == [[], ["obs.one"], ["obs.one"], []]
    assert registry.observers(TODAY)[0].kind == "observer"


def test_history_lists_what_is_recorded_earliest_first() -> None:
    world = World()
    tell(world, "XB", "xb-late", "note", TODAY - 10, text="Second.")
    tell(world, "XB", "xb-stop", "trade-stopped", TODAY - 30, direction="export", text="First.")
    rows = Registry(world.reloaded()).history("XB")
    assert [(each.kind, each.text) for each in rows] == [
        ("trade-stopped", "First."),
        ("note", "Second."),
    ]
    assert rows[0].facts == {
        "when": "2025-12-06",
        "subject": "XB",
        "direction": "export",
        "event": "xb-stop",
    }
    assert [each.text for each in Registry(world.state).history("XB", known=TODAY - 11)] == [
        "First."
    ]


def test_a_timeline_joins_spans_in_which_nothing_changes() -> None:
    world = World()
    tell(world, "XB", "xb-in", "listed", TODAY - 90, latest=TODAY - 80, names={"en": "B"})
    tell(world, "XB", "xb-note", "note", TODAY - 60, text="Nothing changes.")
    scope = {"country": "XB", "target": "issuer", "direction": "export"}
    more = {"scope": scope, "authority": "unsc", "restriction": "xb-ban", "ends": TODAY - 20}
    tell(world, "XB", "xb-ban", "restriction-began", TODAY - 40, **more)
    spans = Registry(world.reloaded()).timeline("XB")
    assert [(each.begins - TODAY, each.listed, each.may_export) for each in spans] == [
        (-90, Truth.CANNOT_TELL, Truth.CANNOT_TELL),
        (-80, Truth.YES, Truth.YES),
        (-40, Truth.YES, Truth.NO),
        (-20, Truth.YES, Truth.YES),
    ]
    assert [each.ends for each in spans] == [TODAY - 80, TODAY - 40, TODAY - 20, None]
    assert spans[2].restrictions == (("xb-ban", Truth.YES),)
    assert spans[2].may_import is Truth.YES
