"""The one envelope for every official act: a COSE_Sign1 with a fixed header and payload.

Protected header: alg, kid (8 bytes), typ, CWT claims {iss, sub, iat}. Payload: schema version,
log section in clear, a digest for each sealed section, and, where officers approved, the digest
of their approval and the verdicts of the rules that ran on openings.
Sources: RFC 9052 section 4.2, RFC 9596, RFC 9597, RFC 9864; docs/spec/statement.md.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kimberlite.crypto.algorithms import Algorithm
from kimberlite.crypto.keys import PrivateKey, PublicKey
from kimberlite.crypto.sign1 import join, split, to_be_signed
from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Invalid
from kimberlite.kernel.ids import HOLDER
from kimberlite.ledger.schema import MOMENT_MAX

LIMIT = 16 * 1024
"""Longest statement, in bytes."""

_ALG, _KID, _CLAIMS, _TYP = 1, 4, 15, 16
_ISS, _SUB, _IAT = 1, 2, 6
_VERSION, _LOG, _SEALS, _APPROVAL, _VERDICTS = 0, 1, 2, 3, 4
_SECTIONS = range(1, 24)
_PAYLOAD_LABELS = frozenset((_VERSION, _LOG, _SEALS, _APPROVAL, _VERDICTS))
_ALGORITHMS = {int(each): each for each in Algorithm}
_BY_CODE = {cbor.encode(int(each)): each for each in Algorithm}
_USUAL = re.compile(
    rb"\xa4\x01([\x28\x32])\x04\x48(.{8})\x0f\xa3\x01([\x62-\x77])"
    + rb"(%s)" % HOLDER.pattern.encode()
    + rb"\x02([\x61-\x77])([ -~]{1,23})\x06\x1a(.{4})\x10([\x61-\x77])([\x00-\x7f]{1,23})",
    re.DOTALL,
)
"""A header whose names take one byte of length, and whose moment is one of 1970 to 2106.

The length bytes still have to be compared with what follows them.
"""
_NO_SEALS: Mapping[int, bytes] = {}
_SUBJECT = re.compile(r"[ -~]{1,64}")


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What the rules that ran on openings said: rule set, and each rule that did not just pass.

    ``said`` pairs a rule's code with "finding", "cannot-tell" or "overridden".
    """

    ruleset: int
    said: tuple[tuple[str, str], ...] = ()


SAID = ("finding", "cannot-tell", "overridden")


@dataclass(frozen=True, slots=True)
class Header:
    """Who says it, about what, when, and with which key."""

    algorithm: Algorithm
    kid: bytes
    typ: str
    iss: str
    sub: str
    iat: int

    def to_bytes(self) -> bytes:
        """Give the protected header's bytes."""
        return cbor.encode(
            {
                _ALG: int(self.algorithm),
                _KID: self.kid,
                _CLAIMS: {_ISS: self.iss, _SUB: self.sub, _IAT: self.iat},
                _TYP: self.typ,
            }
        )


@dataclass(frozen=True, slots=True)
class Body:
    """What is said, as labels and raw values; the statement's type gives them names."""

    version: int
    log: dict[int, Any]
    seals: Mapping[int, bytes] = field(default_factory=dict)
    approval: bytes | None = None
    verdicts: Verdicts | None = None

    def to_bytes(self) -> bytes:
        """Give the payload's bytes."""
        payload: dict[int, Any] = {_VERSION: self.version, _LOG: self.log}
        if self.seals:
            payload[_SEALS] = dict(self.seals)
        if self.approval is not None:
            payload[_APPROVAL] = self.approval
        if self.verdicts is not None:
            said = [[code, SAID.index(word)] for code, word in self.verdicts.said]
            payload[_VERDICTS] = [self.verdicts.ruleset, said]
        return cbor.encode(payload)


@dataclass(frozen=True, slots=True)
class Statement:
    """A parsed statement. Its signature has not been checked; ``signed_by`` does that.

    ``id`` is SHA-256 over the header and payload, without the signature: a second signature over
    the same content is the same statement.
    """

    raw: bytes
    id: bytes
    header: Header
    body: Body
    protected: bytes
    payload: bytes
    signature: bytes

    def signed_by(self, key: PublicKey) -> bool:
        """Say whether ``key`` made the signature, under the strict predicate of ``crypto``."""
        if key.algorithm is not self.header.algorithm:
            return False
        return key.verify(self.signature, to_be_signed(self.protected, self.payload))


def statement_id(protected: bytes, payload: bytes) -> bytes:
    """Give the 32 bytes by which a statement is known.

    SHA-256(CBOR(["kp-statement/1", protected, payload])). Source: ours, docs/decisions/0004.
    """
    prefix = b"\x83\x6ekp-statement/1"
    told = cbor.head(2, len(protected)) + protected + cbor.head(2, len(payload)) + payload
    return hashlib.sha256(prefix + told).digest()


