"""What the registry's statement types share: pieces of schema, checks, how events are written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from kimberlite.kernel.days import day_of, show_day
from kimberlite.kernel.ids import HOLDER, PARTICIPANT, is_user_assigned
from kimberlite.kernel.rules import Facts, Force, Rule
from kimberlite.ledger.schema import (
    Field,
    Kind,
    Schema,
    choice,
    day,
    flag,
    integer,
    listing,
    text,
)
from kimberlite.ledger.types import Entry
from kimberlite.ledger.v1.rows import charter
from kimberlite.registry.model import Direction, Interval, Record, Scope, Standing, Target
from kimberlite.registry.rows import EVENTS, LAYERS, PREFIXES, SAID, Event, Layer, Owner, Said
from kimberlite.registry.rows import Kind as EventKind

OURS = "ours: docs/spec/registry.md"
REGISTRY = frozenset(("registry",))
DECIDE = frozenset(("endorse", "chair"))

_RESTRICTION = re.compile(r"[a-z0-9](?:[a-z0-9-]{1,38})[a-z0-9]")
_OWN = re.compile(r"[a-z]{2}\.[a-z0-9][a-z0-9-]{0,34}[a-z0-9]")
_PLACE = re.compile(r"[A-Z0-9][A-Z0-9-]{0,39}")
_CLASS = re.compile(r"[a-z-]{3,24}")
_LANGUAGES = ("en", "ar", "fr", "ru", "pt", "zh", "es", "he")
_LISTED = frozenset((EventKind.LISTED, EventKind.TERRITORY, EventKind.ENTITY))

CODE = text(2, PARTICIPANT)
ID = text(40, _RESTRICTION)
OWN_ID = text(40, _OWN)
"""A participant's own names begin with its code and a dot, so that nobody takes another's, and no
participant takes the name of a decision that is still being made."""

SOURCE = text(200)
DIRECTION = choice("both", "export", "import")
DECIDES = choice("arrival", "export", "issue")
NAMES = Schema(
    "names",
    tuple(
        Field(label, code, text(120), f"name in the language {code}", required=code == "en")
        for label, code in enumerate(_LANGUAGES, 1)
    ),
)


def places(most: int = 64) -> Kind:
    """Make a list of codes of places or companies, in capitals, digits and hyphens."""
    return listing(text(40, _PLACE), 0, most)


SCOPE = Schema(
    "scope",
    (
        Field(1, "country", CODE, "the country whose goods or trade are meant"),
        Field(2, "target", choice("issuer", "origin", "provenance"), "what of a shipment is meant"),
        Field(3, "direction", DIRECTION, "which trade, seen from the country or jurisdiction"),
        Field(4, "regions", places(), "only goods of these regions", required=False),
        Field(5, "companies", places(), "only these companies", required=False),
        Field(6, "companies_allowed", places(), "companies that pass", required=False),
        Field(7, "zones_allowed", places(), "zones that pass; empty: none does", required=False),
        Field(8, "lots_allowed", integer(0, 999), "supervised lots that pass", required=False),
        Field(9, "left_before", day(), "goods that left before this day pass", required=False),
        Field(10, "transit_passes", flag(), "goods under way at its begin pass", required=False),
        Field(11, "threshold_points", integer(1, 10**9), "lightest stone caught", required=False),
        Field(12, "goods", text(24, _CLASS), "only this class of goods", required=False),
        Field(13, "zones_unnamed", integer(0, 99), "passing zones no source names", required=False),
        Field(14, "needs_approval", flag(), "exceptions need a prior approval", required=False),
    ),
)
_LISTS = ("regions", "companies", "companies_allowed", "zones_allowed")


def scope_of(named: Mapping[str, Any]) -> Scope:
    """Make a Scope of the fields of ``SCOPE``."""
    lists = {name: tuple(named[name]) for name in _LISTS if name in named}
    codes = {"target": Target(named["target"]), "direction": Direction(named["direction"])}
    return Scope(**{**named, **lists, **codes})


def scope_named(scope: Scope) -> dict[str, Any]:
    """Give the fields of ``SCOPE`` for a Scope, leaving out what it does not say."""
    found: dict[str, Any] = {
        "country": scope.country,
        "target": scope.target.value,
        "direction": scope.direction.value,
    }
    for name in ("regions", "companies", "companies_allowed"):
        if getattr(scope, name):
            found[name] = list(getattr(scope, name))
    if scope.zones_allowed is not None:
        found["zones_allowed"] = list(scope.zones_allowed)
    for name in ("lots_allowed", "left_before", "threshold_points"):
        if getattr(scope, name) is not None:
            found[name] = getattr(scope, name)
    for name in ("transit_passes", "goods", "zones_unnamed", "needs_approval"):
        if getattr(scope, name):
            found[name] = getattr(scope, name)
    return found


# --- checks ----------------------------------------------------------------------------------


def log_day(entry: Entry) -> int:
    """Give the log's day at this entry."""
    return day_of(entry.time)


