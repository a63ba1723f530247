from __future__ import annotations

import hashlib

import pytest

from kimberlite.crypto.sign1 import join, split, to_be_signed
from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Invalid, Problem, Untrusted
from kimberlite.ledger import refusal
from kimberlite.ledger.admission import Refused
from kimberlite.ledger.envelope import parse
from kimberlite.ledger.refusal import Refusal, sign_refusal, verify
from tests.helpers.log import BEGAN, ORIGIN, Desk, key, sample

REFUSED = Refused("key.role", "ours: somewhere", {"needed": "issue", "index": 4})


def told(raw: bytes, refused: Refused = REFUSED) -> Refusal:
    return refusal.of(raw, refused, ORIGIN, BEGAN, 7)


def test_a_refusal_says_what_was_asked_when_and_why() -> None:
    raw = sample(1)
    signed = sign_refusal(told(raw), key("log"))
    assert verify(signed, key("log").public, raw=raw) == Refusal(
        origin=ORIGIN,
        digest=hashlib.sha256(raw).digest(),
        statement=parse(raw).id,
        code="key.role",
        source="ours: somewhere",
        time=BEGAN,
        size=7,
        facts={"needed": "issue", "index": 4},
    )


def test_bytes_that_are_no_statement_are_refused_by_their_digest_alone() -> None:
    found = told(b"garbage")
    assert found.statement is None
    assert verify(sign_refusal(found, key("log")), key("log").public, raw=b"garbage") == found


def test_whatever_the_rules_say_can_be_signed() -> None:
    desk = Desk()
    for raw in (b"", b"\xd2", sample(1)[:-1], sample(1) + b"x", sample(1, iat=BEGAN + 10_000)):
        outcome = desk.say(raw)
        assert isinstance(outcome, Refused)
        signed = sign_refusal(told(raw, outcome), key("log"))
        assert verify(signed, key("log").public).code == outcome.code
    huge = Refused("a.code", "ours", {"text": "x" * 100_000, "number": 1 << 80})
    assert verify(sign_refusal(told(b"", huge), key("log")), key("log").public).facts == {
        "text": "x" * 200,
        "number": (1 << 63) - 1,
    }


def test_another_key_or_other_bytes_do_not_pass() -> None:
    signed = sign_refusal(told(sample(1)), key("log"))
    with pytest.raises(Untrusted) as refused:
        verify(signed, key("XA daily").public)
    assert refused.value.code == "refusal.signature"
    with pytest.raises(Untrusted) as refused:
        verify(signed, key("log").public, raw=sample(2))
    assert refused.value.code == "refusal.other"


def test_no_changed_byte_passes() -> None:
    signed = sign_refusal(told(sample(1)), key("log"))
    for at in range(len(signed)):
        changed = signed[:at] + bytes((signed[at] ^ 1,)) + signed[at + 1 :]
        with pytest.raises(Problem):
            verify(changed, key("log").public)


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {1: bytes(31), 3: "key.role", 4: "s", 5: {}, 6: 7},
        {1: bytes(32), 3: "key.role", 4: "s", 5: {}, 6: -1},
        {1: bytes(32), 3: "key.role", 4: "s", 5: {}, 6: True},
        {1: bytes(32), 3: "another", 4: "s", 5: {}, 6: 7},
        {1: bytes(32), 2: None, 3: "key.role", 4: "s", 5: {}, 6: 7},
        {1: bytes(32), 2: bytes(3), 3: "key.role", 4: "s", 5: {}, 6: 7},
        {1: bytes(32), 3: "key.role", 4: "s", 5: {"a": [1]}, 6: 7},
        {1: bytes(32), 3: "key.role", 4: "s", 5: {1: 1}, 6: 7},
        {1: bytes(32), 3: "key.role", 4: "s", 5: {}, 6: 7, 9: 1},
        [],
    ],
)
def test_other_forms_are_not_refusals_even_when_signed(payload: object) -> None:
    protected = split(sign_refusal(told(sample(1)), key("log"))).protected
    body = cbor.encode(payload)
    raw = join(protected, body, key("log").sign(to_be_signed(protected, body)))
    with pytest.raises(Invalid) as refused:
        verify(raw, key("log").public)
    assert refused.value.code == "refusal.form"
