"""A region for stories: authorities with offices, signers, vaults and a log, over several days.

Every part is the product's: real keys and approvals, real stores on disk, the log process and the
signer processes. Only they run as threads, and the clock can be moved on.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from kimberlite.certificates.current import Current, current
from kimberlite.certificates.file import CertificateFile, parse_file
from kimberlite.certificates.life import CertificateLife
from kimberlite.certificates.projection import Listed, Query
from kimberlite.certificates.verdict import Verdict
from kimberlite.certificates.verify import verify
from kimberlite.crypto.keys import Ed25519PrivateKey
from kimberlite.kernel.days import show_day
from kimberlite.kernel.errors import Refused
from kimberlite.ledger import bundle as bundles
from kimberlite.ledger.envelope import parse
from kimberlite.ledger.v1.decisions import ENDORSEMENT
from kimberlite.node import clock, wire
from kimberlite.node.clients import LogClient
from kimberlite.node.demo import world
from kimberlite.node.desk import Check
from kimberlite.node.founding import Draft
from kimberlite.node.held import gather
from kimberlite.node.home import Home
from kimberlite.node.mirror.box import WAITING, Box
from kimberlite.node.mirror.server import MirrorServer
from kimberlite.node.office import Office
from kimberlite.node.shown import part_of
from kimberlite.node.sight import Asker, Sight
from kimberlite.node.store import Act
from kimberlite.node.view import View
from tests.helpers import two_nodes
from tests.helpers.flaky import Proxy, flaky
from tests.helpers.nodes import short_folder
from tests.helpers.two_nodes import Nodes

DAY = 86_400
CARATS, VALUE = "10.00", "5000.00"


@dataclass(frozen=True)
class Branch:
    """A node of its own that a member runs elsewhere, behind a line that can be bad."""

    holder: str
    home: Home
    keys: dict[tuple[str, str], Ed25519PrivateKey]
    proxy: Proxy
    server: MirrorServer

    def cut(self) -> None:
        """Cut the line, and wait until the node has seen that."""
        self.proxy.down = True
        two_nodes.wait_for(lambda: self.server.trouble is not None)

    def level(self, log: Home) -> None:
        """Wait until all is handed in, and the whole log is here."""
        box = Box(self.home.post)
        there, here = View(log).reader, View(self.home).reader
        two_nodes.wait_for(lambda: not box.items(WAITING) and here.size == there.size, 60)
        box.close()


@dataclass
class Region:
    """A log with its members. ``hosted`` have an office here; the others have only paper."""

    nodes: Nodes
    hosted: tuple[str, ...]
    stack: ExitStack
    ahead: int = 0

    # ---- places --------------------------------------------------------------------------

    def join(self, holder: str, office: str = "") -> Branch:
        """Give ``holder`` a node of its own beside what it has here."""
        before, keys = self.nodes.homes.get(holder), dict(self.nodes.keys)
        port = self.stack.enter_context(two_nodes.door(self.nodes, 0.1))
        proxy = self.stack.enter_context(flaky(port))
        home = self.nodes.join(holder, proxy.url, f"{holder}-{office or 'node'}")
        if office:
            home.describe({**home.read(), "office": office})
        self.stack.enter_context(two_nodes.signer(home, holder))
        server = self.stack.enter_context(two_nodes.mirror(home, 0.1))
        found = Branch(holder, home, dict(self.nodes.keys), proxy, server)
        if before is not None:
            self.nodes.homes[holder], self.nodes.keys = before, keys
        return found

    @contextmanager
    def at(self, branch: Branch) -> Iterator[None]:
        """Let the holder of a branch act there while the block runs."""
        before, keys = self.nodes.homes[branch.holder], self.nodes.keys
        self.nodes.homes[branch.holder], self.nodes.keys = branch.home, branch.keys
        yield
        self.nodes.homes[branch.holder], self.nodes.keys = before, keys

    # ---- the calendar --------------------------------------------------------------------

    @property
    def view(self) -> View:
        """What everybody reads."""
        return View(self.nodes.log)

    @property
    def today(self) -> int:
        """The log's day."""
        return self.view.today()

    def day(self, more: int = 0) -> str:
        """Today, or some days from it, as people write it."""
        return show_day(self.today + more)

    def pass_days(self, days: int) -> None:
        """Let days go by, with the operator's leave."""
        self.ahead += days * DAY
        two_nodes.go_on(self.nodes)
        wire.Client(self.nodes.log.log_socket).call("beat")

    # ---- what is decided and stated --------------------------------------------------------

    def state(self, holder: str, typ: str, named: Mapping[str, Any], sub: str = "") -> bytes:
        """Log a statement of the registry, with a key that no signer process holds; give its id."""
        raw = self.nodes.founder.sign(holder, Draft(typ, sub or holder, named), clock.now())
        self.post.submit(raw)
        return parse(raw).id

    def decide(self, typ: str, sub: str, named: Mapping[str, Any], *others: str) -> bytes:
        """Let the chair propose what ``others`` endorse; give the decision's id."""
        proposed = self.state("kp.chair", typ, named, sub)
        for holder in others:
            self.state(holder, ENDORSEMENT.typ, {"statement": proposed}, proposed.hex())
        return proposed

    @property
    def post(self) -> LogClient:
        """The way to the log."""
        return LogClient(self.nodes.log.log_socket)

    # ---- what offices do -------------------------------------------------------------------

    def office(self, holder: str) -> Office:
        """The office of ``holder``."""
        return self.nodes.office(holder)

    def issue(self, holder: str, to: str, **more: Any) -> Issued:
        """Take goods from application to certificate."""
        told = application(holder, to)
        if "exporter" in more:
            told["parties"]["exporter"]["name"] = more.pop("exporter")
        check = Check(
            "officer-2", tuple(more.pop("seals", ("S-1", "S-2"))), number=more.pop("number", None)
        )
        act = self.office(holder).apply({**told, **more})
        self.office(holder).check(act.id, check)
        return Issued(self.finish(holder, act))

    def finish(self, holder: str, act: Act) -> bytes:
        """Have both officers approve an act, and complete it; give its file."""
        return self.nodes.finish(self.office(holder), holder, act.id)

    def act(self, holder: str, word: str, number: str = "", /, **told: Any) -> CertificateFile:
        """Take any other act from draft to log; give its file. Its ``files`` go beside it."""
        return parse_file(self.finish(holder, self.propose(holder, word, number, **told)))

    def propose(self, holder: str, word: str, number: str = "", /, **told: Any) -> Act:
        """Draft an act of today and lay it before the officers."""
        files = told.pop("files", ())
        given = {"number": number, **told} if number else told
        return self.office(holder).act(word, given, files)

    def arrive(
        self, holder: str, file: bytes, outcome: str = "confirmed", **more: Any
    ) -> CertificateFile:
        """Say what was found of a shipment whose certificate file is at hand."""
        told = {**findings(self.day()), "outcome": outcome, **more}
        if not outcome.startswith("confirmed"):
            told = {name: told[name] for name in ("arrived", "outcome", "examination", *more)}
        act, _ = self.office(holder).confirm(file, told)
        return parse_file(self.finish(holder, act))

    # ---- what is read ----------------------------------------------------------------------

    def life(self, number: str) -> CertificateLife:
        """A certificate's life, as everybody reads it."""
        return self.view.certificate(number)

    def current(self, holder: str, number: str) -> Current:
        """A certificate as it reads now to ``holder``, with what it may see and can open."""
        desk, private = self.office(holder).desk, self.nodes.sealing[holder]
        folder = gather(desk, number, private)
        sight = Sight(folder, Asker(holder), desk.view.registry(), self.today)
        parts = [part_of(sight, held) for held in folder.held]
        found = current(parts, folder.life.row.statement)
        assert found is not None
        return found

    def status(self, number: str) -> str:
        """Where a certificate stands."""
        return self.life(number).status.word

    def findings(self, number: str) -> list[str]:
        """What rules found on a certificate, in order."""
        return [each.code for each in self.life(number).findings]

    def facts(self, number: str) -> list[str]:
        """Words of what entries on a certificate led to, findings apart."""
        return [str(each[0]) for each in self.all_facts(number) if each[0] != "finding"]

    def all_facts(self, number: str) -> list[list[Any]]:
        """What entries on a certificate led to, in order."""
        view = self.view
        told = [view._fetch(act.index)[1] for act in view.certificate(number).acts]
        return [list(fact) for each in told for fact in each]

    def file(self, act: CertificateFile) -> bytes:
        """The file of an act, as it travels."""
        return act.to_bytes()

    def listed(self, **asked: Any) -> list[Listed]:
        """The list of certificates, as everybody can search it."""
        return self.view.certificates(Query(**asked))

    def verdict(self, file: bytes, receiver: str = "") -> Verdict:
        """Check a file with a bundle and a status snapshot of now, as anybody could offline."""
        return self.verdict_at(self.nodes.log, file, receiver)

    def verdict_at(self, home: Home, file: bytes, receiver: str = "") -> Verdict:
        """Check it with what a node can give now."""
        log = LogClient(home.log_socket)
        bundle = bundles.verify(log.bundle(), self.nodes.genesis)
        return verify(file, bundle, self.today, receiver or None, status=[log.status()])

    def refused(self, holder: str, word: str, number: str = "", /, **told: Any) -> str:
        """Try an act that the log would refuse, and give the rule that says so."""
        with pytest.raises(Refused) as bad:
            self.act(holder, word, number, **told)
        return str(bad.value.facts.get("rule", bad.value.code))

    def entry_findings(self, file: CertificateFile) -> list[str]:
        """What rules found on one statement."""
        reader = self.view.reader
        facts = self.view._fetch(reader.index_of(file.statement.id))[1]
        return [each[1] for each in facts if each[0] == "finding"]


