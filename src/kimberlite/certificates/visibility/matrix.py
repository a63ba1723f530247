"""Who sees what, and when: the one matrix of field, role and moment that every exit asks.

Closed by default: what no row names, nobody sees. ``docs/spec/visibility.md`` is written from here.
Source: KPCS Core Document, Section V and Annex III; each row names its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final


class Role(Enum):
    """As whom somebody asks, towards one statement."""

    PUBLIC = "public"
    BEARER = "bearer"
    VIEWER = "viewer"
    BANK = "bank"
    PARTY = "party"
    ISSUER = "issuer"
    DESTINATION = "destination"
    TRANSIT = "transit"
    PARTICIPANT = "participant"
    OBSERVER = "observer"
    STATISTICS = "statistics"
    MISSION = "mission"
    SECRETARIAT = "secretariat"
    LOG_NODE = "log-node"
    AUDITOR = "auditor"


class Moment(Enum):
    """Where a certificate is in its life, as far as that changes who sees what."""

    DRAFT = "draft"
    ISSUED = "issued"
    DISPATCHED = "dispatched"
    PRESENTED = "presented"
    CONFIRMED = "confirmed"
    AGED = "aged"
    DISPUTED = "disputed"
    ERASED = "erased"


class Answer(Enum):
    """What one gets: the value; only totals over many; only a salted digest; or nothing."""

    CLEAR = "clear"
    AGGREGATE = "aggregate"
    SEALED = "sealed"
    NEVER = "never"


class Part(Enum):
    """What a row of the matrix is about."""

    REGISTRY = "registry"
    HEAD = "head"
    STATUS = "status"
    LOG = "log"
    DIGESTS = "digests"
    FINDINGS = "findings"
    OFFICE = "office"
    SHIPMENT = "shipment"
    VALUES = "values"
    PARTIES = "parties"
    JOURNEY = "journey"
    FOUND = "found"
    FOUND_PARTIES = "found-parties"
    EVIDENCE = "evidence"
    SCANS = "scans"


@dataclass(frozen=True, slots=True)
class Policy:
    """What was decided about opening later; by default nothing.

    Attributes:
        opens_after: days after confirmation from which all participants may be given what a
            dated policy can open; 0 for never. See ``opening.opens_after``.
        mandate: the mandate or order under which is asked, by its reference; "" for none.
    """

    opens_after: int = 0
    mandate: str = ""


CLOSED: Final = Policy()


@dataclass(frozen=True, slots=True)
class Row:
    """Answers for one part (or one field of it) by role, a letter a moment, and where from."""

    part: Part
    source: str
    cells: Mapping[Role, str]
    field: str = ""


LETTERS: Final[Mapping[str, tuple[Answer, bool, bool, Answer]]] = {
    # letter: answer, whether a dated policy opens it, whether a mandate does, and to what
    "c": (Answer.CLEAR, False, False, Answer.CLEAR),
    "a": (Answer.AGGREGATE, False, False, Answer.AGGREGATE),
    "s": (Answer.SEALED, False, False, Answer.SEALED),
    "-": (Answer.NEVER, False, False, Answer.NEVER),
    "m": (Answer.SEALED, False, True, Answer.CLEAR),
    "g": (Answer.AGGREGATE, False, True, Answer.CLEAR),
    "b": (Answer.SEALED, True, True, Answer.CLEAR),
}
_ROLES: Final = {
    "u": Role.PUBLIC,
    "b": Role.BEARER,
    "v": Role.VIEWER,
    "k": Role.BANK,
    "y": Role.PARTY,
    "i": Role.ISSUER,
    "d": Role.DESTINATION,
    "t": Role.TRANSIT,
    "p": Role.PARTICIPANT,
    "o": Role.OBSERVER,
    "s": Role.STATISTICS,
    "m": Role.MISSION,
    "c": Role.SECRETARIAT,
    "l": Role.LOG_NODE,
    "a": Role.AUDITOR,
}
_EVERYBODY: Final = "ubvkyidtposmcla"


def _row(part: Part, source: str, told: str, field: str = "") -> Row:
    """Read a row: words "roles=answers", answers one letter a moment in the order of Moment."""
    cells: dict[Role, str] = {}
    for word in told.split():
        roles, _, answers = word.partition("=")
        cells.update({_ROLES[each]: answers for each in roles})
    return Row(part, source, MappingProxyType(cells), field)


_V = "KPCS Core Document, Section V and Annex III (data between authorities, totals in public)"
_ARCH = "ours: log in clear for who replays it, decision 0005"
_OURS = "ours: docs/decisions"
_III = "KPCS Core Document, Section III(b) (confirmation to the exporting authority)"

# Moments, in order: draft, issued, dispatched, presented, confirmed, aged, disputed, erased.
ROWS: Final = (
    _row(Part.REGISTRY, "KPCS Core Document, Section V(a)", f"{_EVERYBODY}=cccccccc"),
    _row(Part.HEAD, "ours: decision 0001 (anyone may hold a head)", f"{_EVERYBODY}=cccccccc"),
    _row(Part.STATUS, "ours: docs/spec/status.md", f"{_EVERYBODY}=-ccccccc"),
    _row(Part.LOG, _ARCH, "i=cccccccc bvkydtposmcla=-ccccccc"),
    _row(Part.DIGESTS, _ARCH, "i=cccccccc bvkydtposmcla=-ccccccc"),
    _row(Part.FINDINGS, _ARCH, "i=cccccccc dtposmcla=-ccccccc"),
    _row(Part.OFFICE, "ours: decision 0012 (of own statements alone)", "i=ccccccc- dt=-cccccc-"),
    _row(
        Part.SHIPMENT,
        _V,
        "bvk=-ccccccc y=-ccccccs i=cccccccs d=-ccccccs t=-mmmmbms p=-mmmmbms o=-sssssss "
        "s=-gggggga m=-mmmmmms c=-sssssms l=-sssssss a=-mmmmmms",
    ),
    _row(
        Part.VALUES,
        _V,
        "bk=-ccccccc y=-ccccccs i=cccccccs d=-ccccccs t=-sssssss p=-sssssss o=-sssssss "
        "s=-gggggga m=-mmmmmms c=-sssssms l=-sssssss a=-mmmmmms",
    ),
    _row(
        Part.PARTIES,
        _V,
        "b=-ccccccc y=-ccccccs i=cccccccs d=-ccccccs t=-mmmmmms p=-sssssss o=-sssssss "
        "s=-sssssss m=-mmmmmms c=-sssssss l=-sssssss a=-mmmmmms",
    ),
    _row(
        Part.JOURNEY,
        "ours: a timetable of parcels is for the two authorities",
        "i=cccccccs d=-ccccccs t=-mmmmmms p=-sssssss o=-sssssss s=-sssssss m=-mmmmmms "
        "c=-sssssss l=-sssssss a=-mmmmmms",
    ),
    _row(
        Part.FOUND,
        _III,
        "i=-ccccccs d=cccccccs t=-sssssss p=-sssssss o=-sssssss s=-gggggga m=-mmmmmms "
        "c=-sssssms l=-sssssss a=-mmmmmms",
    ),
    _row(
        Part.FOUND_PARTIES,
        _III,
        "i=-ccccccs d=cccccccs t=-sssssss p=-sssssss o=-sssssss s=-sssssss m=-mmmmmms "
        "c=-sssssss l=-sssssss a=-mmmmmms",
    ),
    _row(
        Part.EVIDENCE,
        _III,
        "i=-ccccccs d=cccccccs t=-mmmmmms p=-sssssss o=-sssssss s=-sssssss m=-mmmmmms "
        "c=-sssssms l=-sssssss a=-mmmmmms",
    ),
    _row(
        Part.SCANS,
        _OURS,
        "i=cccccccs d=-ccccccs t=-sssssss p=-sssssss o=-sssssss s=-sssssss m=-mmmmmms "
        "c=-sssssms l=-sssssss a=-mmmmmms",
    ),
    # A view for a bank shows these two beside the shipment; it opens no section by showing a part.
    _row(Part.PARTIES, "ours: docs/spec/credential.md", "k=-ccccccc", "exporter"),
    _row(Part.PARTIES, "ours: docs/spec/credential.md", "k=-ccccccc", "importer"),
    # One heavy stone tells which parcel it was, so no total is made of these.
    _row(Part.VALUES, _OURS, "s=-mmmmmms", "heaviest"),
    _row(Part.VALUES, _OURS, "s=-mmmmmms", "sizes"),
)
"""Every row. A row with a field overrides the row of its part for the roles that it names."""
