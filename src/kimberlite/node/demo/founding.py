"""Founding the demo: keys, genesis, the real public record, and three fictional participants."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from kimberlite.crypto import hpke
from kimberlite.crypto.hashing import sha256
from kimberlite.crypto.keyfile import INTERACTIVE
from kimberlite.crypto.keystore import FileKeyStore
from kimberlite.kernel.days import day_of
from kimberlite.kernel.errors import Conflict
from kimberlite.ledger.engine.sqlite import SqliteEngine
from kimberlite.ledger.guard import FileMemo, Guard
from kimberlite.ledger.log import Log, Writer
from kimberlite.node import clock, logserver, officers, papers
from kimberlite.node.books import BOOKS, V1
from kimberlite.node.ceremony import SEALING_LABEL
from kimberlite.node.demo import world
from kimberlite.node.founding import Draft, Founder, append
from kimberlite.node.home import Home
from kimberlite.node.signer.admin import Administration
from kimberlite.registry import record
from kimberlite.storage.files import write_whole

PASSPHRASE = "demo"  # noqa: S105  # the demo's keys protect nothing, and say so
ORIGIN = "demo.kimberlite.example/log"
TITLE = "Kimberlite demo"
NEEDED = 2
_MAY_APPROVE = ("approve-issue", "approve-confirm", "approve-registry")

Report = Callable[[str], None]
"""Gets the key of the sentence that says what is being done."""


def found(home: Home, report: Report) -> None:
    """Make a demo node in an empty folder.

    The description is written last, so a founding that was cut off is begun again.

    Raises:
        Conflict: ``node.exists`` when the folder holds a node already, ``node.half-founded`` when
            it holds part of one.
    """
    if home.described.exists():
        raise Conflict("node.exists", "this folder holds a node already")
    if home.log_key.exists():
        raise Conflict(
            "node.half-founded", "founding was cut off here: remove the folder and begin again"
        )
    report("node.founding.keys")
    now = clock.now()
    founder = Founder.with_new_keys(
        V1,
        [
            *world.ORGANS.items(),
            *((member.code, world.SIGNING) for member in world.MEMBERS),
            *((member.code, world.KEEPING) for member in world.MEMBERS),
        ],
    )
    genesis = founder.genesis(kind="demo", origin=ORIGIN, title=TITLE, now=now, needed=NEEDED)
    sealing = _keep_keys(home, founder)
    _write_log(home, founder, genesis, sealing, report)
    report("node.founding.officers")
    for holder in world.HOSTED:
        _enrol(home, founder, holder, genesis, now)
    write_whole(home.demo_passphrase, PASSPHRASE.encode(), mode=0o600)
    home.describe(
        {
            "kind": "demo",
            "origin": ORIGIN,
            "title": TITLE,
            "genesis": sha256(genesis).hex(),
            "hosts": list(world.HOSTED),
        }
    )


def _store(folder: Path) -> FileKeyStore:
    return FileKeyStore(folder, PASSPHRASE, strength=INTERACTIVE)


def _keep_keys(home: Home, founder: Founder) -> dict[str, bytes]:
    """Put every key where only its own process looks; give the members' public sealing keys."""
    _store(home.log_key).store(logserver.KEY_LABEL, founder.key("kp.log", "log"))
    operator = founder.key("kp.operator", "operate")
    _store(home.operator_key).store(logserver.OPERATOR_LABEL, operator)
    sealing: dict[str, bytes] = {}
    for member in world.MEMBERS:
        pair = hpke.generate()
        sealing[member.code] = pair.public
        if member.code in world.HOSTED:
            _store(home.sealing(member.code)).store_secret(SEALING_LABEL, pair.private)
    return sealing


def _write_log(
    home: Home, founder: Founder, genesis: bytes, sealing: dict[str, bytes], report: Report
) -> None:
    key = founder.key("kp.log", "log")
    guard = Guard(ORIGIN, key, FileMemo(home.guard))
    engine = SqliteEngine(home.log)
    log = Log(engine, Writer(BOOKS, key, "kp.log", guard, clock.now))
    append(log, [genesis])
    now = clock.now()
    report("node.founding.record")
    append(log, [founder.sign("kp.archive", Draft(*each), now) for each in record.statements()])
    report("node.founding.members")
    for member in world.MEMBERS:
        founder.decide(log, ("kp.chair", "XA"), world.listing(member, day_of(now)), now)
        told = world.statements(member, sealing[member.code], day_of(now))
        append(log, [founder.sign(member.code, each, now) for each in told])
    engine.close()


def _enrol(home: Home, founder: Founder, holder: str, genesis: bytes, now: int) -> None:
    """Set up a holder's signer and enrol its officers, as their administrator would."""
    signer = Administration(home.signer(holder), PASSPHRASE, strength=INTERACTIVE)
    signer.set_up(sha256(genesis), "demo")
    signer.add_key("main", founder.key(holder, "issue"))
    document = signer.add_document_key(papers.DOCUMENT_LABEL)
    papers.prepare_demo(home, holder, document, PASSPHRASE, now)
    for officer in world.OFFICERS[holder]:
        folder = home.officers(holder)
        card = officers.create(folder, officer, PASSPHRASE, strength=INTERACTIVE)
        signer.enrol(card, _MAY_APPROVE, now)
