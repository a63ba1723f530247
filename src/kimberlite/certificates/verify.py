"""Verify a certificate file with a trust bundle and nothing else: no node, no network, no clock.

Source: docs/spec/certificate.md (verification).
"""

from __future__ import annotations

from typing import Any

from kimberlite.certificates.checks import Findings, judge_certificate
from kimberlite.certificates.file import CertificateFile, parse_file
from kimberlite.certificates.model import Certificate
from kimberlite.certificates.trust import Snapshot, read_snapshot
from kimberlite.certificates.v1.issue import TYP as CERTIFICATE_TYP
from kimberlite.certificates.v1.rows import key_of
from kimberlite.certificates.verdict import Verdict, result_of
from kimberlite.kernel.days import day_of
from kimberlite.kernel.errors import Problem
from kimberlite.ledger import receipt as receipts
from kimberlite.ledger.bundle import TrustBundle
from kimberlite.ledger.sections import require


class Verifier:
    """Checks many files against one bundle, whose parts are read once.

    Raises:
        Invalid: ``bundle.part`` when this room's parts of the bundle do not read.
    """

    def __init__(self, bundle: TrustBundle) -> None:
        self._bundle = bundle
        self._snapshot = read_snapshot(bundle.contents.parts)

    def verify(self, file: bytes, today: int, receiver: str | None = None) -> Verdict:
        """Check one file; as the function ``verify``."""
        read = parse_file(file)
        bundle = self._bundle
        found = Findings()
        _judge_bundle(found, bundle, today)
        genuine = _judge_signature(found, read, bundle)
        index = _judge_registration(found, read, bundle, self._snapshot)
        _judge_key(found, read, bundle, index)
        sections, intact = _open(found, read)
        certificate = None
        header = read.statement.header
        if header.typ == CERTIFICATE_TYP and intact is not None:
            certificate = Certificate.of(header.iss, read.named, sections)
            judge_certificate(found, certificate, self._snapshot, today=today, receiver=receiver)
            _judge_verdicts(found, read)
        proofs = (
            ("genuine", genuine),
            ("registered", genuine and index is not None),
            ("sections-intact", genuine and intact is True),
        )
        return Verdict(
            result=result_of(reasons := found.reasons()),
            kind=bundle.kind,
            origin=bundle.origin,
            number=read.named["number"],
            issuer=header.iss,
            typ=header.typ,
            statement=read.statement.id,
            reasons=reasons,
            proves=tuple(key for key, shown in proofs if shown),
            as_of=bundle.contents.as_of,
            age_days=max(0, today - day_of(bundle.contents.as_of)),
            certificate=certificate,
        )


def verify(file: bytes, bundle: TrustBundle, today: int, receiver: str | None = None) -> Verdict:
    """Check a certificate file against what ``bundle`` knows.

    Args:
        file: a certificate file (".kpc").
        bundle: a bundle that ``ledger.bundle.verify`` accepted.
        today: the day of the check, in days since 1970; clocks are the caller's affair.
        receiver: the participant for whom the check is made, if the certificate has to be
            addressed to it.

    Raises:
        Invalid: as ``parse_file`` for what is not a certificate file; ``bundle.part``.
    """
    return Verifier(bundle).verify(file, today, receiver)


def _judge_bundle(found: Findings, bundle: TrustBundle, today: int) -> None:
    as_of, expires = day_of(bundle.contents.as_of), day_of(bundle.contents.expires)
    if today > expires:
        found.doubt("bundle.expired", expires=expires)
    if today < as_of:
        found.doubt("clock.behind", today=today, as_of=as_of)
    if not bundle.pinned:
        found.note("bundle.not-pinned", origin=bundle.origin)


