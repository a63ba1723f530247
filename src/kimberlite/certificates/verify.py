"""Verify a certificate file with a trust bundle and nothing else: no node, no network, no clock.

Source: docs/spec/certificate.md (verification).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kimberlite.certificates.checks import Findings, judge_certificate, judge_issuer, judge_range
from kimberlite.certificates.file import CertificateFile, parse_file
from kimberlite.certificates.knowledge import (
    judge_knowledge,
    judge_receipt,
    known_as_of,
    known_size,
)
from kimberlite.certificates.model import Certificate
from kimberlite.certificates.status import StatusChain
from kimberlite.certificates.trust import Snapshot, read_snapshot
from kimberlite.certificates.v1.issue import TYP as CERTIFICATE_TYP
from kimberlite.certificates.v1.rows import key_of
from kimberlite.certificates.verdict import Verdict, result_of
from kimberlite.kernel.days import day_of
from kimberlite.kernel.errors import Invalid, Problem
from kimberlite.ledger.bundle import TrustBundle
from kimberlite.ledger.sections import require


class Verifier:
    """Checks many files against one bundle and status snapshots, which are read once.

    Raises:
        Invalid: ``bundle.part`` when this room's parts of the bundle do not read.
        Untrusted, Invalid: as ``status.chain`` for the snapshots.
    """

    def __init__(self, bundle: TrustBundle, status: Sequence[bytes] = ()) -> None:
        self._bundle = bundle
        self._snapshot = read_snapshot(bundle, status)

    @property
    def status_size(self) -> int:
        """How many entries the status takes into account; 0 without one."""
        status = self._snapshot.status
        return 0 if status is None else status.size

    @property
    def bundle(self) -> TrustBundle:
        """The bundle against which files are checked."""
        return self._bundle

    def verify(
        self, file: bytes, today: int, receiver: str | None = None, arrived: int | None = None
    ) -> Verdict:
        """Check one file; as the function ``verify``."""
        if arrived is not None and arrived > today:
            raise Invalid("verify.arrived", "the goods arrive on a day that is not over yet")
        arrival = today if arrived is None else arrived
        read = parse_file(file)
        bundle, snapshot = self._bundle, self._snapshot
        found = Findings()
        judge_knowledge(found, bundle, snapshot.status, today)
        genuine = _judge_signature(found, read, bundle)
        judge_issuer(found, read.statement.header.iss, bundle.kind, snapshot.traders)
        index = _judge_registration(found, read, bundle, snapshot)
        _judge_key(found, read, bundle, snapshot, index)
        sections, intact = _open(found, read)
        certificate = None
        header = read.statement.header
        if header.typ == CERTIFICATE_TYP and intact is not None:
            certificate = Certificate.of(header.iss, read.named, sections)
            judge_certificate(
                found, certificate, snapshot, today=today, arrived=arrival, receiver=receiver
            )
            if index is None:
                judge_range(found, certificate, snapshot.ranges, day_of(bundle.contents.as_of))
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
            # A report on blanks is about a series, and its subject says which.
            number=read.named.get("number", header.sub),
            issuer=header.iss,
            typ=header.typ,
            statement=read.statement.id,
            reasons=reasons,
            proves=tuple(key for key, shown in proofs if shown),
            as_of=(as_of := known_as_of(bundle, snapshot.status)),
            age_days=max(0, today - day_of(as_of)),
            certificate=certificate,
        )


def verify(
    file: bytes,
    bundle: TrustBundle,
    today: int,
    receiver: str | None = None,
    *,
    status: Sequence[bytes] = (),
    arrived: int | None = None,
) -> Verdict:
    """Check a certificate file against what ``bundle`` and status snapshots know.

    Args:
        file: a certificate file (".kpc").
        bundle: a bundle that ``ledger.bundle.verify`` accepted.
        today: the day of the check, in days since 1970; clocks are the caller's affair.
        receiver: the participant for whom the check is made, if the certificate has to be
            addressed to it.
        status: status snapshots carried beside the bundle, in any order.
        arrived: the day on which the goods arrived, where that was before ``today``.

    Raises:
        Invalid: as ``parse_file`` for what is not a certificate file; ``bundle.part``;
            ``verify.arrived`` for an arrival after ``today``.
        Untrusted, Invalid: as ``status.chain``.
    """
    return Verifier(bundle, status).verify(file, today, receiver, arrived)


def _judge_signature(found: Findings, read: CertificateFile, bundle: TrustBundle) -> bool:
    """Say whether the issuer named in the header signed this, by a key of the log."""
    statement = read.statement
    header = statement.header
    number = read.named.get("number")
    if number is not None and header.sub != key_of(number):
        found.against("certificate.subject", sub=header.sub, number=number)
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
    indexes = {_receipt_index(found, each, read, bundle, snapshot) for each in read.receipts}
    bad = None in indexes
    shown = sorted(index for index in indexes if index is not None)
    if len(shown) > 1:
        found.against("receipt.disagree", first=shown[0], second=shown[1])
    status = snapshot.status
    header = read.statement.header
    known = None if status is None else status.number(header.sub)
    if known is not None and header.typ == CERTIFICATE_TYP:
        if not known.is_of(read.statement.id):
            found.against("certificate.number-used", index=known.index)
        elif not shown and not bad:
            found.for_("registration.snapshot", index=known.index)
            shown = [known.index]
    if shown and not bad:
        return shown[0]
    if not bad:
        if status is not None and known is None and _ought_to_be_named(read, status):
            found.doubt("registration.absent", size=status.size)
        else:
            found.doubt("registration.not-shown")
    return None


def _ought_to_be_named(read: CertificateFile, status: StatusChain) -> bool:
    """Say whether a status names every logged certificate such as this one."""
    if read.statement.header.typ != CERTIFICATE_TYP or not status.names(read.named["expires"]):
        return False
    issued: int = read.named["issued"]
    return issued < day_of(status.as_of)


def _receipt_index(
    found: Findings,
    receipt: bytes,
    read: CertificateFile,
    bundle: TrustBundle,
    snapshot: Snapshot,
) -> int | None:
    try:
        facts = judge_receipt(receipt, read.statement.raw, bundle, snapshot.status)
    except Problem as bad:
        found.against(bad.code, **(bad.facts if bad.code == "log.split-view" else {}))
        return None
    if facts.size > (known := known_size(bundle, snapshot.status)):
        found.doubt("bundle.older-than-receipt", bundle=known, receipt=facts.size)
    found.for_("registration.shown", index=facts.index, size=facts.size)
    return facts.index


def _judge_key(
    found: Findings,
    read: CertificateFile,
    bundle: TrustBundle,
    snapshot: Snapshot,
    index: int | None,
) -> None:
    statement, status = read.statement, snapshot.status
    header = statement.header
    disowned = bundle.contents.repudiated.get((header.iss, statement.id))
    if disowned is None and status is not None:
        disowned = status.repudiated(header.iss, statement.id)
    if disowned is not None:
        found.against("statement.repudiated", index=disowned)
    key = bundle.keys.get(header.kid)
    if key is None:
        return
    until = key.until
    if until is None and status is not None:
        until = status.ended(header.kid)
    if index is not None:
        if index < key.since or (until is not None and index >= until):
            found.against("key.not-valid", since=key.since, until=-1 if until is None else until)
    elif until is not None:
        _judge_ended(found, read, status, until)


def _judge_ended(
    found: Findings, read: CertificateFile, status: StatusChain | None, until: int
) -> None:
    """Judge what an ended key signed and nothing shows to be in the log."""
    if (
        status is not None
        and status.size >= until
        and read.statement.header.typ == CERTIFICATE_TYP
        and status.names(read.named["expires"])
        and status.number(read.statement.header.sub) is None
    ):
        # All that it could sign with effect was logged by then, and this was not.
        found.against("key.revoked-unlogged", until=until, size=status.size)
    else:
        found.doubt("key.revoked", until=until)


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
