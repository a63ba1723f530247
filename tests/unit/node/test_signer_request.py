"""Requests as they cross the socket: read strictly, and the same after the crossing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Invalid, Problem
from kimberlite.ledger.approval import Proposal, approve
from kimberlite.ledger.envelope import Verdicts
from kimberlite.ledger.sections import Opening
from kimberlite.node.signer.request import FILE_LIMIT, Request
from tests.helpers.signing import NOW, officer_key

PROPOSAL = Proposal(
    "kp-cert+cose",
    "XA",
    "XA7",
    NOW,
    1,
    {1: "XA7"},
    {1: bytes(32)},
    Verdicts(1, (("a.b", "overridden"),)),
    {"a.b": "Order 12"},
)
APPROVAL = approve(
    officer_key("a"), "officer-1", genesis=bytes(32), proposal=PROPOSAL.digest(), moment=NOW
)
REQUEST = Request(
    PROPOSAL, (Opening("shipment", bytes(16), b"\xa0"),), (APPROVAL,), "clerk-1", (b"file",)
)


def crossed(args: dict[str, Any]) -> Any:
    return cbor.decode(cbor.encode(args))


def test_a_request_crosses_whole() -> None:
    assert Request.from_args(crossed(REQUEST.to_args())) == REQUEST
    plain = Request(Proposal("kp-office+cose", "XA", "XA", NOW, 1, {1: "x"}))
    assert Request.from_args(crossed(plain.to_args())) == plain


def test_a_draft_is_known_whoever_approves_it() -> None:
    later = Request(PROPOSAL, REQUEST.openings)
    assert later.draft() == REQUEST.draft()
    other = Request(Proposal("kp-cert+cose", "XA", "XA7", NOW + 1, 1, {1: "XA7"}, {1: bytes(32)}))
    assert other.draft() != REQUEST.draft()


@pytest.mark.parametrize(
    "changes",
    [
        {"more": 1},
        {"typ": 1},
        {"typ": ""},
        {"typ": "k" * 41},
        {"iss": "xa"},
        {"iss": "XAX"},
        {"sub": ""},
        {"sub": "x" * 65},
        {"iat": -1},
        {"iat": True},
        {"iat": 1 << 40},
        {"version": 0},
        {"version": 1000},
        {"version": True},
        {"log": []},
        {"log": {"a": 1}},
        {"seals": {1: bytes(31)}},
        {"seals": {"a": bytes(32)}},
        {"verdicts": []},
        {"verdicts": [0, []]},
        {"verdicts": [1, [["a.b", 3]]]},
        {"verdicts": [1, [["", 0]]]},
        {"verdicts": [1, [["a.b"]]]},
        {"verdicts": [1, [["a", 0]] * 65]},
        {"overrides": {1: "x"}},
        {"overrides": {"a": 1}},
        {"openings": [["shipment", bytes(16), b""]] * 25},
        {"approvals": [APPROVAL.to_value()] * 17},
        {"proposer": "A Name"},
        {"files": [b""] * 5},
        {"files": ["text"]},
        {"files": [bytes(FILE_LIMIT + 1)]},
    ],
    ids=str,
)
def test_what_is_not_of_its_form_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        Request.from_args({**REQUEST.to_args(), **changes})
    assert refused.value.code == "signer.request"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"openings": [["shipment", bytes(15), b""]]}, "section.form"),
        ({"approvals": [["officer-1"]]}, "approval.form"),
        ({"overrides": {"a.b": " "}}, "approval.basis"),
    ],
)
def test_parts_are_read_as_strictly(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        Request.from_args({**REQUEST.to_args(), **changes})
    assert refused.value.code == code


def test_nothing_may_be_missing() -> None:
    for name in REQUEST.to_args():
        args = {key: value for key, value in REQUEST.to_args().items() if key != name}
        with pytest.raises(Invalid) as refused:
            Request.from_args(args)
        assert refused.value.code == "signer.request"


VALUES: Any = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 1 << 40) | st.binary(max_size=70) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.integers(0, 9), inner, max_size=3)
        | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.sampled_from(sorted(REQUEST.to_args())), VALUES)
def test_no_value_anywhere_makes_reading_raise_anything_but_a_problem(
    name: str, value: Any
) -> None:
    """Law: a request is read, or refused with a Problem, whatever stands in one of its parts."""
    try:
        found = Request.from_args({**REQUEST.to_args(), name: value})
    except Problem:
        return
    assert Request.from_args(found.to_args()) == found
