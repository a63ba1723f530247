"""Find every code that the source can raise: what a Problem is made with, directly or through one.

Reads the source and runs none of it. A code that is computed cannot be found this way; the test of
docs/reference/errors.md compares with what docstrings promise.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

CODE = re.compile(r"[a-z][a-z0-9-]*\.[a-z0-9][a-z0-9-]*")
KINDS = ("Invalid", "Refused", "NotFound", "Conflict", "Untrusted", "Unavailable")
BASE = "Problem"
ERRORS = "kimberlite.kernel.errors"


@dataclass(frozen=True, slots=True, order=True)
class Raised:
    """One place that makes a Problem: its code, the kind, the sentence, and the module."""

    code: str
    kind: str
    sentence: str
    module: str


@dataclass(frozen=True, slots=True)
class Module:
    """One file of the source, with what its names for kinds of Problem stand for."""

    name: str
    tree: ast.Module
    kinds: dict[str, str]


@dataclass(frozen=True, slots=True)
class Forwarder:
    """A function that makes a Problem with a code it is given, as its parameter ``place``."""

    place: int
    parameter: str
    kind: str
    sentence: str


def raised(source: Path) -> list[Raised]:
    """List every place under ``source`` (the folder above the package), in order of code."""
    modules = _modules(source)
    found: set[Raised] = set()
    for module in modules:
        forwarders = _forwarders(module)
        for call in _calls(module.tree):
            found.update(_made_by(call, module, forwarders))
    return sorted(found)


def promised(source: Path) -> dict[str, set[str]]:
    """List codes that docstrings name in double backticks, with the modules that do."""
    found: dict[str, set[str]] = {}
    for path, name in _files(source):
        for text in _docstrings(ast.parse(path.read_text(encoding="utf-8"))):
            for code in re.findall(r"``([^`]+)``", text):
                if CODE.fullmatch(code):
                    found.setdefault(code, set()).add(name)
    return found


def _docstrings(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield ast.get_docstring(node) or ""


def _files(source: Path) -> Iterator[tuple[Path, str]]:
    for path in sorted(source.rglob("*.py")):
        parts = path.relative_to(source).with_suffix("").parts
        yield path, ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _modules(source: Path) -> list[Module]:
    parsed = {name: ast.parse(path.read_text(encoding="utf-8")) for path, name in _files(source)}
    known = {(ERRORS, kind): kind for kind in (*KINDS, BASE)}
    found = {name: _names(tree, known) for name, tree in parsed.items()}
    while True:  # a kind made from a kind made from a kind
        more = {
            (name, node.name): _kind(node.name, found[name][base.id])
            for name, tree in parsed.items()
            for node in tree.body
            if isinstance(node, ast.ClassDef)
            for base in node.bases
            if isinstance(base, ast.Name) and base.id in found[name]
        }
        if more.keys() <= known.keys():
            return [Module(name, tree, found[name]) for name, tree in parsed.items()]
        known.update(more)
        found = {name: _names(tree, known, name) for name, tree in parsed.items()}


def _kind(name: str, base: str) -> str:
    """Give what a kind is known as: a kind of one of ours is that; a new kind has its own name."""
    return name if base == BASE else base


def _names(tree: ast.Module, known: dict[tuple[str, str], str], own: str = "") -> dict[str, str]:
    """Give the names that stand for kinds of Problem in one module."""
    names = {each: kind for (module, each), kind in known.items() if module == own}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if (node.module or "", alias.name) in known:
                    kind = known[node.module or "", alias.name]
                    names[alias.asname or alias.name] = kind
                if node.module == "kimberlite.kernel" and alias.name == "errors":
                    bound = alias.asname or alias.name
                    names.update({f"{bound}.{kind}": kind for kind in KINDS})
    return names


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _named(call: ast.Call) -> str:
    return ast.unparse(call.func) if isinstance(call.func, ast.Name | ast.Attribute) else ""


def _forwarders(module: Module) -> dict[str, Forwarder]:
    found: dict[str, Forwarder] = {}
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.FunctionDef):
            continue
        names = [each.arg for each in node.args.args if each.arg not in ("self", "cls")]
        for call in _calls(node):
            kind = module.kinds.get(_named(call))
            if kind is not None and call.args and isinstance(call.args[0], ast.Name):
                name = call.args[0].id
                if name in names:
                    said = sentence(call.args[1]) if len(call.args) > 1 else ""
                    found[node.name] = Forwarder(names.index(name), name, kind, said)
    return found


def _made_by(call: ast.Call, module: Module, forwarders: dict[str, Forwarder]) -> Iterable[Raised]:
    name = _named(call)
    kind = module.kinds.get(name)
    if kind is not None and call.args:
        said = sentence(call.args[1]) if len(call.args) > 1 else ""
        return [Raised(code, kind, said, module.name) for code in _codes(call.args[0])]
    forwarder = forwarders.get(name.removeprefix("self.").removeprefix("cls."))
    if forwarder is None:
        return []
    given = [word.value for word in call.keywords if word.arg == forwarder.parameter]
    given += call.args[forwarder.place : forwarder.place + 1]
    said = forwarder.sentence
    if said in ("", "…"):
        rest = [each for at, each in enumerate(call.args) if at != forwarder.place]
        said = next((text for each in rest if " " in (text := sentence(each))), "…")
    return [
        Raised(code, forwarder.kind, said, module.name) for each in given for code in _codes(each)
    ]


def _codes(node: ast.expr) -> list[str]:
    """Give the codes that an expression may be: a literal, or a choice between literals."""
    if isinstance(node, ast.IfExp):
        return [*_codes(node.body), *_codes(node.orelse)]
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value] if CODE.fullmatch(node.value) else []
    return []


def sentence(node: ast.expr) -> str:
    """Give the sentence that an expression makes, with "…" for what is filled in."""
    match node:
        case ast.Constant(value=str() as text):
            return text
        case ast.JoinedStr():
            return "".join(sentence(each) for each in node.values)
        case ast.FormattedValue():
            return "…"
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return sentence(left) + sentence(right)
        case ast.IfExp(body=body, orelse=orelse):
            return f"{sentence(body)} / {sentence(orelse)}"
        case _:
            return "…"
