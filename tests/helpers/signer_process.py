"""A signer process with a clock of its own and, if asked, a crash at a chosen point.

    python -m tests.helpers.signer_process HOME LOG SOCKET MOMENT [CRASH]

CRASH is "judging", "before-journal" or "after-journal": the process kills itself there.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from kimberlite.node.books import BOOKS
from kimberlite.node.signer.assessing import judge
from kimberlite.node.signer.journal import Journal, Signed
from kimberlite.node.signer.ports import Judged, Opened
from kimberlite.node.signer.process import Place, Wiring, run
from tests.helpers.signing import WORDS


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    home, log, socket, moment, *rest = sys.argv[1:]
    crash = rest[0] if rest else ""
    began = time.monotonic()

    def clock() -> int:
        return int(moment) + int(time.monotonic() - began)

    def judging(opened: Opened) -> Judged:
        if crash == "judging":
            die()
        return judge(opened)

    add = Journal.add

    def adding(self: Journal, signed: Signed) -> None:
        if crash == "before-journal":
            die()
        add(self, signed)
        if crash == "after-journal":
            die()

    setattr(Journal, "add", adding)  # noqa: B010 - the one point where a crash matters
    run(Place(Path(home), Path(log), Path(socket)), WORDS, Wiring(BOOKS, judging, clock))


if __name__ == "__main__":
    main()
