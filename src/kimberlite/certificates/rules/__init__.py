"""Section rules, version 1: run on open sections by issuer, signer and destination.

``assess`` for a certificate, ``assess_arrival`` for a confirmation of one. Both are pure.
"""

from __future__ import annotations

from functools import cache

from kimberlite.certificates.model import Certificate, Confirmation
from kimberlite.certificates.ports import Trade
from kimberlite.certificates.rules import arrival, content, packing, trade
from kimberlite.certificates.rules.ruling import (
    RULESET,
    Assessment,
    Case,
    Days,
    Ruling,
    Said,
    SectionRule,
    at_hand,
    blocking,
)

__all__ = [
    "ARRIVAL_RULES",
    "ISSUE_RULES",
    "RULESET",
    "Assessment",
    "Case",
    "Days",
    "Ruling",
    "Said",
    "SectionRule",
    "assess",
    "assess_arrival",
    "blocking",
]

ISSUE_RULES: tuple[SectionRule, ...] = (*content.RULES, *packing.RULES, *trade.RULES)
ARRIVAL_RULES: tuple[SectionRule, ...] = arrival.RULES
"""What is asked before issue, and what is asked besides on arrival."""

_SETS = {"issue": ISSUE_RULES, "arrival": (*ISSUE_RULES, *ARRIVAL_RULES)}


def assess(
    certificate: Certificate,
    registry: Trade | None,
    days: Days,
    receiver: str | None = None,
) -> Assessment:
    """Run every rule on a certificate whose sections are open.

    Args:
        certificate: what is open of it; rules whose sections are closed end in ``unseen``.
        registry: the registry's answers, or None to run only what the papers answer themselves.
        days: of issue, export and arrival, as far as known.
        receiver: whose practice decides; by default the destination.

    Source: docs/spec/certificate.md.
    """
    return _run("issue", _case(certificate, registry, days, receiver))


def assess_arrival(
    certificate: Certificate,
    confirmation: Confirmation,
    registry: Trade | None,
    *,
    exported: int | None = None,
) -> Assessment:
    """Run every rule on what was found on arrival, and the trade rules as of that day.

    Args:
        certificate: the certificate, as far as the receiver could open it.
        confirmation: what the receiver is about to say, or has said.
        registry: the registry's answers, or None.
        exported: the day on which the goods left, if the papers show it.
    """
    days = Days(certificate.issued, exported, confirmation.arrived)
    case = _case(certificate, registry, days, confirmation.holder, confirmation)
    return _run("arrival", case)


def _case(
    certificate: Certificate,
    registry: Trade | None,
    days: Days,
    receiver: str | None,
    confirmation: Confirmation | None = None,
) -> Case:
    if receiver is None:
        shipment = certificate.shipment
        receiver = certificate.issuer if shipment is None else shipment.destination
    return Case(certificate, days, receiver, registry, confirmation)


@cache
def _split(which: str, offered: frozenset[str]) -> tuple[tuple[SectionRule, ...], tuple[str, ...]]:
    """Part the rules that can run on what is at hand from the codes of those that cannot."""
    rules = _SETS[which]
    runs = tuple(rule for rule in rules if rule.needs <= offered)
    return runs, tuple(rule.code for rule in rules if not rule.needs <= offered)


def _run(which: str, case: Case) -> Assessment:
    runs, unseen = _split(which, at_hand(case))
    said = [
        Said(rule.code, rule.source, rule.blocks, ruling)
        for rule in runs
        if (ruling := rule.check(case)) is not None
    ]
    return Assessment(tuple(said), unseen)
