"""Who holds which key, from which entry to which: the part of the state that admission needs first.

A revocation takes effect at its own entry and never earlier, so nothing signed and logged before
it changes, and a thief cannot put anything before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kimberlite.crypto.keys import PublicKey, parse_cose_key
from kimberlite.ledger.state import State, Table

ROLES = frozenset(
    (
        "log",  # signs time and checkpoints
        "operate",  # authorises what the log may not do by itself
        "endorse",  # counts towards k-of-n decisions
        "chair",  # finds consensus, circulates texts
        "keys",  # registers further keys of the same holder
        "recover",  # revokes and repudiates for the same holder
        "registry",  # states facts about the holder itself
        "issue",  # issues certificates
        "confirm",  # confirms imports
        "transcribe",  # records history and paper in the recorder's own name
    )
)


@dataclass(frozen=True, slots=True)
class Key:
    """A registered key. Valid for entries from ``since`` up to, not including, ``until``."""

    public: PublicKey
    holder: str
    office: str
    roles: frozenset[str]
    since: int
    until: int | None = None

    def valid_at(self, index: int) -> bool:
        """Say whether this key may sign the statement at ``index``."""
        return self.since <= index and (self.until is None or index < self.until)


def _to_value(key: Key) -> list[Any]:
    roles = sorted(key.roles)
    return [key.public.cose_key(), key.holder, key.office, roles, key.since, key.until]


def _from_value(value: Any) -> Key:
    public, holder, office, roles, since, until = value
    return Key(parse_cose_key(public), holder, office, frozenset(roles), since, until)


KEYS = Table("ledger.key", _to_value, _from_value)
"""By kid, 16 hexadecimal digits."""


def log_keys(state: State, holder: str | None = None) -> list[PublicKey]:
    """List every key that may have signed a checkpoint so far, ended ones too.

    Args:
        holder: only those of this holder.
    """
    return [
        each.public
        for _, each in state.scan(KEYS)
        if "log" in each.roles and holder in {None, each.holder}
    ]
