"""Checks on a certificate that is genuine or claims to be: days, places, state, contents."""

from __future__ import annotations

from collections.abc import Mapping

from kimberlite.certificates.likeness import DEMO, look_alike, mixed_scripts
from kimberlite.certificates.model import Certificate
from kimberlite.certificates.rules import Days, assess
from kimberlite.certificates.standing import Trader, ask
from kimberlite.certificates.transitions import Status
from kimberlite.certificates.trust import Range, Snapshot
from kimberlite.certificates.v1.rows import key_of
from kimberlite.certificates.verdict import VerdictReason, Weight, weighed
from kimberlite.kernel.ids import PARTICIPANT, CertificateNumber
from kimberlite.registry.model import Direction, Truth

_OUT, _IN = Direction.EXPORT, Direction.IMPORT
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
    Status.REPORTED: "certificate.reported-before",
    Status.SENT_BACK: "certificate.sent-back",
    Status.RETURNED: "certificate.returned",
    Status.FORFEITED: "certificate.forfeited",
    Status.DISPOSED: "certificate.disposed",
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
        return weighed(self._found)


def judge_certificate(
    found: Findings,
    certificate: Certificate,
    snapshot: Snapshot,
    *,
    today: int,
    arrived: int,
    receiver: str | None,
) -> None:
    """Check what the certificate says against the days, the receiver and the bundle's snapshot.

    ``today`` and ``arrived`` count from 1970. Without the participants' part of the bundle, trade
    is not judged.
    """
    if certificate.issued > today + AHEAD:
        found.doubt("certificate.future", issued=certificate.issued, today=today)
    _judge_expiry(found, certificate, snapshot.traders, arrived)
    _judge_state(found, certificate, snapshot)
    _judge_names(found, certificate)
    shipment = certificate.shipment
    if shipment is not None and receiver is not None and shipment.destination != receiver:
        found.against("destination.another", destination=shipment.destination, receiver=receiver)
    if snapshot.traders is None:
        found.note("participants.unknown")
    else:
        _judge_trade(found, certificate, snapshot, arrived)
    # The registry's rules need a log; what the papers themselves answer is asked here.
    said = assess(certificate, None, Days(certificate.issued))
    for each in (*said.broken, *said.doubtful):
        found.doubt(each.code, **each.ruling.facts)


def _judge_expiry(
    found: Findings, certificate: Certificate, traders: Mapping[str, Trader] | None, arrived: int
) -> None:
    if arrived <= certificate.expires:
        return
    trader = None if traders is None else traders.get(certificate.issuer)
    governs = "arrival" if trader is None else trader.on(arrived).expiry_governs
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
    if known is None:
        return
    if known.held:
        found.doubt("certificate.held", index=known.index)
    if known.status in _QUIET:
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


def _judge_trade(
    found: Findings, certificate: Certificate, snapshot: Snapshot, arrived: int
) -> None:
    """Check whether both may trade, on the days that count for these papers."""
    traders, shipment = snapshot.traders or {}, certificate.shipment
    days = (certificate.issued, arrived)
    issuer = certificate.issuer
    receiver = issuer if shipment is None else shipment.destination
    # Which day decides is the receiver's policy; without an open section it is not known.
    policy = "arrival"
    if shipment is not None and receiver in traders:
        policy = traders[receiver].on(arrived).policy
    answers = [("issuer.may-export", issuer, ask(traders.get(issuer), _OUT, *days, policy))]
    if shipment is not None:
        told = ask(traders.get(receiver), _IN, *days, policy)
        answers.append(("destination.may-import", receiver, told))
    for code, who, answer in answers:
        if answer.truth is not Truth.YES:
            found.doubt(code, code=who, answer=answer.truth.value)
        if not answer.plain:
            found.note("trade.days", **answer.facts(who))
    _recall_restrictions(found, certificate, snapshot, arrived)


def _recall_restrictions(
    found: Findings, certificate: Certificate, snapshot: Snapshot, arrived: int
) -> None:
    """Remind of restrictions then in force; which goods they catch is for the registry."""
    shipment = certificate.shipment
    codes = {certificate.issuer}
    if shipment is not None:
        codes |= {shipment.provenance, shipment.destination}
        codes |= {each.country for each in shipment.origins}
    first, last = sorted((certificate.issued, arrived))
    for each in snapshot.restrictions:
        if each.touches(codes, first, last):
            found.note("trade.restriction", restriction=each.id, code=each.country)
