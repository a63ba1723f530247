"""What travels between nodes: problems in strict CBOR, targets, and how long anything may be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from kimberlite.kernel import cbor, errors
from kimberlite.kernel.errors import Invalid, Problem, Unavailable
from kimberlite.kernel.ids import HOLDER

MOST_STATEMENTS: Final = 32
"""Statements in one ``/submit``."""
BODY_LIMIT: Final = MOST_STATEMENTS * (16 * 1024 + 8) + 8
"""Longest body of a request, in bytes."""
ANSWER_LIMIT: Final = 20 << 20
"""Longest answer that is read, in bytes: a bundle of entries has at most 16 MiB."""

STATUS_LIST: Final = re.compile(r"/status-list/([a-z]{1,24})/(0|[1-9][0-9]{0,8})")
OPENINGS: Final = re.compile(r"/openings/(0|[1-9][0-9]{0,17})")
WITHDRAWN: Final = re.compile(r"/opening/([0-9a-f]{64})")
OPENING: Final = re.compile(rf"/opening/([0-9a-f]{{64}})/({HOLDER.pattern})")
SENT_BY: Final = re.compile(rf"/opening/([0-9a-f]{{64}})/({HOLDER.pattern})/({HOLDER.pattern})")

_KINDS: Final[Mapping[str, type[Problem]]] = {
    kind.__name__: kind
    for kind in (
        errors.Invalid,
        errors.Refused,
        errors.NotFound,
        errors.Conflict,
        errors.Untrusted,
        errors.Unavailable,
    )
}
STATUS: Final[Mapping[str, int]] = {
    "Invalid": 422,
    "Refused": 403,
    "NotFound": 404,
    "Conflict": 409,
    "Untrusted": 401,
    "Unavailable": 503,
}
"""HTTP status by kind of problem."""
_TAKEN: Final = frozenset(("self", "code", "detail"))


def of_problem(bad: Problem) -> tuple[int, bytes]:
    """Give the HTTP status and the body that tell ``bad``: CBOR([kind, code, detail, facts])."""
    kind = next((n for n, k in _KINDS.items() if isinstance(bad, k)), "Unavailable")
    facts = {name: v if type(v) is int else str(v) for name, v in bad.facts.items()}
    return STATUS[kind], cbor.encode([kind, bad.code, bad.detail, facts])


def to_problem(status: int, body: bytes) -> Problem:
    """Read what ``of_problem`` gives; anything else is ``line.answer``."""
    try:
        value: Any = cbor.decode(body, limit=1 << 16)
    except Problem:
        value = None
    match value:
        case [str() as kind, str() as code, str() as detail, dict() as facts] if (
            kind in _KINDS and all(_is_fact(*each) for each in facts.items())
        ):
            return _KINDS[kind](code, detail, **facts)
    return Unavailable(
        "line.answer",
        f"what answers there is not a log node, or is not well (HTTP {status})",
        status=status,
    )


def _is_fact(name: object, value: object) -> bool:
    return type(name) is str and name not in _TAKEN and type(value) in (str, int)


def statements(body: bytes) -> list[bytes]:
    """Read the body of ``/submit``: CBOR([statement ...]). Raises Invalid ``relay.request``."""
    try:
        value: Any = cbor.decode(body, limit=BODY_LIMIT)
    except Problem:
        value = None
    match value:
        case [*raws] if 0 < len(raws) <= MOST_STATEMENTS and all(type(r) is bytes for r in raws):
            return raws
    raise Invalid("relay.request", "expected a list of 1 to 32 statements")


def places(body: bytes) -> list[tuple[int, bytes, str]]:
    """Read a list of copies that wait: CBOR([[place, digest, sender] ...]).

    Raises:
        Unavailable: ``line.answer``.
    """
    try:
        value: Any = cbor.decode(body, limit=ANSWER_LIMIT)
    except Problem:
        value = None
    if not isinstance(value, list):
        raise to_problem(200, b"")
    return [_place(each) for each in value]


def _place(value: object) -> tuple[int, bytes, str]:
    match value:
        case [int() as place, bytes() as digest, str() as sender] if (
            type(place) is int and len(digest) == 32 and HOLDER.fullmatch(sender)
        ):
            return place, digest, sender
    raise to_problem(200, b"")
