"""Seal bytes to one authority's key (RFC 9180, base mode, single shot).

Suite: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM, because a browser's WebCrypto and
hardware modules have all three. Nobody is authenticated by it: who wrote the content is told by
the signed digest, not by the seal.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from kimberlite.kernel.errors import Untrusted

KEY_BYTES: Final = 32
OVERHEAD: Final = 48  # encapsulated key (32) and tag (16)

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class KeyPair(NamedTuple):
    """An X25519 pair, 32 bytes each, as RFC 7748 writes them."""

    private: bytes
    public: bytes

    def __repr__(self) -> str:
        return f"KeyPair(public={self.public.hex()})"


def generate() -> KeyPair:
    """Make a new pair from the operating system's randomness."""
    key = X25519PrivateKey.generate()
    return KeyPair(key.private_bytes_raw(), key.public_key().public_bytes_raw())


def public_of(private: bytes) -> bytes:
    """Return the 32-byte public half of ``private``.

    Raises:
        Untrusted: ``hpke.key`` when ``private`` is not 32 bytes.
    """
    return _private(private).public_key().public_bytes_raw()


def seal(public: bytes, plaintext: bytes, *, info: bytes) -> bytes:
    """Seal ``plaintext`` so that only the holder of ``public``'s secret opens it.

    Args:
        public: X25519 public key, 32 bytes.
        plaintext: any length.
        info: what the seal is for; the same bytes are needed to open it.

    Returns:
        Encapsulated key (32 bytes), ciphertext, tag: 48 bytes longer than ``plaintext``.

    Raises:
        Untrusted: ``hpke.key`` when ``public`` is not 32 bytes or is of small order.
    """
    try:
        return _SUITE.encrypt(plaintext, X25519PublicKey.from_public_bytes(public), info)
    except ValueError:
        raise Untrusted(
            "hpke.key", "this public key cannot be sealed to; ask for another"
        ) from None


def open_(private: bytes, sealed: bytes, *, info: bytes) -> bytes:
    """Open what :func:`seal` made for this key with the same ``info``.

    Raises:
        Untrusted: ``hpke.key`` when ``private`` is not 32 bytes; ``hpke.open`` when the bytes
            were sealed to another key, for another purpose, or were altered.
    """
    key = _private(private)
    try:
        return _SUITE.decrypt(sealed, key, info)
    except (InvalidTag, ValueError):
        raise Untrusted(
            "hpke.open", "this does not open: another key, another purpose, or altered bytes"
        ) from None


def _private(private: bytes) -> X25519PrivateKey:
    try:
        return X25519PrivateKey.from_private_bytes(private)
    except ValueError:
        raise Untrusted("hpke.key", "an X25519 secret has 32 bytes") from None
