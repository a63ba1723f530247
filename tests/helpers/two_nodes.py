"""A log node and authority nodes with databases, keys and vaults of their own, in one process.

Every part is the product's; only the keys are made cheaply, and the clock can be moved.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kimberlite.certificates import drafting
from kimberlite.certificates.json_form import show
from kimberlite.crypto import hpke
from kimberlite.crypto.hashing import sha256
from kimberlite.crypto.keyfile import INTERACTIVE
from kimberlite.crypto.keys import Ed25519PrivateKey
from kimberlite.crypto.keystore import FileKeyStore
from kimberlite.kernel.days import day_of
from kimberlite.ledger.envelope import Header, Verdicts, parse, sign
from kimberlite.ledger.log import Log
from kimberlite.node import clock, logserver, officers, wire
from kimberlite.node.books import BOOKS, V1
from kimberlite.node.ceremony import ROOT_LABEL, SEALING_LABEL
from kimberlite.node.clients import LogClient
from kimberlite.node.demo import world
from kimberlite.node.desk import Check
from kimberlite.node.founding import Draft, Founder, append
from kimberlite.node.home import Home
from kimberlite.node.mirror import bearing, doorkeeper
from kimberlite.node.mirror.joining import Plan, join
from kimberlite.node.mirror.rounds import Mirror
from kimberlite.node.mirror.server import MirrorServer
from kimberlite.node.office import Office
from kimberlite.node.passes import Bearer
from kimberlite.node.signer import process as signing
from kimberlite.node.signer.admin import Administration
from kimberlite.node.signer.assessing import judge
from kimberlite.node.signer.enrolment import Policy
from kimberlite.node.supervisor import answers
from kimberlite.node.wiring import office_of

PASS = "a passphrase for tests"
ORIGIN = "log.example/nodes"
OFFICERS = ("officer-1", "officer-2")
MAY = ("approve-issue", "approve-confirm", "approve-registry")
MEMBERS = {
    "XA": (1, 99_999),
    "XB": (500_001, 599_999),
    "XC": (1, 9_999),
}


@dataclass
class Nodes:
    """A founded log node, and what its members hold apart from it."""

    folder: Path
    founder: Founder
    genesis: bytes
    log: Home
    homes: dict[str, Home] = field(default_factory=dict)
    sealing: dict[str, bytes] = field(default_factory=dict)
    keys: dict[tuple[str, str], Ed25519PrivateKey] = field(default_factory=dict)

    def store(self, folder: Path) -> FileKeyStore:
        return FileKeyStore(folder, PASS, strength=INTERACTIVE)

    def authority(self, holder: str) -> Path:
        """The folder of a holder's own key, as it would carry it to its node."""
        folder = self.folder / f"keys-{holder}"
        store = self.store(folder)
        if ROOT_LABEL not in store.labels():
            store.store(ROOT_LABEL, self.founder.key(holder, "issue"))
        return folder

    def open_log(self) -> Log:
        return logserver.open_log(self.log, self.founder.key("kp.log", "log"))

    def enrol(self, home: Home, holder: str) -> None:
        """Enrol the officers of a holder at its signer; their keys stay with this test."""
        admin = Administration(home.signer(holder), PASS, strength=INTERACTIVE)
        for officer in OFFICERS:
            key = Ed25519PrivateKey.generate()
            self.keys[holder, officer] = key
            admin.enrol(officers.card(key, officer), MAY, clock.now() - 10)

    def host(self, holder: str) -> None:
        """Set up a holder at the log node itself."""
        home = self.log
        admin = Administration(home.signer(holder), PASS, strength=INTERACTIVE)
        told = home.read()
        admin.set_up(self.genesis, told["kind"], Policy())
        admin.add_key("main", self.founder.key(holder, "issue"))
        self.store(home.sealing(holder)).store_secret(SEALING_LABEL, self.sealing[holder])
        home.describe({**told, "hosts": sorted({*told["hosts"], holder})})
        self.enrol(home, holder)
        self.homes[holder] = home

    def join(self, holder: str, url: str, name: str = "", **told: Any) -> Home:
        """Let a holder join from a folder of its own."""
        home = Home(self.folder / (name or holder))
        plan = Plan(url, self.genesis, holder, **told)
        store = self.store(home.sealing(holder))
        store.store_secret(SEALING_LABEL, self.sealing[holder])
        join(home, plan, self.authority(holder), PASS, strength=INTERACTIVE)
        self.enrol(home, holder)
        self.homes[holder] = home
        return home

    def office(self, holder: str) -> Office:
        return office_of(self.homes[holder], holder)

    def finish(self, office: Office, holder: str, act: int) -> bytes:
        """Have both officers approve, and complete; give the file."""
        proposal = office.proposal(act).proposal
        for officer in OFFICERS:
            told = officers.approve(
                self.keys[holder, officer],
                officer,
                proposal,
                genesis=self.genesis,
                moment=clock.now(),
            )
            office.approve(act, told)
        return office.complete(act)[1]

    def issue(self, holder: str, to: str, *, number: str | None = None, **more: Any) -> bytes:
        """Issue a certificate and give its file."""
        office = self.office(holder)
        told = {**application(holder, to), **more}
        act = office.apply(told)
        office.check(act.id, Check("officer-2", ("S-1",), number=number))
        return self.finish(office, holder, act.id)

    def elsewhere(self, holder: str, number: str) -> bytes:
        """Use a number at another place of the same authority, straight at the log; give the id."""
        told = {**application(holder, "XA" if holder != "XA" else "XB"), "type": "certificate"}
        today = day_of(clock.now())
        days = show({"issued": today, "expires": today + 60})
        parties = {**told["parties"], "seals": ["S-9"]}
        draft = drafting.from_json({**told, **days, "number": number, "parties": parties})
        openings = draft.openings({name: bytes(16) for name in draft.sections})
        body = draft.body(holder, openings, approval=bytes(32), verdicts=Verdicts(1))
        key = self.founder.key(holder, "issue")
        header = Header(
            key.public.algorithm, key.public.kid, draft.typ, holder, draft.sub, clock.now()
        )
        raw = sign(header, body, key)
        LogClient(self.log.log_socket).submit(raw)
        return parse(raw).id


