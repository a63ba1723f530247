"""Sign, verify, seal and keep keys: the sole user of libsodium and OpenSSL bindings."""

from __future__ import annotations

from kimberlite.crypto import hpke
from kimberlite.crypto.algorithms import FOREIGN, Algorithm
from kimberlite.crypto.hashing import sha256
from kimberlite.crypto.keyfile import INTERACTIVE, MODERATE, Strength
from kimberlite.crypto.keys import (
    Ed25519PrivateKey,
    Esp256PrivateKey,
    PrivateKey,
    PublicKey,
    parse_cose_key,
)
from kimberlite.crypto.keystore import FileKeyStore, KeyStore, SoftwareKey
from kimberlite.crypto.random import token
from kimberlite.crypto.sign1 import Sign1, join, split, to_be_signed

__all__ = [
    "FOREIGN",
    "INTERACTIVE",
    "MODERATE",
    "Algorithm",
    "Ed25519PrivateKey",
    "Esp256PrivateKey",
    "FileKeyStore",
    "KeyStore",
    "PrivateKey",
    "PublicKey",
    "Sign1",
    "SoftwareKey",
    "Strength",
    "hpke",
    "join",
    "parse_cose_key",
    "sha256",
    "split",
    "to_be_signed",
    "token",
]
