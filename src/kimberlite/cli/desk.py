"""What several commands need: the desk of an authority, its files, its answers on screen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from kimberlite.cli.output import Output
from kimberlite.kernel.errors import Invalid
from kimberlite.node.home import Home
from kimberlite.node.office import Office
from kimberlite.node.wiring import office_of

HOLDER = click.option(
    "--as",
    "holder",
    required=True,
    metavar="CODE",
    help="Authority to act for, such as XA.",
)
PASSPHRASE = click.option(
    "--passphrase-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File with the passphrase of the key; asked for where it is not given.",
)


def office(ctx: click.Context, holder: str) -> Office:
    """Open the office of ``holder`` in the node that was named."""
    out: Output = ctx.obj
    return office_of(Home(out.folder), holder)


def read_json(path: Path) -> Any:
    """Read a JSON file. Raises Invalid ``input.json``."""
    try:
        return json.loads(path.read_text("utf-8"))
    except ValueError as bad:
        raise Invalid("input.json", f"{path.name} is not JSON: {bad}", file=path.name) from bad


def passphrase(file: Path | None) -> str:
    """Give the passphrase from its file, or ask for it."""
    if file is not None:
        return file.read_text("utf-8").rstrip("\n")
    asked: str = click.prompt("Passphrase", hide_input=True, err=True)
    return asked
