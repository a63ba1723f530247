"""What is there already: rows are compared with the log, and with what waits in this office."""

from __future__ import annotations

from kimberlite.certificates.v1.beside import PAPERS as TRANSCRIPTS
from kimberlite.certificates.v1.rows import CERTIFICATES
from kimberlite.kernel.ids import CertificateNumber
from kimberlite.ledger.state import State
from kimberlite.node.intake.batches import Batches
from kimberlite.node.intake.columns import APPLICATIONS, PAPERS, SLIPS
from kimberlite.node.intake.mapping import Record
from kimberlite.node.store import Store
from kimberlite.registry.ranges import prefix_owner

Fault = tuple[str, str]


class There:
    """Compares rows with a log's state and an office's store, as they were when it was made."""

    def __init__(self, state: State, store: Store) -> None:
        self._state, self._holder = state, store.holder
        batches = Batches(store)
        self._waiting = {kind: batches.keys(kind) for kind in (PAPERS, APPLICATIONS, SLIPS)}

    def fault(self, kind: str, record: Record) -> Fault | None:
        """Give column and code where a row cannot be taken; name the statement a slip is about."""
        if kind == APPLICATIONS:
            known = record.key in self._waiting[kind]
            return ("reference", "intake.known") if known else None
        key = CertificateNumber.parse(record.key).key
        if key in self._waiting[kind]:
            return "number", "intake.known"
        return self._paper(key, record) if kind == PAPERS else self._slip(key, record)

    def _paper(self, key: str, record: Record) -> Fault | None:
        if record.told["holder"] == self._holder:
            return "holder", "transcript.own"
        if prefix_owner(self._state, key[:2]) != record.told["holder"]:
            return "holder", "transcript.prefix"
        row = self._state.get(CERTIFICATES, key)
        if row is None:
            return None
        if not row.paper:
            return "number", "transcript.in-the-log"
        before = self._state.get(TRANSCRIPTS, key)
        mine = before is not None and before.transcriber == self._holder
        return ("number", "intake.known") if mine else None

    def _slip(self, key: str, record: Record) -> Fault | None:
        row = self._state.get(CERTIFICATES, key)
        if row is None:
            return "number", "certificate.unknown"
        if row.holder != self._holder or row.paper:
            return "number", "certificate.not-own"
        record.told["certificate"] = row.statement.hex()
        return None
