"""The signer as a process: it makes sure of its place, opens its keys once, and answers calls."""

from __future__ import annotations

import os
import resource
import signal
import threading
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from kimberlite.crypto.keys import PrivateKey
from kimberlite.crypto.keystore import FileKeyStore
from kimberlite.kernel.errors import Invalid, NotFound, Problem, Refused, Untrusted
from kimberlite.ledger.admission import Books
from kimberlite.node import clock as real
from kimberlite.node.signer.admin import AUTHORITY, DOCUMENT, KEYS, enrolment_key
from kimberlite.node.signer.deriving import DeriveRequest
from kimberlite.node.signer.journal import Journal, Signed
from kimberlite.node.signer.mirror import Mirror
from kimberlite.node.signer.notes import Notes
from kimberlite.node.signer.ports import Assess
from kimberlite.node.signer.request import Request
from kimberlite.node.signer.sealing import SealRequest
from kimberlite.node.signer.service import Parts, Signer
from kimberlite.node.wire import Handler, Manner, serve
from kimberlite.storage.files import owned

JOURNAL: Final = "journal.db"
NOTES: Final = "notes.jsonl"
SOCKET: Final = "signer.sock"


@dataclass(frozen=True, slots=True)
class Wiring:
    """What the node hands to a signer: rule books, the judge of sections, a clock (UTC seconds)."""

    books: Books
    assess: Assess
    clock: Callable[[], int] = real.now


@dataclass(frozen=True, slots=True)
class Place:
    """Where a signer works: its own folder, the log it reads, the socket it answers at.

    ``users`` are uids that may ask beside its own, where each process has a user of its own.
    """

    home: Path
    log: Path
    socket: Path | None = None
    users: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Held:
    """The keys of a signer, by kid: those that sign statements, those that seal documents."""

    authority: Mapping[bytes, PrivateKey]
    documents: Mapping[bytes, PrivateKey]


def run(
    place: Place, passphrase: str, wiring: Wiring, *, until: threading.Event | None = None
) -> None:
    """Serve until ``until`` is set, or until SIGINT or SIGTERM.

    Raises:
        Refused: ``signer.open-folder`` when others may read the folder (never for a demo).
        NotFound: ``signer.not-set-up``, ``signer.no-keys``.
        Conflict: ``storage.owned`` when another signer works in it, ``wire.in-use``.
        Untrusted: ``signer.journal-missing`` when this signer has run before and its memory of
            that is gone; ``keystore.passphrase``, ``signer.enrolment``, ``signer.other-log``,
            ``signer.other-kind``, ``signer.log-rolled-back``.
        Unavailable: ``signer.log-missing``.
    """
    stop = _stopped_by_signal() if until is None else until
    if not place.home.is_dir():
        raise NotFound("signer.not-set-up", "there is no signer in this folder: set one up first")
    # Whatever happens, no copy of the memory that holds the keys is left on disk.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _check_journal(place.home)
    with owned(place.home), closing(Journal(place.home / JOURNAL)) as journal:
        signer, held = _opened(place, passphrase, wiring, journal)
        notes = Notes(place.home / NOTES)
        service = Service(signer, held, notes, wiring.clock)
        _check_folder(place.home, signer.enrolment().kind)
        with signer.look() as look:
            notes.note(wiring.clock(), "started", size=look.head.size)
        manner = Manner(users=place.users, report=lambda words: notes.note(wiring.clock(), words))
        with serve(place.socket or place.home / SOCKET, service.handlers, manner):
            stop.wait()
        notes.note(wiring.clock(), "stopped")


def _check_journal(home: Path) -> None:
    """Stop where only the memory is gone: numbers could be signed twice, and limits begin anew."""
    if (home / NOTES).exists() and not (home / JOURNAL).exists():
        raise Untrusted(
            "signer.journal-missing",
            f"{JOURNAL} is gone, and with it what this signer has signed: put it back; if it is "
            "lost, end this signer's keys and set up another",
        )


def _opened(place: Place, passphrase: str, wiring: Wiring, journal: Journal) -> tuple[Signer, Held]:
    store = FileKeyStore(place.home / KEYS, passphrase)
    enroller = enrolment_key(store)
    held = Held(_loaded(store, AUTHORITY), _loaded(store, DOCUMENT))
    if not held.authority:
        raise NotFound("signer.no-keys", "this signer has no key to sign with: add one first")
    parts = Parts(
        place.home,
        enroller,
        held.authority,
        journal,
        Mirror(place.log),
        wiring.books,
        wiring.assess,
        wiring.clock,
        held.documents,
    )
    return Signer(parts), held


