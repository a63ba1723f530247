"""A small desk for tests: sample drafts, a registry that answers as told, and a log of its own."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from kimberlite.certificates import status_make
from kimberlite.certificates.drafting import Draft, from_json
from kimberlite.certificates.file import write
from kimberlite.certificates.model import Certificate
from kimberlite.certificates.standing import PARTICIPANTS, participants_part
from kimberlite.certificates.status_make import Base
from kimberlite.certificates.transitions import Status
from kimberlite.certificates.trust import RANGES, STATUS, Range, ranges_part
from kimberlite.certificates.v1 import TYPES
from kimberlite.certificates.v1.beside import ALERTS, Alert
from kimberlite.certificates.v1.rows import CERTIFICATES, Row
from kimberlite.kernel.days import parse_day, start_of
from kimberlite.ledger import bundle as bundles
from kimberlite.ledger import checkpoint as checkpoints
from kimberlite.ledger import proofs, receipt
from kimberlite.ledger.admission import Admitted, Outcome
from kimberlite.ledger.bundle import TrustBundle
from kimberlite.ledger.checkpoint import Checkpoint
from kimberlite.ledger.envelope import Verdicts
from kimberlite.ledger.sections import Opening
from kimberlite.ledger.tree import leaf_hash, node_hash
from kimberlite.registry.model import Answer, Direction, Goods, Practice, Reason, Truth
from kimberlite.registry.v1 import TYPES as REGISTRY_TYPES
from tests.helpers.world import World, key_of

TODAY = "2026-03-10"
DAY = parse_day(TODAY)
APPROVAL = hashlib.sha256(b"approved by two officers").digest()

CERTIFICATE: dict[str, Any] = {
    "type": "certificate",
    "number": "XA000123",
    "kind": "ordinary",
    "issued": TODAY,
    "expires": "2026-05-09",
    "original": "electronic",
    "shipment": {
        "destination": "XB",
        "origin_mode": "single",
        "origins": [{"country": "XA"}],
        "provenance": "XA",
        "lines": [{"hs": "7102.31", "parcels": 2}, {"hs": "7102.21", "parcels": 1}],
        "parcels": 3,
    },
    "values": {
        "lines": [
            {"hs": "7102.31", "carats": "1203.45", "value": "250000.00"},
            {"hs": "7102.21", "carats": "400.00", "value": "8000.00"},
        ],
        "basis": "government-valuation",
    },
    "parties": {
        "exporter": {"name": "Alpha Stones Ltd", "address": "1 Mine Road, Alphaville"},
        "importer": {"name": "Beta Gems BV", "address": "2 Quay Street, Betatown"},
        "seals": ["A-7781", "A-7782"],
    },
}
MEASURED: dict[str, Any] = {
    "lines": [
        {"hs": "7102.31", "carats": "1203.45", "value": "251000.00"},
        {"hs": "7102.21", "carats": "400.00", "value": "8000.00"},
    ],
    "parcels": 3,
}


def merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Give a deep copy of ``base`` with ``changes`` laid over it; None removes."""
    found = copy.deepcopy(dict(base))
    for name, value in changes.items():
        if value is None:
            found.pop(name, None)
        elif isinstance(value, Mapping) and isinstance(found.get(name), dict):
            found[name] = merged(found[name], value)
        else:
            found[name] = value
    return found


def certificate_json(**changes: Any) -> dict[str, Any]:
    return merged(CERTIFICATE, changes)


def certificate(**changes: Any) -> Certificate:
    """Give the sample certificate as XA's, with changes in its JSON form."""
    return from_json(certificate_json(**changes)).certificate("XA")


def confirmation_json(issued: bytes, /, **changes: Any) -> dict[str, Any]:
    base = {
        "type": "confirmation",
        "number": "XA000123",
        "certificate": issued.hex(),
        "arrived": TODAY,
        "outcome": "confirmed",
        "examination": ["documents", "seals", "weighed", "opened-and-valued"],
        "values": MEASURED,
        "parties": CERTIFICATE["parties"],
        "evidence": {"seals": ["A-7781", "A-7782"], "seals_intact": True},
    }
    return merged(base, changes)


