"""Offices on a node in one process: what they do goes through the store, the vault and the log.

Their signer signs what it is asked, with the holder's test key; everything else is as it runs.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, cast

from kimberlite.certificates import drafting
from kimberlite.crypto import hpke
from kimberlite.ledger.admission import Admitted
from kimberlite.ledger.approval import ApprovalRecord
from kimberlite.ledger.envelope import Body, Header, Verdicts, parse, sign
from kimberlite.ledger.log import Log
from kimberlite.node import clock
from kimberlite.node.desk import Desk
from kimberlite.node.founding import Draft, append
from kimberlite.node.logserver import leave_to_go_on
from kimberlite.node.office import Office
from kimberlite.node.signer.client import Answer
from kimberlite.node.signer.request import Request
from kimberlite.node.store import Store
from kimberlite.node.view import View
from kimberlite.storage.vault import Vault
from tests.helpers.certificates import APPROVAL
from tests.helpers.web import Node
from tests.helpers.world import key_of

DAY = 86_400


def private_of(code: str) -> bytes:
    """Give the sealing key that ``code`` has in every test, 32 bytes."""
    return hashlib.sha256(f"sealing key of {code}".encode()).digest()


class Willing:
    """A signer that signs what it is asked."""

    def __init__(self, holder: str) -> None:
        self._key = key_of(holder)

    def ask(self, request: Request) -> Answer:
        told, public = request.proposal, self._key.public
        header = Header(public.algorithm, public.kid, told.typ, told.iss, told.sub, told.iat)
        verdicts = told.verdicts or Verdicts(1)
        body = Body(told.version, dict(told.log), dict(told.seals), APPROVAL, verdicts)
        raw = sign(header, body, self._key)
        return Answer(parse(raw).id, raw, cast("ApprovalRecord", None))


class Post:
    """The log of the same process."""

    def __init__(self, node: Offices) -> None:
        self._node = node

    def submit(self, raw: bytes) -> int:
        return int(self._node.outcome(raw)["index"])

    def receipt(self, index: int) -> bytes:
        return self._node.receipt(index)


class Offices(Node):
    """A node that hosts XA and XB beside a log in which XC takes part too. Time is the clock's."""

    PAST = False

    def __init__(self, folder: Path) -> None:
        self.ahead = 0
        super().__init__(folder, clock=lambda: clock.now() + self.ahead)
        self.home.describe(
            {"kind": "demo", "origin": "demo.example/log", "title": "A log", "hosts": ["XA", "XB"]}
        )

    def sealing(self, code: str) -> bytes:
        return hpke.public_of(private_of(code))

    def desk(self, holder: str) -> Desk:
        """Give the desk of a holder, with a store and a vault of this node."""
        return Desk(
            holder,
            View(self.home),
            Store(self.home.office, holder),
            Vault(self.home.vault),
            Willing(holder),
            Post(self),
        )

    def office(self, holder: str) -> Office:
        return Office(self.desk(holder))

    def state(self, holder: str, typ: str, named: dict[str, Any]) -> None:
        """Log what a participant states about itself."""
        append(self.log, [self.founder.sign(holder, Draft(typ, holder, named), self.clock())])

    def act(self, holder: str, word: str, number: str, **told: Any) -> bytes:
        """Take an act other than a certificate all the way; give its file."""
        office, view = self.office(holder), View(self.home)
        life = view.certificate(number)
        given = {"number": life.number, "certificate": life.row.statement.hex(), **told}
        draft = drafting.from_json({"type": word, **given}, holder)
        act = office._propose_now(draft, None)
        return office.complete(act.id)[1]

    def pass_days(self, days: int) -> None:
        """Let log time go on, with the operator's leave."""
        self.ahead += days * DAY
        raw = leave_to_go_on(key_of("kp.operator"), self.clock() + 3_600, "the test goes on")
        log: Log = self.log
        outcome = log.jump(raw)
        assert isinstance(outcome, Admitted), outcome
        log.beat()
