"""`kimberlite officer`: officers' key files, and who may approve what at a signer."""

from __future__ import annotations

from pathlib import Path

import click

from kimberlite.cli.desk import HOLDER, PASSPHRASE, passphrase
from kimberlite.cli.output import Output, table
from kimberlite.kernel.days import show_moment
from kimberlite.node import clock, officers
from kimberlite.node.home import Home
from kimberlite.node.signer.admin import Administration
from kimberlite.storage.files import write_whole

NAME = click.argument("officer")


@click.group("officer")
def command() -> None:
    """Make officers' key files and enrol them."""


@command.command()
@NAME
@click.option(
    "--keys",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to keep the key in; only its officer needs it.",
)
@click.option(
    "--card",
    "card_file",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write the card that the signer's administrator enrols.",
)
@PASSPHRASE
@click.pass_context
def new(
    ctx: click.Context, officer: str, keys: Path, card_file: Path, passphrase_file: Path | None
) -> None:
    """Make a key for OFFICER (a pseudonym, such as officer-17, never a name)."""
    out: Output = ctx.obj
    card = officers.create(keys, officer, passphrase(passphrase_file))
    write_whole(card_file, card.to_bytes())
    out.show({"officer": officer, "card": str(card_file)}, str(card_file))


@command.command()
@HOLDER
@click.argument("card", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--role", "roles", multiple=True, required=True, help="approve-issue, and so on.")
@PASSPHRASE
@click.pass_context
def enrol(
    ctx: click.Context,
    holder: str,
    card: Path,
    roles: tuple[str, ...],
    passphrase_file: Path | None,
) -> None:
    """Enrol the officer of CARD at the signer of an authority, at that signer's own machine."""
    out: Output = ctx.obj
    found = officers.Card.parse(card.read_bytes())
    admin = Administration(Home(out.folder).signer(holder), passphrase(passphrase_file))
    admin.enrol(found, roles, clock.now())
    out.show({"officer": found.officer}, out.say("cli.enrolled", officer=found.officer))


@command.command()
@HOLDER
@NAME
@PASSPHRASE
@click.pass_context
def end(ctx: click.Context, holder: str, officer: str, passphrase_file: Path | None) -> None:
    """End OFFICER's enrolment now."""
    out: Output = ctx.obj
    admin = Administration(Home(out.folder).signer(holder), passphrase(passphrase_file))
    admin.end(officer, clock.now())
    out.show({"officer": officer}, out.say("cli.enrolment-ended", officer=officer))


@command.command("list")
@HOLDER
@PASSPHRASE
@click.pass_context
def list_command(ctx: click.Context, holder: str, passphrase_file: Path | None) -> None:
    """List who is enrolled at the signer of an authority."""
    out: Output = ctx.obj
    admin = Administration(Home(out.folder).signer(holder), passphrase(passphrase_file))
    rows = [
        (
            each.name,
            " ".join(sorted(each.roles)),
            show_moment(each.since),
            "" if each.until is None else show_moment(each.until),
        )
        for each in admin.show().officers
    ]
    heads = ("officer", "may", "since", "until")
    out.show([dict(zip(heads, row, strict=True)) for row in rows], lambda: table(heads, rows))
