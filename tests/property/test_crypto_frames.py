"""Laws of the signed frame, of key encodings and of every decoder of outside bytes."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kimberlite.crypto import (
    Algorithm,
    Ed25519PrivateKey,
    Esp256PrivateKey,
    PrivateKey,
    PublicKey,
    Sign1,
    hpke,
    join,
    keyfile,
    parse_cose_key,
    sha256,
    split,
    to_be_signed,
)
from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Problem

KEY = Ed25519PrivateKey(bytes(range(32)))
PROTECTED = cbor.encode({1: -19, 4: KEY.public.kid})
PAYLOAD = b"XA-0001: one parcel"
PAIR = hpke.generate()

scalars = st.one_of(
    st.integers(-(2**63), 2**63 - 1), st.binary(max_size=40), st.text(max_size=10), st.none()
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.integers(-9, 400), inner, max_size=3)
    ),
    max_leaves=8,
)
headers = st.dictionaries(st.integers(-9, 400), values, max_size=4).map(cbor.encode)
frames = st.builds(
    Sign1,
    st.binary(max_size=300),
    st.none() | st.binary(max_size=600),
    st.binary(min_size=64, max_size=64),
    headers,
)


def signed(key: PrivateKey) -> bytes:
    return join(PROTECTED, PAYLOAD, key.sign(to_be_signed(PROTECTED, PAYLOAD)))


def checks(data: bytes, key: PublicKey) -> bool:
    try:
        parts = split(data)
    except Problem:
        return False
    if parts.payload is None:
        return False
    return key.verify(parts.signature, to_be_signed(parts.protected, parts.payload))


@given(frames)
def test_splitting_what_was_joined_gives_the_parts(parts: Sign1) -> None:
    """Law: split(join(x)) == x."""
    assert split(join(parts.protected, parts.payload, parts.signature, parts.unprotected)) == parts


@given(st.binary(max_size=80).map(lambda tail: b"\xd2\x84\x41" + tail))
@example(b"\xd2\x84\x40\xa0\xf6\x58\x40" + bytes(64))
def test_what_can_be_split_has_one_encoding(data: bytes) -> None:
    """Law: join(split(d)) == d for every d that split accepts; else a Problem."""
    try:
        parts = split(data)
    except Problem:
        return
    assert join(parts.protected, parts.payload, parts.signature, parts.unprotected) == data


@given(frames, st.data())
def test_a_damaged_frame_splits_into_itself_or_not_at_all(
    parts: Sign1, data: st.DataObject
) -> None:
    """Law: after any splice, split gives parts that join to the very bytes, or a Problem."""
    whole = join(parts.protected, parts.payload, parts.signature, parts.unprotected)
    at = data.draw(st.integers(0, len(whole)))
    cut = data.draw(st.integers(0, 4))
    broken = whole[:at] + data.draw(st.binary(max_size=6)) + whole[at + cut :]
    try:
        found = split(broken)
    except Problem:
        return
    assert join(found.protected, found.payload, found.signature, found.unprotected) == broken


@given(st.binary(max_size=400), st.binary(max_size=400))
def test_what_is_signed_is_the_encoded_structure(protected: bytes, payload: bytes) -> None:
    """Law: concatenation and the encoder agree, so no two messages sign the same bytes."""
    expected = cbor.encode(["Signature1", protected, b"", payload])
    assert to_be_signed(protected, payload) == expected


@pytest.mark.parametrize("key", [KEY, Esp256PrivateKey(bytes(range(32)))], ids=["ed", "es"])
def test_every_one_bit_change_of_a_signed_message_fails(key: PrivateKey) -> None:
    """Law: there is no byte whose change leaves a valid message."""
    whole = signed(key)
    assert checks(whole, key.public)
    for at in range(len(whole)):
        for bit in range(8):
            changed = bytearray(whole)
            changed[at] ^= 1 << bit
            assert not checks(bytes(changed), key.public), (at, bit)


@given(st.data())
def test_every_one_byte_change_cut_or_addition_fails(data: st.DataObject) -> None:
    whole = signed(KEY)
    at = data.draw(st.integers(0, len(whole) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda each: each != whole[at]))
    assert not checks(whole[:at] + bytes([byte]) + whole[at + 1 :], KEY.public)
    assert not checks(whole[:at] + whole[at + 1 :], KEY.public)
    assert not checks(whole[:at] + bytes([byte]) + whole[at:], KEY.public)


@given(st.binary(max_size=64), st.binary(max_size=100))
def test_every_key_signs_what_it_checks(material: bytes, message: bytes) -> None:
    """Law: verify(sign(m), m), for any secret."""
    seed = sha256(material)
    ed, es = Ed25519PrivateKey(seed), Esp256PrivateKey(seed)
    for key in (ed, es):
        key.public.check()
        assert key.public.verify(key.sign(message), message)
        assert parse_cose_key(key.public.cose_key()) == key.public


@given(st.sampled_from(Algorithm), st.binary(min_size=64, max_size=64), st.binary(max_size=130))
def test_random_keys_and_signatures_give_no_error(
    algorithm: Algorithm, raw: bytes, signature: bytes
) -> None:
    """Law: verify is total; nothing random checks."""
    key = PublicKey(algorithm, raw[: 32 if algorithm is Algorithm.ED25519 else 64])
    assert not key.verify(signature, b"message")
    assert not key.verify((signature * 64)[:64], b"message")


@given(st.one_of(st.binary(max_size=120), values.map(cbor.encode)))
def test_random_bytes_as_a_key_raise_only_problems_or_come_back_the_same(data: bytes) -> None:
    try:
        key = parse_cose_key(data)
    except Problem:
        return
    assert key.cose_key() == data


@given(st.one_of(st.binary(max_size=300), st.lists(scalars, max_size=9).map(cbor.encode)))
def test_random_bytes_as_a_key_file_raise_only_problems(body: bytes) -> None:
    """Law: a key file is read or is damaged, with or without a right checksum."""
    for data in (body, body + sha256(body)):
        with pytest.raises(Problem) as refused:
            keyfile.read(data)
        assert refused.value.code == "keystore.damaged"


@given(st.binary(max_size=200), st.binary(max_size=20))
def test_random_bytes_do_not_open(sealed: bytes, info: bytes) -> None:
    with pytest.raises(Problem) as refused:
        hpke.open_(PAIR.private, sealed, info=info)
    assert refused.value.code == "hpke.open"


@given(st.binary(max_size=500), st.binary(max_size=100))
def test_what_is_sealed_opens(plaintext: bytes, info: bytes) -> None:
    """Law: open(seal(x)) == x for the same purpose."""
    sealed = hpke.seal(PAIR.public, plaintext, info=info)
    assert hpke.open_(PAIR.private, sealed, info=info) == plaintext
