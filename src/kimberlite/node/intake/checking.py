"""Is a row something that can be signed: its fields held against the schemas, quickly.

In a year's file the same traders, headings and days stand thousands of times. A field that was
found good is remembered by what it holds; whatever is not plainly good goes to
``drafting.from_json``, which has the last word and says what is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from kimberlite.certificates import drafting, json_form
from kimberlite.certificates.drafting import TYP_OF
from kimberlite.certificates.v1 import TYPES
from kimberlite.kernel.errors import Problem
from kimberlite.ledger.schema import Field, Schema

_MOST: Final = 50_000
"""Good fields that are remembered; then memory begins anew."""

_KINDS = {each.typ: each for each in TYPES}

Fields = Mapping[str, Field]


class Checker:
    """Checks the JSON form of statements of one kind after the other."""

    def __init__(self) -> None:
        self._good: set[tuple[str, str, str]] = set()
        self._fields: dict[str, tuple[Fields, frozenset[str]]] = {}

    def check(self, told: Mapping[str, Any]) -> None:
        """Make sure that ``told`` can be signed. Raises as ``drafting.from_json``."""
        if not self._plain(told):
            drafting.from_json(dict(told))

    def _plain(self, told: Mapping[str, Any]) -> bool:
        """Say whether every field is plainly good; False says only that this cannot tell."""
        kind = _KINDS[TYP_OF[told["type"]]]
        sections = {each.name: each.schema for each in kind.sections}
        log = {n: v for n, v in told.items() if n != "type" and n not in sections}
        if not self._fits(kind.schema, log):
            return False
        return all(
            isinstance(told[name], dict) and self._fits(schema, told[name])
            for name, schema in sections.items()
            if name in told
        )

    def _fits(self, schema: Schema, named: Mapping[str, Any]) -> bool:
        known = self._fields.get(schema.name)
        if known is None:
            required = frozenset(each.name for each in schema.fields if each.required)
            known = ({each.name: each for each in schema.fields}, required)
            self._fields[schema.name] = known
        fields, required = known
        if not required <= named.keys():
            return False
        for name, value in named.items():
            key = (schema.name, name, repr(value))
            if key in self._good:
                continue
            field = fields.get(name)
            if field is None or value is None or not _holds(field, name, value):
                return False
            if len(self._good) >= _MOST:
                self._good.clear()
            self._good.add(key)
        return True


def _holds(field: Field, name: str, value: object) -> bool:
    """Say whether a field takes a value, as ``Schema.write`` would."""
    try:
        field.kind.read(field.kind.write(json_form.read(value, name)))
    except (Problem, AttributeError, TypeError):
        return False
    return True
