"""What an address asks for: days on both time axes, and what of them belongs into further links."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from kimberlite.kernel.days import parse_day, show_day
from kimberlite.kernel.errors import NotFound
from kimberlite.kernel.ids import PARTICIPANT
from kimberlite.web.desk import Visit


@dataclass(frozen=True, slots=True)
class Asked:
    """The day asked about, and the day by which it had to be known; None for all that is logged."""

    day: int
    known: int | None
    today: int

    @property
    def query(self) -> str:
        """Write both days as the query of a link, "" when they are as if not asked."""
        told = {}
        if self.day != self.today:
            told["day"] = show_day(self.day)
        if self.known is not None:
            told["known"] = show_day(self.known)
        return f"?{urlencode(told)}" if told else ""


def asked(visit: Visit) -> Asked:
    """Read ``day`` and ``known`` from the query; today, and everything logged, by default.

    Raises:
        Invalid: ``day.format``.
    """
    today = visit.desk.view.today()
    day, known = visit.query.get("day", ""), visit.query.get("known", "")
    return Asked(
        parse_day(day) if day else today,
        parse_day(known) if known else None,
        today,
    )


def code_of(text: str) -> str:
    """Read a participant's code, in either case.

    Raises:
        NotFound: ``participant.unknown`` for what can be nobody's code.
    """
    code = text.upper()
    if PARTICIPANT.fullmatch(code) is None:
        raise NotFound("participant.unknown", "nobody is listed under this code", subject=text[:20])
    return code
