"""Generated pages are what the code says now, and every link in docs/ leads somewhere."""

from __future__ import annotations

import json
import re
from importlib import import_module
from pathlib import Path

import click
import pytest

from kimberlite.cli.main import commands
from kimberlite.ledger.keyring import ROLES
from kimberlite.ledger.schema import Field, Schema, integer, text
from kimberlite.node.books import V1
from tools import cddl, clauses, documents, errors
from tools.raised import promised, raised

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
NOT_RAISED = re.compile(r"kimberlite\..*|.*\.(?:py|md|json|csv|db|sock|key|parse|load|verify)$")


def test_generated_pages_are_up_to_date() -> None:
    assert documents.differing(ROOT) == [], "run: make docs"


def test_a_stale_page_and_one_left_over_are_found(tmp_path: Path) -> None:
    pages = documents.generated(ROOT)
    for name, content in pages.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    (tmp_path / "docs/spec/statements/kp-gone.md").write_text("# gone\n", encoding="utf-8")
    assert documents.left_over(tmp_path, pages) == ["docs/spec/statements/kp-gone.md"]


def test_every_statement_type_has_a_page_with_its_rules() -> None:
    for typ, each in V1.types.items():
        page = ROOT / "docs/spec/statements" / f"{typ.removesuffix('+cose')}.md"
        content = page.read_text(encoding="utf-8")
        assert each.summary in content
        for rule in each.rules:
            assert f"`{rule.code}`" in content, f"{page.name}: {rule.code}"


def test_records_of_one_name_are_one_record() -> None:
    one = Schema("line", (Field(1, "a", integer(), "a"),))
    other = Schema("line", (Field(1, "a", text(3), "a"),))
    assert cddl.distinct([one, one]) == [one]
    with pytest.raises(ValueError, match="line"):
        cddl.distinct([one, other])


def test_codes_are_found_however_they_are_raised(tmp_path: Path) -> None:
    (tmp_path / "room.py").write_text(
        "from kimberlite.kernel.errors import Invalid as Bad, Refused\n"
        "class Late(Bad): pass\n"
        "def _wrong(code): return Bad(code, f'say {code} so')\n"
        "def f(x):\n"
        "    raise Refused('a.plain', 'in words')\n"
        "    raise Late('a.child', 'one ' + 'two')\n"
        "    raise _wrong('a.through')\n"
        "    raise Bad('a.yes' if x else 'a.no', 'either')\n"
        "    raise ValueError('a.foreign', 'not ours')\n",
        encoding="utf-8",
    )
    found = {(each.code, each.kind, each.sentence) for each in raised(tmp_path)}
    assert found == {
        ("a.plain", "Refused", "in words"),
        ("a.child", "Invalid", "one two"),
        ("a.through", "Invalid", "say … so"),
        ("a.yes", "Invalid", "either"),
        ("a.no", "Invalid", "either"),
    }


def test_every_code_that_a_docstring_promises_is_listed() -> None:
    pages = errors.pages(ROOT, {})
    listed = {code for page in pages.values() for code in re.findall(r"`([^`]+)`", page)}
    missing = {
        code: sorted(modules)
        for code, modules in promised(ROOT / "src").items()
        if code not in listed and not _names_something_else(code)
    }
    assert missing == {}


def _names_something_else(text_: str) -> bool:
    """Say whether it is a module, file or function and no code."""
    room, _, name = text_.partition(".")
    package = ROOT / "src/kimberlite"
    if any((place / name).is_dir() for place in package.rglob(room)):
        return True
    if any((place / f"{name}.py").exists() for place in package.rglob(room)):
        return True
    defined = re.compile(rf"def {name}\b")
    modules = (path.read_text(encoding="utf-8") for path in package.rglob(f"{room}.py"))
    return any(map(defined.search, modules)) or NOT_RAISED.fullmatch(text_) is not None


def test_every_rule_that_answers_to_the_scheme_has_a_test() -> None:
    untested = {each.code for each in clauses.rules() if not clauses.tests(ROOT, each.code)}
    assert untested == set()


