"""Calls between processes of one machine: one request and one answer over a unix socket.

A message is a length (4 bytes, big-endian) and that many bytes of strict CBOR, at most 1 MiB for a
request and 10 MiB for an answer. A request is {"call": name, "args": {...}}; an answer {"ok":
value} or {"problem": [kind, code, detail, facts]}. One call a connection: a slow or broken client
holds up its own thread, for a bounded time, and nobody else.
Source: ours, docs/spec/signer.md, section "The wire".
"""

from __future__ import annotations

import os
import socket
import struct
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Final, Self, TypeAlias

from kimberlite.kernel import cbor, errors
from kimberlite.kernel.errors import Conflict, Invalid, Problem, Unavailable, Untrusted

LIMIT: Final = 1 << 20
"""Longest request, in bytes: what anybody who may call can make a service hold."""

ANSWER: Final = 10 << 20
"""Longest answer, in bytes: a trust bundle or a status snapshot of at most 8 MiB, and room."""

Handler: TypeAlias = Callable[[Mapping[str, Any]], Any]
"""What answers one call: takes its arguments, gives a CBOR value or raises a Problem."""

_KINDS: Final[Mapping[str, type[Problem]]] = {
    kind.__name__: kind
    for kind in (
        errors.Invalid,
        errors.Refused,
        errors.NotFound,
        errors.Conflict,
        errors.Untrusted,
        errors.Unavailable,
    )
}
_TAKEN: Final = ("self", "code", "detail")  # what a Problem calls its own
_LENGTH: Final = struct.Struct(">I")
_CREDENTIALS: Final = struct.Struct("3i")  # pid, uid, gid (unix(7), SO_PEERCRED)
_WAITING: Final = 128  # clients in line
_PAUSE: Final = 0.02  # seconds until the line is tried again
_PATH_LONGEST: Final = 100  # sun_path holds 108 bytes on Linux and 104 elsewhere


@dataclass(frozen=True, slots=True)
class Manner:
    """How a server treats its clients.

    Attributes:
        users: uids that may call beside this process's own.
        seconds: how long one message may take to arrive or to leave.
        clients: how many are served at once; the others wait in line.
        report: told, in one line, of a fault inside a handler.
    """

    users: frozenset[int] = frozenset()
    seconds: float = 5.0
    clients: int = 32
    report: Callable[[str], None] = lambda _: None


DEFAULT: Final = Manner()