def out_of_kind(entry: Entry, codes: Iterable[str], *, history: bool = False) -> Facts | None:
    """Find a code that this kind of log may not speak of.

    A demo or test log decides about XA to XZ only, and knows real countries from history alone;
    a prod log never speaks of XA to XZ.
    """
    found = charter(entry.state)
    real_log = found is not None and found.kind == "prod"
    for code in codes:
        if PARTICIPANT.fullmatch(code) is None:
            continue
        if is_user_assigned(code) if real_log else not (history or is_user_assigned(code)):
            return {"code": code, "kind": "" if found is None else found.kind}
    return None


def _subject_out_of_kind(entry: Entry) -> Facts | None:
    log = entry.log
    codes = (entry.sub, *log.get("prefixes", ()), *log.get("members", ()))
    country = log["scope"]["country"] if "scope" in log else ""
    return out_of_kind(entry, (*codes, log.get("territory_of", ""), country))


CODE_KIND = Rule("registry.code-kind", OURS, Force.REFUSES, _subject_out_of_kind)


def _not_own(entry: Entry) -> Facts | None:
    return None if entry.sub == entry.iss else {"iss": entry.iss, "sub": entry.sub}


NOT_OWN = Rule("registry.not-own", OURS, Force.REFUSES, _not_own)


def is_participant(entry: Entry, code: str) -> bool:
    """Say whether anything in the log lists ``code``, on whichever day."""
    return any(each.kind in _LISTED for each in entry.state.get(EVENTS, code) or ())


def _unknown_participant(entry: Entry) -> Facts | None:
    return None if is_participant(entry, entry.sub) else {"code": entry.sub}


UNKNOWN = Rule("participant.unknown", OURS, Force.REFUSES, _unknown_participant)


def _backdated(entry: Entry) -> Facts | None:
    asked = entry.log["begins"]
    today = log_day(entry)
    return {"begins": show_day(asked), "today": show_day(today)} if asked < today else None


BACKDATED = Rule("registry.backdated", OURS, Force.FINDS, _backdated)


def _period_empty(entry: Entry) -> Facts | None:
    begins, ends = entry.log["begins"], entry.log.get("ends")
    if ends is None or ends > begins:
        return None
    return {"begins": show_day(begins), "ends": show_day(ends)}


PERIOD = Rule("registry.period", OURS, Force.REFUSES, _period_empty)
BEGINS = Field(30, "begins", day(), "first day on which this holds")
ENDS = Field(31, "ends", day(), "first day on which it no longer holds", required=False)
FROM = Field(32, "source", SOURCE, "the text this rests on")
GOVERNS = Field(33, "decides", DECIDES, "which day of a shipment governs", required=False)


# --- folds -----------------------------------------------------------------------------------


def record(entry: Entry, standing: Standing, source: str = "") -> Record:
    """Make the record of a native statement: known from the log's day on."""
    return Record(entry.statement.id, entry.index, log_day(entry), standing, source)


def on(day_asked: int) -> Interval:
    """Make the interval of one known day."""
    return Interval(day_asked, day_asked)


def write(entry: Entry, *events: Event) -> None:
    """Add events to their subjects and tell each as a fact."""
    for event in events:
        earlier = entry.state.get(EVENTS, event.subject) or ()
        entry.state.put(EVENTS, event.subject, (*earlier, event))
        said = Said(event.subject, event.record.standing)
        entry.state.put(SAID, entry.statement.id.hex(), said)
        days = (event.when.earliest, event.when.latest)
        entry.tell("registry." + event.kind.value, event.subject, *days, event.restriction)


def claim_prefixes(entry: Entry, prefixes: Iterable[str], *, asserted: bool) -> None:
    """Give number prefixes to the subject; a decision takes one that was only asserted."""
    for prefix in prefixes:
        owner = entry.state.get(PREFIXES, prefix)
        if owner is None or (owner.asserted and not asserted):
            entry.state.put(PREFIXES, prefix, Owner(entry.sub, asserted))


def prefix_taken(entry: Entry, prefixes: Iterable[str], *, asserted: bool) -> Facts | None:
    """Find a prefix that belongs to another than the subject."""
    for prefix in prefixes:
        owner = entry.state.get(PREFIXES, prefix)
        if owner is not None and owner.code != entry.sub and (asserted or not owner.asserted):
            return {"prefix": prefix, "owner": owner.code}
    return None


def restrict(entry: Entry, event: Event, layer: Layer) -> None:
    """Write a restriction event, its planned end, and what its id stands for.

    A decision takes a name that was only asserted.
    """
    begun = replace(event, ends=None)
    if event.ends is None:
        write(entry, begun)
    else:
        ended = replace(begun, kind=EventKind.RESTRICTION_ENDED, when=event.ends, scope=None)
        write(entry, begun, ended)
    known = entry.state.get(LAYERS, event.restriction)
    if known is None or (
        known.standing is Standing.ASSERTED and layer.standing is not known.standing
    ):
        entry.state.put(LAYERS, event.restriction, layer)


def is_holder(name: str) -> bool:
    """Say whether ``name`` is a participant's code or an organ's."""
    return HOLDER.fullmatch(name) is not None
