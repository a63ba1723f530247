"""What is not a statement, form by form. What is one: tests/property/test_envelope.py."""

from __future__ import annotations

from typing import Any

import pytest

from kimberlite.crypto.sign1 import join, split
from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Invalid
from kimberlite.ledger.envelope import LIMIT, Body, parse, sign
from tests.helpers.log import BEGAN, Desk, key, sample

GOOD = parse(sample(1, sealed=True))
HEADER: dict[int, Any] = cbor.decode(GOOD.protected)  # type: ignore[assignment]  # a map
PAYLOAD: dict[Any, Any] = cbor.decode(GOOD.payload)  # type: ignore[assignment]  # a map
CLAIMS = HEADER[15]


def code(raw: bytes) -> str:
    with pytest.raises(Invalid) as refused:
        parse(raw)
    assert refused.value.detail
    return refused.value.code


def made(header: object = HEADER, payload: object = PAYLOAD, **more: Any) -> bytes:
    return join(cbor.encode(header), cbor.encode(payload), bytes(64), **more)


def test_the_parts_these_cases_are_made_of_are_a_statement() -> None:
    assert parse(made()).id == GOOD.id


@pytest.mark.parametrize(
    "header",
    [
        {**HEADER, 1: -8},
        {**HEADER, 1: -7},
        {**HEADER, 4: bytes(32)},
        {**HEADER, 16: ""},
        {**HEADER, 16: "x" * 41},
        {**HEADER, 2: [1]},
        {**HEADER, 15: {**CLAIMS, 1: "Xa"}},
        {**HEADER, 15: {**CLAIMS, 1: "XAA"}},
        {**HEADER, 15: {**CLAIMS, 2: ""}},
        {**HEADER, 15: {**CLAIMS, 2: "x" * 65}},
        {**HEADER, 15: {**CLAIMS, 2: "a\nb"}},
        {**HEADER, 15: {**CLAIMS, 2: "é"}},
        {**HEADER, 15: {**CLAIMS, 6: -1}},
        {**HEADER, 15: {**CLAIMS, 6: True}},
        {**HEADER, 15: {**CLAIMS, 6: (1 << 33) + 1}},
        {**HEADER, 15: {**CLAIMS, 4: BEGAN}},
        {label: value for label, value in HEADER.items() if label != 4},
        [],
    ],
)
def test_headers_of_another_form_are_refused(header: object) -> None:
    assert code(made(header)) == "statement.header"


@pytest.mark.parametrize(
    "payload",
    [
        [],
        {},
        {0: 1},
        {1: {}},
        {**PAYLOAD, 0: 0},
        {**PAYLOAD, 0: 1000},
        {**PAYLOAD, 0: True},
        {**PAYLOAD, 1: []},
        {**PAYLOAD, 9: 1},
        {**PAYLOAD, "a": 1},
        {**PAYLOAD, 2: {}},
        {**PAYLOAD, 2: None},
        {**PAYLOAD, 2: {0: bytes(32)}},
        {**PAYLOAD, 2: {24: bytes(32)}},
        {**PAYLOAD, 2: {1: bytes(31)}},
        {**PAYLOAD, 2: {"a": bytes(32)}},
        {**PAYLOAD, 3: None},
        {**PAYLOAD, 3: bytes(31)},
        {**PAYLOAD, 4: None},
        {**PAYLOAD, 4: [0, []]},
        {**PAYLOAD, 4: [True, []]},
        {**PAYLOAD, 4: [1, [["a", 3]]]},
        {**PAYLOAD, 4: [1, [["a", True]]]},
        {**PAYLOAD, 4: [1, [["", 1]]]},
        {**PAYLOAD, 4: [1, [["a", 1]] * 65]},
        {**PAYLOAD, 4: [1, [], 1]},
    ],
)
def test_payloads_of_another_form_are_refused(payload: object) -> None:
    assert code(made(payload=payload)) == "statement.payload"


def test_a_statement_carries_its_payload_and_no_unsigned_header() -> None:
    parts = split(sample(1))
    assert code(join(parts.protected, None, parts.signature)) == "statement.payload"
    receipt = cbor.encode({394: [b"\xd2"]})
    raw = join(parts.protected, parts.payload, parts.signature, receipt)
    assert code(raw) == "statement.unprotected"
    outcome = Desk().say(raw)
    assert getattr(outcome, "code", None) == "statement.unprotected"


def test_a_statement_has_a_longest_length() -> None:
    def long(words: int) -> Body:
        return Body(1, {1: bytes(words)})

    room = LIMIT - len(sign(GOOD.header, long(0), key("log"))) - 2
    longest = sign(GOOD.header, long(room - 2), key("log"))
    assert len(longest) == LIMIT
    assert parse(longest).body.log[1] == bytes(room - 2)
    with pytest.raises(Invalid) as refused:
        sign(GOOD.header, long(room - 1), key("log"))
    assert refused.value.code == "statement.too-long"
    assert code(longest + b"x") == "statement.too-long"


@pytest.mark.parametrize("iat", [0, 1, 0xFF, 0xFFFF])
def test_a_time_that_is_not_in_its_shortest_form_is_refused(iat: int) -> None:
    usual = b"\x06\x1a" + BEGAN.to_bytes(4, "big")
    assert usual in GOOD.protected
    padded = GOOD.protected.replace(usual, b"\x06\x1a" + iat.to_bytes(4, "big"))
    assert code(join(padded, GOOD.payload, bytes(64))) == "cbor.not-shortest"
