"""The post of an office at an authority node: nothing signed is lost while the line is down."""

from __future__ import annotations

from kimberlite.kernel.errors import Unavailable
from kimberlite.ledger.envelope import parse
from kimberlite.node import clock
from kimberlite.node.clients import LogClient, Queued
from kimberlite.node.home import Home
from kimberlite.node.mirror.box import LOGGED, Box

SILENCE = 900
"""Seconds without word from the log node after which a node counts as cut off."""


class QueuePost:
    """Keeps a statement first, then asks the node's own process to hand it in."""

    def __init__(self, home: Home) -> None:
        self._box = Box(home.post)
        self._log = LogClient(home.log_socket)

    def submit(self, raw: bytes) -> int:
        """Hand a statement in and give its index.

        Raises:
            Queued: when it is kept for later. Refused: with the code of the rule.
        """
        kept = self._box.add(parse(raw), clock.now())
        if kept.state == LOGGED and kept.entry is not None:
            return kept.entry
        try:
            return self._log.submit(raw)
        except Unavailable as bad:
            raise Queued from bad

    def receipt(self, index: int) -> bytes:
        """Give the receipt of an entry; without a line, the one that was got before.

        Raises:
            Queued: when there is none yet.
        """
        kept = self._box.receipt(index)
        if kept is not None:
            return kept
        try:
            return self._log.receipt(index)
        except Unavailable as bad:
            raise Queued from bad


def is_cut_off(home: Home) -> bool:
    """Say whether an authority node is out of reach of the log: its last try failed, or is old."""
    box = Box(home.post)
    try:
        contact, _ = box.told("contact")
        failing, _ = box.told("failing")
    finally:
        box.close()
    return bool(failing) or clock.now() - contact > SILENCE


def blocks(home: Home, office: str) -> frozenset[str]:
    """Name the offices whose ranges of numbers may be used here for ``office``; "" is nobody's.

    A node of one office uses that office's own ranges alone while it is cut off, and in that
    office's name alone, as another node of the same authority may be using all others.
    """
    own = str(home.read().get("office", ""))
    if own and is_cut_off(home):
        return frozenset((own,)) & {office}
    return frozenset(("", office))
