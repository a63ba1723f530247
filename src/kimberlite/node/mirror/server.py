"""The mirror process of an authority node: follows the log, hands in, fetches, and stands for the
log at its socket, so that offices, pages and commands work as they do beside the log itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from time import monotonic
from typing import Any, Final

from kimberlite.kernel.errors import Invalid, Problem, Unavailable
from kimberlite.ledger import refusal as refusals
from kimberlite.ledger.envelope import parse
from kimberlite.ledger.facts import facts_of
from kimberlite.ledger.v1.rows import moment
from kimberlite.node import clock, wire
from kimberlite.node.home import Home
from kimberlite.node.mirror import bearing
from kimberlite.node.mirror.box import LOGGED, REFUSED, WAITING, Item
from kimberlite.node.mirror.rounds import Mirror
from kimberlite.node.mirror.taking import read_pouch
from kimberlite.storage.files import read_if_there

PAUSE: Final = 5.0
"""Seconds between two looks at the log while all is well."""
LONGEST: Final = 300.0
"""Most seconds between two tries while the line is down."""
_RECENT: Final = 5
"""Seconds for which a line that was just down is not tried again for somebody who waits."""
_LEVEL: Final = 5.0
"""Seconds that somebody who handed in waits for the copy to hold it."""


class MirrorServer:
    """The process around it: rounds on a thread, and the calls of a log process at its socket."""

    def __init__(self, mirror: Mirror, pause: float = PAUSE) -> None:
        self._mirror, self._pause = mirror, pause
        self._wake, self._stop = threading.Event(), threading.Event()
        self._level = threading.Condition()
        self._failed = -float(_RECENT)
        self.trouble: Problem | None = None
        """Why the last round failed, if it did."""

    @property
    def handlers(self) -> Mapping[str, wire.Handler]:
        """Name every call."""
        return {
            "submit": self._submit,
            "receipt": self._receipt,
            "head": self._head,
            "bundle": lambda _: self._fetched("bundle"),
            "status": lambda _: self._fetched("status"),
            "status-list": self._status_list,
            "sync": self._sync,
            "take": self._take,
        }

    def run(self, until: threading.Event) -> None:
        """Serve until the event is set."""
        worker = threading.Thread(target=self._work, name="mirror", daemon=True)
        worker.start()
        try:
            with wire.serve(self._mirror.home.log_socket, self.handlers):
                until.wait()
        finally:
            self._stop.set()
            self._wake.set()
            worker.join()

    def _work(self) -> None:
        wait = self._pause
        while not self._stop.is_set():
            before = self._gone()
            good = self._try()
            # A bad line on which something still moves is not left alone for long.
            wait = self._pause if good or self._gone() != before else min(LONGEST, wait * 2)
            self._wake.wait(wait)
            self._wake.clear()

    def _gone(self) -> tuple[int, int]:
        mirror = self._mirror
        return mirror.reader.size, len(mirror.box.items(WAITING))

    def _try(self) -> bool:
        try:
            self._mirror.round()
        except Problem as bad:
            self.trouble, self._failed = bad, monotonic()
        else:
            self.trouble = None
        with self._level:
            self._level.notify_all()
        return self.trouble is None

    # ---- calls -----------------------------------------------------------------------------

    def _submit(self, args: Mapping[str, Any]) -> Any:  # noqa: ANN401 - what CBOR holds
        match args:
            case {"statements": [*raws]} if raws and all(isinstance(each, bytes) for each in raws):
                return [self._answered(each) for each in raws]
            case _:
                raise Invalid("wire.arguments", "submit takes a list of statements")

    def _answered(self, raw: bytes) -> dict[str, Any]:
        box = self._mirror.box
        before = box.find(parse(raw).id)
        item = before or box.add(parse(raw), clock.now())
        if item.state not in {LOGGED, REFUSED} and monotonic() - self._failed >= _RECENT:
            try:
                self._mirror.hand_in()
            except Problem as bad:
                self.trouble, self._failed = bad, monotonic()
        found = box.find(item.id) or item
        if found.state == REFUSED and found.refusal is not None:
            return _refused(found.refusal)
        if found.state != LOGGED or found.entry is None:
            return {"queued": found.place}
        return self._logged(found, found.entry, before=before is not None)

    def _logged(self, item: Item, entry: int, *, before: bool) -> dict[str, Any]:
        """Wait a little for the copy to hold it, so that whoever asks next finds it there."""
        reader = self._mirror.reader
        with self._level:
            if reader.size <= entry:
                self._wake.set()
                self._level.wait_for(lambda: reader.size > entry, _LEVEL)
        findings: list[Any] = []
        if reader.size > entry:
            told = facts_of(reader.entry(entry).facts)
            findings = [[each[1], dict(each[2])] for each in told if each[0] == "finding"]
        return {"index": entry, "findings": findings, "before": before, "id": item.id}

    def _receipt(self, args: Mapping[str, Any]) -> bytes:
        match args:
            case {"index": int() as index}:
                return self._mirror.box.receipt(index) or self._mirror.line.receipt(index)
            case _:
                raise Invalid("wire.arguments", "receipt takes the index of an entry")

    def _head(self, _args: Mapping[str, Any]) -> dict[str, Any]:
        reader = self._mirror.reader
        head, now = reader.head(), moment(reader.state())
        return {
            "size": head.size,
            "checkpoint": read_if_there(self._mirror.home.public / "checkpoint"),
            "facts": head.facts,
            "time": 0 if now is None else now.now,
        }

    def _fetched(self, name: str) -> bytes:
        """Give the log's bundle or status; without a line, the one that was got last."""
        try:
            return self._mirror.fetch(name)
        except Unavailable:
            last = read_if_there(self._mirror.home.mirror / name)
            if last is None:
                raise
            return last

    def _status_list(self, args: Mapping[str, Any]) -> bytes:
        match args:
            case {"purpose": str() as purpose, "number": int() as number}:
                return self._mirror.line.ask("GET", f"/status-list/{purpose}/{number}")
            case _:
                raise Invalid("wire.arguments", "a status list has a purpose and a number")

    def _take(self, args: Mapping[str, Any]) -> list[int]:
        """Take in the pouch in a file of this machine, as the one process that may."""
        match args:
            case {"path": str() as path}:
                taken = self._mirror.take(read_pouch(Path(path)))
            case _:
                raise Invalid("wire.arguments", "take needs the path of a pouch")
        self._wake.set()
        return [taken.entries, taken.statements, taken.copies]

    def _sync(self, _args: Mapping[str, Any]) -> dict[str, Any]:
        """Let a round begin at once, and say how things stand."""
        self._wake.set()
        return {"size": self._mirror.reader.size, "waiting": len(self._mirror.box.items("waiting"))}


def _refused(signed: bytes) -> dict[str, Any]:
    told = refusals.parse(signed)
    return {
        "refused": told.code,
        "detail": f"the log refuses this statement under the rule {told.code} ({told.source})",
        "facts": dict(told.facts),
        "source": told.source,
        "signed": signed,
    }


def main(
    home: Home,
    passphrase: str,
    until: threading.Event,
    *,
    pause: float = PAUSE,
    report: Callable[[str], None] | None = None,
) -> None:
    """Run the mirror process until ``until`` is set.

    Raises:
        As ``Mirror``; NotFound: ``keystore.missing``; Untrusted: ``keystore.passphrase``.
    """
    mirror = Mirror(home, bearing.load(home, passphrase), helpers=1)
    try:
        server = MirrorServer(mirror, pause)
        server.run(until)
        if server.trouble is not None and report is not None:
            report(server.trouble.code)
    finally:
        mirror.close()
