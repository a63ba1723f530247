"""Sign, cosign and check notes: readable text with signature lines under it.

C2SP signed-note v1.0.0, and the Ed25519 cosignatures of C2SP tlog-cosignature v1.0.1. Of the
signature types only the two Ed25519 ones are spoken here; lines of other types and of unknown
keys are kept and ignored, as the format demands.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256

from kimberlite.crypto import Algorithm, PrivateKey, PublicKey
from kimberlite.kernel.errors import Invalid, Problem, Untrusted

MAX_NOTE = 1 << 20
MAX_SIGNATURES = 128
TIME_LIMIT = 1 << 63

_KEY_ID_BYTES = 4
_TIME_BYTES = 8
_SIGNATURE_BYTES = 64
_DASH = "\u2014 "
# Unicode's White_Space characters, listed so that every Python version agrees, and the plus sign.
_NOT_IN_NAME = re.compile(
    "[+\\x00-\\x20\\x85\\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
)
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


class Kind(IntEnum):
    """Names a signature type by its byte in key ids and verifier keys."""

    ED25519 = 0x01
    COSIGNATURE = 0x04


@dataclass(frozen=True, slots=True)
class Signature:
    """Holds one signature line: key name, key id (4 bytes) and what that key produced."""

    name: str
    key_id: bytes
    blob: bytes

    def __post_init__(self) -> None:
        check_name(self.name)
        if len(self.key_id) != _KEY_ID_BYTES or not self.blob:
            raise _malformed("a signature needs a key id of four bytes and some bytes after it")

    @property
    def raw(self) -> bytes:
        """Give key id and signature in one, as encoded in the line; 76 bytes in a cosignature."""
        return self.key_id + self.blob

    @property
    def line(self) -> str:
        """Write the signature line, with its newline."""
        return f"{_DASH}{self.name} {base64.b64encode(self.raw).decode()}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """Holds a text, with its final newline, and the signatures under it. None of it is checked."""

    text: str
    signatures: tuple[Signature, ...]

    def __post_init__(self) -> None:
        if not self.text.endswith("\n") or _CONTROL.search(self.text):
            raise _malformed("the text must end its last line and hold no control characters")
        if not 0 < len(self.signatures) <= MAX_SIGNATURES:
            raise _malformed("a note carries 1 to 128 signatures")
        try:
            self.text.encode()
        except UnicodeEncodeError:
            raise _malformed("the text is not valid Unicode") from None

    def to_bytes(self) -> bytes:
        """Write the note: text, blank line, signature lines."""
        return "".join([self.text, "\n", *(each.line for each in self.signatures)]).encode()

    def signed_also(self, *more: Signature) -> Note:
        """Make the same note with further signatures below those it has."""
        return Note(self.text, (*self.signatures, *more))


@dataclass(frozen=True, slots=True)
class Verifier:
    """Holds a known key under its name, for one signature type."""

    name: str
    key: PublicKey
    kind: Kind = Kind.ED25519

    def __post_init__(self) -> None:
        check_name(self.name)
        if self.key.algorithm is not Algorithm.ED25519:
            raise Invalid("note.algorithm", "notes are signed with Ed25519 keys only")

    @property
    def key_id(self) -> bytes:
        """Compute the four bytes that signature lines carry."""
        return key_id(self.name, self.kind, self.key.raw)

    @property
    def vkey(self) -> str:
        """Write the verifier key: name, key id in hex, type and key in base64, joined by +."""
        material = base64.b64encode(bytes((self.kind,)) + self.key.raw).decode()
        return f"{self.name}+{self.key_id.hex()}+{material}"


@dataclass(frozen=True, slots=True)
class Verified:
    """Says which known key signed; ``time`` in seconds since 1970 UTC for a cosignature."""

    verifier: Verifier
    time: int | None


def key_id(name: str, kind: int, public: bytes) -> bytes:
    """Compute the key id, 4 bytes: SHA-256(name, newline, type byte, public key) cut short.

    Source: C2SP signed-note, "Signatures".
    """
    return sha256(name.encode() + b"\n" + bytes((kind,)) + public).digest()[:_KEY_ID_BYTES]


def check_name(name: str) -> None:
    """Refuse a key name that is empty, or holds a space, a plus or a control character.

    Raises:
        Invalid: ``note.name``.
    """
    try:
        good = bool(name.encode()) and not _NOT_IN_NAME.search(name)
    except UnicodeEncodeError:
        good = False
    if not good:
        raise Invalid("note.name", "a key name is not empty and has no spaces and no plus sign")


def parse_vkey(text: str) -> Verifier:
    """Read a verifier key of type 0x01 or 0x04 and refuse a weak one.

    Raises:
        Invalid: ``note.vkey``, ``note.name``.
        Untrusted: ``key.weak``.
    """
    name, _, rest = text.partition("+")
    id_text, _, material = rest.partition("+")
    raw = _base64(material)
    if raw is None or len(raw) != 33 or raw[0] not in (Kind.ED25519, Kind.COSIGNATURE):
        raise Invalid("note.vkey", "expected name+id+key with an Ed25519 key")
    found = Verifier(name, PublicKey(Algorithm.ED25519, raw[1:]), Kind(raw[0]))
    if found.key_id.hex() != id_text:
        raise Invalid("note.vkey", "the id in the verifier key is not that of its name and key")
    found.key.check()
    return found


def parse(data: bytes) -> Note:
    """Read a note without checking any signature.

    Raises:
        Invalid: ``note.length`` over 1 MiB, ``note.format``, ``note.name``.

    Source: C2SP signed-note, "Format".
    """
    if len(data) > MAX_NOTE:
        raise Invalid("note.length", "a note has at most 1 MiB", limit=MAX_NOTE)
    try:
        whole = data.decode()
    except UnicodeDecodeError:
        raise _malformed("the note is not valid UTF-8") from None
    # The text may hold empty lines of its own: the last one divides.
    text, divider, lines = whole.rpartition("\n\n")
    if not divider or not lines.endswith("\n"):
        raise _malformed("expected a text, an empty line and signature lines")
    rows = lines[:-1].split("\n")
    if len(rows) > MAX_SIGNATURES:
        raise _malformed("a note carries 1 to 128 signatures")
    return Note(text + "\n", tuple([_parse_line(row) for row in rows]))


def _parse_line(row: str) -> Signature:
    if not row.startswith(_DASH):
        raise _malformed("a signature line starts with a long dash and a space")
    name, _, encoded = row.removeprefix(_DASH).partition(" ")
    raw = _base64(encoded)
    if raw is None:
        raise _malformed("a signature is not in base64")
    return Signature(name, raw[:_KEY_ID_BYTES], raw[_KEY_ID_BYTES:])


def sign(text: str, name: str, key: PrivateKey) -> Signature:
    """Sign the text under this key name, type 0x01. Raises Invalid ``note.algorithm``."""
    verifier = Verifier(name, key.public)
    return Signature(name, verifier.key_id, key.sign(text.encode()))


def cosigned_message(text: str, time: int) -> bytes:
    """Build what a cosigner signs: header, time in seconds since 1970 UTC, note text.

    Source: C2SP tlog-cosignature, "Ed25519 signed message".
    """
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def cosign(text: str, name: str, key: PrivateKey, time: int) -> Signature:
    """Cosign the text as of ``time`` (seconds since 1970 UTC), type 0x04.

    Raises:
        Invalid: ``note.time`` for a negative time or one above 2^63 - 1, ``note.algorithm``.
    """
    if not 0 <= time < TIME_LIMIT:
        raise Invalid("note.time", "a cosignature's time is 0 to 2^63 - 1 seconds", time=time)
    verifier = Verifier(name, key.public, Kind.COSIGNATURE)
    blob = time.to_bytes(_TIME_BYTES, "big") + key.sign(cosigned_message(text, time))
    return Signature(name, verifier.key_id, blob)


def verify(note: Note, verifiers: Sequence[Verifier]) -> tuple[Verified, ...]:
    """Check every signature by a known key; each key that signed is given once.

    Lines of unknown keys are ignored, even when name or id (not both) is a known one. A key
    that cosigned twice counts once, with its latest time.

    Raises:
        Untrusted: ``note.signature`` when a known key's line does not verify: the whole note
            falls. ``note.unsigned`` when no known key signed.
        Invalid: ``note.verifiers`` when two verifiers cannot be told apart.
    """
    known = {(each.name, each.key_id): each for each in verifiers}
    if len(known) != len(verifiers) or len({(v.kind, v.key.raw) for v in verifiers}) != len(known):
        # A cosignature does not cover the name: one key under two names would count as two.
        raise Invalid("note.verifiers", "two known keys share name and id, or are the same key")
    latest: dict[tuple[str, bytes], Verified] = {}
    for line in note.signatures:
        label = line.name, line.key_id
        if (verifier := known.get(label)) is None:
            continue
        found = Verified(verifier, check_blob(note.text, verifier, line.blob))
        if label not in latest or (found.time or 0) > (latest[label].time or 0):
            latest[label] = found
    if not latest:
        raise Untrusted("note.unsigned", "no key known here signed this note")
    return tuple(latest.values())


def check_blob(text: str, verifier: Verifier, blob: bytes) -> int | None:
    """Check one signature over ``text``; give a cosignature's time, in seconds since 1970 UTC.

    Raises:
        Untrusted: ``note.signature``.
    """
    if verifier.kind is Kind.ED25519:
        if not verifier.key.verify(blob, text.encode()):
            raise _false_signature(verifier)
        return None
    time = int.from_bytes(blob[:_TIME_BYTES], "big")
    good = len(blob) == _TIME_BYTES + _SIGNATURE_BYTES and time < TIME_LIMIT
    if not good or not verifier.key.verify(blob[_TIME_BYTES:], cosigned_message(text, time)):
        raise _false_signature(verifier)
    return time


def _base64(text: str) -> bytes | None:
    """Decode the one base64 spelling of some bytes; None for anything else."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if base64.b64encode(raw).decode() == text else None


def _malformed(why: str) -> Problem:
    return Invalid("note.format", why)


def _false_signature(verifier: Verifier) -> Untrusted:
    return Untrusted("note.signature", "a known key's signature is false", name=verifier.name)
