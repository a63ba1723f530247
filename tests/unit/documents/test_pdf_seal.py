"""The seal: made in three grades, judged by two independent readers, broken by any change."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from asn1crypto import x509
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import DocumentSecurityStore

from kimberlite.crypto.keys import Ed25519PrivateKey
from kimberlite.documents.pdf import authority, page
from kimberlite.documents.pdf.authority import Period
from kimberlite.documents.pdf.seal import FIELD, seal
from kimberlite.kernel.errors import Invalid, Refused, Unavailable
from kimberlite.node.signer.sealing import check_attributes
from tests.helpers.printed import attachments, order, texts
from tests.helpers.seals import DAY, MOMENT, Cabinet, judge, key, poppler, xmp

LEVELS = ("B-B", "B-T", "B-LT")


@pytest.fixture(scope="module")
def cabinet() -> Cabinet:
    return Cabinet()


@pytest.fixture(scope="module")
def plain() -> bytes:
    return page.certificate(order("ar"))


@pytest.fixture(scope="module")
def sealed(cabinet: Cabinet, plain: bytes) -> dict[str, bytes]:
    return {
        level: seal(plain, cabinet.sealing(level), name="XA", reason="XA000123, original")
        for level in LEVELS
    }


@pytest.mark.parametrize("level", LEVELS)
def test_an_independent_reader_finds_the_seal_good(
    level: str, sealed: dict[str, bytes], cabinet: Cabinet
) -> None:
    found = judge(sealed[level], cabinet.authority.certificate)
    assert found.bottom_line
    assert found.intact
    assert found.trusted
    assert found.modification_level is not None
    # What B-LT appends are lists to check it later: the one change that such a seal permits.
    assert found.modification_level.name == ("LTA_UPDATES" if level == "B-LT" else "NONE")
    assert found.docmdp_ok
    assert found.md_algorithm == "sha256"
    assert found.pkcs7_signature_mechanism == "sha256_ecdsa"
    assert (found.timestamp_validity is None) == (level == "B-B")
    if found.timestamp_validity is not None:
        assert found.timestamp_validity.trusted
        assert found.timestamp_validity.timestamp.timestamp() == MOMENT


@pytest.mark.parametrize("level", LEVELS)
def test_another_independent_reader_finds_it_good(
    level: str, sealed: dict[str, bytes], tmp_path: Path
) -> None:
    told = poppler(sealed[level], tmp_path)
    assert "Signature Type: ETSI.CAdES.detached" in told
    covered = "Not total document signed" if level == "B-LT" else "- Total document signed"
    assert covered in told
    assert "Signature is Valid" in told


def test_a_year_later_everything_needed_is_inside(
    sealed: dict[str, bytes], cabinet: Cabinet
) -> None:
    """B-LT: no network, only the root, and lists of revoked certificates are required."""
    late = MOMENT + 399 * DAY
    assert judge(sealed["B-LT"], cabinet.authority.certificate, late).bottom_line
    assert b"/DSS" in sealed["B-LT"]
    assert b"/DSS" not in sealed["B-T"]


def test_another_root_does_not_vouch(sealed: dict[str, bytes]) -> None:
    other = authority.found("Tests", "Root of tests", key(9), Period(MOMENT - DAY, MOMENT + DAY))
    found = judge(sealed["B-B"], other.certificate)
    assert found.intact
    assert not found.trusted


@pytest.mark.parametrize("at", [0.1, 0.3, 0.5, 0.8])
def test_any_altered_byte_breaks_it(at: float, sealed: dict[str, bytes], cabinet: Cabinet) -> None:
    raw = bytearray(sealed["B-T"])
    place = raw.find(b"stream", int(len(raw) * at)) + 40
    raw[place] ^= 1
    assert not judge(bytes(raw), cabinet.authority.certificate).bottom_line


@pytest.mark.parametrize("level", LEVELS)
def test_anything_added_later_shows(
    level: str, sealed: dict[str, bytes], cabinet: Cabinet, tmp_path: Path
) -> None:
    writer = IncrementalPdfFileWriter(io.BytesIO(sealed[level]))
    writer.root["/Lang"] = generic.pdf_string("fr")
    writer.update_root()
    out = io.BytesIO()
    writer.write(out)
    found = judge(out.getvalue(), cabinet.authority.certificate)
    assert not found.bottom_line
    assert "Not total document signed" in poppler(out.getvalue(), tmp_path)


def test_sealing_leaves_the_claims_and_the_content_alone(
    plain: bytes, sealed: dict[str, bytes]
) -> None:
    """The metadata that claims PDF/A stays byte for byte, the rest is appended."""
    for made in sealed.values():
        assert made.startswith(plain)
        assert xmp(made) == xmp(plain)
        assert attachments(made) == attachments(plain)
        assert texts(made) == texts(plain)


def test_the_field_of_the_seal_is_named_and_off_the_page(sealed: dict[str, bytes]) -> None:
    root = PdfFileReader(io.BytesIO(sealed["B-B"])).root
    (field,) = root["/AcroForm"]["/Fields"]
    told = field.get_object() if hasattr(field, "get_object") else field
    assert told["/T"] == FIELD
    assert "XA" in told["/TU"]
    assert max(float(each) for each in told["/Rect"]) < 0
    flags = int(told["/F"])
    assert flags & 4, "print, as PDF/A asks"
    assert not flags & 2, "hidden, as PDF/A forbids"


def test_what_is_asked_of_the_key_is_what_a_signer_takes(
    sealed: dict[str, bytes], cabinet: Cabinet
) -> None:
    assert len(sealed) == len(LEVELS)
    assert len(cabinet.signed) >= len(LEVELS)
    for asked in cabinet.signed:
        check_attributes(asked)


def test_what_is_appended_begins_on_its_own_line(sealed: dict[str, bytes]) -> None:
    """ISO 19005-3, 6.1.9, where veraPDF found us at fault; and PDF 1.7 stays PDF 1.7."""
    for made in sealed.values():
        assert b"%%EOF\n" in made
        assert re.search(rb"%%EOF[0-9]", made) is None
        assert PdfFileReader(io.BytesIO(made)).root.get("/Version") in {None, "/1.7"}


def test_b_lt_holds_every_certificate_and_list(sealed: dict[str, bytes], cabinet: Cabinet) -> None:
    """Lists stand in an update after the seal: validators take nothing else for B-LT."""
    reader = PdfFileReader(io.BytesIO(sealed["B-LT"]))
    told = DocumentSecurityStore.read_dss(reader)
    held = {each.get_object().data for each in told.certs.values()}
    assert held == {cabinet.certificate, cabinet.authority.certificate, cabinet.time}
    assert {each.get_object().data for each in told.crls} == {cabinet.revoked}
    assert sealed["B-LT"].count(b"%%EOF") == sealed["B-T"].count(b"%%EOF") + 1


def test_qpdf_finds_no_fault(sealed: dict[str, bytes], tmp_path: Path) -> None:
    program = shutil.which("qpdf")
    if program is None:
        pytest.skip("needs qpdf")
    path = tmp_path / "sealed.pdf"
    path.write_bytes(sealed["B-LT"])
    done = subprocess.run(
        [program, "--check", str(path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No syntax or stream encoding errors found" in done.stdout


def test_no_seal_with_a_certificate_that_has_ended(plain: bytes) -> None:
    ended = Cabinet(period=Period(MOMENT - 3 * DAY, MOMENT - 2 * DAY))
    with pytest.raises(Refused) as refused:
        seal(plain, ended.sealing(), name="XA", reason="late")
    assert refused.value.code == "pdf.seal"
    assert ended.signed == []


def test_what_the_holder_of_the_key_refuses_is_passed_on(cabinet: Cabinet, plain: bytes) -> None:
    def away(_attributes: bytes) -> bytes:
        raise Unavailable("wire.unreachable", "nobody answers")

    with pytest.raises(Unavailable):
        seal(plain, cabinet.sealing("B-B", sign=away), name="XA", reason="none")


def test_what_is_no_pdf_is_not_sealed(cabinet: Cabinet) -> None:
    with pytest.raises(Refused) as refused:
        seal(b"%PDF-1.7 no more", cabinet.sealing("B-B"), name="XA", reason="none")
    assert refused.value.code == "pdf.seal"


def test_certificates_say_what_they_are_for(cabinet: Cabinet) -> None:
    told = {
        name: x509.Certificate.load(raw)
        for name, raw in (
            ("root", cabinet.authority.certificate),
            ("seal", cabinet.certificate),
            ("time", cabinet.time),
        )
    }
    assert told["root"].ca
    assert not told["seal"].ca
    assert told["seal"].key_usage_value.native == {"digital_signature", "non_repudiation"}
    assert told["time"].extended_key_usage_value.native == ["time_stamping"]
    assert told["seal"].issuer == told["root"].subject
    assert len({each.serial_number for each in told.values()}) == 3
    assert all(each.public_key.curve == ("named", "secp256r1") for each in told.values())


def test_a_key_of_another_kind_is_refused(cabinet: Cabinet) -> None:
    other = Ed25519PrivateKey(bytes(32)).public
    with pytest.raises(Invalid) as refused:
        authority.certify(cabinet.authority, ("T", "T"), other, "seal", cabinet.period)
    assert refused.value.code == "pdf.key"
