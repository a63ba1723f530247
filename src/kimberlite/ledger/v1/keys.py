"""Keys come, go and are disowned: registration, admission, revocation, repudiation.

No single key takes a participant's key: only the holder's own recovery key, or a decision that
enough holders endorsed. Source: ours, docs/decisions/0008.
"""

from __future__ import annotations

import re
from dataclasses import replace

from kimberlite.crypto.keys import PublicKey, parse_cose_key
from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Problem
from kimberlite.kernel.ids import HOLDER
from kimberlite.kernel.rules import NO_FACTS, Facts, Force, Rule
from kimberlite.ledger.keyring import KEYS, ROLES, Key
from kimberlite.ledger.schema import Field, Schema, listing, octets, text
from kimberlite.ledger.types import Entry, StatementType
from kimberlite.ledger.v1.genesis import OFFICE
from kimberlite.ledger.v1.rows import REPUDIATED, repudiated

_OURS = "ours: docs/decisions/0008"
_ROLE = re.compile(r"[a-z]{2,16}")
_GUARDED = frozenset(("recover", "keys"))

_KEY_FIELDS = (
    Field(1, "public", octets(8, 120), "COSE_Key, deterministic CBOR (RFC 9052 section 7)"),
    Field(2, "holder", text(32, HOLDER), "participant or organ that holds the key"),
    Field(3, "roles", listing(text(16, _ROLE), 1, 12), "what the key may sign"),
    Field(4, "proof", octets(64), "signature by the new key over possession_message"),
    Field(5, "office", text(24, OFFICE), "office of the holder", required=False),
    Field(6, "replaces", octets(8), "kid that ends at this entry (rotation)", required=False),
)


def possession_message(holder: str, public: PublicKey) -> bytes:
    """Give what a new key signs to show that its holder has it."""
    return cbor.encode(["kp-key/1", holder, public.thumbprint()])


def _public(entry: Entry) -> PublicKey | None:
    try:
        public = parse_cose_key(entry.log["public"])
        public.check()
    except Problem:
        return None
    return public


def _unsound(entry: Entry) -> Facts | None:
    return NO_FACTS if _public(entry) is None else None


def _not_possessed(entry: Entry) -> Facts | None:
    public = _public(entry)
    if public is None:
        return None
    told = possession_message(entry.log["holder"], public)
    return None if public.verify(entry.log["proof"], told) else NO_FACTS


def _known(entry: Entry) -> Facts | None:
    public = _public(entry)
    taken = public is not None and entry.state.get(KEYS, public.kid.hex()) is not None
    return {"kid": public.kid.hex()} if public is not None and taken else None


def _unknown_role(entry: Entry) -> Facts | None:
    unknown = sorted(set(entry.log["roles"]) - ROLES)
    return {"role": unknown[0]} if unknown else None


def _another_holder(entry: Entry) -> Facts | None:
    holder = entry.log["holder"]
    return {"holder": holder} if holder != entry.iss else None


def _role_beyond_own(entry: Entry) -> Facts | None:
    """Guarded roles, and roles the holder was never given, need more than the "keys" role."""
    asked = set(entry.log["roles"])
    if asked & _GUARDED and "recover" not in entry.key.roles:
        return {"role": min(asked & _GUARDED)}
    held: set[str] = set()
    for _, key in entry.state.scan(KEYS):
        if key.holder == entry.iss:
            held |= key.roles
    beyond = sorted(asked - held)
    return {"role": beyond[0]} if beyond else None


def _replaces_another(entry: Entry) -> Facts | None:
    kid = entry.log.get("replaces")
    if kid is None:
        return None
    old = entry.state.get(KEYS, kid.hex())
    if old is None or old.holder != entry.log["holder"] or old.until is not None:
        return {"kid": kid.hex()}
    if old.roles & _GUARDED and "recover" not in entry.key.roles and entry.iss == old.holder:
        return {"kid": kid.hex()}
    return None


def _end(entry: Entry, kid: bytes) -> None:
    old = entry.state.get(KEYS, kid.hex())
    if old is not None and old.until is None:
        entry.state.put(KEYS, kid.hex(), replace(old, until=entry.index))
        entry.tell("key.ended", kid, old.holder, entry.index)


