"""Presentation and confirmation: what an importing authority says about a shipment.

What happened is never refused. Only a broken link, a missing minimum or a day that has not come
keeps such a statement out; the rest is recorded with findings. Who the destination is stands in
a sealed section, so that rule runs where the section is open (``certificates.rules.arrival``).
"""

from __future__ import annotations

from kimberlite.certificates.transitions import Act
from kimberlite.certificates.v1.beside import RECEIVERS, Receiver, open_alerts
from kimberlite.certificates.v1.links import (
    DEMO,
    NUMBER_FIELD,
    STATEMENT_FIELD,
    demo_world,
    follows_table,
    foreign_link,
    late,
    look,
    touch,
    unfamiliar_subject,
)
from kimberlite.certificates.v1.rows import CERTIFICATES, Row, answer
from kimberlite.certificates.v1.sections import ARRIVAL_SECTIONS
from kimberlite.kernel.rules import NO_FACTS, Facts, Force, Rule
from kimberlite.ledger.schema import Field, Schema, choice, day, listing, octets, text
from kimberlite.ledger.types import Entry, StatementType
from kimberlite.ledger.v1.genesis import OFFICE
from kimberlite.registry.read import Registry

CONFIRMATION_TYP = "kp-confirmation+cose"
PRESENTATION_TYP = "kp-presentation+cose"

OUTCOMES = ("confirmed", "confirmed-with-discrepancy", "refused", "detained", "seized")
EXAMINATIONS = ("documents", "seals", "weighed", "opened-and-valued")
ACT_OF = {
    "confirmed": Act.CONFIRM,
    "confirmed-with-discrepancy": Act.CONFIRM,
    "refused": Act.REFUSE,
    "detained": Act.DETAIN,
    "seized": Act.SEIZE,
}
"""Which act of the transition table each outcome is."""

_OURS = "ours: docs/spec/certificate.md"
_MINIMUM = "KPCS Core Document, Section III(b)"
_MEASURED = frozenset((2, 3))

_OFFICE_FIELD = Field(4, "office", text(24, OFFICE), "office that acted", required=False)

PRESENTATION_SCHEMA = Schema(
    "presentation",
    (
        NUMBER_FIELD,
        STATEMENT_FIELD,
        Field(3, "day", day(), "day on which it was presented"),
        _OFFICE_FIELD,
    ),
)
CONFIRMATION_SCHEMA = Schema(
    "confirmation",
    (
        NUMBER_FIELD,
        STATEMENT_FIELD,
        Field(3, "arrived", day(), "day on which the authority received the shipment"),
        _OFFICE_FIELD,
        Field(5, "outcome", choice(*OUTCOMES), "what became of the shipment"),
        Field(6, "examination", listing(choice(*EXAMINATIONS), 1, 4), "how it was examined"),
        Field(7, "presentation", octets(32), "id of the presentation", required=False),
    ),
)


def _row(entry: Entry) -> Row | None:
    return look(entry, entry.log["number"])


def _presented_ahead(entry: Entry) -> Facts | None:
    return late(entry, "day")


def _arrived_ahead(entry: Entry) -> Facts | None:
    return late(entry, "arrived")


def _examined_twice(entry: Entry) -> Facts | None:
    said = entry.log["examination"]
    return NO_FACTS if len(set(said)) != len(said) else None


def _minimum_missing(entry: Entry) -> Facts | None:
    """Refuse an import confirmation that seals no mass or no parties."""
    if ACT_OF[entry.log["outcome"]] is not Act.CONFIRM:
        return None
    return None if entry.statement.body.seals.keys() >= _MEASURED else NO_FACTS


def _presentation_unknown(entry: Entry) -> Facts | None:
    named = entry.log.get("presentation")
    if named is None:
        return None
    index = entry.state.index_of(named)
    row = _row(entry)
    known = index is not None and row is not None and index in row.acts
    return None if known else {"presentation": named.hex()}


def _presented(entry: Entry) -> tuple[str, Act]:
    return entry.log["number"], Act.PRESENT


