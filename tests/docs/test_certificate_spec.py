"""The specification of the certificate names every rule and every reason that the code knows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kimberlite.certificates.rules import ARRIVAL_RULES, ISSUE_RULES, SectionRule

ROOT = Path(__file__).resolve().parents[2]
SPEC = (ROOT / "docs" / "spec" / "certificate.md").read_text(encoding="utf-8")
VERDICTS = (ROOT / "docs" / "spec" / "verdicts.md").read_text(encoding="utf-8")
ROOM = ROOT / "src" / "kimberlite" / "certificates"
REASON = re.compile(r'found\.(?:for_|note|doubt|against)\(\s*"([a-z.-]+)"')


@pytest.mark.parametrize("rule", [*ISSUE_RULES, *ARRIVAL_RULES], ids=lambda rule: rule.code)
def test_a_section_rule_stands_in_the_table_as_it_is(rule: SectionRule) -> None:
    blocks = "yes" if rule.blocks else "no"
    row = re.compile(rf"\| `{re.escape(rule.code)}` \| .+ \| {blocks} \| (.+) \|")
    found = row.search(SPEC)
    assert found is not None
    assert found[1] == rule.source


def test_every_reason_of_a_verdict_is_explained() -> None:
    codes = {
        code
        for name in ("verify.py", "checks.py", "knowledge.py")
        for code in REASON.findall((ROOM / name).read_text(encoding="utf-8"))
    }
    assert len(codes) > 20
    assert [code for code in sorted(codes) if f"`{code}`" not in SPEC + VERDICTS] == []
