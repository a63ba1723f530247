"""Requests between nodes: what is signed of each, and the gate that lets callers in.

Deny by default. Source: ours, docs/spec/nodes.md, section "Who calls".
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from kimberlite.crypto.random import token
from kimberlite.kernel import cbor
from kimberlite.kernel.days import day_of
from kimberlite.kernel.errors import Conflict, Invalid, Problem, Refused, Unavailable
from kimberlite.kernel.ids import PARTICIPANT
from kimberlite.ledger.keyring import KEYS
from kimberlite.ledger.reader import Reader
from kimberlite.ledger.state import State
from kimberlite.ledger.v1.rows import moment
from kimberlite.node import passes
from kimberlite.node.passes import SKEW, Bearer, Signed
from kimberlite.registry.model import Truth
from kimberlite.registry.read import Registry

REQUEST_TYP: Final = "kp-node-request+cose"
HEADER, CARD_HEADER = "Kimberlite-Request", "Kimberlite-Card"
MOST_SEEN: Final = 1 << 16
"""Requests that are remembered so that none counts twice; more within the time are put off."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One HTTP request: method, target as on the request line, SHA-256 of the body."""

    method: str
    target: str
    digest: bytes

    @classmethod
    def of(cls, method: str, target: str, body: bytes) -> Asked:
        """Take a request down."""
        return cls(method, target, hashlib.sha256(body).digest())


def headers_for(asked: Asked, bearer: Bearer, genesis: bytes, now: int) -> dict[str, str]:
    """Sign a request, and give the headers that go with it.

    Signed: CBOR([genesis, method, target, SHA-256 of the body, 16 random bytes]).
    """
    told = cbor.encode([genesis, asked.method, asked.target, asked.digest, token(16)])
    signed = passes.say(REQUEST_TYP, bearer.holder, told, bearer.key, now)
    found = {HEADER: _text(signed)}
    if bearer.card:
        found[CARD_HEADER] = _text(bearer.card)
    return found


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    if len(text) > 4096:
        raise _unsigned()
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise _unsigned() from None


class Gate:
    """Lets callers in by their signed requests. May be used from several threads."""

    def __init__(self, reader: Reader, genesis: bytes, clock: Callable[[], int]) -> None:
        self._reader, self._genesis, self._clock = reader, genesis, clock
        self._lock = threading.Lock()
        self._seen: OrderedDict[bytes, int] = OrderedDict()
        self._admitted: tuple[int, dict[str, bool]] = (-1, {})

    def admit(self, asked: Asked, request: str | None, card: str | None) -> str:
        """Give the holder that makes this request; the same request counts once.

        Raises:
            Refused: ``caller.unsigned``, ``caller.other`` when another request was signed,
                ``caller.moment`` when it was signed too long ago or in the future,
                ``caller.not-admitted`` for who may not read this log, ``caller.card``.
            Conflict: ``caller.replayed``. Unavailable: ``caller.busy``.
            Untrusted, Invalid: as ``passes.vouch``.
        """
        if request is None:
            raise _unsigned()
        signed = passes.read(_bytes(request), REQUEST_TYP)
        nonce = self._matched(asked, signed)
        with self._lock:
            state, size = self._reader.state(), self._reader.size
            given = b"" if card is None else _bytes(card)
            passes.vouch(state, size, signed, given, self._genesis)
            if not self._may(state, size, signed.holder):
                raise Refused(
                    "caller.not-admitted",
                    f"{signed.holder} is neither a participant nor an admitted observer",
                    holder=signed.holder,
                )
            self._once(signed.holder.encode() + nonce)
        return signed.holder

    def _matched(self, asked: Asked, signed: Signed) -> bytes:
        now = self._clock()
        if abs(now - signed.moment) > SKEW:
            raise Refused(
                "caller.moment",
                "the request was signed too long ago or in the future: check both clocks",
                moment=signed.moment,
                now=now,
            )
        try:
            match cbor.decode(signed.payload, limit=passes.SIGNED_LIMIT):
                case [bytes() as genesis, str() as method, str() as target, bytes() as body, nonce]:
                    pass
                case _:
                    raise _unsigned()
        except Problem:
            raise _unsigned() from None
        if (genesis, Asked(method, target, body)) != (self._genesis, asked):
            raise Refused("caller.other", "what was signed is another request, or for another log")
        if not isinstance(nonce, bytes) or len(nonce) != 16:
            raise _unsigned()
        return nonce

    def _once(self, name: bytes) -> None:
        now = self._clock()
        while self._seen and next(iter(self._seen.values())) < now - 2 * SKEW:
            self._seen.popitem(last=False)
        if name in self._seen:
            raise Conflict("caller.replayed", "this request was made before: sign a new one")
        if len(self._seen) >= MOST_SEEN:
            raise Unavailable("caller.busy", "too many requests at present: try again later")
        self._seen[name] = now

    def _may(self, state: State, size: int, holder: str) -> bool:
        if self._admitted[0] != size:
            self._admitted = (size, {})
        known = self._admitted[1]
        if holder not in known:
            known[holder] = may_read(state, holder)
        return known[holder]


def may_read(state: State, holder: str) -> bool:
    """Say whether ``holder`` may read entries: participants, admitted observers, founding organs.

    A holder of a key in genesis may read before any decision lists it, as it has to endorse that
    decision; one that has left may not. Source: docs/spec/visibility.md.
    """
    now = moment(state)
    day = 0 if now is None else day_of(now.now)
    registry = Registry(state)
    founding = any(key.holder == holder and key.since == 0 for _, key in state.scan(KEYS))
    if PARTICIPANT.fullmatch(holder):
        if registry.participant(holder, day) is None:
            return founding
        others = any(each.code == holder for each in registry.others(day))
        return others or registry.listed(holder, day).truth is not Truth.NO
    return founding or any(each.code == holder for each in registry.observers(day))


def _unsigned() -> Problem:
    return Refused("caller.unsigned", "a node signs what it asks of another: this was not signed")


def malformed(why: str) -> Invalid:
    """Say that a request is not of the protocol. Code ``relay.request``."""
    return Invalid("relay.request", f"the request cannot be read: {why}")
