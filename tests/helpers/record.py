"""A log that holds the public record of 2003 to 2026, and hypothetical goods to ask it about."""

from __future__ import annotations

import functools
from typing import Any

from kimberlite.kernel.days import parse_day
from kimberlite.registry import Registry
from kimberlite.registry.model import Answer, Direction, Goods, Reason, Truth
from kimberlite.registry.record import statements
from tests.helpers.world import ARCHIVE, World


@functools.cache
def recorded() -> World:
    """Give a test log into which the archive told the whole record. Do not write to it."""
    world = World(began="2026-07-01")
    for draft in statements():
        world.must(ARCHIVE, draft.typ, draft.named, sub=draft.sub)
    return world


@functools.cache
def registry() -> Registry:
    """Give its registry, as another process reads it."""
    return Registry(recorded().reloaded())


def listed(code: str, day: str, known: str | None = None) -> Truth:
    """Say whether ``code`` is listed on a day such as "2004-07-09"."""
    return registry().listed(code, parse_day(day), _known(known)).truth


def may(code: str, way: str, day: str, known: str | None = None) -> Truth:
    """Say whether ``code`` may "export", "import" or "both"."""
    return _answer(code, way, day, known).truth


def _answer(code: str, way: str, day: str, known: str | None) -> Answer:
    return registry().may_trade(code, Direction(way), parse_day(day), _known(known))


def _known(known: str | None) -> int | None:
    return None if known is None else parse_day(known)


def goods(issuer: str, issued: str, **more: Any) -> Goods:
    """Make a hypothetical shipment of the issuer's own goods, sent on the day of issue."""
    day = parse_day(issued)
    named = {"destination": "XB", "origins": (issuer,), "provenance": issuer, "left": day, **more}
    return Goods(issuer=issuer, issued=day, **named)


def reasons(
    asked: Goods, day: str, receiver: str | None = None, known: str | None = None
) -> tuple[Reason, ...]:
    """List what restricts a shipment on a day."""
    to = asked.destination if receiver is None else receiver
    return registry().restricted(asked, parse_day(day), to, _known(known))


def verdict(asked: Goods, day: str, receiver: str | None = None, known: str | None = None) -> str:
    """Say "pass", "refuse" or "cannot-tell" for a shipment on a day."""
    truths = {each.truth for each in reasons(asked, day, receiver, known)}
    if Truth.YES in truths:
        return "refuse"
    return "cannot-tell" if Truth.CANNOT_TELL in truths else "pass"
