"""Trust roots: who says which keys a log signs with, in versions that each follow from the last.

A root names one log (kind, origin, genesis), its signing keys with the sizes for which each
signs, and the root keys, of which a threshold must sign. A later version is signed by a threshold
of the version before and of its own, so that whoever trusts one version can follow to the newest,
and no single stolen key changes what is trusted. Source: ours, docs/spec/trust-list.md; the
scheme is that of TUF's root role (theupdateframework.io, specification 1.0, section 5.3).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kimberlite.crypto.keys import PrivateKey, PublicKey, parse_cose_key
from kimberlite.crypto.sign1 import join, split, to_be_signed
from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Invalid, Problem, Untrusted
from kimberlite.ledger.schema import MOMENT_MAX

TYP = "kp-root+cose"
MAGIC = "kp-root/1"
PART = "ledger.roots"
"""The part of a trust bundle in which versions of the root travel, oldest first."""

LIMIT = 64 * 1024
MOST_KEYS = 80
MOST_LOG_KEYS = 16
MOST_VERSIONS = 64
"""Most versions followed at once; whoever is further behind starts from a newer one."""

_ALG, _KID, _TYP = 1, 4, 16
_LABELS = frozenset(range(10))
_KINDS = ("demo", "test", "prod")


@dataclass(frozen=True, slots=True)
class LogKey:
    """A key of the log. It signs heads of ``since`` entries up to, not including, ``until``."""

    public: PublicKey
    since: int = 0
    until: int | None = None

    def signs(self, size: int) -> bool:
        """Say whether the log signed a head of this size with this key."""
        return self.since <= size and (self.until is None or size < self.until)


@dataclass(frozen=True, slots=True)
class RootBody:
    """What a version says. ``issued`` and ``expires`` are seconds since 1970."""

    version: int
    kind: str
    origin: str
    genesis: bytes
    issued: int
    expires: int
    threshold: int
    keys: tuple[PublicKey, ...]
    log_keys: tuple[LogKey, ...]

    def to_bytes(self) -> bytes:
        """Give the bytes that root keys sign."""
        keys = [[each.public.cose_key(), each.since, each.until] for each in self.log_keys]
        return cbor.encode(
            {
                0: 1,
                1: self.version,
                2: self.kind,
                3: self.origin,
                4: self.genesis,
                5: self.issued,
                6: self.expires,
                7: self.threshold,
                8: [each.cose_key() for each in self.keys],
                9: keys,
            }
        )


@dataclass(frozen=True, slots=True)
class Root:
    """A version with signatures; ``verify`` and ``follow`` say whether they suffice."""

    body: RootBody
    signed: bytes
    signatures: tuple[bytes, ...] = ()

    @property
    def names(self) -> tuple[str, str, bytes]:
        """Kind, origin and genesis digest of the log that it is for."""
        return self.body.kind, self.body.origin, self.body.genesis

    def to_bytes(self) -> bytes:
        """Give the file's bytes."""
        return cbor.encode([MAGIC, self.signed, list(self.signatures)])


def draft(body: RootBody) -> Root:
    """Give a version without signatures. Raises Invalid ``root.form`` for an unsound one."""
    signed = body.to_bytes()
    return Root(_body(cbor.decode(signed, limit=LIMIT)), signed)


def sign(root: Root, key: PrivateKey) -> Root:
    """Add the signature of one root key, of this version or of the one before."""
    header = _header(key.public)
    each = join(header, None, key.sign(to_be_signed(header, root.signed)))
    others = tuple(old for old in root.signatures if split(old).protected != header)
    return Root(root.body, root.signed, tuple(sorted((*others, each))))


def parse(raw: bytes) -> Root:
    """Read a version. Nothing is verified by reading.

    Raises:
        Invalid: ``root.form``, ``root.too-long``; the codes of ``cbor`` and ``cose``.
    """
    if len(raw) > LIMIT:
        raise Invalid("root.too-long", "a trust root has at most 64 KiB", limit=LIMIT)
    match cbor.decode(raw, limit=LIMIT):
        case ["kp-root/1", bytes() as signed, list() as signatures] if all(
            type(each) is bytes for each in signatures
        ):
            pass
        case _:
            raise _form("other parts are in it")
    if len(signatures) > 2 * MOST_KEYS:
        raise _form("it has too many signatures")
    for each in signatures:
        parts = split(each)
        if parts.payload is not None or parts.unprotected != b"\xa0":
            raise _form("a signature has neither payload nor unsigned header")
    return Root(_body(cbor.decode(signed, limit=LIMIT)), signed, tuple(signatures))


def verify(raw: bytes) -> Root:
    """Read a version that is trusted by other means, and check that its own keys signed it.

    Raises:
        Untrusted: ``root.threshold``. Invalid: as ``parse``.
    """
    root = parse(raw)
    _require(root, root.body)
    return root


