"""Ranges of certificate numbers: notified, allotted to an office, ended.

Sources: KPCS Core Document, Annex I.A (unique numbering with the alpha-2 code), Section II(d).
"""

from __future__ import annotations

from dataclasses import replace

from kimberlite.kernel.rules import Facts, Force, Rule
from kimberlite.ledger.schema import Field, Schema, day, integer, text
from kimberlite.ledger.types import Entry, StatementType
from kimberlite.ledger.v1.genesis import OFFICE as OFFICE_ID
from kimberlite.registry.model import NumberRange, Standing
from kimberlite.registry.ranges import NONE, RANGES, PrefixRanges, prefix_owner
from kimberlite.registry.v1 import parts
from kimberlite.registry.v1.limits import MOST_RANGES, at_most
from kimberlite.registry.v1.offices import office_of
from kimberlite.registry.v1.parts import CODE, OURS, REGISTRY

_ANNEX_I = "KPCS Core Document, Annex I.A"
_OWN = (parts.NOT_OWN, parts.CODE_KIND, parts.UNKNOWN)
_SERIAL = integer(0, 10**12 - 1)


def _not_owner(entry: Entry) -> Facts | None:
    prefix = entry.log["prefix"]
    owner = prefix_owner(entry.state, prefix)
    return None if owner == entry.iss else {"prefix": prefix, "owner": owner or ""}


def _reversed(entry: Entry) -> Facts | None:
    first, last = entry.log["first"], entry.log["last"]
    return {"first": first, "last": last} if last < first else None


def _overlap(entry: Entry) -> Facts | None:
    log = entry.log
    for row in (entry.state.get(RANGES, log["prefix"]) or NONE).ranges:
        if row.first <= log["last"] and log["first"] <= row.last:
            return {"first": row.first, "last": row.last}
    return None


def _ranges(entry: Entry) -> int:
    return len((entry.state.get(RANGES, entry.log["prefix"]) or NONE).ranges)


def _office_unknown(entry: Entry) -> Facts | None:
    name = entry.log.get("office")
    return {"office": name} if name is not None and office_of(entry, name) is None else None


def _fold_range(entry: Entry) -> None:
    log = entry.log
    made = NumberRange(
        log["prefix"],
        log["first"],
        log["last"],
        log["begins"],
        log.get("ends"),
        log.get("office", ""),
        parts.record(entry, Standing.STATED),
    )
    earlier = entry.state.get(RANGES, log["prefix"]) or NONE
    entry.state.put(RANGES, log["prefix"], PrefixRanges.of((*earlier.ranges, made)))
    entry.tell("registry.range", log["prefix"], log["first"], log["last"], log.get("office", ""))


RANGE = StatementType(
    typ="kp-range+cose",
    summary="Notifies a range of certificate numbers, allotted to an office or to the whole.",
    schema=Schema(
        "range",
        (
            Field(1, "prefix", CODE, "number prefix"),
            Field(2, "first", _SERIAL, "first serial of the range"),
            Field(3, "last", _SERIAL, "last serial of the range, included"),
            Field(4, "office", text(24, OFFICE_ID), "office it is allotted to", required=False),
            parts.BEGINS,
            parts.ENDS,
        ),
    ),
    roles=REGISTRY,
    rules=(
        *_OWN,
        Rule("range.prefix", _ANNEX_I, Force.REFUSES, _not_owner),
        Rule("range.reversed", OURS, Force.REFUSES, _reversed),
        Rule("range.overlap", _ANNEX_I, Force.REFUSES, _overlap),
        Rule("range.office-unknown", OURS, Force.REFUSES, _office_unknown),
        at_most(_ranges, MOST_RANGES),
        parts.PERIOD,
    ),
    fold=_fold_range,
)


def _no_such_range(entry: Entry) -> Facts | None:
    log = entry.log
    found = (entry.state.get(RANGES, log["prefix"]) or NONE).holding(log["first"])
    same = found is not None and found.first == log["first"]
    return None if same else {"prefix": log["prefix"], "first": log["first"]}


def _fold_range_end(entry: Entry) -> None:
    log = entry.log
    rows = (entry.state.get(RANGES, log["prefix"]) or NONE).ranges
    kept = tuple(
        replace(row, ends=log["ends"]) if row.first == log["first"] else row for row in rows
    )
    entry.state.put(RANGES, log["prefix"], PrefixRanges.of(kept))
    entry.tell("registry.range-ended", log["prefix"], log["first"], log["ends"])


RANGE_END = StatementType(
    typ="kp-range-end+cose",
    summary="Ends a range from a day on, for instance because blanks were stolen.",
    schema=Schema(
        "range-end",
        (
            Field(1, "prefix", CODE, "number prefix"),
            Field(2, "first", _SERIAL, "first serial of the range"),
            Field(3, "reason", text(200), "why, in a sentence"),
            Field(31, "ends", day(), "first day on which no number of it may be issued"),
        ),
    ),
    roles=REGISTRY,
    rules=(
        *_OWN,
        Rule("range.prefix", _ANNEX_I, Force.REFUSES, _not_owner),
        Rule("range.unknown", OURS, Force.REFUSES, _no_such_range),
    ),
    fold=_fold_range_end,
)

TYPES = (RANGE, RANGE_END)
