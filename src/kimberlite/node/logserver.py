"""The log process: the one writer, the log key and its guard, behind a socket of its own."""

from __future__ import annotations

import signal
import threading
from collections.abc import Mapping
from typing import Any

from kimberlite.certificates.status_make import Base
from kimberlite.crypto.keys import PrivateKey
from kimberlite.crypto.keystore import FileKeyStore
from kimberlite.kernel.errors import Invalid, Refused
from kimberlite.ledger import refusal as refusals
from kimberlite.ledger.admission import Admitted, Outcome
from kimberlite.ledger.admission import Refused as Sent
from kimberlite.ledger.engine.sqlite import SqliteEngine
from kimberlite.ledger.envelope import Body, Header, sign
from kimberlite.ledger.guard import FileMemo, Guard
from kimberlite.ledger.keyring import log_keys
from kimberlite.ledger.log import Log, Writer
from kimberlite.ledger.publish import Publisher, Publishing
from kimberlite.ledger.sequencer import Sequencer
from kimberlite.ledger.state import State
from kimberlite.ledger.v1.time import JUMP
from kimberlite.node import clock, passes, statuslists, trust, wire
from kimberlite.node.books import BOOKS
from kimberlite.node.home import Home
from kimberlite.node.telling import Teller
from kimberlite.storage.files import owned, write_whole

KEY_LABEL = "log"
OPERATOR_LABEL = "operator"
HOLDER = "kp.log"
OPERATOR = "kp.operator"
PATIENCE = 20.0
"""How long, in seconds, a caller waits for the log before it is told to ask again."""


def open_log(home: Home, key: PrivateKey, *, helpers: int = 0) -> Log:
    """Open the log of ``home`` for writing, with its first key or one admitted by decision since.

    Raises:
        NotFound: ``node.absent``. Untrusted: as the guard says.
    """
    engine = SqliteEngine(home.log)
    before = [each for each in log_keys(State(engine), HOLDER) if each != key.public]
    guard = Guard(home.read()["origin"], key, FileMemo(home.guard), before)
    return Log(engine, Writer(BOOKS, key, HOLDER, guard, clock.now, helpers))


