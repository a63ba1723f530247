"""Turn one secret into an encrypted key file and back: bytes only, no disk.

Layout, limits and reasons: docs/spec/crypto.md, section "Key files".
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final

from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_decrypt,
    crypto_aead_xchacha20poly1305_ietf_encrypt,
)
from nacl.exceptions import CryptoError
from nacl.pwhash import argon2id

from kimberlite.crypto.hashing import sha256
from kimberlite.crypto.random import token
from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Invalid, Problem, Unavailable, Untrusted

FORMAT: Final = "kimberlite-keystore/1"
MAX_SECRET_BYTES: Final = 4096
MAX_FILE_BYTES: Final = 8192

_KEY_BYTES = 32
_NONCE_BYTES = 24
_CHECK_BYTES = 32
_TAG_BYTES = 16


@dataclass(frozen=True, slots=True)
class Strength:
    """What one guess of the passphrase costs (argon2id version 1.3, RFC 9106).

    Attributes:
        passes: how often the memory is filled.
        memory: bytes of memory filled.
    """

    passes: int
    memory: int


INTERACTIVE: Final = Strength(argon2id.OPSLIMIT_INTERACTIVE, argon2id.MEMLIMIT_INTERACTIVE)
MODERATE: Final = Strength(argon2id.OPSLIMIT_MODERATE, argon2id.MEMLIMIT_MODERATE)
_STRONGEST = Strength(argon2id.OPSLIMIT_SENSITIVE, argon2id.MEMLIMIT_SENSITIVE)


@dataclass(frozen=True, slots=True)
class Header:
    """What a key file says in clear; all of it is bound to the sealed secret.

    Attributes:
        kind: ``sign`` for a signing key, ``secret`` for anything else.
        label: the name it was stored under, so that a renamed file does not open.
        strength, salt: how the file key comes from the passphrase (salt: 16 bytes).
    """

    kind: str
    label: str
    strength: Strength
    salt: bytes


@dataclass(frozen=True, slots=True)
class Envelope:
    """A key file read but not opened: nonce is 24 bytes, sealed is ciphertext and tag."""

    header: Header
    nonce: bytes
    sealed: bytes


def derive(passphrase: str, salt: bytes, strength: Strength) -> bytes:
    """Derive the 32-byte file key; the passphrase is taken in NFC, so keyboards agree.

    Raises:
        Unavailable: ``keystore.memory`` when the machine cannot spare the memory asked for.
        Untrusted: ``keystore.passphrase`` when it is empty or not valid text.
    """
    try:
        words = unicodedata.normalize("NFC", passphrase).encode()
    except UnicodeEncodeError:
        words = b""
    if not words:
        raise Untrusted("keystore.passphrase", "a key store needs a passphrase")
    try:
        return argon2id.kdf(_KEY_BYTES, words, salt, strength.passes, strength.memory)
    except (CryptoError, MemoryError):
        raise Unavailable(
            "keystore.memory",
            "not enough free memory to open the key store",
            bytes=strength.memory,
        ) from None


def seal(header: Header, secret: bytes, key: bytes) -> bytes:
    """Write a key file: ``secret`` (at most 4096 bytes) under what :func:`derive` gave.

    Raises:
        Invalid: ``keystore.size`` when the secret is longer.
    """
    if len(secret) > MAX_SECRET_BYTES:
        raise Invalid("keystore.size", "this is too long for a key store", limit=MAX_SECRET_BYTES)
    nonce = token(_NONCE_BYTES)
    bound = _bound(header, nonce)
    sealed = crypto_aead_xchacha20poly1305_ietf_encrypt(secret, cbor.encode(bound), nonce, key)
    body = cbor.encode([*bound, sealed])
    # Lets a torn or rotten file be told from a wrong passphrase; it is no protection by itself.
    return body + sha256(body)


def read(data: bytes) -> Envelope:
    """Read a key file without opening it.

    Raises:
        Untrusted: ``keystore.damaged`` for anything but a whole key file of this format, or one
            that asks for more work than the strongest setting.
    """
    body, check = data[:-_CHECK_BYTES], data[-_CHECK_BYTES:]
    if len(data) > MAX_FILE_BYTES or sha256(body) != check:
        raise _damaged("it is cut short or altered")
    try:
        members = cbor.decode(body)
    except Problem:
        raise _damaged("it is not in strict CBOR") from None
    match members:
        case [
            str(form),
            str(kind),
            str(label),
            int(passes),
            int(memory),
            bytes(salt),
            bytes(nonce),
            bytes(sealed),
        ] if (
            form == FORMAT
            and argon2id.OPSLIMIT_MIN <= passes <= _STRONGEST.passes
            and argon2id.MEMLIMIT_MIN <= memory <= _STRONGEST.memory
            and len(salt) == argon2id.SALTBYTES
            and len(nonce) == _NONCE_BYTES
            and len(sealed) >= _TAG_BYTES
        ):
            header = Header(kind, label, Strength(passes, memory), salt)
            return Envelope(header, nonce, sealed)
        case _:
            raise _damaged("it is not a key file of this format")


def unseal(envelope: Envelope, key: bytes) -> bytes:
    """Open the secret in ``envelope``.

    Raises:
        Untrusted: ``keystore.passphrase`` when it does not open.
    """
    bound = cbor.encode(_bound(envelope.header, envelope.nonce))
    try:
        return crypto_aead_xchacha20poly1305_ietf_decrypt(
            envelope.sealed, bound, envelope.nonce, key
        )
    except CryptoError:
        raise Untrusted(
            "keystore.passphrase", "the key file does not open: wrong passphrase, or forged"
        ) from None


def _bound(header: Header, nonce: bytes) -> list[cbor.Value]:
    return [
        FORMAT,
        header.kind,
        header.label,
        header.strength.passes,
        header.strength.memory,
        header.salt,
        nonce,
    ]


def _damaged(why: str) -> Untrusted:
    return Untrusted("keystore.damaged", f"the key file cannot be read: {why}; restore a copy")
