"""Runs the histories: the record enters day by day, and each question is put on its day."""

from __future__ import annotations

from collections.abc import Sequence

from kimberlite.kernel.errors import NotFound
from kimberlite.node.cases.asking import ask
from kimberlite.node.cases.model import Case, Outcome, Question, Report, Result, Told
from kimberlite.node.cases.stage import Asserted, Stage


def chosen(cases: Sequence[Case], names: Sequence[str]) -> tuple[Case, ...]:
    """Give the cases called ``names``, or all where none is named.

    Raises:
        NotFound: ``cases.unknown``.
    """
    known = {case.id: case for case in cases}
    for name in names:
        if name not in known:
            raise NotFound(
                "cases.unknown", f"there is no case {name}: choose among {', '.join(known)}"
            )
    return tuple(case for case in cases if not names or case.id in names)


def run(cases: Sequence[Case], record: Sequence[Asserted]) -> Report:
    """Found a log, let ``record`` enter it, and put every question of ``cases``.

    Each statement enters on the day on which its source was published. Each question is put
    twice: on its own day, and when the whole record has entered.

    Raises:
        Refused: with the log's code, when the record does not fit together.
    """
    entering = sorted(record, key=lambda each: int(each[2]["published"]))
    asked = [question for case in cases for question in case.questions]
    published = [int(each[2]["published"]) for each in entering]
    days = sorted({*published, *(question.asked for question in asked)})
    stage = Stage(days[0])
    then: dict[str, Outcome] = {}
    for day in days:
        stage.move(day)
        stage.enter([each for each in entering if each[2]["published"] == day])
        then.update(_put(stage, [each for each in asked if each.asked == day]))
    now = _put(stage, asked)
    told = tuple(
        Told(case, tuple(Result(each, then[each.id], now[each.id]) for each in case.questions))
        for case in cases
    )
    return Report(told, stage.size, len(entering), days[0], days[-1])


def _put(stage: Stage, questions: Sequence[Question]) -> dict[str, Outcome]:
    registry = stage.registry
    return {each.id: ask(each, registry) for each in questions}
