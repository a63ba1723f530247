"""A signer in a folder of its own, beside a real log, with officers whose keys come from names."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from kimberlite.certificates.drafting import Draft, from_json
from kimberlite.certificates.rules import Days, assess
from kimberlite.crypto.keyfile import INTERACTIVE
from kimberlite.crypto.keys import Ed25519PrivateKey
from kimberlite.kernel.days import start_of
from kimberlite.kernel.errors import Problem, Refused
from kimberlite.ledger.admission import Admitted, Outcome
from kimberlite.ledger.approval import Approval, Proposal, approve
from kimberlite.ledger.engine.sqlite import SqliteEngine
from kimberlite.ledger.envelope import Verdicts
from kimberlite.ledger.guard import Guard, MemoryMemo
from kimberlite.ledger.log import Log, Writer
from kimberlite.node.books import BOOKS
from kimberlite.node.officers import card
from kimberlite.node.signer.admin import Administration
from kimberlite.node.signer.assessing import judge
from kimberlite.node.signer.journal import Journal
from kimberlite.node.signer.mirror import Mirror
from kimberlite.node.signer.request import Request
from kimberlite.node.signer.service import Parts, Signer
from kimberlite.registry.read import Registry
from tests.helpers.certificates import DAY, Desk, certificate_json, salts_for
from tests.helpers.world import LOG, key_of

WORDS = "a passphrase for tests"
NOW = start_of(DAY) + 120
"""The signer's clock: two minutes after the log's."""
LONG_AGO = NOW - 10_000_000

ENROLLED = (
    ("officer-1", ("approve-issue",), LONG_AGO, None),
    ("officer-2", ("approve-issue", "approve-confirm"), LONG_AGO, None),
    ("officer-3", ("approve-confirm", "approve-registry"), LONG_AGO, None),
    ("officer-4", ("approve-issue",), LONG_AGO, NOW - 1),
    ("officer-5", ("approve-issue",), NOW + 1, None),
)
BOTH = ("officer-1", "officer-2")


def officer_key(name: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey(hashlib.sha256(f"key of {name}".encode()).digest())


def set_up(home: Path, genesis: bytes, kind: str, holders: Sequence[str] = ("XA",)) -> None:
    """Make a signer's folder that holds the keys of ``holders`` and enrols the officers."""
    admin = Administration(home, WORDS, strength=INTERACTIVE)
    admin.set_up(genesis, kind)
    for holder in holders:
        admin.add_key(holder.lower(), key_of(holder))
    for name, roles, since, until in ENROLLED:
        admin.enrol(card(officer_key(name), name), roles, since, until)


class Bench:
    """A log file with XA, XB and XC in it, and requests to a signer beside it."""

    def __init__(self, folder: Path, kind: str = "test") -> None:
        self.folder, self.kind = folder, kind
        self.home, self.log_file = folder / "signer", folder / "log" / "log.db"
        self.desk = Desk(kind)
        world = self.desk.world
        key = key_of(LOG)
        guard = Guard("log.example/test", key, MemoryMemo())
        engine = SqliteEngine(self.log_file)
        self.log = Log(engine, Writer(world.books, key, LOG, guard, lambda: 0))
        for outcome in self.log.append([each.statement.raw for each in world.entries]):
            assert isinstance(outcome, Admitted), outcome
        self.genesis = hashlib.sha256(world.entries[0].statement.raw).digest()

    def admit(self, raw: bytes) -> Outcome:
        """Let the log and the test's own copy of it decide on a statement."""
        (outcome,) = self.log.append([raw])
        assert type(self.desk.world.admit(raw)) is type(outcome)
        return outcome

    def proposal(
        self,
        draft: Draft | None = None,
        *,
        iss: str = "XA",
        iat: int = NOW,
        verdicts: Verdicts | None | str = "assess",
        overrides: dict[str, str] | None = None,
    ) -> tuple[Proposal, Draft]:
        """Propose a draft, by default the sample certificate with the verdicts it deserves."""
        draft = draft or from_json(certificate_json())
        overrides = overrides or {}
        if isinstance(verdicts, str):
            registry = Registry(self.desk.world.state)
            seen = draft.certificate(iss)
            verdicts = assess(seen, registry, Days(seen.issued)).verdicts(overrides)
        body = draft.body(iss, self.desk.openings(draft))
        told = (draft.typ, iss, draft.sub, iat, body.version, body.log, body.seals)
        return Proposal(*told, verdicts, overrides), draft

    def approvals(
        self, proposal: Proposal, officers: Sequence[str] = BOTH, moment: int = NOW
    ) -> tuple[Approval, ...]:
        digest = proposal.digest()
        return tuple(
            approve(officer_key(name), name, genesis=self.genesis, proposal=digest, moment=moment)
            for name in officers
        )

    def request(
        self, officers: Sequence[str] = BOTH, *, draft: Draft | None = None, **more: Any
    ) -> Request:
        """Give a request for ``draft``, approved by ``officers``."""
        proposal, draft = self.proposal(draft, **more)
        return Request(
            proposal, draft.openings(salts_for(draft)), self.approvals(proposal, officers)
        )

    def certificate(self, number: str = "XA000123", **changes: Any) -> Draft:
        return from_json(certificate_json(number=number, **changes))


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> int:
        return self.now


class Standing(Bench):
    """A bench with a signer that stands in this process."""

    def __init__(self, folder: Path, template: Path) -> None:
        super().__init__(folder)
        shutil.copytree(template, self.home)
        self.clock = Clock()
        self.admin = Administration(self.home, WORDS, strength=INTERACTIVE)
        self.enroller = self.admin._store.load("enrolment").public
        self.open()

    def open(self) -> None:
        self.journal = Journal(self.home / "journal.db")
        keys = {key.public.kid: key for key in (key_of("XA"), key_of("XB"))}
        self.signer = Signer(
            Parts(
                self.home,
                self.enroller,
                keys,
                self.journal,
                Mirror(self.log_file),
                BOOKS,
                judge,
                self.clock,
            )
        )

    def refuses(self, request: Request, code: str, kind: type[Problem] = Refused) -> Problem:
        with pytest.raises(kind) as refused:
            self.signer.sign(request)
        assert refused.value.code == code
        assert self.journal.latest() == 0, "nothing was signed"
        return refused.value
