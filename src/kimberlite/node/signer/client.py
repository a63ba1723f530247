"""The signer as seen from another process of the node."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kimberlite.ledger.approval import Approval, ApprovalRecord, Proposal
from kimberlite.ledger.sections import Opening
from kimberlite.node.signer.deriving import DeriveRequest
from kimberlite.node.signer.request import Request
from kimberlite.node.signer.sealing import SealRequest
from kimberlite.node.wire import Client


@dataclass(frozen=True, slots=True)
class Answer:
    """What the signer signed, and the approval record that its statement commits to."""

    id: bytes
    statement: bytes
    record: ApprovalRecord


@dataclass(frozen=True, slots=True)
class Question:
    """What officers have to approve.

    Attributes:
        proposal: digest that they sign for.
        needed: how many officers.
        kid: key that will sign.
        findings: codes of what the log will find when it admits the statement.
    """

    proposal: bytes
    needed: int
    kid: bytes
    findings: tuple[str, ...]


class SignerClient:
    """Asks the signer process that answers at ``socket``, as this user or as one of ``users``.

    All methods raise the signer's own problems, and those of ``wire.Client``.
    """

    def __init__(self, socket: Path, *, users: frozenset[int] = frozenset()) -> None:
        self._client = Client(socket, users=users)

    def about(self) -> dict[str, Any]:
        """Give what the signer says of itself: kind, genesis, public keys, officers, approvals."""
        found: dict[str, Any] = self._client.call("about")
        return found

    def prepare(self, request: Request) -> Question:
        """Have everything checked but the approvals."""
        told = self._client.call("prepare", **request.to_args())
        return Question(told["proposal"], told["needed"], told["kid"], tuple(told["findings"]))

    def sign(
        self,
        proposal: Proposal,
        openings: Sequence[Opening],
        approvals: Sequence[Approval],
        *,
        proposer: str = "",
        files: Sequence[bytes] = (),
    ) -> bytes:
        """Give the signed statement; the same for the same draft, also after a crash.

        Args:
            files: certificate files that the statement acts on, so that the signer can see for
                itself what they say.
        """
        request = Request(proposal, tuple(openings), tuple(approvals), proposer, tuple(files))
        return self.ask(request).statement

    def ask(self, request: Request) -> Answer:
        """As :meth:`sign`, with the approval record."""
        return _answer(self._client.call("sign", **request.to_args()))

    def find(self, statement: bytes) -> Answer:
        """Give what was signed under this statement id. Raises NotFound ``signer.unknown``."""
        return _answer(self._client.call("find", statement=statement))

    def seal(self, request: SealRequest) -> bytes:
        """Give 64 bytes over the attributes of a document's seal. Raises as ``sealing.seal``."""
        told = {
            "kid": request.kid,
            "statement": request.statement,
            "page": request.page,
            "copy": request.copy,
            "attributes": request.attributes,
        }
        signature: bytes = self._client.call("seal", **told)
        return signature

    def derive(self, request: DeriveRequest) -> str:
        """Give the signed credential or view of a certificate. Raises as ``deriving.derive``."""
        token: str = self._client.call("derive", **request.to_args())
        return token


def _answer(told: dict[str, Any]) -> Answer:
    return Answer(told["id"], told["statement"], ApprovalRecord.parse(told["record"]))
