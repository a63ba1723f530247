"""admit(state, statement) -> Refused | Admitted: pure, total, the same for whoever replays.

What is malformed, unauthorised, unknown or a broken link is refused and never enters the log.
What happened is admitted, with findings. Source: docs/spec/admission.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from kimberlite.crypto.keys import PublicKey
from kimberlite.kernel.errors import Invalid
from kimberlite.kernel.rules import NO_FACTS, Facts, Force
from kimberlite.ledger import facts as chain
from kimberlite.ledger.envelope import Statement, parse
from kimberlite.ledger.keyring import KEYS, Key
from kimberlite.ledger.state import State
from kimberlite.ledger.types import Entry, RuleBook, StatementType
from kimberlite.ledger.v1.decisions import ENDORSEMENT
from kimberlite.ledger.v1.genesis import TYP as GENESIS_TYP
from kimberlite.ledger.v1.genesis import log_key
from kimberlite.ledger.v1.rows import PENDING, Pending, charter, moment
from kimberlite.ledger.v1.time import JUMP, TIME

AHEAD = 600
"""How far, in seconds, a statement's own time may run ahead of the log's."""

OURS = "ours: docs/decisions/0007"
_KEYS = "ours: docs/decisions/0008"

DOOR: Mapping[str, str] = {
    "log.not-begun": OURS,
    "type.unknown": OURS,
    "type.version": OURS,
    "statement.duplicate": "RFC 9943, section on registration; ours: docs/decisions/0004",
    "key.unknown": _KEYS,
    "key.not-valid": _KEYS,
    "key.not-holder": _KEYS,
    "key.role": _KEYS,
    "signature.bad": "RFC 9052, section 4.4",
    "time.future": OURS,
    "section.unexpected": "ours: docs/decisions/0005",
}
"""Refusals that every type shares, with their sources."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The statement does not enter the log: which rule, from where, and what a sentence needs."""

    code: str
    source: str
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Admitted:
    """The statement is in: its facts, in order, as they are chained. Findings are among them."""

    index: int
    statement: Statement
    version: int
    facts: list[list[Any]]

    @property
    def findings(self) -> list[tuple[str, dict[str, str | int]]]:
        """List findings as code and facts."""
        return [(each[1], each[2]) for each in self.facts if each[0] == "finding"]

    def encoded(self) -> bytes:
        """Give the bytes that enter the facts chain."""
        return chain.encode(self.index, self.statement.id, self.version, self.facts)


Outcome: TypeAlias = Refused | Admitted
Books: TypeAlias = Mapping[int, RuleBook]


class Upgrade(Invalid):
    """The log uses a rule version that this program does not have: install a newer one."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A signature that was checked beforehand, possibly on another thread, and under which key."""

    public: PublicKey
    good: bool


def admit(
    state: State, books: Books, statement: Statement, index: int, checked: Checked | None = None
) -> Outcome:
    """Decide on ``statement`` as entry ``index`` and, if admitted, write what follows to ``state``.

    Args:
        state: as of the entry before; left untouched by a refusal.
        books: rule books by version.
        checked: a signature check made ahead; used only if it was made under the key that is
            registered now.

    Raises:
        Upgrade: ``rules.unknown-version`` when the version in force is not among ``books``.
    """
    now = moment(state)
    if now is None:
        return _begin(state, books, statement, index)
    book = books.get(now.rules)
    if book is None:
        raise Upgrade(
            "rules.unknown-version",
            f"this log is under rule version {now.rules}: upgrade this program",
            version=now.rules,
        )
    header = statement.header
    kind = book.types.get(header.typ)
    if kind is None:
        return _door("type.unknown", typ=header.typ)
    before = state.index_of(statement.id)
    if before is not None:
        return _door("statement.duplicate", index=before)
    if header.iat > now.now + AHEAD and kind is not TIME and kind is not JUMP:
        return _door("time.future", iat=header.iat, now=now.now)
    key = state.get(KEYS, header.kid.hex())
    if (refused := _unauthorised(key, kind, statement, index)) is not None or key is None:
        return refused or _door("key.unknown", kid=header.kid.hex())
    if checked is not None and checked.public is key.public:
        good = checked.good
    else:
        good = statement.signed_by(key.public)
    if not good:
        return _door("signature.bad", kid=header.kid.hex())
    return _decide(Entry(statement, NO_FACTS, index, now.now, key, state), kind, book)


def _door(code: str, **facts: str | int) -> Refused:
    return Refused(code, DOOR[code], facts)


def _unauthorised(
    key: Key | None, kind: StatementType, statement: Statement, index: int
) -> Refused | None:
    header = statement.header
    if key is None:
        return _door("key.unknown", kid=header.kid.hex())
    if key.holder != header.iss:
        return _door("key.not-holder", holder=key.holder, iss=header.iss)
    if not key.valid_at(index):
        return _door("key.not-valid", since=key.since, until=key.until or 0, index=index)
    if key.roles.isdisjoint(kind.roles):
        return _door("key.role", needed=", ".join(sorted(kind.roles)))
    return None