def test_the_glossary_explains_every_role_a_key_may_hold() -> None:
    content = (ROOT / "docs/reference/glossary.md").read_text(encoding="utf-8")
    assert [role for role in sorted(ROLES) if f"`{role}`" not in content] == []


def test_every_setting_has_a_line() -> None:
    content = (ROOT / "docs/reference/settings.md").read_text(encoding="utf-8")
    source = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in ("src", "tests", "benchmarks", "tools")
        for path in sorted((ROOT / folder).rglob("*.py"))
    )
    names = set(re.findall(r"\bKIMBERLITE_[A-Z]+\b", source + (ROOT / "Makefile").read_text()))
    assert len(names) >= 2
    assert [name for name in sorted(names) if f"`{name}`" not in content] == []


def test_every_link_to_a_file_leads_somewhere() -> None:
    broken: dict[str, list[str]] = {}
    for page in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")):
        content = page.read_text(encoding="utf-8")
        content = re.sub(r"```.*?```|`[^`\n]*`", "", content, flags=re.DOTALL)
        targets = [found for found in LINK.findall(content) if "://" not in found]
        for target in targets:
            if not (page.parent / target).exists():
                broken.setdefault(target, []).append(page.relative_to(ROOT).as_posix())
    assert broken == {}


def test_every_page_that_the_code_names_exists() -> None:
    absent: dict[str, str] = {}
    for path in sorted((ROOT / "src").rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        for page in re.findall(r"docs/[a-z-]+/[a-z-]+\.md", source):
            if not (ROOT / page).exists():
                absent[page] = path.name
        for number in re.findall(r"docs/decisions/([0-9]{4})", source):
            if not list((ROOT / "docs/decisions").glob(f"{number}-*.md")):
                absent[number] = path.name
    assert absent == {}


@pytest.mark.parametrize(
    ("page", "example"),
    [("exporting-authority", "application"), ("importing-authority", "findings")],
)
def test_a_how_to_shows_the_example_that_the_readme_runs(page: str, example: str) -> None:
    content = (ROOT / "docs/how-to" / f"{page}.md").read_text(encoding="utf-8")
    shown = re.findall(r"```json\n(.*?)```", content, flags=re.DOTALL)
    kept = (ROOT / "examples" / f"{example}.json").read_text(encoding="utf-8")
    assert [json.loads(each) for each in shown] == [json.loads(kept)]


def test_every_command_that_a_page_shows_exists() -> None:
    unknown: dict[str, list[str]] = {}
    for page in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")):
        content = page.read_text(encoding="utf-8")
        for words in re.findall(r"kimberlite((?: [a-z][a-z-]*)+)", "\n".join(_code(content))):
            if not _is_command(words.split()):
                unknown.setdefault(words.strip(), []).append(page.name)
    assert unknown == {}


def _code(content: str) -> list[str]:
    """List what a page shows as code, in blocks and in lines."""
    blocks = re.findall(r"```(?:sh|console)\n(.*?)```", content, flags=re.DOTALL)
    rest = re.sub(r"```.*?```", "", content, flags=re.DOTALL)
    return [line for block in blocks for line in block.splitlines()] + re.findall(
        r"`([^`]+)`", rest
    )


def _is_command(words: list[str]) -> bool:
    if words[0] not in commands():
        return False
    found = import_module(f"kimberlite.cli.{words[0]}").command
    if isinstance(found, click.Group) and len(words) > 1:
        return words[1] in found.commands
    return True


def test_every_page_can_be_reached_from_the_index() -> None:
    start = ROOT / "docs/README.md"
    seen: set[Path] = set()
    waiting = [start]
    while waiting:
        page = waiting.pop()
        if page in seen or page.suffix != ".md" or not page.exists():
            continue
        seen.add(page)
        found = LINK.findall(page.read_text(encoding="utf-8"))
        waiting += [(page.parent / each).resolve() for each in found if "://" not in each]
    lost = {path.resolve() for path in (ROOT / "docs").rglob("*.md")} - seen
    assert {path.relative_to(ROOT).as_posix() for path in lost} == set()
