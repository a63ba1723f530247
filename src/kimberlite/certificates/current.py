"""A certificate as it reads now: as issued, then corrected in order, then rectified by both sides.

Nothing is overwritten: each section says by which statement it stands. A rectification counts from
its countersignature on. Where the latest word on a section is closed here, that section is closed,
as an older one would mislead. Pure. Source: ours, docs/spec/certificate-states.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kimberlite.certificates.model import Certificate, Values
from kimberlite.certificates.v1.issue import TYP as CERTIFICATE_TYP
from kimberlite.certificates.v1.mending import (
    CORRECTION_TYP,
    COUNTERSIGNATURE_TYP,
    RECTIFICATION_TYP,
)
from kimberlite.certificates.v1.paper import PAPER_TYP

SECTIONS = ("shipment", "values", "parties")
"""What a certificate holds sealed, and a correction may put in place of."""
MEASURED = "measured"


@dataclass(frozen=True, slots=True)
class Part:
    """One logged statement about a certificate, as far as it is open here.

    ``sections`` has every sealed section by name: its fields, or None where it is closed here.
    """

    statement: bytes
    typ: str
    holder: str
    named: Mapping[str, Any]
    sections: Mapping[str, Mapping[str, Any] | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Current:
    """A certificate as it reads now.

    Attributes:
        certificate: with each section as last corrected or rectified; None where closed.
        said_by: the statement by which a section stands, where not the one that issued it.
        measured: what was found on arrival, as rectified; None where it was not.
        waiting: rectifications that the other side has not answered.
    """

    certificate: Certificate
    said_by: Mapping[str, bytes] = field(default_factory=dict)
    measured: Values | None = None
    waiting: tuple[bytes, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether anything reads otherwise than as issued."""
        return bool(self.said_by)


def current(parts: Sequence[Part], issuing: bytes) -> Current | None:
    """Read a certificate as it stands.

    Args:
        parts: the statements about it, oldest entry first.
        issuing: id of the statement that issued it or took it down.

    Returns:
        None when the issuing statement is not among the parts.
    """
    first = next((part for part in parts if part.statement == issuing), None)
    if first is None or first.typ not in {CERTIFICATE_TYP, PAPER_TYP}:
        return None
    sections: dict[str, Mapping[str, Any] | None] = dict(first.sections)
    said_by: dict[str, bytes] = {}
    proposed: dict[bytes, Part] = {}
    for part in parts:
        if part.named.get("certificate") != issuing:
            continue
        counts: Part | None = None
        if part.typ == CORRECTION_TYP:
            counts = part
        elif part.typ == RECTIFICATION_TYP:
            proposed[part.statement] = part
        elif part.typ == COUNTERSIGNATURE_TYP:
            told = proposed.pop(part.named["rectification"], None)
            counts = told if part.named["agrees"] else None
        if counts is not None:
            sections.update(counts.sections)
            said_by.update(dict.fromkeys(counts.sections, counts.statement))
    return Current(_certificate(first, sections), said_by, _measured(sections), tuple(proposed))


def _certificate(first: Part, sections: Mapping[str, Mapping[str, Any] | None]) -> Certificate:
    shown = {name: told for name in SECTIONS if (told := sections.get(name)) is not None}
    if first.typ == PAPER_TYP:
        return Certificate.transcribed(first.named, shown)
    return Certificate.of(first.holder, first.named, shown)


def _measured(sections: Mapping[str, Mapping[str, Any] | None]) -> Values | None:
    told = sections.get(MEASURED)
    return None if told is None else Values.of(told)