def _fold_key(entry: Entry) -> None:
    log, public = entry.log, parse_cose_key(entry.log["public"])
    roles = frozenset(log["roles"])
    key = Key(public, log["holder"], log.get("office", ""), roles, entry.index + 1)
    entry.state.put(KEYS, public.kid.hex(), key)
    entry.tell("key.registered", public.kid, log["holder"], sorted(roles))
    if "replaces" in log:
        _end(entry, log["replaces"])


_SOUND = (
    Rule("key.unsound", _OURS, Force.REFUSES, _unsound),
    Rule("key.known", _OURS, Force.REFUSES, _known),
    Rule("key.unknown-role", _OURS, Force.REFUSES, _unknown_role),
    Rule("key.not-possessed", _OURS, Force.REFUSES, _not_possessed),
    Rule("key.replaces", _OURS, Force.REFUSES, _replaces_another),
)

REGISTRATION = StatementType(
    typ="kp-key+cose",
    summary="Registers a further key of the same holder, or rotates one.",
    schema=Schema("key", _KEY_FIELDS),
    roles=frozenset(("keys", "recover")),
    rules=(
        Rule("key.another-holder", _OURS, Force.REFUSES, _another_holder),
        *_SOUND,
        Rule("key.role-beyond-own", _OURS, Force.REFUSES, _role_beyond_own),
    ),
    fold=_fold_key,
)

ADMISSION = StatementType(
    typ="kp-key-admission+cose",
    summary="Registers a key of any holder, by decision of enough endorsers.",
    schema=Schema("key-admission", _KEY_FIELDS),
    roles=frozenset(("endorse", "chair")),
    rules=_SOUND,
    fold=_fold_key,
    endorsed=True,
)

_ENDING = Schema(
    "key-ending",
    (
        Field(1, "kid", octets(8), "the key that ends at this entry"),
        Field(2, "reason", text(200), "why, in a sentence"),
    ),
)


def _unknown_key(entry: Entry) -> Facts | None:
    key = entry.state.get(KEYS, entry.log["kid"].hex())
    return {"kid": entry.log["kid"].hex()} if key is None or key.until is not None else None


def _key_of_another(entry: Entry) -> Facts | None:
    key = entry.state.get(KEYS, entry.log["kid"].hex())
    return {"holder": key.holder} if key is not None and key.holder != entry.iss else None


def _fold_ending(entry: Entry) -> None:
    _end(entry, entry.log["kid"])


REVOCATION = StatementType(
    typ="kp-key-revocation+cose",
    summary="Ends a key from this entry on, by the holder's recovery key.",
    schema=_ENDING,
    roles=frozenset(("recover",)),
    rules=(
        Rule("key.not-registered", _OURS, Force.REFUSES, _unknown_key),
        Rule("key.another-holder", _OURS, Force.REFUSES, _key_of_another),
    ),
    fold=_fold_ending,
)

WITHDRAWAL = StatementType(
    typ="kp-key-withdrawal+cose",
    summary="Ends any holder's key, by decision of enough endorsers.",
    schema=_ENDING,
    roles=frozenset(("endorse", "chair")),
    rules=(Rule("key.not-registered", _OURS, Force.REFUSES, _unknown_key),),
    fold=_fold_ending,
    endorsed=True,
)


def _not_logged(entry: Entry) -> Facts | None:
    for each in entry.log["statements"]:
        if entry.state.index_of(each) is None:
            return {"statement": each.hex()}
    return None


def _fold_repudiation(entry: Entry) -> None:
    for each in entry.log["statements"]:
        if repudiated(entry.state, entry.iss, each) is None:
            entry.state.put(REPUDIATED, f"{entry.iss}/{each.hex()}", entry.index)
            entry.tell("statement.repudiated", each, entry.iss)


REPUDIATION = StatementType(
    typ="kp-repudiation+cose",
    summary="Names statements that a thief signed before a key was revoked.",
    schema=Schema(
        "repudiation",
        (
            Field(1, "kid", octets(8), "the stolen key"),
            Field(2, "statements", listing(octets(32), 1, 200), "ids of the disowned statements"),
            Field(3, "reason", text(200), "why, in a sentence"),
        ),
    ),
    roles=frozenset(("recover",)),
    rules=(
        Rule("key.another-holder", _OURS, Force.REFUSES, _key_of_another),
        Rule("repudiation.not-logged", _OURS, Force.REFUSES, _not_logged),
    ),
    fold=_fold_repudiation,
)

TYPES = (REGISTRATION, ADMISSION, REVOCATION, WITHDRAWAL, REPUDIATION)
