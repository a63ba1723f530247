"""Puts a question to the registry as it stands: the rules are those of signer and destination."""

from __future__ import annotations

from dataclasses import dataclass, replace

from kimberlite.certificates.model import (
    Certificate,
    Origin,
    Parties,
    Party,
    Shipment,
    ShipmentLine,
    Token,
    ValueLine,
    Values,
)
from kimberlite.certificates.rules import Assessment, Days, Said, assess
from kimberlite.kernel.quantity import Carats, UsdCents
from kimberlite.node.cases.model import (
    ALLOWED,
    CANNOT_TELL,
    CONTESTED,
    REFUSED,
    Ask,
    Consignment,
    Dispute,
    Outcome,
    Question,
    View,
)
from kimberlite.registry.asof import show
from kimberlite.registry.model import Answer, Direction, Goods, Practice, Reason, Truth
from kimberlite.registry.read import Registry
from kimberlite.registry.timeline import Dated

NOBODY = "nobody"
_HS = "7102.31"
_MASS, _VALUE = Carats(500_00), UsdCents(50_000_00)
_VALID = 60
_PEOPLE = Party("Hypothetical trader", "Nowhere")
_SHOWN = "issuer.may-export"
_RESTRICTIONS = "goods.restricted"
_DISPUTE = "restriction.contested"


@dataclass(frozen=True, slots=True)
class AsKnown:
    """The registry as it was known on a day, to those who only ask about days."""

    registry: Registry
    on: int

    def listed(self, code: str, day: int, known: int | None = None) -> Answer:
        """Say whether ``code`` was known to be a participant."""
        return self.registry.listed(code, day, self.on if known is None else known)

    def may_trade(
        self, code: str, direction: Direction, day: int, known: int | None = None
    ) -> Answer:
        """Say whether ``code`` was known to be free to export or import."""
        return self.registry.may_trade(code, direction, day, self.on if known is None else known)

    def restricted(
        self, goods: Goods, day: int, receiver: str, known: int | None = None
    ) -> tuple[Reason, ...]:
        """List the restrictions that were known to catch ``goods``."""
        on = self.on if known is None else known
        return self.registry.restricted(goods, day, receiver, on)

    def practice(self, code: str, day: int) -> Practice:
        """Give the national practice as it was known."""
        return self.registry.practice(code, day, self.on)


def ask(question: Question, registry: Registry) -> Outcome:
    """Answer ``question`` from ``registry`` as it stands."""
    if question.ask is Ask.LISTED:
        return _listed(registry, question)
    if question.ask is Ask.CHAIR:
        return _chair(registry, question)
    consignment = question.consignment
    assert consignment is not None
    return _shipped(registry, consignment)


def _listed(registry: Registry, question: Question) -> Outcome:
    answer = registry.listed(question.code, question.day)
    rule_source = "KPCS Core Document, Section I (participant)"
    return Outcome(answer.truth.value, "participant.listed", rule_source, answer.reasons)


def _chair(registry: Registry, question: Question) -> Outcome:
    found = registry.chair(question.day)
    source = "KPCS Core Document, Section VI.4" if found is None else found.record.source
    return Outcome(NOBODY if found is None else found.code, "organ.chair", source)


def certificate_of(consignment: Consignment) -> Certificate:
    """Make the certificate that ``consignment`` would have: sound in all that is not asked about.

    It is a value for the rules to look at; nothing signs it, and its serial number is 0.
    """
    origins = tuple(Origin(code, localities=consignment.localities) for code in consignment.origins)
    mode = {0: "mixed-undisclosed", 1: "single"}.get(len(origins), "mixed-listed")
    heaviest = None if consignment.heaviest is None else Carats(consignment.heaviest)
    return Certificate(
        number=f"{consignment.issuer}0",
        issuer=consignment.issuer,
        kind="ordinary",
        issued=consignment.issued,
        expires=consignment.issued + _VALID,
        original="paper",
        tokens=tuple(Token(kind, text) for kind, text in consignment.tokens),
        form="hypothetical",
        shipment=Shipment(
            destination=consignment.to,
            origin_mode=mode,
            origins=origins,
            provenance=consignment.issuer,
            lines=(ShipmentLine(_HS, 1),),
            parcels=1,
            left_origin=consignment.left_origin,
        ),
        values=Values((ValueLine(_HS, _MASS, _VALUE),), heaviest=heaviest),
        parties=Parties(_PEOPLE, _PEOPLE, ("hypothetical",)),
    )


