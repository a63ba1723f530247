"""Checks on a certificate that is genuine or claims to be: days, places, state, contents."""

from __future__ import annotations

from collections.abc import Mapping

from kimberlite.certificates.likeness import DEMO, look_alike, mixed_scripts
from kimberlite.certificates.model import Certificate
from kimberlite.certificates.rules import Days, assess
from kimberlite.certificates.transitions import Status
from kimberlite.certificates.trust import Range, Snapshot, Trader
from kimberlite.certificates.v1.rows import key_of
from kimberlite.certificates.verdict import VerdictReason, Weight
from kimberlite.kernel.ids import PARTICIPANT, CertificateNumber
from kimberlite.registry.model import Truth

AHEAD = 1
"""Days by which a national calendar may run ahead of UTC."""

_ENDED = frozenset((Status.REPLACED, Status.VOID, Status.ANNULLED))
_CODE_OF = {
    Status.DISPATCHED: "certificate.dispatched-before",
    Status.PRESENTED: "certificate.presented-before",
    Status.CONFIRMED: "certificate.confirmed-before",
    Status.REFUSED: "certificate.refused-before",
    Status.DETAINED: "certificate.detained-before",
    Status.SEIZED: "certificate.seized-before",
    Status.REPLACED: "certificate.replaced",
    Status.VOID: "certificate.void",
    Status.LOST: "certificate.lost",
    Status.ANNULLED: "certificate.annulled",
}
_QUIET = frozenset((Status.ISSUED, Status.DISPATCHED))


class Findings:
    """Collects reasons in the order in which they are found."""

    def __init__(self) -> None:
        self._found: list[VerdictReason] = []

    def for_(self, code: str, /, **facts: str | int) -> None:
        """Add a reason for."""
        self._found.append(VerdictReason(code, Weight.FOR, facts))

    def note(self, code: str, /, **facts: str | int) -> None:
        """Add what has to be said without weighing."""
        self._found.append(VerdictReason(code, Weight.NOTE, facts))

    def doubt(self, code: str, /, **facts: str | int) -> None:
        """Add a reason why this cannot be told."""
        self._found.append(VerdictReason(code, Weight.DOUBT, facts))

    def against(self, code: str, /, **facts: str | int) -> None:
        """Add a reason against."""
        self._found.append(VerdictReason(code, Weight.AGAINST, facts))

    def reasons(self) -> tuple[VerdictReason, ...]:
        """List them, the weightiest first, in the order found within a weight."""
        order = (Weight.AGAINST, Weight.DOUBT, Weight.NOTE, Weight.FOR)
        return tuple(sorted(self._found, key=lambda each: order.index(each.weight)))


def judge_certificate(
    found: Findings,
    certificate: Certificate,
    snapshot: Snapshot,
    *,
    today: int,
    receiver: str | None,
) -> None:
    """Check what the certificate says against the day, the receiver and the bundle's snapshot.

    ``today`` counts from 1970. Without the participants' part of the bundle, trade is not judged.
    """
    traders = snapshot.traders
    _judge_days(found, certificate, traders, today)
    _judge_state(found, certificate, snapshot)
    _judge_names(found, certificate)
    shipment = certificate.shipment
    if shipment is not None and receiver is not None and shipment.destination != receiver:
        found.against("destination.another", destination=shipment.destination, receiver=receiver)
    if traders is None:
        found.note("participants.unknown")
    else:
        _judge_trade(found, certificate, traders)
    # The registry's rules need a log; what the papers themselves answer is asked here.
    said = assess(certificate, None, Days(certificate.issued))
    for each in (*said.broken, *said.doubtful):
        found.doubt(each.code, **each.ruling.facts)


def _judge_days(
    found: Findings, certificate: Certificate, traders: Mapping[str, Trader] | None, today: int
) -> None:
    if certificate.issued > today + AHEAD:
        found.doubt("certificate.future", issued=certificate.issued, today=today)
    if today <= certificate.expires:
        return
    trader = None if traders is None else traders.get(certificate.issuer)
    governs = "arrival" if trader is None else trader.expiry_governs
    facts: dict[str, str | int] = {"expires": certificate.expires, "governs": governs}
    if governs == "export":
        # It had to leave in time; when it left is not on the certificate.
        found.doubt("certificate.expired", **facts)
    else:
        found.against("certificate.expired", **facts)


def _judge_state(found: Findings, certificate: Certificate, snapshot: Snapshot) -> None:
    status = snapshot.status
    if status is None:
        found.note("status.unknown")
        return
    known = status.number(key_of(certificate.number))
    if known is None or known.status in _QUIET:
        return
    code = _CODE_OF[known.status]
    if known.status in _ENDED:
        found.against(code, index=known.index)
    else:
        found.doubt(code, index=known.index)


def judge_range(
    found: Findings, certificate: Certificate, ranges: tuple[Range, ...] | None, as_of: int
) -> None:
    """Check the number of a certificate that nothing shows to be in the log, as the log would.

    ``as_of`` is the day up to which the ranges are known.
    """
    if ranges is None:
        return
    number = CertificateNumber.parse(certificate.number)
    told = (number.prefix, number.serial, certificate.issued)
    holders = {each.holder for each in ranges if each.holds(*told)}
    if certificate.issuer in holders:
        return
    owners = {each.holder for each in ranges if each.prefix == number.prefix}
    if owners and certificate.issuer not in owners:
        found.against("certificate.prefix", prefix=number.prefix)
    elif certificate.issued >= as_of:
        # It may have been notified since.
        found.doubt("certificate.range", number=certificate.number)
    else:
        found.against("certificate.range", number=certificate.number)


def judge_issuer(
    found: Findings, issuer: str, kind: str, traders: Mapping[str, Trader] | None
) -> None:
    """Check whether the issuer is taken for another, or stands for no state at all."""
    if kind == "prod" and DEMO.fullmatch(issuer):
        found.against("issuer.demo", code=issuer)
    if traders is None or PARTICIPANT.fullmatch(issuer) is None:
        return
    like = look_alike(issuer, traders)
    if like is not None:
        found.against("issuer.look-alike", code=issuer, like=like)


def _judge_names(found: Findings, certificate: Certificate) -> None:
    parties = certificate.parties
    names = [certificate.office]
    if parties is not None:
        names += [parties.exporter.name, parties.importer.name]
    for name in names:
        word = mixed_scripts(name)
        if word is not None:
            found.doubt("name.mixed-scripts", word=word)


def _judge_trade(found: Findings, certificate: Certificate, traders: Mapping[str, Trader]) -> None:
    may_export = _answer(traders, certificate.issuer, "may_export")
    if may_export is not Truth.YES:
        found.doubt("issuer.may-export", code=certificate.issuer, answer=may_export.value)
    if certificate.shipment is None:
        return
    code = certificate.shipment.destination
    may_import = _answer(traders, code, "may_import")
    if may_import is not Truth.YES:
        found.doubt("destination.may-import", code=code, answer=may_import.value)


def _answer(traders: Mapping[str, Trader], code: str, which: str) -> Truth:
    """Give the bundle's answer; whoever it does not name is no trader as of its day."""
    trader = traders.get(code)
    if trader is None:
        return Truth.NO
    return trader.may_export if which == "may_export" else trader.may_import
