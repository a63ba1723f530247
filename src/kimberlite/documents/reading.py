"""Whatever somebody holds to a certificate file: one door for every form a certificate travels in.

A kind of thing is a row in ``KINDS``: how it is told, and what it gives. Several things of one
certificate, such as photos of its codes, are put together. Nothing is verified by reading; what
reads goes to ``certificates.verify``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from kimberlite.certificates.file import MAGIC, CertificateFile, parse_file, write
from kimberlite.documents import qr
from kimberlite.documents.credential import check
from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Invalid
from kimberlite.ledger.transparent import detach

MOST_BYTES = 24 << 20
"""Longest thing that is looked at, in bytes."""

MOST_THINGS = 16
_FILE = cbor.head(4, 4) + cbor.encode(MAGIC)
_SIGNED = b"\xd2\x84"  # tag 18 and an array of four: COSE_Sign1, as the log writes it
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Pieces:
    """What a thing gave: certificate files, and texts of printed codes."""

    files: tuple[CertificateFile, ...] = ()
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kind:
    """A form in which a certificate travels: what people call it, how to tell it, how to take it.

    ``take`` raises Invalid with a code of its own when the thing is damaged. ``heavy`` forms are
    searched for printed codes, which takes a processor for seconds.
    """

    name: str
    tell: Callable[[bytes], bool]
    take: Callable[[bytes], Pieces]
    heavy: bool = False


def read(data: bytes, *, more: Sequence[bytes] = ()) -> bytes:
    """Give the certificate file that ``data`` holds, alone or together with ``more``.

    Args:
        data: a ``.kpc`` file, a signed statement with or without receipts (``.cose``), texts of
            printed codes, a picture of them, or a PDF.
        more: other things of the same certificate, for example photos of its other codes.

    Returns:
        the bytes of a certificate file, with every receipt that was among the things.

    Raises:
        Invalid: ``reading.unknown`` for what is none of these, ``reading.too-long``,
            ``reading.too-many``, ``reading.nothing`` when no code can be made out,
            ``reading.several`` for things of different certificates, ``qr.receipt-other`` and
            ``qr.receipt-alone`` for a receipt's code without its certificate's; and the codes of
            each form.
    """
    things = (data, *more)
    if len(things) > MOST_THINGS:
        raise Invalid("reading.too-many", "one certificate at a time", limit=MOST_THINGS)
    pieces = [_take(each) for each in things]
    return assemble(
        [file for each in pieces for file in each.files],
        [text for each in pieces for text in each.texts],
    )


def read_light(data: bytes) -> bytes:
    """Give the certificate file that ``data`` holds, as ``read``, where anybody may ask for it.

    Raises:
        Invalid: ``reading.on-device`` for pictures and PDFs, which people's own devices read; as
            ``read``.
    """
    if any(kind.heavy and kind.tell(data) for kind in KINDS):
        raise Invalid(
            "reading.on-device",
            "pictures and PDFs are read on your own device, at /verifier/, and never uploaded",
        )
    return read(data)


def assemble(files: Sequence[CertificateFile], texts: Iterable[str]) -> bytes:
    """Put files and texts of codes together into the one certificate they are of.

    Raises:
        Invalid: as ``read``.
    """
    ours = [each for each in dict.fromkeys(texts) if qr.is_ours(each)]
    printed = _printed(ours, beside=bool(files))
    found = (*files, *printed)
    receipts = qr.bound_receipts(ours)
    if not found:
        if receipts:
            raise Invalid("qr.receipt-alone", "this is only the receipt: scan the other code too")
        raise Invalid("reading.nothing", "no printed code can be made out: come closer, hold still")
    bindings = {_binding(each) for each in found}
    for name, _ in receipts:
        if name not in bindings:
            raise Invalid("qr.receipt-other", "the receipt's code belongs to another certificate")
    whole = _merged(found)
    known = dict.fromkeys((*whole.receipts, *(each for _, each in receipts)))
    return write(whole.statement.raw, whole.openings, tuple(known))


def _printed(texts: Sequence[str], *, beside: bool) -> tuple[CertificateFile, ...]:
    """Read QR-1. Beside a file that holds everything, a code that does not read is no loss."""
    try:
        return qr.files(texts)
    except Invalid:
        if not beside:
            raise
    return ()


def _binding(file: CertificateFile) -> bytes | None:
    """Give the name by which a receipt's code knows this file, None where it is never printed."""
    try:
        return qr.binding(qr.content(file))
    except Invalid:
        return None


