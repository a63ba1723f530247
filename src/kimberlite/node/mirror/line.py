"""The line to the log node: signed requests over HTTP, one connection kept while it lasts."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Invalid, NotFound, Problem, Unavailable
from kimberlite.ledger.publish import parse_facts
from kimberlite.ledger.tiles import ENTRIES, TILE_WIDTH, Tile, parse_bundle
from kimberlite.node.mirror import messages
from kimberlite.node.mirror.requests import Asked, headers_for
from kimberlite.node.passes import Bearer

TRIES: Final = 4
"""How often one request is made while connections break."""
_BROKEN: Final = (
    ConnectionResetError,
    BrokenPipeError,
    http.client.BadStatusLine,
    http.client.IncompleteRead,
)
SECONDS: Final = 15.0
"""How long one request may take to be answered, in silence."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What the log node says of a statement that was handed in; nothing is believed of it yet.

    ``index`` and ``before`` for one that is in; ``refusal`` is the log's signed word otherwise.
    """

    index: int = -1
    before: bool = False
    refusal: bytes = b""


def check_address(url: str) -> str:
    """Give the address of a log node without its last slash. Raises Invalid ``line.address``."""
    told = urlsplit(url)
    try:
        good = told.scheme in {"http", "https"} and told.hostname and (told.port or 1)
    except ValueError:
        good = None
    if not good or told.query or told.fragment or told.username or told.path not in {"", "/"}:
        raise Invalid(
            "line.address", "the address of a log node is like https://log.example", url=url[:80]
        )
    return url.rstrip("/")


class Line:
    """Calls one log node as one bearer. May be used from several threads, one call at a time."""

    def __init__(
        self,
        url: str,
        bearer: Bearer,
        genesis: bytes,
        clock: Callable[[], int],
        seconds: float = SECONDS,
    ) -> None:
        """Remember where; nothing is connected yet. Raises Invalid ``line.address``."""
        self._told = urlsplit(check_address(url))
        self._bearer, self._genesis, self._clock = bearer, genesis, clock
        self._seconds = seconds
        self._lock = threading.Lock()
        self._connection: http.client.HTTPConnection | None = None

    @property
    def holder(self) -> str:
        """Give in whose name this line speaks."""
        return self._bearer.holder

    def close(self) -> None:
        """Hang up."""
        with self._lock:
            self._hang_up()

    def checkpoint(self) -> bytes:
        """Give the latest signed checkpoint. Raises as ``ask``."""
        return self.ask("GET", "/checkpoint")

    def entries(self, number: int, width: int) -> Sequence[bytes]:
        """Give the first ``width`` entries of bundle ``number``, 256 entries each.

        Raises:
            Invalid: ``tiles.length``; and as ``ask``.
        """
        try:
            return parse_bundle(self.ask("GET", f"/{Tile(ENTRIES, number, width).path}"), width)
        except NotFound:
            if width == TILE_WIDTH:
                raise
        # The partial file goes once the full one is there.
        whole = self.ask("GET", f"/{Tile(ENTRIES, number).path}")
        return parse_bundle(whole, TILE_WIDTH)[:width]

    def facts(self) -> tuple[bytes, int] | None:
        """Give the published facts digest with its size."""
        try:
            return parse_facts(self.ask("GET", "/facts"))
        except NotFound:
            return None

    def submit(self, raw: bytes) -> Delivered:
        """Hand one statement in; the same again gives the same answer. Raises as ``ask``."""
        try:
            told: Any = cbor.decode(self.ask("POST", "/submit", cbor.encode([raw])))
        except Invalid:
            told = None
        match told:
            case [[int() as index, bool() as before]] if type(index) is int and index >= 0:
                return Delivered(index, before)
            case [bytes() as refusal]:
                return Delivered(refusal=refusal)
            case _:
                pass
        raise messages.to_problem(200, b"")

    def receipt(self, index: int) -> bytes:
        """Give the receipt of an entry. Raises as ``ask``."""
        return self.ask("GET", f"/receipt/{index}")

    def put(self, digest: bytes, recipient: str, sealed: bytes) -> None:
        """Leave a sealed copy for ``recipient`` at the relay. Raises as ``ask``."""
        self.ask("PUT", f"/opening/{digest.hex()}/{recipient}", sealed)

    def waiting(self) -> Iterator[tuple[bytes, str]]:
        """List the copies that wait for this holder: digest and sender. Raises as ``ask``."""
        after = 0
        while found := messages.places(self.ask("GET", f"/openings/{after}")):
            for place, digest, sender in found:
                if place <= after:
                    raise messages.to_problem(200, b"")
                after = place
                yield digest, sender

    def fetch(self, digest: bytes, sender: str) -> bytes:
        """Give a copy that waits for this holder. Raises as ``ask``."""
        return self.ask("GET", f"/opening/{digest.hex()}/{self.holder}/{sender}")

    def remove(self, digest: bytes, recipient: str, sender: str) -> None:
        """Let the relay forget a copy that was fetched, or that this holder sent."""
        self.ask("DELETE", f"/opening/{digest.hex()}/{recipient}/{sender}")

    def withdraw(self, digest: bytes) -> None:
        """Let the relay forget every copy that this holder left of a section."""
        self.ask("DELETE", f"/opening/{digest.hex()}")

    def ask(self, method: str, target: str, body: bytes = b"") -> bytes:
        """Make one signed request and give the answer's body.

        Raises:
            Unavailable: ``line.down`` when nothing answers, or not in time; ``line.answer`` when
                what answers is no log node. Problem: as the log node says.
        """
        asked = Asked.of(method, target, body)
        with self._lock:
            status, told = self._tried(asked, body)
        if status != 200:
            raise messages.to_problem(status, told)
        return told

    def _tried(self, asked: Asked, body: bytes) -> tuple[int, bytes]:
        """Ask again, signed anew, where a connection broke: every request may be made twice."""
        for left in reversed(range(TRIES)):
            try:
                return self._once(asked, body)
            except _BROKEN as bad:
                self._hang_up()
                if not left:
                    raise _down(bad) from bad
            except (OSError, http.client.HTTPException) as bad:
                self._hang_up()
                raise _down(bad) from bad
        raise AssertionError

    def _once(self, asked: Asked, body: bytes) -> tuple[int, bytes]:
        headers = headers_for(asked, self._bearer, self._genesis, self._clock())
        connection = self._connected()
        connection.request(asked.method, asked.target, body or None, _lengthy(headers, asked))
        with connection.getresponse() as answer:
            told = answer.read(messages.ANSWER_LIMIT + 1)
            if len(told) > messages.ANSWER_LIMIT:
                raise http.client.HTTPException("too long")
            # read() of so many bytes does not complain when the line is cut, and an answer that
            # says no length could be cut anywhere.
            if answer.length or (answer.length is None and not answer.chunked):
                raise http.client.IncompleteRead(told, answer.length)
            closing, status = answer.will_close, answer.status
        if closing:
            self._hang_up()
        return status, told

    def _connected(self) -> http.client.HTTPConnection:
        if self._connection is None:
            kind = (
                http.client.HTTPSConnection
                if self._told.scheme == "https"
                else http.client.HTTPConnection
            )
            host = self._told.hostname or ""
            self._connection = kind(host, self._told.port, timeout=self._seconds)
        return self._connection

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _lengthy(headers: Mapping[str, str], asked: Asked) -> dict[str, str]:
    """Say the length of an empty body where a method usually has one."""
    empty = {"Content-Length": "0"} if asked.method == "DELETE" else {}
    return {**headers, **empty}


def _down(bad: Exception) -> Problem:
    why = getattr(bad, "strerror", None) or type(bad).__name__
    return Unavailable("line.down", f"the log node cannot be reached: {why}", why=why)
