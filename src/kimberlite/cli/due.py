"""What is due, and what is alarming, on the command line: `certificate due`, `alerts`, `blanks`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click

from kimberlite.certificates import due, projected
from kimberlite.certificates.due import STEPS
from kimberlite.certificates.due_form import alert_json, blanks_json, due_json, pair_json
from kimberlite.certificates.projected import ListedAlert
from kimberlite.certificates.v1.alerts import ALARMS, BLANK_FATES
from kimberlite.cli.output import Output, table
from kimberlite.kernel.days import show_day
from kimberlite.node import dues
from kimberlite.node.home import Home
from kimberlite.node.view import View
from kimberlite.node.wiring import desk_of

_DUE_HEADS = ("number", "due", "by", "to", "since", "until", "late")
_PAIR_HEADS = ("issuer", "receiver", "open", "overdue", *(f"{n}+" for n in STEPS), "oldest")


@click.command("due")
@click.option("--as", "holder", metavar="CODE", help="Authority whose own openings may be used.")
@click.option("--mine", is_flag=True, help="Only what this authority owes; needs --as.")
@click.option("--theirs", is_flag=True, help="Only what is owed to this authority; needs --as.")
@click.option("--late", "only_late", is_flag=True, help="Only what is late.")
@click.option("--pairs", is_flag=True, help="Count arrivals not answered, by issuer and receiver.")
@click.pass_context
def due_command(
    ctx: click.Context,
    holder: str | None,
    *,
    mine: bool,
    theirs: bool,
    only_late: bool,
    pairs: bool,
) -> None:
    """List what is due: confirmations, answers, countersignatures, decisions, returns.

    Days are each side's stated practice (kp-practice). Where goods go is sealed, so goods under
    way have a debtor here only for the authority that is named with --as.
    """
    if (mine or theirs) and holder is None:
        raise click.UsageError("--mine and --theirs need --as CODE")
    out: Output = ctx.obj
    home = Home(out.folder)
    desk = None if holder is None else desk_of(home, holder)
    view = View(home) if desk is None else desk.view
    found, today = dues.dues(view, desk), view.today()
    if pairs:
        counted = due.ledger(found, today)
        told = [pair_json(each) for each in counted]
        out.show(told, lambda: table(_PAIR_HEADS, [_texts(each) for each in told]))
        return
    if holder is not None and mine != theirs:
        found = dues.of(found, holder)[0 if mine else 1]
    chosen = [each for each in found if not only_late or each.late(today)]
    rows = [due_json(each, today) for each in chosen]
    texts = [
        [*_texts(row)[:1], out.say(f"due.kind.{row['due']}"), *_texts(row)[2:7]] for row in rows
    ]
    out.show(rows, lambda: table(_DUE_HEADS, texts) if texts else out.say("due.nothing"))


def _texts(row: dict[str, Any]) -> list[str]:
    return ["–" if value is None else str(value) for value in row.values()]


_MOST = click.option("--most", default=100, show_default=True, help="How many, at most 500.")


@click.command("alerts")
@click.option("--all", "every", is_flag=True, help="Those that were answered too.")
@click.option("--kind", type=click.Choice(ALARMS), help="Only this kind.")
@click.option("--about", metavar="CODE", help="Raised by this participant, or about its numbers.")
@_MOST
@click.pass_context
def alerts_command(
    ctx: click.Context, *, every: bool, kind: str | None, about: str | None, most: int
) -> None:
    """List alerts of all authorities: what failed, whether goods are held, what was answered."""
    out: Output = ctx.obj
    found = View(Home(out.folder)).ask(
        lambda db: projected.alerts(db, only_open=not every, kind=kind, about=about, most=most)
    )
    heads = ("number", "kind", "by", "day", "held", "failed", "answer")
    out.show(
        [alert_json(each) for each in found],
        lambda: table(heads, list(_alert_rows(out, found))) if found else out.say("alerts.none"),
    )


def _alert_rows(out: Output, found: Iterable[ListedAlert]) -> Iterable[list[str]]:
    for each in found:
        failed = ", ".join(out.say(f"alerts.feature.{name}") for name in each.features)
        said = out.say("alerts.waiting")
        if each.finding:
            said = f"{each.answerer}: {out.say(f'alerts.finding.{each.finding}')}"
        elif each.inquiry is not None:
            said = out.say("alerts.inquiry", day=each.inquiry)
        kind = out.say(f"alerts.kind.{each.kind}")
        held = out.say("word.yes" if each.held else "word.no")
        yield [each.number, kind, each.holder, show_day(each.day), held, failed or "–", said]


@click.command("blanks")
@click.option("--of", "holder", metavar="CODE", help="Only blanks of this participant.")
@click.option("--fate", type=click.Choice(BLANK_FATES), help="Only these.")
@_MOST
@click.pass_context
def blanks_command(ctx: click.Context, holder: str | None, fate: str | None, most: int) -> None:
    """List blank papers reported lost, stolen, spoiled, destroyed or recovered."""
    out: Output = ctx.obj
    found = View(Home(out.folder)).ask(
        lambda db: projected.blanks(db, holder=holder, fate=fate, most=most)
    )
    heads = ("participant", "serials", "fate", "day", "later")
    rows = [
        [
            each.holder,
            f"{each.lead}{each.first}–{each.last}",
            out.say(f"blanks.fate.{each.fate}"),
            show_day(each.day),
            "; ".join(
                f"{first}–{last} {out.say(f'blanks.fate.{what}')}"
                for first, last, what, _ in each.later
            )
            or "–",
        ]
        for each in found
    ]
    out.show(
        [blanks_json(each) for each in found],
        lambda: table(heads, rows) if rows else out.say("blanks.none"),
    )
