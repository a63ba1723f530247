from __future__ import annotations

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimberlite.crypto import sign1
from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Invalid, Problem
from kimberlite.ledger.transparent import MAX_TRANSPARENT, attach, detach

STATEMENT = sign1.join(b"\xa1\x01\x32", b"payload", b"s" * 64)
ONE = sign1.join(b"\xa1\x01\x32", None, b"1" * 64, cbor.encode({396: {-1: [b"proof"]}}))
TWO = sign1.join(b"\xa1\x01\x32", None, b"2" * 64)


def test_receipts_go_on_and_come_off() -> None:
    whole = attach(STATEMENT, [ONE, TWO])
    assert detach(whole) == (STATEMENT, [ONE, TWO])
    assert detach(STATEMENT) == (STATEMENT, [])


def test_receipts_are_added_after_those_present() -> None:
    assert attach(attach(STATEMENT, [ONE]), [TWO]) == attach(STATEMENT, [ONE, TWO])


def test_another_library_reads_the_same() -> None:
    protected, unprotected, payload, signature = cbor2.loads(attach(STATEMENT, [ONE, TWO])).value
    assert list(unprotected) == [394]
    assert list(unprotected[394]) == [ONE, TWO]
    assert (protected, payload, signature) == (b"\xa1\x01\x32", b"payload", b"s" * 64)


def test_embedded_receipts_are_read_too() -> None:
    header = b"\xa1\x19\x01\x8a\x82" + ONE + cbor.encode(TWO)
    whole = STATEMENT.replace(b"\x01\x32\xa0", b"\x01\x32" + header, 1)
    assert detach(whole) == (STATEMENT, [ONE, TWO])
    assert attach(whole, [ONE]) == attach(STATEMENT, [ONE, TWO, ONE])


@pytest.mark.parametrize("receipts", [[], [b""], [b"\xa0"], [ONE, b"\xd1" + ONE[1:]], [ONE] * 65])
def test_only_receipts_are_attached(receipts: list[bytes]) -> None:
    with pytest.raises(Invalid) as bad:
        attach(STATEMENT, receipts)
    assert bad.value.code == "transparent.receipt"


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (cbor.encode({4: b"kid"}), "transparent.unprotected"),
        (cbor.encode({4: b"kid", 394: [ONE]}), "transparent.unprotected"),
        (cbor.encode({394: [ONE], 396: 1}), "transparent.unprotected"),
        (cbor.encode({394: []}), "transparent.receipt"),
        (cbor.encode({394: ONE}), "transparent.receipt"),
        (cbor.encode({394: [b"not a receipt"]}), "transparent.receipt"),
        (cbor.encode({394: ["text"]}), "transparent.receipt"),
        (cbor.encode({394: [TWO] * 65}), "transparent.receipt"),
        (b"\xa1\x19\x01\x8a\x9f\xff", "transparent.unprotected"),
        (b"\xa1\x19\x01\x8a\x9b" + b"\xff" * 8, "transparent.receipt"),
        (b"\xa1\x19\x01\x8a\x81\x9b" + b"\xff" * 8, "transparent.unprotected"),
        (b"\xa1\x19\x01\x8a\x81" + b"\x81" * 5000, "transparent.receipt"),
    ],
)
def test_nothing_else_stands_in_the_unsigned_header(header: bytes, code: str) -> None:
    whole = STATEMENT.replace(b"\x01\x32\xa0", b"\x01\x32" + header, 1)
    with pytest.raises(Problem) as bad:
        detach(whole)
    assert bad.value.code == code


def test_every_cut_is_refused() -> None:
    whole = attach(STATEMENT, [ONE])
    for end in range(len(whole)):
        with pytest.raises(Problem):
            detach(whole[:end])
    with pytest.raises(Problem):
        detach(whole + b"\x00")


def test_a_transparent_statement_has_a_largest_size() -> None:
    with pytest.raises(Invalid) as bad:
        detach(bytes(MAX_TRANSPARENT + 1))
    assert bad.value.code == "transparent.length"
    big = sign1.join(b"\xa0", None, b"3" * 64, cbor.encode({1: bytes(5000)}))
    with pytest.raises(Invalid) as added:
        attach(STATEMENT, [big] * 60)
    assert added.value.code == "transparent.length"


@given(st.binary(max_size=300), st.integers(min_value=0), st.integers(min_value=0, max_value=7))
def test_nonsense_is_only_ever_refused(data: bytes, at: int, bit: int) -> None:
    """Law: whatever comes in, the signed parts come out as they stood, or a Problem does."""
    flipped = bytearray(attach(STATEMENT, [ONE, TWO]))
    flipped[at % len(flipped)] ^= 1 << bit
    for attempt in (data, b"\xd2\x84" + data, bytes(flipped)):
        try:
            bare, receipts = detach(attempt)
        except Problem:
            continue
        assert detach(bare) == (bare, [])
        if receipts:
            assert detach(attach(bare, receipts)) == (bare, receipts)
