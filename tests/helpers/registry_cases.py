"""For each of the registry's statements one that passes, and for each rule one that breaks it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kimberlite.kernel.days import parse_day
from kimberlite.ledger.state import Table
from kimberlite.registry.notified import OFFICES, PRACTICES, SPECIMENS
from kimberlite.registry.ranges import RANGES, PrefixRanges
from kimberlite.registry.rows import EVENTS, LAYERS
from kimberlite.registry.v1.limits import MOST, MOST_RANGES
from tests.helpers.world import ARCHIVE, World

TODAY = parse_day("2026-01-05")
SCOPE = {"country": "XB", "target": "issuer", "direction": "export"}
NAMES = {"en": "Examplia"}


@dataclass(frozen=True)
class Case:
    """Who says what about whom; ``before`` prepares the world; ``kind`` is the log's."""

    holder: str
    sub: str
    named: Mapping[str, Any]
    before: Callable[[World], object] = lambda _: None
    kind: str = "test"
    drop: tuple[str, ...] = field(default=())


def participant(code: str, **more: Any) -> Callable[[World], object]:
    named = {"names": NAMES, "begins": TODAY - 900, "source": "a decision", **more}
    return lambda world: world.decide("kp-participant+cose", named, sub=code)


def begun(world: World) -> object:
    participant("XA")(world)
    named = {"id": "xb-ban", "scope": SCOPE, "authority": "kp", "begins": TODAY, "source": "AD"}
    return world.decide("kp-restriction+cose", named, sub="XB")


def layered(world: World) -> object:
    participant("XA")(world)
    participant("XC")(world)
    named = {"id": "xc.rule", "scope": SCOPE, "begins": TODAY, "source": "law"}
    return world.must("XC", "kp-restriction-national+cose", named)


def office(world: World) -> object:
    participant("XA")(world)
    named = {"id": "main", "name": "Authority", "roles": ["export"], "begins": TODAY}
    return world.must("XA", "kp-office+cose", named)


def ranged(world: World) -> object:
    office(world)
    named = {"prefix": "XA", "first": 100, "last": 199, "begins": TODAY}
    return world.must("XA", "kp-range+cose", named)


def told(event: str, **more: Any) -> Callable[[World], object]:
    return lambda world: world.must(
        ARCHIVE, "kp-history+cose", {**HISTORY, "event": event, **more}, sub="XB"
    )


def asserted_own(world: World) -> object:
    more = {"kind": "restriction-began", "restriction": "xb-own", "authority": "self"}
    return told("xb-own-began", **more, scope=SCOPE)(world)


def many(typ: str, grow: Callable[[World], None]) -> Callable[[World], object]:
    """State what the good case of ``typ`` states, and let what it wrote grow to the limit."""

    def run(world: World) -> None:
        case = GOOD[typ]
        case.before(world)
        world.must(case.holder, typ, case.named, sub=case.sub)
        grow(world)
        world.rows.keep(world.state.changes())
        world.state.settle()

    return run


def rows_of(table: Table[Any]) -> Callable[[World], None]:
    """Let the issuer's own row hold the last thing in it as often as allowed."""
    return lambda world: world.state.put(table, "XA", (world.state.get(table, "XA") or ()) * MOST)


def ranges_of(world: World) -> None:
    row = world.state.get(RANGES, "XA")
    assert row is not None
    world.state.put(RANGES, "XA", PrefixRanges.of(row.ranges * MOST_RANGES))


def layers_of(world: World) -> None:
    layer = world.state.get(LAYERS, "xa.rule")
    assert layer is not None
    for number in range(MOST):
        world.state.put(LAYERS, f"xa.rule-{number}", layer)


def both(*steps: Callable[[World], object]) -> Callable[[World], object]:
    def run(world: World) -> None:
        for step in steps:
            step(world)

    return run


def contested(by: str) -> Callable[[World], object]:
    def run(world: World) -> None:
        begun(world)
        world.must(by, "kp-contest+cose", {"statement": last_decision(world), "reason": "no"})

    return run


def last_decision(world: World) -> bytes:
    typ = "kp-restriction+cose"
    return next(e.statement.id for e in reversed(world.entries) if e.statement.header.typ == typ)


