"""Laws of the two time axes: later knowledge does not change what was known before."""

from __future__ import annotations

from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from kimberlite.kernel.days import parse_day
from kimberlite.ledger.admission import Admitted
from kimberlite.registry import Registry
from kimberlite.registry.model import Direction, Goods
from tests.helpers.world import ARCHIVE, World

BASE = parse_day("2025-01-01")
DAYS = 40
SCOPES = (
    {"country": "XB", "target": "issuer", "direction": "export"},
    {"country": "XB", "target": "origin", "direction": "both", "zones_allowed": ["NORTH"]},
    {"country": "XB", "target": "issuer", "direction": "export", "companies_allowed": ["ACME"]},
)
KINDS = (
    "listed",
    "removed",
    "trade-stopped",
    "trade-resumed",
    "restriction-began",
    "restriction-changed",
    "restriction-ended",
    "notice",
)


@st.composite
def told(draw: st.DrawFn) -> dict[str, Any]:
    """One assertion about XB: sometimes a correction, sometimes contested, on uncertain days."""
    earliest = BASE + draw(st.integers(0, DAYS))
    return {
        "kind": draw(st.sampled_from(KINDS)),
        "earliest": earliest,
        "latest": earliest + draw(st.integers(0, 10)),
        "published": BASE + draw(st.integers(0, DAYS)),
        "source": "press",
        "confidence": "low",
        "names": {"en": "B"},
        "restriction": "xb-ban",
        "scope": draw(st.sampled_from(SCOPES)),
        "authority": "kp",
        "contested_by": draw(st.sampled_from((None, ["XC"]))),
        "supersedes": draw(st.sampled_from((None, None, "event-0", "event-1"))),
    }


def told_world(assertions: list[dict[str, Any]]) -> World:
    """Tell all; what refers to nothing yet is refused, as it would be in a log."""
    world = World(began="2026-01-05")
    for at, each in enumerate(assertions):
        world.say(ARCHIVE, "kp-history+cose", {**each, "event": f"event-{at}"}, sub="XB")
    return world


def everything(registry: Registry, known: int | None) -> list[Any]:
    """Ask every question about XB on every day, as known on one day, without entry numbers."""
    shipped = Goods("XB", "XA", ("XB",), "XB", issued=BASE, localities=("North",))
    found: list[Any] = []
    for day in range(BASE - 1, BASE + DAYS + 12):
        answer = registry.may_trade("XB", Direction.EXPORT, day, known)
        found.append((answer.truth, [(each.code, each.contested_by) for each in answer.reasons]))
        restricted = registry.restricted(shipped, day, "XA", known)
        found.append([(each.code, each.truth, each.contested_by) for each in restricted])
        found.append([truth for _, truth in registry.restrictions(day, known)])
    found.append([each.facts for each in registry.history("XB", known)])
    return found


@given(st.lists(told(), min_size=1, max_size=8), st.integers(0, DAYS))
def test_what_was_known_on_a_day_rests_only_on_what_was_known_by_then(
    assertions: list[dict[str, Any]], after: int
) -> None:
    """Law: a log without the statements published after K gives the same answers, known at K."""
    known = BASE + after
    whole = told_world(assertions)
    early = World(began="2026-01-05")
    for entry in whole.entries[1:]:
        log = whole.books[1].types["kp-history+cose"].schema.read(entry.statement.body.log)
        if log["published"] <= known:
            # What refers to something published later could not have been told then.
            assume(isinstance(early.admit(entry.statement.raw), Admitted))
    expected = everything(Registry(early.reloaded()), None)
    assert everything(Registry(whole.reloaded()), known) == expected


@given(st.lists(told(), min_size=1, max_size=8))
def test_a_state_read_back_answers_as_the_one_that_wrote_it(
    assertions: list[dict[str, Any]],
) -> None:
    """Law: every row survives its bytes."""
    world = told_world(assertions)
    assert everything(Registry(world.reloaded()), None) == everything(Registry(world.state), None)
