"""docs/spec/qr.md says what the code does: limits, codes, and the sizes in its table."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from benchmarks.qr import CONDITIONS, sizes
from kimberlite.documents import address, checkword, letters, parts, qr, symbols
from tests.helpers.codes import codes_in

ROOT = Path(__file__).resolve().parents[2]
SPEC = (ROOT / "docs" / "spec" / "qr.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in SPEC.splitlines()
    if line.startswith("| ")
]


@pytest.mark.parametrize("figures", list(sizes()), ids=lambda f: f"{f['parties']}-{f['origins']}")
def test_the_table_of_sizes_is_what_comes_out(figures: dict[str, object]) -> None:
    """Another zlib may deflate a few bytes differently; the content is exact."""
    key = [str(figures["parties"]), str(figures["origins"])]
    (row,) = (each for each in ROWS if each[:2] == key)
    assert int(row[2]) == figures["content"]
    assert abs(int(row[3]) - int(str(figures["deflated"]))) <= 8


def test_limits_and_constants_stand_in_it() -> None:
    told = {
        f"at most {qr.ONE_SYMBOL} bytes in one symbol",
        f"at most {qr.INFLATED:,} bytes",
        f"at most {qr.RECEIPT:,} bytes",
        f"2 to {parts.MOST} parts",
        f"first {qr.BINDING_BYTES} bytes of SHA-256(content of QR-1)",
        letters.ALPHABET,
        f"{symbols.MODULE_MM} mm",
        f"quiet zone of {symbols.QUIET} modules",
        f"{symbols.MOST_PIXELS // 1_000_000} million",
        f"as {address.LETTERS} letters",
        f"{checkword.LENGTH * 5 - 5} bits of SHA-256",
    }
    assert {each for each in told if each not in SPEC} == set()


def test_every_code_of_the_printed_form_is_explained() -> None:
    raised = codes_in(ROOT / "src" / "kimberlite" / "documents")
    codes = {each for each in raised if each.startswith("qr.")}
    quiet = {"qr.too-long", "qr.no-receipt"}  # what a writer says; the limits are in the text
    assert len(codes) > 8
    assert {each for each in codes - quiet if f"`{each}`" not in SPEC} == set()


def test_every_condition_that_is_measured_is_shown() -> None:
    shown = {row[0] for row in ROWS}
    assert [each for each in CONDITIONS if each not in shown] == []


def test_the_examples_have_the_right_form() -> None:
    (word,) = set(re.findall(r"printed ([0-9A-Z]{4}-[0-9A-Z]{4})", SPEC))
    assert letters.tidy(word) == word.replace("-", "")
    shown = re.search(r"https://host/v#(\S+)", SPEC)
    assert shown is not None
    assert address.parse(shown[1])[0] == "XA123"
