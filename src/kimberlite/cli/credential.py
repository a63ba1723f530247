"""Credentials on the command line: `kimberlite certificate credential`."""

from __future__ import annotations

from pathlib import Path

import click

from kimberlite.certificates.file import CertificateFile, parse_file
from kimberlite.cli.output import Output
from kimberlite.documents import reading
from kimberlite.documents.credential import view as views
from kimberlite.kernel.errors import Invalid
from kimberlite.ledger import receipt as receipts
from kimberlite.node.home import Home
from kimberlite.node.signer.client import SignerClient
from kimberlite.node.signer.deriving import DeriveRequest
from kimberlite.storage.files import write_whole


@click.command("credential")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write it; NUMBER.jwt in this folder if not given.",
)
@click.option(
    "--view",
    type=click.Choice(sorted(views.VIEWS)),
    help="Write a view that hides parties and values (public), or seals and papers (bank).",
)
@click.pass_context
def credential(ctx: click.Context, file: Path, out: Path | None, view: str | None) -> None:
    """Have the issuer's signer derive a credential from the certificate in FILE.

    FILE has every section open and the log's receipt. The signer of the issuer has to run here.
    """
    told: Output = ctx.obj
    read = parse_file(reading.read(file.read_bytes()))
    if not read.receipts:
        raise Invalid("credential.no-receipt", "a credential needs the receipt of the log with it")
    header = read.statement.header
    form = "credential" if view is None else "view"
    client = SignerClient(Home(told.folder).signer_socket(header.iss))
    request = DeriveRequest(read.statement.id, read.openings, read.receipts[0], form)
    token = client.derive(request)
    data = token.encode() if view is None else _shown(token, read, view)
    path = out or Path(f"{header.sub}.jwt")
    write_whole(path, data)
    told.show(
        {"file": str(path), "bytes": len(data), "form": view or "credential"},
        told.say("documents.credential" if view is None else "documents.view", file=str(path)),
    )


def _shown(token: str, read: CertificateFile, view: str) -> bytes:
    _, every = views.derive(read, receipts.parse(read.receipts[0]).origin)
    return views.present(token, [each for each in every if each.name in views.VIEWS[view]])
