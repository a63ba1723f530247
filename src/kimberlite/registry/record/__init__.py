"""The public record of 2003 to 2026 as drafts of history statements, each with its source.

The tables beside this file hold facts of the public record: who was listed when, restrictions
with their scopes, terms of office, observers, and what the sources leave uncertain. They enter a
log once, signed by a transcriber in its own name; replay reads the log, never these files.
``published`` is the day on which a fact was made known; where the source does not tell, the
latest day on which it can have happened.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from importlib.resources import files
from typing import Any, NamedTuple

from kimberlite.kernel.days import parse_day
from kimberlite.registry.rows import Kind
from kimberlite.registry.v1.history import TYP

_DAYS = ("latest", "ends", "ends_latest")
_TEXTS = (
    "direction",
    "restriction",
    "authority",
    "jurisdiction",
    "contests",
    "decides",
    "supersedes",
    "territory_of",
    "text",
)
_LISTS = ("prefixes", "contested_by")
_SCOPE_LISTS = ("regions", "companies_allowed", "zones_allowed")
_SCOPE_NUMBERS = ("zones_unnamed", "lots_allowed", "threshold_points")
_LANGUAGES = ("en", "ar", "fr")
_TREATIES = "Treaties of accession to the European Union; agreement on the withdrawal of 2020"
NONE_OF_THEM = "-"
"""How a table writes a list that is there and empty."""


class Draft(NamedTuple):
    """An unsigned statement: its type, its subject, its log section by name."""

    typ: str
    sub: str
    named: dict[str, Any]


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = (files(__package__) / f"{name}.csv").read_text(encoding="utf-8")
    return csv.DictReader(text.splitlines())


def _names(row: dict[str, str]) -> dict[str, str]:
    return {code: row[f"name_{code}"] for code in _LANGUAGES if row[f"name_{code}"]}


def _named(event: str, kind: Kind, row: dict[str, str]) -> dict[str, Any]:
    """Give the fields that every table writes the same way."""
    named: dict[str, Any] = {
        "event": event,
        "kind": kind.value,
        "earliest": parse_day(row["earliest"]),
        "published": parse_day(row["published"]),
        "source": row["source"],
        "confidence": row["confidence"],
    }
    for name in _DAYS:
        if row.get(name):
            named[name] = parse_day(row[name])
    for name in _TEXTS:
        if row.get(name):
            named[name] = row[name]
    for name in _LISTS:
        if row.get(name):
            named[name] = row[name].split()
    if named.get("latest") == named["earliest"]:
        del named["latest"]
    return named


def _participants() -> Iterator[Draft]:
    for row in _rows("participants"):
        kind = Kind(row["kind"])
        named = _named(f"{row['code'].lower()}-{kind.value}", kind, row)
        if named["prefixes"] == [row["code"]]:
            del named["prefixes"]
        yield Draft(TYP, row["code"], {**named, "names": _names(row)})


def _events() -> Iterator[Draft]:
    names = {row["code"]: _names(row) for row in _rows("participants")}
    for row in _rows("events"):
        kind = Kind(row["kind"])
        named = _named(row["event"], kind, row)
        if kind is Kind.LISTED:
            named["names"] = names[row["subject"]]
        yield Draft(TYP, row["subject"], named)


def _scope(row: dict[str, str]) -> dict[str, Any]:
    scope: dict[str, Any] = {
        "country": row["country"],
        "target": row["target"],
        "direction": row["direction"],
    }
    for name in _SCOPE_LISTS:
        if row[name]:
            scope[name] = [] if row[name] == NONE_OF_THEM else row[name].split()
    for name in _SCOPE_NUMBERS:
        if row[name]:
            scope[name] = int(row[name])
    if row["left_before"]:
        scope["left_before"] = parse_day(row["left_before"])
    if row["goods"]:
        scope["goods"] = row["goods"]
    if row["needs_approval"]:
        scope["needs_approval"] = True
    return scope


def _restrictions() -> Iterator[Draft]:
    for row in _rows("restrictions"):
        named = _named(row["event"], Kind(row["kind"]), {**row, "direction": ""})
        if row["target"]:
            named["scope"] = _scope(row)
        yield Draft(TYP, row["country"], named)


def _members() -> Iterator[Draft]:
    rows = list(_rows("eu_members"))
    days = sorted({day for row in rows for day in (row["joined"], row["left"]) if day})
    for day in days:
        members = [
            row["code"]
            for row in rows
            if row["joined"] <= day and (not row["left"] or day < row["left"])
        ]
        row = {
            "earliest": day,
            "published": day,
            "source": _TREATIES,
            "confidence": "high",
            "text": f"The European Union has {len(members)} member states.",
        }
        named = _named(f"eu-{day}-members", Kind.MEMBERS, row)
        yield Draft(TYP, "EU", {**named, "members": members})


def _chairs() -> Iterator[Draft]:
    for row in _rows("chairs"):
        kind = Kind(row["kind"])
        event = f"{row['code'].lower()}-{row['begins']}-{kind.value}"
        yield Draft(TYP, row["code"], _named(event, kind, {**row, "earliest": row["begins"]}))


def _observers() -> Iterator[Draft]:
    for row in _rows("observers"):
        name = row["code"].replace(".", "-")
        joined = _named(f"{name}-joined", Kind.OBSERVER_JOINED, row)
        yield Draft(TYP, row["code"], {**joined, "names": _names(row)})
        if row["left"]:
            left = {**row, "earliest": row["left"], "latest": "", "published": row["left"]}
            yield Draft(TYP, row["code"], _named(f"{name}-left", Kind.OBSERVER_LEFT, left))


def statements() -> list[Draft]:
    """Give the whole record as unsigned drafts, in order of days, ready for a transcriber."""
    drafts = [
        *_participants(),
        *_members(),
        *_events(),
        *_restrictions(),
        *_chairs(),
        *_observers(),
    ]
    return sorted(drafts, key=_order)


def _order(draft: Draft) -> tuple[int, int, int]:
    """Order by day; on one day, what corrects or contests something comes after it."""
    named = draft.named
    refers = "supersedes" in named or "contests" in named
    return named["earliest"], named.get("latest", named["earliest"]), int(refers)
