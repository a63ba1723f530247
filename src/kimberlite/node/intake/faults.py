"""Every code that a cell or a row can be refused with, for the reference and for translators."""

from __future__ import annotations

from typing import Final

FAULTS: Final = (
    "intake.required",
    "intake.formula",
    "intake.cell-error",
    "intake.too-long",
    "intake.control",
    "intake.nested",
    "intake.beyond-header",
    "intake.number",
    "intake.number-ambiguous",
    "intake.decimals",
    "intake.count",
    "intake.day",
    "intake.day-order",
    "intake.receiver",
    "intake.code",
    "intake.flag",
    "intake.word",
    "intake.origin",
    "intake.line",
    "intake.sum",
    "intake.repeated",
    "intake.known",
    "number.format",
    "transcript.own",
    "transcript.in-the-log",
    "transcript.prefix",
    "certificate.unknown",
    "certificate.not-own",
)
