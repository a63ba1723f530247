"""A node on disk for the pages: the real record, fictional participants, a few certificates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from kimberlite.certificates.drafting import Draft as Paper
from kimberlite.certificates.drafting import from_json
from kimberlite.certificates.file import write
from kimberlite.kernel.days import day_of, parse_day, show_day, start_of
from kimberlite.kernel.errors import Refused
from kimberlite.ledger.admission import Admitted
from kimberlite.ledger.engine.sqlite import SqliteEngine
from kimberlite.ledger.envelope import Header, Verdicts, sign
from kimberlite.ledger.guard import FileMemo, Guard
from kimberlite.ledger.log import Log, Writer
from kimberlite.ledger.publish import Publisher
from kimberlite.ledger.sections import Opening
from kimberlite.node import statuslists, trust
from kimberlite.node.books import BOOKS, V1
from kimberlite.node.demo import world
from kimberlite.node.founding import Draft, Founder, Root, append
from kimberlite.node.home import Home
from kimberlite.node.view import View
from kimberlite.registry import record
from kimberlite.web.app import create_app
from tests.helpers.certificates import APPROVAL, certificate_json, confirmation_json, salts_for
from tests.helpers.world import key_of

TODAY = "2026-11-22"
NOW = start_of(parse_day(TODAY)) + 36_000
ORIGIN = "demo.example/log"


class Node:
    """A log with one writer in this process. It is its own door, as the log process would be."""

    PAST = True
    """Whether the real record of the scheme stands in the log too."""

    def __init__(
        self, folder: Path, kind: str = "demo", clock: Callable[[], int] = lambda: NOW
    ) -> None:
        self.home = Home(folder)
        self.clock = clock
        self.key = key_of("kp.log")
        holders = [*world.ORGANS.items(), *((m.code, world.SIGNING) for m in world.MEMBERS)]
        keepers = [Root(m.code, world.KEEPING, key_of(f"{m.code} keeping")) for m in world.MEMBERS]
        roots = [Root(holder, tuple(roles), key_of(holder)) for holder, roles in holders]
        self.founder = Founder(V1, (*roots, *keepers))
        self.home.guard.parent.mkdir(parents=True)
        self.engine = SqliteEngine(self.home.log)
        guard = Guard(ORIGIN, self.key, FileMemo(self.home.guard))
        self.log = Log(self.engine, Writer(BOOKS, self.key, "kp.log", guard, lambda: self.clock()))
        self._begin(kind)
        self.home.describe({"kind": kind, "origin": ORIGIN, "title": "A log", "hosts": ["XA"]})

    def _begin(self, kind: str) -> None:
        title = "A log for trying things"
        now = self.clock()
        told = {"kind": kind, "origin": ORIGIN, "title": title}
        append(self.log, [self.founder.genesis(**told, now=now, needed=2)])
        past = [self.founder.sign("kp.archive", Draft(*each), now) for each in record.statements()]
        append(self.log, past if self.PAST else [])
        for member in world.MEMBERS if kind != "prod" else ():
            listing = world.listing(member, day_of(now))
            self.founder.decide(self.log, ("kp.chair", "XA"), listing, now)
            said = world.statements(member, self.sealing(member.code), day_of(now))
            append(self.log, [self.founder.sign(member.code, each, now) for each in said])

    def sealing(self, code: str) -> bytes:
        """Give the key to which sections are sealed for a participant; nobody can open it here."""
        return bytes([len(code)]) * 32

    def say(self, holder: str, paper: Paper) -> tuple[Admitted, tuple[Opening, ...]]:
        """Sign a draft of the room certificates as ``holder`` and log it."""
        key = key_of(holder)
        openings = paper.openings(salts_for(paper))
        header = Header(
            key.public.algorithm, key.public.kid, paper.typ, holder, paper.sub, self.clock()
        )
        body = paper.body(holder, openings, approval=APPROVAL, verdicts=Verdicts(1))
        (admitted,) = append(self.log, [sign(header, body, key)])
        return admitted, openings

    def issue(self, number: str, **changes: Any) -> tuple[Admitted, bytes]:
        """Issue a sample certificate as XA; give the entry and the certificate file."""
        days = {"issued": TODAY, "expires": show_day(parse_day(TODAY) + 60), "office": "HQ"}
        told = certificate_json(number=number, **{**days, **changes})
        admitted, openings = self.say("XA", from_json(told))
        receipt = self.log.receipt(admitted.index)
        return admitted, write(admitted.statement.raw, openings, [receipt])

    def confirm(self, number: str, issued: Admitted, **changes: Any) -> Admitted:
        """Confirm an arrival as XB."""
        told = confirmation_json(issued.statement.id, number=number, arrived=TODAY, **changes)
        return self.say("XB", from_json(told))[0]

    def publish(self) -> None:
        """Write the static files."""
        assert self.log.checkpoint is not None
        Publisher(self.home.public, self.engine).publish(self.log.checkpoint)

    # --- the door, as web.desk.LogDoor wants it --------------------------------------------------

    def outcome(self, raw: bytes) -> Mapping[str, Any]:
        (outcome,) = self.log.append([raw])
        if isinstance(outcome, Admitted):
            return {"index": outcome.index, "findings": outcome.findings, "before": False}
        if outcome.code == "statement.duplicate":
            return {"index": outcome.facts["index"], "findings": [], "before": True}
        raise Refused(outcome.code, f"the log refused it ({outcome.code})", **outcome.facts)

    def receipt(self, index: int) -> bytes:
        return self.log.receipt(index)

    def bundle(self) -> bytes:
        assert self.log.checkpoint is not None
        return trust.bundle(self.engine, self.log.state, self.log.checkpoint, self.key)

    def status_list(self, purpose: str, number: int) -> bytes:
        assert self.log.checkpoint is not None
        asked = (purpose, number)
        return statuslists.make(self.engine, self.log.state, self.log.checkpoint, self.key, asked)


HERE = ("127.0.0.1", 50_000)
ELSEWHERE = ("192.0.2.7", 50_000)


def client_of(node: Node, host: tuple[str, int] = HERE, *, door: Node | None = None) -> TestClient:
    """Look at a node's pages from ``host``; without a door the log process is not there."""
    app = create_app(View(node.home), door)
    return TestClient(app, base_url="http://127.0.0.1", client=host, raise_server_exceptions=False)


def signed(told: dict[str, Any]) -> bytes:
    """Give a statement of XA's as its signer would hand it to the log."""
    paper, key = from_json(told), key_of("XA")
    header = Header(key.public.algorithm, key.public.kid, paper.typ, "XA", paper.sub, NOW)
    openings = paper.openings(salts_for(paper))
    return sign(header, paper.body("XA", openings, approval=APPROVAL, verdicts=Verdicts(1)), key)


def furnished(folder: Path) -> tuple[Node, dict[str, bytes]]:
    """Make a demo node with certificates in several states; give it with their files."""
    node = Node(folder)
    files = {}
    first, files["XA100001"] = node.issue("XA100001")
    node.confirm("XA100001", first)
    node.confirm("XA100001", first, office="HQ")
    _, files["XA100002"] = node.issue("XA100002")
    files["altered"] = files["XA100002"].replace(b"Alpha Stones", b"Alpha Stonex")
    node.publish()
    return node, files
