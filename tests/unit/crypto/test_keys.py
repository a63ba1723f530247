"""Keys, one refusal at a time."""

from __future__ import annotations

import pytest

from kimberlite.crypto import (
    FOREIGN,
    Algorithm,
    Ed25519PrivateKey,
    Esp256PrivateKey,
    PrivateKey,
    PublicKey,
    parse_cose_key,
)
from kimberlite.crypto.keys import P256_HALF_ORDER, P256_ORDER
from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Invalid, Untrusted

SEED = bytes(range(32))
KEYS: list[PrivateKey] = [Ed25519PrivateKey(SEED), Esp256PrivateKey(SEED)]
P256_PRIME = 2**256 - 2**224 + 2**192 + 2**96 - 1

each_key = pytest.mark.parametrize("key", KEYS, ids=lambda key: key.public.algorithm.name)


@each_key
def test_a_signature_is_64_bytes_and_checks_for_its_message_alone(key: PrivateKey) -> None:
    signature = key.sign(b"one")
    assert len(signature) == 64
    assert key.public.verify(signature, b"one")
    assert not key.public.verify(signature, b"two")
    assert not key.public.verify(signature, b"")
    assert key.public.verify(key.sign(b""), b"")
    key.public.check()


@each_key
def test_a_signature_does_not_check_under_another_key(key: PrivateKey) -> None:
    for stranger in (Ed25519PrivateKey.generate(), Esp256PrivateKey.generate()):
        assert not stranger.public.verify(key.sign(b"one"), b"one")


@each_key
@pytest.mark.parametrize("size", [0, 1, 63, 65, 128])
def test_a_signature_of_another_length_is_false_not_an_error(key: PrivateKey, size: int) -> None:
    assert not key.public.verify((key.sign(b"one") * 2)[:size], b"one")


def test_bytes_moved_from_signature_to_message_do_not_check() -> None:
    """libsodium sees one string: the border between the two must be checked before."""
    key = Ed25519PrivateKey(SEED)
    whole = key.sign(b"one") + b"one"
    assert key.public.verify(whole[:64], whole[64:])
    assert not key.public.verify(whole[:63], whole[63:])
    assert not key.public.verify(whole[:65], whole[65:])


@each_key
def test_no_secret_shows(key: Ed25519PrivateKey | Esp256PrivateKey) -> None:
    shown = repr(key) + str(key) + f"{key}" + repr([key])
    assert key.export_secret().hex() not in shown
    assert repr(key.export_secret()) not in shown
    assert key.public.kid.hex() in shown


@each_key
def test_the_exported_secret_makes_the_same_key(key: Ed25519PrivateKey | Esp256PrivateKey) -> None:
    assert type(key)(key.export_secret()).public == key.public


def test_generated_keys_differ() -> None:
    assert len({Ed25519PrivateKey.generate().public for _ in range(3)}) == 3
    assert len({Esp256PrivateKey.generate().public for _ in range(3)}) == 3


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_secret_of_another_length_is_refused(size: int) -> None:
    for kind in (Ed25519PrivateKey, Esp256PrivateKey):
        with pytest.raises(Invalid) as refused:
            kind(b"\x01" * size)
        assert refused.value.code == "key.secret"


@pytest.mark.parametrize("number", [0, P256_ORDER, P256_ORDER + 1, 2**256 - 1])
def test_a_scalar_outside_the_group_is_refused(number: int) -> None:
    with pytest.raises(Invalid) as refused:
        Esp256PrivateKey(number.to_bytes(32, "big"))
    assert refused.value.code == "key.secret"


@pytest.mark.parametrize("number", [1, P256_ORDER - 1])
def test_the_first_and_last_scalar_sign(number: int) -> None:
    key = Esp256PrivateKey(number.to_bytes(32, "big"))
    assert key.public.verify(key.sign(b"edge"), b"edge")


@pytest.mark.parametrize(
    ("algorithm", "size"),
    [(Algorithm.ED25519, 31), (Algorithm.ED25519, 33), (Algorithm.ESP256, 32), (-9, 65), (-19, 0)],
)
def test_a_public_key_of_another_length_is_refused(algorithm: int, size: int) -> None:
    with pytest.raises(Invalid) as refused:
        PublicKey(Algorithm(algorithm), bytes(size))
    assert refused.value.code == "key.length"


