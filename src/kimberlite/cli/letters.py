"""Shipments on the way, and letters about them: `certificate inbox`, `advise`, `remind`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from kimberlite.certificates import json_form
from kimberlite.cli.desk import HOLDER, PASSPHRASE, passphrase
from kimberlite.cli.output import Output, table
from kimberlite.documents.letter import Enclosure
from kimberlite.kernel.days import show_day, show_moment
from kimberlite.node.correspondence import Correspondence, Written
from kimberlite.node.home import Home
from kimberlite.node.inbox import Coming, coming_json, inbox
from kimberlite.node.letters import Drafted, Post, advise, remind
from kimberlite.node.wiring import desk_of, sealing_key_of
from kimberlite.storage.files import write_whole
from kimberlite.words import Words

_OUT = click.option(
    "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="File (.eml)."
)
_OFFICER = click.option("--officer", required=True, help="Pseudonym of who writes.")
_TO = click.option("--to", default="", metavar="ADDRESS", help="Instead of the directory's.")


@click.command("inbox")
@HOLDER
@PASSPHRASE
@click.option("--sealed", is_flag=True, help="Do not open them: needs no passphrase.")
@click.pass_context
def inbox_command(
    ctx: click.Context, holder: str, passphrase_file: Path | None, *, sealed: bool
) -> None:
    """List shipments on the way here: number, from, carats, value, expected day, seals.

    They were sealed to this authority when they were issued; a dispatch in the log is their
    pre-advice.
    """
    out: Output = ctx.obj
    home = Home(out.folder)
    desk = desk_of(home, holder)
    private = None if sealed else sealing_key_of(home, holder, passphrase(passphrase_file))
    found = inbox(desk, private)
    words = Words(out.lang, desk.view.registry().names)
    heads = ("number", "from", "carats", "value", "parcels", "expected", "seals", "status")
    out.show(
        [coming_json(each) for each in found],
        lambda: (
            table(heads, [_row(each, words) for each in found]) if found else out.say("inbox.none")
        ),
    )


def _row(found: Coming, words: Words) -> list[str]:
    seen = found.told.certificate
    worth = None if seen.values is None else seen.values.value
    expected = found.told.expected
    return [
        found.number,
        words.territory(found.issuer),
        "–" if seen.values is None else words.carats(seen.values.carats.points),
        "–" if worth is None else words.usd(worth.cents),
        "–" if seen.shipment is None else str(seen.shipment.parcels),
        "–" if expected is None else show_day(expected),
        "–" if seen.parties is None else words.listing(seen.parties.seals),
        words.word(found.status),
    ]


@click.command("advise")
@HOLDER
@click.argument("number")
@_OUT
@_OFFICER
@_TO
@click.option("--pdf", is_flag=True, help="Put a PDF, marked as a copy, beside the file.")
@click.pass_context
def advise_command(ctx: click.Context, /, holder: str, number: str, **told: Any) -> None:
    """Draft the pre-advice of certificate NUMBER as an e-mail file, to read and send yourself.

    In English and the other side's language, with weight, value, origin, importer and number
    (KPCS Annex II, recommendation 19) and the certificate file. Nothing is sent. E-mail is not
    sealed: who reads it on its way reads the shipment.
    """
    out: Output = ctx.obj
    home = Home(out.folder)
    desk = desk_of(home, holder)
    post = Post(told["officer"], told["to"])
    made = advise(desk, number, post, _copy(home, desk, number) if told["pdf"] else ())
    _drafted(out, made, told["out"])


def _copy(home: Home, desk: Any, number: str) -> tuple[Enclosure, ...]:
    from kimberlite.node.letters import own_file  # noqa: PLC0415  # beside the slow one
    from kimberlite.node.press import Press, Wish  # noqa: PLC0415  # slow to load

    made = Press(home).certificate(own_file(desk, number), Wish(copy=True))
    return (Enclosure(f"{number.replace(' ', '')}-copy.pdf", "application/pdf", made.pdf),)


@click.command("remind")
@HOLDER
@click.argument("code")
@_OUT
@_OFFICER
@_TO
@click.pass_context
def remind_command(ctx: click.Context, /, holder: str, code: str, **told: Any) -> None:
    """Draft one reminder to participant CODE of all that it owes here and is late with.

    Nobody is reminded twice a day of the same. Nothing is sent.
    """
    out: Output = ctx.obj
    desk = desk_of(Home(out.folder), holder)
    _drafted(out, remind(desk, code, Post(told["officer"], told["to"])), told["out"])


def _drafted(out: Output, made: Drafted, path: Path) -> None:
    write_whole(path, made.eml)
    told = made.written
    out.show(
        {**written_json(told), "file": str(path), "bytes": len(made.eml)},
        out.say("letter.written", recipient=told.recipient, address=told.address, file=str(path)),
    )


def written_json(told: Written) -> dict[str, Any]:
    """Give one letter that was drafted in JSON."""
    return {
        "kind": told.kind,
        "at": show_moment(told.at),
        "to": told.recipient,
        "address": told.address,
        "officer": told.officer,
        "about": list(told.about),
        **json_form.show({"digest": told.digest}),
    }


@click.command("letters")
@HOLDER
@click.pass_context
def letters_command(ctx: click.Context, holder: str) -> None:
    """List the letters that were drafted here, newest first."""
    out: Output = ctx.obj
    desk = desk_of(Home(out.folder), holder)
    found = Correspondence(desk.store.db, holder).letters()
    heads = ("kind", "at", "to", "address", "officer", "about")
    rows = [
        [
            out.say(f"letter.kind.{each.kind}"),
            show_moment(each.at),
            each.recipient,
            each.address,
            each.officer,
            ", ".join(each.about),
        ]
        for each in found
    ]
    out.show([written_json(each) for each in found], lambda: table(heads, rows))
