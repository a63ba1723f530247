"""`kimberlite trust`: status snapshots of a node, and the trust root that names a log's keys."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from kimberlite.certificates import status as statuses
from kimberlite.certificates.status_make import base_of
from kimberlite.cli.desk import PASSPHRASE, passphrase
from kimberlite.cli.output import Output
from kimberlite.crypto.keys import PublicKey, parse_cose_key
from kimberlite.crypto.keystore import FileKeyStore
from kimberlite.kernel.days import day_of, parse_day, show_day, start_of
from kimberlite.kernel.errors import Invalid
from kimberlite.ledger import bundle as bundles
from kimberlite.ledger import roots
from kimberlite.ledger.roots import LogKey, Root, RootBody
from kimberlite.node import ceremony, clock
from kimberlite.node.clients import LogClient
from kimberlite.node.home import Home
from kimberlite.storage.files import write_whole

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
TARGET = click.Path(dir_okay=False, path_type=Path)


@click.group()
def command() -> None:
    """Make status snapshots and trust roots: what verifiers follow and remember."""


@command.command("status")
@click.option("--out", "target", default="status.kps", type=TARGET, show_default=True)
@click.option("--since", type=FILE, help="Write only what changed since this snapshot.")
@click.pass_context
def status_command(ctx: click.Context, target: Path, since: Path | None) -> None:
    """Write a status snapshot as of now, full or since another one."""
    out: Output = ctx.obj
    client = LogClient(Home(out.folder).log_socket)
    base = None
    if since is not None:
        trusted = bundles.verify(client.bundle())
        base = base_of(statuses.verify(since.read_bytes(), trusted))
    raw = client.status(base)
    write_whole(target, raw)
    out.show({"file": str(target), "bytes": len(raw), "delta": base is not None}, str(target))


@command.group()
def root() -> None:
    """Draft, sign and read trust roots. Works offline."""


@root.command("draft")
@click.argument("target", type=TARGET)
@click.option("--bundle", required=True, type=FILE, help="A bundle of the log, pinned by you.")
@click.option("--pin", required=True, metavar="HEX", help="The log's name: its genesis digest.")
@click.option("--after", type=FILE, help="The version before; its keys go on unless others are.")
@click.option("--key", "keys", multiple=True, metavar="HEX", help="A root key (COSE_Key).")
@click.option("--threshold", type=int, help="How many root keys have to sign.")
@click.option("--expires", required=True, metavar="DAY", help="Last day to rely on it.")
@click.option("--log-key", metavar="HEX", help="The log's next key (COSE_Key).")
@click.option("--from-size", type=int, help="First size of the log that its next key signs.")
@click.pass_context
def draft(ctx: click.Context, /, target: Path, **told: Any) -> None:
    """Write the next version of a trust root to TARGET, without signatures."""
    out: Output = ctx.obj
    before = None if told["after"] is None else roots.verify(told["after"].read_bytes())
    made = roots.draft(_body(before, told))
    write_whole(target, made.to_bytes())
    out.show(_shown(made), f"{target}: version {made.body.version}")


@root.command("sign")
@click.argument("file", type=FILE)
@click.option(
    "--keys", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path)
)
@PASSPHRASE
@click.pass_context
def sign(ctx: click.Context, file: Path, keys: Path, passphrase_file: Path | None) -> None:
    """Add the signature of one root key to FILE, and carry FILE on to the next holder."""
    out: Output = ctx.obj
    key = FileKeyStore(keys, passphrase(passphrase_file)).load(ceremony.ROOT_LABEL)
    made = roots.sign(roots.parse(file.read_bytes()), key)
    write_whole(file, made.to_bytes())
    out.show(_shown(made), f"{file}: {len(made.signatures)}")


@root.command("show")
@click.argument("file", type=FILE)
@click.option("--after", type=FILE, help="A version that you trust, from which FILE must follow.")
@click.pass_context
def show(ctx: click.Context, file: Path, after: Path | None) -> None:
    """Check the signatures of a trust root, and show what it says."""
    out: Output = ctx.obj
    found = roots.verify(file.read_bytes())
    if after is not None:
        found = roots.follow(roots.verify(after.read_bytes()), (file.read_bytes(),))
    told = _shown(found)
    out.show(told, "\n".join(f"{name}: {value}" for name, value in told.items()))


def _body(before: Root | None, told: dict[str, Any]) -> RootBody:
    pin, expires = _hex(told["pin"]), start_of(parse_day(told["expires"]))
    keys = tuple(_key(each) for each in told["keys"])
    raw = told["bundle"].read_bytes()
    trusted = bundles.verify(raw, pin, root=before)
    now = clock.now()
    if before is None:
        body = RootBody(
            version=1,
            kind=trusted.kind,
            origin=trusted.origin,
            genesis=trusted.genesis,
            issued=now,
            expires=expires,
            threshold=told["threshold"] or len(keys) // 2 + 1,
            keys=keys,
            log_keys=(LogKey(trusted.log_key),),
        )
    else:
        body = replace(
            before.body,
            version=before.body.version + 1,
            issued=now,
            expires=expires,
            keys=keys or before.body.keys,
            threshold=told["threshold"] or before.body.threshold,
        )
    if told["log_key"] is None:
        return body
    if told["from_size"] is None:
        raise Invalid("root.form", "the log's next key needs --from-size")
    size, old = told["from_size"], body.log_keys[-1]
    next_key = LogKey(_key(told["log_key"]), size)
    return replace(body, log_keys=(*body.log_keys[:-1], replace(old, until=size), next_key))


def _hex(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise Invalid("input.hex", "hexadecimal digits were expected", text=text[:70]) from None


def _key(text: str) -> PublicKey:
    return parse_cose_key(_hex(text))


def _shown(found: Root) -> dict[str, Any]:
    body = found.body
    return {
        "version": body.version,
        "kind": body.kind,
        "log": body.origin,
        "genesis": body.genesis.hex(),
        "expires": show_day(day_of(body.expires)),
        "threshold": body.threshold,
        "keys": [each.cose_key().hex() for each in body.keys],
        "log_keys": [
            {"key": each.public.cose_key().hex(), "since": each.since, "until": each.until}
            for each in body.log_keys
        ],
        "signatures": len(found.signatures),
    }
