"""Issuers as did:web, by participant: their keys as the log has them, old ones kept.

A domain forgets keys and can be taken over, so verifiers of ours look a key up in the trust bundle
alone; DID documents are for the tools of others.
Source: W3C DID Core, did:web method; ours, docs/spec/credential.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kimberlite.crypto.algorithms import Algorithm
from kimberlite.crypto.keys import PublicKey
from kimberlite.documents.credential.jws import NAMES
from kimberlite.documents.credential.strict import to_base64url
from kimberlite.ledger.keyring import Key

PATH = ("api", "v1", "did")
CONTEXTS = ("https://www.w3.org/ns/did/v1", "https://w3id.org/security/jwk/v1")
ASSERTING = frozenset(("issue", "log"))
"""Roles whose keys sign credentials: of certificates, and of status lists."""
_EXTENSION = {
    "since": {"@id": "urn:kimberlite:terms:1#since", "@type": "@json"},
    "until": {"@id": "urn:kimberlite:terms:1#until", "@type": "@json"},
}


def base_of(origin: str) -> str:
    """Give the address of the API that a log's origin stands for.

    >>> base_of("log.example/main")
    'https://log.example/api/v1'
    """
    return f"https://{origin.partition('/')[0].lower()}/api/v1"


def did_of(origin: str, holder: str) -> str:
    """Give the DID of a holder of keys; its document stands under ``base_of``/did/HOLDER/did.json.

    >>> did_of("log.example/main", "XA")
    'did:web:log.example:api:v1:did:XA'
    """
    host = origin.partition("/")[0].lower().replace(":", "%3A")
    return ":".join(("did", "web", host, *PATH, holder))


def key_id(origin: str, holder: str, kid: bytes) -> str:
    """Give the DID URL of a key: the DID, and the key's name in the log."""
    return f"{did_of(origin, holder)}#{kid.hex()}"


def jwk(key: PublicKey) -> dict[str, str]:
    """Give a public key as JWK (RFC 7517, RFC 8037)."""
    told = {"alg": NAMES[key.algorithm], "kid": key.kid.hex()}
    if key.algorithm is Algorithm.ED25519:
        return {"kty": "OKP", "crv": "Ed25519", "x": to_base64url(key.raw), **told}
    x, y = to_base64url(key.raw[:32]), to_base64url(key.raw[32:])
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y, **told}


def document(origin: str, holder: str, keys: Iterable[Key]) -> dict[str, Any]:
    """Give the DID document of ``holder``.

    Every key that was ever registered stays in it with the entries it is valid for; only those
    valid now, in a role that signs credentials, may assert.
    """
    did = did_of(origin, holder)
    held = sorted((each for each in keys if each.holder == holder), key=lambda each: each.since)
    methods = []
    for each in held:
        window = {"since": each.since} | ({} if each.until is None else {"until": each.until})
        named = key_id(origin, holder, each.public.kid)
        told = {"id": named, "type": "JsonWebKey", "controller": did}
        methods.append({**told, "publicKeyJwk": jwk(each.public), **window})
    return {
        "@context": [*CONTEXTS, _EXTENSION],
        "id": did,
        "verificationMethod": methods,
        "assertionMethod": [
            key_id(origin, holder, each.public.kid)
            for each in held
            if each.until is None and not ASSERTING.isdisjoint(each.roles)
        ],
    }
