"""A log in memory whose days are simulated: the same writer, rules and guard as any log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kimberlite.kernel.days import start_of
from kimberlite.kernel.errors import Refused
from kimberlite.ledger.admission import Admitted
from kimberlite.ledger.engine.memory import MemoryEngine
from kimberlite.ledger.guard import Guard, MemoryMemo
from kimberlite.ledger.log import Log, Writer
from kimberlite.ledger.v1.time import JUMP
from kimberlite.node.books import BOOKS, V1
from kimberlite.node.founding import Draft, Founder, append
from kimberlite.registry.read import Registry

ORIGIN = "cases.example/log"
LOG, OPERATOR, ARCHIVE = "kp.log", "kp.operator", "kp.archive"
HOLDERS = (
    (LOG, ("log",)),
    (OPERATOR, ("operate",)),
    (ARCHIVE, ("transcribe",)),
    ("kp.chair", ("chair",)),
    ("XA", ("endorse",)),
    ("XB", ("endorse",)),
)
_REASON = "simulated days of the case histories"

Asserted = tuple[str, str, dict[str, Any]]
"""A statement of the record before it is signed: type, subject, fields of the log section."""


class _Days:
    """A clock that stands still until it is set."""

    def __init__(self, day: int) -> None:
        self.at = start_of(day)

    def __call__(self) -> int:
        return self.at


class Stage:
    """A log of kind "test", its keys made anew, standing at the start of a day."""

    def __init__(self, day: int) -> None:
        """Found the log on ``day``. Raises as ``Log``."""
        self._clock = _Days(day)
        self._founder = Founder.with_new_keys(V1, HOLDERS)
        key = self._founder.key(LOG, "log")
        guard = Guard(ORIGIN, key, MemoryMemo())
        self._log = Log(MemoryEngine(), Writer(BOOKS, key, LOG, guard, self._clock))
        genesis = self._founder.genesis(
            kind="test", origin=ORIGIN, title="Case histories", now=self._clock.at, needed=2
        )
        append(self._log, [genesis])

    @property
    def size(self) -> int:
        """Count the log's entries."""
        return self._log.size

    @property
    def registry(self) -> Registry:
        """Give the registry as the log stands."""
        return Registry(self._log.state)

    def move(self, day: int) -> None:
        """Let the log's time go on to the start of ``day``, by leave of its operator.

        Raises:
            Refused: with the log's own code.
        """
        at = start_of(day)
        if at <= self._clock.at:
            return
        leave = Draft(JUMP.typ, OPERATOR, {"at": at, "reason": _REASON})
        outcome = self._log.jump(self._founder.sign(OPERATOR, leave, at))
        if not isinstance(outcome, Admitted):
            raise Refused(outcome.code, f"the log would not let its days go on ({outcome.code})")
        self._clock.at = at
        self._log.beat()

    def enter(self, asserted: Sequence[Asserted]) -> None:
        """Let the transcriber assert ``asserted`` today.

        Raises:
            Refused: with the code of the first that the log does not admit.
        """
        now = self._clock.at
        raws = [self._founder.sign(ARCHIVE, Draft(*each), now) for each in asserted]
        append(self._log, raws)
