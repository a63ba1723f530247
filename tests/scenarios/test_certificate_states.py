"""Scenario: every state meets every act, by real statements, and the table says what follows."""

from __future__ import annotations

import pytest

from kimberlite.certificates.transitions import SOURCES, TRANSITIONS, Act, Status
from kimberlite.ledger.admission import Admitted, Refused
from tests.helpers.acts import DO, REACH, Acts

CELLS = [(status, act) for status in Status for act in Act]


@pytest.mark.parametrize("status", list(Status), ids=lambda status: status.word)
def test_every_state_is_reached(status: Status) -> None:
    desk = Acts()
    REACH[status](desk)
    assert desk.row().status is status


@pytest.mark.parametrize(("status", "act"), CELLS, ids=lambda each: each.name.lower())
def test_every_cell(status: Status, act: Act) -> None:
    # Given a certificate in a state; a transcription where paper is taken down once more
    desk = Acts(paper=act is Act.TRANSCRIBE)
    REACH[status](desk)
    assert desk.row().status is status
    before = desk.row()

    # When somebody does the act
    outcome = DO[act](desk)

    # Then the log answers as the table does
    answer = TRANSITIONS[status][act]
    if answer.to is None:
        assert isinstance(outcome, Refused)
        assert (outcome.code, outcome.source) == (answer.code, SOURCES[answer.code])
        assert desk.row() == before
        return
    assert isinstance(outcome, Admitted), outcome
    found = [code for code, _ in outcome.findings if code in SOURCES]
    assert found == ([answer.code] if answer.code else [])
    assert desk.row().status is answer.to
    assert outcome.index in desk.row().acts
