"""Credentials against the shared cases: what is derived, and what is answered."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from kimberlite.certificates.file import parse_file
from kimberlite.documents.credential import statuslist, strict, vc, view
from kimberlite.ledger import bundle as bundles
from tools.credential_vectors import Case

PATH = Path(__file__).resolve().parents[2] / "vectors" / "credential" / "cases.json"
TOLD: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))
BUNDLE = bundles.verify(base64.b64decode(TOLD["bundles"]["bundle-1"]))
FILE = parse_file(base64.b64decode(TOLD["file"]))


def test_the_same_payloads_are_derived() -> None:
    assert strict.encode(vc.derive(FILE, TOLD["origin"])) == strict.encode(TOLD["payload"])
    shown, every = view.derive(FILE, TOLD["origin"])
    assert shown == TOLD["view"]
    assert [each.text for each in every] == TOLD["disclosures"]


@pytest.mark.parametrize("case", TOLD["cases"], ids=lambda case: str(case["name"]))
def test_the_same_is_answered(case: dict[str, Any]) -> None:
    bundle = base64.b64decode(TOLD["bundles"][case["bundle"]])
    asked = Case(case["name"], case["token"], bundle, tuple(case["lists"]), case["today"])
    answer = json.loads(json.dumps(asked.answer()))
    assert answer == {name: case[name] for name in answer}
    assert ("problem" in case) == ("result" not in case)


def test_the_status_list_reads() -> None:
    found = statuslist.verify(TOLD["status_list"].encode(), BUNDLE)
    assert (found.purpose, found.number, found.size) == ("revocation", 0, BUNDLE.size)
    assert not any(found.bits)