@dataclass(frozen=True)
class Issued:
    """A certificate as it travels: its file."""

    file: bytes

    @property
    def parsed(self) -> CertificateFile:
        return parse_file(self.file)

    @property
    def number(self) -> str:
        return str(self.parsed.named["number"])

    @property
    def id(self) -> str:
        return self.parsed.statement.id.hex()


def application(holder: str, to: str, carats: str = CARATS, value: str = VALUE) -> dict[str, Any]:
    """Give an application for goods of ``holder`` to ``to``."""
    told = copy.deepcopy(two_nodes.application(holder, to))
    told["values"]["lines"] = [{"hs": "7102.31", "carats": carats, "value": value}]
    return told


def findings(
    day: str, carats: str = CARATS, value: str = VALUE, parcels: int = 2
) -> dict[str, Any]:
    """Give what an authority of arrival found of such goods."""
    told = world.findings(day, carats, value)
    told["parties"]["seals"] = ["S-1", "S-2"]
    told["values"]["parcels"] = parcels
    return {name: told[name] for name in told if name != "outcome"}


def goods(carats: str, value: str) -> dict[str, Any]:
    """Give the section of values for such goods."""
    found: dict[str, Any] = application("XA", "XB", carats, value)["values"]
    return found


def paper(holder: str, to: str, number: str, day: str, expires: str, **more: Any) -> dict[str, Any]:
    """Give what a paper certificate of ``holder`` says, as it is taken down."""
    told = application(holder, to)
    kept = {name: told[name] for name in ("shipment", "values", "parties")}
    kept["parties"]["seals"] = ["S-1", "S-2"]
    return {
        "number": number,
        "kind": "ordinary",
        "holder": holder,
        "issued": day,
        "expires": expires,
        "specimen": "matches",
        **kept,
        **more,
    }


@contextmanager
def region(
    patch: pytest.MonkeyPatch,
    members: Mapping[str, tuple[int, int]] = two_nodes.MEMBERS,
    hosted: Sequence[str] = ("XA", "XB", "XC"),
) -> Iterator[Region]:
    """Found a log and run it, with the signers of ``hosted``, while the block runs."""
    with short_folder() as folder, ExitStack() as stack:
        nodes = two_nodes.found(folder, members)
        found = Region(nodes, tuple(hosted), stack)
        patch.setattr(clock, "time", SimpleNamespace(time=lambda: time.time() + found.ahead))
        for holder in hosted:
            nodes.host(holder)
        stack.enter_context(two_nodes.log_process(nodes))
        for holder in hosted:
            stack.enter_context(two_nodes.signer(nodes.log, holder))
        yield found
