"""A rule is a value: a stable code, the text it comes from, and a check."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Generic, TypeAlias, TypeVar

Subject = TypeVar("Subject")
Facts: TypeAlias = Mapping[str, "str | int"]

NO_FACTS: Facts = {}


class Force(Enum):
    """What it means when a rule speaks."""

    REFUSES = "refuses"
    """The statement does not enter the log."""
    FINDS = "finds"
    """What happened is recorded, with a finding beside it."""


@dataclass(frozen=True, slots=True)
class Rule(Generic[Subject]):
    """A rule with its source.

    ``check`` gives None when the rule has nothing to say, else the facts that a sentence about
    it needs. ``source`` names the KP document and section, the RFC and section, or "ours" with
    the decision's number.
    """

    code: str
    source: str
    force: Force
    check: Callable[[Subject], Facts | None] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule had to say about something that is recorded all the same."""

    code: str
    facts: Facts = field(default_factory=dict)
