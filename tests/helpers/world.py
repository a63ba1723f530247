"""A whole log in memory: keys made from names, statements signed and admitted one by one.

>>> world = World(types=())
>>> world.state.index_of(world.entries[0].statement.id)
0
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kimberlite.crypto.keys import Ed25519PrivateKey
from kimberlite.kernel.days import day_of, parse_day, start_of
from kimberlite.ledger.admission import Admitted, Books, Outcome, admit
from kimberlite.ledger.envelope import Body, Header, Verdicts, parse, sign
from kimberlite.ledger.state import State
from kimberlite.ledger.types import RuleBook, StatementType
from kimberlite.ledger.v1 import TYPES as LEDGER_TYPES
from kimberlite.ledger.v1.genesis import TYP as GENESIS_TYP
from kimberlite.ledger.v1.rows import moment
from kimberlite.registry.v1 import TYPES as REGISTRY_TYPES

LOG, OPERATOR, CHAIR, ARCHIVE = "kp.log", "kp.operator", "kp.chair", "kp.archive"
MEMBER = ("endorse", "registry", "issue", "confirm", "keys", "recover")
HOLDERS: Mapping[str, tuple[str, ...]] = {
    LOG: ("log",),
    OPERATOR: ("operate",),
    CHAIR: ("chair",),
    ARCHIVE: ("transcribe",),
    "XA": MEMBER,
    "XB": MEMBER,
    "XC": MEMBER,
    "XD": MEMBER,
}
THRESHOLD = 2
"""How many endorsements every endorsed type needs here, unless said otherwise."""


def key_of(holder: str) -> Ed25519PrivateKey:
    """Give the one key that ``holder`` has in every test world."""
    return Ed25519PrivateKey(hashlib.sha256(f"test key of {holder}".encode()).digest())


class MemoryRows:
    """Rows in a dictionary, as bytes, so that every row's codec is used."""

    def __init__(self) -> None:
        self.tables: dict[str, dict[str, bytes]] = {}
        self.places: dict[bytes, int] = {}

    def row(self, table: str, key: str) -> bytes | None:
        return self.tables.get(table, {}).get(key)

    def some(self, table: str, keys: Sequence[str]) -> Mapping[str, bytes]:
        rows = self.tables.get(table, {})
        return {key: rows[key] for key in keys if key in rows}

    def rows(self, table: str) -> Iterable[tuple[str, bytes]]:
        return sorted(self.tables.get(table, {}).items())

    def indexes(self, ids: Sequence[bytes]) -> Mapping[bytes, int]:
        return {each: self.places[each] for each in ids if each in self.places}

    def keep(self, changes: Iterable[tuple[str, str, bytes]]) -> None:
        for table, key, raw in changes:
            self.tables.setdefault(table, {})[key] = raw


