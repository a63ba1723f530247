"""Reads the case histories, which are data: one TOML file each in the folder data.

Every shipment in them is hypothetical. ``expect`` is the answer on the day itself, with what was
public by then; ``later``, where it differs, the answer with everything published since;
``because`` the code of the reason on which the answer on the day must rest; ``source`` what the
expected answer is taken from. docs/explanation/cases.md tells all fields.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Any

from kimberlite.kernel.days import parse_day
from kimberlite.kernel.errors import Invalid
from kimberlite.node.cases.model import Ask, Case, Consignment, Question

UNDISCLOSED = "***"
"""How a certificate prints origins that are mixed and not disclosed."""

_DAYS = ("left", "arrived", "left_origin")
_TOKENS = ("company", "zone", "lot", "approval")


def read() -> tuple[Case, ...]:
    """Give the histories that come with the program, in order of file name.

    Raises:
        Invalid: ``cases.damaged``.
    """
    folder = files("kimberlite.node.cases") / "data"
    found = sorted(folder.iterdir(), key=lambda each: each.name)
    return parse(each.read_text(encoding="utf-8") for each in found if each.name.endswith(".toml"))


def parse(texts: Iterable[str]) -> tuple[Case, ...]:
    """Read case histories, one TOML text each.

    Raises:
        Invalid: ``cases.damaged`` when a text is not what this module expects.
    """
    try:
        cases = tuple(_case(tomllib.loads(text)) for text in texts)
    except (Invalid, KeyError, TypeError, ValueError) as bad:
        raise Invalid("cases.damaged", f"the case histories cannot be read: {bad}") from bad
    names = [question.id for case in cases for question in case.questions]
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise Invalid("cases.damaged", f"two questions are called {twice}", question=twice)
    return cases


def _case(named: Mapping[str, Any]) -> Case:
    questions = sorted((_question(each) for each in named["ask"]), key=lambda each: each.asked)
    return Case(named["id"], named["title"], named["about"], tuple(questions))


def _question(named: Mapping[str, Any]) -> Question:
    kind = Ask(named.get("kind", "shipment"))
    consignment = _consignment(named) if kind is Ask.SHIPMENT else None
    if consignment is None:
        day = parse_day(named["day"])
    else:
        day = consignment.issued if consignment.arrived is None else consignment.arrived
    expect = named["expect"]
    return Question(
        id=named["id"],
        ask=kind,
        text=named["text"],
        asked=parse_day(named["asked"]) if "asked" in named else day,
        day=day,
        code=named.get("code", ""),
        expect=expect,
        later=named.get("later", expect),
        because=named.get("because", ""),
        source=named["source"],
        consignment=consignment,
    )


def _consignment(named: Mapping[str, Any]) -> Consignment:
    origins = named.get("origins", [named["issuer"]])
    days = {name: parse_day(named[name]) for name in _DAYS if name in named}
    return Consignment(
        issuer=named["issuer"],
        to=named["to"],
        issued=parse_day(named["issued"]),
        left=days.get("left"),
        arrived=days.get("arrived"),
        origins=() if origins == [UNDISCLOSED] else tuple(origins),
        localities=tuple(named.get("localities", ())),
        tokens=tuple((kind, str(named[kind])) for kind in _TOKENS if kind in named),
        heaviest=named.get("heaviest"),
        left_origin=days.get("left_origin"),
    )
