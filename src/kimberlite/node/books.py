"""Every rule version this program knows, made of what each room brings.

A room joins by having a package ``v1`` with its statement types in ``TYPES``: nothing here, and
nothing in any other room, has to name it. Rooms are taken in order of name.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules

import kimberlite
from kimberlite.ledger.types import RuleBook, StatementType


def types_of(version: int) -> Iterator[tuple[StatementType, ...]]:
    """Give each room's statement types of a rule version."""
    rooms = (each for each in iter_modules(kimberlite.__path__) if each.ispkg)
    for name in sorted(f"kimberlite.{room.name}.v{version}" for room in rooms):
        if find_spec(name) is not None:
            yield import_module(name).TYPES


V1 = RuleBook.of(1, *types_of(1))
BOOKS = {1: V1}
"""By version. A released version is frozen: tests/vectors holds it to its corpus."""
