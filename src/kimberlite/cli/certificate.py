"""`kimberlite certificate`: a certificate's way, from application to confirmed arrival."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from kimberlite.certificates import json_form
from kimberlite.certificates.life import CertificateLife
from kimberlite.certificates.rules import Assessment
from kimberlite.certificates.v1.issue import TYP as CERTIFICATE_TYP
from kimberlite.certificates.v1.void import REASONS
from kimberlite.cli.acts import act as act_group
from kimberlite.cli.codes import check_word, qr
from kimberlite.cli.copies import copies_command, copy_command
from kimberlite.cli.credential import credential
from kimberlite.cli.desk import HOLDER, PASSPHRASE, office, passphrase, read_json
from kimberlite.cli.dossier import dossier, dossier_check
from kimberlite.cli.due import alerts_command, blanks_command, due_command
from kimberlite.cli.intake import batch_command, import_command, scans_command, template_command
from kimberlite.cli.letters import advise_command, inbox_command, letters_command, remind_command
from kimberlite.cli.listing import list_command
from kimberlite.cli.output import Output, pairs, table
from kimberlite.cli.printing import print_command, register, stock
from kimberlite.documents import reading
from kimberlite.documents.credential import check as credentials
from kimberlite.kernel.days import show_day, show_moment
from kimberlite.kernel.errors import Invalid
from kimberlite.node import clock, officers
from kimberlite.node.desk import Check
from kimberlite.node.home import Home
from kimberlite.node.store import Act
from kimberlite.node.view import View
from kimberlite.storage.files import write_whole

FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
ACT = click.argument("act", type=int)
OUT = click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write the file; NUMBER.kpc in this folder if not given.",
)


@click.group("certificate")
def command() -> None:
    """Apply for, check, approve, issue, confirm, void and replace certificates."""


command.add_command(act_group)
command.add_command(qr)
command.add_command(check_word)
command.add_command(credential)
command.add_command(dossier)
command.add_command(dossier_check)
for each in (print_command, stock, register):
    command.add_command(each)
command.add_command(list_command)
for each in (due_command, alerts_command, blanks_command):
    command.add_command(each)
for each in (copy_command, copies_command):
    command.add_command(each)
for each in (inbox_command, advise_command, remind_command, letters_command):
    command.add_command(each)
for each in (import_command, template_command, batch_command, scans_command):
    command.add_command(each)


@command.command()
@HOLDER
@FILE
@click.option("--replaces", metavar="NUMBER", help="Own, unused certificate that this replaces.")
@click.pass_context
def apply(ctx: click.Context, holder: str, file: Path, replaces: str | None) -> None:
    """Take an application from FILE (JSON); nothing is numbered or signed yet.

    docs/how-to/exporting-authority.md shows the fields.
    """
    desk, told = office(ctx, holder), read_json(file)
    if not isinstance(told, dict):
        raise Invalid("draft.json", "an application is a JSON object")
    _show_act(ctx, desk.replace(replaces, told) if replaces else desk.apply(told))


@command.command()
@HOLDER
@ACT
@click.option("--officer", required=True, help="Pseudonym of the officer who checked the goods.")
@click.option("--seal", "seals", multiple=True, help="Seal number; repeatable.")
@click.option(
    "--box",
    "boxes",
    multiple=True,
    metavar="MARK=SEAL[,SEAL]",
    help="Container by its mark, with the seals on it; repeatable.",
)
@click.option("--remarks", default="", help="What the check showed.")
@click.option("--number", help="Number to use; the next of the range if not given.")
@click.option("--form", help="Number of the blank form it is printed on.")
@click.option(
    "--override",
    "overrides",
    type=(str, str),
    multiple=True,
    metavar="RULE BASIS",
    help="Set a rule aside, with its legal basis; it shows in the certificate for ever.",
)
@click.pass_context
def check(ctx: click.Context, /, holder: str, act: int, **told: Any) -> None:
    """Fix ACT after its goods were checked and sealed: officers can approve it from here on."""
    wanted = Check(
        told["officer"],
        tuple(told["seals"]),
        told["remarks"],
        told["number"],
        dict(told["overrides"]),
        told["form"],
        boxes=tuple(_box(each) for each in told["boxes"]),
    )
    if not wanted.seals and not wanted.boxes:
        raise click.UsageError("name the seals, with --seal or --box")
    found, assessment = office(ctx, holder).check(act, wanted)
    _show_act(ctx, found, assessment)


def _box(text: str) -> tuple[str, tuple[str, ...]]:
    mark, equals, seals = text.partition("=")
    if not mark or not equals:
        raise click.UsageError(f"write --box MARK=SEAL, not {text[:40]}")
    return mark, tuple(seal for seal in seals.split(",") if seal)


@command.command()
@HOLDER
@ACT
@click.option("--officer", required=True, help="Pseudonym under which you are enrolled.")
@click.option(
    "--key",
    type=click.Path(exists=True, path_type=Path),
    help="Folder of your key file; officers/ of the node if not given.",
)
@PASSPHRASE
@click.pass_context
def approve(
    ctx: click.Context,
    holder: str,
    act: int,
    officer: str,
    key: Path | None,
    passphrase_file: Path | None,
) -> None:
    """Sign for ACT as an officer. Read what `show` prints before you do."""
    out: Output = ctx.obj
    desk = office(ctx, holder)
    folder = key or Home(out.folder).officers(holder)
    private = officers.load(folder, officer, passphrase(passphrase_file))
    signed = officers.approve(
        private, officer, desk.proposal(act).proposal, genesis=desk.genesis(), moment=clock.now()
    )
    count = desk.approve(act, signed)
    out.show(
        {"act": act, "officer": officer, "approvals": count},
        out.say("cli.approved", act=act, officer=officer, count=count),
    )


@command.command()
@HOLDER
@ACT
@OUT
@click.pass_context
def issue(ctx: click.Context, holder: str, act: int, out: Path | None) -> None:
    """Have ACT signed and logged, and write its file. Goes on where an earlier try stopped."""
    found, file = office(ctx, holder).complete(act)
    path = out or Path(f"{found.sub}.kpc" if found.typ == CERTIFICATE_TYP else f"act-{act}.kpc")
    write_whole(path, file)
    told: Output = ctx.obj
    key = "cli.issued" if found.stage == "logged" else "cli.issued-pending"
    told.show(
        {**_act(found), "file": str(path), "bytes": len(file)},
        told.say(key, sub=found.sub, file=str(path)),
    )


@command.command("file")
@HOLDER
@ACT
@OUT
@click.pass_context
def write_file(ctx: click.Context, holder: str, act: int, out: Path | None) -> None:
    """Write the file of a logged ACT again, with a fresh receipt."""
    desk = office(ctx, holder)
    file = desk.file(act)
    path = out or Path(f"act-{act}.kpc")
    write_whole(path, file)
    told: Output = ctx.obj
    told.show({"file": str(path), "bytes": len(file)}, str(path))


@command.command()
@HOLDER
@FILE
@click.option("--office", "desk_name", default="", help="Office where it was presented.")
@click.pass_context
def present(ctx: click.Context, holder: str, file: Path, desk_name: str) -> None:
    """Record that the certificate in FILE was presented here."""
    shown = reading.read(credentials.refuse_view(file.read_bytes()))
    _show_act(ctx, office(ctx, holder).present(shown, desk_name))


@command.command()
@HOLDER
@FILE
@click.argument("findings", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--despite-alert", default="", help="Why it is confirmed although an alert is open.")
@click.pass_context
def confirm(
    ctx: click.Context, holder: str, file: Path, findings: Path, despite_alert: str
) -> None:
    """Propose to confirm the arrival of FILE's shipment, as FINDINGS (JSON) says it was found.

    docs/how-to/importing-authority.md shows the fields. What was not measured is left out.
    """
    told = read_json(findings)
    if not isinstance(told, dict):
        raise Invalid("draft.json", "findings are a JSON object")
    raw = reading.read(credentials.refuse_view(file.read_bytes()))
    found, assessment = office(ctx, holder).confirm(raw, told, despite_alert)
    _show_act(ctx, found, assessment)


@command.command()
@HOLDER
@click.argument("number")
@click.option("--reason", required=True, type=click.Choice(REASONS), help="Why it is voided.")
@click.option("--note", default="", help="Why, in a sentence.")
@click.pass_context
def void(ctx: click.Context, holder: str, number: str, reason: str, note: str) -> None:
    """Propose to void an own certificate before it is used."""
    _show_act(ctx, office(ctx, holder).void(number, reason, note))


@command.command()
@HOLDER
@ACT
@click.pass_context
def withdraw(ctx: click.Context, holder: str, act: int) -> None:
    """Give ACT up before it is signed; its number stays taken."""
    _show_act(ctx, office(ctx, holder).withdraw(act))


@command.command()
@HOLDER
@click.pass_context
def acts(ctx: click.Context, holder: str) -> None:
    """List the acts of this office, newest first."""
    out: Output = ctx.obj
    found = office(ctx, holder).acts()
    rows = [(str(a.id), a.typ, a.sub, a.stage, show_moment(a.created)) for a in found]
    heads = ("act", "type", "about", "stage", "since")
    out.show([_act(each) for each in found], lambda: table(heads, rows))


@command.command()
@click.argument("number")
@click.pass_context
def show(ctx: click.Context, number: str) -> None:
    """Show a certificate's life as the log has it: every act, with what rules found."""
    out: Output = ctx.obj
    life = View(Home(out.folder)).certificate(number)
    told = life_json(life)
    out.show(told, lambda: _life_text(out, told))


