"""Sign, check signatures and name keys: Ed25519 through libsodium, ESP256 through OpenSSL.

The predicate is part of the format, because nodes that disagree about one signature end up with
two registries. It is written down in docs/spec/crypto.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol, Self, final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from nacl.bindings import (
    crypto_core_ed25519_is_valid_point,
    crypto_sign,
    crypto_sign_open,
    crypto_sign_seed_keypair,
)
from nacl.exceptions import BadSignatureError

from kimberlite.crypto.algorithms import Algorithm
from kimberlite.crypto.hashing import sha256
from kimberlite.crypto.random import token
from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Invalid, Problem, Untrusted

SIGNATURE_BYTES = 64
SECRET_BYTES = 32
KID_BYTES = 8
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
P256_HALF_ORDER = P256_ORDER // 2

_RAW_BYTES = {Algorithm.ED25519: 32, Algorithm.ESP256: 64}
_ECDSA = ec.ECDSA(hashes.SHA256())

# COSE_Key labels and values (RFC 9052 section 7, RFC 9053 section 7).
_KTY, _CRV, _X, _Y = 1, -1, -2, -3
_OKP, _EC2 = 1, 2
_CRV_P256, _CRV_ED25519 = 1, 6


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that checks signatures.

    Attributes:
        algorithm: the one algorithm this key is for.
        raw: Ed25519: the 32 bytes of RFC 8032; ESP256: x then y, 32 bytes each, big-endian.

    Raises:
        Invalid: ``key.length`` when ``raw`` has another length. Whether the point is a good one
            is asked by :meth:`check`, once, when a key is registered.
    """

    algorithm: Algorithm
    raw: bytes

    def __post_init__(self) -> None:
        # libsodium reads 32 bytes whatever it is given: a shorter key must never come that far.
        if len(self.raw) != _RAW_BYTES[self.algorithm]:
            raise Invalid(
                "key.length",
                "a public key of this algorithm has another length",
                found=len(self.raw),
                expected=_RAW_BYTES[self.algorithm],
            )

    def cose_key(self) -> bytes:
        """Encode as COSE_Key with the required members only (RFC 9052, RFC 9679 section 4)."""
        if self.algorithm is Algorithm.ED25519:
            return cbor.encode({_KTY: _OKP, _CRV: _CRV_ED25519, _X: self.raw})
        return cbor.encode(
            {_KTY: _EC2, _CRV: _CRV_P256, _X: self.raw[:32], _Y: self.raw[32:]},
        )

    def thumbprint(self) -> bytes:
        """Name the key by 32 bytes: SHA-256 of :meth:`cose_key` (RFC 9679)."""
        return _thumbprint(self)

    @property
    def kid(self) -> bytes:
        """Return the first 8 bytes of the thumbprint, as carried in a statement's header."""
        return self.thumbprint()[:KID_BYTES]

    def check(self) -> None:
        """Refuse a key under which one signature could mean several things.

        Ed25519: canonical, on the curve, of large prime order, without a torsion part.
        ESP256: both coordinates below the field prime, and on the curve.

        Raises:
            Untrusted: ``key.weak``. Do not register this key.
        """
        if self.algorithm is Algorithm.ED25519:
            good = crypto_core_ed25519_is_valid_point(self.raw)
        else:
            good = _p256(self.raw) is not None
        if not good:
            raise Untrusted("key.weak", "this key is not a sound point of its curve; make another")

    def verify(self, signature: bytes, message: bytes) -> bool:
        """Decide whether ``signature`` (64 bytes) over ``message`` is by this key.

        Ed25519: S below L, A and R canonical and not of small order, cofactorless equation.
        ESP256: r then s, 32 bytes each; r in [1, n-1], s in [1, (n-1)/2] (low-s only).
        Malformed signatures are simply false. Source: docs/spec/crypto.md.
        """
        if len(signature) != SIGNATURE_BYTES:
            return False
        if self.algorithm is Algorithm.ED25519:
            try:
                crypto_sign_open(signature + message, self.raw)
            except BadSignatureError:
                return False
            return True
        return _verify_p256(self.raw, signature, message)


@lru_cache(maxsize=4096)
def _thumbprint(key: PublicKey) -> bytes:
    # Asked of the same few keys for every receipt and every statement.
    return sha256(key.cose_key())


def _p256(raw: bytes) -> ec.EllipticCurvePublicKey | None:
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b"\x04" + raw)
    except ValueError:
        return None


def _verify_p256(raw: bytes, signature: bytes, message: bytes) -> bool:
    r = int.from_bytes(signature[:32], "big")
    s = int.from_bytes(signature[32:], "big")
    # (r, n - s) would verify too: a second signature that anyone can make from the first.
    if not (0 < r < P256_ORDER and 0 < s <= P256_HALF_ORDER):
        return False
    key = _p256(raw)
    if key is None:
        return False
    try:
        key.verify(encode_dss_signature(r, s), message, _ECDSA)
    except InvalidSignature:
        return False
    return True


