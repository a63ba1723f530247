"""Who calls: a node's key, which a card ties to a key that its holder has in the log.

Signatures of officials stay in the signer. What a node signs, a request or a pouch, says nothing
official; a stolen node key reads the log in the holder's name until its card ends, and no more.
Source: ours, docs/spec/nodes.md, section "Who calls".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from kimberlite.crypto.keys import PrivateKey, PublicKey, parse_cose_key
from kimberlite.crypto.sign1 import EMPTY_MAP, Sign1, join, split, to_be_signed
from kimberlite.kernel import cbor
from kimberlite.kernel.days import SECONDS_A_DAY
from kimberlite.kernel.errors import Invalid, Problem, Refused, Untrusted
from kimberlite.kernel.ids import HOLDER
from kimberlite.ledger.keyring import KEYS, Key
from kimberlite.ledger.schema import MOMENT_MAX
from kimberlite.ledger.state import State

CARD_TYP: Final = "kp-node-card+cose"
POUCH_TYP: Final = "kp-pouch+cose"
CARD_DAYS: Final = 400
"""How long a card lasts. Source: ours."""
CARD_LIMIT: Final = 1024
SIGNED_LIMIT: Final = 2048
"""Longest card and longest signed word, in bytes."""
SKEW: Final = 600
"""How far, in seconds, two machines' clocks may differ."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed word as read: what it is, who says it, when (UTC seconds). Nothing is checked."""

    typ: str
    algorithm: int
    kid: bytes
    holder: str
    moment: int
    payload: bytes
    parts: Sign1

    def by(self, key: PublicKey) -> bool:
        """Say whether ``key`` signed it."""
        if (self.algorithm, self.kid) != (int(key.algorithm), key.kid):
            return False
        told = to_be_signed(self.parts.protected, self.payload)
        return key.verify(self.parts.signature, told)


@dataclass(frozen=True, slots=True)
class Card:
    """Ties a node's key to its holder for one log, until a moment (UTC seconds)."""

    signed: Signed
    genesis: bytes
    public: PublicKey
    until: int


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who signs for a node: its key, the holder, and the card; empty for a key of the log's own."""

    key: PrivateKey
    holder: str
    card: bytes = b""


def say(typ: str, holder: str, payload: bytes, key: PrivateKey, moment: int) -> bytes:
    """Sign ``payload`` as ``holder`` at ``moment`` (UTC seconds): a COSE_Sign1 of type ``typ``."""
    public = key.public
    protected = cbor.encode(
        {1: int(public.algorithm), 4: public.kid, 15: {1: holder, 6: moment}, 16: typ}
    )
    return join(protected, payload, key.sign(to_be_signed(protected, payload)))


def read(data: bytes, typ: str) -> Signed:
    """Read a signed word of type ``typ``, strictly; nothing is verified.

    Raises:
        Invalid: ``caller.form``.
    """
    try:
        if len(data) <= SIGNED_LIMIT:
            parts = split(data)
            if parts.payload is not None and parts.unprotected == EMPTY_MAP:
                return _read(cbor.decode(parts.protected), parts.payload, parts, typ)
    except Problem:
        pass
    raise _form()


def _read(header: Any, payload: bytes, parts: Sign1, typ: str) -> Signed:  # noqa: ANN401 - CBOR
    match header:
        case {
            1: int() as algorithm,
            4: bytes() as kid,
            15: {1: str() as holder, 6: int() as moment} as claims,
            16: str() as told,
        } if len(header) == 4 and len(claims) == 2 and len(kid) == 8 and told == typ:
            if HOLDER.fullmatch(holder) and type(moment) is int and 0 <= moment <= MOMENT_MAX:
                return Signed(typ, algorithm, kid, holder, moment, payload, parts)
    raise _form()


def _form() -> Invalid:
    return Invalid("caller.form", "what identifies the caller cannot be read")


def make_card(
    key: PrivateKey, holder: str, public: PublicKey, genesis: bytes, *, now: int
) -> bytes:
    """Let ``public`` speak for ``holder``'s node at the log of ``genesis``, for 400 days.

    Args:
        key: one that the holder has in the log.
        now: UTC seconds.
    """
    until = now + CARD_DAYS * SECONDS_A_DAY
    return say(CARD_TYP, holder, cbor.encode([genesis, public.cose_key(), until]), key, now)


def read_card(data: bytes) -> Card:
    """Read a card, verifying nothing. Raises Invalid ``caller.form``."""
    signed = read(data, CARD_TYP)
    try:
        match cbor.decode(signed.payload, limit=CARD_LIMIT):
            case [bytes() as genesis, bytes() as public, int() as until]:
                if len(genesis) == 32 and type(until) is int:
                    return Card(signed, genesis, parse_cose_key(public), until)
            case _:
                pass
    except Problem:
        pass
    raise _form()


def vouch(state: State, size: int, signed: Signed, card: bytes, genesis: bytes) -> Key:
    """Make sure that the holder named in ``signed`` has the key that signed it.

    Gives the key of the log that it rests on.

    Args:
        state: of the log at ``size`` entries.
        card: as it came along; empty when the log itself holds the key.
        genesis: the log's.

    Raises:
        Untrusted: ``caller.unknown`` when the log holds no such key of that holder now,
            ``caller.signature``. Refused: ``caller.card`` when the card is for another log,
            holder or key, or does not hold at the moment of signing. Invalid: ``caller.form``.
    """
    if not card:
        held = _held(state, size, signed)
        if not signed.by(held.public):
            raise _false()
        return held
    found = read_card(card)
    tied = found.signed.holder == signed.holder and found.genesis == genesis
    first, last = found.signed.moment - SKEW, found.until
    if not tied or not first <= signed.moment < last:
        raise Refused(
            "caller.card",
            "the node's card is for another log or holder, or has run out: make a new one",
            until=last,
        )
    held = _held(state, size, found.signed)
    if not found.signed.by(held.public) or not signed.by(found.public):
        raise _false()
    return held


def _held(state: State, size: int, signed: Signed) -> Key:
    held = state.get(KEYS, signed.kid.hex())
    if held is None or held.holder != signed.holder or not held.valid_at(size):
        raise Untrusted(
            "caller.unknown",
            f"the log holds no key of {signed.holder} that vouches for this caller now",
            holder=signed.holder,
        )
    return held


def _false() -> Untrusted:
    return Untrusted("caller.signature", "the caller did not sign this")
