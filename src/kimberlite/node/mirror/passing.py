"""What was opened later and is still to be carried: own sections, sealed to one more authority.

The relay takes copies of a section from its author alone, so what a destination opens of another's
certificate travels as a file or a dossier. Source: ours, docs/spec/visibility.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from kimberlite.node.home import Home
from kimberlite.node.mirror.box import Box
from kimberlite.node.store import Store
from kimberlite.storage.vault import Vault

SETTLES: Final = 60
"""Seconds within which a copy follows its grant into the vault."""


@dataclass(frozen=True, slots=True)
class Later:
    """One copy to carry: whose section, where its grant stands, for whom, sealed."""

    holder: str
    place: int
    digest: bytes
    recipient: str
    sealed: bytes

    def done(self, box: Box) -> None:
        """Note that it is on its way, so that it is not carried again."""
        box.tell(_name(self.holder), self.place)


def _name(holder: str) -> str:
    return f"opened later {holder}"


def to_carry(home: Home, box: Box, vault: Vault, hosts: Sequence[str], now: int) -> Iterator[Later]:
    """Give the copies that hosted authorities opened later and that were not carried yet.

    Args:
        home, box, vault, hosts: the node's.
        now: UTC seconds; a grant so young that its copy may not be there yet waits.

    Raises:
        Unavailable, Untrusted: as store and vault.
    """
    if not home.office.exists():
        return
    for holder in hosts:
        store = Store(home.office, holder)
        try:
            found = store.granted.since(box.told(_name(holder))[0])
        finally:
            store.close()
        for place, each in found:
            if each.recipient in vault.recipients(each.digest):
                if each.recipient not in hosts and box.is_sealed(each.digest, holder):
                    sealed = vault.get(each.digest, each.recipient)
                    yield Later(holder, place, each.digest, each.recipient, sealed)
            elif each.at > now - SETTLES:
                break
