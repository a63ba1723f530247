"""`kimberlite opening`: sections sealed to an authority: open, pass on, or erase them for good."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from kimberlite.certificates.visibility import Role
from kimberlite.cli.desk import HOLDER, PASSPHRASE, passphrase
from kimberlite.cli.output import Output, table
from kimberlite.cli.retention import remains_json, remains_text
from kimberlite.kernel.days import show_moment
from kimberlite.kernel.ids import CertificateNumber
from kimberlite.node import erasing, granting, opened
from kimberlite.node.granted import Grant
from kimberlite.node.home import Home
from kimberlite.node.sight import BY_CODE, BY_VIEW
from kimberlite.node.wiring import desk_of, sealing_key_of
from kimberlite.storage.files import write_whole

NUMBER = click.argument("number")
OFFICER = click.option("--officer", required=True, help="Pseudonym of the officer who decides it.")
SECTIONS = ("shipment", "values", "parties", "measured", "journey", "evidence")
ROLES = tuple(role.value for role in Role if role not in BY_CODE | BY_VIEW)


@click.group("opening")
def command() -> None:
    """Sections sealed to an authority: open them, pass them on, or erase them for good."""


@command.command()
@HOLDER
@NUMBER
@click.option(
    "--out",
    "target",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write the certificate file.",
)
@PASSPHRASE
@click.pass_context
def fetch(
    ctx: click.Context, holder: str, number: str, target: Path, passphrase_file: Path | None
) -> None:
    """Open what was sealed to this authority of certificate NUMBER, and write its file."""
    out: Output = ctx.obj
    home = Home(out.folder)
    private = sealing_key_of(home, holder, passphrase(passphrase_file))
    file = opened.fetch(desk_of(home, holder), number, private)
    write_whole(target, file)
    out.show({"file": str(target), "bytes": len(file)}, str(target))


@command.command()
@HOLDER
@NUMBER
@click.option("--to", "recipient", required=True, metavar="CODE", help="Who is to have it.")
@click.option(
    "--section",
    "sections",
    multiple=True,
    required=True,
    type=click.Choice(SECTIONS),
    help="Section to open; repeatable.",
)
@click.option("--mandate", default="", help="Mandate or order that asks for it, by reference.")
@click.option("--role", type=click.Choice(ROLES), help="In which role it asks, if not its own.")
@OFFICER
@PASSPHRASE
@click.pass_context
def grant(
    ctx: click.Context, /, holder: str, number: str, passphrase_file: Path | None, **told: Any
) -> None:
    """Seal sections of certificate NUMBER to one more authority that is entitled to them.

    docs/spec/visibility.md says who that is, and when. It is written down who decided it and on
    which ground. With --passphrase-file, what others sealed to this authority can be passed on too.
    """
    out: Output = ctx.obj
    home = Home(out.folder)
    wish = granting.Wish(
        told["recipient"],
        tuple(told["sections"]),
        told["mandate"],
        told["officer"],
        None if told["role"] is None else Role(told["role"]),
    )
    private = _private(home, holder, passphrase_file)
    found = granting.grant(desk_of(home, holder), number, wish, private)
    out.show(
        [grant_json(each) for each in found],
        out.say("visibility.granted", n=len(found), recipient=wish.recipient),
    )


@command.command("open-due")
@HOLDER
@PASSPHRASE
@click.pass_context
def open_due(ctx: click.Context, holder: str, passphrase_file: Path | None) -> None:
    """Open to all participants what both sides' dated policy opens by today. Run it daily."""
    out: Output = ctx.obj
    home = Home(out.folder)
    desk = desk_of(home, holder)
    private = _private(home, holder, passphrase_file)
    count = len(desk.store.granted.subjects())
    with out.progress(out.say("visibility.opening"), count) as progress:
        found = granting.open_due(desk, private, progress)
    out.show([grant_json(each) for each in found], out.say("visibility.opened-due", n=len(found)))


@command.command("list")
@HOLDER
@click.option("--number", help="Only of this certificate.")
@click.pass_context
def list_command(ctx: click.Context, holder: str, number: str | None) -> None:
    """List what was opened later to whom, on which ground, by which officer."""
    out: Output = ctx.obj
    sub = None if number is None else CertificateNumber.parse(number).key
    found = [
        grant_json(each) for each in desk_of(Home(out.folder), holder).store.granted.grants(sub)
    ]
    heads = ("certificate", "section", "to", "role", "ground", "mandate", "officer", "at")
    out.show(found, lambda: table(heads, [[each[name] for name in heads] for each in found]))


@command.command()
@HOLDER
@NUMBER
@click.option("--ground", required=True, help="Why, in a sentence without names of persons.")
@click.option("--order", default="", help="Lawful order to erase before the term is over.")
@OFFICER
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def erase(ctx: click.Context, /, holder: str, number: str, yes: bool, **why: str) -> None:
    """Erase what this authority holds of certificate NUMBER's sealed sections, for good.

    The log keeps the statements and their digests; what remains provable is shown. Files and
    papers that others hold stay. Before the term of retention is over, a lawful order is needed.
    """
    out: Output = ctx.obj
    if not yes:
        click.confirm(out.say("cli.erase-sure", number=number), abort=True, err=True)
    reason = erasing.Reason(why["ground"], why["officer"], why["order"])
    left = erasing.erase(desk_of(Home(out.folder), holder), number, reason)
    out.show(remains_json(left), lambda: remains_text(out, left))


def grant_json(told: Grant) -> dict[str, str]:
    """Give a grant in its JSON form; nothing of what was opened is in it."""
    return {
        "certificate": told.sub,
        "section": told.section,
        "digest": told.digest.hex(),
        "to": told.recipient,
        "role": told.role,
        "ground": told.ground,
        "mandate": told.reference,
        "officer": told.officer,
        "at": show_moment(told.at),
    }


def _private(home: Home, holder: str, passphrase_file: Path | None) -> bytes | None:
    """Give the sealing key where its passphrase was given."""
    if passphrase_file is None:
        return None
    return sealing_key_of(home, holder, passphrase(passphrase_file))