class Server:
    """Answers calls at a socket until stopped. Use :func:`serve`."""

    def __init__(self, path: Path, handlers: Mapping[str, Handler], manner: Manner) -> None:
        self._path, self._handlers, self._manner = path, dict(handlers), manner
        self._users = manner.users | {os.geteuid()}
        self._slots = threading.BoundedSemaphore(manner.clients)
        self._stopping = threading.Event()
        self._open: dict[threading.Thread, socket.socket] = {}
        self._lock = threading.Lock()
        self._listening = _listen(path, 0o666 if manner.users else 0o600)
        self._accepting = threading.Thread(target=self._accept, name="wire", daemon=True)
        self._accepting.start()

    def stop(self) -> None:
        """Take no more calls, let those under way end, remove the socket. May be repeated."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        # Not every system wakes ``accept`` when the socket is shut; a caller does.
        with suppress(OSError), socket.socket(socket.AF_UNIX) as waking:
            waking.settimeout(0.2)
            waking.connect(str(self._path))
        self._path.unlink(missing_ok=True)
        self._accepting.join()
        self._listening.close()
        with self._lock:
            under_way = dict(self._open)
        for thread, connection in under_way.items():
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RD)
            thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _accept(self) -> None:
        while not self._stopping.is_set():
            if not self._slots.acquire(timeout=0.2):
                continue
            try:
                connection, _ = self._listening.accept()
            except OSError:  # nobody came for a while
                self._slots.release()
                continue
            if self._stopping.is_set():
                connection.close()
                self._slots.release()
                return
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            with self._lock:
                self._open[thread] = connection
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection, suppress(OSError, Problem):  # a client that went away
                deadline = monotonic() + self._manner.seconds
                answer = self._answer(connection, deadline)
                _send(connection, answer, monotonic() + self._manner.seconds)
        finally:
            with self._lock:
                self._open.pop(threading.current_thread(), None)
            self._slots.release()

    def _answer(self, connection: socket.socket, deadline: float) -> bytes:
        try:
            _check_peer(connection, self._users)
            name, args = _request(_receive(connection, deadline, LIMIT))
            handler = self._handlers.get(name)
            if handler is None:
                raise Invalid("wire.unknown-call", "this service has no such call", call=name[:40])
            return _checked(cbor.encode({"ok": handler(args)}), ANSWER)
        except Problem as bad:
            return _refusal(bad)
        except Exception as bad:  # noqa: BLE001 - a fault in one call must not end the service
            self._manner.report(f"fault: {type(bad).__name__}: {bad}")
            return _refusal(
                Unavailable("wire.fault", "the service failed inside: its own record says how")
            )


def serve(path: Path, handlers: Mapping[str, Handler], manner: Manner = DEFAULT) -> Server:
    """Answer calls at ``path`` from other threads until the server is stopped.

    Args:
        path: at most 100 bytes; a socket left by a dead process is replaced. Only this user can
            open it (mode 0600), unless ``manner`` lets others call: then each caller's uid is
            asked of the system.

    Raises:
        Conflict: ``wire.in-use`` when another process answers there.
        Invalid: ``wire.path``. Unavailable: ``wire.listen``, ``wire.no-peers``.
    """
    if manner.users and not hasattr(socket, "SO_PEERCRED"):
        raise Unavailable(
            "wire.no-peers", "this system cannot tell who calls: let no other user call"
        )
    return Server(path, handlers, manner)


class Client:
    """Calls the service at ``path``; ``seconds`` is how long one whole call may take.

    May be used from several threads. An answer is believed only from this process's own user, or
    from one of ``users`` (uids).
    """

    def __init__(
        self, path: Path, *, seconds: float = 30.0, users: frozenset[int] = frozenset()
    ) -> None:
        self._path, self._seconds = path, seconds
        self._users = users | {os.geteuid()}

    def call(self, name: str, /, **args: Any) -> Any:  # noqa: ANN401 - what CBOR holds
        """Call ``name`` and give what it answers.

        Raises:
            Problem: the one that the service raised, of the same kind, code and facts.
            Unavailable: ``wire.no-service``, ``wire.timeout``, ``wire.closed``.
            Invalid: ``wire.message`` when the answer is not one; ``wire.too-long``.
            Untrusted: ``wire.peer`` when another user answers there.
        """
        message = _checked(cbor.encode({"call": name, "args": args}), LIMIT)
        deadline = monotonic() + self._seconds
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            self._connect(connection, deadline)
            _check_peer(connection, self._users)
            with suppress(OSError):  # who refuses early has answered already: read that
                _send(connection, message, deadline)
            try:
                return _result(_receive(connection, deadline, ANSWER))
            except OSError as bad:
                raise _closed() from bad

    def _connect(self, connection: socket.socket, deadline: float) -> None:
        while True:
            connection.settimeout(_left(deadline))
            try:
                connection.connect(str(self._path))
                return
            except BlockingIOError:  # the line of those who wait is full just now
                sleep(_PAUSE)
            except OSError as bad:
                raise Unavailable(
                    "wire.no-service",
                    f"nothing answers at {self._path.name}: start the process that serves it",
                    socket=self._path.name,
                ) from bad


def _listen(path: Path, mode: int) -> socket.socket:
    if len(os.fsencode(path)) > _PATH_LONGEST:
        raise Invalid("wire.path", "the path of a socket has at most 100 bytes", path=str(path))
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.is_socket():
            _remove_dead(path)
        listening.bind(str(path))
        path.chmod(mode)
        listening.listen(_WAITING)
        listening.settimeout(1.0)
    except OSError as bad:
        listening.close()
        raise Unavailable(
            "wire.listen", f"cannot listen at {path}: {bad.strerror}", path=str(path)
        ) from bad
    except Problem:
        listening.close()
        raise
    return listening


def _remove_dead(path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink(missing_ok=True)
            return
    raise Conflict("wire.in-use", f"another process answers at {path.name}", socket=path.name)


def _check_peer(connection: socket.socket, users: frozenset[int]) -> None:
    """Refuse another user. Where the system cannot tell, the socket's mode 0600 has to do."""
    option = getattr(socket, "SO_PEERCRED", None)
    if option is None:
        return
    told = connection.getsockopt(socket.SOL_SOCKET, option, _CREDENTIALS.size)
    _, user, _ = _CREDENTIALS.unpack(told)
    if user not in users:
        raise Untrusted("wire.peer", "another user of this machine is at the other end", uid=user)


