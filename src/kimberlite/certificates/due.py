"""What is due: by whom, to whom, until when, and how late, as of a day.

No KP text sets a number of days, so every term is the stated practice of the side that owes, as of
the day from which it counts, and an answer names the field it comes from. Days are calendar days,
counted from 1970-01-01; a national text that counts working days states the longer number.
Nothing here is a finding of fault: late is a question that one side asks the other.
Sources: KPCS Core Document, Section III(b) and V(f); each duty names its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final, Protocol

from kimberlite.registry.model import Practice


class Kind(Enum):
    """What may be due."""

    CONFIRM = "confirm"
    """The authority of arrival says what became of a shipment that was presented to it."""
    UNHEARD = "unheard"
    """Of goods that left, the destination has said nothing."""
    UNUSED = "unused"
    """A certificate expired unused: its issuer voids it, or states what it heard of it."""
    DETAINED = "detained"
    """Goods are detained: the authority decides, or lets them go."""
    BACK = "back"
    """Goods were sent back: their issuer says that they are home."""
    RETURN = "return"
    """Goods travelled for a time, as to an exhibition, and have to be back."""
    ANSWER = "answer"
    """An alert asks the participant whose number it is."""
    COUNTERSIGN = "countersign"
    """A rectification waits for the other side."""
    SETTLE = "settle"
    """The file of a discrepancy waits for a side to say how it ended."""


@dataclass(frozen=True, slots=True)
class Duty:
    """Who owes an act, the field of its practice with the days, and the text behind it.

    ``by`` is "issuer", "receiver" or "both"; ``term`` is "" where the day itself is stated.
    """

    by: str
    term: str
    source: str


_MINIMUM = "KPCS Core Document, Section III(b) (confirmation without delay)"
_FAILURES = "KPCS Core Document, Section V(f)"
DUTIES: Final[Mapping[Kind, Duty]] = MappingProxyType(
    {
        Kind.CONFIRM: Duty("receiver", "confirm_days", _MINIMUM),
        Kind.UNHEARD: Duty("receiver", "confirm_days", _MINIMUM),
        Kind.UNUSED: Duty("issuer", "unused_days", "Regulation (EC) 2368/2002, Art. 11-12"),
        Kind.DETAINED: Duty("receiver", "detain_days", "Canada S.C. 2002, c. 25, s. 27"),
        Kind.BACK: Duty("issuer", "confirm_days", "KPCS Core Document, Section III(d)"),
        Kind.RETURN: Duty("receiver", "", "ours: the day that the certificate states"),
        Kind.ANSWER: Duty("issuer", "answer_days", "KPCS Core Document, Section II(d)"),
        Kind.COUNTERSIGN: Duty("both", "countersign_days", _FAILURES),
        Kind.SETTLE: Duty("both", "settle_days", _FAILURES),
    }
)
"""Every duty. Who has done its part in one that both owe owes nothing more."""

ARRIVALS: Final = frozenset((Kind.CONFIRM, Kind.UNHEARD, Kind.DETAINED))
"""What a receiver owes an issuer about goods on their way or at its door: the overdue ledger."""
STEPS: Final = (15, 30, 60, 90)
"""Days late by which the overdue ledger counts."""


class Practices(Protocol):
    """What is asked of the registry. ``registry.read.Registry`` is one."""

    def practice(self, code: str, day: int) -> Practice:
        """Give the practice of ``code`` on ``day``; defaults for one that stated none."""


@dataclass(frozen=True, slots=True)
class Open:
    """Something not yet done, as the log has it or as an office's own openings show.

    Attributes:
        key: the number's key ("XA123"); ``number`` as printed.
        issuer: whose certificate it is, "" where the log knows none of this number.
        receiver: who has the goods before it, or who raised the alert; "" where nobody here knows.
        since: the day from which the term counts, as far as it is known.
        entry: of the log, where it began.
        expires: last day of validity, for what depends on it.
        expected: the day on which the goods are expected, or must be back; None where not known.
        done: who has done its part already.
    """

    kind: Kind
    key: str
    number: str
    issuer: str
    receiver: str
    since: int
    entry: int
    expires: int = 0
    expected: int | None = None
    done: Sequence[str] = ()

    @property
    def name(self) -> str:
        """Name it among what is open: kind, number, entry."""
        return f"{self.kind.value}/{self.key}/{self.entry}"


@dataclass(frozen=True, slots=True)
class Due:
    """One thing that ``by`` owes ``to``; "" for a side that nobody here knows.

    ``until`` is the last day in time, None where no limit is stated; ``term`` the field of the
    practice of ``by`` that says so, "" where the certificate itself does.
    """

    kind: Kind
    key: str
    number: str
    by: str
    to: str
    issuer: str
    receiver: str
    since: int
    until: int | None
    entry: int
    term: str

    def late(self, today: int) -> int:
        """Give how many days late it is on ``today``; 0 when in time.

        >>> made = Due(Kind.CONFIRM, "XA1", "XA1", "XB", "XA", "XA", "XB", 10, 20, 3, "")
        >>> made.late(20), made.late(21)
        (0, 1)
        """
        return 0 if self.until is None else max(0, today - self.until)

    @property
    def name(self) -> str:
        """Name it, the same every day: kind, number, entry, and who owes."""
        return f"{self.kind.value}/{self.key}/{self.entry}/{self.by}"


def work_out(found: Iterable[Open], practices: Practices) -> tuple[Due, ...]:
    """Say of each open thing who owes it and until when; the earliest deadline first.

    What has no limit stands last.
    """
    made = [due for each in found for due in _dues(each, practices)]
    return tuple(sorted(made, key=lambda due: (due.until is None, due.until or 0, due.name)))


def _dues(found: Open, practices: Practices) -> list[Due]:
    duty = DUTIES[found.kind]
    sides = {"issuer": found.issuer, "receiver": found.receiver}
    if duty.by != "both":
        return [_due(found, practices, sides[duty.by], duty.term)]
    owing = [code for code in dict.fromkeys(sides.values()) if code and code not in found.done]
    return [_due(found, practices, code, duty.term) for code in owing]


def _due(found: Open, practices: Practices, by: str, term: str) -> Due:
    to = found.receiver if by == found.issuer else found.issuer
    since = _since(found)
    days = getattr(practices.practice(by, since), term) if term else 0
    until = None if term == "detain_days" and not days else since + days
    return Due(
        found.kind,
        found.key,
        found.number,
        by,
        to,
        found.issuer,
        found.receiver,
        since,
        until,
        found.entry,
        term,
    )


def _since(found: Open) -> int:
    """Give the day from which the term counts.

    Goods that nobody has seen arrive are waited for until the day that was announced, else until
    the certificate expires; what is unused, and what must be back, likewise counts from a day.
    """
    if found.kind is Kind.UNUSED:
        return found.expires
    if found.kind in {Kind.UNHEARD, Kind.RETURN}:
        return found.expires if found.expected is None else found.expected
    return found.since


@dataclass(frozen=True, slots=True)
class Pair:
    """What a receiver owes an issuer about arrivals, as of a day.

    ``overdue`` counts what is late at all; ``by_step`` of these at least 15, 30, 60 and 90 days.
    ``oldest`` is the earliest deadline that has passed, None when none has.
    """

    issuer: str
    receiver: str
    open: int
    overdue: int
    by_step: tuple[int, ...]
    oldest: int | None


def ledger(dues: Iterable[Due], today: int) -> tuple[Pair, ...]:
    """Count arrivals not answered by pair of issuer and receiver; the most overdue pair first."""
    pairs: dict[tuple[str, str], list[Due]] = {}
    for each in dues:
        if each.kind in ARRIVALS:
            pairs.setdefault((each.issuer, each.receiver), []).append(each)
    made = [_pair(*codes, found, today) for codes, found in pairs.items()]
    return tuple(sorted(made, key=lambda row: (-row.overdue, row.issuer, row.receiver)))


def _pair(issuer: str, receiver: str, found: Sequence[Due], today: int) -> Pair:
    late = [each for each in found if each.late(today)]
    counts = tuple(sum(each.late(today) >= step for each in late) for step in STEPS)
    oldest = min((each.until for each in late if each.until is not None), default=None)
    return Pair(issuer, receiver, len(found), len(late), counts, oldest)