HISTORY = {
    "event": "xb-listed",
    "kind": "listed",
    "earliest": TODAY - 500,
    "published": TODAY - 500,
    "source": "a list",
    "confidence": "high",
    "names": NAMES,
}
P = "kp-participant+cose"
STATUS = {"listed": False, "begins": TODAY, "source": "AD"}
OWN = {"may_trade": False, "begins": TODAY, "source": "by itself"}
RESTRICTION = {"id": "xb-ban", "scope": SCOPE, "authority": "kp", "begins": TODAY, "source": "AD"}
OF_OWN = {
    "id": "xa.own",
    "scope": {**SCOPE, "country": "XA"},
    "begins": TODAY,
    "source": "by itself",
}
NATIONAL = {"id": "xa.rule", "scope": SCOPE, "begins": TODAY, "source": "law"}
CHANGED = {"id": "xb-ban", "begins": TODAY, "source": "AD"}
OFFICE = {"id": "main", "name": "Authority", "roles": ["export"], "begins": TODAY}
RANGE = {"prefix": "XA", "first": 1, "last": 99, "begins": TODAY}
ENDED = {"prefix": "XA", "first": 100, "reason": "blanks stolen", "ends": TODAY}
SPECIMEN = {"template": "2026", "features": ["watermark"], "begins": TODAY}
XA = participant("XA")
LATE = {"ends": TODAY}

GOOD: dict[str, Case] = {
    P: Case("XA", "XA", {"names": NAMES, "begins": TODAY, "source": "a decision"}),
    "kp-status+cose": Case("XA", "XA", STATUS, XA),
    "kp-self-suspension+cose": Case("XA", "XA", OWN, XA),
    "kp-restriction+cose": Case("XA", "XB", RESTRICTION),
    "kp-restriction-self+cose": Case("XA", "XA", OF_OWN, XA),
    "kp-restriction-national+cose": Case("XA", "XA", NATIONAL, XA),
    "kp-restriction-change+cose": Case("XA", "XB", CHANGED, begun),
    "kp-contest+cose": Case("XC", "XC", {"reason": "no consensus"}, begun),
    "kp-office+cose": Case("XA", "XA", OFFICE, XA),
    "kp-office-end+cose": Case("XA", "XA", {"id": "main", "ends": TODAY}, office),
    "kp-range+cose": Case("XA", "XA", RANGE, XA),
    "kp-range-end+cose": Case("XA", "XA", ENDED, ranged),
    "kp-sealing-key+cose": Case("XA", "XA", {"public": bytes(32)}),
    "kp-specimen+cose": Case("XA", "XA", SPECIMEN, XA),
    "kp-practice+cose": Case("XA", "XA", {"validity_days": 30, "begins": TODAY}, XA),
    "kp-chair+cose": Case("XA", "XA", {"kind": "chair", "begins": TODAY, "source": "AD"}, XA),
    "kp-observer+cose": Case(
        "XA", "obs.one", {"kind": "joined", "names": NAMES, "begins": TODAY, "source": "AD"}
    ),
    "kp-history+cose": Case(ARCHIVE, "XB", HISTORY),
}


def own_rules(typ: str, unknown: str = "XB") -> dict[tuple[str, str], Case]:
    """Give the three cases that every statement about oneself shares."""
    good = GOOD[typ]
    scope = (
        {"scope": {**SCOPE, "country": unknown}} if "self" in typ and "scope" in good.named else {}
    )
    return {
        (typ, "registry.not-own"): Case("XA", "XB", good.named, good.before),
        (typ, "registry.code-kind"): Case("BW", "BW", good.named),
        (typ, "participant.unknown"): Case(unknown, unknown, {**good.named, **scope}),
    }


