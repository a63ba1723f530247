"""Write schemas as CDDL (RFC 8610) and as tables that say the same in words."""

from __future__ import annotations

import re
from collections.abc import Iterable

from kimberlite.ledger.schema import Field, Kind, Schema, day, moment, nested

_LIST = re.compile(r"\[(\d+)\*(\d+) (.+)\]")
_RANGE = re.compile(r"(-?\d+)\.\.(-?\d+)")
_OCTETS = re.compile(r"bstr \.size (?:(\d+)|\((\d+)\.\.(\d+)\))")
_TEXT = re.compile(r"tstr \.size \(1\.\.(\d+)\)")
_CHOICE = re.compile(r"&\((.+)\)")
_REGEXP = re.compile(r'tstr \.regexp "(.+)"')
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9.-]*")


def kind(each: Kind) -> str:
    """Give a kind as CDDL proper.

    The schema's own text holds Python's form of a pattern and bare words for choices; CDDL wants
    backslashes doubled, no ``(?:``, and quotes around what is no identifier.
    """
    return _proper(each.cddl)


def _proper(text: str) -> str:
    if (found := _LIST.fullmatch(text)) is not None:
        return f"[{found[1]}*{found[2]} {_proper(found[3])}]"
    if (found := _REGEXP.fullmatch(text)) is not None:
        pattern = found[1].replace("(?:", "(").replace("\\", "\\\\")
        return f'tstr .regexp "{pattern}"'
    if (found := _CHOICE.fullmatch(text)) is not None:
        pairs = (pair.rsplit(": ", 1) for pair in found[1].split(", "))
        named = (f"{_word(name)}: {place}" for name, place in pairs)
        return f"&({', '.join(named)})"
    return text


def _word(name: str) -> str:
    return name if _WORD.fullmatch(name) else f'"{name}"'


def rule(schema: Schema) -> str:
    """Write one record as a CDDL rule."""
    lines = [f"{schema.name} = {{"]
    for each in schema.fields:
        optional = "" if each.required else "? "
        lines.append(f"  {optional}{each.label} => {kind(each.kind)}, ; {each.name}: {each.note}")
    return "\n".join([*lines, "}"])


def rules(schema: Schema) -> str:
    """Write a record and every record inside it, outermost first."""
    return "\n\n".join(rule(each) for each in nested(schema))


def table(schema: Schema) -> str:
    """Write one record's fields as a table in words."""
    lines = ["| label | name | holds | meaning |", "|---|---|---|---|"]
    lines += [_row(each) for each in schema.fields]
    return "\n".join(lines)


def tables(schema: Schema) -> str:
    """Write a table for a record and for every record inside it."""
    parts = []
    for each in nested(schema):
        if each is not schema:
            parts.append(f"**{each.name}**\n")
        parts.append(table(each) + "\n")
    return "\n".join(parts).rstrip("\n")


def _row(each: Field) -> str:
    name = each.name if each.required else f"{each.name} (optional)"
    return f"| {each.label} | {name} | {cell(prose(each.kind.cddl))} | {cell(each.note)} |"


def cell(text: str) -> str:
    """Make text fit a cell of a Markdown table."""
    return text.replace("|", "\\|").replace("\n", " ")


def prose(text: str) -> str:
    """Say in words what a kind of value is, from its CDDL."""
    if text == day().cddl:
        return "day, counted from 1970-01-01"
    if text == moment().cddl:
        return "moment, UTC seconds since 1970"
    if (found := _LIST.fullmatch(text)) is not None:
        return f"list of {found[1]} to {found[2]}: {prose(found[3])}"
    if (found := _CHOICE.fullmatch(text)) is not None:
        pairs = (pair.rsplit(": ", 1) for pair in found[1].split(", "))
        return "one of " + ", ".join(f"{place} {name}" for name, place in pairs)
    if (found := _REGEXP.fullmatch(text)) is not None:
        return f"text of the form `{found[1]}`"
    if (found := _TEXT.fullmatch(text)) is not None:
        return f"text, 1 to {int(found[1]) // 4} characters"
    if (found := _OCTETS.fullmatch(text)) is not None:
        return f"{found[1]} bytes" if found[1] else f"{found[2]} to {found[3]} bytes"
    if (found := _RANGE.fullmatch(text)) is not None:
        return f"integer, {found[1]} to {found[2]}"
    return "true or false" if text == "bool" else f"record **{text}**"


def distinct(schemas: Iterable[Schema]) -> list[Schema]:
    """Give every record that ``schemas`` hold, each once.

    Raises:
        ValueError: when two records of one name differ, for CDDL could not tell them apart.
    """
    found: dict[str, Schema] = {}
    for schema in schemas:
        for each in nested(schema):
            if rule(found.setdefault(each.name, each)) != rule(each):
                raise ValueError(f"two records are called {each.name}")
    return list(found.values())
