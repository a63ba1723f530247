"""A bad line: a TCP proxy that loses, doubles, delays and cuts HTTP requests and answers.

What goes wrong is drawn from a seeded generator, so a run repeats; ``down`` cuts the line. A
request that is delayed is answered by nothing and reaches the other end later, after others.
"""

from __future__ import annotations

import random
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

FAULTS = ("lost request", "lost answer", "cut answer", "doubled", "late")


@dataclass
class Proxy:
    """One proxy to ``upstream`` on loopback; ``faulty`` of a hundred requests meet a fault."""

    upstream: int
    faulty: int = 0
    seed: int = 1
    down: bool = False
    port: int = 0
    seen: Counter[str] = field(default_factory=Counter)
    _late: list[bytes] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(10)
            while not self.down and (request := _message(connection)):
                if not self._pass_on(connection, request):
                    return

    def _pass_on(self, connection: socket.socket, request: bytes) -> bool:
        """Pass a request on, with whatever befalls it; say whether the connection lives on."""
        fault = "lost request" if self.down else self._draw()
        self.seen[fault] += 1
        if fault == "lost request":
            return False
        if fault == "late":
            with self._lock:
                self._late.append(request)
            return False
        answer = self._ask(request)
        if fault == "doubled":
            self._ask(request)
        self._send_late()
        if fault == "lost answer" or not answer:
            return False
        if fault == "cut answer":
            connection.sendall(answer[: len(answer) // 2])
            return False
        connection.sendall(answer)
        return True

    def _draw(self) -> str:
        with self._lock:
            if self._random.randrange(100) >= self.faulty:
                return ""
            return self._random.choice(FAULTS)

    def _send_late(self) -> None:
        with self._lock:
            late, self._late = self._late, []
            self._random.shuffle(late)
        for request in late:
            self._ask(request)

    def _ask(self, request: bytes) -> bytes:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.upstream), 10) as up:
            up.sendall(request)
            return _message(up)
        return b""


def _message(connection: socket.socket) -> bytes:
    """Read one HTTP message with a length, or nothing at the end."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            return b""
        data += part
    head, _, rest = data.partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            length = int(value)
    while len(rest) < length:
        part = connection.recv(65536)
        if not part:
            return b""
        rest += part
    return head + b"\r\n\r\n" + rest


@contextmanager
def flaky(upstream: int, *, faulty: int = 0, seed: int = 1) -> Iterator[Proxy]:
    proxy = Proxy(upstream, faulty, seed)
    try:
        yield proxy
    finally:
        proxy.close()
