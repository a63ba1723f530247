"""Find every stable code that the source can say, without running it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

CODE = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*\.[a-z0-9]+(?:-[a-z0-9]+)*")
SAYERS = frozenset(
    (
        "Problem",
        "Invalid",
        "Refused",
        "NotFound",
        "Conflict",
        "Untrusted",
        "Unavailable",
        "Upgrade",
        "Rule",
        "Reason",
        "Finding",
        "Step",
        "SectionRule",
        "Catch",
        "_door",
        "for_",
        "note",
        "doubt",
        "against",
    )
)
"""Calls in which a string of this form is a code."""


def _called(node: ast.Call) -> str:
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _strings(node: ast.Call) -> Iterator[str]:
    for each in (*node.args, *(keyword.value for keyword in node.keywords)):
        for part in ast.walk(each):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                yield part.value


def codes_in(source: Path) -> dict[str, str]:
    """Give every code said under ``source``, with the file and line of its first place."""
    found: dict[str, str] = {}
    for path in sorted(source.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _called(node) in SAYERS:
                for text in _strings(node):
                    if CODE.fullmatch(text):
                        found.setdefault(text, f"{path.relative_to(source)}:{node.lineno}")
    return found
