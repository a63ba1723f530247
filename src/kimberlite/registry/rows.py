"""The registry's tables: dated events by subject, and what participants notify about themselves.

Events are kept as they were said; who is listed, who may trade and what is restricted is computed
when asked, for the day asked about and the day on which it was known. Resident: some hundreds of
events for the whole world.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from kimberlite.ledger.state import Table
from kimberlite.registry.model import (
    Authority,
    Direction,
    Interval,
    Record,
    Scope,
    Standing,
    Target,
)


class Kind(Enum):
    """What an event is. The order is signed in history statements, so only append."""

    LISTED = "listed"
    REMOVED = "removed"
    TRADE_STOPPED = "trade-stopped"
    TRADE_RESUMED = "trade-resumed"
    RESTRICTION_BEGAN = "restriction-began"
    RESTRICTION_CHANGED = "restriction-changed"
    RESTRICTION_ENDED = "restriction-ended"
    NOTICE = "notice"
    CONTEST = "contest"
    CHAIR = "chair"
    VICE = "vice"
    CUSTODIAN = "custodian"
    ORGAN_ENDED = "organ-ended"
    OBSERVER_JOINED = "observer-joined"
    OBSERVER_LEFT = "observer-left"
    MEMBERS = "members"
    TERRITORY = "territory"
    ENTITY = "entity"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Event:
    """One dated event about ``subject``, with the record it comes from.

    ``id`` names an event of the transcribed history, else "". Other fields are set as the kind
    needs them: ``restriction`` and ``scope`` for restrictions and notices about them (a notice
    without scope says that the restriction ended), ``direction`` for trade, ``ends`` for a term
    of office, ``decides`` for the day that governs: "issue", "export" or "arrival".
    """

    kind: Kind
    subject: str
    when: Interval
    record: Record
    id: str = ""
    text: str = ""
    names: dict[str, str] = field(default_factory=dict)
    prefixes: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    territory_of: str = ""
    direction: Direction = Direction.BOTH
    restriction: str = ""
    scope: Scope | None = None
    ends: Interval | None = None
    decides: str = ""


@dataclass(frozen=True, slots=True)
class Layer:
    """What a restriction's id stands for, whichever scope it has on a day."""

    subject: str
    authority: Authority
    jurisdiction: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class Said:
    """Which subject a statement spoke about, and how it came into the log."""

    subject: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class Contest:
    """Who contests, known on which day, from which source."""

    holder: str
    known_on: int
    source: str


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a number prefix is. A decision may take it from an owner that is only asserted."""

    code: str
    asserted: bool


def _interval(value: Interval | None) -> Any:
    return None if value is None else [value.earliest, value.latest]


def _read_interval(value: Any) -> Interval | None:
    return None if value is None else Interval(*value)


def record_value(row: Record) -> list[Any]:
    """Give a record as CBOR can hold it; contests have their own table."""
    standing = row.standing.value
    return [row.statement, row.entry, row.known_on, standing, row.source, row.confidence]


def read_record(value: Any) -> Record:
    """Read what ``record_value`` gives."""
    statement, entry, known_on, standing, source, confidence = value
    return Record(statement, entry, known_on, Standing(standing), source, confidence)


def _scope_value(row: Scope | None) -> Any:
    if row is None:
        return None
    zones = None if row.zones_allowed is None else list(row.zones_allowed)
    return [
        row.country,
        row.target.value,
        row.direction.value,
        list(row.regions),
        list(row.companies),
        list(row.companies_allowed),
        zones,
        row.lots_allowed,
        row.left_before,
        row.transit_passes,
        row.threshold_points,
        row.goods,
        row.zones_unnamed,
        row.needs_approval,
    ]


def _read_scope(value: Any) -> Scope | None:
    if value is None:
        return None
    country, target, direction, regions, companies, allowed, zones, *rest = value
    return Scope(
        country,
        Target(target),
        Direction(direction),
        tuple(regions),
        tuple(companies),
        tuple(allowed),
        None if zones is None else tuple(zones),
        *rest,
    )


def _event_value(row: Event) -> list[Any]:
    return [
        row.kind.value,
        row.subject,
        _interval(row.when),
        record_value(row.record),
        row.id,
        row.text,
        row.names,
        list(row.prefixes),
        list(row.members),
        row.territory_of,
        row.direction.value,
        row.restriction,
        _scope_value(row.scope),
        _interval(row.ends),
        row.decides,
    ]


def _read_event(value: Any) -> Event:
    kind, subject, when, record, name, text, names, prefixes, members, *rest = value
    territory_of, direction, restriction, scope, ends, decides = rest
    return Event(
        Kind(kind),
        subject,
        Interval(*when),
        read_record(record),
        name,
        text,
        names,
        tuple(prefixes),
        tuple(members),
        territory_of,
        Direction(direction),
        restriction,
        _read_scope(scope),
        _read_interval(ends),
        decides,
    )


EVENTS: Table[tuple[Event, ...]] = Table(
    "registry.event",
    lambda rows: [_event_value(row) for row in rows],
    lambda value: tuple(_read_event(each) for each in value),
)
"""By subject, in order of entry."""

SAID: Table[Said] = Table(
    "registry.said",
    lambda row: [row.subject, row.standing.value],
    lambda value: Said(value[0], Standing(value[1])),
)
"""By statement id in hexadecimal: statements that events came from."""

TOLD: Table[bytes] = Table("registry.told", lambda row: row, lambda value: value)
"""By event id of the transcribed history: the statement that asserted it."""

CORRECTED: Table[int] = Table("registry.corrected", lambda row: row, lambda value: value)
"""By event id: the earliest day on which a correction of it was known."""

LAYERS: Table[Layer] = Table(
    "registry.restriction",
    lambda row: [row.subject, row.authority.value, row.jurisdiction, row.standing.value],
    lambda value: Layer(value[0], Authority(value[1]), value[2], Standing(value[3])),
)
"""By restriction id."""

CONTESTS: Table[tuple[Contest, ...]] = Table(
    "registry.contest",
    lambda rows: [[row.holder, row.known_on, row.source] for row in rows],
    lambda value: tuple(Contest(*each) for each in value),
)
"""By id of the contested statement in hexadecimal."""

PREFIXES: Table[Owner] = Table(
    "registry.prefix", lambda row: [row.code, row.asserted], lambda value: Owner(*value)
)
"""By certificate number prefix: whose it is."""
