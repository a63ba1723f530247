"""What an authority does with goods beside confirming them: parts, goods sent back or taken.

Source: KPCS Core Document, Section III(b), IV(d); ours: docs/spec/certificate-states.md.
"""

from __future__ import annotations

from kimberlite.certificates.transitions import Act
from kimberlite.certificates.v1.beside import RECEIVERS
from kimberlite.certificates.v1.links import (
    DAY_FIELD,
    LINK,
    NOT_BEFORE,
    NOTE_FIELD,
    NUMBER_FIELD,
    OFFICE_FIELD,
    STATEMENT_FIELD,
    acts_on,
    link_problem,
    touch,
)
from kimberlite.certificates.v1.rows import CERTIFICATES, key_of
from kimberlite.certificates.v1.sections import ARRIVAL_SECTIONS
from kimberlite.kernel.rules import NO_FACTS, Facts, Force, Rule
from kimberlite.ledger.schema import Field, Schema, choice, record
from kimberlite.ledger.types import Entry, StatementType

TYP = "kp-disposition+cose"

OUTCOMES = (
    "arrived-in-part",
    "released-in-part",
    "sent-back",
    "forfeited",
    "disposed",
    "destroyed",
)
ACT_OF = {
    "arrived-in-part": Act.PART,
    "released-in-part": Act.PART,
    "sent-back": Act.SEND_BACK,
    "forfeited": Act.FORFEIT,
    "disposed": Act.DISPOSE,
    "destroyed": Act.DISPOSE,
}
"""Which act of the transition table each outcome is."""
METHODS = ("sold-by-the-state", "kept-by-the-state", "research", "crushed", "other")

_OURS = "ours: docs/spec/certificate-states.md"
_VALUES = 2


def _done(entry: Entry) -> tuple[str, Act]:
    return entry.log["number"], ACT_OF[entry.log["outcome"]]


def _part_unmeasured(entry: Entry) -> Facts | None:
    if ACT_OF[entry.log["outcome"]] is not Act.PART:
        return None
    return None if _VALUES in entry.statement.body.seals else NO_FACTS


def _no_method(entry: Entry) -> Facts | None:
    disposed = ACT_OF[entry.log["outcome"]] is Act.DISPOSE
    return NO_FACTS if disposed and "method" not in entry.log else None


def _under_unknown(entry: Entry) -> Facts | None:
    link = entry.log.get("under")
    return None if link is None else link_problem(entry, link, own=False)


def _stranger(entry: Entry) -> Facts | None:
    """Find an authority that decides on goods that another one received, or nobody did."""
    found = entry.state.get(RECEIVERS, key_of(entry.log["number"]))
    if ACT_OF[entry.log["outcome"]] is Act.PART and found is None:
        return None
    receiver = "" if found is None else found.code
    return None if receiver == entry.iss else {"receiver": receiver}


def _fold(entry: Entry) -> None:
    touch(entry, entry.log["number"], ACT_OF[entry.log["outcome"]])


DISPOSITION = StatementType(
    typ=TYP,
    summary="Says what became of goods, or of a part of them, beside confirmation or refusal.",
    schema=Schema(
        "disposition",
        (
            NUMBER_FIELD,
            STATEMENT_FIELD,
            DAY_FIELD,
            OFFICE_FIELD,
            Field(5, "outcome", choice(*OUTCOMES), "what became of them"),
            Field(6, "method", choice(*METHODS), "how they were disposed of", required=False),
            Field(7, "under", record(LINK), "certificate they travel under now", required=False),
            NOTE_FIELD,
        ),
    ),
    roles=frozenset(("confirm",)),
    rules=(
        *acts_on(tuple(dict.fromkeys(ACT_OF.values())), _done, own=False),
        Rule("disposition.part", _OURS, Force.REFUSES, _part_unmeasured),
        Rule("disposition.method", _OURS, Force.REFUSES, _no_method),
        Rule("disposition.under", _OURS, Force.REFUSES, _under_unknown),
        NOT_BEFORE,
        Rule("disposition.stranger", _OURS, Force.FINDS, _stranger),
    ),
    fold=_fold,
    sections=ARRIVAL_SECTIONS,
    asks=CERTIFICATES,
)
TYPES = (DISPOSITION,)
