"""The dated histories of real cases, decided by the rules in use in a log of simulated days."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from kimberlite.kernel.days import parse_day
from kimberlite.kernel.errors import Refused
from kimberlite.ledger.engine.memory import MemoryEngine
from kimberlite.ledger.envelope import parse as parse_statement
from kimberlite.node.cases import running, stage
from kimberlite.node.cases.asking import ask
from kimberlite.node.cases.model import Outcome, Question, Report
from kimberlite.node.cases.model import Result as Decided
from kimberlite.node.cases.reading import read
from kimberlite.node.cases.running import chosen, run
from kimberlite.registry.read import Registry
from kimberlite.registry.record import Draft, statements

CASES = read()
QUESTIONS = [question for case in CASES for question in case.questions]

# Written down apart from the data files, so that an edit there cannot make an error look right.
HARD = {
    "roc-issue-2004-07-08": "allowed",
    "roc-arrival-2004-07-12": "refused",
    "roc-issue-2004-07-10": "refused",
    "roc-issue-2007-11-09": "allowed",
    "lr-issue-2007-05-03": "refused",
    "lr-issue-2007-05-04": "allowed",
    "ci-issue-2010-03-15": "refused",
    "ci-issue-2013-12-10": "refused",
    "ci-issue-2014-04-30": "allowed",
    "ve-issue-2010-06-01": "refused",
    "ve-listed-2010-06-01": "yes",
    "ve-issue-2016-11-21": "allowed",
    "zw-marange-2009-12-10": "refused",
    "zw-lot-1-2010-08-11": "allowed",
    "zw-lot-2-2010-09-13": "allowed",
    "zw-lot-3-2010-10-05": "refused",
    "zw-mbada-2011-03-25-eu": "contested",
    "zw-mbada-2011-03-25-in": "contested",
    "zw-murowa-2011-03-25": "allowed",
    "zw-mbada-2011-11-02": "allowed",
    "zw-dmc-2011-11-02": "refused",
    "zw-dmc-2012-02-15": "allowed",
    "cf-issue-2013-06-03": "refused",
    "cf-berberati-2015-09-01": "refused",
    "cf-approved-2017-03-01": "allowed",
    "cf-berberati-2017-03-01": "refused",
    "cf-berberati-2020-02-03": "allowed",
    "cf-bria-2024-11-14": "refused",
    "cf-bria-2024-11-15": "allowed",
    "com-ru-2023-12-01": "allowed",
    "adm-cm-2012-08-13": "refused",
    "adm-cm-2012-08-14": "allowed",
    "adm-gb-2020-12-31": "refused",
    "adm-gb-2021-01-01": "allowed",
    "adm-uz-2024-11-15": "allowed",
    "nat-direct-2024-01-02": "refused",
    "nat-elsewhere-2024-01-02": "allowed",
    "nat-third-2024-03-01": "refused",
    "nat-small-2024-03-01": "allowed",
    "nat-small-2024-09-02": "refused",
    "nat-mixed-2025-03-03": "refused",
    "nat-mixed-elsewhere-2025-03-03": "allowed",
    "chair-2020-06-01": "nobody",
    "chair-asked-2025-12-26": "IN",
}
UNCERTAIN = [
    "lb-issue-2004-04-01",
    "ve-import-2008-07-01",
    "ve-issue-2016-11-17",
    "zw-dmc-2011-12-20",
    "cf-berberati-2016-06-01",
    "cf-boda-2016-09-15",
    "adm-ga-2018-11-16",
    "adm-mz-2021-11-15",
]

# One record left out, and a decision that is then not as its source says.
FAULTS = {
    "cg-2004-07-09-removed": "roc-issue-2004-07-10",
    "cg-2007-11-08-listed": "roc-issue-2007-11-09",
    "lr-listed": "lr-issue-2007-05-04",
    "ci-unsc-export-2014": "ci-issue-2014-04-30",
    "ve-2008-suspension": "ve-issue-2010-06-01",
    "ve-2016-11-resumed": "ve-issue-2016-11-21",
    "zw-2010-07-15-lots": "zw-lot-2-2010-09-13",
    "zw-2011-03-21-contest": "zw-mbada-2011-03-25-eu",
    "zw-2011-12-dmc": "zw-dmc-2012-02-15",
    "cf-export-2019": "cf-berberati-2020-02-03",
    "cf-export-2024": "cf-bria-2024-11-15",
    "eu-2024-09-01-third": "nat-small-2024-09-02",
    "gb-listed": "adm-gb-2021-01-01",
    "in-2026-01-01-chair": "chair-asked-2025-12-26",
}


def without(event: str) -> list[Draft]:
    """Give the record without one event, and without what corrects it."""
    whole = statements()
    left = [
        each
        for each in whole
        if each.named["event"] != event and each.named.get("supersedes") != event
    ]
    assert len(left) < len(whole), event
    return left


@pytest.fixture(scope="module")
def report() -> Report:
    return run(CASES, statements())


@pytest.fixture(scope="module")
def decided(report: Report) -> dict[str, Decided]:
    return {each.question.id: each for told in report.cases for each in told.results}


# --- the histories ---------------------------------------------------------------------------


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.id)
def test_every_decision_is_as_its_source_says(
    question: Question, decided: dict[str, Decided]
) -> None:
    result = decided[question.id]
    assert (result.then.decision, result.now.decision) == (question.expect, question.later)
    assert question.because in {"", result.then.because}
    assert result.holds


@pytest.mark.parametrize("name", HARD)
def test_what_the_histories_are_known_for_was_decided(
    name: str, decided: dict[str, Decided]
) -> None:
    assert decided[name].then.decision == HARD[name]


@pytest.mark.parametrize("name", UNCERTAIN)
def test_inside_uncertain_days_it_cannot_be_told(name: str, decided: dict[str, Decided]) -> None:
    assert decided[name].now.decision == "cannot-tell"


def test_a_certificate_that_may_no_longer_be_issued_was_refused_in_hindsight_only(
    decided: dict[str, Decided],
) -> None:
    """That Venezuela issued nothing from 2005 was published in 2016: two days, two answers."""
    result = decided["ve-issue-2006-06-01"]
    assert (result.then.decision, result.now.decision) == ("allowed", "refused")


def test_a_contested_notice_is_shown_with_both_views(decided: dict[str, Decided]) -> None:
    outcome = decided["zw-mbada-2011-03-25-in"].then
    assert [(each.of, each.decision) for each in outcome.views] == [
        ("CA, EU, US", "refused"),
        ("the notice of 2011-03-19", "allowed"),
    ]
    assert ("2011-03-19", ("CA", "EU", "US")) in [(e.day, e.by) for e in outcome.disputes]


def test_who_contested_one_text_is_not_said_to_contest_another(
    decided: dict[str, Decided],
) -> None:
    disputes = decided["zw-other-2011-07-10"].then.disputes
    assert {each.day: each.by for each in disputes} == {
        "2011-01-18": ("NA",),
        "2011-03-19": ("CA", "EU", "US"),
        "2011-06-24": ("CA", "EU", "US"),
    }


def test_goods_that_no_contested_text_is_about_bear_no_mark(decided: dict[str, Decided]) -> None:
    assert decided["zw-murowa-2011-03-25"].then.disputes == ()


def test_every_decision_names_a_source(report: Report) -> None:
    for told in report.cases:
        for each in told.results:
            assert each.question.source
            assert each.then.source
            assert each.then.rule


def test_every_history_of_the_research_has_its_case(shared: Path) -> None:
    with (shared / "domain" / "data" / "case_events.csv").open(encoding="utf-8") as file:
        named = {row["case"] for row in csv.DictReader(file)}
    # A definition that was not adopted changes no decision on a shipment.
    assert named - {"S-DEF"} <= {case.id for case in CASES}


def test_questions_stand_in_order_of_day() -> None:
    for case in CASES:
        days = [question.asked for question in case.questions]
        assert days == sorted(days)


# --- the log they run in ---------------------------------------------------------------------


def test_the_log_holds_the_record_and_no_certificate(monkeypatch: pytest.MonkeyPatch) -> None:
    engines: list[MemoryEngine] = []

    def engine() -> MemoryEngine:
        engines.append(MemoryEngine())
        return engines[-1]

    monkeypatch.setattr(stage, "MemoryEngine", engine)
    found = run(chosen(CASES, ["S-ROC"]), statements())

    signed = [parse_statement(each.raw).header for each in engines[0].entries(0, found.entries)]
    assert {each.typ for each in signed} == {
        "kp-genesis+cose",
        "kp-time-jump+cose",
        "kp-time+cose",
        "kp-history+cose",
    }
    assert {each.iss for each in signed if each.typ == "kp-history+cose"} == {"kp.archive"}
    assert not any(each.iss[0].isupper() for each in signed)
    assert len([each for each in signed if each.typ == "kp-history+cose"]) == found.statements


def test_a_question_sees_only_what_was_public_on_its_day() -> None:
    (case,) = chosen(CASES, ["S-ROC"])
    question = next(each for each in case.questions if each.id == "roc-issue-2004-07-10")
    early = replace(question, id="early", asked=parse_day("2004-07-08"))

    found = run([replace(case, questions=(early,))], statements())

    result = found.cases[0].results[0]
    assert (result.then.decision, result.now.decision) == ("allowed", "refused")


def test_a_record_that_does_not_fit_together_is_refused_by_the_log() -> None:
    with pytest.raises(Refused) as bad:
        run(chosen(CASES, ["S-ZW"]), without("zw-2009-11-05-marange"))
    assert bad.value.code == "history.restriction"


# --- faults ----------------------------------------------------------------------------------


@pytest.mark.parametrize("event", FAULTS)
def test_a_record_left_out_shows(event: str) -> None:
    about = [case for case in CASES if FAULTS[event] in {each.id for each in case.questions}]
    found = run(about, without(event))
    differing = {e.question.id for told in found.cases for e in told.results if not e.holds}
    assert FAULTS[event] in differing
    assert not found.holds


def test_a_rule_that_always_allows_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    def lenient(question: Question, registry: Registry) -> Outcome:
        return replace(ask(question, registry), decision="allowed")

    monkeypatch.setattr(running, "ask", lenient)
    assert not run(chosen(CASES, ["S-LR"]), statements()).holds


def test_the_right_decision_for_a_wrong_reason_shows(decided: dict[str, Decided]) -> None:
    result = decided["roc-issue-2004-07-10"]
    other = replace(result.question, because="trade.stopped")
    assert not replace(result, question=other).holds
