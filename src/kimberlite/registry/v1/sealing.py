"""The key to which sections are sealed for an authority (HPKE, RFC 9180). Source: ours, 0005."""

from __future__ import annotations

from dataclasses import dataclass

from kimberlite.ledger.schema import Field, Schema, octets
from kimberlite.ledger.state import State, Table
from kimberlite.ledger.types import Entry, StatementType
from kimberlite.registry.v1 import parts


@dataclass(frozen=True, slots=True)
class SealingKey:
    """A holder's X25519 public key, 32 bytes, and the entry that stated it."""

    public: bytes
    entry: int


SEALING: Table[SealingKey] = Table(
    "registry.sealing", lambda row: [row.public, row.entry], lambda value: SealingKey(*value)
)
"""By holder: the latest stated."""


def sealing_key(state: State, holder: str) -> bytes | None:
    """Give the key to seal to for ``holder``, or None when it has stated none."""
    found = state.get(SEALING, holder)
    return None if found is None else found.public


def _fold(entry: Entry) -> None:
    entry.state.put(SEALING, entry.iss, SealingKey(entry.log["public"], entry.index))
    entry.tell("registry.sealing-key", entry.iss, entry.log["public"])


TYPE = StatementType(
    typ="kp-sealing-key+cose",
    summary="States the key to which sections are sealed for this holder; the latest counts.",
    schema=Schema("sealing-key", (Field(1, "public", octets(32), "X25519 public key (RFC 9180)"),)),
    roles=frozenset(("registry",)),
    rules=(parts.NOT_OWN,),
    fold=_fold,
)
