"""The registry as of any day: who takes part, who may trade, what is restricted, who is in charge.

Days count from 1970-01-01. ``known`` is the day on which it had to be known; None means
everything logged. Answers have three values, because days of the past are uncertain.
"""

from __future__ import annotations

from kimberlite.kernel.ids import CertificateNumber
from kimberlite.ledger.state import State
from kimberlite.registry import notified, restrictions, timeline, trade
from kimberlite.registry.asof import Known
from kimberlite.registry.model import (
    Answer,
    Direction,
    Goods,
    NumberRange,
    Office,
    Organ,
    ParticipantView,
    Practice,
    Reason,
    Restriction,
    Specimen,
    Truth,
)
from kimberlite.registry.ranges import prefix_owner
from kimberlite.registry.rows import Event, Kind
from kimberlite.registry.timeline import Dated, Span

_LISTING = frozenset((Kind.LISTED, Kind.TERRITORY, Kind.ENTITY))


class Registry:
    """Answers from the log's state. Reads only; make one for each state that is asked."""

    def __init__(self, state: State, *, still: bool = False) -> None:
        """``still``: the state does not change while this is used, so what is read is kept."""
        self._state = state
        self._kept = Known(state) if still else None

    def _known(self, known: int | None) -> Known:
        if known is None and self._kept is not None:
            return self._kept
        return Known(self._state, known)

    # --- who takes part ----------------------------------------------------------------------

    def listed(self, code: str, day: int, known: int | None = None) -> Answer:
        """Say whether ``code`` is on the list of participants on ``day``."""
        return trade.listed(self._known(known), code, day)

    def may_trade(
        self, code: str, direction: Direction, day: int, known: int | None = None
    ) -> Answer:
        """Say whether ``code`` may export, import, or both, on ``day``."""
        return trade.may_trade(self._known(known), code, direction, day)

    def participant(self, code: str, day: int, known: int | None = None) -> ParticipantView | None:
        """Give a participant, territory or trading entity as of ``day``, listed then or not.

        None for a code that nothing known by then lists.
        """
        seen = self._known(known)
        rows = [each for each in seen.events(code) if each.kind in _LISTING]
        return self._view(seen, code, rows, day) if rows else None

    def participants(self, day: int, known: int | None = None) -> tuple[ParticipantView, ...]:
        """List the participants of ``day`` in order of code, with those that may be listed.

        Customs territories and trading entities stand outside the list: ``others`` gives them.
        """
        return tuple(view for view in self._views(day, known) if view.listed.truth is not Truth.NO)

    def others(self, day: int, known: int | None = None) -> tuple[ParticipantView, ...]:
        """List what issues or receives certificates without being a participant by itself."""
        return tuple(
            view
            for view in self._views(day, known)
            if view.listed.truth is Truth.NO and view.may_trade.truth is not Truth.NO
        )

    def _views(self, day: int, known: int | None) -> tuple[ParticipantView, ...]:
        seen = self._known(known)
        found = []
        for code in seen.subjects():
            rows = [each for each in seen.events(code) if each.kind in _LISTING]
            if rows and min(each.when.earliest for each in rows) <= day:
                found.append(self._view(seen, code, rows, day))
        return tuple(found)

    def _view(self, seen: Known, code: str, rows: list[Event], day: int) -> ParticipantView:
        prefixes = tuple(dict.fromkeys(prefix for each in rows for prefix in each.prefixes))
        return ParticipantView(
            code,
            timeline.names(seen, code),
            trade.listed(seen, code, day),
            trade.may_trade(seen, code, Direction.BOTH, day),
            tuple(
                (row, truth)
                for row, truth in restrictions.listing(seen, day)
                if code in {row.scope.country, row.jurisdiction}
            ),
            next((each.territory_of for each in reversed(rows) if each.territory_of), ""),
            prefixes,
        )

    def names(self, code: str) -> dict[str, str]:
        """Give the names of ``code`` by language; empty when unknown."""
        return timeline.names(self._known(None), code)

    def members(self, code: str, day: int, known: int | None = None) -> tuple[str, ...]:
        """List the states for which ``code``, a REIO, stands on ``day``."""
        return trade.members_on(self._known(known), code, day)

    def traders(self) -> tuple[str, ...]:
        """List every code that took part, or traded beside the list, on any day."""
        seen = self._known(None)
        return tuple(
            code
            for code in seen.subjects()
            if any(each.kind in _LISTING for each in seen.events(code))
        )

    def changes(self, code: str) -> tuple[int, ...]:
        """List, in order, the days on which an answer about ``code`` may become another.

        Those of its own events and practice, and of the participant whose territory it is.
        """
        seen = self._known(None)
        found = set(notified.practice_days(self._state, code))
        for each in (code, *(row.territory_of for row in seen.events(code) if row.territory_of)):
            found.update(timeline.days(seen, each))
        return tuple(sorted(found))

    def stands_for(self, code: str, day: int, known: int | None = None) -> str | None:
        """Give the participant that stands for the state ``code`` on ``day``, or None."""
        return trade.stands_for(self._known(known), code, day)

    def participant_of_prefix(self, prefix: str, day: int) -> str | None:
        """Give whose certificates bear ``prefix``, if it had begun to take part by ``day``.

        One that left since is still named, because its certificates still bear its number.
        """
        code = prefix_owner(self._state, prefix)
        rows = () if code is None else self._known(None).events(code)
        began = any(each.kind in _LISTING and each.when.earliest <= day for each in rows)
        return code if began else None

    # --- restrictions ------------------------------------------------------------------------

    def restrictions(
        self, day: int | None = None, known: int | None = None
    ) -> tuple[tuple[Restriction, Truth], ...]:
        """List restrictions with whether they are in force on ``day``, in order of id.

        Without a day: every one ever known, with whether it still is in force.
        """
        return restrictions.listing(self._known(known), day)

    def restricted(
        self, goods: Goods, day: int, receiver: str, known: int | None = None
    ) -> tuple[Reason, ...]:
        """List the restrictions that catch ``goods`` on ``day``.

        Returns:
            Reasons with truth yes (caught), cannot tell (may be caught: uncertain days, things
            the papers do not show, contested notices) or no (passes only by a decision that is
            contested), in this order. Empty when nothing restricts them.
        """
        return restrictions.restricted(self._known(known), goods, day, receiver)

    # --- what participants notified ----------------------------------------------------------

    def practice(self, code: str, day: int, known: int | None = None) -> Practice:
        """Give the national practice of ``code``, with defaults where it stated none."""
        return notified.practice(self._state, code, day, known)

    def range_of(self, number: CertificateNumber, day: int) -> NumberRange | None:
        """Give the notified range that holds ``number`` on ``day``, or None."""
        return notified.range_of(self._state, number, day)

    def ranges(self, code: str) -> tuple[NumberRange, ...]:
        """Give every range that ``code`` notified, by prefix and first number."""
        return notified.ranges(self._state, code)

    def offices(self, code: str, day: int) -> tuple[Office, ...]:
        """Give the offices of ``code`` that act on ``day``."""
        return notified.offices(self._state, code, day)

    def office(self, code: str, name: str) -> Office | None:
        """Give the latest version of an office, or None."""
        return notified.office(self._state, code, name)

    def specimens(self, code: str, day: int) -> tuple[Specimen, ...]:
        """Give the certificate designs that ``code`` uses on ``day``."""
        return notified.specimens(self._state, code, day)

    # --- organs and history ------------------------------------------------------------------

    def organs(self, day: int, known: int | None = None) -> tuple[Organ, ...]:
        """List chair, vice chair and custodian of ``day``."""
        return timeline.organs(self._known(known), day)

    def chair(self, day: int, known: int | None = None) -> Organ | None:
        """Give who presides on ``day``: the chair, else a custodian; None when nobody does."""
        found = {each.kind: each for each in self.organs(day, known)}
        return found.get("chair") or found.get("custodian")

    def observers(self, day: int, known: int | None = None) -> tuple[Organ, ...]:
        """List the observers of ``day``."""
        return timeline.observers(self._known(known), day)

    def history(self, code: str, known: int | None = None) -> tuple[Dated, ...]:
        """List what is recorded about ``code``, earliest first."""
        return timeline.history(self._known(known), code)

    def timeline(self, code: str, known: int | None = None) -> tuple[Span, ...]:
        """Part the time of ``code`` into spans in which every answer stays the same."""
        return timeline.timeline(self._known(known), code)
