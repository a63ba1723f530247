"""Write docs/kpcs/clauses.md: from clauses of the scheme to rules, records and tests, with gaps.

The clauses are condensed in our own words; the Core Document itself decides. What a rule answers
to is read from its ``source``; which statement types keep the record of a clause stands below.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kimberlite.certificates.rules import ARRIVAL_RULES, ISSUE_RULES
from kimberlite.node.books import V1
from tools.cddl import cell

PAGE = "docs/kpcs/clauses.md"
_SECTION = re.compile(r"Section (VI?|IV|I{1,3})(?![IV])(?:\(([a-z])\)|\.([0-9]+)(?:-([0-9]+))?)?")
_ANNEX = re.compile(r"Annex (III|II|I)\b")
_KP = re.compile(r"KPCS|Kimberley")


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause: its id, whom it binds, what it asks, where its record is, what is missing."""

    id: str
    who: str
    asks: str
    records: tuple[str, ...] = ()
    missing: str = ""


_ISSUE, _CONFIRM = "kp-cert+cose", "kp-confirmation+cose"
_OFFICE, _SPECIMEN, _RANGE = "kp-office+cose", "kp-specimen+cose", "kp-range+cose"
_PRACTICE, _STATUS, _PARTICIPANT = "kp-practice+cose", "kp-status+cose", "kp-participant+cose"
_PAPER = "a procedure between people; nothing here supports it yet"
_STATISTICS = "no statistics yet: masses and values are sealed, aggregates are a later room"
_ASSESSED = "an authority's own system; the log can show that it was stated, not that it works"

CLAUSES = (
    Clause("I", "all", "definitions: rough diamonds, participant, certificate, transit"),
    Clause("II(a)", "participant", "a certificate accompanies each export", (_ISSUE,)),
    Clause("II(b)", "participant", "issuing meets the minimum standards", missing=_ASSESSED),
    Clause("II(c)", "participant", "certificates hold what Annex I asks", (_ISSUE,)),
    Clause("II(d)", "participant", "others are told the features to check", (_SPECIMEN, _RANGE)),
    Clause("III(a)", "exporter's side", "a validated certificate for each export", (_ISSUE,)),
    Clause(
        "III(b)",
        "importer's side",
        "ask for the certificate, confirm receipt soon, keep the original three years",
        ("kp-presentation+cose", _CONFIRM, _PRACTICE),
        "no reminder when a confirmation is late; keeping paper is outside",
    ),
    Clause("III(c)", "all", "no trade with those who do not take part", (_PARTICIPANT, _STATUS)),
    Clause(
        "III(d)",
        "transit",
        "no formalities if the shipment leaves as it came, unopened",
        missing="no statement for transit yet; opened goods are seen only on arrival",
    ),
    Clause("IV(a)", "all", "internal controls against conflict diamonds", missing=_ASSESSED),
    Clause("IV(b)", "all", "authorities are designated", (_OFFICE,)),
    Clause("IV(c)", "all", "tamper-resistant containers", (_ISSUE, _CONFIRM)),
    Clause("IV(d)", "all", "laws with dissuasive penalties", missing=_ASSESSED),
    Clause("IV(e)", "all", "production and trade data are collected", missing=_STATISTICS),
    Clause("IV(f)", "all", "consider the options of Annex II", missing=_ASSESSED),
    Clause(
        "V(a)",
        "all",
        "tell each other authorities, laws, regulations and procedures",
        (_OFFICE, _PRACTICE),
        "laws and their synopsis are not kept here",
    ),
    Clause("V(b)", "all", "compile and share statistics", missing=_STATISTICS),
    Clause("V(c)", "all", "exchange experience and self-assessments", missing=_PAPER),
    Clause("V(d)", "all", "consider requests for help", missing=_PAPER),
    Clause("V(e)", "all", "tell a participant whose rules fall short", missing=_PAPER),
    Clause(
        "V(f)",
        "all",
        "cooperate on failures without intent, and tell all others",
        ("kp-void+cose",),
        "correction and rectification are prepared in the transition table, not built",
    ),
    Clause("V(g)", "all", "customs and law enforcement cooperate", missing=_PAPER),
    Clause("VI.4", "plenary", "the Chair is elected and presides", ("kp-chair+cose",)),
    Clause(
        "VI.5",
        "plenary",
        "decisions by consensus; the Chair consults where there is none",
        ("kp-endorsement+cose", "kp-contest+cose"),
        "meetings, objections and written procedure are a later room; k of n stands in",
    ),
    Clause("VI.8", "applicant", "open to all who can and will fulfil the scheme", (_PARTICIPANT,)),
    Clause(
        "VI.9",
        "applicant",
        "notice through the diplomatic channel, circulated within a month",
        (_PARTICIPANT,),
        "no deadline is watched",
    ),
    Clause("VI.11", "all", "yearly information before plenary", missing=_PAPER),
    Clause("VI.13", "plenary", "verification, with consent, reported on time", missing=_PAPER),
    Clause("VI.18", "proposer", "amendments ninety days ahead", missing=_PAPER),
    Clause("VI.21", "all", "the scheme's beginning", ("kp-history+cose",)),
    Clause("Annex I", "issuer", "what a certificate holds at least", (_ISSUE,)),
    Clause(
        "Annex II",
        "all",
        "26 recommendations on mines, traders, export and import",
        (_CONFIRM,),
        "only seals and opened contents on import are supported",
    ),
    Clause("Annex III", "all", "statistics: contents and deadlines", missing=_STATISTICS),
)

