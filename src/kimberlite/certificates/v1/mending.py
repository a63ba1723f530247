"""Mending: before use by the issuer alone, afterwards only by both sides; nothing is overwritten.

A correction holds whole sections that stand in place of those signed before. A rectification is
signed by one side and takes effect when the other countersigns it.
Source: KPCS Core Document, Section V(f); architecture ours: docs/spec/certificate-states.md.
"""

from __future__ import annotations

from kimberlite.certificates.transitions import Act
from kimberlite.certificates.v1.beside import RECEIVERS, RECTIFICATIONS, Proposed
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
from kimberlite.certificates.v1.rows import CERTIFICATES, key_of
from kimberlite.certificates.v1.sections import CODE, ISSUE_SECTIONS, MEASURED_SECTION
from kimberlite.kernel.rules import NO_FACTS, Facts, Force, Rule
from kimberlite.ledger.schema import Field, Schema, choice, flag, octets
from kimberlite.ledger.types import Entry, StatementType

CORRECTION_TYP = "kp-correction+cose"
RECTIFICATION_TYP = "kp-rectification+cose"
COUNTERSIGNATURE_TYP = "kp-countersignature+cose"
ANNULMENT_TYP = "kp-annulment+cose"

GROUNDS = ("typographical", "figures", "seals", "parties", "papers", "diversion", "other")
FRAUDS = ("forged-papers", "false-origin", "false-declaration", "stolen-goods", "court-order")

_FAILURES = "KPCS Core Document, Section V(f)"
_OURS = "ours: docs/spec/certificate-states.md"
_SHIPMENT = 1


def _corrects(entry: Entry) -> tuple[str, Act]:
    diverted = entry.log["ground"] == "diversion"
    return entry.log["number"], Act.DIVERT if diverted else Act.CORRECT


def _nothing_sealed(entry: Entry) -> Facts | None:
    return None if entry.statement.body.seals else NO_FACTS


def _diverts_nowhere(entry: Entry) -> Facts | None:
    diverted = entry.log["ground"] == "diversion"
    return NO_FACTS if diverted and _SHIPMENT not in entry.statement.body.seals else None


def _fold_correction(entry: Entry) -> None:
    touch(entry, *_corrects(entry))


CORRECTION = StatementType(
    typ=CORRECTION_TYP,
    summary="Corrects an own certificate before it is used, or sends it to another destination.",
    schema=Schema(
        "correction",
        (
            NUMBER_FIELD,
            STATEMENT_FIELD,
            DAY_FIELD,
            OFFICE_FIELD,
            Field(5, "ground", choice(*GROUNDS), "what was wrong"),
            Field(6, "asked_by", CODE, "authority that asked for it", required=False),
            NOTE_FIELD,
        ),
    ),
    roles=frozenset(("issue",)),
    rules=(
        *acts_on((Act.CORRECT, Act.DIVERT), _corrects, own=True, approved=True),
        Rule("correction.empty", _OURS, Force.REFUSES, _nothing_sealed),
        Rule("correction.destination", _OURS, Force.REFUSES, _diverts_nowhere),
        NOT_BEFORE,
    ),
    fold=_fold_correction,
    sections=ISSUE_SECTIONS,
    asks=CERTIFICATES,
)


def sides(entry: Entry) -> tuple[str, ...]:
    """Name the participants whose matter this certificate is: its issuer and its receiver."""
    row = look(entry, entry.log["number"])
    received = entry.state.get(RECEIVERS, key_of(entry.log["number"]))
    named = ("" if row is None else row.holder, "" if received is None else received.code)
    return tuple(dict.fromkeys(each for each in named if each))


def no_side(entry: Entry) -> Facts | None:
    """Speak up when the issuer of the entry has no part in the certificate."""
    named = sides(entry)
    return None if entry.iss in named else {"sides": ", ".join(named)}


def _proposes(entry: Entry) -> tuple[str, Act]:
    return entry.log["number"], Act.PROPOSE


def _fold_rectification(entry: Entry) -> None:
    key = key_of(entry.log["number"])
    entry.state.put(RECTIFICATIONS, entry.statement.id.hex(), Proposed(key, entry.iss))
    touch(entry, entry.log["number"], Act.PROPOSE)


