"""`kimberlite verify`: check a certificate, as file, PDF or photo, with a trust bundle alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from kimberlite.certificates import json_form
from kimberlite.certificates.verdict import Result, Verdict
from kimberlite.certificates.verify import Verifier
from kimberlite.cli.output import Output
from kimberlite.documents import reading
from kimberlite.documents.credential import check as credentials
from kimberlite.documents.credential import listed, statuslist
from kimberlite.kernel.days import day_of, parse_day, show_day, show_moment
from kimberlite.kernel.errors import Invalid, NotFound
from kimberlite.ledger import bundle as bundles
from kimberlite.ledger import memory
from kimberlite.node import clock
from kimberlite.node.remembered import Remembered

STATUS = {Result.VALID: 0, Result.INVALID: 1, Result.CANNOT_TELL: 3}


@click.command("verify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("more", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--bundle",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Trust bundle; trust-bundle beside FILE, or of the node, if not given.",
)
@click.option("--pin", metavar="HEX", help="Name of the log that you trust: its genesis digest.")
@click.option(
    "--root",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Trust root (.kpr) that you trust, in place of a pin.",
)
@click.option(
    "--status",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Status snapshot (.kps) beside the bundle; give a full one and its deltas.",
)
@click.option(
    "--status-list",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Status list of the log (vc+jwt), as other systems read it; one of each purpose.",
)
@click.option(
    "--state",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder that remembers the newest bundle and root, so that older ones are refused.",
)
@click.option("--receiver", metavar="CODE", help="Participant for which you check.")
@click.option("--as-of", metavar="DAY", help="Check as of this day (YYYY-MM-DD) and not today.")
@click.option("--arrived", metavar="DAY", help="Day on which the goods arrived, if before that.")
@click.pass_context
def command(
    ctx: click.Context,
    /,
    file: Path,
    more: tuple[Path, ...],
    bundle: Path | None,
    receiver: str | None,
    **known: Any,
) -> None:
    """Check the certificate in FILE, or in FILE and MORE together. Needs no node and no network.

    FILE is a certificate file (.kpc), a signed statement (.cose), a credential or view of it
    (.jwt), a PDF, a picture of the printed codes (PNG, JPEG, WebP), or their text. Codes in
    several pictures: give all of them.

    Exit status: 0 valid, 1 invalid, 3 cannot tell, 2 the file or the bundle is malformed.
    """
    out: Output = ctx.obj
    status = tuple(each.read_bytes() for each in known["status"])
    verifier = trusting(_bundle(file, bundle, out).read_bytes(), status, known)
    today = _day(known["as_of"]) or day_of(clock.now())
    things = [each.read_bytes() for each in (file, *more)]
    whole = reading.read(things[0], more=things[1:])
    verdict = verifier.verify(whole, today, receiver, _day(known["arrived"]))
    for each in things:
        if credentials.is_credential(each):
            verdict = credentials.judge(each, verifier.bundle, verdict)
    lists = [statuslist.verify(each.read_bytes(), verifier.bundle) for each in known["status_list"]]
    verdict = listed.judge(verdict, lists, today)
    out.show(verdict_json(verdict), lambda: _text(out, verdict))
    ctx.exit(STATUS[verdict.result])


def _day(text: str | None) -> int | None:
    return None if text is None else parse_day(text)


def trusting(raw: bytes, status: tuple[bytes, ...], known: Mapping[str, Any]) -> Verifier:
    """Check bundle and status by what the options ``pin``, ``root`` and ``state`` say.

    Raises:
        Untrusted, Invalid: as ``Remembered.verifier`` and ``ledger.bundle.verify``.
    """
    pinned, root = digest_of_pin(known["pin"]), known["root"]
    given = None if root is None else root.read_bytes()
    if known["state"] is not None:
        return Remembered(known["state"]).verifier(raw, status, pinned=pinned, root=given)
    if given is None:
        return Verifier(bundles.verify(raw, pinned), status)
    return Verifier(memory.accept(raw, None, pinned=pinned, root=given)[0], status)


def _bundle(file: Path, named: Path | None, out: Output) -> Path:
    if named is not None:
        return named
    for each in (file.parent / "trust-bundle", out.folder / "trust-bundle"):
        if each.is_file():
            return each
    raise NotFound(
        "bundle.absent",
        "there is no trust bundle: get one with `kimberlite node bundle`, carry it with you, and "
        "name it with --bundle",
    )


def digest_of_pin(pin: str | None) -> bytes | None:
    """Read the name of a log, 64 hexadecimal digits. Raises Invalid ``bundle.pin``."""
    if pin is None:
        return None
    try:
        found = bytes.fromhex(pin)
    except ValueError:
        found = b""
    if len(found) != 32:
        raise Invalid("bundle.pin", "the name of a log is 64 hexadecimal digits", pin=pin[:70])
    return found


def verdict_json(verdict: Verdict) -> dict[str, Any]:
    """Give a verdict in the JSON form of command line and API."""
    return {
        "result": verdict.result.value,
        "kind": verdict.kind,
        "log": verdict.origin,
        "number": verdict.number,
        "issuer": verdict.issuer,
        "type": verdict.typ,
        "statement": verdict.statement.hex(),
        "reasons": [
            {"code": each.code, "weight": each.weight.value, **each.facts}
            for each in verdict.reasons
        ],
        "proves": list(verdict.proves),
        "cannot_prove": list(verdict.cannot_prove),
        "reminders": list(verdict.reminders),
        "known_as_of": show_moment(verdict.as_of),
        "age_days": verdict.age_days,
    }


def _text(out: Output, verdict: Verdict) -> str:
    when, result = show_day(day_of(verdict.as_of)), verdict.result.value
    lines = [
        out.say(f"cli.verdict.{result}", number=verdict.number, issuer=verdict.issuer),
        out.say("cli.verdict.age", as_of=when, days=verdict.age_days),
        "",
    ]
    lines += [
        f"  {each.weight.value:<8} {out.say(each.code, **_shown(each.facts))}"
        for each in verdict.reasons
    ]
    lines += ["", *(f"  + {out.say(f'proves.{key}')}" for key in verdict.proves)]
    lines += [f"  ? {out.say(f'cannot.{key}')}" for key in verdict.cannot_prove]
    lines += ["", *(f"  * {out.say(f'reminder.{key}', as_of=when)}" for key in verdict.reminders)]
    return "\n".join(lines)


def _shown(facts: Any) -> dict[str, Any]:
    """Write days as people read them."""
    return {
        name: show_day(value)
        if isinstance(value, int) and (name in json_form.DAYS or name in {"today", "as_of"})
        else value
        for name, value in facts.items()
    }