class World:
    """A log of its own. ``say`` signs and admits; a refusal comes back as ``Refused``.

    ``types`` are the statement types beside the ledger's own, by default the registry's; another
    room's tests hand in ``(*REGISTRY_TYPES, *THEIR_TYPES)``.
    """

    def __init__(
        self,
        *,
        kind: str = "test",
        began: str = "2026-01-05",
        holders: Mapping[str, Sequence[str]] = HOLDERS,
        types: Iterable[StatementType] = REGISTRY_TYPES,
        thresholds: Mapping[str, int] | None = None,
    ) -> None:
        self.books: Books = {1: RuleBook.of(1, LEDGER_TYPES, tuple(types))}
        self.rows = MemoryRows()
        self.state = State(self.rows)
        self.entries: list[Admitted] = []
        self.kind = kind
        self.must(LOG, GENESIS_TYP, self._genesis(began, holders, thresholds or {}), sub="genesis")

    def _genesis(
        self, began: str, holders: Mapping[str, Sequence[str]], thresholds: Mapping[str, int]
    ) -> dict[str, Any]:
        endorsed = {typ: THRESHOLD for typ, each in self.books[1].types.items() if each.endorsed}
        needed = {**endorsed, **thresholds}
        return {
            "kind": self.kind,
            "origin": "log.example/test",
            "title": "A log for tests",
            "created": start_of(parse_day(began)),
            "rules": 1,
            "roots": [
                {"public": key_of(holder).public.cose_key(), "holder": holder, "roles": list(roles)}
                for holder, roles in holders.items()
            ],
            "thresholds": [{"typ": typ, "needed": needed[typ]} for typ in sorted(needed)],
        }

    @property
    def today(self) -> int:
        """The log's day."""
        return day_of(self.now)

    @property
    def now(self) -> int:
        """The log's time in seconds; before genesis, the far past."""
        found = moment(self.state)
        return 0 if found is None else found.now

    def sign(
        self,
        holder: str,
        typ: str,
        named: Mapping[str, Any],
        *,
        sub: str | None = None,
        iat: int | None = None,
        seals: Mapping[int, bytes] | None = None,
        approval: bytes | None = None,
        verdicts: Verdicts | None = None,
    ) -> bytes:
        """Sign a statement without admitting it. ``sub`` defaults to the holder."""
        kind = self.books[1].types[typ]
        key = key_of(holder)
        when = self.now if iat is None else iat
        header = Header(key.public.algorithm, key.public.kid, typ, holder, sub or holder, when)
        body = Body(kind.version, kind.schema.write(named), dict(seals or {}), approval, verdicts)
        return sign(header, body, key)

    def admit(self, raw: bytes) -> Outcome:
        """Admit signed bytes as the next entry, and keep what follows if they are admitted."""
        outcome = admit(self.state, self.books, parse(raw), len(self.entries))
        if isinstance(outcome, Admitted):
            self.entries.append(outcome)
            self.rows.keep(self.state.changes())
            self.rows.places[outcome.statement.id] = outcome.index
            self.state.settle()
        else:
            assert not self.state.changes(), "a refusal leaves the state untouched"
        return outcome

    def say(self, holder: str, typ: str, named: Mapping[str, Any], **more: Any) -> Outcome:
        """Sign and admit; ``more`` as in ``sign``."""
        return self.admit(self.sign(holder, typ, named, **more))

    def must(self, holder: str, typ: str, named: Mapping[str, Any], **more: Any) -> Admitted:
        """Sign and admit what has to be admitted for the test to make sense."""
        outcome = self.say(holder, typ, named, **more)
        assert isinstance(outcome, Admitted), outcome
        return outcome

    def endorse(self, holder: str, statement: bytes) -> Admitted:
        """Let ``holder`` endorse a proposal."""
        return self.must(holder, "kp-endorsement+cose", {"statement": statement})

    def decide(
        self, typ: str, named: Mapping[str, Any], *, sub: str, by: Sequence[str] = ("XA", "XB")
    ) -> Admitted:
        """Propose and endorse, by different members, until the statement has taken effect.

        Gives the proposal, whose statement id names the decision.
        """
        proposal = self.must(by[0], typ, named, sub=sub)
        last = proposal
        for holder in by[1:]:
            last = self.endorse(holder, proposal.statement.id)
        assert ["effective", proposal.statement.id] in last.facts, last.facts
        return proposal

    def time(self, day: str | int) -> None:
        """Move the log's time to the start of ``day``."""
        at = start_of(parse_day(day) if isinstance(day, str) else day)
        if at > self.now + 600:
            self.must(OPERATOR, "kp-time-jump+cose", {"at": at, "reason": "the test goes on"})
        if at > self.now:
            self.must(LOG, "kp-time+cose", {"at": at})

    def reloaded(self) -> State:
        """Give the state as another process reads it from its rows."""
        return State(self.rows)

    def fetch_entry(self, index: int) -> tuple[bytes, list[list[Any]]]:
        """Give an entry's bytes and its facts."""
        return self.entries[index].statement.raw, self.entries[index].facts
