"""The limits of the encoding, and what the encoder will not write."""

from __future__ import annotations

import time
import tracemalloc
from contextlib import suppress
from typing import Any

import pytest

from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Invalid

MEBIBYTE = 1 << 20


def code_of(call: Any, *told: Any, **more: Any) -> str:
    with pytest.raises(Invalid) as refused:
        call(*told, **more)
    return refused.value.code


def nested(levels: int) -> Any:
    value: Any = 7
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (1.5, "cbor.type"),
        (float("nan"), "cbor.type"),
        ({1.0: 1}, "cbor.type"),
        ({b"k": 1}, "cbor.type"),
        ({None: 1}, "cbor.type"),
        ({True: 1}, "cbor.type"),
        ({(1,): 1}, "cbor.type"),
        ({1, 2}, "cbor.type"),
        (bytearray(b"a"), "cbor.type"),
        (object(), "cbor.type"),
        ([1, [2, {3: 1.5}]], "cbor.type"),
        (1 << 63, "cbor.range"),
        (-(1 << 63) - 1, "cbor.range"),
        ({1 << 63: 0}, "cbor.range"),
        ({-(1 << 63) - 1: 0}, "cbor.range"),
        ("\ud800", "cbor.text"),
        ({"\udfff": 1}, "cbor.text"),
        (nested(13), "cbor.depth"),
        (nested(10_000), "cbor.depth"),
    ],
    ids=lambda each: type(each).__name__,
)
def test_the_encoder_writes_only_what_can_be_read_back(value: Any, code: str) -> None:
    assert code_of(cbor.encode, value) == code


def test_a_subclass_is_not_taken_for_its_parent() -> None:
    """An enum or a named tuple would be written as a number or a list by accident."""

    class Number(int):
        pass

    class Words(str):
        __slots__ = ()

    assert code_of(cbor.encode, Number(3)) == "cbor.type"
    assert code_of(cbor.encode, Words("a")) == "cbor.type"
    assert code_of(cbor.encode, {Number(3): 1}) == "cbor.type"


def test_true_is_not_one_and_a_tuple_is_a_list() -> None:
    assert cbor.encode(True) == b"\xf5"
    assert cbor.encode(1) == b"\x01"
    assert cbor.encode((1, 2)) == cbor.encode([1, 2])


def test_the_order_in_which_a_map_was_filled_does_not_show() -> None:
    there = {10: 1, 100: 2, -1: 3, 24: 4}
    back = dict(reversed(there.items()))
    assert list(there) != list(back)
    assert cbor.encode(there) == cbor.encode(back)


@pytest.mark.parametrize("second", ["00", "17", "1818", "20", "6161"])
@pytest.mark.parametrize("first", ["00", "17", "1818", "19ffff", "20", "3818", "6161", "626161"])
def test_two_keys_are_read_in_bytewise_order_alone(first: str, second: str) -> None:
    """Whatever form either key has; short keys have a way of their own through the reader."""
    data = bytes.fromhex(f"a2{first}01{second}f6")
    if bytes.fromhex(first) < bytes.fromhex(second):
        assert cbor.encode(cbor.decode(data)) == data
    else:
        assert code_of(cbor.decode, data) == "cbor.order"


def test_twelve_levels_are_read_and_written_and_thirteen_are_not() -> None:
    assert cbor.decode(cbor.encode(nested(12))) == nested(12)
    assert code_of(cbor.decode, b"\x81" * 13 + b"\x07") == "cbor.depth"
    assert code_of(cbor.decode, b"\xa1\x00" * 13 + b"\x07") == "cbor.depth"


def test_as_many_members_as_allowed_and_one_more() -> None:
    most = [0] * cbor.MAX_COUNT
    data = cbor.encode(most)
    assert cbor.decode(data, limit=len(data)) == most
    assert code_of(cbor.decode, b"\x9a\x00\x10\x00\x01") == "cbor.count"
    assert code_of(cbor.decode, b"\xba\x00\x10\x00\x01") == "cbor.count"


def test_nothing_is_written_that_has_too_many_members_to_be_read() -> None:
    assert code_of(cbor.encode, [0] * (cbor.MAX_COUNT + 1)) == "cbor.count"
    assert code_of(cbor.encode, dict.fromkeys(range(cbor.MAX_COUNT + 1), 0)) == "cbor.count"


def test_the_limit_counts_bytes_of_the_whole_encoding() -> None:
    data = cbor.encode(b"x" * 98)
    assert len(data) == 100
    assert cbor.decode(data, limit=100) == b"x" * 98
    assert code_of(cbor.decode, data, limit=99) == "cbor.length"
    assert code_of(cbor.decode, bytes(MEBIBYTE + 1)) == "cbor.length"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("00", (0, 0, 1)),
        ("17", (0, 23, 1)),
        ("1818", (0, 24, 2)),
        ("390100", (1, 256, 3)),
        ("5a00010000", (2, 65536, 5)),
        ("9b0000000100000000", (4, 1 << 32, 9)),
        ("d2", (6, 18, 1)),
        ("f6", (7, 22, 1)),
    ],
)
def test_a_head_is_read_and_written_alike(data: str, expected: tuple[int, int, int]) -> None:
    raw = bytes.fromhex(data)
    assert cbor.read_head(raw, 0) == expected
    assert cbor.head(expected[0], expected[1]) == raw
    assert cbor.read_head(b"\xff" + raw, 1) == (expected[0], expected[1], expected[2] + 1)


@pytest.mark.parametrize(
    ("data", "code"),
    [("1817", "cbor.not-shortest"), ("1c", "cbor.forbidden"), ("19ff", "cbor.truncated")],
)
def test_a_head_in_another_form_is_refused(data: str, code: str) -> None:
    assert code_of(cbor.read_head, bytes.fromhex(data), 0) == code


HOSTILE = {
    "a mebibyte of open lists": b"\x81" * MEBIBYTE,
    "a mebibyte of open maps": b"\xa1\x00" * (MEBIBYTE // 2),
    "a list that claims 2^63 members": b"\x9b\x7f" + b"\xff" * 7,
    "a string that claims 2^63 bytes": b"\x5b\x7f" + b"\xff" * 7,
    "the most members that fit": b"\x98\xff" + (b"\x99\x0f\xfc" + b"\x80" * 4092) * 255,
    "one long string": b"\x5a\x00\x0f\xff\xf0" + b"x" * 0xFFFF0,
    "one long text": b"\x7a\x00\x0f\xff\xf0" + b"x" * 0xFFFF0,
    "keys in order until the end": b"\xb9\x10\x00"
    + b"".join(b"\x19" + key.to_bytes(2, "big") + b"\x00" for key in range(256, 256 + 4095))
    + b"\x00\x00",
    "small strings": b"\x98\xff" + (b"\x99\x08\x00" + b"\x41\x00" * 2048) * 255,
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_bytes_take_no_more_time_than_their_length(data: bytes) -> None:
    """The bound is wide, against what grows faster than the input."""
    began = time.process_time()
    with suppress(Invalid):
        cbor.decode(data)
    assert time.process_time() - began < 15


@pytest.mark.parametrize("name", [name for name in HOSTILE if "claims" in name or "open" in name])
def test_a_claimed_size_is_not_believed(name: str) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(Invalid):
            cbor.decode(HOSTILE[name])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MEBIBYTE
