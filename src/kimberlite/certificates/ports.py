"""What this room needs to ask of the registry, so that its rules can run on any view of it."""

from __future__ import annotations

from typing import Protocol

from kimberlite.registry.model import Answer, Direction, Goods, Practice, Reason


class Trade(Protocol):
    """Who may trade, under which restrictions and by which national practice, as of any day.

    Days count from 1970-01-01; ``known`` is the day on which it had to be known, None for
    everything logged. ``kimberlite.registry`` answers from the log, a trust bundle from what it
    holds.
    """

    def listed(self, code: str, day: int, known: int | None = None) -> Answer:
        """Say whether ``code`` is a participant."""

    def may_trade(
        self, code: str, direction: Direction, day: int, known: int | None = None
    ) -> Answer:
        """Say whether ``code`` may export or import."""

    def restricted(
        self, goods: Goods, day: int, receiver: str, known: int | None = None
    ) -> tuple[Reason, ...]:
        """List the restrictions that catch ``goods`` (truth yes) or may catch them."""

    def practice(self, code: str, day: int) -> Practice:
        """Give the national practice of ``code``, or the defaults."""


class History(Trade, Protocol):
    """The same for every day, with the days on which answers change."""

    def changes(self, code: str) -> tuple[int, ...]:
        """List, in order, the days on which an answer about ``code`` may become another."""