def _receive(connection: socket.socket, deadline: float, limit: int) -> bytes:
    (length,) = _LENGTH.unpack(_exactly(connection, _LENGTH.size, deadline))
    if length > limit:
        raise _too_long(limit)
    return _exactly(connection, length, deadline)


def _exactly(connection: socket.socket, size: int, deadline: float) -> bytes:
    # The deadline is for the whole message: a byte now and then must not extend it.
    parts = []
    while size:
        connection.settimeout(_left(deadline))
        try:
            part = connection.recv(min(size, 1 << 16))
        except TimeoutError:
            raise _late() from None
        if not part:
            raise _closed()
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _send(connection: socket.socket, message: bytes, deadline: float) -> None:
    left = memoryview(_LENGTH.pack(len(message)) + message)
    while left:
        connection.settimeout(_left(deadline))
        try:
            left = left[connection.send(left) :]
        except TimeoutError:
            raise _late() from None


def _left(deadline: float) -> float:
    left = deadline - monotonic()
    if left <= 0:
        raise _late()
    return left


def _request(data: bytes) -> tuple[str, dict[str, Any]]:
    match cbor.decode(data):
        case {"call": str() as name, "args": dict() as args, **rest} if not rest:
            if all(type(key) is str for key in args):
                return name, args
    raise Invalid("wire.message", 'a request is {"call": name, "args": {...}}')


def _result(data: bytes) -> Any:  # noqa: ANN401 - what CBOR holds
    match cbor.decode(data, limit=ANSWER):
        case {"ok": value, **rest} if not rest:
            return value
        case {"problem": [str() as kind, str() as code, str() as detail, dict() as facts], **rest}:
            if kind in _KINDS and not rest and all(map(_is_fact, facts.items())):
                raise _KINDS[kind](code, detail, **facts)
        case _:
            pass
    raise Invalid("wire.message", "the answer is neither a value nor a problem")


def _is_fact(fact: tuple[object, object]) -> bool:
    name, value = fact
    return type(name) is str and name not in _TAKEN and type(value) in (str, int)


def _refusal(bad: Problem) -> bytes:
    kind = next((n for n, k in _KINDS.items() if isinstance(bad, k)), Unavailable.__name__)
    facts = {name: v if type(v) is int else str(v) for name, v in bad.facts.items()}
    return cbor.encode({"problem": [kind, bad.code, bad.detail, facts]})


def _checked(message: bytes, limit: int) -> bytes:
    if len(message) > limit:
        raise _too_long(limit)
    return message


def _too_long(limit: int) -> Invalid:
    return Invalid("wire.too-long", f"this message has at most {limit >> 20} MiB", limit=limit)


def _late() -> Unavailable:
    return Unavailable("wire.timeout", "the other end took too long: try again")


def _closed() -> Unavailable:
    return Unavailable("wire.closed", "the other end closed in the middle of a message")