def follow(trusted: Root, raws: Sequence[bytes]) -> Root:
    """Go from a trusted version to the newest of ``raws``, one version at a time.

    Older versions among them are passed over. The result may have expired: whoever uses it looks.

    Raises:
        Untrusted: ``root.other-log`` (kind, origin or genesis differ), ``root.gap`` (a version is
            missing), ``root.threshold`` (too few keys of the version before, or of its own),
            ``root.other`` (another root of the trusted version).
        Invalid: ``root.too-many``; as ``parse``.
    """
    if len(raws) > MOST_VERSIONS:
        raise Invalid("root.too-many", "at most 64 versions are followed", limit=MOST_VERSIONS)
    for each in sorted((parse(raw) for raw in raws), key=lambda root: root.body.version):
        if each.names != trusted.names:
            raise Untrusted("root.other-log", "this trust root is of another log")
        if each.body.version < trusted.body.version:
            continue
        if each.body.version == trusted.body.version:
            if each.signed != trusted.signed:
                raise Untrusted("root.other", "two trust roots say that they are one version")
            continue
        if each.body.version != trusted.body.version + 1:
            raise Untrusted(
                "root.gap",
                "a version of the trust root in between is missing",
                version=each.body.version,
                trusted=trusted.body.version,
            )
        _require(each, trusted.body)
        _require(each, each.body)
        trusted = each
    return trusted


def parts_of(parts: Mapping[str, bytes]) -> tuple[bytes, ...]:
    """Give the versions that travel in a bundle. Raises Invalid ``root.form``."""
    raw = parts.get(PART)
    value: Any = [] if raw is None else cbor.decode(raw, limit=MOST_VERSIONS * LIMIT)
    if type(value) is not list or not all(type(each) is bytes for each in value):
        raise _form("a bundle carries a list of them")
    return tuple(value)


def _header(key: PublicKey) -> bytes:
    return cbor.encode({_ALG: int(key.algorithm), _KID: key.kid, _TYP: TYP})


def _require(root: Root, by: RootBody) -> None:
    """Make sure that a threshold of the root keys of ``by`` signed."""
    made = [split(each) for each in root.signatures]
    count = 0
    for key in by.keys:
        header = _header(key)
        told = to_be_signed(header, root.signed)
        good = (each for each in made if each.protected == header)
        count += any(key.verify(each.signature, told) for each in good)
    if count < by.threshold:
        raise Untrusted(
            "root.threshold",
            "too few root keys have signed this trust root",
            version=root.body.version,
            signed=count,
            needed=by.threshold,
        )


def _form(why: str) -> Invalid:
    return Invalid("root.form", f"this is not a trust root: {why}")


def _body(value: Any) -> RootBody:
    if type(value) is not dict or value.keys() != _LABELS or value[0] != 1:
        raise _form("other parts are in it, or it is of a newer format")
    whole = [value[label] for label in (1, 5, 6, 7)]
    if not all(type(each) is int and 0 < each < MOMENT_MAX for each in whole):
        raise _form("version, times and threshold are whole numbers above 0")
    if value[2] not in _KINDS or type(value[3]) is not str or type(value[4]) is not bytes:
        raise _form("it names no log")
    if type(value[8]) is not list or type(value[9]) is not list or len(value[4]) != 32:
        raise _form("it names no log, or no keys")
    keys = tuple(_key(each) for each in value[8])
    log_keys = tuple(_log_key(each) for each in value[9])
    told = {each.kid for each in keys}, {each.public.kid for each in log_keys}
    if (len(told[0]), len(told[1])) != (len(keys), len(log_keys)) or told[0] & told[1]:
        raise _form("a key stands in it twice")
    if not (0 < len(log_keys) <= MOST_LOG_KEYS and value[7] <= len(keys) <= MOST_KEYS):
        raise _form("it has too few keys, or too many")
    version, kind, origin, genesis, issued, expires, needed = (value[at] for at in range(1, 8))
    return RootBody(version, kind, origin, genesis, issued, expires, needed, keys, log_keys)


def _key(value: Any) -> PublicKey:
    if type(value) is not bytes:
        raise _form("a key is a byte string")
    try:
        key = parse_cose_key(value)
        key.check()
    except Problem as bad:
        raise _form(bad.detail) from None
    return key


def _log_key(value: Any) -> LogKey:
    match value:
        case [public, int() as since, None] if since >= 0:
            return LogKey(_key(public), since)
        case [public, int() as since, int() as until] if 0 <= since < until:
            return LogKey(_key(public), since, until)
        case _:
            raise _form("a key of the log has the sizes that it signs")
