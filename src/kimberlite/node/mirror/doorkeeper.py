"""The door process of a log node: the listener, and the post between it and who is hosted here."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

from kimberlite.kernel.days import SECONDS_A_DAY
from kimberlite.kernel.errors import Invalid, Problem
from kimberlite.ledger.engine.sqlite import SqliteEngine
from kimberlite.ledger.reader import Reader
from kimberlite.node import clock
from kimberlite.node.clients import LogClient
from kimberlite.node.home import Home
from kimberlite.node.mirror.box import Box
from kimberlite.node.mirror.courier import index_seals, put_copy, settle_copies
from kimberlite.node.mirror.door import Door, Listening
from kimberlite.node.mirror.passing import to_carry
from kimberlite.node.mirror.relay import PATIENCE_DAYS, Relay
from kimberlite.node.mirror.requests import Gate
from kimberlite.storage.files import write_whole
from kimberlite.storage.vault import Vault

LOOPBACK: Final = "127.0.0.1"
PAUSE: Final = 2.0
"""Seconds between two looks for copies to carry across."""


class Local:
    """Carries copies between the relay and the vault of the authorities hosted at the log node."""

    def __init__(self, home: Home, reader: Reader, relay: Relay, clock: Callable[[], int]) -> None:
        self._home, self._reader, self._relay, self._clock = home, reader, relay, clock
        self._box, self._vault = Box(home.post), Vault(home.vault)

    def close(self) -> None:
        """Let go of the post box."""
        self._box.close()

    def round(self) -> int:
        """Carry what there is to carry, either way; give how many copies.

        Raises:
            Unavailable, Untrusted: as vault and databases.
        """
        hosts = tuple(self._home.read()["hosts"])
        index_seals(self._box, self._reader)
        moved = self._out(hosts) + settle_copies(self._box, self._vault, hosts)
        for each in to_carry(self._home, self._box, self._vault, hosts, self._clock()):
            told = (each.digest, each.recipient, each.holder, each.sealed)
            self._relay.put(*told, self._clock())
            each.done(self._box)
            moved += 1
        for holder in hosts:
            for _, digest, sender in self._relay.waiting(holder):
                if self._box.is_sealed(digest, sender):
                    sealed = self._relay.get(digest, holder, sender)
                    put_copy(self._vault, digest, holder, sealed)
                    self._relay.remove(digest, holder, sender)
                    moved += 1
        self._withdraw(hosts)
        self._relay.expire(self._clock() - PATIENCE_DAYS * SECONDS_A_DAY)
        return moved

    def _out(self, hosts: tuple[str, ...]) -> int:
        """Leave copies of what hosted authorities logged for those who are not hosted here."""
        start, _ = self._box.told("relayed")
        end, _ = self._box.told("seen")
        moved = 0
        for digest, iss, _ in self._box.sealed_from(start, end):
            others = self._vault.recipients(digest) if iss in hosts else ()
            for recipient in others:
                if recipient not in hosts:
                    sealed = self._vault.get(digest, recipient)
                    self._relay.put(digest, recipient, iss, sealed, self._clock())
                    moved += 1
        self._box.tell("relayed", end)
        return moved

    def _withdraw(self, hosts: tuple[str, ...]) -> None:
        for digest, day in self._vault.erasures():
            name = f"withdrawn {digest.hex()}"
            if self._box.told(name) == (0, ""):
                for holder in hosts:
                    self._relay.withdraw(digest, holder)
                self._box.tell(name, max(day, 1))


def main(
    home: Home,
    until: threading.Event,
    *,
    host: str = LOOPBACK,
    port: int = 0,
    pause: float = PAUSE,
) -> None:
    """Open the door until ``until`` is set; its port stands in ``run/door.port`` meanwhile.

    Raises:
        Invalid: ``node.not-log`` at a node that follows another. Unavailable: ``relay.listen``.
    """
    told = home.read()
    if "log" in told:
        raise Invalid("node.not-log", "this node follows a log node: other nodes call that one")
    reader = Reader(SqliteEngine(home.log, readonly=True))
    relay = Relay(home.relay)
    gate = Gate(reader, bytes.fromhex(told["genesis"]), clock.now)
    local = Local(home, reader, relay, clock.now)
    door = Door(home, gate, relay, LogClient(home.log_socket))
    try:
        with Listening(door, host, port) as listening:
            write_whole(home.door_port, f"{listening.port}\n".encode(), durable=False)
            while not until.wait(pause):
                _carry(local)
    finally:
        home.door_port.unlink(missing_ok=True)
        local.close()
        relay.close()


def _carry(local: Local) -> None:
    """Carry; what fails now is tried again in the next round, and callers are served meanwhile."""
    try:
        local.round()
    except Problem:
        return
