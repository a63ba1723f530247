"""Every error raised on purpose: kinds say what to do next, codes are the contract."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType


class Problem(Exception):
    """Base of every error we raise on purpose.

    ``code`` is a contract: stable, listed in docs/reference/errors.md, safe to match on and to
    translate. ``detail`` is one sentence for people and may be reworded. ``facts`` are the
    values a translated sentence needs.
    """

    def __init__(self, code: str, detail: str, **facts: str | int) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.facts: Mapping[str, str | int] = MappingProxyType(facts)


class Invalid(Problem):
    """The input is malformed. Correct it; repeating will not help."""


class Refused(Problem):
    """The input is well formed and a rule says no. Show the rule."""


class NotFound(Problem):
    """There is no such record here."""


class Conflict(Problem):
    """Someone else wrote first. Load again and decide again."""


class Untrusted(Problem):
    """A signature, proof or key does not check out. Stop and raise an alarm."""


class Unavailable(Problem):
    """Something this needs cannot be reached or written now. Try again later."""
