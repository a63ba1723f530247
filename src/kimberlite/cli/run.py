"""`kimberlite run`: a whole node in one go: log, signers and web on SQLite in a local folder."""

from __future__ import annotations

from collections.abc import Callable

import click

from kimberlite.cli.output import Output
from kimberlite.node import logserver, settings
from kimberlite.node.demo.founding import PASSPHRASE, found
from kimberlite.node.demo.shipments import ship
from kimberlite.node.home import Home
from kimberlite.node.supervisor import Processes, ended, go_on, start_all, watch
from kimberlite.storage.files import owned


@click.command("run")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=lambda: settings.read().port,
    help="Port of the pages; KIMBERLITE_PORT, else a free one.",
)
@click.pass_context
def command(ctx: click.Context, port: int) -> None:
    """Start a node with the real record and a demo world, and open its pages.

    Makes the node on first use. Stop it with Ctrl-C; run it again to go on.
    """
    out: Output = ctx.obj
    home = Home(out.folder)

    def report(key: str) -> None:
        if not out.as_json:
            click.echo(f"  {out.say(key)}", err=True)

    with owned(home.path / "run"):
        if not home.described.exists():
            found(home, report)
        _run(out, home, port, report)


def _run(out: Output, home: Home, port: int, report: Callable[[str], None]) -> None:
    report("node.starting")
    until = logserver.stopped_by_signal()
    with Processes(home) as processes:
        start_all(home, processes, port=port, passphrase=home.demo_passphrase)
        go_on(home, PASSPHRASE)
        ship(home, report)
        address = f"http://127.0.0.1:{home.web_port.read_text().strip()}/"
        out.show({"address": address, "home": str(home.path)}, out.say("cli.running", url=address))
        name = watch(processes, until)
        if name is not None:
            raise ended(home, name)
        report("node.stopping")
