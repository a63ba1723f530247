"""Lists of what is due and what is alarming in JSON, the same for command line, API and CSV."""

from __future__ import annotations

from typing import Any

from kimberlite.certificates.due import DUTIES, STEPS, Due, Pair
from kimberlite.certificates.projected import ListedAlert, ListedBlanks
from kimberlite.kernel.days import show_day


def due_json(found: Due, today: int) -> dict[str, Any]:
    """Give one due thing in the JSON form."""
    return {
        "number": found.number,
        "due": found.kind.value,
        "by": found.by or None,
        "to": found.to or None,
        "since": show_day(found.since),
        "until": None if found.until is None else show_day(found.until),
        "late": found.late(today),
        "entry": found.entry,
        "term": found.term or None,
        "source": DUTIES[found.kind].source,
    }


def pair_json(found: Pair) -> dict[str, Any]:
    """Give one pair of the overdue ledger in JSON."""
    return {
        "issuer": found.issuer,
        "receiver": found.receiver or None,
        "open": found.open,
        "overdue": found.overdue,
        **{f"over_{n}": count for n, count in zip(STEPS, found.by_step, strict=True)},
        "oldest": None if found.oldest is None else show_day(found.oldest),
    }


def alert_json(found: ListedAlert) -> dict[str, Any]:
    """Give one alert in the JSON form."""
    return {
        "number": found.number,
        "kind": found.kind,
        "by": found.holder,
        "day": show_day(found.day),
        "held": found.held,
        "features": list(found.features),
        "issuer": found.issuer or None,
        "status": found.status or None,
        "under_inquiry": None if found.inquiry is None else show_day(found.inquiry),
        "finding": found.finding or None,
        "answered_by": found.answerer or None,
        "answered_at": found.answered,
        "entry": found.entry,
        "alert": found.statement.hex(),
    }


def blanks_json(found: ListedBlanks) -> dict[str, Any]:
    """Give one report on blanks in the JSON form."""
    return {
        "participant": found.holder,
        "of": found.of,
        "lead": found.lead,
        "first": found.first,
        "last": found.last,
        "fate": found.fate,
        "day": show_day(found.day),
        "office": found.office or None,
        "recovered": found.recovered,
        "later": [
            {"first": first, "last": last, "fate": fate, "entry": entry}
            for first, last, fate, entry in found.later
        ],
        "entry": found.entry,
    }