def sign(header: Header, body: Body, key: PrivateKey) -> bytes:
    """Give the signed statement, with an empty unprotected header.

    Raises:
        Invalid: ``statement.too-long`` over 16 KiB.
    """
    protected, payload = header.to_bytes(), body.to_bytes()
    raw = join(protected, payload, key.sign(to_be_signed(protected, payload)))
    if len(raw) > LIMIT:
        raise Invalid("statement.too-long", "a statement holds at most 16 KiB", limit=LIMIT)
    return raw


def parse(raw: bytes) -> Statement:
    """Take a statement apart, strictly. The log section is left to the statement's type.

    Raises:
        Invalid: ``statement.too-long``, ``statement.unprotected`` (header that nobody signed),
            ``statement.header``, ``statement.payload``, and the codes of ``cbor`` and ``cose``.
    """
    if len(raw) > LIMIT:
        raise Invalid("statement.too-long", "a statement holds at most 16 KiB", limit=LIMIT)
    parts = split(raw)
    if parts.unprotected != b"\xa0":
        raise Invalid("statement.unprotected", "a statement carries no unsigned header")
    protected, payload = parts.protected, parts.payload
    if payload is None:
        raise Invalid("statement.payload", "a statement carries its payload")
    return Statement(
        raw,
        statement_id(protected, payload),
        _usual_header(protected) or _header(cbor.decode(protected)),
        _body(cbor.decode(payload)),
        protected,
        payload,
        parts.signature,
    )


def _usual_header(data: bytes) -> Header | None:
    """Read a header in the form nearly every one has; None sends it the long way.

    Gives what the long way gives, four times faster: tests/property/test_envelope.py.
    """
    found = _USUAL.fullmatch(data)
    if found is None:
        return None
    alg, kid, iss_head, iss, sub_head, sub, iat, typ_head, typ = found.groups()
    if iss_head[0] != 0x60 + len(iss) or sub_head[0] != 0x60 + len(sub):
        return None
    if typ_head[0] != 0x60 + len(typ) or iat < b"\x00\x01\x00\x00":
        return None
    moment = int.from_bytes(iat, "big")
    return Header(_BY_CODE[alg], kid, typ.decode(), iss.decode(), sub.decode(), moment)


def _header(value: Any) -> Header:
    match value:
        case {
            1: int() as alg,
            4: bytes() as kid,
            15: {1: str() as iss, 2: str() as sub, 6: int() as iat} as claims,
            16: str() as typ,
        } if len(value) == 4 and len(claims) == 3 and len(kid) == 8 and alg in _ALGORITHMS:
            named = HOLDER.fullmatch(iss) and _SUBJECT.fullmatch(sub) and 0 < len(typ) <= 40
            if named and type(iat) is int and 0 <= iat <= MOMENT_MAX:
                return Header(_ALGORITHMS[alg], kid, typ, iss, sub, iat)
    raise Invalid(
        "statement.header",
        "the header must hold alg (-19 or -9), an 8-byte kid, typ, and iss, sub and iat",
    )


def _body(value: Any) -> Body:
    if type(value) is not dict or not _PAYLOAD_LABELS.issuperset(value):
        raise _payload("unknown parts")
    version, log = value.get(_VERSION), value.get(_LOG)
    if type(version) is not int or type(log) is not dict or not 0 < version < 1000:
        raise _payload("a version and a log section are needed")
    if len(value) == 2:
        return Body(version, log, _NO_SEALS)
    if None in value.values():
        raise _payload("a part that says nothing is left out")
    approval = value.get(_APPROVAL)
    if approval is not None and (type(approval) is not bytes or len(approval) != 32):
        raise _payload("an approval is a digest of 32 bytes")
    verdicts = value.get(_VERDICTS)
    return Body(
        version,
        log,
        _seals(value[_SEALS]) if _SEALS in value else _NO_SEALS,
        approval,
        None if verdicts is None else _verdicts(verdicts),
    )


def _seals(value: Any) -> dict[int, bytes]:
    if type(value) is not dict or not value:
        raise _payload("sealed sections are a map")
    for label, digest in value.items():
        if (
            type(label) is not int
            or label not in _SECTIONS
            or type(digest) is not bytes
            or len(digest) != 32
        ):
            raise _payload("a sealed section is a label and a digest of 32 bytes")
    return value


def _verdicts(value: Any) -> Verdicts:
    match value:
        case [int() as ruleset, list() as said] if (
            type(ruleset) is int and 0 < ruleset < 1000 and len(said) <= 64
        ):
            pairs = []
            for each in said:
                match each:
                    case [str() as code, int() as word] if (
                        type(word) is int and 0 <= word < len(SAID) and _SUBJECT.fullmatch(code)
                    ):
                        pairs.append((code, SAID[word]))
                    case _:
                        raise _payload("a verdict is a rule's code and what it said")
            return Verdicts(ruleset, tuple(pairs))
    raise _payload("verdicts are a rule set's version and a list")


def _payload(why: str) -> Invalid:
    return Invalid("statement.payload", f"the payload is not as the format says: {why}")