def salts_for(draft: Draft) -> dict[str, bytes]:
    """Give repeatable salts; a real one is fresh randomness."""
    return {
        name: hashlib.sha256(f"{draft.sub} {name}".encode()).digest()[:16]
        for name in draft.sections
    }


YES = Answer(Truth.YES)


def no(code: str = "trade.stopped", **facts: str | int) -> Answer:
    return Answer(Truth.NO, (Reason(code, Truth.NO, "a decision", (), dict(facts)),))


@dataclass
class FakeTrade:
    """A registry that answers yes, except where told otherwise.

    ``stopped`` maps a code to the answers from a day on; ``caught`` the reasons from a day on.
    """

    stopped: dict[str, list[tuple[int, Answer]]] = field(default_factory=dict)
    unlisted: dict[str, Answer] = field(default_factory=dict)
    caught: list[tuple[int, Reason]] = field(default_factory=list)
    practices: dict[str, Practice] = field(default_factory=dict)
    asked: list[Goods] = field(default_factory=list)

    def listed(self, code: str, day: int, known: int | None = None) -> Answer:
        return self.unlisted.get(code, YES)

    def may_trade(
        self, code: str, direction: Direction, day: int, known: int | None = None
    ) -> Answer:
        found = YES
        for begins, answer in self.stopped.get(code, []):
            if day >= begins:
                found = answer
        return found

    def restricted(
        self, goods: Goods, day: int, receiver: str, known: int | None = None
    ) -> tuple[Reason, ...]:
        self.asked.append(goods)
        return tuple(reason for begins, reason in self.caught if day >= begins)

    def changes(self, code: str) -> tuple[int, ...]:
        return tuple(sorted({0, *(begins for begins, _ in self.stopped.get(code, []))}))

    def practice(self, code: str, day: int) -> Practice:
        return self.practices.get(code, Practice())


