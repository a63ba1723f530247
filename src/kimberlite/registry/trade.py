"""Who is listed and who may trade, as of any day: two questions with two answers.

A participant may be listed and not trade. Sources: KPCS Core Document, Section I (participant),
Section III(c) (no shipment to or from a non-participant).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kimberlite.registry.asof import Known, Possible, agree, current, show, weakest
from kimberlite.registry.model import Answer, Direction, Reason, Standing, Truth
from kimberlite.registry.restrictions import whole_trade
from kimberlite.registry.rows import Event, Kind

NO_PARTICIPANT = "KPCS Core Document, Section III(c)"
_YES = frozenset((Kind.LISTED, Kind.TRADE_RESUMED, Kind.ENTITY, Kind.TERRITORY))
_INSTEAD = {
    Kind.TERRITORY: "participant.territory-of",
    Kind.ENTITY: "participant.trading-entity",
}
_LISTING = frozenset((Kind.LISTED, Kind.REMOVED))
_TRADE = frozenset((Kind.TRADE_STOPPED, Kind.TRADE_RESUMED))


def reason_of(known: Known, code: str, truth: Truth, event: Event) -> Reason:
    """Make the reason that ``event`` gives."""
    facts: dict[str, str | int] = {"subject": event.subject, "since": show(event.when)}
    if event.kind in _TRADE:
        facts["direction"] = event.direction.value
    if event.decides:
        facts["decides"] = event.decides
        if event.decides != "arrival":
            facts["transit_passes"] = 1
    source, contested = event.record.source, known.contested_by(event)
    return Reason(code, truth, source, contested, facts)


def _truth(possible: Possible, otherwise: Truth) -> Truth:
    said = [Truth.YES if each.kind in _YES else Truth.NO for each in possible.events]
    return agree([*said, otherwise] if possible.nothing else said)


def members_on(known: Known, code: str, day: int) -> tuple[str, ...]:
    """Give the states for which ``code`` stands on ``day``, as certain as the record is."""
    rows = [each for each in known.events(code) if each.kind is Kind.MEMBERS]
    possible = current(known.counting(code, rows, day), day).events
    return possible[0].members if possible else ()


def stands_for(known: Known, code: str, day: int) -> str | None:
    """Give the participant that stands for the state ``code`` on ``day``, or None."""
    for subject in known.subjects():
        if code in members_on(known, subject, day):
            return subject
    return None


def _not_listed(known: Known, code: str, day: int) -> Answer:
    """Say no to a code that no listing names, with what it is instead."""
    for each in known.events(code):
        if each.when.earliest <= day and each.kind in _INSTEAD:
            made = reason_of(known, _INSTEAD[each.kind], Truth.NO, each)
            if each.territory_of:
                made.facts["of"] = each.territory_of
            return Answer(Truth.NO, (made,))
    union = stands_for(known, code, day)
    facts: dict[str, str | int] = {"code": code}
    if union is not None:
        facts["participant"] = union
    word = "participant.not-listed" if union is None else "participant.member-of"
    return Answer(Truth.NO, (Reason(word, Truth.NO, NO_PARTICIPANT, (), facts),))


def listed(known: Known, code: str, day: int) -> Answer:
    """Say whether ``code`` is on the list of participants on ``day``."""
    rows = [each for each in known.events(code) if each.kind in _LISTING]
    possible = current(known.counting(code, rows, day), day)
    if not possible.events:
        return _not_listed(known, code, day)
    truth = _truth(possible, Truth.NO)
    word = {
        Truth.YES: "participant.listed",
        Truth.NO: "participant.removed",
        Truth.CANNOT_TELL: "participant.listing-uncertain",
    }[truth]
    reasons = tuple(reason_of(known, word, truth, each) for each in possible.events)
    if truth is Truth.NO and (union := stands_for(known, code, day)) is not None:
        facts: dict[str, str | int] = {"code": code, "participant": union}
        reasons = (Reason("participant.member-of", truth, NO_PARTICIPANT, (), facts), *reasons)
    return Answer(truth, reasons)


def _streams(rows: Sequence[Event], day: int) -> tuple[tuple[Event, ...], ...]:
    """Part decisions from what the participant says of itself; both must allow.

    What a transcriber asserts counts until either has spoken.
    """
    native = [each for each in rows if each.record.standing is not Standing.ASSERTED]
    if not any(each.when.earliest <= day for each in native):
        return (tuple(each for each in rows if each.record.standing is Standing.ASSERTED),)
    return tuple(
        tuple(each for each in native if each.record.standing is standing)
        for standing in (Standing.DECIDED, Standing.STATED)
    )


def _flag(known: Known, code: str, way: Direction, day: int) -> Answer:
    """Say whether nobody stopped the trade of ``code`` one way."""
    rows = [
        each
        for each in known.events(code)
        if each.kind in _TRADE and each.direction in {way, Direction.BOTH}
    ]
    answers = []
    for stream in _streams(known.counting(code, rows, day), day):
        possible = current(stream, day)
        if not possible.events:
            continue
        truth = _truth(possible, Truth.YES)
        word = {
            Truth.YES: "trade.resumed",
            Truth.NO: "trade.stopped",
            Truth.CANNOT_TELL: "trade.uncertain",
        }[truth]
        reasons = tuple(reason_of(known, word, truth, each) for each in possible.events)
        answers.append(Answer(truth, reasons))
    return join(answers)


def join(answers: Sequence[Answer]) -> Answer:
    """Join answers that must all be yes; the reasons of the weakest come first."""
    truth = weakest(each.truth for each in answers)
    ordered = sorted(answers, key=lambda each: each.truth is not truth)
    return Answer(truth, tuple(reason for each in ordered for reason in each.reasons))


def may_trade(known: Known, code: str, way: Direction, day: int) -> Answer:
    """Say whether ``code`` may export, import or both on ``day``.

    It must be listed (or be a trading entity that meets the requirements, or the territory of a
    participant that may), nobody must have stopped its trade, and no restriction must catch all
    of it. Restrictions on some goods only are named as conditions.
    """
    base = _base(known, code, way, day)
    if base.truth is Truth.NO:
        return base
    ways = (Direction.EXPORT, Direction.IMPORT) if way is Direction.BOTH else (way,)
    answers = [base]
    for each in ways:
        answers.append(_flag(known, code, each, day))
        answers.append(whole_trade(known, code, each, day))
    found = join(answers)
    reasons: list[Reason] = []
    for reason in found.reasons:
        if reason not in reasons:
            reasons.append(reason)
    return Answer(found.truth, tuple(reasons))


def _base(known: Known, code: str, way: Direction, day: int) -> Answer:
    """Say whether ``code`` takes part, by its own listing or by what stands for one."""
    found = listed(known, code, day)
    first = found.reasons[0]
    if first.code == _INSTEAD[Kind.TERRITORY]:
        parent = may_trade(known, str(first.facts["of"]), way, day)
        return Answer(parent.truth, (replace(first, truth=parent.truth), *parent.reasons))
    if first.code == _INSTEAD[Kind.ENTITY]:
        rows = [each for each in known.events(code) if each.kind in {Kind.ENTITY, Kind.REMOVED}]
        truth = _truth(current(known.counting(code, rows, day), day), Truth.NO)
        return Answer(truth, (replace(first, truth=truth),))
    return found
