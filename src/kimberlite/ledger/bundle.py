"""The trust bundle: what a verifier without a network has to know of a log, signed by that log.

A COSE_Sign1 by the log's key over a deterministic CBOR map. It carries the genesis statement, so
that kind, origin and log key follow from one pinned digest, the latest checkpoint, every key with
the entries it is valid for, what was repudiated, and parts that other rooms put in by name.
Source: ours, docs/spec/certificate.md (trust bundle).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kimberlite.crypto.keys import PrivateKey, PublicKey, parse_cose_key
from kimberlite.crypto.sign1 import Sign1, join, split, to_be_signed
from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Invalid, Problem, Untrusted
from kimberlite.ledger import checkpoint as checkpoints
from kimberlite.ledger.checkpoint import Checkpoint
from kimberlite.ledger.envelope import Statement, parse
from kimberlite.ledger.keyring import KEYS, ROLES, Key
from kimberlite.ledger.roots import LogKey, Root
from kimberlite.ledger.schema import MOMENT_MAX
from kimberlite.ledger.state import State
from kimberlite.ledger.v1.genesis import SCHEMA as GENESIS_SCHEMA
from kimberlite.ledger.v1.genesis import TYP as GENESIS_TYP
from kimberlite.ledger.v1.genesis import log_key
from kimberlite.ledger.v1.rows import REPUDIATED, moment

TYP = "kp-bundle+cose"
FORMAT = 1
LIMIT = 8 * 1024 * 1024
"""Longest bundle, in bytes."""

_ALG, _KID, _TYP = 1, 4, 16
_FORMAT, _VERSION, _AS_OF, _EXPIRES, _GENESIS = 0, 1, 2, 3, 4
_CHECKPOINT, _RULES, _KEYS, _REPUDIATED, _PARTS = 5, 6, 7, 8, 9
_LABELS = frozenset(range(10))


@dataclass(frozen=True, slots=True)
class Contents:
    """What goes into a bundle.

    ``version`` only grows, so that an older bundle is recognised. ``as_of`` is the log's time in
    seconds at the checkpoint, ``expires`` the second after which nobody should rely on it.
    ``parts`` are bytes that rooms above put in and read themselves.
    """

    version: int
    as_of: int
    expires: int
    genesis: bytes
    checkpoint: bytes
    rules: int
    keys: tuple[Key, ...]
    repudiated: Mapping[tuple[str, bytes], int] = field(default_factory=dict)
    parts: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TrustBundle:
    """A bundle whose signature, genesis and checkpoint agree with one another.

    ``genesis`` is SHA-256 of the genesis statement, the log's name; ``pinned`` says whether the
    caller knew that name or a trust root beforehand, as nothing else ties a bundle to the right
    log. ``log_key`` signed the bundle; ``log_keys`` may have signed heads and receipts. ``root``
    is the trust root that says so, None where genesis alone does.
    """

    contents: Contents
    origin: str
    kind: str
    title: str
    genesis: bytes
    log_key: PublicKey
    checkpoint: Checkpoint
    keys: Mapping[bytes, Key]
    pinned: bool
    log_keys: tuple[LogKey, ...]
    root: Root | None = None

    @property
    def size(self) -> int:
        """How many entries the log had."""
        return self.checkpoint.size


def gather(
    state: State,
    genesis: bytes,
    checkpoint: bytes,
    *,
    version: int,
    expires: int,
    parts: Mapping[str, bytes] | None = None,
) -> Contents:
    """Collect a bundle's contents from the state at a checkpoint.

    Args:
        state: as of the checkpoint's last entry.
        genesis: the first entry's bytes.
        checkpoint: the signed note.
        version: higher than that of any bundle given out before.
        expires: the last second at which to rely on it.
        parts: what rooms above add.

    Raises:
        Invalid: ``bundle.no-log`` before genesis.
    """
    now = moment(state)
    if now is None:
        raise Invalid("bundle.no-log", "there is no log yet to make a bundle of")
    keys = tuple(key for _, key in state.scan(KEYS))
    repudiated = {}
    for name, index in state.scan(REPUDIATED):
        holder, _, statement = name.partition("/")
        repudiated[holder, bytes.fromhex(statement)] = index
    return Contents(
        version=version,
        as_of=now.now,
        expires=expires,
        genesis=genesis,
        checkpoint=checkpoint,
        rules=now.rules,
        keys=keys,
        repudiated=repudiated,
        parts=dict(parts or {}),
    )


def sign(contents: Contents, key: PrivateKey) -> bytes:
    """Sign a bundle as the log. Raises Invalid ``bundle.too-long`` over 8 MiB."""
    protected = cbor.encode({_ALG: int(key.public.algorithm), _KID: key.public.kid, _TYP: TYP})
    payload = cbor.encode(
        {
            _FORMAT: FORMAT,
            _VERSION: contents.version,
            _AS_OF: contents.as_of,
            _EXPIRES: contents.expires,
            _GENESIS: contents.genesis,
            _CHECKPOINT: contents.checkpoint,
            _RULES: contents.rules,
            _KEYS: [_key_value(each) for each in contents.keys],
            _REPUDIATED: [[*each, at] for each, at in sorted(contents.repudiated.items())],
            _PARTS: dict(contents.parts),
        }
    )
    raw = join(protected, payload, key.sign(to_be_signed(protected, payload)))
    if len(raw) > LIMIT:
        raise Invalid("bundle.too-long", "a trust bundle has at most 8 MiB", limit=LIMIT)
    return raw


def verify(
    raw: bytes, pinned: bytes | None = None, *, at_least: int = 0, root: Root | None = None
) -> TrustBundle:
    """Read a bundle and check everything in it that can be checked.

    Args:
        raw: the bundle.
        pinned: SHA-256 of the genesis statement that the caller trusts, or None to take the
            bundle's own word for which log it is of.
        at_least: the version of the newest bundle seen so far; an older one is refused.
        root: the trust root that the caller trusts, which then says what the log's keys are.

    Raises:
        Invalid: ``bundle.too-long``, ``bundle.form``, ``bundle.genesis``; the codes of ``cbor``,
            ``cose``, ``checkpoint`` and ``note``.
        Untrusted: ``bundle.other-log`` (not the pinned log), ``bundle.key`` (not signed by that
            log's key), ``bundle.signature``, ``bundle.older`` (rolled back), and as
            ``checkpoint.open_``.
    """
    parts, contents = _split(raw)
    genesis, named, key = _read_genesis(contents.genesis)
    digest = hashlib.sha256(contents.genesis).digest()
    named_so = (named["kind"], named["origin"], digest)
    if (pinned is not None and pinned != digest) or (root is not None and root.names != named_so):
        raise Untrusted("bundle.other-log", "this bundle is of another log than the trusted one")
    log_keys = (LogKey(key),) if root is None else root.body.log_keys
    signer = _signer(parts.protected, log_keys)
    if not signer.verify(parts.signature, to_be_signed(parts.protected, parts.payload or b"")):
        raise Untrusted("bundle.signature", "the signature on this bundle is not the log's")
    if not genesis.signed_by(key):
        raise Untrusted("bundle.signature", "the first entry in this bundle is not the log's")
    if contents.version < at_least:
        told = {"version": contents.version, "seen": at_least}
        raise Untrusted("bundle.older", "a newer bundle of this log was seen before", **told)
    head = checkpoints.open_(contents.checkpoint, signer, origin=named["origin"])
    if not any(each.public == signer and each.signs(head.size) for each in log_keys):
        raise Untrusted("bundle.key", "this bundle is signed by a key that the log had given up")
    return TrustBundle(
        contents=contents,
        origin=named["origin"],
        kind=named["kind"],
        title=named["title"],
        genesis=digest,
        log_key=signer,
        checkpoint=head,
        keys={each.public.kid: each for each in contents.keys},
        pinned=pinned is not None or root is not None,
        log_keys=log_keys,
        root=root,
    )


def peek(raw: bytes) -> Contents:
    """Read what a bundle says before any of it is trusted. Raises Invalid, as ``verify``."""
    return _split(raw)[1]


def _split(raw: bytes) -> tuple[Sign1, Contents]:
    if len(raw) > LIMIT:
        raise Invalid("bundle.too-long", "a trust bundle has at most 8 MiB", limit=LIMIT)
    parts = split(raw)
    if parts.payload is None or parts.unprotected != b"\xa0":
        raise _form("a payload and no unsigned header are needed")
    return parts, _read(cbor.decode(parts.payload, limit=LIMIT))


def _signer(protected: bytes, log_keys: tuple[LogKey, ...]) -> PublicKey:
    for each in log_keys:
        key = each.public
        if protected == cbor.encode({_ALG: int(key.algorithm), _KID: key.kid, _TYP: TYP}):
            return key
    raise Untrusted("bundle.key", "this bundle is not signed by the key of its log")


def _form(why: str) -> Invalid:
    return Invalid("bundle.form", f"this is not a trust bundle: {why}")


def _read(value: Any) -> Contents:
    if type(value) is not dict or value.keys() != _LABELS or value[_FORMAT] != FORMAT:
        raise _form("other parts are in it, or it is of a newer format")
    whole = (value[_VERSION], value[_AS_OF], value[_EXPIRES], value[_RULES])
    if not all(type(each) is int and 0 <= each < MOMENT_MAX for each in whole):
        raise _form("version, times and rules are whole numbers")
    if type(value[_GENESIS]) is not bytes or type(value[_CHECKPOINT]) is not bytes:
        raise _form("genesis and checkpoint are byte strings")
    if not all(type(value[label]) is list for label in (_KEYS, _REPUDIATED)):
        raise _form("keys and repudiated statements are lists")
    return Contents(
        version=value[_VERSION],
        as_of=value[_AS_OF],
        expires=value[_EXPIRES],
        genesis=value[_GENESIS],
        checkpoint=value[_CHECKPOINT],
        rules=value[_RULES],
        keys=tuple(_read_key(each) for each in value[_KEYS]),
        repudiated=dict(_read_repudiated(each) for each in value[_REPUDIATED]),
        parts=_read_parts(value[_PARTS]),
    )


def _key_value(key: Key) -> list[Any]:
    roles = sorted(key.roles)
    return [key.public.cose_key(), key.holder, key.office, roles, key.since, key.until]


def _read_key(value: Any) -> Key:
    match value:
        case [bytes() as public, str() as holder, str() as office, list() as roles, since, until]:
            known = all(type(role) is str and role in ROLES for role in roles)
            ends = until is None or (type(until) is int and until >= 0)
            if known and ends and type(since) is int and since >= 0:
                return Key(parse_cose_key(public), holder, office, frozenset(roles), since, until)
        case _:
            pass
    raise _form("a key has a holder, an office, roles, and the entries it is valid for")


def _read_repudiated(value: Any) -> tuple[tuple[str, bytes], int]:
    match value:
        case [str() as holder, bytes() as statement, int() as index] if len(statement) == 32:
            return (holder, statement), index
        case _:
            raise _form("a repudiated statement has a holder, an id and an entry")


def _read_parts(value: Any) -> dict[str, bytes]:
    if type(value) is not dict:
        raise _form("parts are a map")
    for name, part in value.items():
        if type(name) is not str or type(part) is not bytes:
            raise _form("a part has a name and bytes")
    return value


def _read_genesis(raw: bytes) -> tuple[Statement, dict[str, Any], PublicKey]:
    try:
        statement = parse(raw)
        if statement.header.typ != GENESIS_TYP:
            raise Invalid("type.unknown", "not a genesis statement")
        named = GENESIS_SCHEMA.read(statement.body.log)
    except Problem as bad:
        raise Invalid("bundle.genesis", f"the first entry does not read: {bad.detail}") from None
    key = log_key(named["roots"])
    if key is None:
        raise Invalid("bundle.genesis", "the first entry names no log key")
    return statement, named, key
