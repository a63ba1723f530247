"""A participant's certificate design: colours, heading, form numbers, where its own stock has room.

A design is a JSON file that the participant notifies by the SHA-256 of its bytes, as the ``image``
of a specimen, so that others see at once whether a page follows it. Source: ours, docs/spec/pdf.md.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

from kimberlite.documents.pdf.labels import PAPER_LANGUAGES
from kimberlite.documents.pdf.layout import BY_NAME, HEIGHT, WIDTH
from kimberlite.kernel.errors import Invalid, NotFound

FORM: Final = "kp-design/1"
PLAIN: Final = "plain"
"""The design of whoever has notified none."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,39}")
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_PREFIX = re.compile(r"[A-Za-z0-9./-]{0,16}")
_GOODS = frozenset(
    f"{what}.{hs}"
    for what in ("parcels", "carats", "value")
    for hs in ("7102.10", "7102.21", "7102.31", "total")
)
PLACES: Final = frozenset(BY_NAME) | _GOODS | {"code-1", "code-2"}
"""What can be put on pre-printed stock: every field, each cell of the goods table, two codes."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value goes on pre-printed stock, in millimetres; ``size`` in points."""

    x: float
    y: float
    w: float
    h: float
    size: float


@dataclass(frozen=True, slots=True)
class Design:
    """One design. ``heading`` has up to four lines for a language; ``overprint`` may be empty."""

    name: str
    ink: str
    accent: str
    heading: Mapping[str, tuple[str, ...]]
    prefix: str
    digits: int
    overprint: Mapping[str, Place]
    digest: bytes

    def form_number(self, serial: int) -> str:
        """Give the number of a blank form."""
        return f"{self.prefix}{serial:0{self.digits}d}"


def parse(raw: bytes) -> Design:
    """Read a design file, strictly.

    Raises:
        Invalid: ``pdf.design`` saying what is wrong.
    """
    try:
        told = json.loads(raw)
    except ValueError as bad:
        raise _wrong("?", "it is not JSON") from bad
    if not isinstance(told, dict) or told.get("design") != FORM:
        raise _wrong("?", f"it does not begin as {FORM}")
    name = told.get("name")
    if not isinstance(name, str) or _NAME.fullmatch(name) is None:
        raise _wrong("?", "its name is not 1 to 40 letters, digits or dashes")
    unknown = told.keys() - {"design", "name", "colours", "heading", "stock", "overprint"}
    if unknown:
        raise _wrong(name, f"it has the unknown part {min(unknown)}")
    colours, stock = _part(told, "colours", name), _part(told, "stock", name)
    digits = stock.get("digits", 6)
    if type(digits) is not int or not 1 <= digits <= 12:
        raise _wrong(name, "stock.digits is not 1 to 12")
    return Design(
        name,
        _text(colours, "ink", _COLOUR, name),
        _text(colours, "accent", _COLOUR, name),
        _heading(_part(told, "heading", name), name),
        _text(stock, "prefix", _PREFIX, name),
        digits,
        _overprint(_part(told, "overprint", name), name),
        hashlib.sha256(raw).digest(),
    )


def shipped(name: str) -> Design:
    """Give a design that comes with the program.

    Raises:
        NotFound: ``pdf.design-unknown``.
    """
    path = files("kimberlite.documents.pdf") / "designs" / f"{name}.json"
    if _NAME.fullmatch(name) is None or not path.is_file():
        raise NotFound("pdf.design-unknown", f"there is no design file for {name}", name=name[:40])
    return parse(path.read_bytes())


def _part(told: Mapping[str, Any], key: str, name: str) -> Mapping[str, Any]:
    found = told.get(key, {})
    if not isinstance(found, dict):
        raise _wrong(name, f"{key} is not an object")
    return found


def _text(told: Mapping[str, Any], key: str, form: re.Pattern[str], name: str) -> str:
    found = told.get(key)
    if not isinstance(found, str) or form.fullmatch(found) is None:
        raise _wrong(name, f"{key} is missing or not written as docs/spec/pdf.md says")
    return found


def _heading(told: Mapping[str, Any], name: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for lang, lines in told.items():
        good = isinstance(lines, list) and len(lines) <= 4
        if (
            lang not in PAPER_LANGUAGES
            or not good
            or not all(isinstance(each, str) for each in lines)
        ):
            raise _wrong(name, f"heading.{lang} is not up to four lines of text")
        found[lang] = tuple(lines)
    return found


def _overprint(told: Mapping[str, Any], name: str) -> dict[str, Place]:
    found: dict[str, Place] = {}
    for key, at in told.items():
        good = isinstance(at, list) and len(at) == 5
        if key not in PLACES or not good or not all(type(each) in {int, float} for each in at):
            raise _wrong(name, f"overprint.{key} is not x, y, width, height, size")
        place = Place(*map(float, at))
        if min(at) < 0 or place.x + place.w > WIDTH or place.y + place.h > HEIGHT:
            raise _wrong(name, f"overprint.{key} lies outside the page")
        found[key] = place
    return found


def _wrong(name: str, reason: str) -> Invalid:
    return Invalid(
        "pdf.design", f"the design file {name} cannot be used: {reason}", name=name, reason=reason
    )
