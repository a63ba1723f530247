"""Rules that ask the registry: may these two trade, do restrictions match, is it still valid.

Each is answered for the days of issue, export and arrival, and all answers are shown. Which day
decides is the receiver's published policy (arrival unless stated), except where the decision
itself lets goods pass that were under way.
"""

from __future__ import annotations

from collections.abc import Mapping

from kimberlite.certificates.model import Shipment
from kimberlite.certificates.ports import Trade
from kimberlite.certificates.rules.ruling import (
    BLOCKS,
    HOLDS,
    SPEAKS,
    Case,
    Ruling,
    SectionRule,
    holds_if,
)
from kimberlite.registry.model import Answer, Direction, Goods, Reason, Truth

_NEEDS = frozenset(("shipment", "registry"))
_REGISTRY = frozenset(("registry",))
NOT_LISTED_BUT = frozenset(("participant.territory-of", "participant.trading-entity"))
"""Reasons of the registry for codes that trade without being on the list themselves."""

_ORDER = (Truth.NO, Truth.CANNOT_TELL, Truth.YES)


def _ask(case: Case) -> tuple[Trade, Shipment]:
    assert case.registry is not None
    assert case.certificate.shipment is not None
    return case.registry, case.certificate.shipment


def policy(case: Case) -> str:
    """Give the day that decides by the receiver's practice: "issue", "export" or "arrival"."""
    assert case.registry is not None
    return case.registry.practice(case.receiver, case.days.latest).status_policy


def _pick(answers: Mapping[str, Answer], wanted: str) -> tuple[str, Answer]:
    """Give the answer of the wanted day; where that day is not known yet, of the latest one."""
    if wanted in answers:
        return wanted, answers[wanted]
    if wanted == "export" and "arrival" in answers:
        # The goods left on some day in between: only if nothing changed is the answer known.
        first, last = answers["issue"], answers["arrival"]
        if first.truth is last.truth:
            return wanted, last
        return wanted, Answer(Truth.CANNOT_TELL, (*last.reasons, *first.reasons))
    latest = list(answers)[-1]
    return latest, answers[latest]


def _decide(case: Case, answers: Mapping[str, Answer]) -> tuple[str, Answer]:
    """Find the day that decides: by the decision's own clause, else by the receiver's policy."""
    against = [answer for answer in answers.values() if answer.truth is not Truth.YES]
    reasons = [reason for answer in against for reason in answer.reasons]
    clauses = sorted({str(r.facts["decides"]) for r in reasons if r.facts.get("decides")})
    picked = [_pick(answers, wanted) for wanted in clauses or (policy(case),)]
    name, answer = min(picked, key=lambda each: _ORDER.index(each[1].truth))
    left = answers.get("export")
    under_way = any(reason.facts.get("transit_passes") for reason in answer.reasons)
    if answer.truth is not Truth.YES and under_way and left is not None and left.truth is Truth.YES:
        return "export", left
    return name, answer


def _allowed(case: Case, code: str, direction: Direction) -> Ruling:
    assert case.registry is not None
    registry = case.registry
    answers = {name: registry.may_trade(code, direction, day) for name, day in case.days.known()}
    decided_by, answer = _decide(case, answers)
    facts: dict[str, str | int] = {name: each.truth.value for name, each in answers.items()}
    return Ruling(answer.truth, {"code": code, **facts, "decided_by": decided_by}, answer.reasons)


def _may_export(case: Case) -> Ruling:
    return _allowed(case, case.certificate.issuer, Direction.EXPORT)


def _may_import(case: Case) -> Ruling:
    return _allowed(case, _ask(case)[1].destination, Direction.IMPORT)


def _destination_other(case: Case) -> Ruling:
    shipment = _ask_shipment(case)
    return holds_if(shipment.destination != case.certificate.issuer, code=shipment.destination)


def _ask_shipment(case: Case) -> Shipment:
    assert case.certificate.shipment is not None
    return case.certificate.shipment


def _listed(case: Case, code: str, day: int) -> Ruling | None:
    """Hold for a participant; a territory or trading entity is left to the rules on trade."""
    assert case.registry is not None
    answer = case.registry.listed(code, day)
    if answer.truth is Truth.NO and answer.reasons and answer.reasons[0].code in NOT_LISTED_BUT:
        return None
    return Ruling(answer.truth, {"code": code, "day": day}, answer.reasons)


def _destination_listed(case: Case) -> Ruling | None:
    return _listed(case, _ask(case)[1].destination, case.days.latest)


