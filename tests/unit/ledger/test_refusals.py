"""Every refusal of the log itself has a case here; a code without one fails the last test."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from kimberlite.kernel import cbor
from kimberlite.kernel.rules import Force
from kimberlite.ledger.admission import DOOR, Refused
from kimberlite.ledger.v1 import TYPES
from tests.helpers.log import (
    BEGAN,
    CHAIR,
    LOG,
    OPERATOR,
    ROOTS,
    Desk,
    genesis,
    key,
    new_key,
    sample,
    statement,
)

Case = Callable[[Desk], bytes]
ITEMS = ["one", "two"]
DIGEST = hashlib.sha256(cbor.encode(ITEMS)).digest()


def edition(**more: Any) -> bytes:
    named = {
        "name": "iso-list",
        "edition": "1",
        "digest": DIGEST,
        "items": ITEMS,
        "source": "a test",
        **more,
    }
    return statement("XA", "kp-edition+cose", named)


def endorsement(holder: str, statement_id: bytes) -> bytes:
    return statement(holder, "kp-endorsement+cose", {"statement": statement_id})


def ending(typ: str, holder: str, name: str, **more: Any) -> bytes:
    named = {"kid": key(name).public.kid, "reason": "a test", **more}
    by = f"{holder} recovery" if typ != "kp-key-withdrawal+cose" else None
    return statement(holder, typ, named, by=by)


def bad_signature(_: Desk) -> bytes:
    raw = sample(1)
    return raw[:-1] + bytes((raw[-1] ^ 1,))


def revoked(desk: Desk) -> bytes:
    desk.must(ending("kp-key-revocation+cose", "XA", "XA daily"))
    return sample(1)


def duplicate(desk: Desk) -> bytes:
    desk.must(sample(1))
    return sample(1)


def known_edition(desk: Desk) -> bytes:
    desk.endorse("XB", desk.must(edition()))
    return edition(source="another test")


def endorsed_twice(desk: Desk) -> bytes:
    return endorsement("XA", desk.must(edition()).statement.id)


def key_known(desk: Desk) -> bytes:
    desk.must(new_key("XA", "XA second", ["issue"]))
    return new_key("XA", "XA second", ["confirm"])


def unsound(_: Desk) -> bytes:
    # y = 1 encodes the neutral element: a point of small order.
    weak = cbor.encode({1: 1, -1: 6, -2: b"\x01" + bytes(31)})
    named = {"public": weak, "holder": "XA", "roles": ["issue"], "proof": bytes(64)}
    return statement("XA", "kp-key+cose", named, by="XA recovery")


def not_possessed(_: Desk) -> bytes:
    return new_key("XA", "XA second", ["issue"], proof=key("other").sign(b"something else"))


def withdrawn_twice(desk: Desk) -> bytes:
    desk.must(ending("kp-key-revocation+cose", "XB", "XB daily"))
    return ending("kp-key-revocation+cose", "XB", "XB daily", reason="once more")


def repudiated_unlogged(_: Desk) -> bytes:
    named = {"kid": key("XA daily").public.kid, "statements": [bytes(32)], "reason": "a test"}
    return statement("XA", "kp-repudiation+cose", named, by="XA recovery")


def rules_back(_: Desk) -> bytes:
    return statement(CHAIR, "kp-rules+cose", {"version": 1, "digest": bytes(32)})


def time_at(at: int) -> Case:
    return lambda _: statement(LOG, "kp-time+cose", {"at": at})


def jump(at: int, iat: int = BEGAN) -> Case:
    named = {"at": at, "reason": "a test"}
    return lambda _: statement(OPERATOR, "kp-time-jump+cose", named, iat=iat)


CASES: dict[str, Case] = {
    "type.unknown": lambda _: statement("XA", "kp-nothing+cose", {1: 1}),
    "type.version": lambda _: statement("XA", "kp-sample+cose", {"number": 1}, body={"version": 2}),
    "statement.duplicate": duplicate,
    "key.unknown": lambda _: statement("XA", "kp-sample+cose", {"number": 1}, by="a stranger"),
    "key.not-valid": revoked,
    "key.not-holder": lambda _: statement("XB", "kp-sample+cose", {"number": 1}, by="XA daily"),
    "key.role": lambda _: statement(CHAIR, "kp-sample+cose", {"number": 1}),
    "signature.bad": bad_signature,
    "time.future": lambda _: sample(1, iat=BEGAN + 601),
    "section.unexpected": lambda _: statement(
        "XA", "kp-sample+cose", {"number": 1}, body={"seals": {2: bytes(32)}}
    ),
    "genesis.not-first": lambda _: genesis(thresholds={}),
    "endorsement.not-pending": lambda _: endorsement("XB", bytes(32)),
    "endorsement.twice": endorsed_twice,
    "rules.not-later": rules_back,
    "edition.known": known_edition,
    "edition.digest": lambda _: edition(digest=bytes(32)),
    "key.another-holder": lambda _: new_key("XA", "XB new", ["issue"], signer="XB"),
    "key.unsound": unsound,
    "key.not-possessed": not_possessed,
    "key.known": key_known,
    "key.unknown-role": lambda _: new_key("XA", "XA second", ["emperor"]),
    "key.role-beyond-own": lambda _: new_key("XA", "XA second", ["chair"]),
    "key.replaces": lambda _: new_key(
        "XA", "XA second", ["issue"], replaces=key("XB daily").public.kid
    ),
    "key.not-registered": withdrawn_twice,
    "repudiation.not-logged": repudiated_unlogged,
    "time.back": time_at(BEGAN - 1),
    "time.jump": time_at(BEGAN + 601),
    "time.dated-later": jump(BEGAN + 10_000, iat=BEGAN + 10_001),
}


BEGINNINGS: dict[str, Callable[[], bytes]] = {
    "log.not-begun": lambda: sample(1),
    "genesis.log-key": lambda: genesis(roots=[*ROOTS, ("XE", "second log", ("log",))]),
    "genesis.roots": lambda: genesis(roots=[*ROOTS, ("XE", "XA daily", ("issue",))]),
    "genesis.threshold": lambda: genesis(thresholds={"kp-rules+cose": 5}),
}


@pytest.mark.parametrize("code", CASES)
def test_the_log_refuses(code: str) -> None:
    desk = Desk()
    raw = CASES[code](desk)
    before, facts = desk.log.size, desk.log.facts

    outcome = desk.say(raw)

    assert isinstance(outcome, Refused)
    assert outcome.code == code
    assert outcome.source
    assert (desk.log.size, desk.log.facts) == (before, facts)


@pytest.mark.parametrize("code", BEGINNINGS)
def test_a_log_does_not_begin(code: str) -> None:
    desk = Desk(begin=False)

    outcome = desk.say(BEGINNINGS[code]())

    assert isinstance(outcome, Refused)
    assert outcome.code == code
    assert desk.log.size == 0


def test_a_log_begins_only_by_its_own_key() -> None:
    outcome = Desk(begin=False).say(genesis(by="XA daily"))
    assert isinstance(outcome, Refused)
    assert outcome.code == "signature.bad"


def test_every_refusal_of_the_catalogue_has_a_case() -> None:
    rules = {r.code for kind in TYPES for r in kind.rules if r.force is Force.REFUSES}
    assert CASES.keys() | BEGINNINGS.keys() == rules | DOOR.keys()


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.typ)
def test_every_rule_names_its_source(kind: Any) -> None:
    assert all(rule.source for rule in kind.rules)
