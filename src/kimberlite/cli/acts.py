"""The acts on a certificate as commands: one for each statement type, made from its schema."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from kimberlite.certificates import fields
from kimberlite.certificates.fields import Input
from kimberlite.cli.desk import HOLDER, office, read_json
from kimberlite.cli.output import Output
from kimberlite.documents import reading
from kimberlite.documents.credential.check import refuse_view
from kimberlite.kernel.errors import Invalid
from kimberlite.node.acting import ACT_WORDS, FILLED
from kimberlite.node.foretelling import Foretold, foretell_act
from kimberlite.node.office import Office
from kimberlite.node.photos import keep
from kimberlite.node.store import Act

UNNUMBERED = frozenset(("blank",))
"""Acts that are about no certificate's number."""


@click.group("act")
def act() -> None:
    """Propose any act on a certificate: dispatch, correction, alert, rectification and so on.

    Each act takes its fields as FIELD=VALUE, or from a JSON file. Officers then approve it and it
    is issued, as every act of an office.
    """


def _command(word: str) -> click.Command:
    """Make the command of one act; its help shows its fields."""
    form = fields.form_of(word)
    numbered = word not in UNNUMBERED
    number: list[click.Parameter] = [click.Argument(["number"])] if numbered else []
    command = click.Command(
        word,
        callback=click.pass_context(_run),
        params=[
            *number,
            click.Argument(["given"], nargs=-1, metavar="[FIELD=VALUE]..."),
            click.Option(
                ["--json-file"],
                type=click.Path(exists=True, dir_okay=False, path_type=Path),
                help="Fields as a JSON object; FIELD=VALUE goes before it.",
            ),
            click.Option(
                ["--with", "files"],
                multiple=True,
                type=click.Path(exists=True, dir_okay=False, path_type=Path),
                help="Certificate file it rests on; one held here is found by itself.",
            ),
            *_reason(word),
        ],
        short_help=form.note,
        help=f"{form.note}\n\n\b\n" + "\n".join(_help(form)),
    )
    return HOLDER(command)


def _reason(word: str) -> list[click.Parameter]:
    if word != "confirmation":
        return []
    wanted = "Why an arrival is confirmed although an alert is open."
    return [click.Option(["--despite-alert", "reason"], default="", help=wanted)]


def _help(form: Input) -> Iterator[str]:
    """Describe the fields, a line each; those with a star are needed."""
    yield "Fields, * needed:"
    yielded = ""
    for path, each in fields.flat(form):
        section = path.partition(".")[0]
        if "." in path and section != yielded:
            yielded = section
            yield f"{section} (sealed: only those concerned can read it)"
        star = "*" if each.required and path not in FILLED else ""
        yield f"  {path}{star}  {each.note}{_shape(each)}"
    yield ""
    yield "Today is taken where no day is given, and what the log knows is filled in."
    yield "Days are 2026-11-22, carats and US$ 12.34; for several values give a field several"
    yield "times; a digest may be @FILE, a photo or scan that is kept in the vault."


def _shape(each: Input) -> str:
    if each.choices:
        return f": {', '.join(each.choices)}"
    return {"flag": ": yes or no", "octets": ": hexadecimal or @FILE"}.get(each.form, "")


def _run(ctx: click.Context, /, holder: str, **told: Any) -> None:
    word = str(ctx.info_name)
    desk = office(ctx, holder)
    given = _given(told["json_file"]) | _pairs(word, desk, told["given"])
    if "number" in told:
        given["number"] = told["number"]
    files = tuple(reading.read(refuse_view(each.read_bytes())) for each in told["files"])
    foretold = foretell_act(desk.desk, word, given, files)
    _show(ctx, desk.act(word, given, files, told.get("reason", "")), foretold)


def _given(file: Path | None) -> dict[str, Any]:
    if file is None:
        return {}
    found = read_json(file)
    if not isinstance(found, dict):
        raise Invalid("draft.json", "the fields of an act are a JSON object")
    return found


def _pairs(word: str, desk: Office, given: tuple[str, ...]) -> dict[str, Any]:
    pairs = []
    for each in given:
        path, equals, text = each.partition("=")
        if not equals:
            raise Invalid("draft.field", f"{each[:80]}: write FIELD=VALUE", field=each[:80])
        if text.startswith("@"):
            text = keep(desk.vault, Path(text[1:])).hex()
        pairs.append((path, text))
    return fields.read(fields.form_of(word), pairs)


def _show(ctx: click.Context, found: Act, foretold: Foretold) -> None:
    out: Output = ctx.obj
    told = {
        "act": found.id,
        "type": found.typ,
        "about": found.sub,
        "stage": found.stage,
        "would_be_refused": [{"rule": f.code, **f.facts} for f in foretold.refused],
        "would_be_found": [{"rule": f.code, **f.facts} for f in foretold.found],
        "rules": [{"rule": s.code, "says": s.truth.value} for s in foretold.said],
    }

    def text() -> str:
        lines = [out.say(f"cli.stage.{found.stage}", act=found.id, about=found.sub)]
        marks = [("x", f.code, f.facts) for f in foretold.refused]
        marks += [("!", f.code, f.facts) for f in foretold.found]
        marks += [("!", s.code, s.ruling.facts) for s in foretold.said]
        lines += [f"  {mark} {out.say(code, **facts)}  [{code}]" for mark, code, facts in marks]
        return "\n".join(lines)

    out.show(told, text)


for each in ACT_WORDS:
    act.add_command(_command(each))
