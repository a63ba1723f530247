"""The record of the past, asserted by a transcriber in its own name, never in a participant's.

Each statement tells one event with its uncertain days, source, day of publication and confidence.
What a participant states or a decision says itself goes before it from its effective day on.
Source: ours: docs/spec/registry.md, "History".
"""

from __future__ import annotations

import re

from kimberlite.kernel.days import show_day
from kimberlite.kernel.ids import ORGAN, PARTICIPANT
from kimberlite.kernel.rules import Facts, Force, Rule
from kimberlite.ledger.schema import Field, Schema, choice, day, listing, record, text
from kimberlite.ledger.types import Entry, StatementType
from kimberlite.registry.model import Authority, Direction, Interval, Record, Standing
from kimberlite.registry.rows import (
    CONTESTS,
    CORRECTED,
    EVENTS,
    LAYERS,
    TOLD,
    Contest,
    Event,
    Kind,
    Layer,
)
from kimberlite.registry.v1 import parts
from kimberlite.registry.v1.parts import CODE, ID, OURS, restrict, scope_of, write

TYP = "kp-history+cose"
_EVENT = text(48, re.compile(r"[a-z0-9](?:[a-z0-9-]{1,46})[a-z0-9]"))
_BEFORE = "ours: docs/spec/registry.md, History; KPCS Core Document, Section V"

SCHEMA = Schema(
    "history",
    (
        Field(1, "event", _EVENT, "name of the event, unique in the log"),
        Field(2, "kind", choice(*(kind.value for kind in Kind)), "what happened"),
        Field(3, "earliest", day(), "earliest day on which it can have happened"),
        Field(4, "latest", day(), "latest such day; absent: the earliest", required=False),
        Field(5, "published", day(), "day on which the source made it known"),
        Field(6, "source", parts.SOURCE, "the text, with its day or number"),
        Field(7, "confidence", choice("high", "medium", "low"), "how sure the transcriber is"),
        Field(8, "text", text(240), "the event in neutral words", required=False),
        Field(9, "names", record(parts.NAMES), "names by language", required=False),
        Field(10, "prefixes", listing(CODE, 1, 4), "number prefixes; else sub", required=False),
        Field(11, "members", listing(CODE, 1, 60), "states a REIO stands for", required=False),
        Field(12, "territory_of", CODE, "participant it is a territory of", required=False),
        Field(13, "direction", parts.DIRECTION, "which trade; else both", required=False),
        Field(14, "restriction", ID, "the restriction it is about", required=False),
        Field(15, "scope", record(parts.SCOPE), "what the restriction catches", required=False),
        Field(
            16,
            "authority",
            choice("kp", "unsc", "self", "national"),
            "who laid the restriction down",
            required=False,
        ),
        Field(17, "jurisdiction", CODE, "whom a national layer binds", required=False),
        Field(18, "contested_by", listing(CODE, 1, 60), "who contests", required=False),
        Field(19, "contests", _EVENT, "the event that is contested", required=False),
        Field(20, "ends", day(), "earliest end of a term or restriction", required=False),
        Field(21, "ends_latest", day(), "latest such end; absent: ends", required=False),
        Field(22, "supersedes", _EVENT, "the asserted event this corrects", required=False),
        parts.GOVERNS,
    ),
)

_NEEDS = {
    Kind.LISTED.value: ("names",),
    Kind.RESTRICTION_BEGAN.value: ("restriction", "scope", "authority"),
    Kind.RESTRICTION_CHANGED.value: ("restriction", "scope"),
    Kind.RESTRICTION_ENDED.value: ("restriction",),
    Kind.NOTICE.value: ("restriction",),
    Kind.CONTEST.value: ("contests", "contested_by"),
    Kind.OBSERVER_JOINED.value: ("names",),
    Kind.MEMBERS.value: ("members",),
    Kind.TERRITORY.value: ("names", "territory_of"),
    Kind.ENTITY.value: ("names",),
    Kind.NOTE.value: ("text",),
}
_ABOUT_KNOWN = frozenset(
    (Kind.RESTRICTION_CHANGED.value, Kind.RESTRICTION_ENDED.value, Kind.NOTICE.value)
)
_CLAIMING = frozenset((Kind.LISTED.value, Kind.TERRITORY.value, Kind.ENTITY.value))


def _not_a_transcriber(entry: Entry) -> Facts | None:
    """A participant speaks for itself, and the Chair decides: neither asserts the past."""
    organ = ORGAN.fullmatch(entry.iss) is not None and entry.iss != "kp.chair"
    return None if organ and "chair" not in entry.key.roles else {"iss": entry.iss}


def _not_a_subject(entry: Entry) -> Facts | None:
    """Only a code can be on the list: an organ or observer neither trades nor has numbers."""
    claims = entry.log["kind"] in _CLAIMING
    good = PARTICIPANT.fullmatch(entry.sub) is not None if claims else parts.is_holder(entry.sub)
    return None if good else {"sub": entry.sub}


def _out_of_kind(entry: Entry) -> Facts | None:
    log = entry.log
    lists = (*log.get("prefixes", ()), *log.get("members", ()), *log.get("contested_by", ()))
    country = log["scope"]["country"] if "scope" in log else ""
    one = (entry.sub, log.get("territory_of", ""), log.get("jurisdiction", ""), country)
    return parts.out_of_kind(entry, (*one, *lists), history=True)


def _days_reversed(entry: Entry) -> Facts | None:
    log = entry.log
    latest = log.get("latest", log["earliest"])
    if latest < log["earliest"]:
        return {"earliest": show_day(log["earliest"]), "latest": show_day(latest)}
    if "ends" not in log and "ends_latest" not in log:
        return None
    ends = log.get("ends", 0)
    last = log.get("ends_latest", ends)
    if log["earliest"] <= ends <= last and log["earliest"] < last:
        return None
    return {"earliest": show_day(log["earliest"]), "ends": show_day(last)}