class LogServer:
    """Answers what other processes may ask of the log."""

    def __init__(self, home: Home, key: PrivateKey) -> None:
        self._home, self._key = home, key
        self._origin = home.read()["origin"]
        log = open_log(home, key)
        self._reading = SqliteEngine(home.log, readonly=True)
        self._publishing = Publishing(Publisher(home.public, self._reading))
        self._sequencer = Sequencer(log, settled=self._publish)
        self._window = trust.Window()
        self._teller = Teller(
            self._reading, lambda: self._sequencer.call(lambda log: log.checkpoint, PATIENCE)
        )
        self._publish(log)

    @property
    def handlers(self) -> Mapping[str, wire.Handler]:
        """Name every call."""
        return {
            "submit": self._submit,
            "receipt": self._receipt,
            "head": self._head,
            "bundle": self._bundle,
            "status": self._status,
            "status-list": self._status_list,
            "pouch": self._pouch,
            "jump": self._jump,
            "beat": self._beat,
        }

    def run(self, until: threading.Event) -> None:
        """Serve until the event is set."""
        self._publishing.start()
        try:
            with self._sequencer, wire.serve(self._home.log_socket, self.handlers):
                until.wait()
        finally:
            self._publishing.stop()

    def _publish(self, log: Log) -> None:
        """Bring the static files up to date."""
        self._teller.signed(log.checkpoint)
        self._publishing.tell(log.checkpoint)

    def _submit(self, args: Mapping[str, Any]) -> Any:
        match args:
            case {"statements": [*raws]} if raws and all(isinstance(each, bytes) for each in raws):
                outcomes = self._sequencer.append(raws, PATIENCE)
            case _:
                raise Invalid("wire.arguments", "submit takes a list of statements")
        return [self._told(raw, each) for raw, each in zip(raws, outcomes, strict=True)]

    def _told(self, raw: bytes, outcome: Outcome) -> dict[str, Any]:
        if isinstance(outcome, Admitted):
            findings = [[code, dict(facts)] for code, facts in outcome.findings]
            return {"index": outcome.index, "findings": findings, "before": False}
        if outcome.code == "statement.duplicate":
            return {"index": outcome.facts["index"], "findings": [], "before": True}
        return self._refused(raw, outcome)

    def _refused(self, raw: bytes, refused: Sent) -> dict[str, Any]:
        def make(log: Log) -> bytes:
            told = refusals.of(raw, refused, self._origin, log.time, log.size)
            return refusals.sign_refusal(told, self._key)

        return {
            "refused": refused.code,
            "detail": f"the log refuses this statement under the rule {refused.code} "
            f"({refused.source})",
            "facts": dict(refused.facts),
            "source": refused.source,
            "signed": self._sequencer.call(make, PATIENCE),
        }

    def _receipt(self, args: Mapping[str, Any]) -> bytes:
        match args:
            case {"index": int() as index}:
                return self._sequencer.call(lambda log: log.receipt(index), PATIENCE)
            case _:
                raise Invalid("wire.arguments", "receipt takes the index of an entry")

    def _head(self, _args: Mapping[str, Any]) -> dict[str, Any]:
        def tell(log: Log) -> dict[str, Any]:
            return {
                "size": log.size,
                "checkpoint": log.checkpoint,
                "facts": log.facts,
                "time": log.time,
            }

        return self._sequencer.call(tell, PATIENCE)

    def _bundle(self, _args: Mapping[str, Any]) -> bytes:
        versions = tuple(each.read_bytes() for each in sorted(self._home.roots.glob("*.kpr")))

        def make(state: State, checkpoint: bytes) -> bytes:
            return trust.bundle(
                self._reading, state, checkpoint, self._key, versions, window=self._window
            )

        return self._teller.tell(("bundle", versions), make)

    def _status(self, args: Mapping[str, Any]) -> bytes:
        match args:
            case {"size": int() as size, "digest": bytes() as digest, "floor": int() as floor}:
                base: Base | None = Base(size, digest, floor)
            case _ if not args:
                base = None
            case _:
                raise Invalid("wire.arguments", "status takes a size, a digest and a day, or none")

        def make(state: State, checkpoint: bytes) -> bytes:
            return trust.status(
                self._reading, state, checkpoint, self._key, base, window=self._window
            )

        return self._teller.tell(("status", base), make)

    def _status_list(self, args: Mapping[str, Any]) -> bytes:
        """Give a status list, made once a head, and leave it among the static files."""
        match args:
            case {"purpose": str() as purpose, "number": int() as number, **rest} if not rest:
                asked = (purpose, number)
            case _:
                raise Invalid("wire.arguments", "a status list has a purpose and a number")

        def make(state: State, checkpoint: bytes) -> bytes:
            made = statuslists.make(self._reading, state, checkpoint, self._key, asked)
            write_whole(self._home.status_list(purpose, number), made)
            return made

        return self._teller.tell(("status-list", asked), make)

    def _pouch(self, args: Mapping[str, Any]) -> bytes:
        """Sign what a pouch of this log node holds; the type keeps it from being anything else."""
        match args:
            case {"payload": bytes() as payload, **rest} if not rest and len(payload) <= 1024:
                return passes.say(passes.POUCH_TYP, HOLDER, payload, self._key, clock.now())
            case _:
                raise Invalid("wire.arguments", "pouch takes what is to be signed, in short")

    def _beat(self, _args: Mapping[str, Any]) -> bool:
        """Log the time if that is due; raises ``time.stopped`` when it may not go on."""
        return self._sequencer.call(lambda log: log.beat(), PATIENCE)

    def _jump(self, args: Mapping[str, Any]) -> int:
        """Take an operator's signed leave to let time go on, and log it."""
        match args:
            case {"statement": bytes() as raw}:
                outcome = self._sequencer.call(lambda log: log.jump(raw), PATIENCE)
            case _:
                raise Invalid("wire.arguments", "jump takes an operator's statement")
        if isinstance(outcome, Sent):
            raise Refused(outcome.code, f"the log refuses to go on ({outcome.code})")
        return outcome.index


def main(home: Home, passphrase: str, until: threading.Event | None = None) -> None:
    """Run the log process until a signal or ``until`` ends it.

    Raises:
        Conflict: ``storage.owned`` when another log process works in this folder.
    """
    until = until or stopped_by_signal()
    with owned(home.path / "log"):
        key = FileKeyStore(home.log_key, passphrase).load(KEY_LABEL)
        LogServer(home, key).run(until)


def stopped_by_signal() -> threading.Event:
    """Give an event that SIGINT or SIGTERM sets."""
    until = threading.Event()

    def end(_number: int, _frame: object) -> None:
        until.set()

    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, end)
    return until


def leave_to_go_on(key: PrivateKey, at: int, reason: str) -> bytes:
    """Sign, as the operator, that log time may go on to ``at`` (UTC seconds)."""
    public = key.public
    header = Header(public.algorithm, public.kid, JUMP.typ, OPERATOR, "time", at)
    body = Body(JUMP.version, JUMP.schema.write({"at": at, "reason": reason}))
    return sign(header, body, key)


def resume(home: Home, passphrase: str, reason: str) -> None:
    """Let log time go on after a stop, with the operator's key, over the log's socket.

    Raises:
        Unavailable: ``wire.no-service`` when the log process does not run.
    """
    key = FileKeyStore(home.operator_key, passphrase).load(OPERATOR_LABEL)
    raw = leave_to_go_on(key, clock.now() + 60, reason)
    wire.Client(home.log_socket).call("jump", statement=raw)
