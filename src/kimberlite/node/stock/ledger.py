"""The ledger of blank forms in the operational store: movements added, holdings derived."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from kimberlite.kernel.errors import Conflict, Invalid, NotFound, Refused
from kimberlite.node.stock.forms import Forms, form
from kimberlite.node.stock.movements import (
    ABSENT,
    HELD,
    KINDS,
    PRINTED,
    Movement,
    Order,
    Place,
    check_reason,
)
from kimberlite.storage.sqlite import reading, transaction


@dataclass(frozen=True, slots=True)
class Holding:
    """A run of forms that are in one place."""

    forms: Forms
    place: Place


@dataclass(frozen=True, slots=True)
class Use:
    """What an act does to stock: prints on ``form`` of ``office``, and spoils form ``spoils``."""

    officer: str
    at: int
    form: str = ""
    office: str = ""
    spoils: str = ""


_COLUMNS = (
    "id, at, officer, kind, prefix, first, last, width, was_state, was_office, state, office, "
    "why, act, undoes"
)
_MOVEMENTS = f"SELECT {_COLUMNS} FROM stock_movement WHERE holder = ? "  # noqa: S608 - constants
_HOLDINGS = "SELECT prefix, first, last, width, state, office FROM stock_holding WHERE holder = ? "
_OVERLAPS = "AND prefix = ? AND first <= ? AND last >= ? "


class Stock:
    """The forms of one holder. Shares the connection of the operational store."""

    def __init__(self, db: sqlite3.Connection, holder: str) -> None:
        self._db, self._holder = db, holder

    # ---- moving --------------------------------------------------------------------------

    def move(self, order: Order, at: int, act: int | None = None) -> Movement:
        """Move forms, in a transaction of its own.

        Raises:
            Invalid: as ``Order.check``. Conflict: ``stock.received-before``.
            Refused: ``stock.unknown`` for forms that were never received, ``stock.mixed`` when
                they are not all in one place, ``stock.state`` when that is the wrong one.
        """
        order.check()
        with transaction(self._db):
            return self._move(order, at, act)

    def use(self, use: Use, act: int) -> None:
        """Print on a form, spoil another, as an act says; inside the caller's transaction.

        Raises:
            Refused: ``stock.not-here`` when the form is not in the stock of the act's office.
            Invalid: ``stock.form``.
        """
        if not self.kept():
            return
        if use.spoils:
            self._spoil(use, act)
        if not use.form:
            return
        forms = form(use.form)
        found = self._place(forms)
        if found != Place(HELD, use.office):
            raise Refused(
                "stock.not-here",
                f"form {use.form} is {found.state} at {found.office or 'the store'}, so "
                f"{use.office or 'the store'} cannot print on it",
                form=use.form,
                state=found.state,
                office=found.office,
            )
        self._move(Order("printed", forms, use.officer, "certificate", use.office), use.at, act)

    def _spoil(self, use: Use, act: int) -> None:
        try:
            forms = form(use.spoils)
        except Invalid:  # printed before stock was kept here, on a form of another kind
            return
        if self._place(forms).state == PRINTED:
            self._move(Order("spoiled", forms, use.officer, "certificate ended"), use.at, act)

    def release(self, act: int, officer: str, at: int) -> None:
        """Take back what an act did to stock, as it was given up; in the caller's transaction."""
        sql = "AND act = ? AND undoes IS NULL ORDER BY id DESC"
        for each in self._movements(sql, (act,)):
            if self._taken_back(each.id) is None and self._later(each) is None:
                self._add(_counter(each, officer, "act withdrawn"), at, act)

    def undo(self, movement: int, officer: str, why: str, at: int) -> Movement:
        """Take a movement back by its counter-entry; both stay.

        Raises:
            NotFound: ``stock.movement``. Invalid: ``stock.officer``, ``stock.why``.
            Conflict: ``stock.undone``; ``stock.moved-on`` when its forms were moved since.
        """
        check_reason(officer, why)
        with transaction(self._db):
            found = self._movements("AND id = ?", (movement,))
            if not found:
                raise NotFound("stock.movement", f"there is no movement {movement}", id=movement)
            if found[0].undoes is not None or self._taken_back(movement) is not None:
                raise Conflict("stock.undone", f"movement {movement} is taken back", id=movement)
            later = self._later(found[0])
            if later is not None:
                raise Conflict(
                    "stock.moved-on",
                    f"its forms were moved since: take movement {later} back first",
                    later=later,
                )
            return self._add(_counter(found[0], officer, why), at, None)

    def _move(self, order: Order, at: int, act: int | None) -> Movement:
        kind, known = KINDS[order.kind], self._overlapping(order.forms)
        if order.kind == "received" and known:
            raise Conflict(
                "stock.received-before", "some of these forms are known here", form=str(order.forms)
            )
        if known:  # however many zeros were typed, a form has as many digits as the printer gave
            order = replace(order, forms=replace(order.forms, width=known[0].forms.width))
        was = self._place(order.forms)
        if was.state not in kind.starts or (order.kind == "allotted" and was.office):
            raise Refused(
                "stock.unknown" if was.state == ABSENT else "stock.state",
                f"{order.forms}: forms that are {was.state} at {was.office or 'the store'} cannot "
                f"be {order.kind}",
                form=str(order.forms),
                state=was.state,
                office=was.office,
            )
        now = Place(kind.leads, order.office if kind.moves else was.office)
        why = order.why or order.kind
        told = Movement(0, at, order.officer, order.kind, order.forms, was, now, why, act)
        return self._add(told, at, act)

    def _add(self, told: Movement, at: int, act: int | None) -> Movement:
        sql = "SELECT coalesce(max(id), 0) + 1 FROM stock_movement WHERE holder = ?"
        (number,) = self._db.execute(sql, (self._holder,)).fetchone()
        forms, was, now = told.forms, told.was, told.now
        row = (
            *(self._holder, number, at, told.officer, told.kind),
            *(forms.prefix, forms.first, forms.last, forms.width),
            *(was.state, was.office, now.state, now.office, told.why, act, told.undoes),
        )
        marks = ", ".join("?" * len(row))
        self._db.execute(f"INSERT INTO stock_movement VALUES ({marks})", row)  # noqa: S608
        self._put(forms, now)
        return replace(told, id=number, at=at, act=act)

    # ---- holdings ------------------------------------------------------------------------

    def _put(self, forms: Forms, place: Place) -> None:
        """Split what the run overlaps, put it where it is now, and join it to like neighbours."""
        pieces = [] if place.state == ABSENT else [Holding(forms, place)]
        around = Forms(forms.prefix, forms.first - 1, forms.last + 1)
        for each in self._overlapping(around):
            self._db.execute(
                "DELETE FROM stock_holding WHERE holder = ? AND prefix = ? AND first = ?",
                (self._holder, each.forms.prefix, each.forms.first),
            )
            if each.forms.first < forms.first:
                left = each.forms.part(each.forms.first, min(each.forms.last, forms.first - 1))
                pieces.append(Holding(left, each.place))
            if each.forms.last > forms.last:
                right = each.forms.part(max(each.forms.first, forms.last + 1), each.forms.last)
                pieces.append(Holding(right, each.place))
        for each in _joined(pieces):
            self._db.execute(
                "INSERT INTO stock_holding VALUES (?, ?, ?, ?, ?, ?, ?)",
                (self._holder, *_row(each)),
            )

    def _place(self, forms: Forms) -> Place:
        """Give the one place of all these forms. Raises Refused ``stock.mixed``."""
        found = self._overlapping(forms)
        known = sum(
            min(each.forms.last, forms.last) - max(each.forms.first, forms.first) + 1
            for each in found
        )
        places = {each.place for each in found}
        if not found:
            return Place(ABSENT)
        if len(places) > 1 or known != forms.count:
            raise Refused(
                "stock.mixed",
                f"{forms} are not all in one place: move each run by itself",
                form=str(forms),
            )
        return places.pop()

    def _overlapping(self, forms: Forms) -> list[Holding]:
        rows = self._db.execute(
            _HOLDINGS + _OVERLAPS + "ORDER BY first",
            (self._holder, forms.prefix, forms.last, forms.first),
        )
        return [_holding(row) for row in rows.fetchall()]

    # ---- reading -------------------------------------------------------------------------

    def kept(self) -> bool:
        """Say whether this holder keeps its stock here at all."""
        sql = "SELECT 1 FROM stock_movement WHERE holder = ? LIMIT 1"
        with reading():
            return self._db.execute(sql, (self._holder,)).fetchone() is not None

    def place(self, text: str) -> Place:
        """Say where one form is. Raises Invalid ``stock.form``."""
        with reading():
            return self._place(form(text))

    def named(self, text: str) -> str:
        """Give a form's number as this stock spells it; as it stands where no stock is kept."""
        if not text or not self.kept():
            return text
        forms = form(text)
        with reading():
            known = self._overlapping(forms)
        width = known[0].forms.width if known else forms.width
        return replace(forms, width=width).name(forms.first)

    def holdings(self) -> list[Holding]:
        """List everything that is or was here, in order of number."""
        with reading():
            rows = self._db.execute(_HOLDINGS + "ORDER BY prefix, first", (self._holder,))
            return [_holding(row) for row in rows.fetchall()]

    def next_form(self, office: str) -> str | None:
        """Give the lowest form that ``office`` holds, None when it has none."""
        sql = "AND state = ? AND office = ? ORDER BY prefix, first LIMIT 1"
        with reading():
            row = self._db.execute(_HOLDINGS + sql, (self._holder, HELD, office)).fetchone()
        return None if row is None else _holding(row).forms.name(row[1])

    def movements(self, first: int = 0, last: int = 1 << 62, most: int = -1) -> list[Movement]:
        """List movements made from second ``first`` to ``last``, newest first, at most ``most``."""
        with reading():
            sql = "AND at BETWEEN ? AND ? ORDER BY id DESC LIMIT ?"
            return self._movements(sql, (first, last, most))

    def _movements(self, how: str, told: Sequence[object]) -> list[Movement]:
        rows = self._db.execute(_MOVEMENTS + how, (self._holder, *told)).fetchall()
        return [_movement(row) for row in rows]

    def _taken_back(self, movement: int) -> int | None:
        sql = "SELECT id FROM stock_movement WHERE holder = ? AND undoes = ?"
        row = self._db.execute(sql, (self._holder, movement)).fetchone()
        return None if row is None else int(row[0])

    def _later(self, told: Movement) -> int | None:
        """Give the newest movement after this one, of any of its forms, that still stands."""
        sql = _OVERLAPS + "AND id > ? AND undoes IS NULL ORDER BY id DESC"
        forms = told.forms
        found = self._movements(sql, (forms.prefix, forms.last, forms.first, told.id))
        return next((each.id for each in found if self._taken_back(each.id) is None), None)


