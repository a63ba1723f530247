"""What a cell can be refused with is listed, has a sentence in every language, and is used."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kimberlite.node.intake.columns import KINDS
from kimberlite.node.intake.faults import FAULTS
from kimberlite.words import LANGUAGES
from kimberlite.words.catalogue import catalogue

SOURCE = Path(__file__).resolve().parents[2] / "src/kimberlite/node/intake"
WHOLE = frozenset(
    (
        "applied-before",
        "batch",
        "changed",
        "column-missing",
        "column-twice",
        "column-unknown",
        "csv",
        "decimal",
        "delimiter",
        "empty",
        "encoding",
        "faults",
        "format",
        "inflated",
        "json",
        "kind",
        "no-header",
        "officer",
        "scan",
        "scan-attached",
        "scan-unknown",
        "sheet",
        "too-large",
        "too-many-columns",
        "too-many-rows",
        "xlsx",
    )
)
"""What refuses a whole file, batch or scan; docs/reference/errors lists these."""


def test_every_fault_in_the_code_is_listed() -> None:
    text = "".join(each.read_text() for each in SOURCE.glob("*.py") if each.stem != "faults")
    used = set(re.findall(r'"intake\.([a-z-]+)"', text))
    listed = {each.removeprefix("intake.") for each in FAULTS if each.startswith("intake.")}
    assert used - WHOLE == listed
    assert not WHOLE & listed


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_fault_has_a_sentence_of_its_own(lang: str) -> None:
    texts = catalogue(lang)
    lacking = [each for each in FAULTS if each.startswith("intake.") and each not in texts]
    assert lacking == []
    assert [kind for kind in KINDS if f"web.intake.kind.{kind}" not in texts] == []
