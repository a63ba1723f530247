"""`kimberlite stock`: blank forms, from the printer to the certificate or the shredder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from kimberlite.certificates.v1.alerts import BLANK_TYP
from kimberlite.cli.desk import HOLDER
from kimberlite.cli.output import Output, table
from kimberlite.kernel.days import day_of, parse_day, show_moment
from kimberlite.node import clock
from kimberlite.node.home import Home
from kimberlite.node.intake.templates import written
from kimberlite.node.keeping import Keeping
from kimberlite.node.office import Office
from kimberlite.node.stock.counting import COLUMNS, Count, Line
from kimberlite.node.stock.forms import run
from kimberlite.node.stock.movements import KINDS, Movement, Order
from kimberlite.node.wiring import desk_of
from kimberlite.storage.files import write_whole

OFFICER = click.option("--officer", required=True, help="Your staff pseudonym.")
WHY = click.option("--why", default="", help="Why, in a sentence.")


@click.group("stock")
def command() -> None:
    """Keep account of blank numbered forms: received, allotted, printed, spoiled, lost, counted."""


def _keeping(ctx: click.Context, holder: str) -> Keeping:
    out: Output = ctx.obj
    return Keeping(desk_of(Home(out.folder), holder))


@command.command()
@HOLDER
@click.argument("kind", type=click.Choice([*KINDS]))
@click.argument("first")
@click.argument("last", default="")
@OFFICER
@WHY
@click.option("--office", default="", help="Office that gets them; the store if not given.")
@click.option("--report", is_flag=True, help="Propose the statement that tells the others.")
@click.pass_context
def move(ctx: click.Context, /, holder: str, kind: str, first: str, last: str, **told: Any) -> None:
    """Move the forms from FIRST to LAST, as KIND says.

    Received and returned forms go to the store, or to --office. What was lost or stolen and is
    recovered counts as spoiled: it was announced, so it is not used again.
    """
    out: Output = ctx.obj
    keeping = _keeping(ctx, holder)
    order = Order(kind, run(first, last), told["officer"], told["why"], told["office"])
    if told["report"]:
        keeping.check_report(order)
    made = keeping.move(order)
    act = None
    if told["report"]:
        office = Office(desk_of(Home(out.folder), holder))
        act = office.state(BLANK_TYP, holder, keeping.blank(made)).id
    said = out.say("cli.stock.moved", id=made.id, forms=str(made.forms), n=made.forms.count)
    if act is not None:
        said += "\n" + out.say("cli.stage.proposed", act=act, about=holder)
    elif kind in {"lost", "stolen"}:
        said += "\n" + out.say("cli.stock.report")
    out.show({**_movement(made), "act": act}, said)


@command.command()
@HOLDER
@click.argument("movement", type=int)
@OFFICER
@click.option("--why", required=True, help="Why, in a sentence.")
@click.pass_context
def undo(ctx: click.Context, holder: str, movement: int, officer: str, why: str) -> None:
    """Take MOVEMENT back by a counter-entry; both stay in the books."""
    out: Output = ctx.obj
    made = _keeping(ctx, holder).undo(movement, officer, why)
    out.show(_movement(made), out.say("cli.stock.undone", id=movement, entry=made.id))


@command.command("list")
@HOLDER
@click.pass_context
def list_command(ctx: click.Context, holder: str) -> None:
    """List where all forms are."""
    out: Output = ctx.obj
    found = _keeping(ctx, holder).stock.holdings()
    heads = ("forms", "count", "state", "office")
    rows = [(str(e.forms), str(e.forms.count), e.place.state, e.place.office or "-") for e in found]
    out.show([dict(zip(heads, row, strict=True)) for row in rows], lambda: table(heads, rows))


@command.command()
@HOLDER
@click.option("--most", default=50, show_default=True, help="How many to list.")
@click.pass_context
def movements(ctx: click.Context, holder: str, most: int) -> None:
    """List movements, newest first: what, from where to where, by whom, when and why."""
    out: Output = ctx.obj
    found = [_movement(each) for each in _keeping(ctx, holder).stock.movements(most=most)]
    heads = ("id", "at", "officer", "kind", "forms", "from", "to", "why", "undoes")
    rows = [tuple(str(each[name] or "") for name in heads) for each in found]
    out.show(found, lambda: table(heads, rows))


@command.command("count")
@HOLDER
@click.option("--from", "first", required=True, metavar="DAY", help="As 2026-01-31.")
@click.option("--to", "last", help="As 2026-01-31; today if not given.", metavar="DAY")
@click.option(
    "--csv",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write it as CSV, for a spreadsheet or to print.",
)
@click.pass_context
def count_command(
    ctx: click.Context, holder: str, first: str, last: str | None, file: Path | None
) -> None:
    """Count the forms of a period: opening + received - used, spoiled, lost = closing."""
    out: Output = ctx.obj
    until = parse_day(last) if last else day_of(clock.now())
    found = _keeping(ctx, holder).count(parse_day(first), until)
    heads = ("office", "opening", *COLUMNS, "closing")
    rows = [count_row(each.office or "-", each) for each in found.lines]
    rows.append(count_row("=", found.total))
    if file is not None:
        write_whole(file, written([heads, *rows]))
    told = {
        "lines": [dict(zip(heads, row, strict=True)) for row in rows],
        "after": dict(found.after),
        "agrees": found.agrees,
    }
    out.show(told, lambda: f"{table(heads, rows)}\n{_verdict(out, found)}")


def count_row(name: str, line: Line) -> tuple[str, ...]:
    """Give one line of a count as it is printed."""
    moved = (str(line.moved.get(column, 0)) for column in COLUMNS)
    return (name, str(line.opening), *moved, str(line.closing))


def _verdict(out: Output, found: Count) -> str:
    if found.agrees is None:
        return out.say("cli.stock.past")
    return out.say("cli.stock.agrees" if found.agrees else "cli.stock.differs")


def _movement(told: Movement) -> dict[str, Any]:
    return {
        "id": told.id,
        "at": show_moment(told.at),
        "officer": told.officer,
        "kind": told.kind,
        "forms": str(told.forms),
        "count": told.forms.count,
        "from": " ".join(filter(None, (told.was.state, told.was.office))),
        "to": " ".join(filter(None, (told.now.state, told.now.office))),
        "why": told.why,
        "act": told.act,
        "undoes": told.undoes,
    }
