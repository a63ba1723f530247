"""The table of states and acts: complete, closed, and what the documentation shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from kimberlite.certificates.acts import ACTS
from kimberlite.certificates.transitions import SOURCES, TRANSITIONS, Act, Status, codes, step
from kimberlite.certificates.v1 import TYPES
from tools.states import PAGE, pages

ROOT = Path(__file__).resolve().parents[3]
ARRIVING = (
    *(Act.PRESENT, Act.PART, Act.CONFIRM, Act.REPORT, Act.REFUSE, Act.DETAIN, Act.SEIZE),
    *(Act.FORFEIT, Act.DISPOSE, Act.SEND_BACK, Act.RETURN, Act.TRANSIT, Act.DISPATCH),
)
ISSUING = (Act.CORRECT, Act.DIVERT, Act.REPLACE, Act.VOID)


def test_every_state_answers_every_act() -> None:
    assert set(TRANSITIONS) == set(Status)
    for row in TRANSITIONS.values():
        assert set(row) == set(Act)


@pytest.mark.parametrize("status", list(Status))
def test_what_happened_to_the_goods_is_never_refused(status: Status) -> None:
    assert all(step(status, act).to is not None for act in ARRIVING)


@pytest.mark.parametrize(
    "status", [Status.CONFIRMED, Status.REPLACED, Status.VOID, Status.ANNULLED]
)
def test_the_issuer_comes_too_late(status: Status) -> None:
    assert all(step(status, act).to is None for act in ISSUING)


def test_a_refusal_has_a_code_and_every_code_a_source() -> None:
    for row in TRANSITIONS.values():
        for answer in row.values():
            assert answer.code or answer.to is not None
            assert not answer.code or SOURCES[answer.code]
    used = {answer.code for row in TRANSITIONS.values() for answer in row.values()}
    assert used - {""} == set(SOURCES)


def test_the_ordinary_course_meets_no_finding() -> None:
    status = Status.ISSUED
    for act in (Act.DISPATCH, Act.PRESENT, Act.DETAIN, Act.CONFIRM, Act.RECTIFY):
        answer = step(status, act)
        assert answer.to is not None
        assert answer.code == ""
        status = answer.to
    assert status is Status.CONFIRMED


def test_codes_by_act() -> None:
    assert codes((Act.CONFIRM,), refused=True) == ()
    assert "certificate.used" in codes((Act.VOID,), refused=True)
    assert "certificate.confirmed-before" in codes((Act.CONFIRM,), refused=False)


def test_every_act_has_its_row_and_every_statement_of_a_number_is_an_act() -> None:
    assert set(ACTS) == set(Act)
    # Reports of blanks are about no certificate; the first transcription makes a record.
    told = {each.typ for each in TYPES} - {"kp-blank+cose"}
    assert {row.typ for row in ACTS.values()} == told
    assert all(row.source and row.actor for row in ACTS.values())


def test_the_documentation_shows_this_table() -> None:
    assert (ROOT / PAGE).read_text(encoding="utf-8") == pages()[PAGE]
