"""The signer's judge: the section rules of the room certificates, on what the signer opened."""

from __future__ import annotations

from kimberlite.certificates.exported import day_of_export
from kimberlite.certificates.file import parse_file
from kimberlite.certificates.model import Certificate, Confirmation
from kimberlite.certificates.rules import (
    RULESET,
    Assessment,
    Days,
    assess,
    assess_arrival,
    blocking,
)
from kimberlite.certificates.v1.arrival import CONFIRMATION_TYP
from kimberlite.certificates.v1.issue import CERTIFICATE
from kimberlite.certificates.v1.paper import PAPER
from kimberlite.certificates.v1.rows import CERTIFICATES
from kimberlite.ledger.envelope import parse
from kimberlite.ledger.sections import require
from kimberlite.node.signer.ports import Judged, Opened
from kimberlite.registry.read import Registry

_ISSUING = {each.typ: each for each in (CERTIFICATE, PAPER)}


def judge(opened: Opened) -> Judged:
    """Run the rules that belong to the type; a type without section rules passes.

    Raises:
        Invalid: as ``parse_file`` for a file that is not one.
        Untrusted: ``section.digest`` when a file's openings are not what was signed.
    """
    if opened.typ == CERTIFICATE.typ:
        return _issue(opened)
    if opened.typ == CONFIRMATION_TYP:
        return _arrival(opened)
    return Judged()


def _issue(opened: Opened) -> Judged:
    certificate = Certificate.of(opened.iss, opened.log, opened.sections)
    assessment = assess(certificate, Registry(opened.state), Days(certificate.issued))
    forbidden = {each.code: each.source for each in blocking(assessment)}
    values = certificate.values
    if values is None:
        return _judged(assessment, forbidden)
    cents = 0 if values.value is None else values.value.cents
    return _judged(assessment, forbidden, values.carats.points, cents)


def _arrival(opened: Opened) -> Judged:
    """Judge an arrival. What happened is never forbidden, so nothing here blocks."""
    certificate = _certificate(opened)
    if certificate is None:  # the log's own rule on links says what is wrong
        return Judged(RULESET)
    confirmation = Confirmation.of(opened.iss, opened.log, opened.sections)
    left = day_of_export(opened.state.get(CERTIFICATES, opened.sub), opened.entry)
    registry = Registry(opened.state)
    return _judged(assess_arrival(certificate, confirmation, registry, exported=left), {})


def _certificate(opened: Opened) -> Certificate | None:
    """Read the certificate from the log, with what a file that came along opens of it."""
    raw = opened.fetch(opened.log["certificate"])
    if raw is None:
        return None
    statement = parse(raw)
    kind = _ISSUING.get(statement.header.typ)
    if kind is None:
        return None
    sections = {}
    header = statement.header
    for found in map(parse_file, opened.files):
        if found.statement.id != statement.id:
            continue
        for opening in found.openings:
            section = kind.section(opening.section)
            require(opening, statement.body.seals.get(section.label), header.iss, header.sub)
            sections[opening.section] = opening.read(section.schema)
    log = kind.schema.read(statement.body.log)
    if kind is PAPER:
        return Certificate.transcribed(log, sections)
    return Certificate.of(header.iss, log, sections)


def _judged(
    assessment: Assessment, forbidden: dict[str, str], points: int = 0, cents: int = 0
) -> Judged:
    verdicts = assessment.verdicts()
    return Judged(
        verdicts.ruleset,
        dict(verdicts.said),
        forbidden,
        frozenset(assessment.unseen),
        points,
        cents,
    )
