"""What a participant notifies about itself: offices, ranges, designs, practice, by day."""

from __future__ import annotations

from typing import Any

import pytest

from kimberlite.kernel.days import parse_day
from kimberlite.kernel.ids import CertificateNumber
from kimberlite.registry import Registry
from kimberlite.registry.model import Practice
from kimberlite.registry.ranges import prefix_owner, range_holds
from tests.helpers.world import World

TODAY = parse_day("2026-01-05")


@pytest.fixture
def world() -> World:
    world = World()
    for code, prefixes in (("XA", ["XA", "XE"]), ("XB", ["XB"])):
        named = {
            "names": {"en": code},
            "begins": TODAY - 900,
            "prefixes": prefixes,
            "source": "AD 1",
        }
        world.decide("kp-participant+cose", named, sub=code)
    return world


def office(world: World, short: str, begins: int, **more: Any) -> None:
    named = {"id": short, "name": f"Office {short}", "roles": ["export"], "begins": begins, **more}
    world.must("XA", "kp-office+cose", named)


def test_an_office_is_found_on_the_days_on_which_it_acts(world: World) -> None:
    office(world, "main", TODAY, contact={"email": "main@example.org"})
    office(world, "east", TODAY, parent="main")
    world.must("XA", "kp-office-end+cose", {"id": "east", "ends": TODAY + 9})
    registry = Registry(world.reloaded())
    acting = [[each.id for each in registry.offices("XA", TODAY + n)] for n in (-1, 0, 8, 9)]
    assert acting == [[], ["east", "main"], ["east", "main"], ["main"]]
    found = registry.office("XA", "east")
    assert found is not None
    assert (found.parent, found.ends, found.holder) == ("main", TODAY + 9, "XA")
    assert registry.office("XA", "west") is None
    assert registry.offices("XB", TODAY) == ()


def test_an_office_that_is_restated_has_two_versions(world: World) -> None:
    office(world, "main", TODAY)
    office(world, "main", TODAY + 5, name="New name", roles=["export", "import"])
    registry = Registry(world.reloaded())
    seen = [[each.name for each in registry.offices("XA", TODAY + n)] for n in (4, 5)]
    assert seen == [["Office main"], ["New name"]]


def ranged(world: World, first: int, last: int, **more: Any) -> None:
    named = {"prefix": "XA", "first": first, "last": last, "begins": TODAY, **more}
    world.must("XA", "kp-range+cose", named)


@pytest.mark.parametrize(
    ("serial", "first"),
    [(99, None), (100, 100), (199, 100), (200, None), (299, None), (300, 300), (399, 300)],
)
def test_a_number_is_found_in_its_range(world: World, serial: int, first: int | None) -> None:
    ranged(world, 300, 399)
    ranged(world, 100, 199)
    found = range_holds(world.reloaded(), "XA", serial, TODAY)
    assert (None if found is None else found.first) == first


def test_a_range_holds_from_its_begin_to_before_its_end(world: World) -> None:
    office(world, "east", TODAY)
    ranged(world, 100, 199, ends=TODAY + 3, office="east")
    days = [range_holds(world.reloaded(), "XA", 150, TODAY + n) for n in (-1, 0, 2, 3)]
    assert [None if each is None else each.office for each in days] == [None, "east", "east", None]


def test_a_range_may_be_ended(world: World) -> None:
    ranged(world, 100, 199)
    ranged(world, 200, 299)
    named = {"prefix": "XA", "first": 100, "reason": "blanks stolen", "ends": TODAY + 1}
    world.must("XA", "kp-range-end+cose", named)
    registry = Registry(world.reloaded())
    number = CertificateNumber.parse("XA 150")
    assert registry.range_of(number, TODAY) is not None
    assert registry.range_of(number, TODAY + 1) is None
    assert registry.range_of(CertificateNumber.parse("XA250"), TODAY + 1) is not None
    assert [(each.first, each.ends) for each in registry.ranges("XA")] == [
        (100, TODAY + 1),
        (200, None),
    ]
    assert registry.ranges("XB") == ()


def test_a_prefix_has_one_owner(world: World) -> None:
    state = world.reloaded()
    assert [prefix_owner(state, each) for each in ("XA", "XE", "XB", "XZ")] == [
        "XA",
        "XA",
        "XB",
        None,
    ]
    assert range_holds(state, "XZ", 1, TODAY) is None


def test_practice_has_defaults_and_what_was_stated_since(world: World) -> None:
    world.must("XA", "kp-practice+cose", {"validity_days": 90, "begins": TODAY + 5})
    more = {"languages": ["fr", "en"], "confirm_days": 15, "begins": TODAY}
    world.must("XA", "kp-practice+cose", more)
    registry = Registry(world.reloaded())
    assert registry.practice("XB", TODAY) == Practice()
    assert registry.practice("XA", TODAY - 1) == Practice()
    middle = registry.practice("XA", TODAY)
    assert (middle.validity_days, middle.confirm_days, middle.languages) == (60, 15, ("fr", "en"))
    late = registry.practice("XA", TODAY + 5)
    assert (late.validity_days, late.confirm_days) == (90, 15)
    assert registry.practice("XA", TODAY + 5, known=TODAY - 1) == Practice()


def test_specimens_are_those_of_the_day_the_latest_of_each_design(world: World) -> None:
    for template, begins, ends, features in (
        ("blue", TODAY, None, ["watermark"]),
        ("red", TODAY, TODAY + 5, []),
        ("blue", TODAY + 5, None, ["thread"]),
    ):
        named = {"template": template, "begins": begins, "ends": ends, "features": features}
        world.must("XA", "kp-specimen+cose", {**named, "image": bytes(32)})
    registry = Registry(world.reloaded())
    first = [(each.template, each.features) for each in registry.specimens("XA", TODAY)]
    assert first == [("blue", ("watermark",)), ("red", ())]
    second = [(each.template, each.features) for each in registry.specimens("XA", TODAY + 5)]
    assert second == [("blue", ("thread",))]
    assert registry.specimens("XA", TODAY)[0].image == bytes(32)
