"""Restrictions as of a day: which scope is in force, which goods it catches, what is contested.

A restriction is a chain of events: begun, changed, ended. A notice that others contest leaves the
restriction as it stands and opens a second view; where the two differ, the answer is *cannot
tell* and names who contests. A decision that is contested stands, and is shown as contested.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from kimberlite.registry.asof import EVER, Known, current, show
from kimberlite.registry.matching import FREE, Catch, catches
from kimberlite.registry.model import (
    Answer,
    Authority,
    Direction,
    Goods,
    Reason,
    Restriction,
    Scope,
    Standing,
    Target,
    Truth,
)
from kimberlite.registry.rows import Event, Kind, Layer

_SETTLING = frozenset((Kind.RESTRICTION_BEGAN, Kind.RESTRICTION_CHANGED, Kind.RESTRICTION_ENDED))
_UNCERTAIN = "restriction.dates-uncertain"


@dataclass(frozen=True, slots=True)
class InForce:
    """One restriction as of a day.

    ``versions`` may each be the one in force; ``nothing``: perhaps it has not begun. ``opened``
    are contested notices since then, ``marks`` contested remarks that change nothing.
    """

    id: str
    layer: Layer
    begun: Event
    settled: tuple[Event, ...]
    versions: tuple[Event, ...]
    nothing: bool
    opened: tuple[Event, ...]
    marks: tuple[Event, ...]
    day: int

    def without(self, event: Event) -> tuple[Event, ...]:
        """Give the versions as they would be without ``event``."""
        return current([each for each in self.settled if each is not event], self.day).events


def in_force(known: Known, name: str, layer: Layer, day: int) -> InForce | None:
    """Put together one restriction as of ``day``; None while nothing of it was known."""
    bound = layer.jurisdiction or layer.subject
    about = [each for each in known.events(layer.subject) if each.restriction == name]
    rows = known.counting(bound, about, day)
    begun = [each for each in rows if each.kind is Kind.RESTRICTION_BEGAN]
    if not begun:
        return None
    contested = [each for each in rows if known.contested_by(each)]
    settled = [
        each
        for each in rows
        if each.kind in _SETTLING or (each.kind is Kind.NOTICE and each not in contested)
    ]
    possible = current(settled, day)

    def since(kind: Kind) -> tuple[Event, ...]:
        found = [each for each in contested if each.kind is kind]
        return tuple(
            each
            for each in found
            if each in current([row for row in rows if row in settled or row is each], day).events
        )

    return InForce(
        name,
        layer,
        begun[0],
        tuple(settled),
        possible.events,
        possible.nothing,
        since(Kind.NOTICE),
        since(Kind.NOTE),
        day,
    )


def every(known: Known, day: int) -> tuple[InForce, ...]:
    """Give every restriction as of ``day``, in order of id."""

    def make() -> tuple[InForce, ...]:
        found = (in_force(known, name, layer, day) for name, layer in known.layers())
        return tuple(each for each in found if each is not None)

    return known.once(("restrictions", day), make)


def _scope(event: Event) -> Scope | None:
    return None if event.kind is Kind.RESTRICTION_ENDED else event.scope


def _contesters(known: Known, events: Sequence[Event]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code for each in events for code in known.contested_by(each)))


def _reason(known: Known, found: InForce, caught: Catch, event: Event) -> Reason:
    """Make the reason why ``found`` catches; ``event`` is the version it rests on."""
    facts: dict[str, str | int] = {
        "restriction": found.id,
        "country": found.layer.subject,
        "authority": found.layer.authority.value,
        "since": show(event.when),
    }
    if found.layer.jurisdiction:
        facts["jurisdiction"] = found.layer.jurisdiction
    if event.decides:
        facts["decides"] = event.decides
    passes = event.scope is not None and event.scope.transit_passes
    if passes or event.decides in {"issue", "export"}:
        facts["transit_passes"] = 1
    contested = _contesters(known, (event, *found.marks))
    return Reason(caught.code, caught.truth, event.record.source, contested, facts)


def judge(known: Known, found: InForce, test: Callable[[Scope], Catch], free: str) -> Reason | None:
    """Apply ``test`` to every version that may be in force and join what it says.

    Args:
        test: what one scope does; an ended restriction does nothing.
        free: the code for "passes, by a decision that is contested".

    Returns:
        A reason with truth yes or cannot tell; truth no where only a contested decision lets it
        pass; None where the restriction has nothing to say.
    """

    def of(event: Event) -> Catch:
        scope = _scope(event)
        return FREE if scope is None else test(scope)

    if not found.versions:
        return None
    said = [(of(each), each) for each in found.versions]
    truths = {catch.truth for catch, _ in said} | ({Truth.NO} if found.nothing else set())
    caught, event = next((pair for pair in said if pair[0].truth is not Truth.NO), said[-1])
    if len(truths) > 1:
        caught = Catch(Truth.CANNOT_TELL, _UNCERTAIN)
    for notice in found.opened:
        if of(notice).truth is not caught.truth:
            facts = _reason(known, found, Catch(Truth.CANNOT_TELL), event).facts
            facts["notice"] = show(notice.when)
            contesters = _contesters(known, (notice, *found.marks))
            code, source = "restriction.contested", notice.record.source
            return Reason(code, Truth.CANNOT_TELL, source, contesters, facts)
    if caught.truth is not Truth.NO:
        return _reason(known, found, caught, event)
    disputed = event.record.standing is not Standing.ASSERTED and known.contested_by(event)
    if disputed and any(of(each).truth is not Truth.NO for each in found.without(event)):
        return _reason(known, found, Catch(Truth.NO, free), event)
    return None


def restricted(known: Known, goods: Goods, day: int, receiver: str) -> tuple[Reason, ...]:
    """List the restrictions that catch ``goods`` on ``day``, certain ones first."""
    found = []
    for each in every(known, day):
        ways = _ways(each.layer, goods, receiver)
        test = partial(_catch, goods=goods, found=each, ways=ways)
        reason = judge(known, each, test, "restriction.lifted-contested") if ways else None
        if reason is not None:
            found.append(reason)
    order = (Truth.YES, Truth.CANNOT_TELL, Truth.NO)
    return tuple(sorted(found, key=lambda reason: order.index(reason.truth)))


def _ways(layer: Layer, goods: Goods, receiver: str) -> tuple[Direction, ...]:
    """Say from which side this shipment is seen: a national layer binds its own trade only."""
    buyers = {receiver, goods.destination}
    if layer.authority is Authority.NATIONAL:
        sells, buys = goods.issuer == layer.jurisdiction, layer.jurisdiction in buyers
    else:
        sells, buys = True, layer.subject in buyers
    sides = ((Direction.EXPORT, sells), (Direction.IMPORT, buys))
    return tuple(way for way, holds in sides if holds)


def _catch(scope: Scope, goods: Goods, found: InForce, ways: tuple[Direction, ...]) -> Catch:
    """Take the hardest that the scope says from any side on which it applies."""
    hardest = FREE
    for way in ways:
        if scope.direction in {way, Direction.BOTH}:
            buying = found.layer.authority is not Authority.NATIONAL and way is Direction.IMPORT
            # A ban on a country's own buying looks at the buyer, whatever the goods.
            seen = replace(scope, country=goods.issuer, target=Target.ISSUER) if buying else scope
            caught = catches(seen, goods, found.begun.when)
            if caught.truth is Truth.YES or hardest.truth is Truth.NO:
                hardest = caught
    return hardest


def _all_of(scope: Scope, way: Direction) -> Catch:
    """Say whether a scope leaves a country no trade that way at all."""
    if scope.direction not in {way, Direction.BOTH}:
        return FREE
    if way is Direction.EXPORT and scope.target is not Target.ISSUER:
        return FREE
    narrowed = scope.regions or scope.companies or scope.goods or scope.threshold_points
    passing = scope.companies_allowed or scope.lots_allowed or scope.zones_allowed
    return FREE if narrowed or passing or scope.zones_unnamed else Catch(Truth.YES)


_TRADE_CODE = {Truth.YES: "trade.restricted", Truth.CANNOT_TELL: "trade.restriction-uncertain"}


def whole_trade(known: Known, code: str, way: Direction, day: int) -> Answer:
    """Say whether restrictions leave ``code`` any trade one way on ``day``.

    Restrictions on some goods only give a reason ``trade.conditions`` with truth yes.
    """
    reasons = []
    for each in every(known, day):
        if each.layer.subject != code or each.layer.authority is Authority.NATIONAL:
            continue
        said = judge(known, each, partial(_all_of, way=way), "trade.conditions")
        if said is not None and said.truth is not Truth.NO:
            truth = Truth.NO if said.truth is Truth.YES else Truth.CANNOT_TELL
            made = Reason(
                _TRADE_CODE[said.truth], truth, said.source, said.contested_by, said.facts
            )
            reasons.append(made)
        elif (event := _conditional(each, way)) is not None:
            reasons.append(_reason(known, each, Catch(Truth.YES, "trade.conditions"), event))
    truths = {each.truth for each in reasons}
    for truth in (Truth.NO, Truth.CANNOT_TELL):
        if truth in truths:
            return Answer(truth, tuple(sorted(reasons, key=lambda each: each.truth is not truth)))
    return Answer(Truth.YES, tuple(reasons))


def _conditional(found: InForce, way: Direction) -> Event | None:
    for event in found.versions:
        scope = _scope(event)
        if scope is not None and scope.direction in {way, Direction.BOTH}:
            return event
    return None


def _present(found: InForce) -> Truth:
    """Say whether the restriction is in force at all."""
    on = {_scope(each) is not None for each in found.versions}
    if not found.versions or on == {False}:
        return Truth.NO
    lifted = any(_scope(each) is None for each in found.opened)
    return Truth.YES if on == {True} and not found.nothing and not lifted else Truth.CANNOT_TELL


def listing(known: Known, day: int | None) -> tuple[tuple[Restriction, Truth], ...]:
    """List restrictions with whether they are in force on ``day``; all of them if that is None."""

    def make() -> tuple[tuple[Restriction, Truth], ...]:
        rows = ((each, _present(each)) for each in every(known, EVER if day is None else day))
        return tuple(
            (_shown(known, each), truth)
            for each, truth in rows
            if day is None or truth is not Truth.NO
        )

    return known.once(("listing", day), make)


def _shown(known: Known, found: InForce) -> Restriction:
    """Show a restriction with the scope of the day, or the last it had."""
    scoped = [each.scope for each in (*found.versions, *found.settled) if _scope(each) is not None]
    ended = [each for each in found.settled if each.kind is Kind.RESTRICTION_ENDED]
    began = found.begun
    scope = scoped[0]
    assert scope is not None
    record = known.record(began.record)
    contested = _contesters(known, (began, *found.versions, *found.opened, *found.marks))
    if contested:
        record = replace(record, contested_by=contested)
    return Restriction(
        found.id,
        scope,
        found.layer.authority,
        found.layer.jurisdiction,
        began.when,
        ended[-1].when if ended else None,
        record,
        known.record(ended[-1].record) if ended else None,
    )
