"""A log to measure in: the real record, 26 fictional participants, and a stream of shipments.

Keys, salts, days and amounts are fixed, so that two runs do the same work on the same bytes.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Iterator, Sequence
from itertools import islice
from string import ascii_uppercase
from typing import Any

from kimberlite.certificates.drafting import Draft as Papers
from kimberlite.certificates.drafting import from_json
from kimberlite.crypto.keys import Ed25519PrivateKey
from kimberlite.kernel.days import parse_day, show_day, start_of
from kimberlite.kernel.errors import Refused
from kimberlite.ledger.admission import Admitted
from kimberlite.ledger.checkers import Checkers
from kimberlite.ledger.engine.port import Engine
from kimberlite.ledger.envelope import Header, Verdicts, parse, sign
from kimberlite.ledger.guard import Guard, Memo
from kimberlite.ledger.log import Log, Writer
from kimberlite.ledger.sections import Opening
from kimberlite.node.books import BOOKS, V1
from kimberlite.node.demo import world as demo
from kimberlite.node.founding import Draft, Founder, Root, append
from kimberlite.registry import record

ORIGIN = "bench.kimberlite.example/log"
TODAY = parse_day("2026-03-10")
MEMBERS = tuple(f"X{letter}" for letter in ascii_uppercase)
LAG = 2_000
"""How many certificates are issued before the first is confirmed: two batches of a thousand."""

_APPROVAL = hashlib.sha256(b"approved by two officers").digest()
_PARTIES = {
    "exporter": {"name": "Alpha Stones Ltd", "address": "1 Mine Road, Alphaville"},
    "importer": {"name": "Beta Gems BV", "address": "2 Quay Street, Betatown"},
    "seals": ["A-7781", "A-7782"],
}
_CERTIFICATE: dict[str, Any] = {
    "type": "certificate",
    "kind": "ordinary",
    "issued": show_day(TODAY),
    "expires": show_day(TODAY + 60),
    "original": "electronic",
    "office": "HQ",
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
    "parties": _PARTIES,
}
_CONFIRMATION: dict[str, Any] = {
    "type": "confirmation",
    "arrived": show_day(TODAY),
    "outcome": "confirmed",
    "examination": ["documents", "seals", "weighed", "opened-and-valued"],
    "values": {
        "lines": [
            {"hs": "7102.31", "carats": "1203.45", "value": "251000.00"},
            {"hs": "7102.21", "carats": "400.00", "value": "8000.00"},
        ],
        "parcels": 3,
    },
    "parties": _PARTIES,
    "evidence": {"seals": ["A-7781", "A-7782"], "seals_intact": True},
}
_DISPATCH: dict[str, Any] = {
    "type": "dispatch",
    "office": "HQ",
    "journey": {"carrier": "Kite Air", "mode": "air", "waybill": "KA-1187", "via": ["XC"]},
}


class Clock:
    """The log's clock: stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = start_of(TODAY)

    def __call__(self) -> int:
        """Tell the time in seconds."""
        return self.now


def founder() -> Founder:
    """Hold the keys of this log, each made from its holder's name."""
    parties = [
        *demo.ORGANS.items(),
        *((code, demo.SIGNING) for code in MEMBERS),
        *((code, demo.KEEPING) for code in MEMBERS),
    ]
    return Founder(
        V1, [Root(holder, tuple(roles), _key(holder, roles)) for holder, roles in parties]
    )


def _key(holder: str, roles: Sequence[str]) -> Ed25519PrivateKey:
    return Ed25519PrivateKey(hashlib.sha256(f"bench {holder} {roles[0]}".encode()).digest())


