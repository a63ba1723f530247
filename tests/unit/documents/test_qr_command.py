"""`kimberlite certificate qr`, `certificate checkword`, and `verify` on whatever is at hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from kimberlite.certificates.file import CertificateFile, write
from kimberlite.cli.main import program
from kimberlite.documents import base45, checkword, qr, symbols
from kimberlite.kernel.errors import Problem
from tests.helpers.carried import carried, papers
from tests.helpers.certificates import TODAY, Desk
from tests.helpers.pdf import pdf_with


class Bench:
    """A folder with two certificates and the bundle to check them with."""

    def __init__(self, folder: Path) -> None:
        desk = Desk()
        self.folder = folder
        self.small = carried(desk)
        self.large = carried(desk, "XA000126", parties=papers(12))
        self.put("small.kpc", self.small.to_bytes())
        self.put("large.kpc", self.large.to_bytes())
        self.put("trust-bundle", desk.bundle_bytes())

    def put(self, name: str, data: bytes) -> str:
        path = self.folder / name
        path.write_bytes(data)
        return str(path)

    def path(self, name: str) -> str:
        return str(self.folder / name)

    def run(self, *words: str, status: int = 0) -> Any:
        done = CliRunner().invoke(program, ["--json", *words])
        if isinstance(done.exception, Problem):
            raise done.exception
        assert done.exit_code == status, done.output
        return json.loads(done.output)

    def verify(self, *names: str, status: int = 0) -> Any:
        paths = [self.path(name) for name in names]
        return self.run("verify", *paths, "--as-of", TODAY, status=status)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(tmp_path_factory.mktemp("desk"))


def verified(told: Any, file: CertificateFile) -> bool:
    return bool(told["statement"] == file.statement.id.hex() and told["result"] == "valid")


# --- writing codes


@pytest.mark.parametrize("suffix", ["svg", "png", "txt"])
def test_one_code_is_written_in_each_form(bench: Bench, suffix: str) -> None:
    out = bench.path(f"one.{suffix}")
    told = bench.run("certificate", "qr", bench.path("small.kpc"), "--out", out)
    (code,) = told["codes"]
    assert code["file"] == out
    assert (code["text"],) == qr.qr1(bench.small)
    assert told["checkword"] == checkword.checkword(bench.small.statement.id)
    assert told["address"].startswith("https://log.example/v#XA123.")
    data = Path(out).read_bytes()
    if suffix == "png":
        assert symbols.read(data) == (code["text"],)
    elif suffix == "txt":
        assert data.decode() == code["text"] + "\n"
    else:
        assert data.decode() == symbols.draw(code["text"]).svg("XA000123, signed")


def test_several_codes_are_numbered(bench: Bench) -> None:
    out = bench.path("several.png")
    told = bench.run("certificate", "qr", bench.path("large.kpc"), "--out", out)
    names = [Path(each["file"]).name for each in told["codes"]]
    assert names == ["several-1.png", "several-2.png"]


def test_the_receipts_code_and_an_address_of_ones_own(bench: Bench) -> None:
    words = ["--receipt", "--out", bench.path("r.png"), "--address", "https://kp.example/v"]
    told = bench.run("certificate", "qr", bench.path("small.kpc"), *words)
    assert told["codes"][0]["text"] == qr.qr2(bench.small)
    assert told["address"].startswith("https://kp.example/v#")


def test_a_file_that_knows_no_log_has_no_address(bench: Bench) -> None:
    bare = bench.put("bare.kpc", write(bench.small.statement.raw, bench.small.openings))
    told = bench.run("certificate", "qr", bare, "--out", bench.path("bare.svg"))
    assert told["address"] is None


def test_people_are_told_how_wide_to_print(bench: Bench) -> None:
    words = ["certificate", "qr", bench.path("small.kpc"), "--out", bench.path("w.svg")]
    done = CliRunner().invoke(program, words)
    assert "44.6 mm" in done.output
    assert checkword.checkword(bench.small.statement.id) in done.output


# --- the check word


def test_a_check_word_is_shown_and_compared(bench: Bench) -> None:
    file = bench.path("small.kpc")
    told = bench.run("certificate", "checkword", file)
    word = told["checkword"]
    assert len(told["said"]) == 8
    assert bench.run("certificate", "checkword", file, word.lower())["same"] is True
    other = checkword.checkword(bench.large.statement.id)
    assert bench.run("certificate", "checkword", file, other, status=1)["same"] is False
    slip = ("A" if word[0] != "A" else "B") + word[1:]
    with pytest.raises(Problem, match=r"checkword\.slip"):
        bench.run("certificate", "checkword", file, slip)


# --- verifying whatever is at hand


def test_photos_text_statement_and_pdf_verify(bench: Bench) -> None:
    small = bench.small
    first, second = (symbols.draw(each).png() for each in (*qr.qr1(small), qr.qr2(small)))
    bench.put("first.png", first)
    bench.put("second.png", second)
    bench.put("both.txt", f"{qr.qr1(small)[0]}\n{qr.qr2(small)}\n".encode())
    bench.put("attached.pdf", pdf_with(attached={"XA123.kpc": small.to_bytes()}))
    bench.put("printed.pdf", pdf_with(first))
    assert verified(bench.verify("small.kpc"), small)
    assert verified(bench.verify("first.png", "second.png"), small)
    assert verified(bench.verify("both.txt"), small)
    assert verified(bench.verify("attached.pdf"), small)
    assert verified(bench.verify("printed.pdf", "second.png"), small)


def test_the_certificates_code_alone_shows_no_registration(bench: Bench) -> None:
    bench.put("alone.txt", qr.qr1(bench.small)[0].encode())
    told = bench.verify("alone.txt", status=3)
    assert told["result"] == "cannot-tell"
    assert "registration.not-shown" in [each["code"] for each in told["reasons"]]
    assert told["proves"] == ["genuine", "sections-intact"]


def test_a_statement_alone_says_that_its_sections_are_closed(bench: Bench) -> None:
    bench.put("statement.cose", bench.small.statement.raw)
    told = bench.verify("statement.cose", status=3)
    assert "section.closed" in [each["code"] for each in told["reasons"]]


def test_an_altered_code_never_verifies(bench: Bench) -> None:
    """A printed text with another signature in it: it reads, and is found out."""
    raw = bench.small.statement.raw[:-64] + bytes(64)
    text = "KPC1:" + base45.write(qr.deflate(qr.pack(raw, bench.small.openings)))
    bench.put("forged.txt", text.encode())
    told = bench.verify("forged.txt", status=1)
    assert "signature.bad" in [each["code"] for each in told["reasons"]]


def test_what_is_no_certificate_is_refused(bench: Bench) -> None:
    bench.put("shopping.txt", b"milk, bread")
    with pytest.raises(Problem, match=r"reading\.unknown"):
        bench.verify("shopping.txt")
