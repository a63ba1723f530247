"""Templates to fill in, and faults to take back: files that any spreadsheet opens."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence

from kimberlite.kernel.errors import Invalid
from kimberlite.node.intake import xlsx_template
from kimberlite.node.intake.columns import columns
from kimberlite.node.intake.mapping import Fault
from kimberlite.words import Words

FORMATS = ("csv", "xlsx", "json")
_RUNS = frozenset("=+-@\t\r")


def template(kind: str, form: str = "csv") -> bytes:
    """Give an empty file of a kind: its columns, and one example in JSON.

    Raises:
        Invalid: ``intake.kind``, ``intake.format``.
    """
    told = columns(kind)
    if form == "csv":
        return written([[each.name for each in told]])
    if form == "xlsx":
        return xlsx_template.written(kind, [each.name for each in told])
    if form == "json":
        row = {each.name: each.example for each in told if each.example}
        return json.dumps({"rows": [row]}, indent=1).encode() + b"\n"
    raise Invalid("intake.format", f"templates are made as {' or '.join(FORMATS)}")


def described(kind: str) -> list[tuple[str, str, str]]:
    """List the columns of a kind: name, "yes" where it is needed, what it means."""
    return [(each.name, "yes" if each.required else "", each.about) for each in columns(kind)]


def faults_csv(faults: Iterable[Fault], words: Words) -> bytes:
    """Give faults as a CSV file: row, column, code, sentence, what stood there."""
    told = ([str(e.row), e.column, e.code, sentence(e, words), e.shown] for e in faults)
    return written([["row", "column", "code", "fault", "cell"], *told])


def sentence(fault: Fault, words: Words) -> str:
    """Say what is wrong with a cell; where a field's own bounds are passed, say these."""
    bounds = fault.code.startswith(("schema.", "draft."))
    return words.say(fault.code) if words.has(fault.code) and not bounds else fault.detail


def written(rows: Iterable[Sequence[str]]) -> bytes:
    """Write CSV as spreadsheets take it: UTF-8 with its mark, and no cell that they would run."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    for row in rows:
        writer.writerow([f"'{each}" if each[:1] in _RUNS else each for each in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode()
