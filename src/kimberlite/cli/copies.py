"""Authenticated copies on the command line: `certificate copy`, `certificate copies`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from kimberlite.cli.desk import HOLDER
from kimberlite.cli.output import Output, table
from kimberlite.cli.printing import SECOND
from kimberlite.kernel.days import show_moment
from kimberlite.kernel.ids import CertificateNumber
from kimberlite.node.correspondence import Copied, Correspondence
from kimberlite.node.home import Home
from kimberlite.node.wiring import desk_of
from kimberlite.storage.files import write_whole


@click.command("copy")
@HOLDER
@click.argument("number")
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="PDF to write."
)
@click.option("--officer", required=True, help="Pseudonym of who has it made.")
@click.option(
    "--for",
    "recipient",
    type=click.Choice(("importer", "exporter", "customs", "authority")),
    default="importer",
    show_default=True,
    help="For whom it is.",
)
@SECOND
@click.pass_context
def copy_command(ctx: click.Context, /, holder: str, number: str, **told: Any) -> None:
    """Make a numbered, authenticated copy of certificate NUMBER that this authority confirmed.

    It shows what was declared beside what was found, is sealed, carries both signed statements,
    and is written down. Nobody can present it as a certificate.
    """
    from kimberlite.node.copies import Wish, make  # noqa: PLC0415  # slow to load

    out: Output = ctx.obj
    desk = desk_of(Home(out.folder), holder)
    made = make(desk, number, Wish(told["officer"], told["recipient"], told["second"]))
    path: Path = told["out"]
    write_whole(path, made.pdf)
    lines = [
        out.say("authenticated.written", n=made.copied.number, number=number, file=str(path)),
        out.say("cli.sealed", level=made.seal) if made.seal else out.say("print.no-seal"),
    ]
    out.show(
        {**copied_json(made.copied), "file": str(path), "bytes": len(made.pdf), "seal": made.seal},
        "\n".join(lines),
    )


def copied_json(told: Copied) -> dict[str, Any]:
    """Give one copy that was made in JSON."""
    return {
        "certificate": told.sub,
        "copy": told.number,
        "at": show_moment(told.at),
        "officer": told.officer,
        "for": told.recipient,
        "confirmation": told.statement.hex(),
        "digest": told.digest.hex(),
    }


@click.command("copies")
@HOLDER
@click.argument("number", required=False)
@click.pass_context
def copies_command(ctx: click.Context, holder: str, number: str | None) -> None:
    """List the authenticated copies made here, of certificate NUMBER or of all."""
    out: Output = ctx.obj
    desk = desk_of(Home(out.folder), holder)
    key = None if number is None else CertificateNumber.parse(number).key
    found = [copied_json(e) for e in Correspondence(desk.store.db, holder).copies(key)]
    heads = ("certificate", "copy", "at", "officer", "for")
    rows = [[str(each[name]) for name in heads] for each in found]
    out.show(found, lambda: table(heads, rows))
