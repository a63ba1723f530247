"""The signer's judge: the section rules of the room certificates, on what the signer opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kimberlite.certificates.current import Current, Part, current
from kimberlite.certificates.exported import day_of_export
from kimberlite.certificates.file import CertificateFile, parse_file, write
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
from kimberlite.certificates.v1.rows import CERTIFICATES, Row
from kimberlite.ledger.sections import require
from kimberlite.node.signer.ports import Judged, Opened
from kimberlite.registry.read import Registry

_ISSUING = frozenset((CERTIFICATE.typ, PAPER.typ))


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
    row = opened.state.get(CERTIFICATES, opened.sub)
    return certificate_of(opened.log["certificate"], opened.files, row, opened.entry)


def current_of(
    issuing: bytes, files: Sequence[bytes], row: Row | None, entry: Callable[[int], bytes | None]
) -> Current | None:
    """Read a certificate as it stands, from the log and what files open of it and its corrections.

    Args:
        issuing: id of the statement that issued it or took it down.
        files: certificate files that came along; those of other statements are passed over.
        row: the log's record of its number.
        entry: gives the statement logged at an index, or None.

    Returns:
        None when the log does not hold such a certificate.

    Raises:
        Invalid: as ``parse_file``. Untrusted: ``section.digest``.
    """
    if row is None or row.statement != issuing:
        return None
    told = {found.statement.id: found for found in map(parse_file, files)}
    parts = []
    for index in (row.index, *row.acts):
        raw = entry(index)
        if raw is None:
            return None
        logged = parse_file(write(raw))
        parts.append(_part(told.get(logged.statement.id, logged)))
    return current(parts, issuing)


def certificate_of(
    issuing: bytes, files: Sequence[bytes], row: Row | None, entry: Callable[[int], bytes | None]
) -> Certificate | None:
    """Give the certificate alone. Takes and raises as ``current_of``."""
    found = current_of(issuing, files, row, entry)
    return None if found is None else found.certificate


def _part(file: CertificateFile) -> Part:
    """Read a file's statement with what it opens; nothing opened counts that was not signed."""
    statement, kind = file.statement, file.kind
    header, seals = statement.header, statement.body.seals
    sections: dict[str, Mapping[str, Any] | None] = {
        each.name: None for each in kind.sections if each.label in seals
    }
    for opening in file.openings:
        section = kind.section(opening.section)
        require(opening, seals.get(section.label), header.iss, header.sub)
        sections[opening.section] = opening.read(section.schema)
    return Part(statement.id, header.typ, header.iss, file.named, sections)


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
