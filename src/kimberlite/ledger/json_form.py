"""Fields of any statement as people write them in JSON: days as "2026-11-22", bytes in hex."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kimberlite.kernel.days import parse_day, show_day
from kimberlite.kernel.errors import Invalid, Problem
from kimberlite.ledger.schema import Kind, Schema


def read(schema: Schema, told: Any) -> dict[str, Any]:
    """Give the fields by name that a JSON object says; the schema checks the rest.

    Raises:
        Invalid: ``input.field`` naming the field and what is wrong with it.

    >>> from kimberlite.ledger.schema import Field, day
    >>> read(Schema("s", (Field(1, "begins", day(), ""),)), {"begins": "1990-01-02"})
    {'begins': 7306}
    """
    if not isinstance(told, dict):
        raise Invalid("input.field", "expected a JSON object", field=schema.name)
    kinds = {each.name: each.kind for each in schema.fields}
    found: dict[str, Any] = {}
    for name, value in told.items():
        if name not in kinds:
            known = ", ".join(kinds)
            raise Invalid("input.field", f"there is no {name}; there are {known}", field=name)
        try:
            found[name] = _read(kinds[name], value)
        except Problem as bad:
            raise Invalid("input.field", f"{name}: {bad.detail}", field=name) from None
    try:
        schema.write(found)
    except Problem as bad:
        field = str(bad.facts.get("field", ""))
        raise Invalid("input.field", bad.detail, field=field) from None
    return found


def _read(kind: Kind, value: Any) -> Any:
    if kind.member is not None and isinstance(value, list):
        return [_read(kind.member, each) for each in value]
    if kind.inner and isinstance(value, dict):
        return read(kind.inner[0], value)
    if kind.form == "day" and isinstance(value, str):
        return parse_day(value)
    if kind.form == "octets" and isinstance(value, str):
        try:
            return bytes.fromhex(value)
        except ValueError:
            raise Invalid("input.hex", "expected hexadecimal digits", text=value[:70]) from None
    return value


def show(schema: Schema, named: Mapping[str, Any]) -> dict[str, Any]:
    """Give fields by name in their JSON form; the inverse of ``read``."""
    kinds = {each.name: each.kind for each in schema.fields}
    return {name: _show(kinds[name], value) for name, value in named.items()}


def _show(kind: Kind, value: Any) -> Any:
    if kind.member is not None:
        return [_show(kind.member, each) for each in value]
    if kind.inner:
        return show(kind.inner[0], value)
    if kind.form == "day":
        return show_day(value)
    return value.hex() if kind.form == "octets" else value
