"""Published inclusion and consistency cases (transparency-dev/merkle testdata, Apache-2.0)."""

from __future__ import annotations

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from kimberlite.kernel.errors import Problem
from kimberlite.ledger.proofs import verify_consistency, verify_inclusion


def _cases(shared: Path, name: str) -> list[dict[str, Any]]:
    cases = json.loads((shared / "vectors" / name).read_text())
    assert len(cases) >= 40
    return [case for case in cases if not _has_short_roots(case)]


def _has_short_roots(case: dict[str, Any]) -> bool:
    # One case calls any two equal roots of equal sizes consistent, and has roots of 12 bytes.
    roots = [b64decode(case[name]) for name in ("root1", "root2") if case.get(name)]
    return not case["wantErr"] and any(len(root) != 32 for root in roots)


def _bytes(case: dict[str, Any], name: str) -> bytes:
    return b64decode(case[name] or "")


def _path(case: dict[str, Any]) -> list[bytes]:
    return [b64decode(each) for each in case["proof"] or []]


def _check(case: dict[str, Any]) -> None:
    if "leafHash" in case:
        place = case["leafIdx"], case["treeSize"]
        verify_inclusion(*place, _bytes(case, "leafHash"), _path(case), _bytes(case, "root"))
    else:
        sizes = case["size1"], case["size2"]
        roots = _bytes(case, "root1"), _bytes(case, "root2")
        verify_consistency(*sizes, *roots, _path(case))


@pytest.mark.parametrize("name", ["merkle_inclusion.json", "merkle_consistency.json"])
def test_every_published_case_comes_out_as_it_says(shared: Path, name: str) -> None:
    good = bad = 0
    for case in _cases(shared, name):
        if case["wantErr"]:
            bad += 1
            with pytest.raises(Problem):
                _check(case)
        else:
            good += 1
            _check(case)
    assert good
    assert bad


def test_at_most_one_published_case_is_set_aside(shared: Path) -> None:
    cases = json.loads((shared / "vectors" / "merkle_consistency.json").read_text())
    aside = [case for case in cases if _has_short_roots(case)]
    assert len(aside) <= 1
    for case in aside:
        assert case["size1"] == case["size2"]
        with pytest.raises(Problem) as refused:
            _check(case)
        assert refused.value.code in {"proof.hash", "proof.size"}
