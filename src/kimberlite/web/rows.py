"""Rows of the API as CSV, as spreadsheets take them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kimberlite.node.intake.templates import written


def csv_of(rows: Sequence[Mapping[str, Any]], columns: Sequence[str] = ()) -> bytes:
    """Write rows with the same fields; lists with spaces between, what is absent as nothing.

    ``columns`` stand at the head where there is no row to take them from.
    """
    heads = list(rows[0]) if rows else list(columns)
    return written([heads, *([_cell(row[name]) for name in heads] for row in rows)])


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case Mapping():
            return " ".join(str(each) for each in value.values())
        case list() | tuple():
            return "; ".join(_cell(each) for each in value)
        case _:
            return str(value)
