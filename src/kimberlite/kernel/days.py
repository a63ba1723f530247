"""Days and moments: UTC calendar days and whole UTC seconds. Zones are for display."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from kimberlite.kernel.errors import Invalid

SECONDS_A_DAY = 86_400
_EPOCH = date(1970, 1, 1).toordinal()
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

DAY_MIN = date(1990, 1, 1).toordinal() - _EPOCH
DAY_MAX = date(2200, 1, 1).toordinal() - _EPOCH


def parse_day(text: str) -> int:
    """Read "2026-11-22" as days since 1970-01-01.

    Raises:
        Invalid: ``day.format`` for anything but a real calendar day written that way.

    >>> parse_day("1970-01-02")
    1
    """
    try:
        if _ISO.fullmatch(text) is None:
            raise ValueError
        return date.fromisoformat(text).toordinal() - _EPOCH
    except ValueError:
        raise Invalid("day.format", "write a day as YYYY-MM-DD", text=text) from None


def show_day(day: int) -> str:
    """Write a day as "2026-11-22".

    >>> show_day(1)
    '1970-01-02'
    """
    return date.fromordinal(day + _EPOCH).isoformat()


def day_of(moment: int) -> int:
    """Give the UTC day on which ``moment`` (seconds since 1970) falls."""
    return moment // SECONDS_A_DAY


def start_of(day: int) -> int:
    """Give the first second of ``day``."""
    return day * SECONDS_A_DAY


def show_moment(moment: int) -> str:
    """Write a moment as RFC 3339 in UTC.

    >>> show_moment(0)
    '1970-01-01T00:00:00Z'
    """
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def years_after(day: int, years: int) -> int:
    """Give the same day ``years`` later; after 29 February, where there is none, 1 March.

    >>> show_day(years_after(parse_day("2024-02-29"), 3))
    '2027-03-01'
    """
    found = date.fromordinal(day + _EPOCH)
    try:
        return found.replace(year=found.year + years).toordinal() - _EPOCH
    except ValueError:
        return date(found.year + years, 3, 1).toordinal() - _EPOCH
