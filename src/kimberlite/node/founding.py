"""Founding a log: make its keys, say genesis, and bring the first members in by endorsement.

For a demo or a test this happens on one machine in one go. For production the same statements are
made in a key ceremony (docs/security/key-ceremony.md), each key on a machine of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kimberlite.crypto.keys import Ed25519PrivateKey
from kimberlite.kernel.errors import Refused
from kimberlite.ledger.admission import Admitted, Outcome
from kimberlite.ledger.envelope import Body, Header, sign
from kimberlite.ledger.log import Log
from kimberlite.ledger.types import RuleBook
from kimberlite.ledger.v1.decisions import ENDORSEMENT
from kimberlite.ledger.v1.genesis import GENESIS

BATCH = 500


@dataclass(frozen=True, slots=True)
class Root:
    """One key of genesis: who holds it and what it may sign."""

    holder: str
    roles: tuple[str, ...]
    key: Ed25519PrivateKey


@dataclass(frozen=True, slots=True)
class Draft:
    """A statement before it is signed: type, subject, and the log section's fields by name."""

    typ: str
    sub: str
    named: Mapping[str, Any]


class Founder:
    """Holds the keys of a log that is being founded, and says what must be said with them."""

    def __init__(self, book: RuleBook, roots: Sequence[Root]) -> None:
        self._book = book
        self._roots = tuple(roots)

    @classmethod
    def with_new_keys(cls, book: RuleBook, holders: Sequence[tuple[str, Sequence[str]]]) -> Founder:
        """Make a fresh Ed25519 key for each holder and set of roles."""
        roots = [
            Root(holder, tuple(roles), Ed25519PrivateKey.generate()) for holder, roles in holders
        ]
        return cls(book, roots)

    @property
    def roots(self) -> tuple[Root, ...]:
        """Give the keys of genesis."""
        return self._roots

    def key(self, holder: str, role: str) -> Ed25519PrivateKey:
        """Give the holder's key for ``role``. Raises Refused ``founding.no-key``."""
        for root in self._roots:
            if root.holder == holder and role in root.roles:
                return root.key
        raise Refused("founding.no-key", f"{holder} has no key for {role}", holder=holder)

    def genesis(self, *, kind: str, origin: str, title: str, now: int, needed: int) -> bytes:
        """Give the signed first statement; every endorsed type needs ``needed`` endorsements."""
        endorsed = sorted(typ for typ, each in self._book.types.items() if each.endorsed)
        named = {
            "kind": kind,
            "origin": origin,
            "title": title,
            "created": now,
            "rules": self._book.version,
            "roots": [
                {
                    "public": root.key.public.cose_key(),
                    "holder": root.holder,
                    "roles": list(root.roles),
                }
                for root in self._roots
            ],
            "thresholds": [{"typ": typ, "needed": needed} for typ in endorsed],
        }
        log_root = next(root for root in self._roots if "log" in root.roles)
        return self._sign(Draft(GENESIS.typ, "genesis", named), log_root.holder, log_root.key, now)

    def sign(self, holder: str, draft: Draft, now: int) -> bytes:
        """Sign ``draft`` with a key of ``holder`` that may say it."""
        roles = self._book.types[draft.typ].roles
        for root in self._roots:
            if root.holder == holder and roles & set(root.roles):
                return self._sign(draft, holder, root.key, now)
        raise Refused("founding.no-key", f"{holder} has no key for {draft.typ}", holder=holder)

    def _sign(self, draft: Draft, holder: str, key: Ed25519PrivateKey, now: int) -> bytes:
        kind = self._book.types[draft.typ]
        public = key.public
        header = Header(public.algorithm, public.kid, draft.typ, holder, draft.sub, now)
        return sign(header, Body(kind.version, kind.schema.write(draft.named)), key)

    def decide(self, log: Log, holders: Sequence[str], draft: Draft, now: int) -> None:
        """Say something that needs several: the first of ``holders`` proposes, the others endorse.

        Raises:
            Refused: as the log's rules say.
        """
        (proposed,) = append(log, [self.sign(holders[0], draft, now)])
        told = Draft(
            ENDORSEMENT.typ, proposed.statement.id.hex(), {"statement": proposed.statement.id}
        )
        append(log, [self.sign(holder, told, now) for holder in holders[1:]])


def append(log: Log, raws: Sequence[bytes]) -> list[Admitted]:
    """Append statements that must all be admitted.

    Raises:
        Refused: with the code of the first that is not.
    """
    admitted: list[Admitted] = []
    for start in range(0, len(raws), BATCH):
        admitted.extend(_must(each) for each in log.append(raws[start : start + BATCH]))
    return admitted


def _must(outcome: Outcome) -> Admitted:
    if isinstance(outcome, Admitted):
        return outcome
    raise Refused(outcome.code, f"the log refused a founding statement ({outcome.code})")