class Desk:
    """A test log in which XA to XC take part, and offices that issue and confirm in it."""

    def __init__(self, kind: str = "test", began: str = TODAY) -> None:
        self.world = World(kind=kind, began=began, types=(*REGISTRY_TYPES, *TYPES))
        for code in ("XA", "XB", "XC"):
            named = {"names": {"en": f"Land {code}"}, "begins": DAY - 3000, "source": "a test"}
            self.world.decide("kp-participant+cose", named, sub=code)
            self.notify(code, 1, 999_999)

    def notify(self, code: str, first: int, last: int, **more: Any) -> None:
        named = {"prefix": code, "first": first, "last": last, "begins": DAY - 3000, **more}
        self.world.must(code, "kp-range+cose", named)

    def say(self, holder: str, draft: Draft, **more: Any) -> Outcome:
        """Seal, sign and admit a draft as ``holder``; ``more`` goes before the ordinary parts."""
        return self.world.admit(self.sign(holder, draft, **more))

    def sign(self, holder: str, draft: Draft, **more: Any) -> bytes:
        body = draft.body(holder, self.openings(draft))
        told = {
            "sub": draft.sub,
            "seals": body.seals,
            "approval": APPROVAL,
            "verdicts": Verdicts(1),
        }
        return self.world.sign(holder, draft.typ, draft.log, **{**told, **more})

    def openings(self, draft: Draft) -> tuple[Opening, ...]:
        return draft.openings(salts_for(draft))

    def issue(self, number: str = "XA000123", holder: str = "XA", **changes: Any) -> Admitted:
        """Issue the sample certificate under ``number``; it has to be admitted."""
        draft = from_json(certificate_json(number=number, **changes))
        outcome = self.say(holder, draft)
        assert isinstance(outcome, Admitted), outcome
        return outcome

    def confirm(self, issued: Admitted, holder: str = "XB", **changes: Any) -> Outcome:
        changes = {"number": self.number(issued), **changes}
        return self.say(holder, from_json(confirmation_json(issued.statement.id, **changes)))

    def present(self, issued: Admitted, holder: str = "XB", **changes: Any) -> Outcome:
        return self.say(holder, self._plain("presentation", issued, {"day": TODAY, **changes}))

    def void(self, issued: Admitted, holder: str = "XA", **changes: Any) -> Outcome:
        told = {"day": TODAY, "reason": "unused", **changes}
        return self.say(holder, self._plain("void", issued, told))

    def _plain(self, word: str, issued: Admitted, told: Mapping[str, Any]) -> Draft:
        link = {"number": self.number(issued), "certificate": issued.statement.id.hex()}
        return from_json({"type": word, **link, **told})

    def stand(self, status: Status, number: str = "XA123") -> None:
        """Put a certificate into a status that no statement of this version leads to."""
        self.world.state.put(CERTIFICATES, number, replace(self.row(number), status=status))
        self.world.rows.keep(self.world.state.changes())
        self.world.state.settle()

    def alarm(self, number: str = "XA123") -> None:
        """Leave an alert about a number open."""
        told = Alert(bytes(32), self.row(number).index, "clone", "XB")
        self.world.state.put(ALERTS, number, (told,))
        self.world.state.settle()

    def number(self, issued: Admitted) -> str:
        return str(issued.statement.body.log[1])

    def row(self, number: str = "XA123") -> Row:
        found = self.world.state.get(CERTIFICATES, number)
        assert found is not None
        return found

    # --- what leaves the log ------------------------------------------------------------------

    @property
    def head(self) -> Checkpoint:
        root = _root([leaf_hash(each.statement.raw) for each in self.world.entries])
        return Checkpoint("log.example/test", len(self.world.entries), root)

    def receipt(self, index: int) -> bytes:
        leaves = [leaf_hash(each.statement.raw) for each in self.world.entries]
        path = proofs.inclusion_path(_Nodes(leaves), index, len(leaves))
        return receipt.issue(
            self.head, index, path, key_of("kp.log"), iss="log.example/test", sub="x"
        )

    def file(self, issued: Admitted, draft: Draft | None = None, *, receipts: bool = True) -> bytes:
        """Write the certificate file of an admitted sample certificate, all sections open."""
        draft = draft or from_json(certificate_json(number=self.number(issued)))
        shown = [self.receipt(issued.index)] if receipts else []
        return write(issued.statement.raw, self.openings(draft), shown)

    def bundle(self, *, pinned: bool = True, trade: Any = None, **changes: Any) -> TrustBundle:
        raw = self.bundle_bytes(trade=trade, **changes)
        name = hashlib.sha256(self.world.entries[0].statement.raw).digest()
        return bundles.verify(raw, name if pinned else None)

    def bundle_bytes(self, *, trade: Any = None, **changes: Any) -> bytes:
        state = self.world.state
        begun = DAY - 3000
        ranges = (Range(code, code, 1, 999_999, begun, None) for code in ("XA", "XB", "XC"))
        parts = {
            PARTICIPANTS: participants_part(trade or FakeTrade(), ("XA", "XB", "XC")),
            RANGES: ranges_part(ranges),
        }
        if self.numbers:
            parts[STATUS] = self.status_bytes()
        contents = bundles.gather(
            state,
            self.world.entries[0].statement.raw,
            checkpoints.sign(self.head, key_of("kp.log")),
            version=7,
            expires=start_of(DAY + 30),
            parts=parts,
        )
        if changes:
            contents = replace(contents, **changes)
        return bundles.sign(contents, key_of("kp.log"))

    def status_bytes(self, base: Base | None = None, *, max_age: int = 30 * 86_400) -> bytes:
        """Sign a status snapshot of ``numbers`` as of now."""
        state = self.world.state
        rows = [(key, row) for key in self.numbers if (row := state.get(CERTIFICATES, key))]
        head = (self.head, checkpoints.sign(self.head, key_of("kp.log")))
        return status_make.make(state, rows, head, key_of("kp.log"), base=base, max_age=max_age)

    numbers: tuple[str, ...] = ()
    """Keys of the numbers that status snapshots name; with any, the bundle holds one."""


class _Nodes:
    """Nodes of a small tree, worked out from its leaves."""

    def __init__(self, leaves: list[bytes]) -> None:
        self._leaves = leaves

    def node(self, level: int, index: int) -> bytes:
        width = 1 << level
        return _root(self._leaves[index * width : (index + 1) * width])


def _root(leaves: list[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(_root(leaves[:split]), _root(leaves[split:]))
