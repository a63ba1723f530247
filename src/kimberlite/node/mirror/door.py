"""The log node's door for other nodes: a small HTTP service apart from the officers' pages.

It holds no key. What it gives out it reads from the public folder, the log's database and the
relay; what it takes it hands to the log process. TLS is a reverse proxy's work. Source: ours,
docs/spec/nodes.md, section "The door".
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, Self

from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Invalid, NotFound, Problem, Refused, Unavailable
from kimberlite.ledger.publish import CHECKPOINT, FACTS
from kimberlite.ledger.tiles import parse_path
from kimberlite.node import clock
from kimberlite.node.clients import LogClient
from kimberlite.node.home import Home
from kimberlite.node.mirror import messages
from kimberlite.node.mirror.relay import Relay
from kimberlite.node.mirror.requests import CARD_HEADER, HEADER, Asked, Gate, malformed
from kimberlite.storage.files import read_if_there

SECONDS: Final = 20.0
"""How long a caller may keep a connection without sending."""
CALLERS: Final = 64
"""Connections served at once; further ones are turned away."""


@dataclass(frozen=True, slots=True)
class Door:
    """Answers requests. ``gate`` says who asks; everything but the checkpoint needs to know."""

    home: Home
    gate: Gate
    relay: Relay
    log: LogClient

    def answer(self, asked: Asked, body: bytes, holder: Callable[[], str]) -> bytes:
        """Answer one request.

        Args:
            holder: gives who asks, or raises.

        Raises:
            Problem: as it is to be told to the caller.
        """
        if asked.target == f"/{CHECKPOINT}" and asked.method == "GET":
            return self._file(CHECKPOINT)
        who = holder()
        match asked.method:
            case "GET":
                return self._get(asked.target, who)
            case "POST" if asked.target == "/submit":
                return self._submit(body)
            case "PUT":
                digest, recipient = _named(asked.target)
                self.relay.put(digest, recipient, who, body, clock.now())
                return b""
            case "DELETE":
                self._remove(asked.target, who)
                return b""
            case _:
                raise _no_such()

    def _get(self, target: str, who: str) -> bytes:
        if target == f"/{FACTS}":
            return self._file(FACTS)
        if target.startswith("/tile/"):
            return self._file(parse_path(target[1:]).path)
        if found := messages.OPENINGS.fullmatch(target):
            return cbor.encode([list(each) for each in self.relay.waiting(who, int(found[1]))])
        if target.startswith("/opening/"):
            digest, recipient, sender = _sent(target)
            if recipient != who:
                raise Refused("relay.not-yours", "a copy is given to its recipient alone")
            return self.relay.get(digest, recipient, sender)
        if target.startswith("/receipt/") and target[9:].isdecimal() and len(target) < 28:
            return self.log.receipt(int(target[9:]))
        if found := messages.STATUS_LIST.fullmatch(target):
            return self.log.status_list(found[1], int(found[2]))
        if target == "/bundle":
            return self.log.bundle()
        if target == "/status":
            return self.log.status()
        raise _no_such()

    def _submit(self, body: bytes) -> bytes:
        """Give for each statement [index, before] or the log's signed refusal."""
        answers: list[Any] = []
        for raw in messages.statements(body):
            told = self.log.told(raw)
            answers.append(told["signed"] if "refused" in told else [told["index"], told["before"]])
        return cbor.encode(answers)

    def _remove(self, target: str, who: str) -> None:
        if found := messages.WITHDRAWN.fullmatch(target):
            self.relay.withdraw(bytes.fromhex(found[1]), who)
            return
        digest, recipient, sender = _sent(target)
        if who not in {recipient, sender}:
            raise Refused("relay.not-yours", "a copy is removed by its recipient or its sender")
        self.relay.remove(digest, recipient, sender)

    def _file(self, name: str) -> bytes:
        found = read_if_there(self.home.public / name)
        if found is None:
            raise NotFound("relay.missing", "the log has no such file")
        return found


def _named(target: str) -> tuple[bytes, str]:
    found = messages.OPENING.fullmatch(target)
    if found is None:
        raise _no_such()
    return bytes.fromhex(found[1]), found[2]


def _sent(target: str) -> tuple[bytes, str, str]:
    found = messages.SENT_BY.fullmatch(target)
    if found is None:
        raise _no_such()
    return bytes.fromhex(found[1]), found[2], found[3]


def _no_such() -> Problem:
    return NotFound("relay.no-such", "a log node does not offer this")


class _Handler(BaseHTTPRequestHandler):
    """Reads one request strictly, and writes what the door answers."""

    protocol_version = "HTTP/1.1"
    server_version, sys_version = "kimberlite", ""
    timeout = SECONDS
    disable_nagle_algorithm = True
    door: Door

    def _do(self) -> None:
        try:
            body = self._body()
            asked = Asked.of(self.command, self.path, body)
            status, told = 200, self.door.answer(asked, body, lambda: self._holder(asked))
        except Problem as bad:
            status, told = messages.of_problem(bad)
        except Exception as bad:  # noqa: BLE001 - a fault in one call must not end the service
            self.log_error("fault: %s: %s", type(bad).__name__, bad)
            fault = Unavailable("relay.fault", "the log node failed inside: its record says how")
            status, told = messages.of_problem(fault)
        self.send_response(status)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(len(told)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(told)

    do_GET = do_POST = do_PUT = do_DELETE = _do  # noqa: N815 - names of the standard library

    def _holder(self, asked: Asked) -> str:
        if len(self.headers.get_all(HEADER, [])) > 1:
            raise malformed("signed twice")
        return self.door.gate.admit(asked, self.headers.get(HEADER), self.headers.get(CARD_HEADER))

    def _body(self) -> bytes:
        self.close_connection = self.close_connection or "Transfer-Encoding" in self.headers
        if "Transfer-Encoding" in self.headers:
            raise malformed("a body has a length")
        told = self.headers.get("Content-Length", "0")
        if not (told.isdecimal() and len(told) < 10):
            self.close_connection = True
            raise malformed("a body has a length")
        length = int(told)
        if length > messages.BODY_LIMIT:
            self.close_connection = True
            raise Invalid("relay.too-long", "the request is too long", limit=messages.BODY_LIMIT)
        body = self.rfile.read(length)
        if len(body) != length:
            self.close_connection = True
            raise malformed("it ends in the middle")
        return body

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401 - as inherited
        """Keep quiet: who asks what is nobody else's business."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], handler: type[_Handler]) -> None:
        self._slots = threading.BoundedSemaphore(CALLERS)
        super().__init__(address, handler)

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        """Serve in a thread while there is room; else turn away."""
        if self._slots.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        """Serve one connection to its end."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._slots.release()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        """Let a caller go that went away in the middle."""


class Listening:
    """The door while it is open. A context manager: leaving it closes the door."""

    def __init__(self, door: Door, host: str, port: int) -> None:
        """Listen. Raises Unavailable ``relay.listen``."""
        handler = type("Handler", (_Handler,), {"door": door})
        try:
            self._server = _Server((host, port), handler)
        except OSError as bad:
            raise Unavailable(
                "relay.listen", f"cannot listen at {host}:{port}: {bad.strerror}", port=port
            ) from bad
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def port(self) -> int:
        """Give the port."""
        return int(self._server.server_address[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._server.shutdown()
            self._server.server_close()