def life_json(life: CertificateLife) -> dict[str, Any]:
    """Give a certificate's life in the JSON form of command line and API."""
    return {
        "number": life.number,
        "issuer": life.row.holder,
        "status": life.status.word,
        "expired": life.expired,
        "expires": show_day(life.row.expires),
        "paper": None
        if life.transcript is None
        else {"transcriber": life.transcript.transcriber, "specimen": life.transcript.specimen},
        "alerts": [
            {"entry": a.index, "statement": a.statement.hex(), "kind": a.kind, "by": a.holder}
            for a in life.alerts
        ],
        "acts": [
            {
                "entry": each.index,
                "statement": each.statement.hex(),
                "type": each.typ,
                "by": each.holder,
                "signed_at": show_moment(each.signed_at),
                **json_form.show(each.named),
                "findings": [{"rule": f.code, **f.facts} for f in each.findings],
            }
            for each in life.acts
        ],
    }


def _life_text(out: Output, told: dict[str, Any]) -> str:
    head = pairs({name: told[name] for name in ("number", "issuer", "status", "expires")})
    lines = [head, ""]
    if (paper := told["paper"]) is not None:
        lines.append("  ! " + out.say("web.life.paper", holder=paper["transcriber"]))
    for alert in told["alerts"]:
        said = {"holder": alert["by"], "index": alert["entry"], "kind": alert["kind"]}
        lines.append("  ! " + out.say("web.life.alert", **said))
    for act in told["acts"]:
        outcome = act.get("outcome", "")
        lines.append(
            f"{act['entry']:>6}  {act['signed_at']}  {act['by']}  {act['type']}  {outcome}"
        )
        for finding in act["findings"]:
            facts = {name: value for name, value in finding.items() if name != "rule"}
            lines.append(f"        ! {out.say(finding['rule'], **facts)}  [{finding['rule']}]")
    return "\n".join(line.rstrip() for line in lines)


def _act(found: Act) -> dict[str, Any]:
    return {
        "act": found.id,
        "type": found.typ,
        "about": found.sub,
        "stage": found.stage,
        "since": show_moment(found.created),
    }


def _show_act(ctx: click.Context, found: Act, assessment: Assessment | None = None) -> None:
    out: Output = ctx.obj
    told = _act(found)
    if assessment is not None:
        told["rules"] = [
            {"rule": each.code, "says": each.truth.value, "source": each.source}
            for each in assessment.said
        ]

    def text() -> str:
        lines = [out.say(f"cli.stage.{found.stage}", act=found.id, about=found.sub)]
        if assessment is not None:
            for each in (*assessment.broken, *assessment.doubtful):
                words = out.say(each.code, **each.ruling.facts)
                lines.append(f"  ! {words}  [{each.code}; {each.source}]")
        return "\n".join(lines)

    out.show(told, text)
