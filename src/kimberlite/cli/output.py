"""How the command line speaks: sentences and tables for people, JSON on request."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import click

from kimberlite.kernel.errors import Problem
from kimberlite.words import Words


@dataclass(frozen=True)
class Output:
    """What was asked of every command: JSON or text, which node, which language."""

    as_json: bool
    home: str
    lang: str

    @property
    def folder(self) -> Path:
        """The node's folder."""
        return Path(self.home)

    def say(self, key: str, **facts: Any) -> str:
        """Give a message in the language asked for."""
        return Words(self.lang).say(key, **facts)

    def show(self, told: Any, text: Callable[[], str] | str) -> None:
        """Print ``told`` as one JSON object, or ``text`` for people."""
        if self.as_json:
            click.echo(json.dumps(told, ensure_ascii=False, default=_plain))
        else:
            click.echo(text if isinstance(text, str) else text())

    @contextmanager
    def progress(self, label: str, total: int) -> Iterator[Callable[[int], None]]:
        """Show how far long work has come, on standard error and only to a person.

        The block gets a function that takes how many are done.
        """
        if self.as_json or total < 2 or not sys.stderr.isatty():
            yield lambda done: None
            return
        with click.progressbar(length=total, label=label, file=sys.stderr) as bar:
            yield lambda done: bar.update(done - bar.pos)


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Lay rows out in columns under their heads."""
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    lines = [heads, ["-" * width for width in widths], *rows]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def pairs(told: Mapping[str, Any]) -> str:
    """Lay names and values out in two columns."""
    width = max(map(len, told), default=0)
    return "\n".join(f"{name.ljust(width)}  {value}" for name, value in told.items())


def show_problem(bad: Problem) -> None:
    """Print what went wrong and what to do, with the code to ask about.

    Where a field is named, what is wrong with it stands beside the translated sentence.
    """
    asked = _asked_for()
    words = Words(asked.lang)
    sentence = words.say(bad.code, **bad.facts) if words.has(bad.code) else bad.detail
    if asked.as_json:
        told = {"error": bad.code, "detail": sentence, "facts": dict(bad.facts), "why": bad.detail}
        click.echo(json.dumps(told, ensure_ascii=False), err=True)
        return
    click.echo(f"{sentence}  [{bad.code}]", err=True)
    if "field" in bad.facts and sentence != bad.detail:
        click.echo(f"  {bad.detail}", err=True)


def _asked_for() -> Output:
    """Find the options again after the context is gone."""
    words = sys.argv[1:]
    lang = words[words.index("--lang") + 1] if "--lang" in words[:-1] else "en"
    return Output("--json" in words, "var", lang)


def show_fault(bad: Exception) -> None:
    """Print that the program itself failed, and keep the trace in a file for its makers."""
    try:
        with NamedTemporaryFile(
            "w", prefix="kimberlite-fault-", suffix=".txt", delete=False, encoding="utf-8"
        ) as trace:
            trace.write("".join(traceback.format_exception(bad)))
        where = f"what happened is in {trace.name}"
    except OSError:
        where = "the details could not be written"
    click.echo(f"Kimberlite failed in a way it should not; {where}.  [internal.fault]", err=True)


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if hasattr(value, "value"):
        return value.value
    return str(value)
