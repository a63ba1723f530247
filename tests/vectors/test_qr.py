"""Printed codes against vectors/qr-1.json: what was printed reads for ever, and in one way."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kimberlite.certificates.file import parse_file
from kimberlite.documents import address, base45, checkword, parts, qr
from kimberlite.documents.reading import assemble
from kimberlite.kernel.errors import Problem

FILE = Path(__file__).resolve().parents[2] / "vectors" / "qr-1.json"
VECTORS = json.loads(FILE.read_text(encoding="utf-8"))
READ, REFUSED = VECTORS["read"], VECTORS["refused"]


def named(case: dict[str, Any]) -> str:
    return str(case["name"])


@pytest.mark.parametrize("case", VECTORS["base45"], ids=lambda case: case["hex"] or "nothing")
def test_base45(case: dict[str, str]) -> None:
    assert base45.write(bytes.fromhex(case["hex"])) == case["text"]
    assert base45.read(case["text"]).hex() == case["hex"]


def test_base45_has_the_answers_of_its_rfc() -> None:
    """RFC 9285, sections 4.3 and 4.4."""
    told = {bytes.fromhex(each["hex"]): each["text"] for each in VECTORS["base45"]}
    assert told[b"AB"] == "BB8"
    assert told[b"Hello!!"] == "%69 VD92EX0"
    assert told[b"base-45"] == "UJCLQE7W581"
    assert told[b"ietf!"] == "QED8WEX0"


@pytest.mark.parametrize("case", READ, ids=named)
def test_texts_read_in_any_order(case: dict[str, Any]) -> None:
    for texts in (case["texts"], case["texts"][::-1]):
        assert assemble((), texts).hex() == case["file"]


@pytest.mark.parametrize("case", READ, ids=named)
def test_what_is_written_says_the_same(case: dict[str, Any]) -> None:
    """Bytes may be deflated otherwise by another zlib; the content is one."""
    file = parse_file(bytes.fromhex(case["file"]))
    assert qr.content(file).hex() == case["content"]
    assert qr.binding(qr.content(file)).hex() == case["binding"]
    again = [*qr.qr1(file), *([qr.qr2(file)] if file.receipts else [])]
    assert len(again) == len(case["texts"])
    assert assemble((), again).hex() == case["file"]
    if file.receipts:
        assert again[-1] == case["texts"][-1]


@pytest.mark.parametrize("case", READ, ids=named)
def test_check_word_and_address(case: dict[str, Any]) -> None:
    file = parse_file(bytes.fromhex(case["file"]))
    assert file.statement.id.hex() == case["statement"]
    assert checkword.checkword(file.statement.id) == case["checkword"]
    base = case["address"].partition("#")[0]
    assert address.address(base, file) == case["address"]


@pytest.mark.parametrize("case", VECTORS["checkwords"], ids=lambda case: case["word"])
def test_check_words(case: dict[str, str]) -> None:
    assert checkword.checkword(bytes.fromhex(case["statement"])) == case["word"]


@pytest.mark.parametrize("case", REFUSED, ids=named)
def test_what_is_refused(case: dict[str, Any]) -> None:
    with pytest.raises(Problem) as refused:
        assemble((), case["texts"])
    assert refused.value.code == case["code"]


def test_limits() -> None:
    assert (parts.MOST, qr.INFLATED) == (VECTORS["most_parts"], VECTORS["most_inflated"])
