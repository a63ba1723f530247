"""Wiring: the parts of a node put together, for the commands that need them."""

from __future__ import annotations

from functools import partial

from kimberlite.crypto.keystore import FileKeyStore
from kimberlite.kernel.errors import NotFound
from kimberlite.node.ceremony import SEALING_LABEL
from kimberlite.node.clients import LogClient
from kimberlite.node.desk import Desk, everyday
from kimberlite.node.home import Home
from kimberlite.node.mirror.post import QueuePost, blocks
from kimberlite.node.office import Office
from kimberlite.node.signer.client import SignerClient
from kimberlite.node.store import Store
from kimberlite.node.view import View
from kimberlite.storage.vault import Vault


def desk_of(home: Home, holder: str) -> Desk:
    """Put together where the office of ``holder`` on this node stands.

    Raises:
        NotFound: ``node.absent``, ``node.not-hosted`` for an authority of another node.
    """
    told = home.read()
    hosts = told["hosts"]
    if holder not in hosts:
        raise NotFound(
            "node.not-hosted",
            f"this node hosts {', '.join(hosts)}, not {holder}",
            holder=holder,
            hosts=", ".join(hosts),
        )
    follows = "log" in told
    return Desk(
        holder,
        View(home),
        Store(home.office, holder),
        Vault(home.vault),
        SignerClient(home.signer_socket(holder)),
        QueuePost(home) if follows else LogClient(home.log_socket),
        partial(blocks, home) if follows else everyday,
    )


def office_of(home: Home, holder: str) -> Office:
    """Open the office of ``holder`` on this node. Raises as ``desk_of``."""
    return Office(desk_of(home, holder))


def sealing_key_of(home: Home, holder: str, passphrase: str) -> bytes:
    """Give the key with which ``holder`` opens what was sealed to it, 32 bytes.

    Raises:
        NotFound: ``keystore.missing``. Untrusted: ``keystore.passphrase``.
    """
    return FileKeyStore(home.sealing(holder), passphrase).load_secret(SEALING_LABEL)


def demo_sealing_key_of(home: Home, holder: str) -> bytes | None:
    """Give the same on a demo's node, whose passphrase lies there; None on every other."""
    if not home.demo_passphrase.exists() or not home.sealing(holder).exists():
        return None
    return sealing_key_of(home, holder, home.demo_passphrase.read_text("utf-8").rstrip("\n"))
