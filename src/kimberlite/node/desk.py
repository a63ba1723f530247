"""Where an office stands: whose it is, what it keeps, and the processes it asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from kimberlite.node.signer.client import Answer
from kimberlite.node.signer.request import Request
from kimberlite.node.store import Store
from kimberlite.node.view import View
from kimberlite.storage.vault import Vault


class Signer(Protocol):
    """The signer process as an office sees it."""

    def ask(self, request: Request) -> Answer:
        """Give the signed statement, the same for the same draft."""


class Post(Protocol):
    """The log process as an office sees it."""

    def submit(self, raw: bytes) -> int:
        """Hand a statement in and give its index; the same for a statement that is in already.

        Raises Queued when it is kept to be handed in later.
        """

    def receipt(self, index: int) -> bytes:
        """Give the receipt of an entry."""


def everyday(office: str) -> frozenset[str]:
    """Name the offices whose ranges of numbers ``office`` may use: nobody's and its own."""
    return frozenset(("", office))


@dataclass(frozen=True, slots=True)
class Desk:
    """Where an office stands: whose it is, and the processes it asks.

    ``blocks`` gives the offices whose ranges of numbers may be used for an office; "" stands for
    ranges that are allotted to none.
    """

    holder: str
    view: View
    store: Store
    vault: Vault
    signer: Signer
    post: Post
    blocks: Callable[[str], frozenset[str]] = everyday


@dataclass(frozen=True, slots=True)
class Sealed:
    """How goods were sealed: the numbers of all seals, and of those on each container by its mark.

    Where containers are given, their seals are the shipment's.
    """

    seals: tuple[str, ...]
    boxes: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def told(self) -> dict[str, Any]:
        """Give the fields of the section parties that say so."""
        if not self.boxes:
            return {"seals": list(self.seals)}
        on_boxes = [seal for _, seals in self.boxes for seal in seals]
        return {
            "seals": list(self.seals or on_boxes),
            "boxes": [{"id": mark, "seals": list(seals)} for mark, seals in self.boxes],
            "containers": len(self.boxes),
        }


@dataclass(frozen=True, slots=True)
class Check:
    """What the officer found who checked and sealed the goods.

    ``number`` is None to take the next of the range; ``overrides`` gives the legal basis for
    each rule that is set aside; ``form`` names the blank form, None as the application says;
    ``boxes`` gives each container's mark with the seals on it.
    """

    officer: str
    seals: tuple[str, ...]
    remarks: str = ""
    number: str | None = None
    overrides: Mapping[str, str] | None = None
    form: str | None = None
    boxes: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def sealed(self) -> Sealed:
        """How the goods were sealed."""
        return Sealed(self.seals, self.boxes)
