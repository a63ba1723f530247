"""One predicate, two libraries: libsodium alone, and a guard of our own in front of OpenSSL."""

from __future__ import annotations

import json
from hashlib import sha512
from pathlib import Path
from random import Random
from typing import TypedDict, cast

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PublicKey as OpenSslKey,
)

from kimberlite.crypto import Algorithm, Ed25519PrivateKey, PublicKey
from kimberlite.kernel.errors import Untrusted

# edwards25519 in affine integers (RFC 8032 section 5.1): slow, short, and shares no code with
# either library.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
SQRT_M1 = pow(2, (P - 1) // 4, P)
Point = tuple[int, int]
ZERO: Point = (0, 1)


class Case(TypedDict):
    number: int
    key: str
    sig: str
    msg: str
    flags: list[str] | None


def add(a: Point, b: Point) -> Point:
    (x1, y1), (x2, y2) = a, b
    t = D * x1 * x2 * y1 * y2
    x3 = (x1 * y2 + x2 * y1) * pow(1 + t, -1, P) % P
    return x3, (y1 * y2 + x1 * x2) * pow(1 - t, -1, P) % P


def times(n: int, a: Point) -> Point:
    total = ZERO
    while n:
        if n & 1:
            total = add(total, a)
        a, n = add(a, a), n >> 1
    return total


def encoded(a: Point) -> bytes:
    return (a[1] | (a[0] & 1) << 255).to_bytes(32, "little")


def decoded(raw: bytes) -> Point | None:
    """Decode a canonical encoding only."""
    number = int.from_bytes(raw, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * SQRT_M1 % P
    if x * x % P != square or (x == 0 and sign):
        return None
    return (x if x & 1 == sign else P - x), y


def guard(raw: bytes) -> bool:
    point = decoded(raw)
    return point is not None and times(8, point) != ZERO


def oracle(key: bytes, signature: bytes, message: bytes) -> bool:
    if not (guard(key) and guard(signature[:32])):
        return False
    try:
        OpenSslKey.from_public_bytes(key).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def sound(raw: bytes) -> bool:
    point = decoded(raw)
    return point is not None and point != ZERO and times(L, point) == ZERO


def ours(key: bytes, signature: bytes, message: bytes) -> bool:
    return PublicKey(Algorithm.ED25519, key).verify(signature, message)


def passes_check(raw: bytes) -> bool:
    try:
        PublicKey(Algorithm.ED25519, raw).check()
    except Untrusted:
        return False
    return True


BASE: Point = cast("Point", decoded((4 * pow(5, -1, P) % P).to_bytes(32, "little")))


def torsion() -> list[Point]:
    """All eight points of order dividing 8: multiples of some L * Q of full order."""
    for y in range(2, 100):
        point = decoded(y.to_bytes(32, "little"))
        if point is not None:
            small = times(L, point)
            if times(4, small) != ZERO:
                return [times(n, small) for n in range(8)]
    raise AssertionError("one in two points has a torsion part of order 8")


@pytest.fixture(scope="module")
def cases(shared: Path) -> list[Case]:
    text = (shared / "vectors" / "ed25519_edge_cases.json").read_text()
    return cast("list[Case]", json.loads(text))


def test_the_known_edge_cases_are_accepted_exactly_when_no_forbidden_flag_is_set(
    cases: list[Case],
) -> None:
    """A residue is what the cofactored equation would hide: ours has no cofactor."""
    forbidden = {
        "low_order_A",
        "low_order_R",
        "non_canonical_A",
        "non_canonical_R",
        "low_order_residue",
    }
    accepted = 0
    for case in cases:
        expected = not forbidden & set(case["flags"] or [])
        key, signature = bytes.fromhex(case["key"]), bytes.fromhex(case["sig"])
        found = ours(key, signature, case["msg"].encode())
        assert found == expected, case
        accepted += found
    assert 0 < accepted < len(cases)


def test_libsodium_and_the_guarded_openssl_agree_on_every_edge_case(cases: list[Case]) -> None:
    for case in cases:
        key, signature = bytes.fromhex(case["key"]), bytes.fromhex(case["sig"])
        message = case["msg"].encode()
        assert ours(key, signature, message) == oracle(key, signature, message), case


def test_the_key_check_agrees_with_arithmetic_on_every_edge_key(cases: list[Case]) -> None:
    keys = {bytes.fromhex(case["key"]) for case in cases}
    verdicts = {key: passes_check(key) for key in keys}
    assert verdicts == {key: sound(key) for key in keys}
    assert set(verdicts.values()) == {True, False}
    for case in cases:
        if "low_order_component_A" in (case["flags"] or []):
            assert not verdicts[bytes.fromhex(case["key"])], case


def test_a_key_shifted_by_any_torsion_point_is_refused_at_registration() -> None:
    """Some libsodium builds of 2025 and before let some of these pass (CVE-2025-69277)."""
    small = torsion()
    for seed in range(4):
        point = times(int.from_bytes(sha512(bytes([seed])).digest(), "little") % L, BASE)
        assert [passes_check(encoded(add(point, shift))) for shift in small] == [True] + [False] * 7
    assert not any(passes_check(encoded(each)) for each in small)


def test_both_libraries_agree_on_signatures_with_planted_torsion() -> None:
    """Law: agreement, for every pairing of a torsion part in A with one in R."""
    small, message = torsion(), b"agree"
    accepted = 0
    for in_key in range(8):
        for in_nonce in range(8):
            secret, nonce = 1234567 + in_key, 7654321 + in_nonce
            key = encoded(add(times(secret, BASE), small[in_key]))
            start = encoded(add(times(nonce, BASE), small[in_nonce]))
            k = int.from_bytes(sha512(start + key + message).digest(), "little") % L
            signature = start + ((nonce + k * secret) % L).to_bytes(32, "little")
            found = ours(key, signature, message)
            assert found == oracle(key, signature, message)
            accepted += found
    assert 0 < accepted < 64


def test_a_response_at_or_above_the_group_order_is_refused() -> None:
    key = Ed25519PrivateKey(bytes(32))
    good = key.sign(b"once")
    s = int.from_bytes(good[32:], "little")
    assert key.public.verify(good, b"once")
    for more in range(1, 8):
        twin = good[:32] + (s + more * L).to_bytes(32, "little")
        assert not key.public.verify(twin, b"once")
        assert not oracle(key.public.raw, twin, b"once")


def test_the_answers_of_rfc_8032_section_7_1() -> None:
    key = Ed25519PrivateKey(
        bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
    )
    assert key.public.raw.hex() == (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    )
    assert key.sign(b"\x72").hex() == (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )


def test_both_libraries_agree_on_random_bytes_and_near_misses() -> None:
    rng = Random(20030101)
    for _ in range(300):
        key = Ed25519PrivateKey(rng.randbytes(32))
        message = rng.randbytes(rng.randrange(40))
        signature = bytearray(key.sign(message))
        if rng.random() < 0.7:
            signature[rng.randrange(64)] ^= 1 << rng.randrange(8)
        raw = key.public.raw if rng.random() < 0.7 else rng.randbytes(32)
        try:
            expected = oracle(raw, bytes(signature), message)
        except ValueError:  # OpenSSL cannot even load the key
            expected = False
        assert ours(raw, bytes(signature), message) == expected
