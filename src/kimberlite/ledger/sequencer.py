"""The one thread that writes a log: whatever arrives while it works becomes the next batch.

Nobody waits for a timer: a statement that arrives alone is committed at once, and while that
commit is on its way to the disk the next batch gathers. Who hands something in gets a future,
which ends with the outcome once that is durable and signed for, or with the Problem.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Self, TypeAlias, TypeVar

from kimberlite.kernel.errors import Problem, Unavailable
from kimberlite.ledger.admission import Outcome
from kimberlite.ledger.log import Log

Answer = TypeVar("Answer")

MOST = 1_000
"""Statements in one batch."""
ROOM = 20_000
"""Statements that may wait; more are sent away at once, so that no queue outgrows memory."""
LINGER = 0.05
"""Longest time, in seconds, that a batch may gather while more are visibly on their way."""
PULSE = 1.0
"""How often, in seconds, an idle log looks whether to log the time."""


@dataclass(frozen=True, slots=True)
class _Ask:
    raw: bytes
    future: Future[Outcome]


@dataclass(frozen=True, slots=True)
class _Job:
    """Something else to do with the log, between two batches."""

    run: Callable[[], None]
    future: Future[Any]


_Item: TypeAlias = _Ask | _Job


class Sequencer:
    """Runs one log on a thread of its own, from ``start`` to ``stop``.

    ``settled`` is called on that thread after each batch that made the log grow, with the log;
    a Problem it raises is kept in ``troubles`` until the next time it works, and changes nothing
    for those who wait. Methods may be called from any thread.
    """

    def __init__(
        self,
        log: Log,
        *,
        settled: Callable[[Log], None] | None = None,
        most: int = MOST,
        room: int = ROOM,
        pulse: float = PULSE,
    ) -> None:
        self._log, self._settled = log, settled
        self._most, self._room, self._pulse = most, room, pulse
        self._waiting: deque[_Item] = deque()
        self._news = threading.Condition()
        self._closing = False
        self._ended: Problem | None = None
        self._thread = threading.Thread(target=self._run, name="sequencer", daemon=True)
        self.troubles: dict[str, Problem] = {}
        """What does not work at present though nobody waits for it: "time", "settled"."""

    @property
    def ended(self) -> Problem | None:
        """Say why nobody writes any more, once that is so; its cause is what went wrong."""
        return self._ended

    @property
    def waiting(self) -> int:
        """Count what waits for the next batch."""
        return len(self._waiting)

    def start(self) -> Self:
        """Begin to write. Gives itself."""
        self._thread.start()
        return self

    def stop(self, timeout: float | None = None) -> None:
        """Finish what waits, then end the thread; what comes later is sent away."""
        with self._news:
            self._closing = True
            self._news.notify_all()
        self._thread.join(timeout)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def submit(self, raw: bytes) -> Future[Outcome]:
        """Hand in one statement.

        The future ends with the outcome, or with what ``Log.append`` raises.

        Raises:
            Unavailable: ``log.busy`` when too many wait, ``log.stopped`` when nobody writes.
        """
        return self.submit_all((raw,))[0]

    def submit_all(self, raws: Sequence[bytes]) -> list[Future[Outcome]]:
        """Hand in several, decided in this order; all are taken or none. Raises as ``submit``."""
        asks = [_Ask(raw, Future()) for raw in raws]
        self._take(asks)
        return [each.future for each in asks]

    def append(self, raws: Sequence[bytes], timeout: float | None = None) -> list[Outcome]:
        """Hand in several and wait for their outcomes.

        Raises:
            As ``submit`` and ``Log.append``; Unavailable ``log.slow`` after ``timeout`` seconds:
            then it is not known whether they are in.
        """
        return [_await(each, timeout) for each in self.submit_all(raws)]

    def call(self, do: Callable[[Log], Answer], timeout: float | None = None) -> Answer:
        """Do something with the log between two batches: a receipt, an operator's time jump.

        Raises:
            As ``do`` does, as ``submit``, and Unavailable ``log.slow``.
        """
        future: Future[Answer] = Future()

        def run() -> None:
            future.set_result(do(self._log))

        self._take([_Job(run, future)])
        return _await(future, timeout)

    def _take(self, items: Sequence[_Item]) -> None:
        with self._news:
            if self._closing or self._ended is not None:
                raise self._ended or _stopped()
            if len(self._waiting) + len(items) > self._room:
                raise Unavailable(
                    "log.busy", "too many statements wait for the log: try again in a moment"
                )
            self._waiting.extend(items)
            self._news.notify()

    def _run(self) -> None:
        why: Problem = _stopped()
        try:
            while (items := self._gather()) is not None:
                if not items:
                    self._attempt("time", self._beat)
                elif isinstance(first := items[0], _Job):
                    self._do(first)
                else:
                    self._write([each for each in items if isinstance(each, _Ask)])
        except BaseException as bad:  # noqa: BLE001 - kept in ``ended``; nothing goes on after it
            why = _broken(bad)
        self._end(why)

    def _gather(self) -> list[_Item] | None:
        """Wait for the next batch; nothing in it after a silent pulse, None when all is done."""
        with self._news:
            if not self._waiting and not self._closing:
                self._news.wait(self._pulse)
            if self._ended is not None or (self._closing and not self._waiting):
                return None
            if self._waiting and isinstance(self._waiting[0], _Job):
                return [self._waiting.popleft()]
            # More than one in the queue means that callers are busy: a little patience fills the
            # batch and saves a disk flush. One alone means that somebody is waiting for it.
            if 1 < len(self._waiting) < self._most and not self._closing:
                self._linger()
            batch: list[_Item] = []
            while self._waiting and len(batch) < self._most:
                if isinstance(self._waiting[0], _Job):
                    break
                batch.append(self._waiting.popleft())
            return batch

    def _linger(self) -> None:
        """Wait while statements keep arriving, but no longer than ``LINGER``."""
        end = time.monotonic() + LINGER
        held = 0
        while held < len(self._waiting) < self._most and time.monotonic() < end:
            held = len(self._waiting)
            self._news.wait(LINGER / 25)

    def _do(self, job: _Job) -> None:
        if not job.future.set_running_or_notify_cancel():
            return
        try:
            job.run()
        except Problem as bad:
            job.future.set_exception(bad)
            self._fenced(bad)
        except BaseException as bad:
            job.future.set_exception(_broken(bad))
            raise

    def _write(self, taken: Sequence[_Ask]) -> None:
        before = self._log.size
        asks = [each for each in taken if each.future.set_running_or_notify_cancel()]
        try:
            outcomes = self._log.append([each.raw for each in asks])
        except Problem as bad:
            for each in asks:
                each.future.set_exception(bad)
            self._fenced(bad)
            return
        except BaseException as bad:
            for each in asks:
                each.future.set_exception(_broken(bad))
            raise
        for each, outcome in zip(asks, outcomes, strict=True):
            each.future.set_result(outcome)
        self._tell(before)

    def _beat(self) -> None:
        before = self._log.size
        self._log.beat()
        self._tell(before)

    def _tell(self, before: int) -> None:
        if self._settled is not None and self._log.size != before:
            settled = self._settled
            self._attempt("settled", lambda: settled(self._log))

    def _attempt(self, what: str, do: Callable[[], None]) -> None:
        """Do what nobody waits for: a Problem is kept for whoever asks, and does not end us."""
        try:
            do()
        except Problem as bad:
            self.troubles[what] = bad
            self._fenced(bad)
        else:
            self.troubles.pop(what, None)

    def _fenced(self, bad: Problem) -> None:
        """Stop for good when another process has become the writer: it will not give way."""
        if bad.code == "log.fenced":
            self._end(bad)

    def _end(self, why: Problem) -> None:
        with self._news:
            if self._ended is None:
                self._ended = why
            left, self._waiting = self._waiting, deque()
        for each in left:
            if each.future.set_running_or_notify_cancel():
                each.future.set_exception(self._ended)


def _await(future: Future[Answer], timeout: float | None) -> Answer:
    try:
        return future.result(timeout)
    except TimeoutError:
        if future.done() and not future.cancelled():
            return future.result()
        raise Unavailable(
            "log.slow", "the log has not answered in time; ask later whether the statement is in"
        ) from None


def _stopped() -> Problem:
    return Unavailable("log.stopped", "this log is not being written here at present")


def _broken(bad: BaseException) -> Problem:
    problem = Unavailable(
        "log.broken", "the log met a fault of its own and stopped; nothing admitted is lost"
    )
    problem.__cause__ = bad
    return problem