def _loaded(store: FileKeyStore, kind: str) -> dict[bytes, PrivateKey]:
    loaded = [store.load(label) for label in store.labels() if label.startswith(kind)]
    return {key.public.kid: key for key in loaded}


def _check_folder(home: Path, kind: str) -> None:
    found = home.stat()
    if kind != "demo" and (found.st_mode & 0o077 or found.st_uid != os.geteuid()):
        raise Refused(
            "signer.open-folder",
            f"others may read or own {home.name}: make it the signer's own, with mode 0700",
            mode=f"{found.st_mode & 0o777:o}",
        )


class Service:
    """The calls that other processes may make. None gives a key, none changes the enrolment."""

    def __init__(
        self,
        signer: Signer,
        held: Held,
        notes: Notes,
        clock: Callable[[], int],
    ) -> None:
        self._signer, self._notes, self._clock = signer, notes, clock
        self._publics = [key.public.cose_key() for key in held.authority.values()]
        self._documents = [key.public.cose_key() for key in held.documents.values()]

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """Name every call."""
        return {
            "about": self._about,
            "prepare": self._prepare,
            "sign": self._sign,
            "find": self._find,
            "seal": self._seal,
            "derive": self._derive,
        }

    def _about(self, args: Mapping[str, Any]) -> dict[str, Any]:
        _nothing(args)
        found = self._signer.enrolment()
        return {
            "kind": found.kind,
            "genesis": found.genesis,
            "keys": self._publics,
            "documents": self._documents,
            "version": found.version,
            "officers": [
                {
                    "name": each.name,
                    "thumbprint": each.public.thumbprint(),
                    "roles": sorted(each.roles),
                    "since": each.since,
                    "until": each.until,
                }
                for each in found.officers
            ],
            "approvals": dict(found.policy.approvals),
            "otherwise": found.policy.otherwise,
        }

    def _prepare(self, args: Mapping[str, Any]) -> dict[str, Any]:
        ready = self._signer.prepare(Request.from_args(args))
        return {
            "proposal": ready.proposal,
            "needed": ready.needed,
            "kid": ready.kid,
            "findings": list(ready.findings),
        }

    def _sign(self, args: Mapping[str, Any]) -> dict[str, Any]:
        request = Request.from_args(args)
        told = request.proposal
        officers = [each.officer for each in request.approvals]
        about = {"typ": told.typ, "iss": told.iss, "sub": told.sub}
        try:
            signed = self._signer.sign(request)
        except Problem as bad:
            self._notes.note(self._clock(), "refused", code=bad.code, officers=officers, **about)
            raise
        self._notes.note(
            self._clock(), "signed", statement=signed.id.hex(), officers=officers, **about
        )
        return _shown(signed)

    def _seal(self, args: Mapping[str, Any]) -> bytes:
        request = SealRequest.from_args(args)
        what = "copy" if request.copy else "original"
        about = {"statement": request.statement.hex(), "page": request.page.hex(), "form": what}
        try:
            signature = self._signer.seal(request)
        except Problem as bad:
            self._notes.note(self._clock(), "seal refused", code=bad.code, **about)
            raise
        self._notes.note(self._clock(), "sealed", **about)
        return signature

    def _derive(self, args: Mapping[str, Any]) -> str:
        request = DeriveRequest.from_args(args)
        about = {"statement": request.statement.hex(), "form": request.form}
        try:
            token = self._signer.derive(request)
        except Problem as bad:
            self._notes.note(self._clock(), "derive refused", code=bad.code, **about)
            raise
        self._notes.note(self._clock(), "derived", **about)
        return token

    def _find(self, args: Mapping[str, Any]) -> dict[str, Any]:
        match dict(args):
            case {"statement": bytes() as statement, **rest} if not rest:
                return _shown(self._signer.find(statement))
        raise Invalid("wire.arguments", "find takes the id of a statement")


def _shown(signed: Signed) -> dict[str, Any]:
    return {"id": signed.id, "statement": signed.statement, "record": signed.record}


def _nothing(args: Mapping[str, Any]) -> None:
    if args:
        raise Invalid("wire.arguments", "this call takes no arguments")


def _stopped_by_signal() -> threading.Event:
    stop = threading.Event()

    def end(_number: int, _frame: object) -> None:
        stop.set()

    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, end)
    return stop