def stranger(holder: str) -> Bearer:
    """Give a bearer whose key no log holds."""
    return Bearer(Ed25519PrivateKey.generate(), holder)


def shift(patch: pytest.MonkeyPatch, seconds: int) -> None:
    """Set every process's clock ahead of the real one."""
    patch.setattr(clock, "time", SimpleNamespace(time=lambda: time.time() + seconds))


def go_on(nodes: Nodes) -> None:
    """Let log time go on to the clock of now, as the operator would."""
    key = nodes.founder.key("kp.operator", "operate")
    raw = logserver.leave_to_go_on(key, clock.now() + 60, "a test")
    wire.Client(nodes.log.log_socket).call("jump", statement=raw)


def application(holder: str, to: str) -> dict[str, Any]:
    """Give an application for goods of ``holder`` to ``to``."""
    told = world.application("Kite Mining", to, "10.00", "5000.00")
    told.pop("office", None)
    told["shipment"] = {
        **told["shipment"],
        "origins": [{"country": holder}],
        "provenance": holder,
    }
    return told


def found(folder: Path, members: Mapping[str, tuple[int, int]] = MEMBERS) -> Nodes:
    """Found a log with ``members``, each with office, numbers, practice and sealing key."""
    home = Home(folder / "log")
    now = clock.now()
    founder = Founder.with_new_keys(
        V1,
        [
            *world.ORGANS.items(),
            *((code, world.SIGNING) for code in members),
            *((code, world.KEEPING) for code in members),
        ],
    )
    genesis = founder.genesis(kind="test", origin=ORIGIN, title="Nodes", now=now, needed=2)
    nodes = Nodes(folder, founder, sha256(genesis), home)
    nodes.store(home.log_key).store(logserver.KEY_LABEL, founder.key("kp.log", "log"))
    operator = founder.key("kp.operator", "operate")
    nodes.store(home.operator_key).store(logserver.OPERATOR_LABEL, operator)
    told = {"kind": "test", "origin": ORIGIN, "title": "Nodes", "hosts": []}
    home.describe({**told, "genesis": nodes.genesis.hex()})
    log = nodes.open_log()
    append(log, [genesis])
    for code, numbers in members.items():
        _list(nodes, log, code, numbers)
    log._engine.close()
    return nodes


