"""JSON files: a list of objects, one a row, each by column; or that list under "rows"."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from kimberlite.kernel.errors import Invalid
from kimberlite.node.intake.tables import (
    MOST_COLUMNS,
    MOST_ROWS,
    Bad,
    Cell,
    Manner,
    Number,
    Row,
    Table,
    gathered,
    heads,
    name_of,
    text_cell,
    too_many_columns,
)

_DIGITS = 40
"""Longest number that is looked at, in characters."""


def read(data: bytes, _manner: Manner) -> Table:
    """Read a JSON file.

    Raises:
        Invalid: ``intake.json``, ``intake.no-header``, ``intake.empty``,
            ``intake.too-many-rows``, ``intake.too-many-columns``.
    """
    rows = _parsed(data)
    if len(rows) > MOST_ROWS:
        raise Invalid("intake.too-many-rows", "take fewer rows into one file", limit=MOST_ROWS)
    names: dict[str, int] = {}
    for row in rows:
        for name in row:
            if len(names) > MOST_COLUMNS:
                raise too_many_columns()
            names.setdefault(name_of(name), len(names))
    header = heads(tuple(names))
    told = (_row(at, each, names) for at, each in enumerate(rows, start=1))
    return Table("json", header, gathered(told, len(header)), "utf-8")


def _parsed(data: bytes) -> Sequence[dict[str, Any]]:
    try:
        value = json.loads(
            data.decode("utf-8-sig"),
            parse_float=_number,
            parse_int=_number,
            parse_constant=lambda _: Bad("intake.number"),
            object_pairs_hook=_object,
        )
    except (ValueError, RecursionError) as bad:
        raise Invalid("intake.json", "this is not JSON, or names a field twice") from bad
    if isinstance(value, dict):
        value = value.get("rows")
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise Invalid("intake.json", "expected a list of objects, one for each row")
    return value


def _number(text: str) -> Cell:
    return Number(text) if len(text) <= _DIGITS else Bad("intake.number")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len({name_of(name) for name in found}) != len(pairs):
        raise ValueError("twice")
    return found


def _row(at: int, told: dict[str, Any], names: dict[str, int]) -> Row:
    cells: list[Cell] = [""] * len(names)
    for name, value in told.items():
        cells[names[name_of(name)]] = _cell(value)
    return Row(at, tuple(cells))


def _cell(value: object) -> Cell:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case str():
            return text_cell(value)
        case Number() | Bad():
            return value
        case _:
            return Bad("intake.nested")
