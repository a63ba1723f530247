"""Deterministic CBOR against vectors/cbor.json: RFC 8949, and the edges of our subset."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Invalid

FILE = Path(__file__).resolve().parents[2] / "vectors" / "cbor.json"
VECTORS = json.loads(FILE.read_text(encoding="utf-8"))
REFUSALS = {
    "cbor.count",
    "cbor.depth",
    "cbor.forbidden",
    "cbor.not-shortest",
    "cbor.order",
    "cbor.range",
    "cbor.text",
    "cbor.trailing",
    "cbor.truncated",
    "cbor.type",
}


def value_of(told: Any) -> Any:
    """Give the value that the vectors' JSON notation stands for."""
    match told:
        case list():
            return [value_of(each) for each in told]
        case {"int": digits}:
            return int(digits)
        case {"bytes": text}:
            return bytes.fromhex(text)
        case {"map": pairs}:
            return {key: value_of(value) for key, value in pairs}
        case _:
            return told


@pytest.mark.parametrize("case", VECTORS["accept"], ids=lambda case: case["hex"][:24] or "empty")
def test_a_value_has_this_encoding(case: dict[str, Any]) -> None:
    data = bytes.fromhex(case["hex"])
    assert cbor.encode(value_of(case["value"])) == data
    # Through the encoder again, because to Python 1 == True.
    assert cbor.encode(cbor.decode(data)) == data
    assert cbor.decode(data) == value_of(case["value"])


@pytest.mark.parametrize("case", VECTORS["reject"], ids=lambda case: case["hex"][:24] or "empty")
def test_no_other_encoding_is_read(case: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        cbor.decode(bytes.fromhex(case["hex"]))
    assert refused.value.code == case["code"]


def test_every_refusal_that_bytes_can_earn_has_a_vector() -> None:
    assert {case["code"] for case in VECTORS["reject"]} == REFUSALS


def test_no_vector_stands_twice() -> None:
    told = [case["hex"] for case in (*VECTORS["accept"], *VECTORS["reject"])]
    assert len(told) == len(set(told))
    assert len(VECTORS["accept"]) > 40
    assert len(VECTORS["reject"]) > 100
