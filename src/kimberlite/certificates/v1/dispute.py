"""The file of a discrepancy: each side states what it sees and, in the end, what it ended in.

Settled when both sides name the same outcome. Neither can write the other's words.
Source: ours, docs/spec/certificate-states.md; KPCS Core Document, Section V(f) (cooperation).
"""

from __future__ import annotations

from dataclasses import replace

from kimberlite.certificates.transitions import Act
from kimberlite.certificates.v1.beside import DISPUTES, Dispute
from kimberlite.certificates.v1.links import (
    DAY_FIELD,
    NUMBER_FIELD,
    OFFICE_FIELD,
    STATEMENT_FIELD,
    acts_on,
    touch,
)
from kimberlite.certificates.v1.mending import no_side
from kimberlite.certificates.v1.rows import CERTIFICATES, key_of
from kimberlite.certificates.v1.sections import EVIDENCE_SECTION
from kimberlite.kernel.rules import NO_FACTS, Facts, Force, Rule
from kimberlite.ledger.schema import Field, Schema, choice, listing
from kimberlite.ledger.types import Entry, StatementType

TYP = "kp-discrepancy+cose"

ABOUT = ("parcels", "carats", "value", "hs", "seals", "parties", "origin", "papers", "stones")
STEPS = ("opened", "statement", "outcome")
OUTCOMES = (
    "arrival-figures",
    "issue-figures",
    "rectified",
    "returned",
    "referred",
    "unresolved",
)

_OURS = "ours: docs/spec/certificate-states.md"


def _disputes(entry: Entry) -> tuple[str, Act]:
    return entry.log["number"], Act.DISPUTE


def _not_opened(entry: Entry) -> Facts | None:
    if entry.log["step"] == "opened":
        return None
    found = entry.state.get(DISPUTES, key_of(entry.log["number"]))
    return NO_FACTS if found is None else None


def _opened_before(entry: Entry) -> Facts | None:
    if entry.log["step"] != "opened":
        return None
    found = entry.state.get(DISPUTES, key_of(entry.log["number"]))
    return None if found is None or found.settled else {"index": found.opened}


def _outcome_wrong(entry: Entry) -> Facts | None:
    return NO_FACTS if (entry.log["step"] == "outcome") != ("outcome" in entry.log) else None


def _fold(entry: Entry) -> None:
    key = key_of(entry.log["number"])
    found = entry.state.get(DISPUTES, key)
    if found is None or entry.log["step"] == "opened":
        found = Dispute(entry.index)
    if entry.log["step"] == "outcome":
        others = tuple(each for each in found.outcomes if each[0] != entry.iss)
        found = replace(found, outcomes=(*others, (entry.iss, entry.log["outcome"])))
    entry.state.put(DISPUTES, key, found)
    if found.settled:
        entry.tell("discrepancy", key, "settled", found.settled)
    touch(entry, entry.log["number"], Act.DISPUTE)


DISCREPANCY = StatementType(
    typ=TYP,
    summary="Opens a file on what does not agree, adds one side's view, or says how it ended.",
    schema=Schema(
        "discrepancy",
        (
            NUMBER_FIELD,
            STATEMENT_FIELD,
            DAY_FIELD,
            OFFICE_FIELD,
            Field(5, "step", choice(*STEPS), "what this adds to the file"),
            Field(6, "about", listing(choice(*ABOUT), 1, len(ABOUT)), "what does not agree"),
            Field(7, "outcome", choice(*OUTCOMES), "how it ended, this side says", required=False),
        ),
    ),
    roles=frozenset(("issue", "confirm")),
    rules=(
        *acts_on((Act.DISPUTE,), _disputes, own=False),
        Rule("discrepancy.no-side", _OURS, Force.REFUSES, no_side),
        Rule("discrepancy.not-opened", _OURS, Force.REFUSES, _not_opened),
        Rule("discrepancy.opened-before", _OURS, Force.REFUSES, _opened_before),
        Rule("discrepancy.outcome", _OURS, Force.REFUSES, _outcome_wrong),
    ),
    fold=_fold,
    sections=(EVIDENCE_SECTION,),
    asks=CERTIFICATES,
)
TYPES = (DISCREPANCY,)
