"""A log for tests of the ledger itself: keys from names, a clock by hand, one made-up type.

Knows no room above the ledger. The made-up type "kp-sample+cose" has what real ones have: a log
section, a sealed section, a row of its own, a rule that refuses and a rule that finds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kimberlite.crypto.keys import Ed25519PrivateKey
from kimberlite.kernel.rules import Facts, Force, Rule
from kimberlite.ledger.admission import Admitted, Books, Outcome, Refused
from kimberlite.ledger.engine.memory import MemoryEngine
from kimberlite.ledger.engine.port import Engine
from kimberlite.ledger.envelope import Body, Header, Verdicts, sign
from kimberlite.ledger.guard import Guard, Memo, MemoryMemo
from kimberlite.ledger.log import Log, Writer
from kimberlite.ledger.schema import Field, Schema, integer, text
from kimberlite.ledger.state import Table
from kimberlite.ledger.types import Entry, RuleBook, Section, StatementType
from kimberlite.ledger.v1 import TYPES
from kimberlite.ledger.v1.genesis import TYP as GENESIS
from kimberlite.ledger.v1.keys import possession_message

ORIGIN = "log.example/ledger"
BEGAN = 1_780_000_000
LOG, OPERATOR, CHAIR, ARCHIVE = "kp.log", "kp.operator", "kp.chair", "kp.archive"
MEMBER = ("endorse", "registry", "issue", "confirm")
ROOTS: Sequence[tuple[str, str, Sequence[str]]] = (
    (LOG, "log", ("log",)),
    (OPERATOR, "operator", ("operate",)),
    (CHAIR, "chair", ("chair",)),
    (ARCHIVE, "archive", ("transcribe",)),
    *((each, f"{each} daily", MEMBER) for each in ("XA", "XB", "XC", "XD")),
    *((each, f"{each} recovery", ("keys", "recover")) for each in ("XA", "XB", "XC", "XD")),
)
"""Holder, name of the key, roles."""
THRESHOLDS = {
    "kp-key-admission+cose": 2,
    "kp-key-withdrawal+cose": 2,
    "kp-rules+cose": 3,
    "kp-edition+cose": 2,
}
DAILY = {holder: name for holder, name, roles in reversed(ROOTS)}
"""The key that a holder signs with unless a test says otherwise."""

SAMPLES: Table[list[Any]] = Table("test.sample", lambda r: r, lambda v: v, resident=False)


def _too_big(entry: Entry) -> Facts | None:
    return {"number": entry.log["number"]} if entry.log["number"] > 1 << 40 else None


def _seen(entry: Entry) -> Facts | None:
    row = entry.state.get(SAMPLES, str(entry.log["number"]))
    return None if row is None else {"before": row[0]}


def _fold(entry: Entry) -> None:
    entry.state.put(SAMPLES, str(entry.log["number"]), [entry.index, entry.iss])
    entry.tell("sample", entry.log["number"])


SAMPLE = StatementType(
    typ="kp-sample+cose",
    summary="Says a number, for tests.",
    schema=Schema(
        "sample",
        (
            Field(1, "number", integer(), "any number"),
            Field(2, "words", text(60), "any words", required=False),
        ),
    ),
    roles=frozenset(("issue",)),
    rules=(
        Rule("sample.too-big", "ours: tests", Force.REFUSES, _too_big),
        Rule("sample.seen-before", "ours: tests", Force.FINDS, _seen),
    ),
    fold=_fold,
    sections=(Section(1, "hidden", Schema("hidden", ())),),
)
BOOKS: Books = {1: RuleBook.of(1, TYPES, (SAMPLE,))}


def key(name: str) -> Ed25519PrivateKey:
    """Give the key of this name, always the same one."""
    return Ed25519PrivateKey(hashlib.sha256(f"test key {name}".encode()).digest())


def statement(
    holder: str,
    typ: str,
    named: Mapping[str, Any] | dict[int, Any],
    *,
    sub: str = "test",
    iat: int = BEGAN,
    by: str | None = None,
    body: Mapping[str, Any] | None = None,
) -> bytes:
    """Sign a statement. ``by`` names the key, ``body`` overrides members of the payload.

    Fields with integer labels go in as they are, so that a test can break the schema.
    """
    kind = BOOKS[1].types.get(typ)
    signer = key(by or DAILY.get(holder, holder))
    log = dict(named)
    if kind is not None and not any(isinstance(each, int) for each in log):
        log = kind.schema.write(named)  # type: ignore[arg-type]  # all keys are names here
    told: dict[str, Any] = {"version": 1, "log": log, **(body or {})}
    header = Header(signer.public.algorithm, signer.public.kid, typ, holder, sub, iat)
    return sign(header, Body(**told), signer)


def genesis(
    *,
    roots: Sequence[tuple[str, str, Sequence[str]]] = ROOTS,
    thresholds: Mapping[str, int] = THRESHOLDS,
    rules: int = 1,
    holder: str = LOG,
    by: str | None = None,
) -> bytes:
    """Sign the first entry."""
    named = {
        "kind": "test",
        "origin": ORIGIN,
        "title": "A log for tests",
        "created": BEGAN,
        "rules": rules,
        "roots": [
            {"public": key(name).public.cose_key(), "holder": who, "roles": list(roles)}
            for who, name, roles in roots
        ],
        "thresholds": [{"typ": typ, "needed": n} for typ, n in sorted(thresholds.items())],
    }
    return statement(holder, GENESIS, named, sub="genesis", by=by)


def sample(number: int, holder: str = "XA", *, iat: int = BEGAN, sealed: bool = False) -> bytes:
    """Sign a sample; ``sealed`` gives it a sealed section and a verdict on it."""
    more = {"seals": {1: bytes(32)}, "verdicts": Verdicts(1, (("sample.odd", "cannot-tell"),))}
    return statement(
        holder,
        SAMPLE.typ,
        {"number": number},
        sub=f"n{number}",
        iat=iat,
        body=more if sealed else None,
    )


def new_key(
    holder: str,
    name: str,
    roles: Sequence[str],
    *,
    typ: str = "kp-key+cose",
    by: str | None = None,
    signer: str | None = None,
    **more: Any,
) -> bytes:
    """Sign the registration of the key ``name``; ``signer`` is who says so, if not the holder."""
    fresh = key(name)
    named = {
        "public": fresh.public.cose_key(),
        "holder": holder,
        "roles": list(roles),
        "proof": fresh.sign(possession_message(holder, fresh.public)),
        **more,
    }
    who = signer or holder
    return statement(
        who, typ, named, by=by or (f"{who} recovery" if typ == "kp-key+cose" else None)
    )


@dataclass
class Clock:
    """A clock by hand."""

    now: int = BEGAN

    def __call__(self) -> int:
        return self.now


@dataclass
class Desk:
    """An open log with everything around it."""

    engine: Engine = field(default_factory=MemoryEngine)
    memo: Memo = field(default_factory=MemoryMemo)
    clock: Clock = field(default_factory=Clock)
    books: Books = field(default_factory=lambda: BOOKS)
    helpers: int = 0
    begin: bool = True
    log: Log = field(init=False)

    def __post_init__(self) -> None:
        self.open()
        if self.begin and not self.log.size:
            self.must(genesis())

    def open(self) -> Log:
        """Open the log, or open it again as another process would."""
        guard = Guard(ORIGIN, key("log"), self.memo)
        writer = Writer(self.books, key("log"), LOG, guard, self.clock, self.helpers)
        self.log = Log(self.engine, writer)
        return self.log

    def say(self, raw: bytes) -> Outcome:
        """Append one statement; a refusal must leave nothing behind."""
        (outcome,) = self.log.append([raw])
        if isinstance(outcome, Refused):
            assert not self.log.state.changes()
        return outcome

    def must(self, raw: bytes) -> Admitted:
        """Append what has to be admitted for the test to make sense."""
        outcome = self.say(raw)
        assert isinstance(outcome, Admitted), outcome
        return outcome

    def endorse(self, holder: str, proposal: Admitted) -> Admitted:
        """Let a holder endorse."""
        named = {"statement": proposal.statement.id}
        return self.must(statement(holder, "kp-endorsement+cose", named))

    @property
    def checkpoint(self) -> bytes:
        """Give the latest signed checkpoint."""
        signed = self.log.checkpoint
        assert signed is not None
        return signed

    def raws(self) -> list[bytes]:
        """Give every entry's bytes."""
        return [each.raw for each in self.engine.entries(0, self.log.size)]
