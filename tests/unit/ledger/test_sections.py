"""Sealed sections: the digest binds content, name, issuer, subject and salt."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import pytest

from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Invalid, Untrusted
from kimberlite.ledger import sections
from kimberlite.ledger.schema import Field, Schema, integer, text
from kimberlite.ledger.sections import LIMIT, Opening, make, require

SCHEMA = Schema(
    "values",
    (
        Field(1, "points", integer(), "carats in hundredths"),
        Field(2, "note", text(20_000), "words", required=False),
    ),
)
SALT = bytes(range(16))
OPENING = make("values", SCHEMA, {"points": 1234}, SALT)


def test_the_digest_is_the_one_that_the_format_gives() -> None:
    """Written out by hand from docs/spec: SHA-256 over a list of six."""
    told = bytes.fromhex(
        "86"
        "6c" + b"kp-section/1".hex() + "66" + b"values".hex() + "62" + b"XA".hex()
        + "65" + b"XA123".hex() + "50" + SALT.hex() + "45" + "a1011904d2"
    )  # fmt: skip
    assert OPENING.content.hex() == "a1011904d2"
    assert OPENING.digest("XA", "XA123") == hashlib.sha256(told).digest()


@pytest.mark.parametrize(
    ("opening", "iss", "sub"),
    [
        (replace(OPENING, section="parties"), "XA", "XA123"),
        (replace(OPENING, salt=bytes(16)), "XA", "XA123"),
        (replace(OPENING, content=cbor.encode({1: 1235})), "XA", "XA123"),
        (OPENING, "XB", "XA123"),
        (OPENING, "XA", "XA124"),
    ],
    ids=["section", "salt", "content", "issuer", "subject"],
)
def test_nothing_can_be_exchanged(opening: Opening, iss: str, sub: str) -> None:
    seal = OPENING.digest("XA", "XA123")
    require(OPENING, seal, "XA", "XA123")
    with pytest.raises(Untrusted) as refused:
        require(opening, seal, iss, sub)
    assert refused.value.code == "section.digest"


def test_an_opening_of_what_was_never_sealed_is_not_trusted() -> None:
    with pytest.raises(Untrusted) as refused:
        require(OPENING, None, "XA", "XA123")
    assert (refused.value.code, refused.value.facts["section"]) == ("section.digest", "values")


def test_issuer_and_subject_do_not_run_into_each_other() -> None:
    """Lengths are part of what is hashed."""
    assert OPENING.digest("XA", "B1") != OPENING.digest("XAB", "1")


def test_an_opening_travels_and_is_read_strictly() -> None:
    assert Opening.from_value(cbor.decode(cbor.encode(OPENING.to_value()))) == OPENING
    assert OPENING.read(SCHEMA) == {"points": 1234}


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        ["values", SALT],
        ["values", SALT, b"", b""],
        ["values", SALT[:15], b""],
        ["values", SALT + b"\x00", b""],
        [b"values", SALT, b""],
        ["values", SALT, "text"],
        ["values", SALT, bytes(LIMIT + 1)],
    ],
)
def test_another_form_is_refused(value: Any) -> None:
    with pytest.raises(Invalid) as refused:
        Opening.from_value(value)
    assert refused.value.code == "section.form"


@pytest.mark.parametrize("content", [b"", b"\xa1\x01", b"\xa0\x00", bytes([0xA2, 2, 0, 1, 0])])
def test_content_that_is_no_strict_cbor_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        replace(OPENING, content=content).read(SCHEMA)
    assert refused.value.code.startswith("cbor.")


def test_a_section_is_as_long_as_allowed_and_no_longer() -> None:
    head = len(cbor.encode({1: 0, 2: "x" * 300})) - 300
    full = make("values", SCHEMA, {"points": 0, "note": "x" * (LIMIT - head)}, SALT)
    assert len(full.content) == LIMIT
    assert full.read(SCHEMA)["points"] == 0
    with pytest.raises(Invalid) as refused:
        make("values", SCHEMA, {"points": 0, "note": "x" * (LIMIT - head + 1)}, SALT)
    assert refused.value.code == "section.too-long"


@pytest.mark.parametrize("size", [0, 15, 17])
def test_a_salt_has_16_bytes(size: int) -> None:
    assert sections.SALT_BYTES == 16
    with pytest.raises(Invalid) as refused:
        make("values", SCHEMA, {"points": 1}, bytes(size))
    assert refused.value.code == "section.form"
