"""Compact JWS (RFC 7515) with our keys: fully specified algorithms, one signature, no options.

What is signed begins with the letters of base64url, a COSE structure with 0x84: no signature made
here can stand for a statement, and none of a statement for a token.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from kimberlite.crypto.algorithms import Algorithm
from kimberlite.crypto.keys import PrivateKey, PublicKey
from kimberlite.documents.credential import strict
from kimberlite.kernel.errors import Invalid

NAMES = {Algorithm.ED25519: "Ed25519", Algorithm.ESP256: "ES256"}
"""As written: RFC 9864 for Ed25519; ES256 always was P-256 alone (RFC 7518)."""
_READ = {"Ed25519": Algorithm.ED25519, "EdDSA": Algorithm.ED25519, "ES256": Algorithm.ESP256}
"""EdDSA is read, for issuers whose tools write nothing else; the key fixes the curve."""

_COMPACT = re.compile(rb"(eyJ[A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{86})")
_MEMBERS = frozenset(("alg", "cty", "kid", "typ"))


@dataclass(frozen=True, slots=True)
class Jws:
    """A token taken apart. Nothing is verified by reading."""

    header: dict[str, Any]
    payload: bytes
    signed: bytes
    signature: bytes

    @property
    def typ(self) -> str:
        """What it says it is."""
        return str(self.header["typ"])

    @property
    def kid(self) -> str:
        """The key it names, a DID URL."""
        return str(self.header["kid"])

    def signed_by(self, key: PublicKey) -> bool:
        """Say whether ``key`` signed this, by the algorithm that the header names."""
        fits = _READ[self.header["alg"]] is key.algorithm
        return fits and key.verify(self.signature, self.signed)


def sign(payload: bytes, key: PrivateKey, *, typ: str, kid: str, cty: str | None = None) -> str:
    """Sign ``payload`` and give the compact form."""
    header = {"alg": NAMES[key.public.algorithm], "kid": kid, "typ": typ}
    if cty is not None:
        header["cty"] = cty
    told = f"{strict.to_base64url(strict.encode(header))}.{strict.to_base64url(payload)}"
    return f"{told}.{strict.to_base64url(key.sign(told.encode()))}"


def parse(data: bytes) -> Jws:
    """Take a compact token apart, strictly: no member of the header but alg, cty, kid and typ.

    Raises:
        Invalid: ``credential.too-long``, ``credential.form``, ``credential.algorithm``,
            ``credential.json``, ``credential.base64``.
    """
    if len(data) > strict.LIMIT:
        raise Invalid("credential.too-long", "a credential has at most 384 KiB", limit=strict.LIMIT)
    found = _COMPACT.fullmatch(data)
    if found is None:
        raise Invalid("credential.form", "this is not a signed token of three parts")
    header = strict.decode(strict.from_base64url(found[1]))
    texts = all(isinstance(each, str) for each in header.values())
    if not texts or not {"alg", "kid", "typ"} <= header.keys() <= _MEMBERS:
        raise Invalid("credential.form", "the header of this token is not one that is known here")
    if header["alg"] not in _READ:
        raise Invalid("credential.algorithm", "tokens are signed with Ed25519 or ES256 here")
    payload, signature = strict.from_base64url(found[2]), strict.from_base64url(found[3])
    return Jws(header, payload, found[1] + b"." + found[2], signature)
