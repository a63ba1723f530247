"""The command `kimberlite`: one module a noun, loaded when it is called, so that help is quick.

Exit status: 0 done, or valid; 1 a rule or a check says no; 2 malformed input; 3 cannot tell;
4 not found; 5 someone else came first; 6 something is out of reach; 70 a fault of the program.
"""

from __future__ import annotations

import re
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from kimberlite.cli import output
from kimberlite.kernel.errors import (
    Conflict,
    Invalid,
    NotFound,
    Problem,
    Refused,
    Unavailable,
    Untrusted,
)

EXIT: dict[type[Problem], int] = {
    Invalid: 2,
    Refused: 1,
    Untrusted: 1,
    NotFound: 4,
    Conflict: 5,
    Unavailable: 6,
}
FAULT = 70

_FIRST_LINE = re.compile(r'"""`kimberlite (?P<name>[a-z-]+)`: (?P<help>.+?\.)')


def commands() -> dict[str, str]:
    """Give every command and its help: a module here joins by its docstring's first line."""
    found: dict[str, str] = {}
    for module in sorted(Path(__file__).parent.glob("*.py")):
        with module.open(encoding="utf-8") as text:
            told = _FIRST_LINE.match(text.readline())
        if told is not None:
            found[told["name"]] = told["help"][0].upper() + told["help"][1:]
    return found


class Nouns(click.Group):
    """Commands that are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List every command."""
        return list(commands())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command, or give None for an unknown name."""
        if cmd_name not in commands():
            return None
        found: click.Command = import_module(f"kimberlite.cli.{cmd_name}").command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl(list(commands().items()))


@click.group(cls=Nouns, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="kimberlite", message="%(version)s")
@click.option("--json", "as_json", is_flag=True, help="Print JSON and nothing else.")
@click.option(
    "--home",
    type=click.Path(file_okay=False),
    envvar="KIMBERLITE_HOME",
    default="var",
    show_default=True,
    help="Folder of the node to work on.",
)
@click.option(
    "--lang",
    type=click.Choice(["en", "ar", "fr", "pt", "ru", "zh", "es"]),
    default="en",
    envvar="KIMBERLITE_LANG",
    help="Language of messages.",
)
@click.pass_context
def program(ctx: click.Context, /, **options: Any) -> None:
    """Kimberley Process certificates, the log they stand in, and who may trade."""
    ctx.obj = output.Output(**options)


def hoisted(words: list[str]) -> list[str]:
    """Let the options of the whole program stand anywhere, as people write them.

    >>> hoisted(["verify", "a.kpc", "--json"])
    ['--json', 'verify', 'a.kpc']
    """
    front: list[str] = []
    rest: list[str] = []
    left = iter(words)
    for word in left:
        name = word.partition("=")[0]
        if word == "--":
            rest.extend((word, *left))
        elif word == "--json":
            front.append(word)
        elif name in {"--home", "--lang"}:
            front.append(word)
            if "=" not in word:
                front.extend(value for value in [next(left, None)] if value is not None)
        else:
            rest.append(word)
    return [*front, *rest]


def main() -> None:
    """Run the command line; turn every problem into a sentence and an exit status."""
    try:
        status = program.main(hoisted(sys.argv[1:]), standalone_mode=False)
    except click.exceptions.Abort:
        status = 130
    except click.ClickException as bad:
        bad.show()
        status = bad.exit_code
    except Problem as bad:
        output.show_problem(bad)
        status = next((code for kind, code in EXIT.items() if isinstance(bad, kind)), FAULT)
    except BrokenPipeError:
        status = 0
    except Exception as bad:  # noqa: BLE001  # the last line of defence: no stack trace for a user
        output.show_fault(bad)
        status = FAULT
    sys.exit(status if isinstance(status, int) else 0)