def _shipped(registry: Registry, consignment: Consignment) -> Outcome:
    certificate = certificate_of(consignment)
    days = Days(consignment.issued, consignment.left, consignment.arrived)
    outcome = decide(assess(certificate, registry, days))
    reason = outcome.reasons[0] if outcome.reasons else None
    if reason is None or not reason.contested_by or _met(outcome, reason):
        return outcome
    disputed = _disputed(registry, reason, days.latest)
    told = tuple(_dispute(each) for each in disputed)
    outcome = replace(outcome, disputes=told or (Dispute("", "", reason.contested_by, ""),))
    notice = next(
        (each for each in disputed if show(each.when) == reason.facts.get("notice")), None
    )
    if outcome.decision != CONTESTED or notice is None:
        return outcome
    # What held on the eve of the notice is one view; the notice, which differs, is the other.
    eve = AsKnown(registry, notice.when.earliest - 1)
    before = decide(assess(certificate, eve, days)).decision
    views = (
        View(", ".join(notice.record.contested_by), before),
        View(f"the notice of {show(notice.when)}", REFUSED if before == ALLOWED else ALLOWED),
    )
    return replace(outcome, views=views)


def _met(outcome: Outcome, reason: Reason) -> bool:
    """Say whether the goods meet conditions of which something is contested: they pass anyhow."""
    return outcome.decision == ALLOWED and reason.code == "trade.conditions"


def _disputed(registry: Registry, reason: Reason, day: int) -> tuple[Dated, ...]:
    """List what was said by ``day`` about the restriction behind ``reason`` and is contested."""
    if "restriction" not in reason.facts:
        return ()
    return tuple(
        each
        for each in registry.history(str(reason.facts["country"]))
        if each.record.contested_by
        and each.facts.get("restriction") == reason.facts["restriction"]
        and each.when.earliest <= day
        and set(each.record.contested_by) <= set(reason.contested_by)
    )


def _dispute(each: Dated) -> Dispute:
    return Dispute(show(each.when), each.text, each.record.contested_by, each.record.source)


def decide(assessment: Assessment) -> Outcome:
    """Say what an assessment comes to: the worst that a rule which forbids issue says.

    A rule that cannot tell gives ``contested`` where that is because a notice is contested.
    """
    bars = [each for each in assessment.said if each.blocks]
    doubtful = [each for each in bars if each.truth is Truth.CANNOT_TELL]
    for each in bars:
        if each.truth is Truth.NO:
            return _outcome(REFUSED, each)
    for each in doubtful:
        if not _for_a_notice(each):
            return _outcome(CANNOT_TELL, each)
    for each in doubtful:
        return _outcome(CONTESTED, each)
    for each in bars:
        if each.code == _RESTRICTIONS and each.ruling.reasons:
            return _outcome(ALLOWED, each)  # it passes by a decision that is contested
    return _outcome(ALLOWED, next(each for each in bars if each.code == _SHOWN))


def _for_a_notice(said: Said) -> bool:
    """Say whether a rule cannot tell for no other reason than a contested notice."""
    doubts = [each.code for each in said.ruling.reasons if each.truth is Truth.CANNOT_TELL]
    return set(doubts) == {_DISPUTE}


def _leading(said: Said) -> tuple[Reason, ...]:
    """Give the reasons with the one that decides first; for a yes, the most particular one."""
    reasons = said.ruling.reasons
    if said.truth is Truth.YES:
        return tuple(reversed(reasons))
    restricts = said.code == _RESTRICTIONS and said.truth is Truth.NO
    wanted = Truth.YES if restricts else said.truth
    return tuple(sorted(reasons, key=lambda each: each.truth is not wanted))


def _outcome(decision: str, said: Said) -> Outcome:
    day = said.ruling.facts.get("decided_by", "")
    return Outcome(decision, said.code, said.source, _leading(said), str(day))
