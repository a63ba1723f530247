"""The command `kimberlite cases`, and the data files that it reads."""

from __future__ import annotations

import json
from time import process_time

import pytest
from click.testing import CliRunner, Result

from kimberlite.cli import cases as cli_cases
from kimberlite.cli.main import program
from kimberlite.kernel.errors import Invalid, NotFound
from kimberlite.node.cases.reading import parse, read
from kimberlite.registry.record import statements

CASES = read()
SECONDS = 5


def call(*words: str) -> Result:
    return CliRunner().invoke(program, list(words), catch_exceptions=False, standalone_mode=False)


ONE = """
id = "S-X"
title = ""
about = ""

[[ask]]
id = "a"
kind = "listed"
text = ""
code = "CG"
day = "2004-01-01"
expect = "no"
source = "x"
"""


@pytest.mark.parametrize(
    ("sound", "damaged"),
    [
        ("[[ask]]", "[[ask"),
        ('source = "x"', ""),
        ("2004-01-01", "2004-13-01"),
        ('"2004-01-01"', "7"),
        ("listed", "asked"),
    ],
    ids=["syntax", "field", "day", "type", "kind"],
)
def test_damaged_histories_are_a_problem_and_no_trace(sound: str, damaged: str) -> None:
    assert [case.id for case in parse([ONE])] == ["S-X"]
    with pytest.raises(Invalid) as bad:
        parse([ONE.replace(sound, damaged)])
    assert bad.value.code == "cases.damaged"


def test_a_name_is_given_once() -> None:
    with pytest.raises(Invalid) as bad:
        parse([ONE, ONE])
    assert bad.value.facts["question"] == "a"


@pytest.fixture
def faulty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave one event out of the record."""
    left = [each for each in statements() if each.named["event"] != "cg-2004-07-09-removed"]
    monkeypatch.setattr(cli_cases, "statements", lambda: left)


def test_the_command_says_that_every_decision_is_as_its_sources_say() -> None:
    began = process_time()
    done = call("cases")
    assert process_time() - began < SECONDS
    assert done.return_value == 0
    assert done.output.rstrip().endswith("Every decision is as its sources say.")
    assert done.output.startswith("Every shipment is hypothetical")
    for case in CASES:
        assert f"{case.id}  {case.title}" in done.output


def test_json_is_one_object_with_every_decision() -> None:
    done = call("--json", "cases")
    told = json.loads(done.output)
    assert done.return_value == 0
    assert told["as_sources_say"] is True
    assert told["hypothetical"] is True
    rows = [row for case in told["cases"] for row in case["decided"]]
    assert [row["id"] for row in rows] == [each.id for case in CASES for each in case.questions]
    contested = next(row for row in rows if row["id"] == "zw-mbada-2011-03-25-eu")
    assert contested["decided"]["decision"] == "contested"
    assert contested["decided"]["rule"] == "goods.restricted"
    assert {view["decision"] for view in contested["decided"]["views"]} == {"allowed", "refused"}


def test_one_case_can_be_chosen() -> None:
    told = json.loads(call("--json", "cases", "--case", "S-LR", "--case", "S-GH").output)
    assert [case["case"] for case in told["cases"]] == ["S-LR", "S-GH"]


def test_the_list_decides_nothing() -> None:
    told = json.loads(call("--json", "cases", "--list").output)
    assert [case["case"] for case in told["cases"]] == [case.id for case in CASES]
    assert "S-ROC" in call("cases", "--list").output


def test_an_unknown_case_is_named() -> None:
    with pytest.raises(NotFound) as bad:
        call("cases", "--case", "S-NONE")
    assert bad.value.code == "cases.unknown"


@pytest.mark.usefixtures("faulty")
def test_the_command_fails_when_a_decision_is_not_as_its_source_says() -> None:
    done = call("cases", "--case", "S-ROC")
    assert done.return_value == 1
    assert "! this is not as the source says" in done.output
    assert "Not as the sources say: roc-issue-2004-07-10, " in done.output
    told = json.loads(call("--json", "cases", "--case", "S-ROC").output)
    assert told["as_sources_say"] is False
    assert "roc-issue-2004-07-10" in told["differing"]
