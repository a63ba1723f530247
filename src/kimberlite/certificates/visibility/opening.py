"""The dated policy that opens a shipment to all participants: data that both sides stated.

Each participant may state in its practice how many days after confirmation what was shipped may
be given to all. The more closed always counts: both sides must have said so, on the day of issue
(traders relied on it) and today (it may be taken back), and the longest of these terms is meant.
Source: ours, docs/decisions; KPCS Core Document, Section V, leaves it open.
"""

from __future__ import annotations

from typing import Protocol

from kimberlite.certificates.visibility.matrix import CLOSED, Policy
from kimberlite.registry.model import Practice


class Practices(Protocol):
    """What is asked of the registry. ``registry.read.Registry`` is one."""

    def practice(self, code: str, day: int) -> Practice:
        """Give the practice of ``code`` on ``day``."""


def policy_of(
    registry: Practices, issuer: str, destination: str, *, issued: int, today: int
) -> Policy:
    """Give the policy for a certificate; closed where one side is silent or not known.

    Args:
        registry: where practices are stated.
        issuer, destination: codes; "" for a destination that the asker does not know.
        issued, today: days since 1970.
    """
    if not destination:
        return CLOSED
    terms = [
        registry.practice(code, day).shipment_opens_days
        for code in (issuer, destination)
        for day in (issued, today)
    ]
    return Policy(opens_after=max(terms)) if all(terms) else CLOSED
