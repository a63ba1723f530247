"""The house keeps its own rules: sizes, pins, one place for each task, nothing of one machine."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = {".md", ".py", ".toml", ".js", ".css", ".html", ".cddl", ".sql", ".sh", ".yml", ""}
NOT_WRITTEN_BY_HAND = ("/vendor/", "/data/", "/vectors/", "/golden/")
LONGEST_FILE = 400
LONGEST_FUNCTION = {"src": 50, "tests": 80, "tools": 50, "benchmarks": 80}

# Written in pieces, so that this file does not hold what it looks for.
REGISTRIES = [
    "py" + "pi.org",
    "python" + "hosted.org",
    "registry.np" + "mjs.org",
    "crates" + ".io",
    "deb.deb" + "ian.org",
]
ONE_MACHINE = re.compile(r"(?<![\w./~-])/(?:work/|root/|home/\w+/|opt/wh" + r"eels|tmp/v/)")


def tracked() -> list[Path]:
    """List the files under version control that exist, or skip outside a clone."""
    try:
        done = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("needs a git clone")
    files = [ROOT / name for name in done.stdout.split("\0") if name]
    return [file for file in files if file.is_file()]


def named(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def texts() -> list[tuple[str, str]]:
    return [
        (named(file), file.read_text(encoding="utf-8"))
        for file in tracked()
        if file.suffix in TEXT or file.suffix in {".json", ".lock", ".po", ".svg", ".csv"}
    ]


def by_hand(name: str) -> bool:
    generated = any(part in f"/{name}" for part in NOT_WRITTEN_BY_HAND)
    return Path(name).suffix in TEXT and not generated and name != "LICENSE"


def test_no_file_names_a_package_registry_or_one_machine() -> None:
    found = [
        f"{name}: {word}"
        for name, text in texts()
        for word in [
            *(host for host in REGISTRIES if host in text),
            *ONE_MACHINE.findall(text if name != "tests/docs/test_repository.py" else ""),
        ]
    ]
    assert found == []


def test_no_file_written_by_hand_is_too_long() -> None:
    long = {
        name: lines
        for name, text in texts()
        if by_hand(name) and (lines := text.count("\n")) > LONGEST_FILE
    }
    assert long == {}


def test_text_ends_with_one_newline_and_has_no_carriage_returns() -> None:
    bad = [
        name
        for name, text in texts()
        if by_hand(name) and text and (not text.endswith("\n") or "\r" in text)
    ]
    assert bad == []


def test_no_function_is_too_long() -> None:
    long = {}
    for file in tracked():
        limit = LONGEST_FUNCTION.get(named(file).split("/", 1)[0])
        if file.suffix != ".py" or limit is None:
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                first = node.body[0]
                documented = ast.get_docstring(node) is not None
                lines = (node.end_lineno or 0) - node.lineno + 1
                if documented:  # what explains a function does not make it long
                    lines -= (first.end_lineno or 0) - first.lineno + 1
                if lines > limit:
                    long[f"{named(file)}:{node.lineno} {node.name}"] = lines
    assert long == {}


def test_no_module_has_a_name_that_attracts_everything() -> None:
    magnets = {"utils", "util", "helpers", "common", "base", "manager", "misc"}
    modules = [f for f in tracked() if "src" in f.parts and f.suffix == ".py"]
    assert [named(f) for f in modules if f.stem in magnets] == []


def test_every_pin_has_a_hash_and_no_address() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pins = re.split(r"\n(?=\S)", lock.strip())
    assert len(pins) > 20
    assert [pin.splitlines()[0] for pin in pins if "--hash=sha256:" not in pin] == []
    assert "://" not in lock


def test_every_dependency_is_pinned_to_the_version_in_the_lock() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    asked = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    for line in asked:
        name = re.match(r"[a-z0-9-]+(?:==[0-9.]+)?", line)
        assert name is not None
        assert re.search(rf"^{re.escape(name[0])}\b", lock, re.MULTILINE), line
    assert all("==" in line for line in project["project"]["dependencies"])


def test_every_make_target_is_in_the_list_that_make_prints() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    assert phony is not None
    explained = set(re.findall(r"^([a-z-]+):.*## .+$", makefile, re.MULTILINE))
    assert explained == set(phony[1].split())


def test_continuous_integration_runs_what_a_person_runs() -> None:
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    commands = [line for line in lines if line and not line.startswith(("#", "set ", "cd "))]
    assert commands == ["exec make test"]


def test_every_waiver_of_the_linter_has_its_reason_beside_it() -> None:
    settings = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for heading, end in (
        ("\nignore = [\n", "\n]\n"),
        ("\n[tool.ruff.lint.per-file-ignores]\n", "\n\n"),
    ):
        start = settings.index(heading) + len(heading)
        lines = settings[start : settings.index(end, start)].splitlines()
        waivers = [line for line in lines if re.search(r'"[A-Z]+[0-9]*"', line)]
        assert len(waivers) > 5
        assert [line for line in waivers if "#" not in line] == []


def test_every_changelog_fragment_folds() -> None:
    done = subprocess.run(
        [sys.executable, "tools/changelog.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for fragment in (ROOT / "changelog.d").glob("*.*.md"):
        first = fragment.read_text(encoding="utf-8").split("\n", 1)[0]
        assert first in done.stdout