def test_low_s_is_what_we_make_and_the_mirror_image_is_refused() -> None:
    key = Esp256PrivateKey(SEED)
    for _ in range(32):
        signature = key.sign(b"one")
        s = int.from_bytes(signature[32:], "big")
        assert 0 < s <= P256_HALF_ORDER
        mirror = signature[:32] + (P256_ORDER - s).to_bytes(32, "big")
        assert key.public.verify(signature, b"one")
        assert not key.public.verify(mirror, b"one")


@pytest.mark.parametrize(("r", "s"), [(0, 1), (1, 0), (P256_ORDER, 1), (1, P256_ORDER), (0, 0)])
def test_numbers_outside_their_range_are_false(r: int, s: int) -> None:
    signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    assert not Esp256PrivateKey(SEED).public.verify(signature, b"one")


def test_r_beyond_the_order_does_not_wrap_around() -> None:
    key = Esp256PrivateKey(SEED)
    # No signature has r small enough to fit r + n in 32 bytes by chance; the range check is
    # asked directly with the largest r that 32 bytes hold.
    signature = (2**256 - 1).to_bytes(32, "big") + key.sign(b"one")[32:]
    assert not key.public.verify(signature, b"one")


@pytest.mark.parametrize(
    "raw",
    [
        bytes(64),
        b"\x01" * 64,
        P256_PRIME.to_bytes(32, "big") + KEYS[1].public.raw[32:],
        KEYS[1].public.raw[32:] + KEYS[1].public.raw[:32],
    ],
)
def test_a_point_off_the_curve_is_weak_and_checks_nothing(raw: bytes) -> None:
    key = PublicKey(Algorithm.ESP256, raw)
    with pytest.raises(Untrusted) as refused:
        key.check()
    assert refused.value.code == "key.weak"
    assert not key.verify(KEYS[1].sign(b"one"), b"one")


def test_a_coordinate_is_not_taken_modulo_the_prime() -> None:
    """x = 5 is on the curve; x = 5 + p is the same number and must not be the same key."""
    y = pow((5**3 - 15 + P256_B) % P256_PRIME, (P256_PRIME + 1) // 4, P256_PRIME)
    PublicKey(Algorithm.ESP256, (5).to_bytes(32, "big") + y.to_bytes(32, "big")).check()
    with pytest.raises(Untrusted):
        PublicKey(
            Algorithm.ESP256, (5 + P256_PRIME).to_bytes(32, "big") + y.to_bytes(32, "big")
        ).check()


P256_B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B


def test_kid_is_the_start_of_the_thumbprint_and_keys_are_values() -> None:
    one, same = (Ed25519PrivateKey(SEED).public for _ in range(2))
    assert len(one.thumbprint()) == 32
    assert one.kid == one.thumbprint()[:8]
    assert one == same
    assert len({one, same}) == 1


ED_MEMBERS: dict[int, object] = {1: 1, -1: 6, -2: bytes(32)}
EC_MEMBERS: dict[int, object] = {1: 2, -1: 1, -2: bytes(32), -3: bytes(32)}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xa0",
        cbor.encode([1, 6, bytes(32)]),
        cbor.encode({**ED_MEMBERS, 3: -19}),  # alg is not a required member
        cbor.encode({**ED_MEMBERS, 2: b"11"}),  # nor is kid
        cbor.encode({**ED_MEMBERS, -4: bytes(32)}),  # a private key
        cbor.encode({**ED_MEMBERS, -1: 7}),  # Ed448
        cbor.encode({**ED_MEMBERS, -1: 4}),  # X25519
        cbor.encode({**ED_MEMBERS, -2: bytes(31)}),
        cbor.encode({**ED_MEMBERS, 1: True}),  # equals 1 in Python
        cbor.encode({**EC_MEMBERS, -1: True}),
        cbor.encode({**EC_MEMBERS, -3: True}),  # compressed point
        cbor.encode({**EC_MEMBERS, -1: 2}),  # P-384
        cbor.encode({**EC_MEMBERS, -2: bytes(30), -3: bytes(34)}),
        cbor.encode(ED_MEMBERS) + b"\x00",
        cbor.encode(ED_MEMBERS)[:-1],
        cbor.encode({"kty": 1}),
    ],
    ids=lambda data: data.hex()[:40],
)
def test_anything_but_the_one_encoding_of_a_key_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        parse_cose_key(data)
    assert refused.value.code == "key.format"


def test_retired_numbers_name_the_algorithm_their_key_fixes() -> None:
    assert dict(FOREIGN) == {-8: Algorithm.ED25519, -7: Algorithm.ESP256}
    assert {int(each) for each in Algorithm} == {-19, -9}
