"""What participants notified about themselves, as of a day: offices, ranges, designs, practice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from kimberlite.kernel.ids import CertificateNumber
from kimberlite.ledger.state import State, Table
from kimberlite.registry.model import NumberRange, Office, Practice, Record, Specimen
from kimberlite.registry.ranges import RANGES, prefix_owner, range_holds
from kimberlite.registry.rows import read_record, record_value


@dataclass(frozen=True, slots=True)
class PracticeNote:
    """What a participant stated about its practice, from ``begins`` on; other fields stand."""

    begins: int
    fields: dict[str, Any]
    record: Record


PRACTICES: Table[tuple[PracticeNote, ...]] = Table(
    "registry.practice",
    lambda rows: [[row.begins, row.fields, record_value(row.record)] for row in rows],
    lambda value: tuple(PracticeNote(each[0], each[1], read_record(each[2])) for each in value),
)
"""By participant, in order of entry."""


def _office_value(row: Office) -> list[Any]:
    return [
        row.id,
        row.holder,
        row.name,
        row.parent,
        list(row.roles),
        row.contact,
        row.begins,
        row.ends,
        record_value(row.record),
    ]


def _read_office(value: Any) -> Office:
    name, holder, title, parent, roles, contact, begins, ends, record = value
    return Office(
        name, holder, title, parent, tuple(roles), contact, begins, ends, read_record(record)
    )


OFFICES: Table[tuple[Office, ...]] = Table(
    "registry.office",
    lambda rows: [_office_value(row) for row in rows],
    lambda value: tuple(_read_office(each) for each in value),
)
"""By participant: every version of every office, in order of entry."""

SPECIMENS: Table[tuple[Specimen, ...]] = Table(
    "registry.specimen",
    lambda rows: [
        [r.template, r.begins, r.ends, list(r.features), r.image, record_value(r.record)]
        for r in rows
    ],
    lambda value: tuple(
        Specimen(each[0], each[1], each[2], tuple(each[3]), each[4], read_record(each[5]))
        for each in value
    ),
)
"""By participant, in order of entry."""

DEFAULT_PRACTICE = Practice()


def _holds(begins: int, ends: int | None, day: int) -> bool:
    return begins <= day and (ends is None or day < ends)


def practice(state: State, code: str, day: int, known: int | None = None) -> Practice:
    """Give the practice of ``code``; what it did not state is the default.

    Later statements go before earlier ones; among those that begin on one day, by entry.
    """
    rows = state.get(PRACTICES, code)
    if not rows:
        return DEFAULT_PRACTICE
    found = DEFAULT_PRACTICE
    for row in sorted(rows, key=lambda each: each.begins):
        if row.begins <= day and (known is None or row.record.known_on <= known):
            fields = dict(row.fields)
            if "languages" in fields:
                fields["languages"] = tuple(fields["languages"])
            found = replace(found, **fields)
    return found


def practice_days(state: State, code: str) -> tuple[int, ...]:
    """List the days from which ``code`` stated something about its practice."""
    return tuple(row.begins for row in state.get(PRACTICES, code) or ())


def ranges(state: State, code: str) -> tuple[NumberRange, ...]:
    """Give every range ever notified by ``code``, by prefix and first number."""
    found: list[NumberRange] = []
    for prefix, row in state.scan(RANGES):
        if prefix_owner(state, prefix) == code:
            found.extend(row.ranges)
    return tuple(found)


def range_of(state: State, number: CertificateNumber, day: int) -> NumberRange | None:
    """Give the range that holds ``number`` on ``day``, or None."""
    return range_holds(state, number.prefix, number.serial, day)


def offices(state: State, code: str, day: int) -> tuple[Office, ...]:
    """Give the offices of ``code`` that act on ``day``, in order of name."""
    rows = state.get(OFFICES, code) or ()
    found = [row for row in rows if _holds(row.begins, row.ends, day)]
    return tuple(sorted(found, key=lambda each: each.id))


def office(state: State, code: str, name: str) -> Office | None:
    """Give the latest version of an office, acting or not, or None."""
    rows = state.get(OFFICES, code) or ()
    return next((row for row in reversed(rows) if row.id == name), None)


def specimens(state: State, code: str, day: int) -> tuple[Specimen, ...]:
    """Give the designs that ``code`` uses on ``day``: of each template the latest notified."""
    latest: dict[str, Specimen] = {}
    for row in state.get(SPECIMENS, code) or ():
        if _holds(row.begins, row.ends, day):
            latest[row.template] = row
    return tuple(latest[name] for name in sorted(latest))
