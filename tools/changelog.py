"""Fold the fragments of changelog.d/ into CHANGELOG.md.

One change, one file, so that two changes never meet in the same line: ``SLUG.KIND.md``, where KIND
is added, changed, fixed or security, and the text is one or two sentences for users. Without
``--write`` nothing is changed and the next section is printed.
"""

from __future__ import annotations

import argparse
import re
import sys
from datetime import UTC, date, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KINDS = ("added", "changed", "fixed", "security")
NAME = re.compile(r"[a-z0-9-]+\.(?P<kind>[a-z]+)\.md")
VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+")
MARK = "<!-- new sections go below this line -->\n"


class Stop(Exception):
    """Something a person has to put right first."""


def fragments(folder: Path) -> dict[Path, tuple[str, str]]:
    """Read every fragment: its file, its kind and its text. README.md is no fragment."""
    found = {}
    for file in sorted(folder.glob("*.md")):
        if file.name == "README.md":
            continue
        match = NAME.fullmatch(file.name)
        if match is None or match["kind"] not in KINDS:
            raise Stop(f"changelog.d/{file.name}: name it SLUG.KIND.md, KIND one of {KINDS}")
        text = file.read_text(encoding="utf-8").strip()
        if not text or "\n\n" in text or text.startswith(("-", "#")):
            raise Stop(f"changelog.d/{file.name}: one paragraph of plain sentences is wanted")
        found[file] = (match["kind"], text)
    return found


def section(version: str, day: date, entries: list[tuple[str, str]]) -> str:
    """Write one section of the changelog, kinds in their fixed order."""
    parts = [f"## {version} ({day.isoformat()})\n"]
    for kind in KINDS:
        lines = [text.replace("\n", "\n  ") for each, text in entries if each == kind]
        if lines:
            parts.append(f"### {kind.title()}\n\n" + "".join(f"- {line}\n" for line in lines))
    return "\n".join(parts)


def fold(root: Path, version: str, day: date) -> str:
    """Put the section into CHANGELOG.md and remove the fragments it was made of."""
    if VERSION.fullmatch(version) is None:
        raise Stop("--write needs --version MAJOR.MINOR.PATCH")
    taken = fragments(root / "changelog.d")
    if not taken:
        raise Stop("changelog.d holds no fragment: nothing to fold")
    book = root / "CHANGELOG.md"
    before, mark, after = book.read_text(encoding="utf-8").partition(MARK)
    if not mark:
        raise Stop("CHANGELOG.md has lost the line that says where new sections go")
    if f"## {version} " in after:
        raise Stop(f"CHANGELOG.md has a section {version} already")
    new = section(version, day, list(taken.values()))
    book.write_text(f"{before}{mark}\n{new}{after}", encoding="utf-8")
    for file in taken:
        file.unlink()
    return new


def main(words: list[str] | None = None) -> int:
    """Run the tool. Exit status: 0 done, 1 something has to be put right first."""
    parser = argparse.ArgumentParser(description="Fold changelog.d/ into CHANGELOG.md.")
    parser.add_argument("--version", default="Unreleased")
    parser.add_argument("--day", type=date.fromisoformat, default=datetime.now(UTC).date())
    parser.add_argument("--write", action="store_true", help="change files; otherwise preview")
    parser.add_argument("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)
    asked = parser.parse_args(words)
    try:
        if asked.write:
            print(fold(asked.root, asked.version, asked.day), end="")
        else:
            entries = list(fragments(asked.root / "changelog.d").values())
            print(section(asked.version, asked.day, entries), end="")
    except Stop as stop:
        print(stop, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
