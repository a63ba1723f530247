"""Write and check a proof as text: an entry's place, its path, and the checkpoint it leads to.

Format: C2SP tlog-proof ("c2sp.org/tlog-proof@v1"). It fits an e-mail or a USB stick, and any tool
that speaks the format can check it against the log's key without us.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass

from kimberlite.crypto import PublicKey
from kimberlite.kernel.errors import Invalid, Problem
from kimberlite.ledger import checkpoint as notes
from kimberlite.ledger import note
from kimberlite.ledger.checkpoint import Checkpoint
from kimberlite.ledger.note import MAX_NOTE
from kimberlite.ledger.proofs import verify_inclusion
from kimberlite.ledger.tree import HASH_SIZE, leaf_hash

_TITLE = "c2sp.org/tlog-proof@v1\n"
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})")
_HASHES = 63
"""Longest path in a tree of fewer than 2^63 leaves."""
_MAX = MAX_NOTE + 8192


@dataclass(frozen=True, slots=True)
class TextProof:
    """A proof as read: nothing in it is trusted before ``verify`` says so.

    ``checkpoint`` is the signed note, ``extra`` what whoever wrote the proof added unsigned.
    """

    index: int
    path: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None

    def to_bytes(self) -> bytes:
        """Write the proof. Source: C2SP tlog-proof, "Format"."""
        extra = "" if self.extra is None else f"extra {_text(self.extra)}\n"
        path = "".join([f"{_text(each)}\n" for each in self.path])
        return f"{_TITLE}{extra}index {self.index}\n{path}\n".encode() + self.checkpoint

    def verify(self, entry: bytes, key: PublicKey, *, origin: str | None = None) -> Checkpoint:
        """Check that ``entry`` stands at ``index`` in the log whose ``key`` this is.

        Gives the checkpoint that the log signed over it.

        Raises:
            Untrusted: ``proof.inclusion``, ``note.signature``, ``note.unsigned``,
                ``checkpoint.other-log``.
            Invalid: ``proof.*``, ``note.*``, ``checkpoint.*`` when malformed.
        """
        found = notes.open_(self.checkpoint, key, origin=origin)
        verify_inclusion(self.index, found.size, leaf_hash(entry), self.path, found.root)
        return found


def write(index: int, path: Sequence[bytes], checkpoint: bytes) -> bytes:
    """Write the proof of the entry at ``index`` under the signed ``checkpoint``."""
    return TextProof(index, tuple(path), checkpoint).to_bytes()


def parse(data: bytes) -> TextProof:
    """Read a proof in its one spelling, checking no signature.

    Raises:
        Invalid: ``textproof.format``, and as ``note.parse`` for the checkpoint.
    """
    head, divider, checkpoint = data[:_MAX].partition(b"\n\n")
    if len(data) > _MAX or not divider:
        raise _malformed("expected a title, an index, hashes, an empty line and a checkpoint")
    try:
        title, *lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise _malformed("only the checkpoint may hold anything but plain letters") from None
    if f"{title}\n" != _TITLE:
        raise _malformed("this is not a proof of the version known here")
    extra = None
    if lines and lines[0].startswith("extra "):
        extra = _bytes(lines.pop(0).removeprefix("extra "))
    index = _INDEX.fullmatch(lines[0]) if lines else None
    if index is None or len(lines) - 1 > _HASHES:
        raise _malformed("the index is missing or not a plain number, or there are too many hashes")
    path = tuple(_bytes(each) for each in lines[1:])
    if any(len(each) != HASH_SIZE for each in path):
        raise _malformed("a hash in the path does not have 32 bytes")
    notes.parse_body(note.parse(checkpoint).text)
    return TextProof(int(index[1]), path, checkpoint, extra)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise _malformed("a line is not in base64") from None
    if _text(raw) != text:
        raise _malformed("a line is not in canonical base64")
    return raw


def _malformed(why: str) -> Problem:
    return Invalid("textproof.format", why)