_HEAD = """\
# Clauses of the scheme, rules and tests

From the KPCS Core Document (2002, as published with Regulation (EC) 2368/2002) to the code, and
back. Clauses are condensed in our own words. Generated by `make docs`: rules by the source that
each names, tests by the rule codes they mention. A gap is called a gap.

| clause | binds | asks | rules | kept in | gaps |
|---|---|---|---|---|---|
"""

_BACK = """
## Rules that answer to the scheme, and their tests

| rule | source | tests |
|---|---|---|
"""


@dataclass(frozen=True, slots=True)
class Named:
    """A rule's code and source."""

    code: str
    source: str


def rules() -> list[Named]:
    """List every rule of the log and on sections whose source is a text of the scheme."""
    found = {(rule.code, rule.source) for each in V1.types.values() for rule in each.rules} | {
        (rule.code, rule.source) for rule in (*ISSUE_RULES, *ARRIVAL_RULES)
    }
    return [Named(*each) for each in sorted(found) if _KP.search(each[1])]


def cited(source: str) -> set[str]:
    """Name the clauses that ``source`` cites, by id.

    Raises:
        ValueError: when a clause is cited that the table above lacks.
    """
    found: set[str] = set()
    for section, letter, first, last in _SECTION.findall(source):
        if letter or not first:
            found.add(f"{section}({letter})" if letter else section)
        else:
            found.update(f"{section}.{at}" for at in range(int(first), int(last or first) + 1))
    found.update(f"Annex {number}" for number in _ANNEX.findall(source))
    known = {each.id for each in CLAUSES}
    whole = {each for each in found if each in ("II", "III", "IV", "V", "VI")}
    if unknown := found - known - whole:
        raise ValueError(f"no clause {min(unknown)} in tools/clauses.py, cited as {source!r}")
    return found


def pages(root: Path) -> dict[str, str]:
    """Give the page, by path."""
    named = rules()
    return {PAGE: _HEAD + "".join(_clauses(named)) + _BACK + "".join(_tests(root, named))}


def _clauses(named: Iterable[Named]) -> Iterator[str]:
    for clause in CLAUSES:
        codes = sorted({f"`{each.code}`" for each in named if clause.id in cited(each.source)})
        for typ in clause.records:
            if typ not in V1.types:
                raise ValueError(f"clause {clause.id} names no statement type: {typ}")
        kept = ", ".join(_link(typ) for typ in clause.records)
        missing = f"**gap:** {clause.missing}" if clause.missing else ""
        cells = (clause.id, clause.who, clause.asks, ", ".join(codes), kept, missing)
        yield f"| {' | '.join(map(cell, cells))} |\n"


def _link(typ: str) -> str:
    name = typ.removesuffix("+cose")
    return f"[{name}](../spec/statements/{name}.md)"


def tests(root: Path, code: str) -> list[str]:
    """List the test files that mention ``code``."""
    word = re.compile(rf"""["'`]{re.escape(code)}["'`]""")
    files = sorted((root / "tests").rglob("*.py"))
    return [
        path.relative_to(root / "tests").as_posix()
        for path in files
        if word.search(path.read_text(encoding="utf-8"))
    ]


def _tests(root: Path, named: Iterable[Named]) -> Iterator[str]:
    for each in named:
        found = ", ".join(tests(root, each.code)) or "**gap:** none names it"
        yield f"| `{each.code}` | {cell(each.source)} | {found} |\n"
