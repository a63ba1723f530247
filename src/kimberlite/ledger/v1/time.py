"""Time is in the log: it moves by signed entries, never back, and never far ahead unasked.

Expiry, elapsed silence and future effects are computed from it when read; nothing is scheduled.
Source: ours, docs/decisions/0007.
"""

from __future__ import annotations

from kimberlite.kernel.rules import Facts, Force, Rule
from kimberlite.ledger.schema import Field, Schema, moment, text
from kimberlite.ledger.types import Entry, StatementType
from kimberlite.ledger.v1.genesis import STEP
from kimberlite.ledger.v1.rows import MOMENT, ONLY, Moment
from kimberlite.ledger.v1.rows import moment as now_of

_OURS = "ours: docs/decisions/0007"


def _now(entry: Entry) -> Moment:
    found = now_of(entry.state)
    return Moment(0, 0, 1) if found is None else found


def _goes_back(entry: Entry) -> Facts | None:
    now = _now(entry).now
    return {"now": now, "asked": entry.log["at"]} if entry.log["at"] < now else None


def _jumps(entry: Entry) -> Facts | None:
    until = _now(entry).until
    return {"until": until, "asked": entry.log["at"]} if entry.log["at"] > until else None


def _dated_later(entry: Entry) -> Facts | None:
    iat, at = entry.statement.header.iat, entry.log["at"]
    return {"iat": iat, "asked": at} if iat > at else None


def _fold_time(entry: Entry) -> None:
    at = entry.log["at"]
    entry.state.put(MOMENT, ONLY, Moment(at, at + STEP, _now(entry).rules))
    entry.tell("log.time", at)


def _fold_jump(entry: Entry) -> None:
    now = _now(entry)
    entry.state.put(MOMENT, ONLY, Moment(now.now, entry.log["at"], now.rules))
    entry.tell("log.jump", entry.log["at"])


TIME = StatementType(
    typ="kp-time+cose",
    summary="Moves the log's time, by the sequencer, before the entries of a batch.",
    schema=Schema("log-time", (Field(1, "at", moment(), "the log's time from here on"),)),
    roles=frozenset(("log",)),
    rules=(
        Rule("time.back", _OURS, Force.REFUSES, _goes_back),
        Rule("time.jump", _OURS, Force.REFUSES, _jumps),
        # The door lets statements on time itself be dated ahead of the log; this bounds them.
        Rule("time.dated-later", _OURS, Force.REFUSES, _dated_later),
    ),
    fold=_fold_time,
)

JUMP = StatementType(
    typ="kp-time-jump+cose",
    summary="Lets the log's time go further ahead once, by an operator, after a stop.",
    schema=Schema(
        "log-time-jump",
        (
            Field(1, "at", moment(), "the latest moment that the next time entry may name"),
            Field(2, "reason", text(200), "why the log stood still"),
        ),
    ),
    roles=frozenset(("operate",)),
    rules=(
        Rule("time.back", _OURS, Force.REFUSES, _goes_back),
        Rule("time.dated-later", _OURS, Force.REFUSES, _dated_later),
    ),
    fold=_fold_jump,
)

TYPES = (TIME, JUMP)
