"""`kimberlite registry`: who is who and who may trade, as of any day, on both time axes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from kimberlite.cli.desk import HOLDER, office, read_json
from kimberlite.cli.output import Output, table
from kimberlite.kernel.days import parse_day, show_day
from kimberlite.kernel.errors import NotFound
from kimberlite.node.home import Home
from kimberlite.node.view import View
from kimberlite.registry.model import Answer, Direction, ParticipantView, Restriction, Truth

AS_OF = click.option(
    "--as-of", metavar="DAY", help="True on this day; the log's today if not given."
)
KNOWN = click.option(
    "--known", metavar="DAY", help="As it was known on this day; now if not given."
)


@click.group("registry")
def command() -> None:
    """Who is who and who may trade, as of any day."""


def _days(view: View, as_of: str | None, known: str | None) -> tuple[int, int | None]:
    day = view.today() if as_of is None else parse_day(as_of)
    return day, None if known is None else parse_day(known)


@command.command()
@HOLDER
@click.argument("typ")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_context
def state(ctx: click.Context, holder: str, typ: str, file: Path) -> None:
    """Propose what an authority states about itself: TYP such as kp-range+cose, FILE in JSON.

    Officers approve and issue it like a certificate. docs/spec/statements.md shows the fields.
    """
    act = office(ctx, holder).state(typ, holder, read_json(file))
    out: Output = ctx.obj
    out.show(
        {"act": act.id, "stage": act.stage}, out.say("cli.stage.proposed", act=act.id, about=typ)
    )


@command.command("list")
@AS_OF
@KNOWN
@click.pass_context
def list_command(ctx: click.Context, as_of: str | None, known: str | None) -> None:
    """List participants, with whether each may trade."""
    out: Output = ctx.obj
    view = View(Home(out.folder))
    day, told_by = _days(view, as_of, known)
    found = view.registry().participants(day, told_by)
    heads = ("code", "name", "listed", "may trade", "restrictions")
    rows = [
        (
            each.code,
            each.names.get(out.lang, each.names.get("en", "")),
            _mark(each.listed),
            _mark(each.may_trade),
            str(len(each.restrictions) or ""),
        )
        for each in found
    ]
    out.show([view_json(each) for each in found], lambda: table(heads, rows))


@command.command()
@click.argument("code")
@AS_OF
@KNOWN
@click.pass_context
def show(ctx: click.Context, code: str, as_of: str | None, known: str | None) -> None:
    """Show one participant: status with its reasons, restrictions, sources."""
    out: Output = ctx.obj
    view = View(Home(out.folder))
    day, told_by = _days(view, as_of, known)
    found = view.registry().participant(code.upper(), day, told_by)
    if found is None:
        raise NotFound(
            "registry.unknown",
            f"{code} is not in the registry as of {show_day(day)}",
            participant=code,
        )
    told = {**view_json(found), "as_of": show_day(day)}
    out.show(told, lambda: _participant_text(out, found, day))


@command.command("may-trade")
@click.argument("exporter")
@click.argument("importer")
@AS_OF
@KNOWN
@click.pass_context
def may_trade(
    ctx: click.Context, exporter: str, importer: str, as_of: str | None, known: str | None
) -> None:
    """Ask whether EXPORTER may send rough diamonds to IMPORTER.

    Exit status: 0 yes, 1 no, 3 cannot tell.
    """
    out: Output = ctx.obj
    view = View(Home(out.folder))
    day, told_by = _days(view, as_of, known)
    registry = view.registry()
    answers = (
        registry.may_trade(exporter.upper(), Direction.EXPORT, day, told_by),
        registry.may_trade(importer.upper(), Direction.IMPORT, day, told_by),
    )
    truth = worst(answers)
    told = {
        "as_of": show_day(day),
        "answer": truth.value,
        "export": answer_json(answers[0]),
        "import": answer_json(answers[1]),
    }
    lines = [f"{exporter} -> {importer}, {show_day(day)}: {truth.value}"]
    lines += [line for answer in answers for line in _reasons(out, answer)]
    out.show(told, "\n".join(lines))
    ctx.exit({Truth.YES: 0, Truth.NO: 1, Truth.CANNOT_TELL: 3}[truth])


@command.command()
@AS_OF
@KNOWN
@click.pass_context
def restrictions(ctx: click.Context, as_of: str | None, known: str | None) -> None:
    """List the restrictions that hold, or may hold, on a day."""
    out: Output = ctx.obj
    view = View(Home(out.folder))
    day, told_by = _days(view, as_of, known)
    found = view.registry().restrictions(day, told_by)
    rows = [
        (each.id, each.authority.value, each.jurisdiction, each.scope.country, truth.value)
        for each, truth in found
    ]
    heads = ("restriction", "by", "binds", "country", "holds")
    out.show([restriction_json(each, truth) for each, truth in found], lambda: table(heads, rows))


def worst(answers: tuple[Answer, ...]) -> Truth:
    """Give no if any says no, else cannot tell if any cannot, else yes."""
    truths = {answer.truth for answer in answers}
    if Truth.NO in truths:
        return Truth.NO
    return Truth.CANNOT_TELL if Truth.CANNOT_TELL in truths else Truth.YES


def answer_json(answer: Answer) -> dict[str, Any]:
    """Give an answer in JSON form."""
    return {
        "truth": answer.truth.value,
        "contested": answer.contested,
        "reasons": [
            {
                "code": each.code,
                "truth": each.truth.value,
                "source": each.source,
                "contested_by": list(each.contested_by),
                **each.facts,
            }
            for each in answer.reasons
        ],
    }


def view_json(found: ParticipantView) -> dict[str, Any]:
    """Give a participant in JSON form."""
    return {
        "code": found.code,
        "names": dict(found.names),
        "listed": answer_json(found.listed),
        "may_trade": answer_json(found.may_trade),
        "restrictions": [restriction_json(each, truth) for each, truth in found.restrictions],
        "territory_of": found.territory_of,
        "prefixes": list(found.prefixes),
    }


def restriction_json(found: Restriction, truth: Truth) -> dict[str, Any]:
    """Give a restriction in JSON form."""
    begins = found.begins
    return {
        "id": found.id,
        "holds": truth.value,
        "authority": found.authority.value,
        "binds": found.jurisdiction,
        "country": found.scope.country,
        "target": found.scope.target.value,
        "direction": found.scope.direction.value,
        "begins": [show_day(begins.earliest), show_day(begins.latest)],
        "source": found.record.source,
        "contested_by": list(found.record.contested_by),
    }


def _mark(answer: Answer) -> str:
    return answer.truth.value + (" (contested)" if answer.contested else "")


def _reasons(out: Output, answer: Answer) -> list[str]:
    lines = []
    for each in answer.reasons:
        contested = f" contested by {', '.join(each.contested_by)};" if each.contested_by else ""
        words = out.say(each.code, **each.facts)
        lines.append(f"  {each.truth.value:<11} {words} [{each.code};{contested} {each.source}]")
    return lines


def _participant_text(out: Output, found: ParticipantView, day: int) -> str:
    name = found.names.get(out.lang, found.names.get("en", found.code))
    lines = [f"{found.code}  {name}, {show_day(day)}", f"listed     {_mark(found.listed)}"]
    lines += _reasons(out, found.listed)
    lines.append(f"may trade  {_mark(found.may_trade)}")
    lines += _reasons(out, found.may_trade)
    for each, truth in found.restrictions:
        lines.append(f"restriction {each.id}: {truth.value} [{each.record.source}]")
    return "\n".join(lines)
