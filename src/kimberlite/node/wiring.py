"""Wiring: the parts of a node put together, for the commands that need them."""

from __future__ import annotations

from kimberlite.kernel.errors import NotFound
from kimberlite.node.clients import LogClient
from kimberlite.node.desk import Desk
from kimberlite.node.home import Home
from kimberlite.node.office import Office
from kimberlite.node.signer.client import SignerClient
from kimberlite.node.store import Store
from kimberlite.node.view import View
from kimberlite.storage.vault import Vault


def office_of(home: Home, holder: str) -> Office:
    """Open the office of ``holder`` on this node.

    Raises:
        NotFound: ``node.absent``, ``node.not-hosted`` for an authority of another node.
    """
    hosts = home.read()["hosts"]
    if holder not in hosts:
        raise NotFound(
            "node.not-hosted",
            f"this node hosts {', '.join(hosts)}, not {holder}",
            holder=holder,
            hosts=", ".join(hosts),
        )
    return Office(
        Desk(
            holder,
            View(home),
            Store(home.office, holder),
            Vault(home.vault),
            SignerClient(home.signer_socket(holder)),
            LogClient(home.log_socket),
        )
    )