class World:
    """A founded log, its clock, and the traffic that comes in."""

    def __init__(
        self,
        engine: Engine,
        memo: Memo,
        *,
        lag: int = LAG,
        helpers: int = 0,
        checkers: Checkers | None = None,
    ) -> None:
        self.engine, self.clock, self.traffic = engine, Clock(), Traffic(lag)
        key = founder().key("kp.log", "log")
        guard = Guard(ORIGIN, key, memo)
        self.log = Log(engine, Writer(BOOKS, key, "kp.log", guard, self.clock, helpers, checkers))
        self._taken = 0
        if not self.log.size:
            self._found()

    def _found(self) -> None:
        """Say genesis, enter the real record of 2003-2026, bring in 26 fictional participants."""
        keys, now, log = founder(), start_of(TODAY), self.log
        append(log, [keys.genesis(kind="test", origin=ORIGIN, title="Bench", now=now, needed=2)])
        append(log, [keys.sign("kp.archive", Draft(*each), now) for each in record.statements()])
        for code in MEMBERS:
            practice = {"validity_days": 60}
            member = demo.Member(code, {"en": f"Land {code}"}, "Office", 1, 10**9, practice)
            keys.decide(log, ("kp.chair", "XA"), demo.listing(member, TODAY), now)
            told = demo.statements(member, hashlib.sha256(code.encode()).digest(), TODAY)
            append(log, [keys.sign(code, each, now) for each in told])

    def append(self, raws: Sequence[bytes]) -> None:
        """Admit a batch. The log's time goes on by a second with each thousand statements."""
        self._taken += len(raws)
        self.clock.now = start_of(TODAY) + self._taken // 1_000
        outcomes = self.log.append(raws)
        for each in outcomes:
            if not isinstance(each, Admitted):
                raise Refused(each.code, "the log refused what it was to be measured with")


def public_keys() -> dict[bytes, bytes]:
    """Give the public keys that sign the traffic, by key id."""
    publics = [founder().key(*each).public for each in (("XA", "issue"), ("XB", "confirm"))]
    return {each.kid: each.raw for each in publics}


class Traffic:
    """Signed statements as a busy log gets them: a certificate, a confirmation, and so on.

    What is confirmed was issued ``lag`` certificates before, so its row rests on disk by then.
    """

    def __init__(self, lag: int = LAG) -> None:
        keys = founder()
        self._issuer, self._receiver = keys.key("XA", "issue"), keys.key("XB", "confirm")
        self._issued: list[bytes] = []
        self._confirmed = 0
        self._lag = lag

    def skip(self, numbers: int) -> None:
        """Leave numbers out, which a log that was filled before may have used."""
        self._issued.extend([b""] * numbers)

    def take(self, count: int) -> list[bytes]:
        """Sign the next ``count`` statements."""
        return list(islice(self._stream(), count))

    def _stream(self) -> Iterator[bytes]:
        while True:
            if len(self._issued) - self._confirmed < self._lag:
                yield self.certificate()[0]
            else:
                yield self._confirmation()

    def certificate(self) -> tuple[bytes, tuple[Opening, ...]]:
        """Sign the next certificate; give it with what opens its sections."""
        number = f"XA{len(self._issued) + 1:06}"
        papers = from_json({**copy.deepcopy(_CERTIFICATE), "number": number})
        raw, openings = _sign(papers, "XA", self._issuer)
        self._issued.append(parse(raw).id)
        return raw, openings

    def _confirmation(self) -> bytes:
        number, issued = f"XA{self._confirmed + 1:06}", self._issued[self._confirmed]
        self._confirmed += 1
        told = {**copy.deepcopy(_CONFIRMATION), "number": number, "certificate": issued.hex()}
        return _sign(from_json(told), "XB", self._receiver)[0]

    def lives(self, count: int) -> dict[str, list[bytes]]:
        """Sign the lives of ``count`` new certificates, by act in the order they are told."""
        found: dict[str, list[bytes]] = {
            "issue": [],
            **{act: [] for act in ("dispatch", "present", "confirm")},
        }
        for _ in range(count):
            found["issue"].append(self.certificate()[0])
            link = {"number": f"XA{len(self._issued):06}", "certificate": self._issued[-1].hex()}
            day = {"day": show_day(TODAY)}
            for act, told, holder, key in (
                ("dispatch", {**_DISPATCH, **day}, "XA", self._issuer),
                ("present", {"type": "presentation", **day}, "XB", self._receiver),
                ("confirm", copy.deepcopy(_CONFIRMATION), "XB", self._receiver),
            ):
                found[act].append(_sign(from_json({**told, **link}), holder, key)[0])
        return found


def _sign(papers: Papers, iss: str, key: Ed25519PrivateKey) -> tuple[bytes, tuple[Opening, ...]]:
    salts = {
        name: hashlib.sha256(f"{papers.sub} {name}".encode()).digest()[:16]
        for name in papers.sections
    }
    openings = papers.openings(salts)
    public = key.public
    header = Header(public.algorithm, public.kid, papers.typ, iss, papers.sub, start_of(TODAY))
    body = papers.body(iss, openings, approval=_APPROVAL, verdicts=Verdicts(1))
    return sign(header, body, key), openings