def _counter(told: Movement, officer: str, why: str) -> Movement:
    return Movement(
        0, told.at, officer, told.kind, told.forms, told.now, told.was, why, None, told.id
    )


def _joined(pieces: Sequence[Holding]) -> list[Holding]:
    found: list[Holding] = []
    for each in sorted(pieces, key=lambda piece: piece.forms.first):
        last = found[-1] if found else None
        if (
            last is not None
            and (last.place, last.forms.width) == (each.place, each.forms.width)
            and last.forms.last + 1 == each.forms.first
        ):
            found[-1] = Holding(last.forms.part(last.forms.first, each.forms.last), each.place)
        else:
            found.append(each)
    return found


def _row(told: Holding) -> tuple[str | int, ...]:
    forms, place = told.forms, told.place
    return forms.prefix, forms.first, forms.last, forms.width, place.state, place.office


def _holding(row: Sequence[Any]) -> Holding:
    *forms, state, office = row
    return Holding(Forms(*forms), Place(state, office))


def _movement(row: Sequence[Any]) -> Movement:
    number, at, officer, kind, *forms, was, was_at, state, office, why, act, undoes = row
    places = Place(was, was_at), Place(state, office)
    return Movement(number, at, officer, kind, Forms(*forms), *places, why, act, undoes)
