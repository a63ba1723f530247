"""On the way: what left, what passed through, what came back.

A dispatch is the native pre-advice; where the shipment is expected, and how, is sealed, as a list
of parcels under way would be a robber's timetable.
"""

from __future__ import annotations

from kimberlite.certificates.transitions import Act
from kimberlite.certificates.v1.links import (
    DAY_FIELD,
    NOT_BEFORE,
    NOTE_FIELD,
    NUMBER_FIELD,
    OFFICE_FIELD,
    STATEMENT_FIELD,
    acts_on,
    look,
    touch,
)
from kimberlite.certificates.v1.rows import CERTIFICATES
from kimberlite.certificates.v1.sections import (
    ARRIVAL_SECTIONS,
    EVIDENCE_SECTION,
    JOURNEY_SECTION,
)
from kimberlite.kernel.rules import Facts, Force, Rule
from kimberlite.ledger.schema import Field, Schema, choice, day
from kimberlite.ledger.types import Entry, StatementType
from kimberlite.registry.read import Registry

DISPATCH_TYP = "kp-dispatch+cose"
TRANSIT_TYP = "kp-transit+cose"
RETURN_TYP = "kp-return+cose"

CONDITIONS = ("identical", "seals-broken", "opened", "tampered", "short", "not-examined")

_EXPIRY = "KPCS Core Document, Annex I.A (expiry)"
_IDENTICAL = "KPCS Core Document, Section III(d)"
_OURS = "ours: docs/spec/certificate.md"


def _dispatched(entry: Entry) -> tuple[str, Act]:
    return entry.log["number"], Act.DISPATCH


def _passed(entry: Entry) -> tuple[str, Act]:
    return entry.log["number"], Act.TRANSIT


def _returned(entry: Entry) -> tuple[str, Act]:
    return entry.log["number"], Act.RETURN


def _left_expired(entry: Entry) -> Facts | None:
    """Find goods that left after expiry, where the issuer's practice looks at that day."""
    row = look(entry, entry.log["number"])
    left = entry.log["day"]
    if row is None or left <= row.expires:
        return None
    if Registry(entry.state).practice(row.holder, row.issued).expiry_governs != "export":
        return None
    return {"expires": row.expires, "day": left}


def _not_identical(entry: Entry) -> Facts | None:
    told = entry.log["condition"]
    return None if told in {"identical", "not-examined"} else {"condition": told}


def _left_before(entry: Entry) -> Facts | None:
    left = entry.log.get("left")
    entered = entry.log["day"]
    return {"day": entered, "left": left} if left is not None and left < entered else None


def _fold_dispatch(entry: Entry) -> None:
    touch(entry, entry.log["number"], Act.DISPATCH)


def _fold_transit(entry: Entry) -> None:
    touch(entry, entry.log["number"], Act.TRANSIT)


def _fold_return(entry: Entry) -> None:
    touch(entry, entry.log["number"], Act.RETURN)


DISPATCH = StatementType(
    typ=DISPATCH_TYP,
    summary="Says that a certified shipment has left, and advises the other side of it.",
    schema=Schema("dispatch", (NUMBER_FIELD, STATEMENT_FIELD, DAY_FIELD, OFFICE_FIELD)),
    roles=frozenset(("issue",)),
    rules=(
        *acts_on((Act.DISPATCH,), _dispatched, own=True),
        NOT_BEFORE,
        Rule("certificate.expired", _EXPIRY, Force.FINDS, _left_expired),
    ),
    fold=_fold_dispatch,
    sections=(JOURNEY_SECTION,),
    asks=CERTIFICATES,
)

TRANSIT = StatementType(
    typ=TRANSIT_TYP,
    summary="Says that a shipment passed through, and in which state it entered and left.",
    schema=Schema(
        "transit",
        (
            NUMBER_FIELD,
            STATEMENT_FIELD,
            DAY_FIELD,
            OFFICE_FIELD,
            Field(5, "left", day(), "day on which it left again", required=False),
            Field(6, "condition", choice(*CONDITIONS), "in which state it is"),
            NOTE_FIELD,
        ),
    ),
    roles=frozenset(("confirm",)),
    rules=(
        *acts_on((Act.TRANSIT,), _passed, own=False),
        Rule("transit.left", _OURS, Force.REFUSES, _left_before),
        NOT_BEFORE,
        Rule("transit.not-identical", _IDENTICAL, Force.FINDS, _not_identical),
    ),
    fold=_fold_transit,
    sections=(EVIDENCE_SECTION,),
    asks=CERTIFICATES,
)

RETURN = StatementType(
    typ=RETURN_TYP,
    summary="Says that a shipment is back with the participant that certified it.",
    schema=Schema(
        "return",
        (
            NUMBER_FIELD,
            STATEMENT_FIELD,
            DAY_FIELD,
            OFFICE_FIELD,
            Field(6, "condition", choice(*CONDITIONS), "in which state it is"),
            NOTE_FIELD,
        ),
    ),
    roles=frozenset(("issue", "confirm")),
    rules=(
        *acts_on((Act.RETURN,), _returned, own=True),
        NOT_BEFORE,
        Rule("return.not-identical", _IDENTICAL, Force.FINDS, _not_identical),
    ),
    fold=_fold_return,
    sections=ARRIVAL_SECTIONS,
    asks=CERTIFICATES,
)

TYPES = (DISPATCH, TRANSIT, RETURN)