def _list(nodes: Nodes, log: Log, code: str, numbers: tuple[int, int]) -> None:
    founder, now = nodes.founder, clock.now()
    today = day_of(now)
    named = {"names": {"en": f"Land {code}"}, "begins": today - 365, "source": "Invented"}
    decision = Draft("kp-participant+cose", code, named)
    founder.decide(log, ("kp.chair", next(iter(MEMBERS))), decision, now)
    pair = hpke.generate()
    nodes.sealing[code] = pair.private
    begins = {"begins": today - 30}
    office = {"id": "HQ", "name": "Office", "roles": ["export", "import"], **begins}
    border = {**office, "id": "BORDER"}
    first, last = numbers
    for typ, told in (
        ("kp-office+cose", office),
        ("kp-office+cose", border),
        ("kp-range+cose", {"prefix": code, "first": first, "last": last - 100, **begins}),
        (
            "kp-range+cose",
            {"prefix": code, "first": last - 99, "last": last, "office": "BORDER", **begins},
        ),
        ("kp-practice+cose", {"validity_days": 60, "confirm_days": 10, **begins}),
        ("kp-sealing-key+cose", {"public": pair.public}),
    ):
        append(log, [founder.sign(code, Draft(typ, code, told), now)])


# --- processes, as threads of the test ----------------------------------------------------------


@contextmanager
def _thread(work: Callable[[threading.Event], None]) -> Iterator[None]:
    until = threading.Event()
    thread = threading.Thread(target=work, args=(until,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        until.set()
        thread.join(30)


def _wait(ready: Callable[[], bool], seconds: float = 30.0) -> None:
    for _ in range(int(seconds / 0.02)):
        if ready():
            return
        threading.Event().wait(0.02)
    raise AssertionError("it did not come to pass in time")


wait_for = _wait


@contextmanager
def log_process(nodes: Nodes) -> Iterator[None]:
    """Run the log process."""
    server = logserver.LogServer(nodes.log, nodes.founder.key("kp.log", "log"))
    with _thread(server.run):
        _wait(answers(nodes.log.log_socket, "head"))
        yield


@contextmanager
def door(nodes: Nodes, pause: float = 0.2) -> Iterator[int]:
    """Run the door process, and give its port."""
    home = nodes.log
    with _thread(lambda until: doorkeeper.main(home, until, pause=pause)):
        _wait(home.door_port.exists)
        _wait(lambda: home.door_port.read_text().strip().isdecimal())
        yield int(home.door_port.read_text())


@contextmanager
def signer(home: Home, holder: str) -> Iterator[None]:
    """Run the signer process of a holder."""
    place = signing.Place(home.signer(holder), home.log, home.signer_socket(holder))
    wiring = signing.Wiring(BOOKS, judge, lambda: clock.now())
    with _thread(lambda until: signing.run(place, PASS, wiring, until=until)):
        _wait(answers(home.signer_socket(holder), "about"))
        yield


@contextmanager
def mirror(home: Home, pause: float = 0.2) -> Iterator[MirrorServer]:
    """Run the mirror process of an authority node."""
    followed = Mirror(home, bearing.load(home, PASS))
    server = MirrorServer(followed, pause)
    try:
        with _thread(server.run):
            _wait(answers(home.log_socket, "head"))
            yield server
    finally:
        followed.close()


def sync(home: Home) -> int:
    """Go one round without the process; give the size of the copy."""
    followed = Mirror(home, bearing.load(home, PASS))
    try:
        return followed.round().followed.size
    finally:
        followed.close()


def call(home: Home, name: str, **told: Any) -> Any:
    """Call a process of a node at its log socket."""
    return wire.Client(home.log_socket).call(name, **told)


def stack() -> ExitStack:
    """Give a stack to enter processes into."""
    return ExitStack()
