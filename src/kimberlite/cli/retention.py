"""`kimberlite retention`: what has to be kept still, what may be erased, what was erased."""

from __future__ import annotations

from typing import Any

import click

from kimberlite.certificates.retention import KEPT
from kimberlite.cli.desk import HOLDER
from kimberlite.cli.output import Output, table
from kimberlite.kernel.days import parse_day, show_day, show_moment
from kimberlite.node.erasing import Remains, remains, repeat
from kimberlite.node.home import Home
from kimberlite.node.retaining import Due, strangers
from kimberlite.node.retaining import due as find_due
from kimberlite.node.view import View
from kimberlite.node.wiring import desk_of

_HEADS = ("number", "issuer", "status", "years", "keep until", "sections", "standing")


@click.group("retention")
def command() -> None:
    """What has to be kept still, what may be erased, and what was erased."""


@command.command()
@HOLDER
@click.option("--day", metavar="DAY", help="As of this day (YYYY-MM-DD) and not today.")
@click.option("--only", type=click.Choice(["due", "kept", "under-way", "erased"]), help="Only.")
@click.pass_context
def due(ctx: click.Context, holder: str, day: str | None, only: str | None) -> None:
    """List certificates on which this authority acted, the first to fall due first.

    Due: the term is over, and its openings may be erased. Kept: not yet. Nothing is erased here:
    see `kimberlite opening erase`.
    """
    out: Output = ctx.obj
    desk = desk_of(Home(out.folder), holder)
    count = len(desk.store.granted.subjects())
    with out.progress(out.say("visibility.retaining"), count) as progress:
        found = find_due(desk, None if day is None else parse_day(day), progress)
    told = [_due_json(each) for each in found if only in {None, each.standing}]
    others = strangers(desk)

    def text() -> str:
        lines = [table(_HEADS, [[str(each[name]) for name in _HEADS] for each in told])]
        if others:
            lines.append(out.say("visibility.strangers", n=others))
        return "\n".join(lines)

    out.show({"certificates": told, "others": others}, text)


def _due_json(told: Due) -> dict[str, Any]:
    return {
        "number": told.number,
        "issuer": told.issuer,
        "status": told.status,
        "begins": None if told.begins is None else show_day(told.begins),
        "years": told.years,
        "keep until": "" if told.ends is None else show_day(told.ends),
        "sections": told.sections,
        "erased": None if told.erased is None else show_day(told.erased),
        "standing": told.standing,
    }


@command.command("table")
@click.pass_context
def table_command(ctx: click.Context) -> None:
    """Show what is kept where and for how long, and what an erasure does to it."""
    out: Output = ctx.obj
    told = [
        {
            "what": each.what,
            "where": each.where,
            "how long": each.term,
            "erasure": each.erasure,
            "source": each.source,
        }
        for each in KEPT
    ]

    def text() -> str:
        return "\n\n".join(
            "\n".join(
                [each["what"], *(f"  {name}: {each[name]}" for name in each if name != "what")]
            )
            for each in told
        )

    out.show(told, text)


@command.command("remains")
@click.argument("number")
@click.pass_context
def remains_command(ctx: click.Context, number: str) -> None:
    """Show what remains provable of certificate NUMBER on this node, and what was erased."""
    out: Output = ctx.obj
    left = remains(View(Home(out.folder)), number)
    out.show(remains_json(left), lambda: remains_text(out, left))


@command.command("repeat")
@click.pass_context
def repeat_command(ctx: click.Context) -> None:
    """Repeat every recorded erasure, as after data came back by another way than restore."""
    out: Output = ctx.obj
    count = repeat(Home(out.folder))
    out.show({"erasures": count}, out.say("visibility.repeated", n=count))


def remains_json(left: Remains) -> dict[str, Any]:
    """Give what remains provable in its JSON form."""
    return {
        "number": left.number,
        "statements": [
            {
                "type": each.typ,
                "by": each.holder,
                "entry": each.entry,
                "statement": each.statement.hex(),
                "signed_at": show_moment(each.signed_at),
                "sections": [
                    {
                        "section": name,
                        "digest": digest.hex(),
                        "erased": None if day is None else show_day(day),
                    }
                    for name, digest, day in each.sections
                ],
            }
            for each in left.traces
        ],
        "erasures": [each.to_json() for each in left.erasures],
    }


def remains_text(out: Output, left: Remains) -> str:
    """Write what remains provable for people."""
    lines = [out.say("visibility.remains", number=left.number), ""]
    for each in left.traces:
        lines.append(f"{each.entry:>6}  {show_moment(each.signed_at)}  {each.holder}  {each.typ}")
        lines.append(f"        {each.statement.hex()}")
        for name, digest, day in each.sections:
            gone = "" if day is None else "  " + out.say("visibility.erased-on", day=show_day(day))
            lines.append(f"        {name:<10} {digest.hex()}{gone}")
    for told in left.erasures:
        lines += [
            "",
            out.say(
                "visibility.erasure",
                day=show_day(told.day),
                holder=told.holder,
                ground=told.ground,
            ),
            out.say("visibility.erasure.officer", officer=told.officer),
        ]
        if told.order:
            lines.append(out.say("visibility.erasure.order", order=told.order))
    return "\n".join(lines)
