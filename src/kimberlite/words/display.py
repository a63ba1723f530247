"""Days, moments and amounts as people write them. English is written here; the rest asks Babel.

Digits are Latin in every language, as on the certificates themselves. Babel takes up to a tenth
of a second to load, so it is imported at the first word that needs it.
"""

from __future__ import annotations

import functools
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from kimberlite.kernel.days import SECONDS_A_DAY

if TYPE_CHECKING:
    from babel import Locale

_LOCALES = {"pt": "pt_PT", "zh": "zh_Hans_CN"}
_MONTHS = {
    1: "January",
    2: "February",
    3: "March",
    4: "April",
    5: "May",
    6: "June",
    7: "July",
    8: "August",
    9: "September",
    10: "October",
    11: "November",
    12: "December",
}


@functools.cache
def _locale(lang: str) -> Locale:
    from babel import Locale  # noqa: PLC0415  # slow to load, and English never needs it

    return Locale.parse(_LOCALES.get(lang, lang))


def _date(day: int) -> date:
    return datetime.fromtimestamp(day * SECONDS_A_DAY, UTC).date()


def day(lang: str, day: int) -> str:
    """Write a day (days since 1970).

    >>> day("en", 0)
    '1 January 1970'
    """
    told = _date(day)
    if lang == "en":
        return f"{told.day} {_MONTHS[told.month]} {told.year}"
    from babel.dates import format_date  # noqa: PLC0415

    return format_date(told, "long", locale=_locale(lang))


def month(lang: str, day: int) -> str:
    """Write the month of a day, with its year.

    >>> month("en", 0)
    'January 1970'
    """
    told = _date(day)
    if lang == "en":
        return f"{_MONTHS[told.month]} {told.year}"
    from babel.dates import format_skeleton  # noqa: PLC0415

    return str(format_skeleton("yMMMM", told, locale=_locale(lang)))


def whole_year(earliest: int, latest: int) -> int | None:
    """Give the calendar year that the days are, or None.

    >>> whole_year(0, 364)
    1970
    """
    first, after = _date(earliest), _date(latest + 1)
    begins, ends = (first.month, first.day) == (1, 1), (after.month, after.day) == (1, 1)
    return first.year if begins and ends and after.year - first.year == 1 else None


def whole_month(earliest: int, latest: int) -> bool:
    """Say whether the days from ``earliest`` to ``latest`` are a calendar month.

    >>> whole_month(0, 30), whole_month(0, 29)
    (True, False)
    """
    first, after = _date(earliest), _date(latest + 1)
    months = (after.year - first.year) * 12 + after.month - first.month
    return first.day == 1 and after.day == 1 and months == 1


def moment(lang: str, moment: int) -> str:
    """Write a moment (seconds since 1970) to the minute.

    >>> moment("en", 0)
    '1 January 1970, 00:00 UTC'
    """
    told = datetime.fromtimestamp(moment, UTC)
    comma = "،" if lang == "ar" else ","
    return f"{day(lang, moment // SECONDS_A_DAY)}{comma} {told:%H:%M} UTC"


def number(lang: str, value: int, decimals: int) -> str:
    """Write a whole number of units of 10**-decimals, never through a float.

    >>> number("en", 123456, 2)
    '1,234.56'
    """
    whole, part = divmod(abs(value), 10**decimals)
    group, point = _marks(lang)
    shown = f"{whole:,}".replace(",", group)
    tail = f"{point}{part:0{decimals}d}" if decimals else ""
    return f"{'-' if value < 0 else ''}{shown}{tail}"


@functools.cache
def _marks(lang: str) -> tuple[str, str]:
    if lang == "en":
        return ",", "."
    symbols = _locale(lang).number_symbols["latn"]
    # CLDR leaves groups of four digits together in some languages; a table reads better in step.
    return str(symbols["group"]), str(symbols["decimal"])


def plural(lang: str, n: int) -> str:
    """Give the CLDR plural category of ``n``: zero, one, two, few, many or other."""
    if lang == "en":
        return "one" if n == 1 else "other"
    return str(_locale(lang).plural_form(n))


def territory(lang: str, code: str) -> str | None:
    """Name a territory as Unicode CLDR does, or give None."""
    found = _locale(lang).territories.get(code)
    return None if found is None else str(found)
