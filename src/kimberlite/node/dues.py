"""What is due on a node: from the log for everybody, and with an office's own openings for it.

Where goods go is sealed, so the log alone does not say who has to answer for goods under way. An
office knows it of its own shipments. Source: ours, docs/spec/certificate-states.md.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

from kimberlite.certificates import due
from kimberlite.certificates.due import Due, Kind, Open
from kimberlite.certificates.projected import pending
from kimberlite.certificates.transitions import Status
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
        known = [_foreseen(desk, each) for each in known]
        known += _away(desk)
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


def _foreseen(desk: Desk, found: Open) -> Open:
    if found.kind not in _HIDDEN or found.issuer != desk.holder:
        return found
    seen = Foreseen()
    with suppress(NotFound):
        seen = foresee(desk, found.number)
    receiver = found.receiver or seen.destination
    return replace(found, receiver=receiver, expected=seen.expected)


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
