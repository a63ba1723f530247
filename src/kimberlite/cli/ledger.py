"""`kimberlite ledger`: audit, export, import and prove the log."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import click

from kimberlite.certificates.file import parse_file
from kimberlite.cli.desk import HOLDER, PASSPHRASE, passphrase, read_json
from kimberlite.cli.output import Output, pairs, table
from kimberlite.crypto.keystore import FileKeyStore
from kimberlite.kernel.days import show_moment
from kimberlite.kernel.errors import Invalid, NotFound, Problem
from kimberlite.ledger import archive, json_form, tlogproof
from kimberlite.ledger.audit import Audit, audit
from kimberlite.ledger.copies import Copy, FolderCopy
from kimberlite.ledger.engine.sqlite import SqliteEngine
from kimberlite.ledger.envelope import parse
from kimberlite.ledger.note import parse_vkey
from kimberlite.ledger.self_audit import audit_engine
from kimberlite.ledger.takeover import import_file
from kimberlite.node import ceremony
from kimberlite.node.books import BOOKS, V1
from kimberlite.node.clients import LogClient
from kimberlite.node.home import Home
from kimberlite.node.view import View
from kimberlite.storage.files import write_whole

COPY = click.Path(exists=True, path_type=Path)
GENESIS = click.option("--genesis", metavar="HEX", help="Name of the log you trust.")


@click.group("ledger")
def command() -> None:
    """Audit, export, import and prove the log."""


@command.command()
@click.pass_context
def head(ctx: click.Context) -> None:
    """Show where the log stands: size, root, facts digest, signed checkpoint."""
    out: Output = ctx.obj
    view = View(Home(out.folder))
    found, checkpoint = view.reader.head(), view.checkpoint()
    told = {
        "size": found.size,
        "root": found.root.hex(),
        "facts": found.facts.hex(),
        "checkpoint": None if checkpoint is None else checkpoint.decode(),
        "vkey": view.vkey(),
    }
    out.show(told, lambda: pairs({name: str(value) for name, value in told.items()}))


@command.command()
@click.option("--last", default=20, show_default=True, help="How many entries to show.")
@click.pass_context
def entries(ctx: click.Context, last: int) -> None:
    """List the latest entries with what followed from them."""
    out: Output = ctx.obj
    latest = list(View(Home(out.folder)).latest(last))
    heads = ("entry", "type", "by", "about", "facts")
    rows = [
        (
            str(index),
            statement.header.typ,
            statement.header.iss,
            statement.header.sub,
            ", ".join(str(each[0]) for each in facts),
        )
        for index, statement, facts in latest
    ]
    out.show([dict(zip(heads, row, strict=True)) for row in rows], lambda: table(heads, rows))


def copy_of(path: Path) -> Copy:
    """Give the copy to read: a folder of static files, or an archive file."""
    return FolderCopy(path) if path.is_dir() else archive.ArchiveCopy(path)


@command.command("audit")
@click.argument("copy", type=COPY, required=False)
@GENESIS
@click.option(
    "--checkpoint",
    "checkpoints",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Further signed checkpoint that you hold; repeatable.",
)
@click.pass_context
def audit_command(
    ctx: click.Context, copy: Path | None, genesis: str | None, checkpoints: tuple[Path, ...]
) -> None:
    """Replay COPY from its bytes alone and check everything that was signed.

    COPY is an archive, or a folder of static files; the node's own log if not given. Exit status:
    0 all holds, 1 something does not.
    """
    out: Output = ctx.obj
    home = Home(out.folder)
    held = [path.read_bytes() for path in checkpoints]
    if copy is None:
        report = _audit_own(out, home, _hex(genesis), held)
    else:
        read = copy_of(copy)
        with out.progress(out.say("cli.auditing"), read.size) as done:
            report = audit(
                read,
                BOOKS,
                genesis=_hex(genesis),
                checkpoints=held,
                progress=lambda count, _of: done(count),
            )
    told = audit_json(report)
    out.show(told, lambda: pairs({name: _line(value) for name, value in told.items()}))


def _audit_own(out: Output, home: Home, genesis: bytes | None, held: list[bytes]) -> Audit:
    """Audit the node's own log, and what its database keeps beside the entries."""
    home.read()
    published = home.public / "checkpoint"
    if published.exists():
        held.append(published.read_bytes())
    with (
        closing(SqliteEngine(home.log, readonly=True)) as engine,
        out.progress(out.say("cli.auditing"), engine.head().size) as done,
    ):
        return audit_engine(
            engine,
            BOOKS,
            genesis=genesis,
            checkpoints=held,
            progress=lambda count, _of: done(count),
        )


def audit_json(report: Audit) -> dict[str, Any]:
    """Give an audit's report in JSON form."""
    return {
        "entries": report.size,
        "root": report.root.hex(),
        "facts": report.facts.hex(),
        "genesis": report.genesis.hex(),
        "log": report.origin,
        "kind": report.kind,
        "began": show_moment(report.began),
        "time": show_moment(report.time),
        "types": dict(report.types),
        "findings": dict(report.findings),
        "sealed_unseen": report.sealed_total,
        "sealed": dict(report.sealed),
        "verdicts": dict(report.verdicts),
        "repudiated": report.repudiated,
        "facts_compared": report.facts_compared,
        "checkpoints": list(report.checkpoints),
    }


