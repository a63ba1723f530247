"""Laws of the signed encoding: one value, one encoding; one encoding, one value."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import cbor2
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Invalid

integers = st.integers(cbor.INT_MIN, cbor.INT_MAX) | st.sampled_from(
    [0, 23, 24, 255, 256, 65535, 65536, 2**32 - 1, 2**32, cbor.INT_MAX, -1, -24, -25, cbor.INT_MIN]
)
scalars = st.one_of(
    integers, st.binary(max_size=40), st.text(max_size=20), st.booleans(), st.none()
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(integers, inner, max_size=4),
        st.dictionaries(st.text(max_size=8), inner, max_size=4),
    ),
    max_leaves=12,
)
encodings = values.map(cbor.encode)


@given(values)
def test_what_is_written_is_read_back(value: Any) -> None:
    """decode(encode(v)) = v, and the bytes say so too, because to Python 1 == True."""
    data = cbor.encode(value)
    assert cbor.decode(data) == value
    assert cbor.encode(cbor.decode(data)) == data


@given(values)
def test_another_library_reads_the_same_value(value: Any) -> None:
    """cbor2.loads(encode(v)) = v."""
    assert cbor.encode(cbor2.loads(cbor.encode(value))) == cbor.encode(value)


def _one_width(value: Any) -> bool:
    """Say whether every map's keys have one length: there RFC 7049 and RFC 8949 order alike."""
    if isinstance(value, dict):
        widths = {len(cbor.encode(key)) for key in value}
        return len(widths) <= 1 and all(_one_width(each) for each in value.values())
    return not isinstance(value, list) or all(_one_width(each) for each in value)


@given(values)
def test_another_library_writes_the_same_bytes_where_the_orders_agree(value: Any) -> None:
    """cbor2 sorts keys by length first (RFC 7049); with keys of one length there is no choice."""
    assume(_one_width(value))
    assert cbor2.dumps(value, canonical=True) == cbor.encode(value)


def test_the_orders_do_differ() -> None:
    assert cbor2.dumps({100: 1, -1: 2}, canonical=True) == bytes.fromhex("a22002186401")
    assert cbor.encode({100: 1, -1: 2}) == bytes.fromhex("a21864012002")


def _read_or_refused(data: bytes) -> None:
    try:
        value = cbor.decode(data)
    except Invalid as bad:
        code = bad.code
    else:
        assert cbor.encode(value) == data
        assert cbor.encode(cbor2.loads(data)) == data
        return
    assert code.startswith("cbor.")


@given(st.binary(max_size=80))
def test_any_bytes_are_refused_or_are_the_one_encoding_of_their_value(data: bytes) -> None:
    """encode(decode(b)) = b wherever decode accepts, and cbor2 reads the same there."""
    _read_or_refused(data)


@given(encodings, st.data())
def test_an_altered_encoding_is_refused_or_is_another_value(
    data: bytes, draw: st.DataObject
) -> None:
    """Changing, dropping, repeating or inserting bytes never gives a second form of a value."""
    start = draw.draw(st.integers(0, len(data)))
    end = draw.draw(st.integers(start, len(data)))
    middle = draw.draw(st.binary(max_size=6) | st.just(data[start:end] * 2))
    altered = data[:start] + middle + data[end:]
    _read_or_refused(altered)
    if altered != data:
        with suppress(Invalid):
            assert cbor.encode(cbor.decode(altered)) != data


@given(encodings, st.data())
def test_one_flipped_bit_is_refused_or_is_another_value(data: bytes, draw: st.DataObject) -> None:
    """Likewise for every single bit, where most lengths and heads break."""
    bit = draw.draw(st.integers(0, 8 * len(data) - 1))
    altered = bytearray(data)
    altered[bit // 8] ^= 1 << bit % 8
    _read_or_refused(bytes(altered))


@given(encodings)
def test_cut_anywhere_it_is_truncated(data: bytes) -> None:
    """No beginning of an encoding is an encoding."""
    for end in range(len(data)):
        with pytest.raises(Invalid) as refused:
            cbor.decode(data[:end])
        assert refused.value.code == "cbor.truncated"


@given(encodings, st.binary(min_size=1, max_size=8))
def test_nothing_may_follow(data: bytes, more: bytes) -> None:
    """An encoding with bytes behind it is no encoding."""
    with pytest.raises(Invalid) as refused:
        cbor.decode(data + more)
    assert refused.value.code == "cbor.trailing"


@given(st.lists(encodings, max_size=5))
def test_encodings_stand_inside_each_other_without_change(parts: list[bytes]) -> None:
    """A list is its head and its members' encodings, which lets receipts be rebuilt from parts."""
    whole = cbor.head(4, len(parts)) + b"".join(parts)
    assert cbor.encode([cbor.decode(part) for part in parts]) == whole
