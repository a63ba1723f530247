"""Exact amounts. Carats are counted in hundredths, US dollars in cents, never in floats."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from kimberlite.kernel.errors import Invalid

_AMOUNT = re.compile(r"(?P<whole>[0-9]{1,13})(?:\.(?P<part>[0-9]{1,2}))?")


def _hundredths(text: str, code: str) -> int:
    if (found := _AMOUNT.fullmatch(text)) is None:
        raise Invalid(code, "expected digits with at most two decimals", text=text[:40])
    return int(found["whole"]) * 100 + int((found["part"] or "0").ljust(2, "0"))


def _show(hundredths: int) -> str:
    return f"{hundredths // 100}.{hundredths % 100:02d}"


@dataclass(frozen=True, slots=True, order=True)
class Carats:
    """A mass of rough diamonds, exact to one point (0.01 ct, which is 2 mg)."""

    points: int

    def __post_init__(self) -> None:
        if self.points < 0:
            raise Invalid("carats.negative", "a mass cannot be below zero", points=self.points)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "12.34". A third decimal is refused (``carats.format``), never rounded away.

        >>> Carats.parse("12.3")
        Carats(points=1230)
        """
        return cls(_hundredths(text, "carats.format"))

    def __add__(self, other: Carats) -> Carats:
        return Carats(self.points + other.points)

    def __str__(self) -> str:
        return _show(self.points)


@dataclass(frozen=True, slots=True, order=True)
class UsdCents:
    """A value in US dollars, exact to one cent."""

    cents: int

    def __post_init__(self) -> None:
        if self.cents < 0:
            raise Invalid("usd.negative", "a value cannot be below zero", cents=self.cents)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "1500.00" in US$. Raises ``usd.format`` for anything else."""
        return cls(_hundredths(text, "usd.format"))

    def __add__(self, other: UsdCents) -> UsdCents:
        return UsdCents(self.cents + other.cents)

    def __str__(self) -> str:
        return _show(self.cents)
