"""Who may see and do what: one table, deny by default.

What a visitor may read follows from the matrix of ``certificates.visibility``, which is the one
place that says who sees what; here stands only which part of it an action shows. Source: ours,
docs/spec/visibility.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

from kimberlite.certificates import visibility
from kimberlite.certificates.visibility import Answer, Moment, Part


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
    TAKE_IN = "take-in"
    KEEP_STOCK = "keep-stock"
    WORK = "work"
    CORRESPOND = "correspond"


_ALL = frozenset(Role)
_OFFICERS = frozenset((Role.OFFICER,))
SEEN_AS: Mapping[Role, visibility.Role] = MappingProxyType(
    {
        Role.PUBLIC: visibility.Role.PUBLIC,
        Role.OBSERVER: visibility.Role.OBSERVER,
        # What an officer sees of a certificate of its own is more, and asked for by certificate.
        Role.OFFICER: visibility.Role.PARTICIPANT,
    }
)
"""As whom a visitor stands in the matrix, before a certificate is named."""


def _readers(part: Part) -> frozenset[Role]:
    """Name who sees ``part`` in clear, of a certificate that is issued."""
    return frozenset(
        role
        for role, seen in SEEN_AS.items()
        if visibility.may_see(seen, part, Moment.ISSUED) is Answer.CLEAR
    )


ALLOWED: Mapping[Action, frozenset[Role]] = MappingProxyType(
    {
        Action.READ_GUIDE: _ALL,
        Action.READ_REGISTRY: _readers(Part.REGISTRY),
        Action.READ_HEAD: _readers(Part.HEAD),
        Action.READ_ENTRIES: _readers(Part.LOG),
        Action.READ_CERTIFICATES: _readers(Part.LOG),
        Action.VERIFY: _ALL,
        # A statement speaks for itself by its signature: admission decides, not who carried it.
        Action.REGISTER: _ALL,
        Action.LOOK_AS: _ALL,
        # An office's own work: its officers', and nobody's whose office is elsewhere.
        Action.TAKE_IN: _OFFICERS,
        Action.KEEP_STOCK: _OFFICERS,
        Action.WORK: _OFFICERS,
        Action.CORRESPOND: _OFFICERS,
    }
)


def may(role: Role, action: Action) -> bool:
    """Say whether ``role`` may do ``action``; what the table does not name, nobody may.

    >>> may(Role.PUBLIC, Action.READ_CERTIFICATES)
    False
    """
    return role in ALLOWED.get(action, frozenset())
