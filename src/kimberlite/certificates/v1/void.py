"""Voiding: the issuer takes an own certificate out of use before it is used. Its number stays."""

from __future__ import annotations

from kimberlite.certificates.transitions import Act
from kimberlite.certificates.v1.links import (
    DAY_FIELD,
    NUMBER_FIELD,
    STATEMENT_FIELD,
    acts_on,
    touch,
)
from kimberlite.certificates.v1.rows import CERTIFICATES
from kimberlite.ledger.schema import Field, Schema, choice, text
from kimberlite.ledger.types import Entry, StatementType

TYP = "kp-void+cose"
REASONS = ("unused", "error", "withdrawn", "security", "other")

SCHEMA = Schema(
    "void",
    (
        NUMBER_FIELD,
        STATEMENT_FIELD,
        DAY_FIELD,
        Field(4, "reason", choice(*REASONS), "why"),
        Field(5, "note", text(200), "why, in a sentence", required=False),
    ),
)


def _voided(entry: Entry) -> tuple[str, Act]:
    return entry.log["number"], Act.VOID


def _fold(entry: Entry) -> None:
    touch(entry, entry.log["number"], Act.VOID)


VOID = StatementType(
    typ=TYP,
    summary="Voids an own certificate before use.",
    schema=SCHEMA,
    roles=frozenset(("issue",)),
    rules=acts_on((Act.VOID,), _voided, own=True, approved=True),
    fold=_fold,
    asks=CERTIFICATES,
)