def _judge_signature(found: Findings, read: CertificateFile, bundle: TrustBundle) -> bool:
    """Say whether the issuer named in the header signed this, by a key of the log."""
    statement = read.statement
    header = statement.header
    if header.sub != key_of(read.named["number"]):
        found.against("certificate.subject", sub=header.sub, number=read.named["number"])
    key = bundle.keys.get(header.kid)
    if key is None:
        found.doubt("key.unknown", kid=header.kid.hex())
        return False
    if not statement.signed_by(key.public):
        found.against("signature.bad", kid=header.kid.hex())
        return False
    if key.holder != header.iss:
        found.against("key.not-holder", holder=key.holder, iss=header.iss)
        return False
    if key.roles.isdisjoint(read.kind.roles):
        found.against("key.role", needed=", ".join(sorted(read.kind.roles)))
        return False
    found.for_("signature.good", holder=key.holder)
    return True


def _judge_registration(
    found: Findings, read: CertificateFile, bundle: TrustBundle, snapshot: Snapshot
) -> int | None:
    """Give the entry at which the log is shown to hold the statement, or None."""
    indexes = {_receipt_index(found, each, read, bundle) for each in read.receipts}
    bad = None in indexes
    shown = sorted(index for index in indexes if index is not None)
    if len(shown) > 1:
        found.against("receipt.disagree", first=shown[0], second=shown[1])
    status = snapshot.number(read.statement.header.sub)
    if status is not None and read.statement.header.typ == CERTIFICATE_TYP:
        if status.statement != read.statement.id:
            found.against("certificate.number-used", index=status.index)
        elif not shown and not bad:
            found.for_("registration.snapshot", index=status.index)
            shown = [status.index]
    if shown and not bad:
        return shown[0]
    if not bad:
        found.doubt("registration.not-shown")
    return None


def _receipt_index(
    found: Findings, receipt: bytes, read: CertificateFile, bundle: TrustBundle
) -> int | None:
    try:
        facts = receipts.verify(receipt, read.statement.raw, bundle.log_key, bundle.origin)
    except Problem as bad:
        found.against(bad.code)
        return None
    if facts.size == bundle.size and facts.root != bundle.checkpoint.root:
        # Two heads of one size, both signed by the log: proof that it shows people two faces.
        found.against("log.split-view", size=facts.size)
        return None
    if facts.size > bundle.size:
        found.doubt("bundle.older-than-receipt", bundle=bundle.size, receipt=facts.size)
    found.for_("registration.shown", index=facts.index, size=facts.size)
    return facts.index


def _judge_key(
    found: Findings, read: CertificateFile, bundle: TrustBundle, index: int | None
) -> None:
    statement = read.statement
    disowned = bundle.contents.repudiated.get((statement.header.iss, statement.id))
    if disowned is not None:
        found.against("statement.repudiated", index=disowned)
    key = bundle.keys.get(statement.header.kid)
    if key is None:
        return
    if index is not None:
        if not key.valid_at(index):
            found.against(
                "key.not-valid", since=key.since, until=-1 if key.until is None else key.until
            )
    elif key.until is not None:
        found.doubt("key.revoked", until=key.until)


def _open(found: Findings, read: CertificateFile) -> tuple[dict[str, dict[str, Any]], bool | None]:
    """Give the fields of every open section; whether all are open; None when one is false."""
    header, seals = read.statement.header, read.statement.body.seals
    sections: dict[str, dict[str, Any]] = {}
    for opening in read.openings:
        section = read.kind.section(opening.section)
        try:
            require(opening, seals.get(section.label), header.iss, header.sub)
            sections[section.name] = opening.read(section.schema)
        except Problem as bad:
            found.against(bad.code, section=section.name)
            return {}, None
    labels = {section.label: section.name for section in read.kind.sections}
    closed = [labels[label] for label in seals if label in labels and labels[label] not in sections]
    if closed:
        found.note("section.closed", sections=", ".join(closed))
    return sections, not closed


def _judge_verdicts(found: Findings, read: CertificateFile) -> None:
    """Show what the issuer's own rules said when it signed."""
    verdicts = read.statement.body.verdicts
    for code, word in () if verdicts is None else verdicts.said:
        found.note(f"issuer.{word}", rule=code)
