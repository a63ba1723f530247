"""The printed codes: QR-1, a statement with what opens it, and QR-2, the receipt that goes with it.

QR-1 is "KPC1:" and base45(zlib(content)), content = CBOR [statement, [opening...]]; in several
numbered texts where it takes more than 700 bytes (``parts``). QR-2 is "KPC2:" and base45(CBOR
[binding, receipt]), binding = the first 8 bytes of SHA-256(content). Source: docs/spec/qr.md.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Sequence
from typing import Any

from kimberlite.certificates.file import CertificateFile, parse_file, write
from kimberlite.documents import base45, parts
from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Invalid, NotFound
from kimberlite.ledger import receipt as receipts
from kimberlite.ledger.sections import Opening

ONE_SYMBOL = 700
"""Most bytes of one QR-1 symbol, deflated. Source: docs/spec/qr.md (robustness)."""

INFLATED = 4096
"""Most bytes of QR-1's content: what a reader inflates at all."""

RECEIPT = 1400
"""Most bytes of QR-2: symbol version 31 at level M, 57 mm wide."""

COSIGNATURES = 3
"""Cosignatures that go onto paper. Source: architecture.md section 12."""

BINDING_BYTES = 8
_ONE, _TWO, _ANY = "KPC1:", "KPC2:", "KPC"


def content(file: CertificateFile) -> bytes:
    """Give what QR-1 of a file holds, before it is deflated.

    Raises:
        Invalid: ``qr.too-long`` over 4 KiB.
    """
    return pack(file.statement.raw, file.openings)


def pack(statement: bytes, openings: Sequence[Opening]) -> bytes:
    """Put a statement and its openings together. Raises Invalid ``qr.too-long`` over 4 KiB."""
    raw = packed(statement, openings)
    if len(raw) > INFLATED:
        raise Invalid(
            "qr.too-long", "this certificate says too much for printed codes", limit=INFLATED
        )
    return raw


def packed(statement: bytes, openings: Sequence[Opening]) -> bytes:
    """Put a statement and its openings together, however long."""
    return cbor.encode([statement, [each.to_value() for each in openings]])


def deflate(raw: bytes) -> bytes:
    """Make a content small for print. Readers take any zlib stream (RFC 1950) that gives it."""
    return zlib.compress(raw, 9)


def binding(raw: bytes) -> bytes:
    """Give the 8 bytes by which QR-2 names the QR-1 content it belongs to."""
    return hashlib.sha256(raw).digest()[:BINDING_BYTES]


def qr1(file: CertificateFile) -> tuple[str, ...]:
    """Give the text of QR-1: one, or several numbered parts beyond 700 bytes.

    Raises:
        Invalid: ``qr.too-long``.
    """
    small = deflate(content(file))
    if len(small) <= ONE_SYMBOL:
        return (_ONE + base45.write(small),)
    return parts.split(small, ONE_SYMBOL)


def qr2(file: CertificateFile, prefer: Sequence[bytes] = ()) -> str:
    """Give the text of QR-2 with the file's first receipt and at most three cosignatures.

    Args:
        file: a certificate file with a receipt.
        prefer: key ids (4 bytes) of cosigners whose cosignature is taken before others, the
            destination's own first.

    Raises:
        NotFound: ``qr.no-receipt``.
        Invalid: ``qr.too-long``; as ``receipt.parse``.
    """
    if not file.receipts:
        raise NotFound("qr.no-receipt", "this file has no receipt to print: get it logged first")
    raw = cbor.encode([binding(content(file)), _for_paper(file.receipts[0], prefer)])
    if len(raw) > RECEIPT:
        raise Invalid("qr.too-long", "this receipt is too long for a printed code", limit=RECEIPT)
    return _TWO + base45.write(raw)


def _for_paper(receipt: bytes, prefer: Sequence[bytes]) -> bytes:
    present = receipts.parse(receipt).cosignatures
    if len(present) <= COSIGNATURES:
        return receipt
    wanted = {key: place for place, key in enumerate(prefer)}
    ranked = sorted(present, key=lambda each: wanted.get(each[:4], len(wanted)))
    return receipts.with_cosignatures(receipt, ranked[:COSIGNATURES])


def is_ours(text: str) -> bool:
    """Say whether a symbol's text says that it is one of these codes, of whatever version."""
    return text.startswith(_ANY)


def files(texts: Iterable[str]) -> tuple[CertificateFile, ...]:
    """Read every QR-1 among ``texts``; files without receipts, in the order found.

    Raises:
        Invalid: ``qr.newer`` for a code of a kind that this program does not know,
            ``qr.base45``, ``qr.deflate`` (no zlib stream, or over 4 KiB inflated), ``qr.form``,
            ``qr.part``, ``qr.parts-missing``, and as ``parse_file``.
    """
    whole: list[bytes] = []
    pieces: list[str] = []
    for text in texts:
        if parts.is_part(text):
            pieces.append(text)
        elif text.startswith(_ONE):
            whole.append(base45.read(text[len(_ONE) :]))
        elif not text.startswith(_TWO):
            raise Invalid(
                "qr.newer", "this program does not know this kind of code; a newer one may"
            )
    whole.extend(parts.join(pieces))
    return tuple(_file(inflate(each)) for each in dict.fromkeys(whole))


def inflate(data: bytes) -> bytes:
    """Undo ``deflate``, never giving more than 4 KiB. Raises Invalid ``qr.deflate``."""
    stream = zlib.decompressobj()
    try:
        raw = stream.decompress(data, INFLATED + 1)
    except zlib.error:
        raise Invalid("qr.deflate", "the code's content is damaged: scan it again") from None
    if len(raw) > INFLATED or not stream.eof or stream.unused_data:
        raise Invalid("qr.deflate", "the code's content is damaged, or too long")
    return raw


def _file(raw: bytes) -> CertificateFile:
    match cbor.decode(raw, limit=INFLATED):
        case [bytes() as statement, list() as openings]:
            return parse_file(write(statement, [Opening.from_value(each) for each in openings]))
        case _:
            raise Invalid("qr.form", "this code holds no certificate")


def bound_receipts(texts: Iterable[str]) -> tuple[tuple[bytes, bytes], ...]:
    """Read every QR-2 among ``texts``: binding and receipt. Nothing is verified by reading.

    Raises:
        Invalid: ``qr.base45``, ``qr.form``.
    """
    found: list[tuple[bytes, bytes]] = []
    for text in texts:
        if not text.startswith(_TWO):
            continue
        value: Any = cbor.decode(base45.read(text[len(_TWO) :]), limit=RECEIPT)
        match value:
            case [bytes() as name, bytes() as receipt] if len(name) == BINDING_BYTES:
                found.append((name, receipt))
            case _:
                raise Invalid("qr.form", "this code holds no receipt")
    return tuple(dict.fromkeys(found))
