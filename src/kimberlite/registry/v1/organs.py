"""Chairs, vice chairs, custodians and observers, by decision.

Sources: KPCS Core Document, Section VI.4 (Chair), Section I (Observer); offices only, no persons.
"""

from __future__ import annotations

from kimberlite.kernel.ids import ORGAN, PARTICIPANT
from kimberlite.kernel.rules import Facts, Force, Rule
from kimberlite.ledger.schema import Field, Schema, choice, record
from kimberlite.ledger.types import Entry, StatementType
from kimberlite.registry.model import Standing
from kimberlite.registry.rows import Event, Kind
from kimberlite.registry.v1 import parts
from kimberlite.registry.v1.parts import DECIDE, OURS, on, write


def _fold_chair(entry: Entry) -> None:
    log = entry.log
    event = Event(
        Kind(log["kind"]),
        entry.sub,
        on(log["begins"]),
        parts.record(entry, Standing.DECIDED, log["source"]),
        ends=on(log["ends"]) if "ends" in log else None,
    )
    write(entry, event)


CHAIR = StatementType(
    typ="kp-chair+cose",
    summary="Names the participant in sub as chair, vice chair or custodian for a term.",
    schema=Schema(
        "chair",
        (
            Field(1, "kind", choice("chair", "vice", "custodian"), "the function"),
            parts.BEGINS,
            parts.ENDS,
            parts.FROM,
        ),
    ),
    roles=DECIDE,
    rules=(parts.CODE_KIND, parts.UNKNOWN, parts.PERIOD),
    fold=_fold_chair,
    endorsed=True,
)


def _not_an_organ(entry: Entry) -> Facts | None:
    organ = ORGAN.fullmatch(entry.sub) is not None and PARTICIPANT.fullmatch(entry.sub) is None
    return None if organ else {"sub": entry.sub}


def _fold_observer(entry: Entry) -> None:
    log = entry.log
    joined = log["kind"] == "joined"
    event = Event(
        Kind.OBSERVER_JOINED if joined else Kind.OBSERVER_LEFT,
        entry.sub,
        on(log["begins"]),
        parts.record(entry, Standing.DECIDED, log["source"]),
        names=log["names"],
    )
    write(entry, event)


OBSERVER = StatementType(
    typ="kp-observer+cose",
    summary="Admits the observer in sub, or records that it left.",
    schema=Schema(
        "observer",
        (
            Field(1, "kind", choice("joined", "left"), "what happened"),
            Field(2, "names", record(parts.NAMES), "names by language"),
            parts.BEGINS,
            parts.FROM,
        ),
    ),
    roles=DECIDE,
    rules=(Rule("observer.subject", OURS, Force.REFUSES, _not_an_organ),),
    fold=_fold_observer,
    endorsed=True,
)

TYPES = (CHAIR, OBSERVER)