def _begin(state: State, books: Books, statement: Statement, index: int) -> Outcome:
    """Take the first entry: genesis, signed by the log key that it names itself."""
    if statement.header.typ != GENESIS_TYP:
        return _door("log.not-begun", typ=statement.header.typ)
    version = statement.body.log.get(5)
    if type(version) is not int:
        return Refused("schema.missing-field", OURS, {"field": "rules"})
    book = books.get(version)
    if book is None:
        raise Upgrade(
            "rules.unknown-version",
            f"this log begins under rule version {version}: upgrade this program",
            version=version,
        )
    kind = book.types[GENESIS_TYP]
    try:
        log = kind.schema.read(statement.body.log)
    except Invalid as bad:
        return Refused(bad.code, OURS, bad.facts)
    public = log_key(log["roots"])
    if public is None:
        return Refused("genesis.log-key", OURS)
    if not statement.signed_by(public):
        return _door("signature.bad", kid=statement.header.kid.hex())
    key = Key(public, statement.header.iss, "", kind.roles, index)
    return _decide(Entry(statement, NO_FACTS, index, log["created"], key, state), kind, book)


def _decide(entry: Entry, kind: StatementType, book: RuleBook) -> Outcome:
    body = entry.statement.body
    if body.version != kind.version:
        return _door("type.version", asked=body.version, known=kind.version)
    try:
        entry.log = kind.schema.read(body.log)
    except Invalid as bad:
        return Refused(bad.code, OURS, bad.facts)
    if not kind.labels.issuperset(body.seals):
        return _door("section.unexpected", label=min(body.seals.keys() - kind.labels))
    if (refused := _apply_rules(entry, kind)) is not None:
        return refused
    if kind.endorsed:
        _propose(entry, kind, book)
    else:
        kind.fold(entry)
    if kind is ENDORSEMENT:
        _complete(entry, entry.log["statement"], book)
    entry.state.enter(entry.statement.id, entry.index)
    return Admitted(entry.index, entry.statement, book.version, entry.facts)


def _apply_rules(entry: Entry, kind: StatementType) -> Refused | None:
    for rule in kind.rules:
        said = rule.check(entry)
        if said is not None:
            if rule.force is Force.REFUSES:
                return Refused(rule.code, rule.source, said)
            entry.tell("finding", rule.code, dict(said))
    return None


def _propose(entry: Entry, kind: StatementType, book: RuleBook) -> None:
    """Let an act that needs several wait; the proposer's own key counts if it may endorse."""
    said = (entry.iss, entry.key.public.kid)
    endorsers = (said,) if "endorse" in entry.key.roles else ()
    entry.state.put(PENDING, entry.statement.id.hex(), Pending(entry.statement.raw, endorsers))
    entry.tell("proposed", entry.statement.id, kind.typ, _needed(entry.state, kind.typ))
    _complete(entry, entry.statement.id, book)


def _needed(state: State, typ: str) -> int:
    """Give k for a type; for one that genesis does not name, the highest that it names."""
    found = charter(state)
    if found is None:
        return 1
    return found.thresholds.get(typ) or max(found.thresholds.values(), default=1)


def _complete(entry: Entry, proposal: bytes, book: RuleBook) -> None:
    """Give effect to a proposal when its last endorsement is in.

    The rules run again, as the state may have changed while it waited; if one refuses now, the
    endorsement stands and the proposal lapses.
    """
    pending = entry.state.get(PENDING, proposal.hex())
    if pending is None or not pending.raw:
        return
    statement = entry.statement if proposal == entry.statement.id else parse(pending.raw)
    needed = _needed(entry.state, statement.header.typ)
    agreed = len(pending.agreeing(entry.state, entry.index))
    entry.tell("endorsed", proposal, agreed, needed)
    if agreed < needed:
        return
    entry.state.put(PENDING, proposal.hex(), Pending(b"", pending.endorsers))
    late = _reopen(entry, statement, book)
    if isinstance(late, Refused):
        entry.tell("lapsed", proposal, late.code)
        return
    entry.tell("effective", proposal)
    book.types[statement.header.typ].fold(late)
    entry.facts.extend(late.facts)


def _reopen(entry: Entry, statement: Statement, book: RuleBook) -> Entry | Refused:
    """Take up a proposal as of now. The rules in force may no longer know its type or version."""
    kind = book.types.get(statement.header.typ)
    key = entry.state.get(KEYS, statement.header.kid.hex())
    if kind is None or key is None:
        return _door("type.unknown", typ=statement.header.typ)
    if statement.body.version != kind.version:
        return _door("type.version", asked=statement.body.version, known=kind.version)
    if not key.valid_at(entry.index):  # what a thief proposed goes with the stolen key
        return _door("key.not-valid", since=key.since, until=key.until or 0, index=entry.index)
    try:
        log = kind.schema.read(statement.body.log)
    except Invalid as bad:
        return Refused(bad.code, OURS, bad.facts)
    late = Entry(statement, log, entry.index, entry.time, key, entry.state)
    if statement is not entry.statement and (refused := _apply_rules(late, kind)) is not None:
        return refused
    return late
