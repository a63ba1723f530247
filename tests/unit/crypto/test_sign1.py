"""The frame of COSE_Sign1, one refusal at a time."""

from __future__ import annotations

import pytest

from kimberlite.crypto import Sign1, join, split, to_be_signed
from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Invalid

SIGNATURE = bytes(range(64))
PROTECTED = b"\xa1\x01\x32"
GOOD = join(PROTECTED, b"payload", SIGNATURE)
TAIL = b"\x58\x40" + SIGNATURE


def test_the_bytes_of_the_frame() -> None:
    assert GOOD == b"\xd2\x84" + b"\x43" + PROTECTED + b"\xa0" + b"\x47payload" + TAIL
    assert split(GOOD) == Sign1(PROTECTED, b"payload", SIGNATURE, b"\xa0")


def test_the_bytes_that_are_signed() -> None:
    expected = cbor.encode(["Signature1", PROTECTED, b"", b"p" * 300])
    assert to_be_signed(PROTECTED, b"p" * 300) == expected


def test_a_payload_elsewhere_and_an_unprotected_header_are_kept_as_they_are() -> None:
    header = cbor.encode({394: [b"receipt", b"another"], 5: {"deep": [1, [2, {-1: "three"}]]}})
    parts = Sign1(b"", None, SIGNATURE, header)
    assert split(join(b"", None, SIGNATURE, header)) == parts


@pytest.mark.parametrize("size", [0, 1, 23, 24, 255, 256, 65535, 65536])
def test_every_width_of_length(size: int) -> None:
    data = join(b"h" * size, b"p" * size, SIGNATURE)
    assert split(data) == Sign1(b"h" * size, b"p" * size, SIGNATURE)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "cose.tag"),
        (b"\xd2", "cose.tag"),
        (GOOD[1:], "cose.tag"),  # untagged
        (b"\xd1" + GOOD[1:], "cose.tag"),  # COSE_Mac0
        (b"\xd8\x12" + GOOD[1:], "cose.tag"),  # tag 18 in two bytes
        (b"\xd2\x98\x04" + GOOD[2:], "cose.tag"),  # array of 4 in two bytes
        (b"\xd2\x85" + GOOD[2:] + b"\x00", "cose.tag"),
        (b"\xd2\x9f" + GOOD[2:] + b"\xff", "cose.tag"),  # indefinite
        (b"\xd2\x84", "cose.truncated"),
        (GOOD[:-1], "cose.truncated"),
        (GOOD[:-64], "cose.truncated"),
        (GOOD[:-65], "cose.truncated"),
        (GOOD[:-66], "cose.truncated"),
        (GOOD + b"\x00", "cose.trailing"),
        (b"\xd2\x84\x58\x03" + GOOD[3:], "cose.encoding"),  # 3 in two bytes
        (b"\xd2\x84\x58\x17" + b"h" * 23 + b"\xa0\xf6" + TAIL, "cose.encoding"),
        (b"\xd2\x84\x59\x00\xff" + b"h" * 255 + b"\xa0\xf6" + TAIL, "cose.encoding"),
        (b"\xd2\x84\x5a\x00\x00\xff\xff" + b"h" * 65535 + b"\xa0\xf6" + TAIL, "cose.encoding"),
        (b"\xd2\x84\x5f\x41a\xff\xa0\xf6" + TAIL, "cose.encoding"),  # indefinite
        (b"\xd2\x84\x63abc\xa0\xf6" + TAIL, "cose.member"),  # text
        (b"\xd2\x84\x43abc\xa0\x63abc" + TAIL, "cose.member"),
        (b"\xd2\x84\x43abc\xa0\x80" + TAIL, "cose.member"),
        (b"\xd2\x84\x43abc\xa0\xf7" + TAIL, "cose.member"),  # undefined
        (b"\xd2\x84\x43abc\x80\xf6" + TAIL, "cose.unprotected"),  # array
        (b"\xd2\x84\x43abc\xf6\xf6" + TAIL, "cose.unprotected"),
        (b"\xd2\x84\x43abc\xa2\x02\x01\x01\x01\xf6" + TAIL, "cose.unprotected"),  # order
        (b"\xd2\x84\x43abc\xa2\x01\x01\x01\x01\xf6" + TAIL, "cose.unprotected"),  # twice
        (b"\xd2\x84\x43abc\xa1\x01\xc1\x00\xf6" + TAIL, "cose.unprotected"),  # tag inside
        (b"\xd2\x84\x43abc\xb8\x00\xf6" + TAIL, "cose.encoding"),
        (b"\xd2\x84\x43abc\xbf\xff\xf6" + TAIL, "cose.encoding"),
        (b"\xd2\x84\x43abc\xbb" + b"\xff" * 8, "cose.truncated"),  # 2^64 - 1 members
        (b"\xd2\x84\x43abc\xa1\x01\x58\xff", "cose.truncated"),
        (b"\xd2\x84\x5b" + b"\xff" * 8, "cose.truncated"),
        (b"\xd2\x84\x43abc\xa0\xf6\x58\x3f" + SIGNATURE[:63], "cose.signature"),
        (b"\xd2\x84\x43abc\xa0\xf6\x58\x41" + SIGNATURE + b"\x00", "cose.signature"),
        (b"\xd2\x84\x43abc\xa0\xf6\x78\x40" + SIGNATURE, "cose.signature"),  # text
        (b"\xd2\x84\x43abc\xa0\xf6\x59\x00\x40" + SIGNATURE, "cose.signature"),
        (b"\xd2\x84\x43abc\xa0\xf6\xf6", "cose.signature"),
    ],
    ids=lambda value: value.hex()[:32] if isinstance(value, bytes) else value,
)
def test_anything_else_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        split(data)
    assert refused.value.code == code


def test_nesting_in_the_unprotected_header_is_bounded() -> None:
    header = b"\xa1\x01" + b"\x81" * 200_000 + b"\x00"
    with pytest.raises(Invalid) as refused:
        split(b"\xd2\x84\x40" + header + b"\xf6" + TAIL)
    assert refused.value.code == "cose.unprotected"


@pytest.mark.parametrize("signature", [b"", SIGNATURE[1:], SIGNATURE + b"\x00"])
def test_a_signature_of_another_length_is_not_joined(signature: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        join(PROTECTED, b"", signature)
    assert refused.value.code == "cose.signature"


@pytest.mark.parametrize("header", [b"", b"\x80", b"\xa0\xa0", b"\xa1\x01", b"\xbf\xff", b"\xf6"])
def test_an_unprotected_header_that_is_no_strict_map_is_not_joined(header: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        join(PROTECTED, b"", SIGNATURE, header)
    assert refused.value.code == "cose.unprotected"
