"""Laws of the certificate file and the trust bundle: touched means not valid, and no crash."""

from __future__ import annotations

import functools
from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kimberlite.certificates import Result, Verifier, from_json, parse_file
from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Problem
from kimberlite.ledger import bundle as bundles
from kimberlite.ledger.bundle import TrustBundle
from tests.helpers.certificates import DAY, Desk, certificate_json, confirmation_json


@functools.cache
def sample() -> tuple[bytes, TrustBundle, bytes]:
    """Give a valid file, the bundle that says so, and that bundle's bytes."""
    desk = Desk()
    file = desk.file(desk.issue())
    return file, desk.bundle(), desk.bundle_bytes()


@functools.cache
def verifier() -> Verifier:
    return Verifier(sample()[1])


def answer(file: bytes) -> Result | None:
    """Give the result, or None for what is no certificate file."""
    try:
        return verifier().verify(file, DAY).result
    except Problem:
        return None


def test_the_sample_itself_is_valid() -> None:
    assert answer(sample()[0]) is Result.VALID


def test_one_altered_byte_anywhere_is_never_valid() -> None:
    """Law: for every byte of a valid file and every other value of it, the file is not valid.

    All positions are tried with three changes each; the property below tries other values.
    """
    file = sample()[0]
    for at in range(len(file)):
        for change in (0x01, 0x80, 0xFF):
            touched = bytearray(file)
            touched[at] ^= change
            assert answer(bytes(touched)) is not Result.VALID, (at, change)


@given(st.data())
@settings(max_examples=400)
def test_altered_inserted_and_removed_bytes_are_never_valid(data: st.DataObject) -> None:
    """Law: a file that differs from a valid one in a few bytes is not valid."""
    file = sample()[0]
    at = data.draw(st.integers(0, len(file) - 1))
    removed = data.draw(st.integers(0, 3))
    inserted = data.draw(st.binary(max_size=3))
    touched = file[:at] + inserted + file[at + removed :]
    if touched != file:
        assert answer(touched) is not Result.VALID


@given(st.binary(max_size=300))
@example(b"")
@example(cbor.encode(["kp-file/1", b"", [], []]))
@example(b"\x9f" * 200)
@settings(max_examples=300)
def test_random_bytes_end_in_a_problem(raw: bytes) -> None:
    """Law: what is not a file or bundle is answered with a Problem and nothing else."""
    for read in (parse_file, bundles.verify):
        with pytest.raises(Problem):
            read(raw)


@given(st.data())
@settings(max_examples=300)
def test_a_touched_bundle_is_not_accepted(data: st.DataObject) -> None:
    """Law: no change of a bundle's bytes passes its verification."""
    raw = sample()[2]
    at = data.draw(st.integers(0, len(raw) - 1))
    other = data.draw(st.integers(1, 255))
    touched = bytearray(raw)
    touched[at] ^= other
    with pytest.raises(Problem):
        bundles.verify(bytes(touched))


_LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.just("XA000123")
)
_JSON = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(st.data())
@settings(max_examples=400)
def test_no_json_makes_a_draft_crash(data: st.DataObject) -> None:
    """Law: JSON that is no draft is answered with a Problem; a draft reads back as itself."""
    base = data.draw(st.sampled_from([certificate_json(), confirmation_json(bytes(32))]))
    holder = base
    name = data.draw(st.sampled_from(sorted(base)))
    while isinstance(holder[name], dict) and data.draw(st.booleans()):
        holder, name = holder[name], data.draw(st.sampled_from(sorted(holder[name])))
    holder[name] = data.draw(_JSON)
    with suppress(Problem):
        made = from_json(base)
        assert from_json(made.to_json()) == made


@given(st.integers(0, 10**13 - 1), st.integers(0, 10**13 - 1))
def test_amounts_read_back_to_the_last_digit(points: int, cents: int) -> None:
    """Law: carats and values are exact; their decimal form reads back as the same amount."""
    carats, value = f"{points // 100}.{points % 100:02d}", f"{cents // 100}.{cents % 100:02d}"
    line = {"hs": "7102.31", "carats": carats, "value": value}
    made = from_json(certificate_json(values={"lines": [line]}))
    assert made.sections["values"]["lines"][0] == {
        "hs": "7102.31",
        "carats": points,
        "value": cents,
    }
    assert made.to_json()["values"]["lines"] == [line]
