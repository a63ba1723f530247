"""Printed codes on the command line: `kimberlite certificate qr` and `certificate checkword`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from kimberlite.certificates.file import CertificateFile, parse_file
from kimberlite.cli.output import Output
from kimberlite.documents import address, checkword, reading
from kimberlite.documents import qr as codes
from kimberlite.kernel.errors import Problem
from kimberlite.ledger import receipt as receipts
from kimberlite.storage.files import write_whole

FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@dataclass(frozen=True, slots=True)
class Printed:
    """One symbol as it was written: where, and how wide it has to be printed."""

    path: Path
    text: str
    modules: int
    millimetres: float

    def to_json(self) -> dict[str, Any]:
        """Give the JSON form."""
        return {
            "file": str(self.path),
            "text": self.text,
            "modules": self.modules,
            "millimetres": self.millimetres,
        }


@click.command("qr")
@FILE
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write: .svg, .png or .txt; NUMBER.svg in this folder if not given.",
)
@click.option("--receipt", is_flag=True, help="Write the code of the receipt, for desk scanners.")
@click.option("--address", "base", metavar="URL", help="Verifier's address, for the line in clear.")
@click.pass_context
def qr(ctx: click.Context, file: Path, out: Path | None, receipt: bool, base: str | None) -> None:
    """Write the printed code of the certificate in FILE; numbered ones where one is not enough.

    FILE may also be a picture or PDF with the codes.
    """
    told: Output = ctx.obj
    read = _read(file)
    path = out or Path(f"{read.statement.header.sub}.svg")
    texts = (codes.qr2(read),) if receipt else codes.qr1(read)
    printed = _write(path, texts, f"{read.named['number']}, {'receipt' if receipt else 'signed'}")
    word, where = checkword.checkword(read.statement.id), _address(read, base)
    told.show(
        {"codes": [each.to_json() for each in printed], "checkword": word, "address": where},
        lambda: "\n".join(_lines(told, printed, word, where)),
    )


@click.command("checkword")
@FILE
@click.argument("word", required=False)
@click.pass_context
def check_word(ctx: click.Context, file: Path, word: str | None) -> None:
    """Show the check word of the certificate in FILE, or compare it with WORD as you heard it.

    Exit status: 0 shown, or the same; 1 not the same; 2 WORD was read or heard wrongly.
    """
    out: Output = ctx.obj
    read = _read(file)
    own = checkword.checkword(read.statement.id)
    if word is None:
        out.show({"checkword": own, "said": checkword.spelt(own)}, lambda: _word_line(out, own))
        return
    same = checkword.matches(word, read.statement.id)
    number = str(read.named["number"])
    key = "documents.same" if same else "documents.other"
    out.show({"number": number, "same": same}, lambda: out.say(key, word=word, number=number))
    ctx.exit(0 if same else 1)


def _read(file: Path) -> CertificateFile:
    return parse_file(reading.read(file.read_bytes()))


def _write(path: Path, texts: tuple[str, ...], title: str) -> list[Printed]:
    """Write each text as a symbol, or as it is for .txt; number the files where there are several.

    What is not .png or .txt becomes an SVG.
    """
    from kimberlite.documents import symbols  # noqa: PLC0415  # heavy; other commands need none

    printed = []
    for at, text in enumerate(texts, 1):
        symbol = symbols.draw(text)
        named = path if len(texts) == 1 else path.with_stem(f"{path.stem}-{at}")
        match path.suffix.lower():
            case ".png":
                data = symbol.png()
            case ".txt":
                data = f"{text}\n".encode()
            case _:
                data = symbol.svg(title).encode()
        write_whole(named, data)
        printed.append(Printed(named, text, symbol.modules, symbol.millimetres))
    return printed


def _address(read: CertificateFile, base: str | None) -> str | None:
    """Give the address to print, None where this file does not know its log or is not open."""
    if base is None:
        if not read.receipts:
            return None
        base = address.base_of(receipts.parse(read.receipts[0]).origin)
        try:
            return address.address(base, read)
        except Problem:
            return None
    return address.address(base, read)


def _lines(out: Output, printed: list[Printed], word: str, where: str | None) -> list[str]:
    lines = [
        out.say("documents.printed", file=str(each.path), width=f"{each.millimetres:g}")
        for each in printed
    ]
    lines.append(_word_line(out, word))
    if where is not None:
        lines.append(out.say("documents.address", address=where))
    return lines


def _word_line(out: Output, word: str) -> str:
    return out.say("documents.checkword", word=word, said=" ".join(checkword.spelt(word)))
