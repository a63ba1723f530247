"""Voiding: the issuer takes an own certificate out of use before it is used. Its number stays."""

from __future__ import annotations

from kimberlite.certificates.transitions import Act
from kimberlite.certificates.v1.links import (
    DEMO,
    NUMBER_FIELD,
    STATEMENT_FIELD,
    demo_world,
    follows_table,
    late,
    own_link,
    touch,
    unfamiliar_subject,
)
from kimberlite.certificates.v1.rows import CERTIFICATES
from kimberlite.kernel.rules import NO_FACTS, Facts, Force, Rule
from kimberlite.ledger.schema import Field, Schema, choice, day, text
from kimberlite.ledger.types import Entry, StatementType

TYP = "kp-void+cose"
REASONS = ("unused", "error", "withdrawn", "security", "other")

_OURS = "ours: docs/spec/certificate.md"

SCHEMA = Schema(
    "void",
    (
        NUMBER_FIELD,
        STATEMENT_FIELD,
        Field(3, "day", day(), "day of the decision"),
        Field(4, "reason", choice(*REASONS), "why"),
        Field(5, "note", text(200), "why, in a sentence", required=False),
    ),
)


def _dated_ahead(entry: Entry) -> Facts | None:
    return late(entry, "day")


def _not_approved(entry: Entry) -> Facts | None:
    return NO_FACTS if entry.statement.body.approval is None else None


def _voided(entry: Entry) -> tuple[str, Act]:
    return entry.log["number"], Act.VOID


def _fold(entry: Entry) -> None:
    touch(entry, entry.log["number"], Act.VOID)


VOID = StatementType(
    typ=TYP,
    summary="Voids an own certificate before use.",
    schema=SCHEMA,
    roles=frozenset(("issue",)),
    rules=(
        Rule("certificate.subject", _OURS, Force.REFUSES, unfamiliar_subject),
        Rule("certificate.demo", DEMO, Force.REFUSES, demo_world),
        Rule("certificate.link", _OURS, Force.REFUSES, own_link),
        Rule("certificate.future", _OURS, Force.REFUSES, _dated_ahead),
        Rule("certificate.approval", _OURS, Force.REFUSES, _not_approved),
        *follows_table((Act.VOID,), Force.REFUSES, _voided),
        *follows_table((Act.VOID,), Force.FINDS, _voided),
    ),
    fold=_fold,
    asks=CERTIFICATES,
)
