"""State a log's head, sign it, and read it back: C2SP tlog-checkpoint v1.0.0.

A checkpoint is a promise: a log that has signed one must show the same entries, in the same
places, in every later one.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from kimberlite.crypto import PrivateKey, PublicKey
from kimberlite.kernel.errors import Invalid, Untrusted
from kimberlite.ledger import note
from kimberlite.ledger.tree import EMPTY_ROOT, HASH_SIZE, SIZE_LIMIT

MAX_ORIGIN = 255
"""Bytes in an origin: what other cosignature formats can carry as well."""

_CONTROL = re.compile(r"[\x00-\x1f]")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Says that the log ``origin`` had ``size`` entries and this root (32 bytes).

    ``extensions`` are further lines that a foreign log may add; ours adds none.

    Raises:
        Invalid: ``checkpoint.origin``, ``checkpoint.size``, ``checkpoint.root``,
            ``checkpoint.extension``.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not _is_line(self.origin) or len(self.origin.encode()) > MAX_ORIGIN:
            raise Invalid("checkpoint.origin", "an origin is one line of 1 to 255 bytes")
        if not 0 <= self.size < SIZE_LIMIT:
            raise Invalid("checkpoint.size", "a log has 0 to 2^63 - 1 entries", size=self.size)
        if len(self.root) != HASH_SIZE or (self.size == 0 and self.root != EMPTY_ROOT):
            raise Invalid("checkpoint.root", "a root has 32 bytes, and that of no entries is fixed")
        if not all(map(_is_line, self.extensions)):
            raise Invalid("checkpoint.extension", "an extension is one line that is not empty")

    @property
    def body(self) -> str:
        """Write the note text: origin, size in decimal, root in base64, extensions; a line each."""
        root = base64.b64encode(self.root).decode()
        lines = (self.origin, str(self.size), root, *self.extensions)
        return "".join([f"{line}\n" for line in lines])


def parse_body(text: str) -> Checkpoint:
    """Read a note text as a checkpoint, in its one spelling. Nothing is verified by this.

    Raises:
        Invalid: ``checkpoint.format`` (lines missing, size or root not in canonical form),
            and as ``Checkpoint``.
    """
    origin, *rest = text.removesuffix("\n").split("\n")
    if not text.endswith("\n") or len(rest) < 2:
        raise _malformed("a checkpoint has an origin, a size and a root, a line each")
    size, root, *extensions = rest
    if not _SIZE.fullmatch(size):
        raise _malformed("the size is a decimal number without leading zeros")
    try:
        raw = base64.b64decode(root, validate=True)
    except (binascii.Error, ValueError):
        raise _malformed("the root is not in base64") from None
    found = Checkpoint(origin, int(size), raw, tuple(extensions))
    if found.body != text:
        raise _malformed("the root is not in canonical base64")
    return found


def sign(checkpoint: Checkpoint, key: PrivateKey) -> bytes:
    """Sign the checkpoint as the log itself: the key's name is the origin.

    Raises:
        Invalid: ``note.name`` when the origin holds spaces or a plus, ``note.algorithm`` when
            the key is not Ed25519.
    """
    body = checkpoint.body
    return note.Note(body, (note.sign(body, checkpoint.origin, key),)).to_bytes()


def open_(data: bytes, key: PublicKey, *, origin: str | None = None) -> Checkpoint:
    """Read a signed checkpoint and check the log's own signature.

    Args:
        data: the signed note.
        key: the log's key; its name is the checkpoint's origin.
        origin: the log this must be, where the caller expects a certain one.

    Raises:
        Untrusted: ``note.signature``, ``note.unsigned``, ``checkpoint.other-log``.
        Invalid: ``note.*``, ``checkpoint.*`` for malformed input.
    """
    signed = note.parse(data)
    found = parse_body(signed.text)
    note.verify(signed, (note.Verifier(found.origin, key),))
    if origin is not None and found.origin != origin:
        raise Untrusted("checkpoint.other-log", "this checkpoint is of another log", origin=origin)
    return found


def _is_line(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return bool(text) and not _CONTROL.search(text)


def _malformed(why: str) -> Invalid:
    return Invalid("checkpoint.format", why)