def _arrived(entry: Entry) -> tuple[str, Act]:
    return entry.log["number"], ACT_OF[entry.log["outcome"]]


def _by_issuer(entry: Entry) -> Facts | None:
    row = _row(entry)
    return {"holder": row.holder} if row is not None and row.holder == entry.iss else None


def _before_issue(entry: Entry) -> Facts | None:
    row = _row(entry)
    arrived = entry.log.get("arrived", entry.log.get("day"))
    if row is None or arrived >= row.issued:
        return None
    return {"issued": row.issued, "arrived": arrived}


def _expired(entry: Entry) -> Facts | None:
    """Find an arrival after expiry, unless the issuer's practice looks at the day of export."""
    row = _row(entry)
    arrived = entry.log.get("arrived", entry.log.get("day"))
    if row is None or arrived <= row.expires:
        return None
    if Registry(entry.state).practice(row.holder, row.issued).expiry_governs == "export":
        return None
    return {"expires": row.expires, "arrived": arrived}


def _fold_presentation(entry: Entry) -> None:
    touch(entry, entry.log["number"], Act.PRESENT)


def _alert_open(entry: Entry) -> Facts | None:
    told = open_alerts(entry.state, entry.sub)
    return {"kind": told[0].kind, "index": told[0].index} if told else None


def _fold_confirmation(entry: Entry) -> None:
    act, row = ACT_OF[entry.log["outcome"]], _row(entry)
    if row is not None and answer(row, act).to is not row.status:
        receiver = Receiver(entry.iss, entry.statement.id)
        entry.state.put(RECEIVERS, entry.sub, receiver)
    touch(entry, entry.log["number"], act)


_COMMON = (
    Rule("certificate.subject", _OURS, Force.REFUSES, unfamiliar_subject),
    Rule("certificate.demo", DEMO, Force.REFUSES, demo_world),
    Rule("certificate.link", _OURS, Force.REFUSES, foreign_link),
)
_OUTCOME_ACTS = (Act.CONFIRM, Act.REFUSE, Act.DETAIN, Act.SEIZE)
_SPEAKING = (
    Rule("certificate.expired", "KPCS Core Document, Annex I.A (expiry)", Force.FINDS, _expired),
    Rule("confirmation.by-issuer", _MINIMUM, Force.FINDS, _by_issuer),
    Rule("confirmation.before-issue", _OURS, Force.FINDS, _before_issue),
)

PRESENTATION = StatementType(
    typ=PRESENTATION_TYP,
    summary="Says that a certificate was presented to an authority of the destination.",
    schema=PRESENTATION_SCHEMA,
    roles=frozenset(("confirm",)),
    rules=(
        *_COMMON,
        Rule("confirmation.future", _OURS, Force.REFUSES, _presented_ahead),
        *follows_table((Act.PRESENT,), Force.FINDS, _presented),
        *_SPEAKING,
    ),
    fold=_fold_presentation,
    asks=CERTIFICATES,
)

CONFIRMATION = StatementType(
    typ=CONFIRMATION_TYP,
    summary="Says what an importing authority found on arrival and what it did.",
    schema=CONFIRMATION_SCHEMA,
    roles=frozenset(("confirm",)),
    rules=(
        *_COMMON,
        Rule("confirmation.future", _OURS, Force.REFUSES, _arrived_ahead),
        Rule("confirmation.examination", _OURS, Force.REFUSES, _examined_twice),
        Rule("confirmation.sections", _MINIMUM, Force.REFUSES, _minimum_missing),
        Rule("confirmation.presentation", _OURS, Force.REFUSES, _presentation_unknown),
        *follows_table(_OUTCOME_ACTS, Force.FINDS, _arrived),
        *_SPEAKING,
        Rule("certificate.alert-open", _OURS, Force.FINDS, _alert_open),
    ),
    fold=_fold_confirmation,
    sections=ARRIVAL_SECTIONS,
    asks=CERTIFICATES,
)
