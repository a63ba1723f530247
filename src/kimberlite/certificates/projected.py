"""Lists beside that of certificates: alerts, blanks out of hand, and what one side owes the other.

Read from the projection, so made from the log alone: who may read the log may read these.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from kimberlite.certificates.due import Kind, Open
from kimberlite.certificates.projection import LONGEST


@dataclass(frozen=True, slots=True)
class ListedAlert:
    """One alert on one number. Days count from 1970-01-01.

    Attributes:
        issuer: who issued the certificate, "" where the log knows no such number.
        status: where the certificate stands, "" likewise.
        features: what failed in the check, as the alert says.
        inquiry: the day on which its owner said that it looks into it, or None.
        finding: what it was answered with, "" while it is open; ``answerer`` by whom, ``answered``
            at which entry.
    """

    entry: int
    number: str
    statement: bytes
    kind: str
    holder: str
    day: int
    held: bool
    features: tuple[str, ...]
    inquiry: int | None
    finding: str
    answerer: str
    answered: int | None
    issuer: str
    status: str

    @property
    def open(self) -> bool:
        """Say whether nobody has answered it."""
        return not self.finding


_ALERTS = """
SELECT a.entry, a.number, a.statement, a.kind, a.holder, a.day, a.held, a.features, a.inquiry,
    a.finding, a.answerer, a.answered, coalesce(c.issuer, ''), coalesce(c.status, '')
FROM alert a LEFT JOIN certificate c ON c.key = a.key
WHERE (a.finding = '' OR NOT :open) AND (:kind IS NULL OR a.kind = :kind)
    AND (:holder IS NULL OR :holder IN (a.holder, substr(a.key, 1, 2), coalesce(c.issuer, '')))
ORDER BY a.entry DESC LIMIT :most"""


def alerts(
    db: sqlite3.Connection,
    *,
    only_open: bool = True,
    kind: str | None = None,
    about: str | None = None,
    most: int = LONGEST,
) -> list[ListedAlert]:
    """List alerts, the latest first, 500 at most.

    Args:
        only_open: leave out those that were answered.
        kind: only of this kind.
        about: only those that this participant raised, or whose number is its own.
        most: how many.
    """
    told = {"open": only_open, "kind": kind, "holder": about, "most": max(1, min(most, LONGEST))}
    return [
        ListedAlert(*[*row[:6], bool(row[6]), tuple(json.loads(row[7])), *row[8:]])
        for row in db.execute(_ALERTS, told)
    ]


@dataclass(frozen=True, slots=True)
class ListedBlanks:
    """Blanks from ``first`` to ``last`` that their authority reported.

    ``of`` says what the serials count: certificate numbers or national forms. ``later`` gives what
    was reported afterwards about some of them: first and last serial, fate, entry.
    """

    entry: int
    holder: str
    of: str
    lead: str
    first: int
    last: int
    fate: str
    day: int
    office: str
    later: tuple[tuple[int, int, str, int], ...] = ()

    @property
    def recovered(self) -> bool:
        """Say whether one later report says that all of them were recovered."""
        return any(
            fate == "recovered" and first <= self.first and self.last <= last
            for first, last, fate, _ in self.later
        )


_BLANKS = """
SELECT entry, holder, of, lead, first, last, fate, day, office,
    (SELECT json_group_array(json_array(l.first, l.last, l.fate, l.entry)) FROM blank l
     WHERE l.of = b.of AND l.lead = b.lead AND l.holder = b.holder AND l.entry > b.entry
        AND l.first <= b.last AND l.last >= b.first)
FROM blank b
WHERE (:holder IS NULL OR holder = :holder) AND (:fate IS NULL OR fate = :fate)
ORDER BY entry DESC LIMIT :most"""


def blanks(
    db: sqlite3.Connection,
    *,
    holder: str | None = None,
    fate: str | None = None,
    most: int = LONGEST,
) -> list[ListedBlanks]:
    """List reports on blanks, the latest first, 500 at most: of one participant, of one fate."""
    told = {"holder": holder, "fate": fate, "most": max(1, min(most, LONGEST))}
    return [
        ListedBlanks(*[*row[:9], tuple(tuple(each) for each in json.loads(row[9]))])
        for row in db.execute(_BLANKS, told)
    ]


_STANDING = """
SELECT CASE status WHEN 'issued' THEN CASE WHEN paper THEN 'confirm' ELSE 'unused' END
        WHEN 'presented' THEN 'confirm' WHEN 'dispatched' THEN 'unheard'
        WHEN 'detained' THEN 'detained' ELSE 'back' END,
    key, number, issuer, receiver, since, expires, entry
FROM certificate
WHERE status IN ('presented', 'dispatched', 'detained', 'sent-back')
    OR (status = 'issued' AND (paper OR expires < ?))
ORDER BY entry"""
_ASKED = """
SELECT a.key, a.number, coalesce(c.issuer, ''), a.holder, a.day, a.entry
FROM alert a LEFT JOIN certificate c ON c.key = a.key WHERE a.finding = '' ORDER BY a.entry"""
_BETWEEN = """
SELECT p.kind, p.key, c.number, c.issuer, c.receiver, p.since, p.entry, p.holder
FROM pending p JOIN certificate c ON c.key = p.key ORDER BY p.entry"""


def pending(db: sqlite3.Connection, today: int) -> list[Open]:
    """List what is open on ``today`` (days since 1970): shipments, alerts, files between two."""
    found = [
        Open(Kind(kind), key, number, issuer, receiver, since, entry, expires=expires)
        for kind, key, number, issuer, receiver, since, expires, entry in db.execute(
            _STANDING, (today,)
        )
    ]
    found += [
        Open(Kind.ANSWER, key, number, issuer, holder, since, entry)
        for key, number, issuer, holder, since, entry in db.execute(_ASKED)
    ]
    for kind, key, number, issuer, receiver, since, entry, held in db.execute(_BETWEEN):
        said = _said(kind, held)
        found.append(Open(Kind(kind), key, number, issuer, receiver, since, entry, done=said))
    return found


def _said(kind: str, held: str) -> Sequence[str]:
    """Name who has done its part: who proposed, or who named an outcome that was not disputed."""
    if kind == Kind.COUNTERSIGN.value:
        return (held,)
    outcomes = json.loads(held)
    return tuple(outcomes) if len(outcomes) < 2 else ()
