"""Words in one language: a sentence for a key, with its facts put in as people write them.

A text holds ``{fact}`` or ``{fact:kind}``; kinds are ``day``, ``moment``, ``number``, ``carats``,
``usd``, ``permille``, ``territory`` and ``word`` (a value that has a text of its own).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from kimberlite.kernel.days import parse_day
from kimberlite.kernel.errors import Invalid
from kimberlite.words import display
from kimberlite.words.catalogue import FALLBACK, catalogue, direction

Names = Callable[[str], Mapping[str, str]]

PLACE = re.compile(r"\{([a-z_]+)(?::([a-z]+))?\}")
"""A place in a text where a fact goes, with how to show it."""

UNKNOWN = "…"
"""What stands where a text asks for a fact that was not told."""

_COMMAS = {"ar": "، ", "zh": "、"}
_ISOLATE = "\u2068{}\u2069"  # keeps a Latin name or number from turning an Arabic sentence around


class Words:
    """Says things in one language. English needs nothing but the catalogue; others load Babel.

    >>> Words("en").say("no.such-key")
    'no.such-key'
    """

    def __init__(self, lang: str = FALLBACK, names: Names | None = None) -> None:
        """Choose the language, and optionally who names territories.

        Args:
            lang: one of ``LANGUAGES``.
            names: gives the names of a code by language, as the registry holds them.

        Raises:
            Invalid: ``words.language``, ``words.damaged``.
        """
        self.lang = lang
        self._names = names
        self.direction = direction(lang)
        self._texts = catalogue(lang)
        self._kinds: dict[str, Callable[[str | int], str]] = {
            "day": self.date,
            "moment": lambda value: self.moment(int(value)),
            "number": lambda value: self.number(int(value)),
            "carats": lambda value: self.carats(int(value)),
            "usd": lambda value: self.usd(int(value)),
            "permille": lambda value: self.permille(int(value)),
            "territory": lambda value: self.territory(str(value)),
            "word": lambda value: self.word(str(value)),
        }

    def has(self, key: str) -> bool:
        """Say whether ``key`` has a text, in this language or in English, of its own or its area's.

        An area's text stands under ``area.*`` and serves codes that tell an official the same
        thing, such as the many ways in which bytes can be damaged.
        """
        return self._text(key) is not None

    def say(self, key: str, /, **facts: str | int) -> str:
        """Give the text for ``key``: in this language, else in English, else the key itself.

        A fact ``n`` chooses the plural form ``key#one``, ``key#few`` and so on. A fact that is
        missing, or is no number where one is shown, never raises: what is known is shown.
        """
        text = self._text(key, facts.get("n"))
        return key if text is None else PLACE.sub(lambda at: self._show(at, facts), text)

    def word(self, value: str) -> str:
        """Give the text of a fixed value, such as a status, or the value itself."""
        return self._text(f"word.{value}") or value

    def territory(self, code: str) -> str:
        """Name a territory: as the registry names it in this language, else as Unicode CLDR does.

        Some names here are those of the Kimberley Process where CLDR's differ. XA to XZ are
        nobody's: the registry names them, or the code stands for itself.
        """
        told = {} if self._names is None else self._names(code)
        found = told.get(self.lang) or self._texts.get(f"territory.{code}")
        if found is None and self.lang != FALLBACK and not code.startswith("X"):
            found = display.territory(self.lang, code)
        return found or told.get(FALLBACK) or catalogue(FALLBACK).get(f"territory.{code}") or code

    def listing(self, items: Iterable[str]) -> str:
        """Write several things in a row, each kept apart from the direction of its neighbours."""
        shown = (_ISOLATE.format(each) if self.direction == "rtl" else each for each in items)
        return _COMMAS.get(self.lang, ", ").join(shown)

    def day(self, day: int) -> str:
        """Write a day (UTC, days since 1970) in full, such as "22 November 2026"."""
        return display.day(self.lang, day)

    def period(self, earliest: int, latest: int) -> str:
        """Write a day that is only known to lie between two, both included."""
        if earliest == latest:
            return self.day(earliest)
        if (year := display.whole_year(earliest, latest)) is not None:
            return str(year)
        if display.whole_month(earliest, latest):
            return display.month(self.lang, earliest)
        return self.say("unit.between", earliest=self.day(earliest), latest=self.day(latest))

    def date(self, value: str | int) -> str:
        """Write a day given as a number, in ISO 8601, or as an interval "2004-01-01/2004-06-30".

        Raises:
            Invalid: ``day.format``.
        """
        if isinstance(value, int):
            return self.day(value)
        earliest, _, latest = value.partition("/")
        return self.period(parse_day(earliest), parse_day(latest or earliest))

    def moment(self, moment: int) -> str:
        """Write a moment (UTC seconds since 1970) to the minute, with its zone."""
        return display.moment(self.lang, moment)

    def number(self, value: int) -> str:
        """Write a whole number with the language's groups, in Latin digits."""
        return display.number(self.lang, value, 0)

    def carats(self, points: int) -> str:
        """Write a mass given in points (0.01 ct), with its unit."""
        unit = self._texts.get("unit.carat", "ct")
        return f"{display.number(self.lang, points, 2)}\u00a0{unit}"

    def usd(self, cents: int) -> str:
        """Write a value given in US cents, as "US$ 1,500.00"."""
        return f"US$\u00a0{display.number(self.lang, cents, 2)}"

    def permille(self, value: int) -> str:
        """Write thousandths as a percentage with one decimal."""
        return f"{display.number(self.lang, value, 1)}\u00a0%"

    def _text(self, key: str, n: str | int | None = None) -> str | None:
        for lang, texts in ((self.lang, self._texts), (FALLBACK, catalogue(FALLBACK))):
            if isinstance(n, int):
                form = texts.get(f"{key}#{display.plural(lang, n)}", texts.get(f"{key}#other"))
                if form is not None:
                    return form
            found = texts.get(key) or texts.get(f"{key.partition('.')[0]}.*")
            if found is not None:
                return found
        return None

    def _show(self, at: re.Match[str], facts: Mapping[str, str | int]) -> str:
        value = facts.get(at[1])
        if value is None:
            return UNKNOWN
        try:
            shown = str(value) if at[2] is None else self._kinds[at[2]](value)
        except (Invalid, KeyError, ValueError, OverflowError):
            shown = str(value)
        return _ISOLATE.format(shown) if self.direction == "rtl" else shown
