"""Joining a log: make the home of an authority node, and take the log in for the first time."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kimberlite.crypto import hpke
from kimberlite.crypto.keyfile import MODERATE, Strength
from kimberlite.crypto.keystore import FileKeyStore, SoftwareKey
from kimberlite.kernel.days import SECONDS_A_DAY
from kimberlite.kernel.errors import Conflict, Invalid
from kimberlite.kernel.ids import HOLDER
from kimberlite.ledger.copies import Copy
from kimberlite.ledger.engine.sqlite import SqliteEngine
from kimberlite.ledger.state import State
from kimberlite.ledger.takeover import import_file
from kimberlite.ledger.v1.rows import charter
from kimberlite.node import clock
from kimberlite.node.books import BOOKS
from kimberlite.node.ceremony import ROOT_LABEL, SEALING_LABEL
from kimberlite.node.home import Home
from kimberlite.node.mirror import bearing
from kimberlite.node.mirror.box import Box
from kimberlite.node.mirror.follow import ACCEPTED, Follower
from kimberlite.node.mirror.line import Line, check_address
from kimberlite.node.mirror.source import Progress
from kimberlite.node.signer.admin import Administration
from kimberlite.node.signer.enrolment import Policy
from kimberlite.storage.files import write_whole

OFFLINE_DAYS: Final = 7
"""Days that a signer goes on without word from the log. Source: ours."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be joined.

    Attributes:
        url: address of the log node.
        genesis: SHA-256 of the log's first entry, known from elsewhere: 32 bytes.
        holder: whose node this is.
        office: the office whose ranges it may use while cut off; empty for the whole authority.
        offline_days: how long its signer goes on without word from the log.
    """

    url: str
    genesis: bytes
    holder: str
    office: str = ""
    offline_days: int = OFFLINE_DAYS


def join(
    home: Home,
    plan: Plan,
    keys: Path,
    passphrase: str,
    *,
    copy: Copy | None = None,
    strength: Strength = MODERATE,
    progress: Progress | None = None,
) -> bytes:
    """Make the node that ``plan`` says in an empty folder; give its public sealing key, 32 bytes.

    The description is written last: what was cut off is begun again with the same command, and
    goes on where it stopped.

    Args:
        keys: folder of the holder's key that the log holds.
        copy: an archive or folder to take the log from instead of the line.

    Raises:
        Conflict: ``node.exists``. Invalid: ``node.join``, ``line.address``.
        Untrusted, Unavailable: as ``Follower.follow``; as ``takeover.import_file`` for a copy.
    """
    if home.described.exists():
        raise Conflict("node.exists", "this folder holds a node already")
    if not HOLDER.fullmatch(plan.holder) or len(plan.genesis) != 32 or plan.offline_days < 1:
        raise Invalid("node.join", "a node has a holder, and a genesis of 64 hexadecimal digits")
    url = check_address(plan.url)
    authority = FileKeyStore(keys, passphrase, strength=strength).load(ROOT_LABEL)
    bearer = bearing.make(home, plan.holder, plan.genesis, authority, passphrase, strength=strength)
    if copy is not None and not home.log.exists():
        import_file(copy, home.log, BOOKS, genesis=plan.genesis, progress=progress)
        if copy.checkpoint is not None:
            write_whole(home.mirror / ACCEPTED, copy.checkpoint)
    if copy is None:
        follower = Follower(home, BOOKS, plan.genesis, helpers=1)
        line = Line(url, bearer, plan.genesis, clock.now)
        try:
            follower.follow(line, progress)
        finally:
            line.close()
            follower.close()
    return _describe(home, plan, _Secrets(authority, passphrase, strength))


@dataclass(frozen=True, slots=True)
class _Secrets:
    authority: SoftwareKey
    passphrase: str
    strength: Strength


def _describe(home: Home, plan: Plan, secrets: _Secrets) -> bytes:
    engine = SqliteEngine(home.log, readonly=True)
    found = charter(State(engine))
    engine.close()
    if found is None or found.digest != plan.genesis:
        raise Invalid("node.join", "what was taken in is not the log that was to be joined")
    public = _equip(home, plan, found.kind, secrets)
    told = {
        "kind": found.kind,
        "origin": found.origin,
        "title": found.title,
        "genesis": plan.genesis.hex(),
        "hosts": [plan.holder],
        "log": check_address(plan.url),
    }
    box = Box(home.post)
    box.tell("contact", clock.now())
    box.close()
    home.describe({**told, **({"office": plan.office} if plan.office else {})})
    return public


def _equip(home: Home, plan: Plan, kind: str, secrets: _Secrets) -> bytes:
    """Set up the signer and the sealing key, or take up what an earlier try left."""
    strength = secrets.strength
    signer = Administration(home.signer(plan.holder), secrets.passphrase, strength=strength)
    policy = Policy(stale=plan.offline_days * SECONDS_A_DAY)
    with suppress(Conflict):
        signer.set_up(plan.genesis, kind, policy)
    with suppress(Conflict):
        signer.add_key("main", secrets.authority)
    sealing = FileKeyStore(home.sealing(plan.holder), secrets.passphrase, strength=strength)
    if SEALING_LABEL not in sealing.secret_labels():
        sealing.store_secret(SEALING_LABEL, hpke.generate().private)
    return hpke.public_of(sealing.load_secret(SEALING_LABEL))