def _merged(files: Sequence[CertificateFile]) -> CertificateFile:
    """Give one file with the openings and receipts of all. Raises Invalid ``reading.several``."""
    first, *others = files
    for each in others:
        if each.statement.raw != first.statement.raw:
            raise Invalid("reading.several", "these are of different certificates: one at a time")
        opened = {opening.section: opening for opening in first.openings}
        for opening in each.openings:
            if opened.setdefault(opening.section, opening) != opening:
                raise Invalid("reading.several", "these contradict each other: check one at a time")
        first = replace(
            first,
            openings=tuple(opened.values()),
            receipts=tuple(dict.fromkeys((*first.receipts, *each.receipts))),
        )
    return first


def _take(data: bytes) -> Pieces:
    if len(data) > MOST_BYTES:
        raise Invalid("reading.too-long", "this is too long to be a certificate", limit=MOST_BYTES)
    for kind in KINDS:
        if kind.tell(data):
            return kind.take(data)
    raise Invalid(
        "reading.unknown",
        "this is no certificate in a form that is known here: "
        + ", ".join(kind.name for kind in KINDS),
    )


# --- the kinds ---------------------------------------------------------------------------------


def _file(data: bytes) -> Pieces:
    return Pieces(files=(parse_file(data),))


def _statement(data: bytes) -> Pieces:
    """Take a signed statement as the log has it, or with its receipts (RFC 9943)."""
    bare, receipts = detach(data)
    return Pieces(files=(parse_file(write(bare, (), receipts)),))


def _credential(data: bytes) -> Pieces:
    return Pieces(files=(check.read(data).file,))


def _is_text(data: bytes) -> bool:
    return data.removeprefix(_BYTE_ORDER_MARK).lstrip().startswith(b"KPC")


def _text(data: bytes) -> Pieces:
    """Take lines as a scanner types them; a line that begins otherwise continues the one before.

    No text of ours ends in a space, so trailing space is what an editor left.
    """
    try:
        lines = data.removeprefix(_BYTE_ORDER_MARK).decode("ascii").splitlines()
    except UnicodeDecodeError:
        raise Invalid("qr.base45", "the code's text is damaged: scan it again") from None
    texts: list[str] = []
    for line in lines:
        if qr.is_ours(line.lstrip()):
            texts.append(line.strip())
        elif texts:
            texts[-1] += line.rstrip()
    return Pieces(texts=tuple(texts))


def _is_picture(data: bytes) -> bool:
    return data.startswith(_PICTURES) or (data[:4], data[8:12]) == (b"RIFF", b"WEBP")


def _picture(data: bytes) -> Pieces:
    from kimberlite.documents import symbols  # noqa: PLC0415  # heavy; most checks need none of it

    return Pieces(texts=symbols.read(data))


def _is_pdf(data: bytes) -> bool:
    return b"%PDF-" in data[:1024]


def _pdf(data: bytes) -> Pieces:
    """Take attached certificate files, and the codes printed on the pages, which have to agree."""
    from kimberlite.documents import pages, symbols  # noqa: PLC0415  # heavy, as above

    with pages.Pages(data) as opened:
        attached = [each for each in opened.attached().values() if each.startswith(_FILE)]
        texts = [text for each in opened.pictures() for text in symbols.look(each)]
    return Pieces(tuple(parse_file(each) for each in attached), tuple(texts))


KINDS: tuple[Kind, ...] = (
    Kind("certificate file", lambda data: data.startswith(_FILE), _file),
    Kind("signed statement", lambda data: data.startswith(_SIGNED), _statement),
    Kind("picture", _is_picture, _picture, heavy=True),
    Kind("PDF", _is_pdf, _pdf, heavy=True),
    Kind("credential", check.is_credential, _credential),
    Kind("text of printed codes", _is_text, _text),
)
"""Every kind, in the order in which they are tried."""