RECTIFICATION = StatementType(
    typ=RECTIFICATION_TYP,
    summary="Proposes what a used certificate should have said; the other side countersigns.",
    schema=Schema(
        "rectification",
        (
            NUMBER_FIELD,
            STATEMENT_FIELD,
            DAY_FIELD,
            OFFICE_FIELD,
            Field(5, "ground", choice(*GROUNDS), "what was wrong"),
            NOTE_FIELD,
        ),
    ),
    roles=frozenset(("issue", "confirm")),
    rules=(
        *acts_on((Act.PROPOSE,), _proposes, own=False, approved=True),
        Rule("rectification.no-side", _FAILURES, Force.REFUSES, no_side),
        Rule("rectification.empty", _OURS, Force.REFUSES, _nothing_sealed),
    ),
    fold=_fold_rectification,
    sections=(*ISSUE_SECTIONS, MEASURED_SECTION),
    asks=CERTIFICATES,
)


def _agrees(entry: Entry) -> tuple[str, Act] | None:
    return (entry.log["number"], Act.RECTIFY) if entry.log["agrees"] else None


def _not_open(entry: Entry) -> Facts | None:
    named = entry.log["rectification"].hex()
    found = entry.state.get(RECTIFICATIONS, named)
    known = found is not None and found.open and found.key == key_of(entry.log["number"])
    return None if known else {"rectification": named}


def _own_proposal(entry: Entry) -> Facts | None:
    found = entry.state.get(RECTIFICATIONS, entry.log["rectification"].hex())
    return NO_FACTS if found is not None and found.holder == entry.iss else None


def _fold_countersignature(entry: Entry) -> None:
    named = entry.log["rectification"].hex()
    found = entry.state.get(RECTIFICATIONS, named)
    if found is None:
        return
    entry.state.put(RECTIFICATIONS, named, Proposed(found.key, found.holder, open=False))
    entry.tell("rectification", found.key, named, "agreed" if entry.log["agrees"] else "declined")
    touch(entry, entry.log["number"], Act.RECTIFY if entry.log["agrees"] else Act.DISPUTE)


COUNTERSIGNATURE = StatementType(
    typ=COUNTERSIGNATURE_TYP,
    summary="Agrees to, or declines, a rectification that the other side signed.",
    schema=Schema(
        "countersignature",
        (
            NUMBER_FIELD,
            STATEMENT_FIELD,
            DAY_FIELD,
            OFFICE_FIELD,
            Field(5, "rectification", octets(32), "id of the rectification"),
            Field(6, "agrees", flag(), "is it agreed"),
            NOTE_FIELD,
        ),
    ),
    roles=frozenset(("issue", "confirm")),
    rules=(
        *acts_on((Act.RECTIFY,), _agrees, own=False, approved=True),
        Rule("rectification.no-side", _FAILURES, Force.REFUSES, no_side),
        Rule("rectification.not-open", _OURS, Force.REFUSES, _not_open),
        Rule("rectification.own", _OURS, Force.REFUSES, _own_proposal),
    ),
    fold=_fold_countersignature,
    asks=CERTIFICATES,
)


def _annuls(entry: Entry) -> tuple[str, Act]:
    return entry.log["number"], Act.ANNUL


def _fold_annulment(entry: Entry) -> None:
    touch(entry, entry.log["number"], Act.ANNUL)


ANNULMENT = StatementType(
    typ=ANNULMENT_TYP,
    summary="Annuls an own certificate for fraud, used or not. Its number is never free again.",
    schema=Schema(
        "annulment",
        (
            NUMBER_FIELD,
            STATEMENT_FIELD,
            DAY_FIELD,
            OFFICE_FIELD,
            Field(5, "ground", choice(*FRAUDS), "what was found"),
            NOTE_FIELD,
        ),
    ),
    roles=frozenset(("issue",)),
    rules=acts_on((Act.ANNUL,), _annuls, own=True, approved=True),
    fold=_fold_annulment,
    asks=CERTIFICATES,
)

TYPES = (CORRECTION, RECTIFICATION, COUNTERSIGNATURE, ANNULMENT)
