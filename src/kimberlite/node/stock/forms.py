"""Numbers of blank forms, as printed: letters, then a serial; single or as a run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from kimberlite.kernel.errors import Invalid

MOST: Final = 10_000_000
"""Most forms in one movement."""

_FORM = re.compile(r"(?P<prefix>(?:[A-Z0-9/.-]*[A-Z/.-])?)(?P<serial>[0-9]{1,12})")
_GAPS = re.compile(r"[ \u00a0]")
_PREFIX_LONGEST = 16


@dataclass(frozen=True, slots=True, order=True)
class Forms:
    """A run of forms, both ends included; ``width`` is how many digits are printed."""

    prefix: str
    first: int
    last: int
    width: int = 1

    @property
    def count(self) -> int:
        """How many forms these are."""
        return self.last - self.first + 1

    def name(self, serial: int) -> str:
        """Give one form's number as printed."""
        return f"{self.prefix}{serial:0{self.width}d}"

    def part(self, first: int, last: int) -> Forms:
        """Give the forms of this run from ``first`` to ``last``."""
        return Forms(self.prefix, first, last, self.width)

    def __str__(self) -> str:
        if self.first == self.last:
            return self.name(self.first)
        return f"{self.name(self.first)} – {self.name(self.last)}"


def form(text: str) -> Forms:
    """Read one form's number, such as "AD 000123". Raises Invalid ``stock.form``.

    >>> str(form("ad 000123"))
    'AD000123'
    """
    found = _FORM.fullmatch(_GAPS.sub("", text).upper())
    if found is None or len(found["prefix"]) > _PREFIX_LONGEST:
        raise Invalid(
            "stock.form",
            "a form's number is letters and up to twelve digits at its end",
            text=text[:40],
        )
    serial = int(found["serial"])
    return Forms(found["prefix"], serial, serial, len(found["serial"]))


def run(first: str, last: str) -> Forms:
    """Read a run of forms from its first and last number; the last may leave the letters out.

    Raises:
        Invalid: ``stock.form``; ``stock.run`` when it ends before it begins, changes its letters
            or is longer than ten million.

    >>> run("AD0100", "0199").count
    100
    """
    begins, ends = form(first), form(last or first)
    found = Forms(begins.prefix, begins.first, ends.first, begins.width)
    if ends.prefix not in {"", begins.prefix} or not 0 < found.count <= MOST:
        raise Invalid(
            "stock.run",
            "a run goes from a lower to a higher number of the same letters, ten million at most",
            first=first[:40],
            last=last[:40],
        )
    return found
