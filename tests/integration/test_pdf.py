"""The press of a running node: originals and copies, sealed by the signer process of the issuer."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from kimberlite.certificates.file import parse_file, write
from kimberlite.cli.main import program
from kimberlite.documents import qr, reading, symbols
from kimberlite.documents.credential import check
from kimberlite.kernel.errors import NotFound, Problem, Refused, Untrusted
from kimberlite.ledger.sections import Opening
from kimberlite.node import clock, papers
from kimberlite.node.demo import world
from kimberlite.node.demo.shipments import Clerks
from kimberlite.node.desk import Check
from kimberlite.node.home import Home
from kimberlite.node.press import Press, Wish
from kimberlite.node.wiring import office_of
from tests.helpers.nodes import running, short_folder
from tests.helpers.printed import attachments, file_of, picture, texts
from tests.helpers.seals import judge, poppler


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    with short_folder() as folder, running(folder / "node") as (found, _processes):
        yield found


@pytest.fixture
def press(home: Home) -> Press:
    return Press(home)


def issued(home: Home, **changed: Any) -> bytes:
    """Have XA issue a certificate, and give its file."""
    sender = office_of(home, "XA")
    application = world.application("Kite Mining", "XB", "10.00", "5000.00")
    act = sender.apply({**application, **changed})
    sender.check(act.id, Check("officer-3", ("AD-1",), "weighed"))
    return Clerks(home).approve(sender, "XA", act.id, 2)


def refused(press: Press, raw: bytes, wish: Wish, code: str, kind: type[Problem]) -> None:
    with pytest.raises(kind) as bad:
        press.certificate(raw, wish)
    assert bad.value.code == code


def root(home: Home) -> bytes:
    return (papers.folder(home, "demo") / "root.cer").read_bytes()


def test_an_original_is_sealed_and_carries_the_certificate(
    home: Home, press: Press, tmp_path: Path
) -> None:
    raw = issued(home)
    made = press.certificate(raw, Wish())
    assert (made.copy, made.seal, made.lang) == (False, "B-LT", "ar")
    (text,) = texts(made.pdf)
    assert made.number in text
    assert "COPY" not in text
    assert "SPECIMEN" in text, "the demo has no originals of value"
    file = parse_file(raw)
    inside = attachments(made.pdf)
    assert inside.keys() == {"certificate.kpc", "receipt.cose", "credential.jwt"}
    assert inside["certificate.kpc"] == raw
    assert inside["receipt.cose"] == file.receipts[0]
    assert check.read(inside["credential.jwt"]).file.statement.id == file.statement.id
    assert reading.read(made.pdf) == raw
    assert set(symbols.look(picture(made.pdf, 150))) == {*qr.qr1(file), qr.qr2(file)}
    found = judge(made.pdf, root(home), clock.now() + 60)
    assert found.bottom_line
    assert found.timestamp_validity is not None
    assert "Signature is Valid" in poppler(made.pdf, tmp_path)


def test_there_is_one_original_however_often_it_is_printed(home: Home, press: Press) -> None:
    raw = issued(home)
    first, again = press.certificate(raw, Wish()), press.certificate(raw, Wish())
    assert texts(first.pdf) == texts(again.pdf)
    refused(press, raw, Wish("fr"), "signer.original-sealed", Refused)
    copy = press.certificate(raw, Wish("fr", copy=True))
    assert copy.copy
    assert copy.seal == "B-LT"
    assert "COPY, NOT FOR PRESENTATION" in texts(copy.pdf)[0]


def test_a_page_of_an_electronic_certificate_is_a_copy(home: Home, press: Press) -> None:
    made = press.certificate(issued(home, original="electronic"), Wish())
    assert made.copy
    assert "The original is electronic" in texts(made.pdf)[0]


def test_numbered_stock_takes_a_certificate_that_names_its_form(home: Home, press: Press) -> None:
    refused(press, issued(home), Wish(overprint=True), "pdf.stock-number", Refused)
    made = press.certificate(issued(home, form="XA-F-000017"), Wish(overprint=True))
    assert "Certificate number" not in texts(made.pdf)[0]
    assert made.seal == "B-LT"


def test_a_certificate_that_was_voided_has_copies_only(home: Home, press: Press) -> None:
    raw = issued(home)
    sender = office_of(home, "XA")
    act = sender.void(sender.number_in(raw), "error")
    Clerks(home).approve(sender, "XA", act.id, 2)
    refused(Press(home), raw, Wish(), "print.not-issued", Refused)
    assert Press(home).certificate(raw, Wish(copy=True)).copy


def test_nothing_is_printed_that_the_log_does_not_hold(home: Home, press: Press) -> None:
    other = file_of(number="XA100001").to_bytes()
    refused(press, other, Wish(), "print.not-logged", Untrusted)
    refused(press, file_of().to_bytes(), Wish(), "certificate.unknown", NotFound)
    file = parse_file(issued(home))
    altered = [
        Opening(each.section, bytes(16), each.content) if each.section == "values" else each
        for each in file.openings
    ]
    refused(press, write(file.statement.raw, altered), Wish(), "section.digest", Untrusted)


def test_a_design_that_was_not_notified_is_not_used(home: Home, press: Press) -> None:
    raw = issued(home)
    folder = home.path / "designs"
    folder.mkdir()
    try:
        shipped = Path(sys.modules["kimberlite.documents.pdf"].__file__ or "").parent / "designs"
        text = (shipped / "XA-2026.json").read_text("utf-8")
        (folder / "XA-2026.json").write_text(text.replace("#8a1c2b", "#1c8a2b"), "utf-8")
        refused(press, raw, Wish(), "pdf.design-altered", Untrusted)
    finally:
        shutil.rmtree(folder)


def test_without_papers_a_page_is_printed_unsealed_and_damaged_ones_stop_it(
    home: Home, press: Press
) -> None:
    raw = issued(home)
    where = papers.folder(home, "XA")
    kept = (where / "seal.cer").read_bytes()
    try:
        (where / "seal.cer").unlink()
        assert press.certificate(raw, Wish()).seal == ""
        (where / "seal.cer").write_bytes(kept[:-9])
        with pytest.raises(Problem) as bad:
            press.certificate(raw, Wish())
        assert bad.value.code == "print.papers"
    finally:
        (where / "seal.cer").write_bytes(kept)


# --- the command line -----------------------------------------------------------------------------


def run(home: Home, *words: str) -> dict[str, Any]:
    done = CliRunner().invoke(program, ["--json", "--home", str(home.path), *words])
    assert done.exit_code == 0, done.output
    told: dict[str, Any] = json.loads(done.output)
    return told


def test_the_commands_write_what_they_say(home: Home, tmp_path: Path) -> None:
    raw = issued(home)
    (tmp_path / "it.kpc").write_bytes(raw)
    (tmp_path / "it.jwt").write_bytes(b"a.b.c")
    out = tmp_path / "it.pdf"
    words = ("certificate", "print", str(tmp_path / "it.kpc"), "--out", str(out))
    told = run(home, *words, "--second", "he", "--credential", str(tmp_path / "it.jwt"))
    assert (told["form"], told["second"], told["seal"]) == ("original", "he", "B-LT")
    assert told["bytes"] == out.stat().st_size
    assert attachments(out.read_bytes())["credential.jwt"] == b"a.b.c"
    told = run(home, *words, "--copy")
    assert told["form"] == "copy"


def test_blank_stock_and_registers_are_printed(home: Home, tmp_path: Path) -> None:
    raw = issued(home)
    out = str(tmp_path / "stock.pdf")
    told = run(home, *f"certificate stock --as XA --from 5 --to 6 --out {out}".split())
    assert told["forms"] == 2
    assert "XA-F-000006" in texts((tmp_path / "stock.pdf").read_bytes())[1]
    out = str(tmp_path / "register.pdf")
    period = "--from 2020-01-01 --to 2090-01-01"
    told = run(home, *f"certificate register --as XA {period} --out {out}".split())
    number = str(parse_file(raw).named["number"])
    text = " ".join(texts((tmp_path / "register.pdf").read_bytes()))
    assert told["issued"] > 0
    assert number in text
    assert "Kite Mining" in text
    told = run(home, *f"certificate register --as XB {period} --out {out}".split())
    assert told["issued"] == 0


def test_help_does_not_wait_for_what_sets_and_seals_pages() -> None:
    check = (
        "import sys, kimberlite.cli.certificate; "
        "sys.exit(bool({'typst', 'pyhanko', 'asn1crypto'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


def test_a_copy_says_what_was_corrected_since(home: Home, press: Press) -> None:
    raw = issued(home)
    sender = office_of(home, "XA")
    number = sender.number_in(raw)
    told = world.application("Kite Mining", "XB", "10.00", "5000.00")["parties"]
    importer = {"name": "Prism Cutters", "address": "9 Wheel Street, Brillant"}
    parties = {**told, "importer": importer, "seals": ["AD-1"]}
    fields = {"number": number, "ground": "parties", "parties": parties}
    Clerks(home).approve(sender, "XA", sender.act("correction", fields).id, 2)
    (copy,) = texts(press.certificate(raw, Wish(copy=True)).pdf)
    assert "Prism Cutters" in copy
    assert "Corrected since it was issued" in copy
    assert "Facet Brothers" not in copy
    (untouched,) = texts(press.certificate(issued(home), Wish(copy=True)).pdf)
    assert "Corrected since" not in untouched
