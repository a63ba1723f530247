"""What the state keeps beside a certificate's record: who received it, what is asked about it.

Small tables, and empty for most certificates. Keys are number keys ("XA123") unless said.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kimberlite.ledger.state import State, Table

MOST_ALERTS = 32
"""Alerts kept by number. More still enter the log; the oldest answered ones make room."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """The authority that last decided on a shipment, and the statement in which it did."""

    code: str
    statement: bytes


RECEIVERS: Table[Receiver] = Table(
    "certificates.receiver",
    lambda row: [row.code, row.statement],
    lambda value: Receiver(*value),
    resident=False,
)


@dataclass(frozen=True, slots=True)
class Transcript:
    """How a foreign paper certificate was taken down: by whom, and against which specimen."""

    transcriber: str
    specimen: str


PAPERS: Table[Transcript] = Table(
    "certificates.paper",
    lambda row: [row.transcriber, row.specimen],
    lambda value: Transcript(*value),
    resident=False,
)


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert on a number: the statement, where it stands, who raised it, and is it open."""

    statement: bytes
    index: int
    kind: str
    holder: str
    open: bool = True


def _alerts_value(row: tuple[Alert, ...]) -> list[Any]:
    return [[a.statement, a.index, a.kind, a.holder, a.open] for a in row]


ALERTS: Table[tuple[Alert, ...]] = Table(
    "certificates.alert",
    _alerts_value,
    lambda value: tuple(Alert(*each) for each in value),
)


def open_alerts(state: State, key: str) -> tuple[Alert, ...]:
    """List the alerts on a number key that nobody has answered, oldest first."""
    return tuple(each for each in state.get(ALERTS, key) or () if each.open)


@dataclass(frozen=True, slots=True)
class Blanks:
    """Blank papers out of their authority's hands: serials ``first`` to ``last``, and why.

    ``index`` is where that was stated. Recovered blanks stay listed, with what ``recovered``.
    """

    first: int
    last: int
    what: str
    index: int


BLANKS: Table[tuple[Blanks, ...]] = Table(
    "certificates.blank",
    lambda row: [[b.first, b.last, b.what, b.index] for b in row],
    lambda value: tuple(Blanks(*each) for each in value),
)
"""By series: "number/XA" for blanks that bear certificate numbers, "form/XA/A-" for others."""


def blank_at(state: State, series: str, serial: int) -> Blanks | None:
    """Give what was stated last of one blank, or None; a recovered blank is in order again."""
    told = [each for each in state.get(BLANKS, series) or () if each.first <= serial <= each.last]
    return told[-1] if told and told[-1].what != "recovered" else None


@dataclass(frozen=True, slots=True)
class Proposed:
    """A rectification that one side has signed: of which certificate, by whom, is it open."""

    key: str
    holder: str
    open: bool = True


RECTIFICATIONS: Table[Proposed] = Table(
    "certificates.rectification",
    lambda row: [row.key, row.holder, row.open],
    lambda value: Proposed(*value),
    resident=False,
)
"""By the rectification's statement id in hexadecimal."""


@dataclass(frozen=True, slots=True)
class Dispute:
    """The file of a discrepancy: where it was opened, and what each side says it ended in."""

    opened: int
    outcomes: tuple[tuple[str, str], ...] = ()

    @property
    def settled(self) -> str:
        """The outcome that both sides name, or nothing."""
        said = {outcome for _, outcome in self.outcomes}
        return said.pop() if len(self.outcomes) > 1 and len(said) == 1 else ""


DISPUTES: Table[Dispute] = Table(
    "certificates.dispute",
    lambda row: [row.opened, [list(each) for each in row.outcomes]],
    lambda value: Dispute(value[0], tuple((code, outcome) for code, outcome in value[1])),
    resident=False,
)
