"""Pages on the command line: `certificate print`, `certificate stock`, `certificate register`.

What sets and seals pages is loaded when a page is asked for: it is large, and help is quick.
"""

from __future__ import annotations

from pathlib import Path

import click

from kimberlite.cli.desk import HOLDER
from kimberlite.cli.output import Output
from kimberlite.documents import reading
from kimberlite.kernel.days import parse_day
from kimberlite.node import clock
from kimberlite.node.home import Home
from kimberlite.storage.files import write_whole

PAPER_LANGUAGES = ("en", "ar", "fr", "pt", "ru", "zh", "es", "he")

FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
OUT = click.option(
    "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="PDF to write."
)
SECOND = click.option(
    "--second",
    type=click.Choice(PAPER_LANGUAGES),
    help="Language beside English; that of --lang if not given, else the issuer's own.",
)


def _second(told: Output, asked: str | None) -> str | None:
    return asked or (told.lang if told.lang != "en" else None)


@click.command("print")
@FILE
@OUT
@SECOND
@click.option("--copy", is_flag=True, help="Mark it as a copy, not for presentation.")
@click.option("--overprint", is_flag=True, help="Only values, for the issuer's numbered stock.")
@click.option(
    "--credential",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Credential (vc+jwt) to put into the PDF as well.",
)
@click.pass_context
def print_command(
    ctx: click.Context,
    file: Path,
    out: Path,
    second: str | None,
    *,
    copy: bool,
    overprint: bool,
    credential: Path | None,
) -> None:
    """Print the certificate in FILE as a PDF that carries it, sealed where its issuer prints it.

    Only the issuer's own node prints the original of a paper certificate; every other page is
    marked as a copy. docs/spec/pdf.md shows the page.
    """
    from kimberlite.node.press import Press, Wish  # noqa: PLC0415  # slow to load

    told: Output = ctx.obj
    wish = Wish(
        _second(told, second),
        copy,
        overprint,
        None if credential is None else credential.read_bytes(),
    )
    made = Press(Home(told.folder)).certificate(reading.read(file.read_bytes()), wish)
    write_whole(out, made.pdf)
    form = "copy" if made.copy else "original"
    lines = [told.say(f"cli.printed.{form}", number=made.number, file=str(out))]
    lines.append(
        told.say("cli.sealed", level=made.seal) if made.seal else told.say("print.no-seal")
    )
    told.show(
        {
            "number": made.number,
            "file": str(out),
            "bytes": len(made.pdf),
            "form": form,
            "second": made.lang,
            "seal": made.seal,
        },
        "\n".join(lines),
    )


@click.command("stock")
@HOLDER
@OUT
@SECOND
@click.option("--from", "first", type=int, required=True, help="Number of the first form.")
@click.option("--to", "last", type=int, required=True, help="Number of the last form.")
@click.pass_context
def stock(
    ctx: click.Context, holder: str, out: Path, second: str | None, first: int, last: int
) -> None:
    """Print blank numbered forms of an authority, each with a background of its own."""
    from kimberlite.node.press import Press  # noqa: PLC0415  # slow to load

    told: Output = ctx.obj
    made = Press(Home(told.folder)).stock(holder, range(first, last + 1), _second(told, second))
    write_whole(out, made)
    count = last + 1 - first
    told.show(
        {"file": str(out), "forms": count, "bytes": len(made)},
        told.say("cli.stock", n=count, file=str(out)),
    )


@click.command("register")
@HOLDER
@OUT
@SECOND
@click.option("--from", "first", required=True, metavar="DAY", help="First day, as 2026-01-31.")
@click.option("--to", "last", required=True, metavar="DAY", help="Last day.")
@click.pass_context
def register(
    ctx: click.Context, holder: str, out: Path, second: str | None, first: str, last: str
) -> None:
    """Print the day register: what an authority issued and which arrivals it answered."""
    from kimberlite.documents.pdf.register import day_register  # noqa: PLC0415  # slow to load
    from kimberlite.node.dayregister import gather  # noqa: PLC0415  # likewise

    told: Output = ctx.obj
    found = gather(Home(told.folder), holder, parse_day(first), parse_day(last))
    write_whole(out, day_register(found, _second(told, second) or "en", clock.now()))
    issued, arrived = len(found.issued), len(found.arrived)
    told.show(
        {"file": str(out), "issued": issued, "arrived": arrived},
        told.say("cli.register", issued=issued, arrived=arrived, file=str(out)),
    )