def _line(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {count}" for name, count in value.items()) or "none"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return str(value)


def _hex(text: str | None) -> bytes | None:
    if text is None:
        return None
    try:
        return bytes.fromhex(text)
    except ValueError as bad:
        raise Invalid("input.hex", "expected hexadecimal digits", text=text[:70]) from bad


@command.command("export")
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_context
def export_command(ctx: click.Context, target: Path) -> None:
    """Write the whole log up to the latest checkpoint into TARGET, one file."""
    out: Output = ctx.obj
    home = Home(out.folder)
    checkpoint = View(home).checkpoint()
    if checkpoint is None:
        raise NotFound("log.no-checkpoint", "this log has no signed checkpoint yet")
    with closing(SqliteEngine(home.log, readonly=True)) as engine:
        size = engine.head().size
        with out.progress(out.say("cli.exporting"), size) as done:
            written = archive.export(engine, checkpoint, target, lambda count, _of: done(count))
    out.show({"file": str(target), "bytes": written}, f"{target}: {written} bytes")


@command.command("import")
@click.argument("copy", type=COPY)
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@GENESIS
@click.pass_context
def import_command(ctx: click.Context, copy: Path, target: Path, genesis: str | None) -> None:
    """Make the database TARGET from COPY, after auditing it; all of it or nothing."""
    out: Output = ctx.obj
    read = copy_of(copy)
    with out.progress(out.say("cli.importing"), 2 * read.size) as done:
        report = import_file(
            read, target, BOOKS, genesis=_hex(genesis), progress=lambda count, _of: done(count)
        )
    out.show(audit_json(report), f"{target}: {report.size} entries")


@command.command()
@HOLDER
@click.argument("typ")
@click.argument("sub")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--keys",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of the holder's root key.",
)
@click.option(
    "--out",
    "target",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write the signed statement.",
)
@PASSPHRASE
@click.pass_context
def sign(ctx: click.Context, /, holder: str, typ: str, sub: str, file: Path, **told: Any) -> None:
    """Sign a statement with a root key: decisions, endorsements, keys. Works offline.

    TYP such as kp-participant+cose, SUB what it is about, FILE its fields in JSON. Bring the
    result to a node and hand it in with `kimberlite ledger submit`.
    """
    out: Output = ctx.obj
    kind = V1.types.get(typ)
    if kind is None:
        raise Invalid("type.unknown", f"there is no statement type {typ}", typ=typ)
    store = FileKeyStore(told["keys"], passphrase(told["passphrase_file"]))
    named = json_form.read(kind.schema, read_json(file))
    raw = ceremony.say(kind, sub, named, store.load(ceremony.ROOT_LABEL), holder)
    write_whole(told["target"], raw)
    name = parse(raw).id.hex()
    out.show({"statement": name, "file": str(told["target"])}, name)


@command.command()
@click.argument("files", nargs=-1, required=True, type=COPY)
@click.pass_context
def submit(ctx: click.Context, files: tuple[Path, ...]) -> None:
    """Hand signed statements in to the log of this node, in order."""
    out: Output = ctx.obj
    client = LogClient(Home(out.folder).log_socket)
    for path in files:
        told = client.outcome(path.read_bytes())
        out.show({"file": str(path), **told}, f"{path.name}: entry {told['index']}")


@command.command()
@click.argument("where")
@click.option("--out", "target", type=click.Path(dir_okay=False, path_type=Path), required=True)
@click.pass_context
def prove(ctx: click.Context, where: str, target: Path) -> None:
    """Write the proof (C2SP tlog-proof) that an entry stands in the log.

    WHERE is an index, or a statement's id in hexadecimal.
    """
    out: Output = ctx.obj
    view = View(Home(out.folder))
    checkpoint = view.checkpoint()
    if checkpoint is None:
        raise NotFound("log.no-checkpoint", "this log has no signed checkpoint yet")
    place = int(where) if where.isdecimal() and len(where) < 20 else _hex(where)
    if place is None:
        raise Invalid("input.hex", "name an index or a statement")
    target.write_bytes(view.reader.proof(place, checkpoint))
    out.show({"file": str(target)}, str(target))


@command.command("verify")
@click.argument("entry", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("proof", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--vkey", required=True, help="The log's key, as a C2SP vkey.")
@click.pass_context
def verify_command(ctx: click.Context, entry: Path, proof: Path, vkey: str) -> None:
    """Check that the statement in ENTRY stands in the log, using PROOF. Works offline.

    Exit status: 0 it does, 1 it does not, 2 the input is malformed.
    """
    out: Output = ctx.obj
    known = parse_vkey(vkey)
    read = tlogproof.parse(proof.read_bytes())
    checkpoint = read.verify(_statement(entry.read_bytes()), known.key, origin=known.name)
    told = {"included": True, "index": read.index, "size": checkpoint.size, "log": known.name}
    out.show(told, out.say("cli.included", index=read.index, size=checkpoint.size))


def _statement(data: bytes) -> bytes:
    """Give the statement's bytes out of a certificate file, or as they are."""
    try:
        return parse_file(data).statement.raw
    except Problem:
        return data