def _not_yet_published(entry: Entry) -> Facts | None:
    published, today = entry.log["published"], parts.log_day(entry)
    if published <= today:
        return None
    return {"published": show_day(published), "today": show_day(today)}


def _lacks(entry: Entry) -> Facts | None:
    log = entry.log
    needed = _NEEDS.get(log["kind"], ())
    if log.get("authority") == Authority.NATIONAL.value:
        needed = (*needed, "jurisdiction")
    missing = [name for name in needed if name not in log]
    return {"kind": log["kind"], "field": missing[0]} if missing else None


def _told_before(entry: Entry) -> Facts | None:
    name = entry.log["event"]
    return {"event": name} if entry.state.get(TOLD, name) is not None else None


def _refers_to_nothing(entry: Entry) -> Facts | None:
    log = entry.log
    for name in ("contests", "supersedes"):
        if name in log and entry.state.get(TOLD, log[name]) is None:
            return {"field": name, "event": log[name]}
    return None


def _restriction_unknown(entry: Entry) -> Facts | None:
    log = entry.log
    name = log.get("restriction")
    if name is None:
        return None
    found = entry.state.get(LAYERS, name)
    if found is None:
        return {"restriction": name} if log["kind"] in _ABOUT_KNOWN else None
    again = log["kind"] == Kind.RESTRICTION_BEGAN.value and "supersedes" not in log
    country = log["scope"]["country"] if "scope" in log else found.subject
    return {"restriction": name} if again or not entry.sub == country == found.subject else None


def _prefix_taken(entry: Entry) -> Facts | None:
    if entry.log["kind"] not in _CLAIMING:
        return None
    return parts.prefix_taken(entry, entry.log.get("prefixes", (entry.sub,)), asserted=True)


def _against_native(entry: Entry) -> Facts | None:
    """Say that the subject or a decision has spoken on this day's matters itself already."""
    latest = entry.log.get("latest", entry.log["earliest"])
    for each in entry.state.get(EVENTS, entry.sub) or ():
        own = each.record.standing is not Standing.ASSERTED
        if own and each.when.earliest <= latest:
            return {"subject": entry.sub, "since": show_day(each.when.earliest)}
    return None


def _event(entry: Entry) -> Event:
    log = entry.log
    source = Record(
        entry.statement.id,
        entry.index,
        log["published"],
        Standing.ASSERTED,
        log["source"],
        log["confidence"],
    )
    ends = log.get("ends")
    kind = Kind(log["kind"])
    own_prefix = (entry.sub,) if log["kind"] in _CLAIMING else ()
    return Event(
        kind,
        entry.sub,
        Interval(log["earliest"], log.get("latest", log["earliest"])),
        source,
        log["event"],
        log.get("text", ""),
        log.get("names", {}),
        tuple(log.get("prefixes", own_prefix)),
        tuple(sorted(log.get("members", ()))),
        log.get("territory_of", ""),
        Direction(log.get("direction", "both")),
        log.get("restriction", ""),
        scope_of(log["scope"]) if "scope" in log else None,
        None if ends is None else Interval(ends, log.get("ends_latest", ends)),
        log.get("decides", ""),
    )


def _fold(entry: Entry) -> None:
    log, event = entry.log, _event(entry)
    entry.state.put(TOLD, event.id, entry.statement.id)
    if event.kind is Kind.RESTRICTION_BEGAN:
        authority = Authority(log["authority"])
        layer = Layer(entry.sub, authority, log.get("jurisdiction", ""), Standing.ASSERTED)
        restrict(entry, event, layer)
    else:
        write(entry, event)
    if log["kind"] in _CLAIMING:
        parts.claim_prefixes(entry, event.prefixes, asserted=True)
    if "supersedes" in log:
        before = entry.state.get(CORRECTED, log["supersedes"])
        known = event.record.known_on
        entry.state.put(
            CORRECTED, log["supersedes"], known if before is None else min(known, before)
        )
    contested = entry.state.get(TOLD, log["contests"]) if "contests" in log else entry.statement.id
    if contested is not None and log.get("contested_by"):
        made = tuple(Contest(c, event.record.known_on, log["source"]) for c in log["contested_by"])
        earlier = entry.state.get(CONTESTS, contested.hex()) or ()
        entry.state.put(CONTESTS, contested.hex(), (*earlier, *made))


HISTORY = StatementType(
    typ=TYP,
    summary="Asserts one event of the public record about the subject in sub.",
    schema=SCHEMA,
    roles=frozenset(("transcribe",)),
    rules=(
        Rule("history.transcriber", _BEFORE, Force.REFUSES, _not_a_transcriber),
        Rule("history.subject", OURS, Force.REFUSES, _not_a_subject),
        Rule("registry.code-kind", OURS, Force.REFUSES, _out_of_kind),
        Rule("history.days", OURS, Force.REFUSES, _days_reversed),
        Rule("history.published", OURS, Force.REFUSES, _not_yet_published),
        Rule("history.lacks", OURS, Force.REFUSES, _lacks),
        Rule("history.told", OURS, Force.REFUSES, _told_before),
        Rule("history.reference", OURS, Force.REFUSES, _refers_to_nothing),
        Rule("history.restriction", OURS, Force.REFUSES, _restriction_unknown),
        Rule("history.prefix-taken", "KPCS Core Document, Annex I.A", Force.REFUSES, _prefix_taken),
        Rule("history.against-native", _BEFORE, Force.FINDS, _against_native),
    ),
    fold=_fold,
)

TYPES = (HISTORY,)
