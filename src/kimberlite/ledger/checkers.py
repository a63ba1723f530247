"""Processes that check signatures while this one applies the rules.

Threads help little here: the rules hold the interpreter nearly all the time. A process of its own
takes the whole of what libsodium costs off this one. It gets keys, signatures and messages through
a pipe and answers with a byte each; it holds no secret, knows no log, and ends when the pipe does.
Whatever goes wrong with one, the signatures are checked here instead.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import struct
import subprocess
import sys
from collections.abc import Sequence
from typing import BinaryIO, Self

from kimberlite.crypto.algorithms import Algorithm
from kimberlite.crypto.keys import SIGNATURE_BYTES, PublicKey

FRAME = 128
"""Signatures sent at a time: some 40 kB."""

_ALGORITHMS = tuple(Algorithm)
_RAW = {Algorithm.ED25519: 32, Algorithm.ESP256: 64}
_HEAD = struct.Struct(">III")
"""Number of the frame, how many signatures, how many bytes follow."""
_ITEM = struct.Struct(">BI")
"""Place of the algorithm, length of the message; key, signature and message follow."""
_PIPE = 1 << 20
PATIENCE = 5.0
"""Seconds without a sign from a process after which it is given up."""

Check = tuple[PublicKey, bytes, bytes]
"""A key, a signature of 64 bytes, and the message it should be over."""


class Answer:
    """What one frame will be answered with."""

    def __init__(self, worker: _Worker, number: int, count: int) -> None:
        self._worker, self._number, self._count = worker, number, count

    def wait(self) -> bytes | None:
        """Give a byte for each check, 1 for good; None if the process is lost."""
        return self._worker.read(self._number, self._count)


class Checkers:
    """``count`` checking processes. Use from one thread; ``close`` when done."""

    def __init__(self, count: int = 1) -> None:
        self._workers = [_Worker() for _ in range(count)]
        self._number = 0

    def __bool__(self) -> bool:
        """Say whether there is any process."""
        return bool(self._workers)

    def send(self, checks: Sequence[Check]) -> Answer:
        """Hand over some checks. Answers must be waited for in the order of sending."""
        self._number = (self._number + 1) % (1 << 32)
        worker = self._workers[self._number % len(self._workers)]
        worker.write(self._number, checks)
        return Answer(worker, self._number, len(checks))

    def close(self) -> None:
        """End the processes."""
        for each in self._workers:
            each.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Worker:
    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._to = self._from = -1
        with contextlib.suppress(OSError):
            self._process = process = subprocess.Popen(
                [sys.executable, "-m", "kimberlite.ledger.checkers"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
            )
            if process.stdin is None or process.stdout is None:
                raise OSError
            self._to, self._from = process.stdin.fileno(), process.stdout.fileno()
            os.set_blocking(self._to, False)
            # Room for a whole batch, so that sending never waits for checking.
            with contextlib.suppress(OSError, AttributeError):
                fcntl.fcntl(self._to, fcntl.F_SETPIPE_SZ, _PIPE)

    def write(self, number: int, checks: Sequence[Check]) -> None:
        parts: list[bytes] = []
        for key, signature, message in checks:
            place = _ALGORITHMS.index(key.algorithm)
            parts += (_ITEM.pack(place, len(message)), key.raw, signature, message)
        body = b"".join(parts)
        left = memoryview(_HEAD.pack(number, len(checks), len(body)) + body)
        while left and self._process is not None:
            try:
                left = left[os.write(self._to, left) :]
            except BlockingIOError:
                if not select.select([], [self._to], [], PATIENCE)[1]:
                    self.close()
            except OSError:
                self.close()

    def read(self, number: int, count: int) -> bytes | None:
        while len(head := self._exactly(_HEAD.size)) == _HEAD.size:
            found, told, length = _HEAD.unpack(head)
            answer = self._exactly(length)
            # What a batch that failed half-way never waited for is passed over.
            if found == number and told == count == len(answer):
                return answer
        self.close()
        return None

    def _exactly(self, size: int) -> bytes:
        """Read so many bytes, or fewer when the process is gone or does not answer any more."""
        found = b""
        while len(found) < size and self._process is not None:
            if not select.select([self._from], [], [], PATIENCE)[0]:
                break
            part = os.read(self._from, size - len(found))
            if not part:
                break
            found += part
        return found

    def close(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        for each in (process.stdin, process.stdout):
            if each is not None:
                with contextlib.suppress(OSError):
                    each.close()
        try:
            process.wait(0.2)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Answer frames until there are no more."""
    known: dict[bytes, PublicKey] = {}
    while len(head := source.read(_HEAD.size)) == _HEAD.size:
        number, count, length = _HEAD.unpack(head)
        answer = _check(source.read(length), count, known)
        sink.write(_HEAD.pack(number, count, len(answer)) + answer)
        sink.flush()


def _check(data: bytes, count: int, known: dict[bytes, PublicKey]) -> bytes:
    answer, at = bytearray(), 0
    for _ in range(count):
        place, length = _ITEM.unpack_from(data, at)
        algorithm = _ALGORITHMS[place]
        start = at + _ITEM.size
        middle = start + _RAW[algorithm]
        end = middle + SIGNATURE_BYTES
        raw, at = data[start:middle], end + length
        key = known.get(raw)
        if key is None or key.algorithm is not algorithm:
            key = known[raw] = PublicKey(algorithm, raw)
        answer.append(key.verify(data[middle:end], data[end:at]))
    return bytes(answer)


if __name__ == "__main__":
    # An interrupt at the terminal is for the program that began this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(BrokenPipeError):
        serve(sys.stdin.buffer, sys.stdout.buffer)
