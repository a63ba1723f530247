"""`kimberlite opening`: sections sealed to an authority: open them, or erase them for good."""

from __future__ import annotations

from pathlib import Path

import click

from kimberlite.cli.desk import HOLDER, PASSPHRASE, passphrase
from kimberlite.cli.output import Output
from kimberlite.node import opened
from kimberlite.node.home import Home
from kimberlite.node.wiring import desk_of, sealing_key_of
from kimberlite.storage.files import write_whole

NUMBER = click.argument("number")


@click.group("opening")
def command() -> None:
    """Sections sealed to an authority: open them, or erase them for good."""


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
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def erase(ctx: click.Context, holder: str, number: str, yes: bool) -> None:
    """Erase the sealed sections of an own certificate from this node's vault, for good.

    The log keeps the statement and its digests. Files and papers that others hold stay.
    """
    out: Output = ctx.obj
    if not yes:
        click.confirm(out.say("cli.erase-sure", number=number), abort=True, err=True)
    count = opened.erase(desk_of(Home(out.folder), holder), number)
    out.show({"sections": count}, out.say("cli.erased", count=count))
