"""`kimberlite node`: make, run, look after, back up and restore a node."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from kimberlite.cli import node_mirror
from kimberlite.cli.desk import HOLDER, PASSPHRASE, passphrase
from kimberlite.cli.output import Output, pairs
from kimberlite.node import backup as backups
from kimberlite.node import ceremony, logserver
from kimberlite.node.clients import LogClient
from kimberlite.node.home import Home
from kimberlite.node.signer import __main__ as signers
from kimberlite.node.supervisor import end_with_parent
from kimberlite.node.view import View
from kimberlite.storage.files import write_whole
from kimberlite.web.serve import serve


@click.group("node")
@click.option("--tied", is_flag=True, hidden=True, help="End when standard input is closed.")
def command(*, tied: bool) -> None:
    """Make, run, look after, back up and restore a node."""
    if tied:
        end_with_parent()


for _each in node_mirror.COMMANDS:
    command.add_command(_each)


@command.command()
@click.argument("holder")
@click.option("--role", "roles", multiple=True, required=True, help="What the key may sign.")
@click.option(
    "--keys",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to make the key in.",
)
@click.option(
    "--card",
    "target",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write the card to bring to the ceremony.",
)
@PASSPHRASE
@click.pass_context
def key(ctx: click.Context, /, holder: str, **told: Any) -> None:
    """Make a root key of HOLDER (a participant such as XA, or an organ such as kp.chair)."""
    out: Output = ctx.obj
    words = passphrase(told["passphrase_file"])
    card = ceremony.make_key(told["keys"], holder, told["roles"], words)
    ceremony.write_card(card, told["target"])
    out.show({"holder": holder, "card": str(told["target"])}, str(told["target"]))


@command.command()
@click.option("--kind", required=True, type=click.Choice(["test", "prod"]), help="Kind of log.")
@click.option("--origin", required=True, help="Name of the log, such as log.example.org/kp.")
@click.option("--title", required=True, help="What people call it.")
@click.option("--needed", required=True, type=int, help="Endorsements before a decision counts.")
@click.option(
    "--root",
    "cards",
    multiple=True,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Card of a root key; repeatable.",
)
@PASSPHRASE
@click.pass_context
def found(ctx: click.Context, /, cards: tuple[Path, ...], **told: Any) -> None:
    """Found a log from the cards of its roots. The log key and the operator's are made here."""
    out: Output = ctx.obj
    read = tuple(ceremony.RootCard.parse(each.read_text("utf-8")) for each in cards)
    plan = ceremony.Plan(told["kind"], told["origin"], told["title"], read, told["needed"])
    digest = ceremony.found(Home(out.folder), plan, passphrase(told["passphrase_file"]))
    out.show({"genesis": digest.hex()}, out.say("cli.founded", genesis=digest.hex()))


@command.command()
@HOLDER
@click.option(
    "--keys",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of the holder's key.",
)
@PASSPHRASE
@click.pass_context
def host(ctx: click.Context, holder: str, keys: Path, passphrase_file: Path | None) -> None:
    """Set up the signer of an authority on this node, with its key."""
    out: Output = ctx.obj
    sealing = ceremony.host(Home(out.folder), holder, keys, passphrase(passphrase_file))
    out.show({"holder": holder, "sealing": sealing.hex()}, sealing.hex())


@command.command()
@click.pass_context
def status(ctx: click.Context) -> None:
    """Say what this node is and where its log stands."""
    out: Output = ctx.obj
    view = View(Home(out.folder))
    head = view.reader.head()
    told = {**view.described, "entries": head.size, "root": head.root.hex()}
    out.show(told, lambda: pairs({name: str(value) for name, value in told.items()}))


@command.command()
@PASSPHRASE
@click.pass_context
def log(ctx: click.Context, passphrase_file: Path | None) -> None:
    """Run the log process until it is told to stop."""
    out: Output = ctx.obj
    logserver.main(Home(out.folder), passphrase(passphrase_file))


@command.command()
@HOLDER
@PASSPHRASE
@click.pass_context
def signer(ctx: click.Context, holder: str, passphrase_file: Path | None) -> None:
    """Run the signer process of an authority until it is told to stop."""
    out: Output = ctx.obj
    home = Home(out.folder)
    words = passphrase(passphrase_file)
    signers.main(home.signer(holder), words, log=home.log, socket=home.signer_socket(holder))


@command.command()
@click.option("--port", envvar="KIMBERLITE_PORT", default=0, type=click.IntRange(0, 65535))
@click.pass_context
def web(ctx: click.Context, port: int) -> None:
    """Serve the pages and the API on this machine until told to stop."""
    out: Output = ctx.obj
    home = Home(out.folder)

    def announce(bound: int) -> None:
        write_whole(home.web_port, f"{bound}\n".encode(), durable=False)

    try:
        serve(home, port, announce=announce)
    finally:
        home.web_port.unlink(missing_ok=True)


@command.command()
@click.option(
    "--out",
    "target",
    default="trust-bundle",
    type=click.Path(dir_okay=False, path_type=Path),
    show_default=True,
    help="Where to write it.",
)
@click.pass_context
def bundle(ctx: click.Context, target: Path) -> None:
    """Write a trust bundle as of now: what a verifier without a node needs to carry."""
    out: Output = ctx.obj
    home = Home(out.folder)
    data = LogClient(home.log_socket).bundle()
    write_whole(target, data)
    told = {"file": str(target), "bytes": len(data), "log": home.read()["genesis"]}
    out.show(told, out.say("cli.bundle", file=str(target), log=told["log"]))


@command.command()
@PASSPHRASE
@click.option("--reason", required=True, help="Why the log stood still; it is logged.")
@click.pass_context
def resume(ctx: click.Context, passphrase_file: Path | None, reason: str) -> None:
    """Let log time go on after a stop, as the operator, once the clock has been checked."""
    out: Output = ctx.obj
    logserver.resume(Home(out.folder), passphrase(passphrase_file), reason)
    out.show({"resumed": True}, out.say("cli.resumed"))


@command.command()
@click.argument("target", type=click.Path(file_okay=False, path_type=Path))
@click.pass_context
def backup(ctx: click.Context, target: Path) -> None:
    """Copy log, vault and operational store to TARGET, a new folder, while the node runs."""
    out: Output = ctx.obj
    count = backups.backup(Home(out.folder), target)
    out.show({"files": count, "to": str(target)}, out.say("cli.backed-up", count=count))


@command.command()
@click.argument("source", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.pass_context
def restore(ctx: click.Context, source: Path) -> None:
    """Put the backup in SOURCE in place of the node's data; stop the node first.

    Keys stay as they are. A log that is older than what was signed will refuse to sign.
    """
    out: Output = ctx.obj
    count = backups.restore(source, Home(out.folder))
    out.show({"files": count}, out.say("cli.restored", count=count))
