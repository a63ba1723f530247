"""How much one participant may notify: everyone keeps it, and replays it, for ever.

Generous for any use, and there so that no single key can make every replay slow. What decisions
say is not limited here: those need several. Source: ours, docs/spec/registry.md.
"""

from __future__ import annotations

from collections.abc import Callable

from kimberlite.kernel.rules import Facts, Force, Rule
from kimberlite.ledger.types import Entry
from kimberlite.registry.model import Standing
from kimberlite.registry.rows import EVENTS, LAYERS

MOST = 500
"""Versions of offices, designs, practices; own suspensions; own or national restrictions, and
changes of one of these."""

MOST_RANGES = 5_000
"""Ranges of one prefix."""


def at_most(count: Callable[[Entry], int], most: int = MOST) -> Rule[Entry]:
    """Make the rule that refuses when ``count`` says that there are ``most`` already."""

    def too_many(entry: Entry) -> Facts | None:
        return {"limit": most} if count(entry) >= most else None

    return Rule("registry.too-many", "ours: docs/spec/registry.md", Force.REFUSES, too_many)


def own_suspensions(entry: Entry) -> int:
    """Count how often the issuer has suspended or resumed its own trade."""
    told = entry.state.get(EVENTS, entry.iss) or ()
    own = Standing.STATED
    return sum(each.record.standing is own and not each.restriction for each in told)


def own_restrictions(entry: Entry) -> int:
    """Count the issuer's restrictions of this kind, or, of one that there is, its changes."""
    name, country = entry.log["id"], entry.log["scope"]["country"]
    if entry.state.get(LAYERS, name) is not None:
        told = entry.state.get(EVENTS, country) or ()
        return sum(each.restriction == name for each in told)
    return sum(
        layer.standing is Standing.STATED and entry.iss in {layer.jurisdiction, layer.subject}
        for _, layer in entry.state.scan(LAYERS)
    )
