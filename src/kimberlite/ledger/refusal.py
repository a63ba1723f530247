"""What a submitter gets instead of a receipt: the log's signed word that it refused, and why.

A COSE_Sign1 like a statement, typ "kp-refusal+cose", by the log key; it never enters the log. It
lets a submitter show what was asked, when, and on which rule it failed, so that a log cannot
refuse in silence. Source: ours, docs/spec/admission.md.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from kimberlite.crypto.keys import PrivateKey, PublicKey
from kimberlite.crypto.sign1 import join, split, to_be_signed
from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Invalid, Problem, Untrusted
from kimberlite.kernel.rules import Facts
from kimberlite.ledger.admission import Refused
from kimberlite.ledger.envelope import parse as parse_statement

TYP = "kp-refusal+cose"
LIMIT = 8 * 1024
"""Longest refusal, in bytes."""

_ALG, _KID, _CLAIMS, _TYP = 1, 4, 15, 16
_ISS, _SUB, _IAT = 1, 2, 6
_DIGEST, _STATEMENT, _CODE, _SOURCE, _FACTS, _SIZE = 1, 2, 3, 4, 5, 6


@dataclass(frozen=True, slots=True)
class Refusal:
    """One refusal as signed.

    ``digest`` is SHA-256 of the bytes that were handed in, ``statement`` their id where they
    could be read as a statement at all. ``time`` is the log's own, in seconds, and ``size`` how
    many entries the log had: the state that the decision was made on.
    """

    origin: str
    digest: bytes
    statement: bytes | None
    code: str
    source: str
    time: int
    size: int
    facts: Facts = field(default_factory=dict)


def of(raw: bytes, refused: Refused, origin: str, time: int, size: int) -> Refusal:
    """Put together what is to be signed about ``raw``."""
    try:
        statement: bytes | None = parse_statement(raw).id
    except Invalid:
        statement = None
    return Refusal(
        origin=origin,
        digest=hashlib.sha256(raw).digest(),
        statement=statement,
        code=refused.code,
        source=refused.source,
        time=time,
        size=size,
        facts=_bounded(refused.facts),
    )


def _bounded(facts: Facts) -> Facts:
    """Cut what came from the submitter's own bytes, so that every refusal can be signed."""
    return {
        name: value[:200] if isinstance(value, str) else max(min(value, cbor.INT_MAX), cbor.INT_MIN)
        for name, value in facts.items()
    }


def sign_refusal(refusal: Refusal, key: PrivateKey) -> bytes:
    """Sign a refusal with the log key.

    Raises:
        Invalid: ``refusal.form`` when it could not be read back.
    """
    public = key.public
    protected = cbor.encode(
        {
            _ALG: int(public.algorithm),
            _KID: public.kid,
            _CLAIMS: {_ISS: refusal.origin, _SUB: refusal.code, _IAT: refusal.time},
            _TYP: TYP,
        }
    )
    payload: dict[int, Any] = {
        _DIGEST: refusal.digest,
        _CODE: refusal.code,
        _SOURCE: refusal.source,
        _FACTS: dict(refusal.facts),
        _SIZE: refusal.size,
    }
    if refusal.statement is not None:
        payload[_STATEMENT] = refusal.statement
    body = cbor.encode(payload)
    signed = join(protected, body, key.sign(to_be_signed(protected, body)))
    if parse(signed) != refusal:
        raise _malformed()
    return signed


def parse(data: bytes) -> Refusal:
    """Read a refusal in its one encoding, checking no signature.

    Raises:
        Invalid: ``refusal.form``, ``cose.*``, ``cbor.*``.
    """
    if len(data) > LIMIT:
        raise _malformed()
    parts = split(data)
    if parts.payload is None or parts.unprotected != b"\xa0":
        raise _malformed()
    header: Any = cbor.decode(parts.protected)
    match header:
        case {
            1: int(),
            4: bytes(kid),
            15: {1: str(origin), 2: str(sub), 6: int(time)} as claims,
            16: "kp-refusal+cose",
        } if len(header) == 4 and len(claims) == 3 and len(kid) == 8:
            found = _read(cbor.decode(parts.payload), origin, int(time))
            if found.code == sub and found.time >= 0 and type(time) is int:
                return found
        case _:
            pass
    raise _malformed()


def _read(value: cbor.Value, origin: str, time: int) -> Refusal:
    if not isinstance(value, dict):
        raise _malformed()
    members: dict[Any, Any] = dict(value)
    statement = members.pop(_STATEMENT, None)
    match members:
        case {
            1: bytes(digest),
            3: str(code),
            4: str(source),
            5: dict(facts),
            6: int(size),
        } if len(members) == 5 and len(digest) == 32 and size >= 0 and type(size) is int:
            known = statement is None or (type(statement) is bytes and len(statement) == 32)
            plain = all(type(k) is str and type(v) in {str, int} for k, v in facts.items())
            if known and plain and (statement is not None or _STATEMENT not in value):
                return Refusal(origin, digest, statement, code, source, time, size, facts)
        case _:
            pass
    raise _malformed()


def verify(data: bytes, key: PublicKey, *, raw: bytes | None = None) -> Refusal:
    """Check that the log's ``key`` signed this refusal, and that it speaks of ``raw`` if given.

    Raises:
        Untrusted: ``refusal.signature``, ``refusal.other`` when it is about other bytes.
        Invalid: as ``parse``.
    """
    found = parse(data)
    parts = split(data)
    header: Any = cbor.decode(parts.protected)
    named = (header[_ALG], header[_KID]) == (int(key.algorithm), key.kid)
    told = to_be_signed(parts.protected, parts.payload or b"")
    if not named or not key.verify(parts.signature, told):
        raise Untrusted("refusal.signature", "this log did not sign this refusal")
    if raw is not None and hashlib.sha256(raw).digest() != found.digest:
        raise Untrusted("refusal.other", "the refusal is about other bytes than these")
    return found


def _malformed() -> Problem:
    return Invalid("refusal.form", "these bytes are not a refusal as this log signs them")
