"""Who takes part and who may trade: decisions about participants, and what one says of itself.

Sources: KPCS Core Document, Section I (participant, REIO), Section III(c), Section VI.8-9.
"""

from __future__ import annotations

from kimberlite.kernel.ids import PARTICIPANT
from kimberlite.kernel.rules import NO_FACTS, Facts, Force, Rule
from kimberlite.ledger.schema import Field, Schema, day, flag, listing, record, text
from kimberlite.ledger.types import Entry, StatementType
from kimberlite.registry.model import Direction, Standing
from kimberlite.registry.rows import Event, Kind
from kimberlite.registry.v1 import limits, parts
from kimberlite.registry.v1.parts import CODE, DECIDE, OURS, REGISTRY, on, write


def _not_a_code(entry: Entry) -> Facts | None:
    return None if PARTICIPANT.fullmatch(entry.sub) else {"sub": entry.sub}


def _prefixes(entry: Entry) -> list[str]:
    return entry.log.get("prefixes") or [entry.sub]


def _prefix_taken(entry: Entry) -> Facts | None:
    return parts.prefix_taken(entry, _prefixes(entry), asserted=False)


def _own_territory(entry: Entry) -> Facts | None:
    return {"code": entry.sub} if entry.log.get("territory_of") == entry.sub else None


def _fold_participant(entry: Entry) -> None:
    log = entry.log
    of = log.get("territory_of", "")
    record_ = parts.record(entry, Standing.DECIDED, log["source"])
    event = Event(
        Kind.TERRITORY if of else Kind.LISTED,
        entry.sub,
        on(log["begins"]),
        record_,
        names=log["names"],
        prefixes=tuple(_prefixes(entry)),
        territory_of=of,
    )
    write(entry, event)
    if log.get("members"):
        members = tuple(sorted(log["members"]))
        write(entry, Event(Kind.MEMBERS, entry.sub, on(log["begins"]), record_, members=members))
    parts.claim_prefixes(entry, _prefixes(entry), asserted=False)


PARTICIPANT_TYPE = StatementType(
    typ="kp-participant+cose",
    summary="Lists a participant, or a separate customs territory, under the code in sub.",
    schema=Schema(
        "participant",
        (
            Field(1, "names", record(parts.NAMES), "names by language"),
            Field(2, "begins", day(), "first day of participation"),
            Field(3, "prefixes", listing(CODE, 1, 4), "number prefixes; else sub", required=False),
            Field(4, "territory_of", CODE, "participant it is a territory of", required=False),
            Field(5, "members", listing(CODE, 1, 60), "states a REIO stands for", required=False),
            Field(6, "source", parts.SOURCE, "the text this rests on"),
        ),
    ),
    roles=DECIDE,
    rules=(
        Rule(
            "participant.code",
            "ISO 3166-1; KPCS Core Document, Annex I.A",
            Force.REFUSES,
            _not_a_code,
        ),
        parts.CODE_KIND,
        Rule(
            "participant.prefix-taken",
            "KPCS Core Document, Annex I.A",
            Force.REFUSES,
            _prefix_taken,
        ),
        Rule("participant.own-territory", OURS, Force.REFUSES, _own_territory),
    ),
    fold=_fold_participant,
    endorsed=True,
)


def _nothing_said(entry: Entry) -> Facts | None:
    return NO_FACTS if entry.log.get("listed") is None and _trade(entry) is None else None


def _trade(entry: Entry) -> bool | None:
    found = entry.log.get("may_trade")
    return found if isinstance(found, bool) else None


def _fold_status(entry: Entry) -> None:
    log = entry.log
    record_ = parts.record(entry, Standing.DECIDED, log["source"])
    when, decides = on(log["begins"]), log.get("decides", "")
    listed = log.get("listed")
    if listed is not None:
        kind = Kind.LISTED if listed else Kind.REMOVED
        write(entry, Event(kind, entry.sub, when, record_, decides=decides))
    if _trade(entry) is not None:
        kind = Kind.TRADE_RESUMED if _trade(entry) else Kind.TRADE_STOPPED
        way = Direction(log.get("direction", "both"))
        write(entry, Event(kind, entry.sub, when, record_, direction=way, decides=decides))


STATUS = StatementType(
    typ="kp-status+cose",
    summary="Decides whether a participant is listed and whether it may trade, each by itself.",
    schema=Schema(
        "status",
        (
            Field(1, "listed", flag(), "whether it is on the list", required=False),
            Field(2, "may_trade", flag(), "whether it may trade", required=False),
            Field(3, "direction", parts.DIRECTION, "which trade; else both", required=False),
            parts.BEGINS,
            parts.FROM,
            parts.GOVERNS,
        ),
    ),
    roles=DECIDE,
    rules=(
        parts.CODE_KIND,
        parts.UNKNOWN,
        Rule("status.empty", OURS, Force.REFUSES, _nothing_said),
        parts.BACKDATED,
    ),
    fold=_fold_status,
    endorsed=True,
)


def _fold_self(entry: Entry) -> None:
    log = entry.log
    kind = Kind.TRADE_RESUMED if log["may_trade"] else Kind.TRADE_STOPPED
    event = Event(
        kind,
        entry.sub,
        on(log["begins"]),
        parts.record(entry, Standing.STATED, log["source"]),
        direction=Direction(log.get("direction", "both")),
        decides=log.get("decides", ""),
    )
    write(entry, event)


SELF_SUSPENSION = StatementType(
    typ="kp-self-suspension+cose",
    summary="Suspends or resumes a participant's own trade, by itself.",
    schema=Schema(
        "self-suspension",
        (
            Field(1, "may_trade", flag(), "false suspends, true resumes"),
            Field(2, "direction", parts.DIRECTION, "which trade; else both", required=False),
            parts.BEGINS,
            Field(32, "source", text(200), "the reason or the text, in a sentence"),
            parts.GOVERNS,
        ),
    ),
    roles=REGISTRY,
    rules=(
        parts.NOT_OWN,
        parts.CODE_KIND,
        parts.UNKNOWN,
        limits.at_most(limits.own_suspensions),
        parts.BACKDATED,
    ),
    fold=_fold_self,
)

TYPES = (PARTICIPANT_TYPE, STATUS, SELF_SUSPENSION)
