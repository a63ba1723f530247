"""Reading: whatever somebody holds becomes one certificate file, or a sentence why not."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace

import pytest
from PIL import Image

from kimberlite.certificates.file import CertificateFile, parse_file, write
from kimberlite.documents import qr, reading, symbols
from kimberlite.kernel.errors import Problem
from kimberlite.ledger.receipt import attach
from tests.helpers.carried import carried, papers
from tests.helpers.certificates import Desk
from tests.helpers.pdf import pdf_with


@pytest.fixture(scope="module")
def desk() -> Desk:
    return Desk()


@pytest.fixture(scope="module")
def file(desk: Desk) -> CertificateFile:
    return carried(desk)


@pytest.fixture(scope="module")
def other(desk: Desk) -> CertificateFile:
    return carried(desk, "XA000124")


@pytest.fixture(scope="module")
def large(desk: Desk) -> CertificateFile:
    return carried(desk, "XA000125", parties=papers(12))


def photo(*texts: str) -> bytes:
    """Give a picture with these codes beside each other."""
    drawn = [symbols.draw(text).picture(4) for text in texts]
    page = Image.new("L", (sum(each.width for each in drawn), max(e.height for e in drawn)), 255)
    at = 0
    for each in drawn:
        page.paste(each, (at, 0))
        at += each.width
    out = io.BytesIO()
    page.save(out, "PNG")
    return out.getvalue()


def bare(file: CertificateFile) -> bytes:
    return write(file.statement.raw, file.openings)


def code_of(data: bytes, more: Sequence[bytes] = ()) -> str:
    with pytest.raises(Problem) as refused:
        reading.read(data, more=more)
    return refused.value.code


def test_a_file_reads_as_it_is(file: CertificateFile) -> None:
    assert reading.read(file.to_bytes()) == file.to_bytes()


def test_a_statement_reads_with_and_without_receipts(file: CertificateFile) -> None:
    raw = file.statement.raw
    assert reading.read(raw) == write(raw)
    assert reading.read(attach(raw, file.receipts)) == write(raw, (), file.receipts)


def test_text_of_codes_reads(file: CertificateFile) -> None:
    first, second = qr.qr1(file)[0], qr.qr2(file)
    assert reading.read(first.encode()) == bare(file)
    for text in (
        f"{first}\n{second}\n",
        f"{second}\r\n{first}",
        f"\ufeff{first}  \n\n  {second}\t\n",
        f"{first[:500]}\n{first[500:]}\n{second}",
    ):
        assert reading.read(text.encode()) == file.to_bytes()


def test_a_picture_of_both_codes_reads(file: CertificateFile) -> None:
    assert reading.read(photo(qr.qr1(file)[0], qr.qr2(file))) == file.to_bytes()


def test_a_picture_for_each_code_reads(large: CertificateFile) -> None:
    one, two = qr.qr1(large)
    pictures = [photo(two), photo(qr.qr2(large)), photo(one)]
    assert reading.read(pictures[0], more=pictures[1:]) == large.to_bytes()
    assert code_of(pictures[0]) == "qr.parts-missing"


def test_codes_of_others_on_the_page_do_not_matter(file: CertificateFile) -> None:
    read = reading.read(photo("HTTPS://SHOP.EXAMPLE/7", qr.qr1(file)[0]))
    assert read == bare(file)


def test_a_receipt_joins_the_file_it_belongs_to(
    file: CertificateFile, other: CertificateFile
) -> None:
    assert reading.read(bare(file), more=[qr.qr2(file).encode()]) == file.to_bytes()
    assert code_of(bare(file), [qr.qr2(other).encode()]) == "qr.receipt-other"
    assert code_of(qr.qr2(file).encode()) == "qr.receipt-alone"


def test_two_certificates_are_never_mixed(file: CertificateFile, other: CertificateFile) -> None:
    assert code_of(file.to_bytes(), [other.to_bytes()]) == "reading.several"
    assert code_of(photo(qr.qr1(file)[0], qr.qr1(other)[0])) == "reading.several"
    assert code_of(file.to_bytes(), [qr.qr1(other)[0].encode()]) == "reading.several"


def test_two_openings_of_one_section_are_never_chosen_from(file: CertificateFile) -> None:
    false = replace(file.openings[0], content=b"\xa0")
    lying = write(file.statement.raw, [false])
    assert code_of(file.to_bytes(), [lying]) == "reading.several"


def test_pieces_complete_each_other(file: CertificateFile) -> None:
    """A statement with its receipts from one side, the opened code from the other."""
    logged = attach(file.statement.raw, file.receipts)
    assert reading.read(logged, more=[photo(qr.qr1(file)[0])]) == file.to_bytes()


# --- PDF


def test_a_pdfs_attachment_reads(file: CertificateFile) -> None:
    data = pdf_with(attached={"XA000123.kpc": file.to_bytes(), "note.txt": b"hello"})
    assert reading.read(data) == file.to_bytes()


def test_a_scanned_pdf_reads(file: CertificateFile) -> None:
    data = pdf_with(photo(qr.qr1(file)[0], qr.qr2(file)))
    assert reading.read(data) == file.to_bytes()


def test_a_pdf_that_prints_another_certificate_than_it_carries_is_refused(
    file: CertificateFile, other: CertificateFile
) -> None:
    data = pdf_with(photo(qr.qr1(other)[0]), attached={"a.kpc": file.to_bytes()})
    assert code_of(data) == "reading.several"


def test_a_pdf_whose_print_is_cut_reads_from_its_attachment(large: CertificateFile) -> None:
    data = pdf_with(photo(qr.qr1(large)[0]), attached={"a.kpc": large.to_bytes()})
    assert reading.read(data) == large.to_bytes()


def test_a_pdf_without_a_certificate_says_so() -> None:
    assert code_of(pdf_with(attached={"a.kpc": b"no certificate"})) == "reading.nothing"


@pytest.mark.parametrize("data", [b"%PDF-1.7\n", b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"])
def test_a_damaged_pdf_is_refused(data: bytes) -> None:
    assert code_of(data) == "pdf.form"


# --- refusals


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "reading.unknown"),
        (b"hello", "reading.unknown"),
        (b"\x00" * 100, "reading.unknown"),
        (b"PK\x03\x04", "reading.unknown"),
        (b"\x84\x69kp-file/1", "cbor.truncated"),
        (b"\xd2\x84", "transparent.unprotected"),
        ("KPC1:\u00e9".encode(), "qr.base45"),
        (b"KPC9:BB8", "qr.newer"),
        (b"%PDF-", "pdf.form"),
    ],
)
def test_what_is_no_certificate_is_refused_with_a_code(data: bytes, code: str) -> None:
    assert code_of(data) == code


def test_a_blank_picture_says_what_to_do() -> None:
    out = io.BytesIO()
    Image.new("L", (200, 200), 255).save(out, "PNG")
    assert code_of(out.getvalue()) == "reading.nothing"


def test_what_is_too_much_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_BYTES", 10)
    assert code_of(b"KPC1:" + b"0" * 6) == "reading.too-long"
    assert code_of(b"KPC1:", [b"KPC1:"] * reading.MOST_THINGS) == "reading.too-many"


def test_reading_proves_nothing_and_changes_nothing(file: CertificateFile) -> None:
    """A forged signature reads; only verifying tells."""
    raw = file.statement.raw[:-64] + bytes(64)
    assert parse_file(reading.read(write(raw, file.openings))).statement.raw == raw