BREAKS: dict[tuple[str, str], Case] = {
    (P, "participant.code"): Case("XA", "kp.chair", GOOD[P].named),
    (P, "registry.code-kind"): Case("XA", "BW", GOOD[P].named),
    (P, "participant.prefix-taken"): Case("XA", "XB", {**GOOD[P].named, "prefixes": ["XA"]}, XA),
    (P, "participant.own-territory"): Case("XA", "XB", {**GOOD[P].named, "territory_of": "XB"}),
    ("kp-status+cose", "registry.code-kind"): Case("XA", "BW", STATUS),
    ("kp-status+cose", "participant.unknown"): Case("XA", "XD", STATUS),
    ("kp-status+cose", "status.empty"): Case("XA", "XA", {"begins": TODAY, "source": "AD"}, XA),
    ("kp-status+cose", "registry.backdated"): Case("XA", "XA", {**STATUS, "begins": 20000}, XA),
    **own_rules("kp-self-suspension+cose"),
    ("kp-self-suspension+cose", "registry.backdated"): Case(
        "XA", "XA", {**OWN, "begins": 20000}, XA
    ),
    ("kp-restriction+cose", "registry.code-kind"): Case(
        "XA", "CF", {**RESTRICTION, "scope": {**SCOPE, "country": "CF"}}
    ),
    ("kp-restriction+cose", "restriction.subject"): Case("XA", "XC", RESTRICTION),
    ("kp-restriction+cose", "restriction.known"): Case(
        "XA", "XB", {**RESTRICTION, "source": "again"}, begun
    ),
    ("kp-restriction+cose", "registry.period"): Case("XA", "XB", {**RESTRICTION, **LATE}),
    ("kp-restriction+cose", "registry.backdated"): Case(
        "XA", "XB", {**RESTRICTION, "begins": 20000}
    ),
    ("kp-self-suspension+cose", "registry.too-many"): Case(
        "XA", "XA", {**OWN, "source": "again"}, many("kp-self-suspension+cose", rows_of(EVENTS))
    ),
    **own_rules("kp-restriction-self+cose"),
    ("kp-restriction-self+cose", "registry.too-many"): Case(
        "XA", "XA", {**OF_OWN, "source": "again"}, many("kp-restriction-self+cose", rows_of(EVENTS))
    ),
    ("kp-restriction-self+cose", "restriction.subject"): Case(
        "XA", "XA", {**OF_OWN, "scope": SCOPE}, XA
    ),
    ("kp-restriction-self+cose", "restriction.of-another"): Case(
        "XA", "XA", {**OF_OWN, "id": "xc.rule"}, layered
    ),
    ("kp-restriction-self+cose", "registry.period"): Case("XA", "XA", {**OF_OWN, **LATE}, XA),
    ("kp-restriction-self+cose", "registry.backdated"): Case(
        "XA", "XA", {**OF_OWN, "begins": 20000}, XA
    ),
    **own_rules("kp-restriction-national+cose"),
    ("kp-restriction-national+cose", "registry.too-many"): Case(
        "XA",
        "XA",
        {**NATIONAL, "id": "xa.another"},
        many("kp-restriction-national+cose", layers_of),
    ),
    ("kp-restriction-national+cose", "restriction.of-another"): Case(
        "XA", "XA", {**NATIONAL, "id": "xc.rule"}, layered
    ),
    ("kp-restriction-national+cose", "registry.period"): Case("XA", "XA", {**NATIONAL, **LATE}, XA),
    ("kp-restriction-national+cose", "registry.backdated"): Case(
        "XA", "XA", {**NATIONAL, "begins": 20000}, XA
    ),
    ("kp-restriction-change+cose", "registry.code-kind"): Case("XA", "CF", CHANGED, begun),
    ("kp-restriction-change+cose", "restriction.unknown"): Case(
        "XA", "XB", {**CHANGED, "id": "no-such"}, begun
    ),
    ("kp-restriction-change+cose", "restriction.own-matter"): Case(
        "XA", "XB", {**CHANGED, "id": "xb-own"}, asserted_own
    ),
    ("kp-restriction-change+cose", "restriction.country"): Case("XA", "XC", CHANGED, begun),
    ("kp-restriction-change+cose", "registry.backdated"): Case(
        "XA", "XB", {**CHANGED, "begins": 20000}, begun
    ),
    ("kp-contest+cose", "contest.unknown"): Case(
        "XC", "XC", {"statement": bytes(32), "reason": "no"}, begun
    ),
    ("kp-contest+cose", "contest.not-decision"): Case("XA", "XA", {"reason": "no"}, layered),
    ("kp-contest+cose", "contest.twice"): Case("XC", "XC", {"reason": "still no"}, contested("XC")),
    **own_rules("kp-office+cose"),
    ("kp-office+cose", "office.parent-unknown"): Case("XA", "XA", {**OFFICE, "parent": "no"}, XA),
    ("kp-office+cose", "registry.too-many"): Case(
        "XA", "XA", {**OFFICE, "name": "Again"}, many("kp-office+cose", rows_of(OFFICES))
    ),
    **own_rules("kp-office-end+cose"),
    ("kp-office-end+cose", "office.unknown"): Case("XA", "XA", {"id": "x", "ends": TODAY}, office),
    ("kp-office-end+cose", "office.period"): Case(
        "XA", "XA", {"id": "main", "ends": 20000}, office
    ),
    **own_rules("kp-range+cose"),
    ("kp-range+cose", "range.prefix"): Case("XA", "XA", {**RANGE, "prefix": "XB"}, XA),
    ("kp-range+cose", "range.reversed"): Case("XA", "XA", {**RANGE, "last": 0}, XA),
    ("kp-range+cose", "range.overlap"): Case("XA", "XA", {**RANGE, "last": 100}, ranged),
    ("kp-range+cose", "range.office-unknown"): Case("XA", "XA", {**RANGE, "office": "no"}, XA),
    ("kp-range+cose", "registry.period"): Case("XA", "XA", {**RANGE, **LATE}, XA),
    ("kp-range+cose", "registry.too-many"): Case(
        "XA", "XA", {**RANGE, "first": 0, "last": 0}, many("kp-range+cose", ranges_of)
    ),
    **own_rules("kp-range-end+cose"),
    ("kp-range-end+cose", "range.prefix"): Case("XA", "XA", {**ENDED, "prefix": "XB"}, ranged),
    ("kp-range-end+cose", "range.unknown"): Case("XA", "XA", {**ENDED, "first": 150}, ranged),
    ("kp-sealing-key+cose", "registry.not-own"): Case("XA", "XB", {"public": bytes(32)}),
    **own_rules("kp-specimen+cose"),
    ("kp-specimen+cose", "registry.period"): Case("XA", "XA", {**SPECIMEN, **LATE}, XA),
    ("kp-specimen+cose", "registry.too-many"): Case(
        "XA", "XA", {**SPECIMEN, "template": "2027"}, many("kp-specimen+cose", rows_of(SPECIMENS))
    ),
    **own_rules("kp-practice+cose"),
    ("kp-practice+cose", "registry.too-many"): Case(
        "XA",
        "XA",
        {"validity_days": 31, "begins": TODAY},
        many("kp-practice+cose", rows_of(PRACTICES)),
    ),
    ("kp-practice+cose", "practice.empty"): Case("XA", "XA", {"begins": TODAY}, XA),
    ("kp-chair+cose", "registry.code-kind"): Case("XA", "IN", GOOD["kp-chair+cose"].named),
    ("kp-chair+cose", "participant.unknown"): Case("XA", "XD", GOOD["kp-chair+cose"].named),
    ("kp-chair+cose", "registry.period"): Case(
        "XA", "XA", {**GOOD["kp-chair+cose"].named, **LATE}, XA
    ),
    ("kp-observer+cose", "observer.subject"): Case("XA", "XB", GOOD["kp-observer+cose"].named),
    ("kp-history+cose", "history.transcriber"): Case("XE", "XB", HISTORY),
    ("kp-history+cose", "history.subject"): Case(ARCHIVE, "Examplia", HISTORY),
    ("kp-history+cose", "registry.code-kind"): Case(ARCHIVE, "XB", HISTORY, kind="prod"),
    ("kp-history+cose", "history.days"): Case(ARCHIVE, "XB", {**HISTORY, "latest": TODAY - 501}),
    ("kp-history+cose", "history.published"): Case(
        ARCHIVE, "XB", {**HISTORY, "published": TODAY + 1}
    ),
    ("kp-history+cose", "history.lacks"): Case(ARCHIVE, "XB", HISTORY, drop=("names",)),
    ("kp-history+cose", "history.told"): Case(
        ARCHIVE, "XB", {**HISTORY, "source": "again"}, told("xb-listed")
    ),
    ("kp-history+cose", "history.reference"): Case(
        ARCHIVE, "XB", {**HISTORY, "supersedes": "no-such-event"}
    ),
    ("kp-history+cose", "history.restriction"): Case(
        ARCHIVE, "XB", {**HISTORY, "kind": "restriction-ended", "restriction": "no-such"}
    ),
    ("kp-history+cose", "history.prefix-taken"): Case(
        ARCHIVE, "XB", {**HISTORY, "prefixes": ["XA"]}, XA
    ),
    ("kp-history+cose", "history.against-native"): Case(
        ARCHIVE, "XA", {**HISTORY, "event": "xa-removed", "kind": "removed"}, XA
    ),
}
