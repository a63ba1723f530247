"""The JSON face of this room's fields: days, decimals and digests as people write them.

A field's name decides its form, and a name has one meaning in every schema of this room.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from kimberlite.kernel.days import parse_day, show_day
from kimberlite.kernel.errors import Invalid, Problem
from kimberlite.kernel.quantity import Carats, UsdCents

DAYS = frozenset(
    ("issued", "expires", "arrived", "day", "return_by", "left_origin", "left", "expected")
)
CARATS = frozenset(("carats", "heaviest"))
USD = frozenset(("value",))
DIGESTS = frozenset(("certificate", "presentation", "digest", "photos", "alert", "rectification"))

_DEEPEST = 8
_HEX = re.compile(r"[0-9a-f]{64}")


def show(named: Mapping[str, Any]) -> dict[str, Any]:
    """Give named fields in their JSON form."""
    return {name: _show(name, value) for name, value in named.items()}


def _show(name: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        return show(value)
    if isinstance(value, (list, tuple)):
        return [_show(name, each) for each in value]
    if isinstance(value, bytes):
        return value.hex()
    if name in DAYS:
        return show_day(value)
    if name in CARATS:
        return str(Carats(value))
    if name in USD:
        return str(UsdCents(value))
    return value


def read(value: object, name: str, path: str = "", depth: int = 0) -> Any:
    """Read one JSON value that stands under ``name``.

    Raises:
        Invalid: ``draft.field`` with the path of the field that does not read.
    """
    path = path or name
    if depth > _DEEPEST:
        raise Invalid("draft.field", f"{path}: nested too deeply", field=path)
    if isinstance(value, dict):
        return {
            key: read(each, key, f"{path}.{key}", depth + 1)
            for key, each in value.items()
            if each is not None
        }
    if isinstance(value, list):
        return [read(each, name, f"{path}.{at}", depth + 1) for at, each in enumerate(value)]
    try:
        return _read(value, name)
    except Problem as bad:
        raise Invalid("draft.field", f"{path}: {bad.detail}", field=path, why=bad.code) from None


def _read(value: object, name: str) -> object:
    if name in DIGESTS:
        return _digest(value)
    if name not in DAYS and name not in CARATS and name not in USD:
        return value
    if not isinstance(value, str):
        raise Invalid("draft.text", "write this as text in quotes")
    if name in DAYS:
        return parse_day(value)
    return Carats.parse(value).points if name in CARATS else UsdCents.parse(value).cents


def _digest(value: object) -> bytes:
    if not isinstance(value, str) or _HEX.fullmatch(value) is None:
        raise Invalid("draft.hex", "expected 64 hexadecimal digits")
    return bytes.fromhex(value)
