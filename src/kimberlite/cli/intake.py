"""Bulk intake: `certificate import`, `certificate batch`, `certificate scans`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from kimberlite.cli.desk import HOLDER, PASSPHRASE, passphrase
from kimberlite.cli.output import Output, table
from kimberlite.kernel.days import show_moment
from kimberlite.kernel.errors import Invalid, Unavailable
from kimberlite.kernel.quantity import Carats, UsdCents
from kimberlite.node import clock, officers
from kimberlite.node.home import Home
from kimberlite.node.intake.batches import Batches
from kimberlite.node.intake.columns import KINDS
from kimberlite.node.intake.known import There
from kimberlite.node.intake.preview import Asked, Preview, preview
from kimberlite.node.intake.running import Done, Run
from kimberlite.node.intake.scans import Scan, Scans
from kimberlite.node.intake.tables import MOST_BYTES
from kimberlite.node.intake.templates import FORMATS, described, faults_csv, sentence, template
from kimberlite.node.office import Office
from kimberlite.node.wiring import desk_of
from kimberlite.storage.files import write_whole
from kimberlite.storage.vault import BLOB_LIMIT
from kimberlite.words import Words

KIND = click.option("--kind", required=True, type=click.Choice([*KINDS]), help="What rows are.")
OFFICER = click.option("--officer", required=True, help="Your staff pseudonym.")
BATCH = click.argument("batch", type=int)
_SHOWN = 20


@click.command("import")
@HOLDER
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@KIND
@click.option("--officer", default="", help="Your staff pseudonym; not needed with --check.")
@click.option("--check", "only", is_flag=True, help="Look at the file and keep nothing.")
@click.option("--encoding", default="", help="Code page of a CSV file that is not UTF-8.")
@click.option("--decimal", type=click.Choice([".", ","]), help="Mark before decimals in text.")
@click.option("--sheet", default="", help="Sheet of a spreadsheet; the first if not given.")
@click.option(
    "--errors",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write what is wrong, row by row, as CSV.",
)
@click.pass_context
def import_command(ctx: click.Context, /, holder: str, file: Path, kind: str, **told: Any) -> None:
    """Take in the rows of FILE (.csv, .xlsx, .json): all of them, or none.

    Each row becomes an act, which officers approve with `certificate batch`.
    docs/reference/intake.md lists the columns.
    """
    out: Output = ctx.obj
    desk = desk_of(Home(out.folder), holder)
    asked = Asked(
        kind,
        file.name,
        holder,
        desk.view.today(),
        told["encoding"],
        told["decimal"] or "",
        told["sheet"],
    )
    found = _looked(out, _bytes(file), asked, There(desk.view.reader.state(), desk.store))
    if told["errors"] is not None:
        write_whole(told["errors"], faults_csv(found.faults, Words(out.lang)))
    shown = preview_json(found)
    if told["only"] or not found.good:
        out.show(shown, lambda: _preview_text(out, found))
        if not found.good:
            raise Invalid("intake.faults", "nothing was taken in", n=found.fault_count)
        return
    made = Batches(desk.store).apply(found, told["officer"], clock.now())
    out.show(
        {**shown, "batch": made.id},
        lambda: (
            f"{_preview_text(out, found)}\n"
            + out.say("cli.intake.applied", n=made.rows, batch=made.id)
        ),
    )


def _bytes(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(MOST_BYTES + 1)
    except OSError as bad:
        raise Unavailable("storage.read", f"{file.name} cannot be read") from bad


def _looked(out: Output, data: bytes, asked: Asked, there: There) -> Preview:
    guess = max(data.count(b"\n"), 2)
    with out.progress(out.say("cli.intake.checking"), guess) as progress:
        return preview(data, asked, there, lambda done: progress(min(done, guess)))


def preview_json(found: Preview) -> dict[str, Any]:
    """Give a preview in its JSON form, for command line and pages."""
    return {
        "kind": found.asked.kind,
        "format": found.table.format,
        "encoding": found.table.encoding,
        "delimiter": found.table.delimiter,
        "sheet": found.table.sheet,
        "rows": len(found.table.rows),
        "good": len(found.records),
        "faults": found.fault_count,
        "carats": str(Carats(found.points)),
        "value": str(UsdCents(found.cents)),
        "parcels": found.parcels,
        "arrivals": found.arrivals,
        "digest": found.digest.hex(),
        "errors": [
            {"row": e.row, "column": e.column, "code": e.code, "cell": e.shown}
            for e in found.faults
        ],
    }


def _preview_text(out: Output, found: Preview) -> str:
    table_, good = found.table, len(found.records)
    how = ", ".join(filter(None, (table_.format, table_.encoding, repr(table_.delimiter))))
    lines = [
        f"{how}: {out.say('cli.intake.rows', n=len(table_.rows))}",
        out.say(
            "cli.intake.sums",
            n=good,
            parcels=found.parcels,
            points=found.points,
            cents=found.cents,
        ),
    ]
    for each in found.faults[:_SHOWN]:
        said = sentence(each, Words(out.lang))
        cell = f" “{each.shown}”" if each.shown else ""
        lines.append(f"  {each.row}  {each.column}{cell}: {said}  [{each.code}]")
    if found.fault_count > _SHOWN:
        lines.append(out.say("cli.intake.more", n=found.fault_count - _SHOWN))
    return "\n".join(lines)


@click.command("template")
@KIND
@click.option("--format", "form", type=click.Choice(FORMATS), default="csv", show_default=True)
@click.option("--out", "file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_context
def template_command(ctx: click.Context, kind: str, form: str, file: Path | None) -> None:
    """Write an empty file of a kind with --out, or list its columns."""
    out: Output = ctx.obj
    rows = described(kind)
    if file is not None:
        write_whole(file, template(kind, form))
    heads = ("column", "needed", "meaning")
    told = [dict(zip(heads, row, strict=True)) for row in rows]
    out.show(told, lambda: str(file) if file is not None else table(heads, rows))


@click.group("batch")
def batch_command() -> None:
    """Take batches of acts on: list, propose, approve, issue."""


@batch_command.command("list")
@HOLDER
@click.pass_context
def batch_list(ctx: click.Context, holder: str) -> None:
    """List batches, newest first, with how far their acts have come."""
    out: Output = ctx.obj
    batches = Batches(desk_of(Home(out.folder), holder).store)
    told, rows = [], []
    heads = ("batch", "kind", "file", "at", "officer", "rows")
    for each in batches.batches():
        stages = batches.stages(each.id)
        at = show_moment(each.at)
        row = (str(each.id), each.kind, each.name, at, each.officer, str(each.rows))
        told.append({**dict(zip(heads, row, strict=True)), "stages": dict(stages)})
        rows.append((*row, ", ".join(f"{stage} {n}" for stage, n in stages.items())))
    out.show(told, lambda: table((*heads, "stages"), rows))


def _run(ctx: click.Context, holder: str, batch: int) -> tuple[Run, int]:
    out: Output = ctx.obj
    desk = desk_of(Home(out.folder), holder)
    return Run(Office(desk), desk, batch), Batches(desk.store).batch(batch).rows


@batch_command.command("propose")
@HOLDER
@BATCH
@click.option("--most", default=500, show_default=True, help="How many acts to fix.")
@click.pass_context
def batch_propose(ctx: click.Context, holder: str, batch: int, most: int) -> None:
    """Fix acts for approval. Proposals go stale in a day, so fix what can be signed in one."""
    out: Output = ctx.obj
    run, rows = _run(ctx, holder, batch)
    with out.progress(out.say("cli.intake.proposing"), min(rows, most)) as progress:
        done = run.propose(most, progress)
    _show_done(out, done, "cli.intake.proposed")


@batch_command.command("approve")
@HOLDER
@BATCH
@OFFICER
@click.option(
    "--key",
    type=click.Path(exists=True, path_type=Path),
    help="Folder of your key file; officers/ of the node if not given.",
)
@PASSPHRASE
@click.pass_context
def batch_approve(ctx: click.Context, /, holder: str, batch: int, **told: Any) -> None:
    """Sign for every proposed act of BATCH in one pass of your key."""
    out: Output = ctx.obj
    run, rows = _run(ctx, holder, batch)
    folder = told["key"] or Home(out.folder).officers(holder)
    key = officers.load(folder, told["officer"], passphrase(told["passphrase_file"]))
    with out.progress(out.say("cli.intake.approving"), rows) as progress:
        done = run.approve(told["officer"], key, progress)
    _show_done(out, done, "cli.intake.approved")


@batch_command.command("issue")
@HOLDER
@BATCH
@click.option("--most", default=500, show_default=True, help="How many acts to have signed.")
@click.pass_context
def batch_issue(ctx: click.Context, holder: str, batch: int, most: int) -> None:
    """Have approved acts signed and logged; what is left goes on another day."""
    out: Output = ctx.obj
    run, rows = _run(ctx, holder, batch)
    with out.progress(out.say("cli.intake.issuing"), min(rows, most)) as progress:
        done = run.complete(most, progress)
    _show_done(out, done, "cli.intake.logged")


@batch_command.command("withdraw")
@HOLDER
@BATCH
@click.pass_context
def batch_withdraw(ctx: click.Context, holder: str, batch: int) -> None:
    """Give up every act of BATCH that is not signed yet; its file may be taken in again."""
    out: Output = ctx.obj
    run, rows = _run(ctx, holder, batch)
    with out.progress(out.say("cli.intake.withdrawing"), rows) as progress:
        done = run.withdraw(progress)
    _show_done(out, done, "cli.intake.withdrawn")


def _show_done(out: Output, done: Done, key: str) -> None:
    problems = [
        {"row": i.row, "act": i.act, "number": i.number, "code": bad.code}
        for i, bad in done.problems
    ]
    stopped = done.stopped
    lines = [out.say(key, n=done.moved, waiting=done.waiting)]
    for item, bad in done.problems[:_SHOWN]:
        said = out.say(bad.code, **bad.facts) if Words(out.lang).has(bad.code) else bad.detail
        lines.append(f"  {item.row}  {item.number}: {said}  [{bad.code}]")
    out.show(
        {
            "moved": done.moved,
            "waiting": done.waiting,
            "problems": problems,
            "stopped": None if stopped is None else stopped.code,
        },
        "\n".join(lines),
    )
    if stopped is not None:
        raise stopped


@click.command("scans")
@HOLDER
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--officer", default="", help="Your staff pseudonym, to take scans in.")
@click.option(
    "--name", "named", type=(int, str), metavar="SCAN NUMBER", help="Say what a scan shows."
)
@click.pass_context
def scans_command(
    ctx: click.Context,
    holder: str,
    files: tuple[Path, ...],
    officer: str,
    named: tuple[int, str] | None,
) -> None:
    """Take in scans (PNG, JPEG, PDF), put beside the paper whose number they show.

    Without FILES, list the scans that belong to no act yet.
    """
    out: Output = ctx.obj
    desk = desk_of(Home(out.folder), holder)
    scans = Scans(desk.store, desk.vault)
    found: list[Scan] = []
    if named is not None:
        found.append(scans.name(*named))
    with out.progress(out.say("cli.intake.reading"), len(files)) as progress:
        for at, file in enumerate(files, start=1):
            found.append(scans.take(_scan(file), file.name, officer, clock.now()))
            progress(at)
    if not files and named is None:
        found = scans.scans(waiting=True)
    heads = ("scan", "file", "number", "by", "act")
    rows = [(str(e.id), e.name, e.number, e.by, str(e.act or "")) for e in found]
    told = [dict(zip(heads, row, strict=True)) for row in rows]
    waiting = sum(each.act is None for each in found)
    out.show(told, lambda: f"{table(heads, rows)}\n{out.say('cli.intake.waiting', n=waiting)}")


def _scan(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(BLOB_LIMIT + 1)
    except OSError as bad:
        raise Unavailable("storage.read", f"{file.name} cannot be read") from bad
