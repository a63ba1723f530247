"""Write every page that is generated: ``python -m tools.documents``; ``--check`` only compares.

Pages: the catalogue of statements with its CDDL, error codes, clauses of the KP texts, who
sees what, the states of a certificate, columns of files of rows, and the index of decisions.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tools import catalogue, clauses, decisions, errors, intake, states, visibility

ROOT = Path(__file__).resolve().parent.parent
OWNED = ("docs/spec/statements", "docs/spec/cddl", "docs/reference/errors")
"""Folders in which nothing stands but what is generated."""


def generated(root: Path) -> dict[str, str]:
    """Give every generated page: its path below ``root`` and its text."""
    sentences = errors.sentences(root)
    return {
        **catalogue.pages(root, sentences),
        **errors.pages(root, sentences),
        **clauses.pages(root),
        **decisions.pages(root),
        **states.pages(),
        **visibility.pages(),
        **intake.pages(sentences),
    }


def differing(root: Path) -> list[str]:
    """List pages that are absent, stale, or left over."""
    pages = generated(root)
    wrong = [name for name, text in pages.items() if _read(root / name) != text]
    return sorted([*wrong, *left_over(root, pages)])


def left_over(root: Path, pages: dict[str, str]) -> list[str]:
    """List files in our folders that nothing generates any more."""
    files = (path for folder in OWNED for path in (root / folder).glob("*"))
    return [name for path in files if (name := path.relative_to(root).as_posix()) not in pages]


def write(root: Path) -> list[str]:
    """Write what differs and remove what is left over; list both."""
    pages = generated(root)
    changed = differing(root)
    for name in changed:
        path = root / name
        if name in pages:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(pages[name], encoding="utf-8")
        else:
            path.unlink()
    return changed


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


def main(words: list[str] | None = None) -> int:
    """Run the tool. Exit status: 0 done or nothing to do, 1 a page is stale (with ``--check``)."""
    parser = argparse.ArgumentParser(description="Write the generated pages of docs/.")
    parser.add_argument("--check", action="store_true", help="change nothing; list what is stale")
    asked = parser.parse_args(words)
    changed = differing(ROOT) if asked.check else write(ROOT)
    for name in changed:
        print(name)
    return 1 if asked.check and changed else 0


if __name__ == "__main__":
    sys.exit(main())
