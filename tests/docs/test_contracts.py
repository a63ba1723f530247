"""The import contracts bite: each planted breach is refused, by the contract that is meant to."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

BREACHES = {
    "kernel/planted.py": ("import kimberlite.ledger\n", "storeys"),
    "crypto/planted.py": ("def f() -> None:\n    import kimberlite.storage\n", "storeys"),
    "newroom/__init__.py": ("", "storeys"),
    "ledger/planted.py": ("import cryptography\n", "one-crypto"),
    "node/planted.py": ("import fastapi\n", "web-at-the-edge"),
    "web/planted.py": ("import click\n", "cli-at-the-edge"),
    "kernel/planted_clock.py": ("import time\n", "pure"),
    "storage/rules/planted.py": ("import sqlite3\n", "pure"),
}


def lint(source: Path, contract: str) -> subprocess.CompletedProcess[str]:
    """Check one contract over the package in ``source`` instead of the one installed."""
    program = "import sys; from importlinter.cli import lint_imports_command as c; c(sys.argv[1:])"
    return subprocess.run(
        [sys.executable, "-c", program, "--no-cache", "--contract", contract],
        cwd=source.parent,
        env={**os.environ, "PYTHONPATH": str(source)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package and its contracts, to plant breaches in."""
    shutil.copytree(
        ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__", "static")
    )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path / "src"


@pytest.mark.parametrize("where", BREACHES)
def test_a_planted_breach_is_refused(copy: Path, where: str) -> None:
    text, contract = BREACHES[where]
    planted = copy / "kimberlite" / where
    planted.parent.mkdir(exist_ok=True)
    for folder in (planted.parent, *planted.parent.parents):
        if folder == copy:
            break
        (folder / "__init__.py").touch()
    planted.write_text(text, encoding="utf-8")

    done = lint(copy, contract)

    assert done.returncode == 1, done.stdout + done.stderr
    assert "BROKEN" in done.stdout
    assert "planted" in done.stdout or "newroom" in done.stdout


def test_a_ring_inside_a_room_is_refused(copy: Path) -> None:
    room = copy / "kimberlite" / "kernel"
    (room / "planted_a.py").write_text("import kimberlite.kernel.planted_b\n", encoding="utf-8")
    (room / "planted_b.py").write_text("import kimberlite.kernel.planted_a\n", encoding="utf-8")

    done = lint(copy, "no-rings")

    assert done.returncode == 1, done.stdout + done.stderr
    assert "planted_a" in done.stdout


@pytest.mark.parametrize("contract", sorted({*(name for _, name in BREACHES.values()), "no-rings"}))
def test_the_house_keeps_its_contracts(copy: Path, contract: str) -> None:
    done = lint(copy, contract)
    assert done.returncode == 0, done.stdout + done.stderr
