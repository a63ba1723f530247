"""Stock as an office keeps it: movements to offices that the registry knows, counts to print."""

from __future__ import annotations

from typing import Any

from kimberlite.certificates.v1.alerts import BLANK_FATES
from kimberlite.kernel.days import SECONDS_A_DAY, show_day, start_of
from kimberlite.kernel.errors import Invalid
from kimberlite.node import clock
from kimberlite.node.desk import Desk
from kimberlite.node.stock.counting import Count, count
from kimberlite.node.stock.ledger import Stock
from kimberlite.node.stock.movements import Movement, Order

REPORTED = frozenset(BLANK_FATES)
"""Movements of which the others can be told, by a statement on blanks."""


class Keeping:
    """The stock of one office's desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    @property
    def stock(self) -> Stock:
        """The ledger."""
        return self._desk.store.stock

    def move(self, order: Order) -> Movement:
        """Move forms now. Raises Invalid ``stock.office-unknown``; as ``Stock.move``."""
        order.check()
        today = self._desk.view.today()
        known = {each.id for each in self._desk.view.registry().offices(self._desk.holder, today)}
        if order.office and order.office not in known:
            raise Invalid(
                "stock.office-unknown",
                f"there is no office {order.office}; known are {', '.join(sorted(known))}",
                office=order.office,
            )
        return self.stock.move(order, clock.now())

    def undo(self, movement: int, officer: str, why: str) -> Movement:
        """Take a movement back now. Raises as ``Stock.undo``."""
        return self.stock.undo(movement, officer, why, clock.now())

    def count(self, first: int, last: int) -> Count:
        """Count from day to day, both included (days since 1970, UTC).

        Raises:
            Invalid: ``print.period`` when it ends before it begins.
        """
        if last < first:
            raise Invalid("print.period", "the last day lies before the first")
        end = start_of(last) + SECONDS_A_DAY - 1
        movements = self.stock.movements()
        moved_since = bool(movements) and movements[0].at > end
        held = None if moved_since else self.stock.holdings()
        return count(movements, start_of(first), end, held)

    @staticmethod
    def check_report(order: Order) -> None:
        """Make sure, before forms are moved, that the others can be told of it.

        Raises:
            Invalid: ``stock.kind``; ``stock.no-letters``, as a statement names a series by them.
        """
        if order.kind not in REPORTED:
            raise Invalid("stock.kind", "the others are told of forms that are gone, or back")
        if not order.forms.prefix:
            raise Invalid("stock.no-letters", "forms without letters cannot be told to the others")

    def blank(self, movement: Movement) -> dict[str, Any]:
        """Give the statement that tells the others of forms out of this authority's hands.

        Raises:
            Invalid: ``stock.kind`` for a movement of which nobody is told.
        """
        if movement.kind not in REPORTED or movement.undoes is not None:
            raise Invalid("stock.kind", "the others are told of forms that are gone, or back")
        forms = movement.forms
        told = {
            "of": "form",
            "lead": forms.prefix,
            "day": show_day(self._desk.view.today()),
            "first": forms.first,
            "last": forms.last,
            "fate": movement.kind,
            "note": movement.why,
        }
        return {**told, "office": movement.was.office} if movement.was.office else told
