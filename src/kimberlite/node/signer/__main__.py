"""`python -m kimberlite.node.signer HOME --log LOG`: run a signer until it is told to stop."""

from __future__ import annotations

import argparse
import os
import pwd
import sys
from collections.abc import Sequence
from getpass import getpass
from pathlib import Path

from kimberlite.kernel.errors import Invalid, Problem, Refused, Unavailable
from kimberlite.node.books import BOOKS
from kimberlite.node.signer.assessing import judge
from kimberlite.node.signer.process import Place, Wiring, run

_LONGEST = 1024


def main(
    home: Path,
    passphrase: str | None,
    *,
    log: Path,
    socket: Path | None = None,
    users: frozenset[int] = frozenset(),
) -> None:
    """Run the signer of ``home`` with the rules of this program.

    Args:
        home: the signer's own folder.
        passphrase: asked for at the terminal when None.
        log: the log's database, read only.
        socket: where to answer; by default in ``home``.
        users: uids that may ask beside this process's own.

    Raises:
        Problem: as ``process.run``.
    """
    words = _asked() if passphrase is None else passphrase
    run(Place(home, log, socket, users), words, Wiring(BOOKS, judge))


def _asked() -> str:
    if not sys.stdin.isatty():
        raise Invalid(
            "signer.passphrase",
            "nobody is there to type the passphrase: give --passphrase-file or --passphrase-fd",
        )
    return getpass("Passphrase of the signer: ")


def _from_file(path: Path) -> str:
    try:
        if path.stat().st_mode & 0o077:
            raise Refused(
                "signer.passphrase-open", f"others may read {path.name}: give it mode 0600"
            )
        return _line(path.read_bytes())
    except OSError as bad:
        raise Unavailable(
            "signer.passphrase-file", f"{path.name} cannot be read: {bad.strerror or bad}"
        ) from bad


def _from_descriptor(number: int) -> str:
    try:
        with os.fdopen(number, "rb") as file:
            return _line(file.read(_LONGEST))
    except OSError as bad:
        raise Unavailable(
            "signer.passphrase-file", f"descriptor {number} cannot be read: {bad.strerror or bad}"
        ) from bad


def _line(data: bytes) -> str:
    try:
        return data.decode().removesuffix("\n")
    except UnicodeDecodeError:
        raise Invalid("signer.passphrase", "the passphrase is not text in UTF-8") from None


def _uid(name: str) -> int:
    try:
        return int(name) if name.isdecimal() else pwd.getpwnam(name).pw_uid
    except KeyError:
        raise Invalid("signer.user", f"this machine has no user {name}", user=name) from None


def _parser() -> argparse.ArgumentParser:
    # No option takes the passphrase itself: arguments can be read by everyone on the machine.
    parser = argparse.ArgumentParser(prog="kimberlite-signer", description=__doc__)
    parser.add_argument("home", type=Path, help="the signer's own folder")
    parser.add_argument("--log", type=Path, required=True, help="database of the log, read only")
    parser.add_argument("--socket", type=Path, help="where to answer (default: in HOME)")
    parser.add_argument(
        "--allow-user", action="append", default=[], metavar="NAME", help="who else may ask"
    )
    secret = parser.add_mutually_exclusive_group()
    secret.add_argument("--passphrase-file", type=Path, help="file with mode 0600")
    secret.add_argument("--passphrase-fd", type=int, help="open descriptor to read it from")
    return parser


def start(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; give the exit status: 0 stopped, 1 refused, 2 malformed."""
    told = _parser().parse_args(arguments)
    try:
        words = None
        if told.passphrase_file is not None:
            words = _from_file(told.passphrase_file)
        elif told.passphrase_fd is not None:
            words = _from_descriptor(told.passphrase_fd)
        users = frozenset(map(_uid, told.allow_user))
        main(told.home, words, log=told.log, socket=told.socket, users=users)
    except Problem as bad:
        sys.stderr.write(f"{bad.code}: {bad.detail}\n")
        return 2 if isinstance(bad, Invalid) else 1
    return 0


if __name__ == "__main__":
    sys.exit(start())
