"""Who may see and do what: one table, deny by default.

The log section of a statement is open to whoever replays the log, that is to participants and
admitted observers; the public gets the registry, the head of the log and an answer about the
certificate in its hand. Source: KPCS practice of authority-to-authority data (Core Document,
Section V); ours, docs/spec/visibility.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType


class Role(Enum):
    """As whom a visitor looks."""

    PUBLIC = "public"
    OBSERVER = "observer"
    OFFICER = "officer"


class Action(Enum):
    """What a page or an address of the API lets its visitor do."""

    READ_GUIDE = "read-guide"
    READ_REGISTRY = "read-registry"
    READ_HEAD = "read-head"
    READ_ENTRIES = "read-entries"
    READ_CERTIFICATES = "read-certificates"
    VERIFY = "verify"
    REGISTER = "register"
    LOOK_AS = "look-as"


_ALL = frozenset(Role)
_REPLAYERS = frozenset((Role.OBSERVER, Role.OFFICER))

ALLOWED: Mapping[Action, frozenset[Role]] = MappingProxyType(
    {
        Action.READ_GUIDE: _ALL,
        Action.READ_REGISTRY: _ALL,
        Action.READ_HEAD: _ALL,
        Action.READ_ENTRIES: _REPLAYERS,
        Action.READ_CERTIFICATES: _REPLAYERS,
        Action.VERIFY: _ALL,
        # A statement speaks for itself by its signature: admission decides, not who carried it.
        Action.REGISTER: _ALL,
        Action.LOOK_AS: _ALL,
    }
)


def may(role: Role, action: Action) -> bool:
    """Say whether ``role`` may do ``action``; what the table does not name, nobody may.

    >>> may(Role.PUBLIC, Action.READ_CERTIFICATES)
    False
    """
    return role in ALLOWED.get(action, frozenset())
