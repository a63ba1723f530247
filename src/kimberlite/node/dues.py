"""What is due on a node: from the log for everybody, and with an office's own openings for it.

Where goods go is sealed, so the log alone does not say who has to answer for goods under way. An
office knows it of its own shipments. Source: ours, docs/spec/certificate-states.md.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from kimberlite.certificates import due
from kimberlite.certificates.due import Due, Kind, Open
from kimberlite.certificates.projected import pending
from kimberlite.certificates.transitions import Status
from kimberlite.kernel.days import parse_day
from kimberlite.kernel.errors import NotFound
from kimberlite.node.desk import Desk
from kimberlite.node.held import gather
from kimberlite.node.shown import shown
from kimberlite.node.view import View
from kimberlite.registry.read import Registry
from kimberlite.storage.sqlite import reading

_HIDDEN = frozenset((Kind.UNHEARD, Kind.UNUSED))
"""Of these the log does not say where the goods go."""
_OVER = frozenset((Status.RETURNED, Status.VOID, Status.REPLACED, Status.ANNULLED))
_RETURN_TYP = "kp-return+cose"
_CERTIFICATES = ("kp-cert+cose", "kp-paper+cose")
_OWN = ("kp-cert+cose", "kp-correction+cose", "kp-dispatch+cose")


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What an office's openings say of a shipment: to whom, expected when, back until when."""

    destination: str = ""
    expected: int | None = None
    return_by: int | None = None


def foresee(desk: Desk, number: str) -> Foreseen:
    """Say what ``desk`` may see of where a shipment goes. Raises as ``held.gather``."""
    found = shown(desk, gather(desk, number))
    shipment = found.certificate.shipment
    if shipment is None:
        return Foreseen()
    return Foreseen(shipment.destination, found.expected, shipment.return_by)


def dues(view: View, desk: Desk | None = None) -> tuple[Due, ...]:
    """Say what is due, the earliest deadline first.

    Args:
        view: the node's log.
        desk: the office that asks; None leaves out what only openings show.
    """
    today, registry = view.today(), view.registry()
    known = [_owned(each, registry, today) for each in view.ask(lambda db: pending(db, today))]
    if desk is not None:
        known = [*_foreseen(desk, known), *_away(desk)]
    return due.work_out(known, registry)


def of(found: Iterable[Due], code: str) -> tuple[tuple[Due, ...], tuple[Due, ...]]:
    """Part what concerns ``code`` into what it owes and what is owed to it."""
    told = tuple(found)
    mine = tuple(each for each in told if each.by == code)
    return mine, tuple(each for each in told if each.to == code and each.by != code)


def overdue_keys(found: Iterable[Due], today: int) -> frozenset[str]:
    """Name the certificates of which something is late, by their numbers' keys."""
    return frozenset(each.key for each in found if each.late(today))


def _owned(found: Open, registry: Registry, today: int) -> Open:
    """Name whose number it is where the log holds no such certificate."""
    if found.issuer:
        return found
    owner = registry.participant_of_prefix(found.key[:2], today)
    return replace(found, issuer=owner or "")


def _foreseen(desk: Desk, found: list[Open]) -> list[Open]:
    """Name where own goods go and when they are expected, as this office stated it itself."""
    hidden = [e for e in found if e.kind in _HIDDEN and e.issuer == desk.holder]
    told = _stated(desk.store.db, desk.holder, [each.key for each in hidden])
    seen = {each.name: told.get(each.key, Foreseen()) for each in hidden}
    return [
        replace(
            each,
            receiver=each.receiver or seen[each.name].destination,
            expected=seen[each.name].expected,
        )
        if each.name in seen
        else each
        for each in found
    ]


def _stated(db: sqlite3.Connection, holder: str, keys: list[str]) -> dict[str, Foreseen]:
    """Read own acts about many numbers at once: what an issuer stated it may see, until erased.

    An act that was erased holds none of it any more. Later acts go before earlier ones.
    """
    sql = """SELECT sub, json_extract(CAST(application AS TEXT), '$.shipment.destination'),
            json_extract(CAST(application AS TEXT), '$.journey.expected')
        FROM act WHERE holder = ? AND stage = 'logged' AND typ IN (?, ?, ?)
            AND sub IN (SELECT value FROM json_each(?)) ORDER BY id"""
    found: dict[str, Foreseen] = {}
    with reading():
        rows = db.execute(sql, (holder, *_OWN, json.dumps(keys))).fetchall()
    for key, destination, expected in rows:
        told = found.get(key, Foreseen())
        found[key] = Foreseen(
            destination or told.destination,
            told.expected if expected is None else parse_day(expected),
        )
    return found


def _away(desk: Desk) -> Iterator[Open]:
    """Give the shipments of this office that have to be back and are not."""
    for key in _with_return(desk.store.db, desk.holder):
        try:
            life, seen = desk.view.certificate(key), foresee(desk, key)
        except NotFound:
            continue
        back = any(act.typ == _RETURN_TYP for act in life.acts)
        if seen.return_by is None or back or life.status in _OVER:
            continue
        row = life.row
        yield Open(
            Kind.RETURN,
            key,
            life.number,
            row.holder,
            seen.destination,
            row.issued,
            row.index,
            expires=row.expires,
            expected=seen.return_by,
        )


def _with_return(db: sqlite3.Connection, holder: str) -> list[str]:
    """List the keys of logged certificates that were asked for with a day of return."""
    sql = (
        "SELECT DISTINCT sub FROM act WHERE holder = ? AND stage = 'logged' AND typ IN (?, ?) "
        "AND instr(application, '\"return_by\"') > 0 ORDER BY sub"
    )
    with reading():
        return [row[0] for row in db.execute(sql, (holder, *_CERTIFICATES)).fetchall()]
