"""A certificate's life for people: every act on it, in order, with what rules found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from kimberlite.certificates.transitions import Status
from kimberlite.certificates.v1 import TYPES
from kimberlite.certificates.v1.beside import PAPERS, Alert, Transcript, open_alerts
from kimberlite.certificates.v1.rows import CERTIFICATES, Row
from kimberlite.kernel.errors import Invalid, NotFound
from kimberlite.kernel.ids import CertificateNumber
from kimberlite.kernel.rules import Finding
from kimberlite.ledger.envelope import parse
from kimberlite.ledger.state import State

FetchEntry: TypeAlias = Callable[[int], tuple[bytes, Sequence[Sequence[Any]]]]
"""Gives an entry's bytes and its facts by index."""

_BY_TYP = {each.typ: each for each in TYPES}
_OPEN = frozenset((Status.ISSUED, Status.DISPATCHED, Status.PRESENTED))


@dataclass(frozen=True, slots=True)
class ActView:
    """One act: entry, statement type, who, when it says it was signed, its log fields, findings."""

    index: int
    statement: bytes
    typ: str
    holder: str
    signed_at: int
    named: dict[str, Any]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class CertificateLife:
    """Everything the log knows of one number. ``expired`` is as of the day asked for."""

    number: str
    row: Row
    expired: bool
    acts: tuple[ActView, ...]
    alerts: tuple[Alert, ...] = ()
    """Alerts on the number that nobody has answered."""
    transcript: Transcript | None = None
    """Who took it down from paper, where its issuer's own statement is not in the log."""

    @property
    def status(self) -> Status:
        """Where it stands."""
        return self.row.status

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding of every act, in order."""
        return tuple(finding for act in self.acts for finding in act.findings)


def row_of(state: State, number: str) -> Row:
    """Give what the log knows of ``number`` (as printed).

    Raises:
        NotFound: ``certificate.unknown``.
        Invalid: ``number.format``.
    """
    row = state.get(CERTIFICATES, CertificateNumber.parse(number).key)
    if row is None:
        raise NotFound("certificate.unknown", "no such certificate in this log", number=number)
    return row


def life(
    state: State, number: str, fetch_entry: FetchEntry, today: int | None = None
) -> CertificateLife:
    """Read a certificate's life from the log.

    Args:
        state: as of the last entry.
        number: as printed, gaps allowed.
        fetch_entry: gives an entry's bytes and facts.
        today: the day to judge expiry by, in days since 1970; None leaves it out.

    Raises:
        NotFound: ``certificate.unknown``.
        Invalid: ``number.format``; ``certificate.entry`` when an entry is not what it should be.
    """
    row = row_of(state, number)
    views = {index: _view(index, fetch_entry) for index in sorted((row.index, *row.acts))}
    expired = today is not None and row.status in _OPEN and today > row.expires
    key = CertificateNumber.parse(number).key
    return CertificateLife(
        views[row.index].named["number"],
        row,
        expired,
        tuple(views.values()),
        open_alerts(state, key),
        state.get(PAPERS, key) if row.paper else None,
    )


def _view(index: int, fetch_entry: FetchEntry) -> ActView:
    raw, facts = fetch_entry(index)
    statement = parse(raw)
    kind = _BY_TYP.get(statement.header.typ)
    if kind is None:
        raise Invalid("certificate.entry", "this entry is of another room", index=index)
    header = statement.header
    findings = tuple(Finding(each[1], dict(each[2])) for each in facts if each[0] == "finding")
    named = kind.schema.read(statement.body.log)
    return ActView(index, statement.id, header.typ, header.iss, header.iat, named, findings)
