"""The shared cases of verdicts: every verifier gives these answers to these bytes."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tools.verdict_bench import Case

REPOSITORY = Path(__file__).resolve().parents[2]
FILE = REPOSITORY / "vectors" / "verdicts" / "cases.json"
TOLD: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
CASES: list[dict[str, Any]] = TOLD["cases"]
ASKED = frozenset(
    ("name", "file", "bundle", "status", "root", "pin", "today", "receiver", "arrived")
)


def case_of(told: dict[str, Any]) -> Case:
    return Case(
        told["name"],
        base64.b64decode(told["file"]),
        base64.b64decode(TOLD["bundles"][told["bundle"]]),
        None if told["pin"] is None else bytes.fromhex(told["pin"]),
        told["today"],
        told["receiver"],
        tuple(base64.b64decode(each) for each in told["status"]),
        None if told["root"] is None else base64.b64decode(told["root"]),
        told["arrived"],
    )


@pytest.mark.parametrize("told", CASES, ids=[each["name"] for each in CASES])
def test_a_verdict_is_the_one_on_record(told: dict[str, Any]) -> None:
    answer = json.loads(json.dumps(case_of(told).answer()))
    assert answer == {name: value for name, value in told.items() if name not in ASKED}


def test_names_are_told_apart() -> None:
    names = [each["name"] for each in CASES]
    assert len(names) == len(set(names))


def test_every_reason_has_a_case() -> None:
    rooms = REPOSITORY / "src" / "kimberlite" / "certificates"
    source = "".join(
        (rooms / f"{name}.py").read_text() for name in ("verify", "checks", "knowledge")
    )
    codes = set(re.findall(r'found\.(?:for_|note|doubt|against)\(\s*"([a-z.-]+)"', source))
    said = {code for each in CASES for code, *_ in each.get("reasons", ())}
    assert len(codes) > 25
    assert codes - said == {"receipt.disagree"}, "two receipts naming two entries cannot be made"
