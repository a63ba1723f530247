"""`kimberlite cases`: the dated histories of real cases, decided anew by the rules in use."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

import click

from kimberlite.cli.output import Output, table
from kimberlite.kernel.days import show_day
from kimberlite.node.cases.model import Case, Outcome, Question, Report, Result, Told
from kimberlite.node.cases.reading import UNDISCLOSED, read
from kimberlite.node.cases.running import chosen, run
from kimberlite.registry.record import statements
from kimberlite.words.catalogue import FALLBACK, catalogue

HYPOTHETICAL = (
    "Every shipment is hypothetical: it is assessed by the rules in use, never issued, and no "
    "statement is made in the name of a real authority."
)
_DAY, _WORD, _TEXT = 12, 13, 82
_WIDE = _DAY + 2 * _WORD + _TEXT


@click.command("cases")
@click.option("--case", "names", multiple=True, metavar="ID", help="Only this case; repeatable.")
@click.option("--list", "list_only", is_flag=True, help="List the cases and decide nothing.")
@click.pass_context
def command(ctx: click.Context, names: tuple[str, ...], list_only: bool) -> None:
    """Run the dated histories of real cases and show what was decided, and why.

    Founds a log of its own in memory, lets the public record enter it day by day, and puts
    hypothetical shipments to the rules that signer and destination use. Needs no node.

    Exit status: 0 every decision is as its sources say, 1 one is not, 4 there is no such case.
    """
    out: Output = ctx.obj
    cases = chosen(read(), names)
    if list_only:
        out.show({"cases": [_case_json(each) for each in cases]}, lambda: _list(cases))
        return
    report = run(cases, statements())
    out.show(report_json(report), lambda: _text(out, report))
    ctx.exit(0 if report.holds else 1)


# --- JSON ------------------------------------------------------------------------------------


def report_json(report: Report) -> dict[str, Any]:
    """Give a whole run in its JSON form."""
    results = [each for told in report.cases for each in told.results]
    return {
        "as_sources_say": report.holds,
        "hypothetical": True,
        "note": HYPOTHETICAL,
        "decisions": len(results),
        "differing": [each.question.id for each in results if not each.holds],
        "log": {
            "kind": "test",
            "entries": report.entries,
            "record": report.statements,
            "began": show_day(report.began),
            "ended": show_day(report.ended),
        },
        "cases": [
            {**_case_json(told.case), "decided": [_result_json(each) for each in told.results]}
            for told in report.cases
        ],
    }


def _case_json(case: Case) -> dict[str, Any]:
    return {
        "case": case.id,
        "title": case.title,
        "about": case.about,
        "questions": len(case.questions),
    }


def _result_json(result: Result) -> dict[str, Any]:
    asked = result.question
    told: dict[str, Any] = {
        "id": asked.id,
        "kind": asked.ask.value,
        "text": asked.text,
        "asked_on": show_day(asked.asked),
        "day": show_day(asked.day),
    }
    if asked.consignment is not None:
        told["shipment"] = _shipment_json(asked)
    return {
        **told,
        "as_sources_say": result.holds,
        "expected": asked.expect,
        "expected_reason": asked.because,
        "expected_later": asked.later,
        "expected_from": asked.source,
        "decided": _outcome_json(result.then),
        "decided_later": _outcome_json(result.now),
    }


def _shipment_json(asked: Question) -> dict[str, Any]:
    seen = asked.consignment
    assert seen is not None
    days = {
        "issued": seen.issued,
        "left": seen.left,
        "arrived": seen.arrived,
        "left_origin": seen.left_origin,
    }
    return {
        "issuer": seen.issuer,
        "destination": seen.to,
        "origins": list(seen.origins) or [UNDISCLOSED],
        "localities": list(seen.localities),
        **{name: show_day(day) for name, day in days.items() if day is not None},
        **dict(seen.tokens),
        **({} if seen.heaviest is None else {"heaviest_points": seen.heaviest}),
    }


def _outcome_json(outcome: Outcome) -> dict[str, Any]:
    return {
        "decision": outcome.decision,
        "rule": outcome.rule,
        "rule_source": outcome.rule_source,
        "decided_by_day": outcome.day,
        "reason": outcome.because,
        "source": outcome.source,
        "contested": [
            {"day": each.day, "text": each.text, "by": list(each.by), "source": each.source}
            for each in outcome.disputes
        ],
        "views": [{"of": each.of, "decision": each.decision} for each in outcome.views],
        "reasons": [
            {
                "code": each.code,
                "truth": each.truth.value,
                "source": each.source,
                "facts": each.facts,
            }
            for each in outcome.reasons
        ],
    }


# --- for people ------------------------------------------------------------------------------


def _list(cases: tuple[Case, ...]) -> str:
    rows = [(each.id, str(len(each.questions)), each.title) for each in cases]
    return table(("case", "asked", "title"), rows)


def _text(out: Output, report: Report) -> str:
    lines = textwrap.wrap(HYPOTHETICAL, _WIDE)
    for told in report.cases:
        lines += ["", *_case_lines(out, told)]
    return "\n".join(line.rstrip() for line in (*lines, "", *_summary(report)))


def _summary(report: Report) -> tuple[str, str]:
    results = [each for told in report.cases for each in told.results]
    differing = [each.question.id for each in results if not each.holds]
    counted = (
        f"Cases: {len(report.cases)}. Decisions: {len(results)}. Log: {report.entries} entries, "
        f"{report.statements} of them the public record."
    )
    if differing:
        return counted, f"Not as the sources say: {', '.join(differing)}"
    return counted, "Every decision is as its sources say."


def _case_lines(out: Output, told: Told) -> Iterator[str]:
    yield f"{told.case.id}  {told.case.title}"
    yield from textwrap.wrap(told.case.about, _WIDE)
    yield ""
    yield _columns("day", "decided", "expected", "asked, and what the decision rests on")
    yield _columns("-" * 10, "-" * 11, "-" * 11, "-" * _TEXT)
    for each in told.results:
        yield from _result_lines(out, each)


def _columns(day: str, decided: str, expected: str, text: str) -> str:
    return f"{day:<{_DAY}}{decided:<{_WORD}}{expected:<{_WORD}}{text}"


def _said(decision: str) -> str:
    return decision.replace("-", " ")


def _result_lines(out: Output, result: Result) -> Iterator[str]:
    asked = result.question
    then, now = result.then, result.now
    about, *more = textwrap.wrap(asked.text, _TEXT)
    yield _columns(show_day(asked.asked), _said(then.decision), _said(asked.expect), about)
    yield from (_columns("", "", "", each) for each in more)
    yield from _grounds(out, then)
    if (now.decision, asked.later) != (then.decision, asked.expect):
        known = "with all that was published since"
        yield _columns("  later", _said(now.decision), _said(asked.later), known)
        yield from _grounds(out, now)
    yield from _beneath(f"expected from: {asked.source}")
    if not result.holds:
        yield from _beneath("! this is not as the source says")
        if asked.because not in {"", then.because}:
            yield from _beneath(f"! it was expected to rest on {asked.because}")


def _grounds(out: Output, outcome: Outcome) -> Iterator[str]:
    codes = ", ".join(dict.fromkeys(each for each in (outcome.rule, outcome.because) if each))
    sentence = ""
    if outcome.because in catalogue(FALLBACK):  # a text of its area alone would say too little
        sentence = out.say(outcome.because, **outcome.reasons[0].facts)
    yield from _beneath(f"{sentence} [{codes}]".lstrip())
    yield from _beneath(f"rests on: {outcome.source}")
    for each in outcome.disputes:
        what = f"{each.text} ({each.day}; {each.source})" if each.day else "this decision"
        yield from _beneath(f"contested by {', '.join(each.by)}: {what}")
    for view in outcome.views:
        yield from _beneath(f"as {view.of} would have it: {_said(view.decision)}")
    if outcome.views:
        yield from _beneath("the receiver's own policy decides")


def _beneath(text: str) -> Iterator[str]:
    for line in textwrap.wrap(text, _TEXT, initial_indent="  ", subsequent_indent="    "):
        yield _columns("", "", "", line)
