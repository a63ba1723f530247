"""The key and card of a node in its folder. The card is no secret; the key never leaves."""

from __future__ import annotations

from typing import Final

from kimberlite.crypto.keyfile import MODERATE, Strength
from kimberlite.crypto.keys import Ed25519PrivateKey, PrivateKey
from kimberlite.crypto.keystore import FileKeyStore
from kimberlite.kernel.errors import NotFound
from kimberlite.node import clock
from kimberlite.node.home import Home
from kimberlite.node.passes import Bearer, make_card, read_card
from kimberlite.storage.files import read_if_there, write_whole

LABEL: Final = "node"
CARD: Final = "card"


def load(home: Home, passphrase: str) -> Bearer:
    """Give the bearer of a node.

    Raises:
        NotFound: ``keystore.missing``, ``caller.no-card``. Untrusted: ``keystore.passphrase``.
        Invalid: ``caller.form``.
    """
    card = read_if_there(home.node_key / CARD)
    if card is None:
        raise NotFound(
            "caller.no-card", "this node has no card yet: make one (kimberlite node card)"
        )
    key = FileKeyStore(home.node_key, passphrase).load(LABEL)
    return Bearer(key, read_card(card).signed.holder, card)


def make(
    home: Home,
    holder: str,
    genesis: bytes,
    authority: PrivateKey,
    passphrase: str,
    *,
    strength: Strength = MODERATE,
) -> Bearer:
    """Make the node's key if there is none, and a new card signed by the holder's ``authority``.

    Raises:
        Untrusted: ``keystore.passphrase``. Unavailable: ``storage.write``.
    """
    store = FileKeyStore(home.node_key, passphrase, strength=strength)
    if LABEL not in store.labels():
        store.store(LABEL, Ed25519PrivateKey.generate())
    key = store.load(LABEL)
    card = make_card(authority, holder, key.public, genesis, now=clock.now())
    write_whole(home.node_key / CARD, card)
    return Bearer(key, holder, card)
