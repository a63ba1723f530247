"""What is kept where and for how long, and from which day a certificate's openings may be erased.

The scheme asks that originals be kept for at least three years; a participant may state a longer
term of its own. The log keeps digests for ever, so what is personal or commercial stands in
openings, which can go. ``docs/spec/retention.md`` is written from here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from kimberlite.certificates.life import CertificateLife
from kimberlite.certificates.transitions import Status
from kimberlite.kernel.days import day_of, years_after

LEAST_YEARS: Final = 3
"""Source: KPCS Core Document, Section III(b): originals accessible for at least three years."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One kind of thing that is kept: where, for how long, what an erasure does to it."""

    what: str
    where: str
    term: str
    erasure: str
    source: str


KEPT: Final = (
    Kept(
        "statements: header, log section, digests, verdicts, signature",
        "log, its mirrors, backups of it",
        "for ever",
        "stays: it proves what was signed, and says nothing of what was sealed",
        "ours: decision 0001",
    ),
    Kept(
        "openings of sealed sections (shipment, values, parties, findings, journey)",
        "vault, sealed to each authority",
        "three years or the longer national term, from the last act",
        "every copy here goes; the day stays, and it cannot be put back",
        "KPCS Core Document, Section III(b)",
    ),
    Kept(
        "scans and photos",
        "vault",
        "as the openings that name them",
        "go with the openings",
        "KPCS Core Document, Section III(b)",
    ),
    Kept(
        "applications, openings in drafts, presented files, officers' notes",
        "operational store",
        "as the openings",
        "overwritten in the database file; the act stays with type, number and day",
        "ours: docs/decisions",
    ),
    Kept(
        "approvals: officers' pseudonyms and signatures",
        "operational store and signer's journal",
        "for ever: the statement commits to them",
        "stay: pseudonyms, and digests of what was approved",
        "ours: decision 0012",
    ),
    Kept(
        "who was given an opening later, on which ground",
        "operational store",
        "for ever",
        "stays: it holds no content",
        "ours: docs/decisions",
    ),
    Kept(
        "erasures: number, digests, ground, order, officer's pseudonym, day",
        "erasures/ of the node, backups of it",
        "for ever",
        "stays: a restore repeats every one of them",
        "ours: docs/decisions",
    ),
    Kept(
        "tables for questions",
        "projections",
        "until made anew from the log",
        "nothing to erase: they hold log sections alone",
        "ours: decision 0010",
    ),
    Kept(
        "backups",
        "where the operator keeps them",
        "as the operator's rotation says; not longer than openings may be kept",
        "not reached: rotate them; a restore repeats erasures",
        "ours: docs/how-to/operator.md",
    ),
    Kept(
        "papers, PDFs, certificate files, dossiers handed out",
        "with whoever holds them",
        "as their holder's law says",
        "not reached, and said so",
        "ours: docs/spec/retention.md",
    ),
)

_UNDER_WAY: Final = frozenset(
    (Status.ISSUED, Status.DISPATCHED, Status.PRESENTED, Status.DETAINED, Status.SEIZED)
)


@dataclass(frozen=True, slots=True)
class Term:
    """How long openings of a certificate must be kept. Days since 1970.

    Attributes:
        begins: the day from which the years count; None while the certificate is under way.
        years: how many.
        ends: the first day on which they may be erased; None while it is under way.
    """

    begins: int | None
    years: int
    ends: int | None

    def over(self, today: int) -> bool:
        """Say whether the term has run out."""
        return self.ends is not None and today >= self.ends


def term(life: CertificateLife, years: Iterable[int]) -> Term:
    """Give the term of a certificate's openings.

    It counts from the last act, as every act may have to be explained from what came before; for
    one that expired unused, from its expiry if that is later. An open alert keeps it running.

    Args:
        life: as of today, with ``expired`` judged.
        years: national terms that bind the keeper; the longest counts, and three at least.
    """
    longest = max((LEAST_YEARS, *years))
    if life.alerts or (life.status in _UNDER_WAY and not life.expired):
        return Term(None, longest, None)
    begins = max(day_of(each.signed_at) for each in life.acts)
    if life.status in _UNDER_WAY:
        begins = max(begins, life.row.expires)
    return Term(begins, longest, years_after(begins, longest))
