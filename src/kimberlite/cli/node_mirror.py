"""Commands of `kimberlite node` for several nodes: join, sync, door, post box and pouches."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from kimberlite.cli.desk import HOLDER, PASSPHRASE, passphrase
from kimberlite.cli.output import Output, pairs, table
from kimberlite.crypto.keystore import FileKeyStore
from kimberlite.kernel.days import show_moment
from kimberlite.kernel.errors import Invalid
from kimberlite.ledger.archive import ArchiveCopy
from kimberlite.ledger.copies import Copy, FolderCopy
from kimberlite.node import clock, logserver, passes
from kimberlite.node.ceremony import ROOT_LABEL
from kimberlite.node.clients import LogClient
from kimberlite.node.home import Home
from kimberlite.node.mirror import bearing, doorkeeper, joining, kept, packing, pouch, taking
from kimberlite.node.mirror import server as mirrors
from kimberlite.node.mirror.box import Box
from kimberlite.node.mirror.packing import Wanted
from kimberlite.node.mirror.rounds import Mirror
from kimberlite.node.mirror.taking import Taken
from kimberlite.node.supervisor import Processes, ended, start_all, watch
from kimberlite.node.wire import Client
from kimberlite.node.wiring import desk_of
from kimberlite.storage.files import owned, write_whole

FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
KEYS = click.option(
    "--keys",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of the holder's key that the log holds.",
)


@click.command()
@click.argument("url")
@click.option("--genesis", required=True, help="SHA-256 of the log's first entry, known to you.")
@click.option("--holder", required=True, metavar="CODE", help="Whose node this is, such as XB.")
@KEYS
@click.option("--office", default="", help="Office whose numbers it uses while cut off.")
@click.option(
    "--offline-days",
    default=joining.OFFLINE_DAYS,
    show_default=True,
    type=click.IntRange(1, 90),
    help="How long its signer goes on without word from the log.",
)
@click.option(
    "--from",
    "source",
    type=click.Path(exists=True, path_type=Path),
    help="Archive or folder of the log to begin from, instead of the line.",
)
@PASSPHRASE
@click.pass_context
def join(ctx: click.Context, /, url: str, genesis: str, **told: Any) -> None:
    """Make a node of an authority here that follows the log node at URL.

    It gets keys, databases and a vault of its own, and replays the whole log. What was cut off
    goes on with the same command.
    """
    out: Output = ctx.obj
    try:
        digest = bytes.fromhex(genesis)
    except ValueError:
        raise Invalid("node.join", "genesis is 64 hexadecimal digits") from None
    plan = joining.Plan(url, digest, told["holder"], told["office"], told["offline_days"])
    words = passphrase(told["passphrase_file"])
    home = Home(out.folder)
    with out.progress(out.say("cli.following"), 2) as advance:
        sealing = joining.join(
            home,
            plan,
            told["keys"],
            words,
            copy=_copy(told["source"]),
            progress=lambda done, of: advance(2 * done // max(of, 1)),
        )
    shown = {"holder": plan.holder, "sealing": sealing.hex(), "home": str(home.path)}
    out.show(shown, out.say("cli.joined", holder=plan.holder, sealing=sealing.hex()))


def _copy(source: Path | None) -> Copy | None:
    if source is None:
        return None
    return FolderCopy(source) if source.is_dir() else ArchiveCopy(source)


@click.command()
@HOLDER
@KEYS
@PASSPHRASE
@click.pass_context
def card(ctx: click.Context, holder: str, keys: Path, passphrase_file: Path | None) -> None:
    """Renew the card with which this node calls the log node; it lasts 400 days."""
    out: Output = ctx.obj
    home = Home(out.folder)
    words = passphrase(passphrase_file)
    authority = FileKeyStore(keys, words).load(ROOT_LABEL)
    genesis = bytes.fromhex(home.read()["genesis"])
    made = passes.read_card(bearing.make(home, holder, genesis, authority, words).card)
    told = {"holder": holder, "until": show_moment(made.until)}
    out.show(told, lambda: pairs(told))


@click.command()
@click.option("--once", is_flag=True, help="One round, then end; else until told to stop.")
@PASSPHRASE
@click.pass_context
def sync(ctx: click.Context, *, once: bool, passphrase_file: Path | None) -> None:
    """Follow the log, hand in what waits, and fetch what was sealed to this node."""
    out: Output = ctx.obj
    home = Home(out.folder)
    words = passphrase(passphrase_file)
    if not once:
        mirrors.main(home, words, logserver.stopped_by_signal())
        return
    mirror = Mirror(home, bearing.load(home, words), helpers=1)
    try:
        with out.progress(out.say("cli.following"), 1000) as advance:
            done = mirror.round(lambda got, of: advance(1000 * got // max(of, 1)))
    finally:
        mirror.close()
    told = {
        "entries": done.followed.size,
        "new": done.followed.new,
        "handed-in": done.delivered,
        "openings": done.collected,
    }
    out.show(told, lambda: pairs({name: str(value) for name, value in told.items()}))


@click.command("mirror")
@PASSPHRASE
@click.pass_context
def mirror_process(ctx: click.Context, passphrase_file: Path | None) -> None:
    """Run the mirror process: `sync` without an end, answering offices, pages and commands."""
    out: Output = ctx.obj
    mirrors.main(Home(out.folder), passphrase(passphrase_file), logserver.stopped_by_signal())


@click.command()
@click.option("--host", default=doorkeeper.LOOPBACK, show_default=True, help="Address to bind.")
@click.option("--port", default=0, type=click.IntRange(0, 65535), help="Port; 0 is any free one.")
@click.pass_context
def door(ctx: click.Context, host: str, port: int) -> None:
    """Answer other nodes, at a log node; TLS is the work of a reverse proxy before it."""
    out: Output = ctx.obj
    doorkeeper.main(Home(out.folder), logserver.stopped_by_signal(), host=host, port=port)


@click.command("run")
@click.option("--port", envvar="KIMBERLITE_PORT", default=0, type=click.IntRange(0, 65535))
@click.option(
    "--passphrase-file",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File with the passphrase of this node's keys.",
)
@click.option(
    "--door",
    "door_port",
    type=click.IntRange(0, 65535),
    help="At a log node: answer other nodes at this port of this machine.",
)
@click.pass_context
def run(ctx: click.Context, port: int, passphrase_file: Path, door_port: int | None) -> None:
    """Run every process of this node under one supervisor, until told to stop."""
    out: Output = ctx.obj
    home = Home(out.folder)
    with owned(home.path / "run"):
        until = logserver.stopped_by_signal()
        with Processes(home) as processes:
            start_all(home, processes, port=port, passphrase=passphrase_file.absolute())
            if door_port is not None:
                processes.start("door", ("door", "--port", str(door_port)))
                processes.wait_for(home.door_port.exists)
            address = f"http://127.0.0.1:{home.web_port.read_text().strip()}/"
            out.show({"address": address}, out.say("cli.running", url=address))
            name = watch(processes, until)
            if name is not None:
                raise ended(home, name)


@click.command()
@click.option("--out", "target", type=click.Path(file_okay=False, path_type=Path), help="Folder.")
@click.pass_context
def outbox(ctx: click.Context, target: Path | None) -> None:
    """List what waits to be handed in, and what the log said; --out writes its signed words."""
    out: Output = ctx.obj
    box = Box(Home(out.folder).post)
    try:
        items, (contact, _), (failing, why) = box.items(), box.told("contact"), box.told("failing")
    finally:
        box.close()
    for item in items if target is not None else ():
        word = item.refusal if item.refusal is not None else item.receipt
        if word is not None and target is not None:
            name = f"{item.id.hex()}.{'refusal' if item.refusal is not None else 'receipt'}.cose"
            write_whole(target / name, word)
    heads = ("statement", "issuer", "type", "about", "state", "why", "entry")
    rows = [
        (
            item.id.hex()[:16],
            item.iss,
            item.typ,
            item.sub,
            item.state,
            item.why,
            "" if item.entry is None else str(item.entry),
        )
        for item in items
    ]
    line = {
        "contact": show_moment(contact) if contact else "",
        "failing-since": show_moment(failing) if failing else "",
        "failing-with": why,
    }
    told = {**line, "items": [dict(zip(heads, row, strict=True)) for row in rows]}
    out.show(told, lambda: f"{pairs(line)}\n\n{table(heads, rows)}")


@click.command("export")
@click.option("--for", "recipient", default="", metavar="CODE", help="Whose node it is for.")
@click.option("--since", type=click.IntRange(0), help="Pack entries from this index on.")
@click.option(
    "--out",
    "target",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write, for example on a USB stick.",
)
@PASSPHRASE
@click.pass_context
def export_command(ctx: click.Context, /, target: Path, **told: Any) -> None:
    """Pack a pouch: what waits to be handed in, sealed openings, and entries if asked for.

    A pouch is signed, holds nothing that its carrier could open, and may be lost or copied.
    """
    out: Output = ctx.obj
    home = Home(out.folder)
    wanted = Wanted(told["recipient"], told["since"])
    if "log" in home.read():
        bearer = bearing.load(home, passphrase(told["passphrase_file"]))
        sign = pouch.signer_of(bearer, clock.now())
        raw = packing.export(home, wanted, sign, bearer.card)
    else:
        raw = packing.export(home, wanted, LogClient(home.log_socket).sign_pouch)
    write_whole(target, raw)
    content = pouch.read(raw).content
    shown = {
        "file": str(target),
        "bytes": len(raw),
        "entries": len(content.entries),
        "statements": len(content.statements),
        "openings": len(content.copies),
    }
    out.show(shown, lambda: pairs({name: str(value) for name, value in shown.items()}))


@click.command("import")
@FILE
@click.pass_context
def import_command(ctx: click.Context, file: Path) -> None:
    """Take a pouch in; at a log node, hand in what it holds. Twice is harmless."""
    out: Output = ctx.obj
    home = Home(out.folder)
    taken = _taken(home, file)
    shown = {"entries": taken.entries, "statements": taken.statements, "openings": taken.copies}
    out.show(shown, lambda: pairs({name: str(value) for name, value in shown.items()}))


def _taken(home: Home, file: Path) -> Taken:
    if "log" not in home.read():
        return taking.take_at_log(home, taking.read_pouch(file))
    if home.log_socket.is_socket():  # the mirror process owns the copy while it runs
        told = Client(home.log_socket, seconds=600.0).call("take", path=str(file.absolute()))
        return Taken(*told)
    return taking.take_here(home, taking.read_pouch(file))


@click.command("keep")
@HOLDER
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.pass_context
def keep(ctx: click.Context, holder: str, files: tuple[Path, ...]) -> None:
    """Keep a certificate that came by hand: codes, photos of them, a PDF or a file."""
    out: Output = ctx.obj
    home = Home(out.folder)
    first, *more = [each.read_bytes() for each in files]
    found = kept.keep(home, desk_of(home, holder), first, more)
    told = {"number": found.number, "sections": list(found.sections), "entry": found.entry}
    key = "cli.kept-pending" if found.entry is None else "cli.kept"
    out.show(told, out.say(key, number=found.number, sections=", ".join(found.sections)))


COMMANDS = (
    join,
    card,
    sync,
    mirror_process,
    door,
    run,
    outbox,
    export_command,
    import_command,
    keep,
)
"""What `kimberlite node` has beside its own commands."""
