"""Changelog fragments are folded once, in order, and never lost."""

from __future__ import annotations

import importlib.util
from datetime import date
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
DAY = "2026-03-01"


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("changelog", ROOT / "tools" / "changelog.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def book(tmp_path: Path, tool: ModuleType) -> Path:
    (tmp_path / "changelog.d").mkdir()
    (tmp_path / "changelog.d" / "README.md").write_text("how to\n", encoding="utf-8")
    (tmp_path / "CHANGELOG.md").write_text(f"# Changelog\n\n{tool.MARK}", encoding="utf-8")
    return tmp_path


def put(root: Path, name: str, text: str) -> None:
    (root / "changelog.d" / name).write_text(text, encoding="utf-8")


def write(tool: ModuleType, root: Path, version: str) -> int:
    words = ["--root", str(root), "--version", version, "--day", DAY, "--write"]
    return int(tool.main(words))


def test_fragments_become_a_section_and_are_gone(tool: ModuleType, book: Path) -> None:
    put(book, "a-fix.fixed.md", "A fix\nof two lines.\n")
    put(book, "news.added.md", "Something new.\n")

    assert write(tool, book, "0.2.0") == 0

    assert (
        (book / "CHANGELOG.md")
        .read_text(encoding="utf-8")
        .endswith(
            "\n## 0.2.0 (2026-03-01)\n\n### Added\n\n- Something new.\n\n"
            "### Fixed\n\n- A fix\n  of two lines.\n"
        )
    )
    assert [file.name for file in (book / "changelog.d").iterdir()] == ["README.md"]


def test_a_preview_changes_nothing(
    tool: ModuleType, book: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(book, "news.added.md", "Something new.\n")
    before = (book / "CHANGELOG.md").read_bytes()

    assert tool.main(["--root", str(book), "--day", DAY]) == 0

    assert capsys.readouterr().out.startswith("## Unreleased (2026-03-01)\n")
    assert (book / "CHANGELOG.md").read_bytes() == before
    assert (book / "changelog.d" / "news.added.md").exists()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("news.md", "No kind.\n"),
        ("news.wonderful.md", "A kind nobody knows.\n"),
        ("news.added.md", ""),
        ("news.added.md", "Two\n\nparagraphs.\n"),
        ("news.added.md", "- a list\n"),
    ],
)
def test_a_fragment_that_does_not_fit_stops_everything(
    tool: ModuleType, book: Path, name: str, text: str
) -> None:
    put(book, "good.fixed.md", "A fix.\n")
    put(book, name, text)
    before = (book / "CHANGELOG.md").read_bytes()

    assert write(tool, book, "0.2.0") == 1

    assert (book / "CHANGELOG.md").read_bytes() == before
    assert (book / "changelog.d" / "good.fixed.md").exists()


def test_a_version_is_folded_once(tool: ModuleType, book: Path) -> None:
    put(book, "one.added.md", "One.\n")
    assert write(tool, book, "0.2.0") == 0
    put(book, "two.added.md", "Two.\n")
    assert write(tool, book, "0.2.0") == 1
    assert write(tool, book, "soon") == 1
    assert tool.section("1.0.0", date.fromisoformat(DAY), []) == "## 1.0.0 (2026-03-01)\n"