def _provenance_listed(case: Case) -> Ruling | None:
    provenance = _ask(case)[1].provenance
    if provenance == case.certificate.issuer:
        return None
    return _listed(case, provenance, case.days.issued)


def goods_of(case: Case) -> Goods:
    """Give what restrictions look at. Tokens shown in clear count beside the sealed localities."""
    seen, shipment = case.certificate, _ask_shipment(case)
    disclosed = shipment.origin_mode != "mixed-undisclosed"
    places = [place for origin in shipment.origins for place in origin.localities]
    companies = seen.token("company")
    lots = [int(text) for text in seen.token("lot") if text.isascii() and text.isdigit()]
    exporter = "" if seen.parties is None else seen.parties.exporter.name
    heaviest = None if seen.values is None else seen.values.heaviest
    return Goods(
        issuer=seen.issuer,
        destination=shipment.destination,
        origins=tuple(origin.country for origin in shipment.origins) if disclosed else None,
        provenance=shipment.provenance,
        issued=seen.issued,
        left=case.days.exported,
        localities=(*places, *seen.token("zone"), *seen.token("locality")),
        company=companies[0] if companies else exporter,
        lot=lots[0] if lots else None,
        heaviest_points=None if heaviest is None else heaviest.points,
        left_origin=shipment.left_origin,
        approval=", ".join(seen.token("approval")),
    )


def _as_answer(reasons: tuple[Reason, ...]) -> Answer:
    """Turn matching restrictions into an answer to "is trade in these goods free of them"."""
    if any(reason.truth is Truth.YES for reason in reasons):
        return Answer(Truth.NO, reasons)
    if any(reason.truth is Truth.CANNOT_TELL for reason in reasons):
        return Answer(Truth.CANNOT_TELL, reasons)
    return Answer(Truth.YES, reasons)


def _unrestricted(case: Case) -> Ruling:
    registry, _ = _ask(case)
    goods = goods_of(case)
    answers = {
        name: _as_answer(registry.restricted(goods, day, case.receiver))
        for name, day in case.days.known()
    }
    decided_by, answer = _decide(case, answers)
    facts: dict[str, str | int] = {name: each.truth.value for name, each in answers.items()}
    matched = ", ".join(dict.fromkeys(reason.code for reason in answer.reasons))
    return Ruling(answer.truth, {**facts, "decided_by": decided_by, "by": matched}, answer.reasons)


def _in_time(case: Case) -> Ruling | None:
    """Hold when the day that the issuer's practice looks at is not after expiry."""
    assert case.registry is not None
    seen, days = case.certificate, case.days
    governs = case.registry.practice(seen.issuer, seen.issued).expiry_governs
    day = days.exported if governs == "export" else days.arrived
    facts: dict[str, str | int] = {"expires": seen.expires, "governs": governs}
    if day is not None:
        return holds_if(day <= seen.expires, **facts, day=day)
    if days.latest <= seen.expires:
        return HOLDS
    # Past expiry, and the day that counts was not shown.
    return Ruling(Truth.CANNOT_TELL if governs == "export" else Truth.NO, facts)


def _length(case: Case) -> Ruling:
    assert case.registry is not None
    seen = case.certificate
    usual = case.registry.practice(seen.issuer, seen.issued).validity_days
    days = seen.expires - seen.issued
    return holds_if(days <= usual, days=days, usual=usual)


_TRADE = "KPCS Core Document, Section III(c)"
_ANNEX = "KPCS Core Document, Annex I.A (expiry)"
_PRACTICE = "national practice of the issuer, as stated in the log"

RULES = (
    SectionRule("destination.other", _TRADE, BLOCKS, frozenset(("shipment",)), _destination_other),
    SectionRule("destination.listed", _TRADE, BLOCKS, _NEEDS, _destination_listed),
    SectionRule("issuer.may-export", _TRADE, BLOCKS, _REGISTRY, _may_export),
    SectionRule("destination.may-import", _TRADE, BLOCKS, _NEEDS, _may_import),
    SectionRule(
        "goods.restricted", "the restriction's own text, in the log", BLOCKS, _NEEDS, _unrestricted
    ),
    SectionRule("provenance.listed", _TRADE, SPEAKS, _NEEDS, _provenance_listed),
    SectionRule("validity.expiry", _ANNEX, SPEAKS, _REGISTRY, _in_time),
    SectionRule("validity.length", _PRACTICE, SPEAKS, _REGISTRY, _length),
)
