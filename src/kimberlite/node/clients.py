"""The log and signer processes as seen from another process of the node."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kimberlite.certificates.status_make import Base
from kimberlite.kernel.errors import Refused, Unavailable
from kimberlite.node.wire import Client


class Queued(Unavailable):
    """The log cannot be reached; the statement is kept and will be handed in. Nothing to redo."""

    def __init__(self) -> None:
        super().__init__(
            "post.queued",
            "the log cannot be reached: the statement is signed and kept, and will be handed in "
            "as soon as it can; until then its registration is pending",
        )


class LogClient:
    """Hands statements to the log process and gets receipts from it."""

    def __init__(self, socket: Path) -> None:
        self._client = Client(socket)

    def submit(self, raw: bytes) -> int:
        """Hand a statement in and give its index; the same for one that is in already.

        Raises:
            Refused: with the code of the rule. Unavailable: when the log cannot be reached.
            Queued: at an authority node, when it is kept to be handed in later.
        """
        return int(self.outcome(raw)["index"])

    def told(self, raw: bytes) -> dict[str, Any]:
        """Hand a statement in and give the answer as it is, with the signed word of a refusal."""
        (told,) = self._client.call("submit", statements=[raw])
        found: dict[str, Any] = told
        return found

    def outcome(self, raw: bytes) -> dict[str, Any]:
        """Hand a statement in and give index, findings and whether it was in before."""
        told = self.told(raw)
        if "queued" in told:
            raise Queued
        if "refused" in told:
            raise Refused(told["refused"], told["detail"], **told["facts"])
        return told

    def receipt(self, index: int) -> bytes:
        """Give the receipt of an entry."""
        return bytes(self._client.call("receipt", index=index))

    def head(self) -> dict[str, Any]:
        """Give size, checkpoint and facts digest."""
        found: dict[str, Any] = self._client.call("head")
        return found

    def bundle(self) -> bytes:
        """Give a trust bundle as of now, signed by the log."""
        return bytes(self._client.call("bundle"))

    def status(self, base: Base | None = None) -> bytes:
        """Give a status snapshot as of now, signed by the log: full, or since ``base``."""
        if base is None:
            return bytes(self._client.call("status"))
        told = {"size": base.size, "digest": base.digest, "floor": base.floor}
        return bytes(self._client.call("status", **told))

    def sign_pouch(self, payload: bytes) -> bytes:
        """Have the log sign what a pouch of its node holds."""
        return bytes(self._client.call("pouch", payload=payload))

    def status_list(self, purpose: str, number: int) -> bytes:
        """Give a status list credential for other systems, signed by the log."""
        return bytes(self._client.call("status-list", purpose=purpose, number=number))