def parse_cose_key(data: bytes) -> PublicKey:
    """Read a COSE_Key that holds exactly the required members, in their one encoding.

    Does not judge the point: call :meth:`PublicKey.check` before trusting a new key.

    Raises:
        Invalid: ``key.format`` for anything but an Ed25519 or uncompressed P-256 public key in
            deterministic CBOR without further members.
    """
    try:
        members = cbor.decode(data, limit=128)
    except Problem as bad:
        raise Invalid("key.format", f"this is not a key in strict CBOR: {bad.detail}") from None
    match members:
        case {1: 1, -1: 6, -2: bytes(x), **rest} if not rest and len(x) == 32:
            key = PublicKey(Algorithm.ED25519, x)
        case {1: 2, -1: 1, -2: bytes(x), -3: bytes(y), **rest} if (
            not rest and len(x) == len(y) == 32
        ):
            key = PublicKey(Algorithm.ESP256, x + y)
        case _:
            raise Invalid("key.format", "expected an Ed25519 or P-256 key and nothing else")
    # True equals 1 in Python: only the encoding itself tells them apart.
    if key.cose_key() != data:
        raise Invalid("key.format", "the key is not in its one encoding")
    return key


class PrivateKey(Protocol):
    """Sign for one public key; a hardware module fills this port as well as the classes below."""

    @property
    def public(self) -> PublicKey:
        """Return the key that checks what this one signs."""

    def sign(self, message: bytes) -> bytes:
        """Sign ``message`` and return 64 bytes that ``public.verify`` accepts."""


@final
class Ed25519PrivateKey:
    """An Ed25519 key (RFC 8032) from its 32-byte seed.

    Raises:
        Invalid: ``key.secret`` when the seed has another length.
    """

    __slots__ = ("_expanded", "_public")

    def __init__(self, seed: bytes) -> None:
        if len(seed) != SECRET_BYTES:
            raise Invalid("key.secret", "an Ed25519 seed has 32 bytes", found=len(seed))
        raw, self._expanded = crypto_sign_seed_keypair(seed)
        self._public = PublicKey(Algorithm.ED25519, raw)

    @classmethod
    def generate(cls) -> Self:
        """Make a new key from the operating system's randomness."""
        return cls(token(SECRET_BYTES))

    @property
    def public(self) -> PublicKey:
        """Return the key that checks what this one signs."""
        return self._public

    def sign(self, message: bytes) -> bytes:
        """Sign ``message``: 64 bytes, R then S, deterministic (RFC 8032 section 5.1.6)."""
        return crypto_sign(message, self._expanded)[:SIGNATURE_BYTES]

    def export_secret(self) -> bytes:
        """Hand out the 32-byte seed. For the key store alone."""
        return self._expanded[:SECRET_BYTES]

    def __repr__(self) -> str:
        return f"Ed25519PrivateKey(kid={self._public.kid.hex()})"


@final
class Esp256PrivateKey:
    """An ECDSA key on P-256 with SHA-256 (FIPS 186-5) from its 32-byte scalar, low-s output.

    Raises:
        Invalid: ``key.secret`` when the scalar has another length or is not in [1, n-1].
    """

    __slots__ = ("_key", "_public")

    def __init__(self, scalar: bytes) -> None:
        value = int.from_bytes(scalar, "big")
        if len(scalar) != SECRET_BYTES or not 0 < value < P256_ORDER:
            raise Invalid("key.secret", "a P-256 secret is 32 bytes, between 1 and the order")
        self._key = ec.derive_private_key(value, ec.SECP256R1())
        point = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self._public = PublicKey(Algorithm.ESP256, point[1:])

    @classmethod
    def generate(cls) -> Self:
        """Make a new key from the operating system's randomness."""
        number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
        return cls(number.to_bytes(SECRET_BYTES, "big"))

    @property
    def public(self) -> PublicKey:
        """Return the key that checks what this one signs."""
        return self._public

    def sign(self, message: bytes) -> bytes:
        """Sign ``message``: 64 bytes, r then s with s at most (n-1)/2; differs at each call."""
        r, s = decode_dss_signature(self._key.sign(message, _ECDSA))
        low = s if s <= P256_HALF_ORDER else P256_ORDER - s
        return r.to_bytes(32, "big") + low.to_bytes(32, "big")

    def export_secret(self) -> bytes:
        """Hand out the 32-byte scalar. For the key store alone."""
        return self._key.private_numbers().private_value.to_bytes(SECRET_BYTES, "big")

    def __repr__(self) -> str:
        return f"Esp256PrivateKey(kid={self._public.kid.hex()})"
