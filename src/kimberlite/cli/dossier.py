"""A certificate's whole file on the command line: `certificate dossier`, `dossier-check`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from kimberlite.cli.desk import HOLDER, PASSPHRASE, passphrase
from kimberlite.cli.output import Output
from kimberlite.cli.verify import digest_of_pin
from kimberlite.kernel.days import day_of
from kimberlite.node import clock
from kimberlite.node.clients import LogClient
from kimberlite.node.dossier.check import Checked, check
from kimberlite.node.dossier.handing import hand_out
from kimberlite.node.dossier.make import Press
from kimberlite.node.held import gather
from kimberlite.node.home import Home
from kimberlite.node.sight import Asker
from kimberlite.node.wiring import desk_of, sealing_key_of
from kimberlite.storage.files import write_whole
from kimberlite.words import Words


@click.command("dossier")
@HOLDER
@click.argument("number")
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="ZIP to write."
)
@click.option(
    "--for",
    "asker",
    metavar="WHO",
    help="Participant's code, or party, bearer, observer, statistics, mission, secretariat, "
    "auditor, log-node, public; this authority itself if not given.",
)
@click.option("--mandate", default="", help="Mandate under which it asks, by reference.")
@click.option("--officer", default="", help="Who decides to hand it out; needed with --for.")
@PASSPHRASE
@click.pass_context
def dossier(
    ctx: click.Context,
    /,
    holder: str,
    number: str,
    out: Path,
    passphrase_file: Path | None,
    **told: Any,
) -> None:
    """Write certificate NUMBER's whole file with proofs: a ZIP that anyone checks offline.

    Every statement with its receipt, what the asker may see of the sealed sections and scans, what
    rules found, a trust bundle, and a page to read. Somebody else gets what
    docs/spec/visibility.md lets it see, and it is written down. With --passphrase-file, what
    others sealed to this authority is in it too.
    """
    shown: Output = ctx.obj
    home = Home(shown.folder)
    desk = desk_of(home, holder)
    private = None
    if passphrase_file is not None:
        private = sealing_key_of(home, holder, passphrase(passphrase_file))
    asker = Asker.parse(told["asker"] or holder, told["mandate"])
    press = Press(
        desk.view,
        desk.vault,
        desk.post.receipt,
        LogClient(home.log_socket).bundle(),
        Words(shown.lang, desk.view.registry().names),
        clock.now(),
        desk,
    )
    data = hand_out(press, gather(desk, number, private), asker, told["officer"])
    write_whole(out, data)
    shown.show(
        {"file": str(out), "bytes": len(data), "for": asker.name},
        shown.say("dossier.written", file=str(out), asker=asker.name),
    )


@click.command("dossier-check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--pin", metavar="HEX", help="Name of the log that you trust: its genesis digest.")
@click.pass_context
def dossier_check(ctx: click.Context, file: Path, pin: str | None) -> None:
    """Check the dossier in FILE. Needs no node and no network.

    Exit status: 0 every statement proves itself, 1 something does not, 2 it is malformed.
    """
    out: Output = ctx.obj
    found = check(file.read_bytes(), day_of(clock.now()), digest_of_pin(pin))
    told = {
        "number": found.number,
        "for": found.asker,
        "log": found.origin,
        "kind": found.kind,
        "pinned": found.pinned,
        "entries": found.size,
        "scans": found.scans,
        "page": found.page,
        "statements": [
            {
                "file": each.file,
                "type": each.typ,
                "by": each.holder,
                "statement": each.statement.hex(),
                "open": list(each.opened),
                "closed": list(each.closed),
            }
            for each in found.statements
        ],
    }
    out.show(told, lambda: _text(out, found))


def _text(out: Output, found: Checked) -> str:
    lines = [out.say("dossier.good", n=len(found.statements), number=found.number)]
    for each in found.statements:
        opened, closed = ", ".join(each.opened) or "–", ", ".join(each.closed) or "–"
        lines.append(f"  {each.file}  {each.holder}  + {opened}  # {closed}")
    lines.append(out.say("dossier.pinned" if found.pinned else "dossier.not-pinned"))
    if not found.page:
        lines.append(out.say("dossier.page-other"))
    lines.append(out.say("dossier.limits"))
    return "\n".join(lines)
