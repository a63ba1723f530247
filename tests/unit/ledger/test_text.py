"""Text that people read holds nothing that shows as something else."""

from __future__ import annotations

import pytest

from kimberlite.kernel.errors import Invalid
from kimberlite.ledger.schema import text


@pytest.mark.parametrize(
    "mark",
    ["\x00", "\n", "\x1b", "\x7f", "\x9b", "\u2028", "\u202e", "\u2066"],
    ids=["nul", "newline", "escape", "delete", "csi", "line", "override", "isolate"],
)
def test_control_and_override_characters_are_refused(mark: str) -> None:
    with pytest.raises(Invalid) as refused:
        text(40).read(f"a{mark}b")
    assert refused.value.code == "schema.value"


@pytest.mark.parametrize(
    "words", ["Côte d'Ivoire", "سيراليون", "ישראל", "中国", "a\u200fb", "\u00a0", "é" * 40]
)
def test_the_letters_of_every_language_are_accepted(words: str) -> None:
    assert text(40).read(words) == words
