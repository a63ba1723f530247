"""The cases of verdicts: what people bring to a verifier, in order and out of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kimberlite.certificates import Status, write
from kimberlite.certificates.drafting import Draft, from_json
from kimberlite.certificates.file import parse_file
from kimberlite.kernel import cbor
from kimberlite.ledger import checkpoint as checkpoints
from kimberlite.ledger import receipt
from kimberlite.ledger.admission import Admitted
from kimberlite.ledger.checkpoint import Checkpoint
from kimberlite.ledger.envelope import Body, Header, Verdicts, sign
from kimberlite.registry.model import Practice
from tests.helpers.certificates import (
    APPROVAL,
    DAY,
    TODAY,
    Desk,
    FakeTrade,
    certificate_json,
    confirmation_json,
    no,
    salts_for,
)
from tests.helpers.world import key_of
from tools.verdict_bench import ORIGIN, Bench, Case
from tools.verdict_known import all_known
from tools.verdict_standing import standings


def all_cases() -> list[Case]:
    """Give every case, in the order of the file."""
    made = (
        plain,
        keys,
        registration,
        sections,
        days,
        states,
        contents,
        inputs,
    )
    return [*(case for make in made for case in make()), *all_known(), *standings()]


def plain() -> list[Case]:
    """Give what is in order, in logs of every kind."""
    bench = Bench()
    closed = write(bench.issued.statement.raw, (), [bench.desk.receipt(bench.issued.index)])
    told = bench.desk.confirm(bench.issued)
    assert isinstance(told, Admitted)
    draft = from_json(confirmation_json(bench.issued.statement.id))
    confirmation = write(
        told.statement.raw, draft.openings(salts_for(draft)), [bench.desk.receipt(told.index)]
    )
    demo = Bench("demo")
    return [
        bench.case("valid, with a receipt"),
        bench.case("valid, for the destination that asks", receiver="XB"),
        bench.case("valid, nine days later", today=DAY + 9),
        bench.case("log not pinned", pin=None),
        bench.case("all sections closed", closed),
        bench.case("a confirmation", confirmation, bundle=bench.desk.bundle_bytes()),
        bench.case("a report on blanks", _blanks(bench.desk)),
        demo.case("demo log"),
    ]


def _blanks(desk: Desk) -> bytes:
    """Sign a report on stolen blanks, which is about a series and no certificate."""
    told: dict[str, Any] = {
        "type": "blank",
        "of": "number",
        "lead": "XA",
        "first": 7,
        "last": 9,
        "day": TODAY,
    }
    told["fate"] = "stolen"
    draft = from_json(told)
    return write(desk.sign("XA", draft), ())


def keys() -> list[Case]:
    """Give keys that are unknown, another's, ended, or not made for this."""
    bench = Bench()
    raw = bytearray(bench.issued.statement.raw)
    raw[-1] ^= 1
    forged = write(bytes(raw), parse_file(bench.file).openings)
    disowned = {(bench.issued.statement.header.iss, bench.issued.statement.id): 99}
    at = bench.issued.index
    return [
        bench.case("signature altered", forged),
        bench.case("key unknown", bundle=bench.desk.bundle_bytes(keys=bench.keys_but("XA"))),
        bench.case("key of another holder", bundle=bench.with_key("XA", holder="XB")),
        bench.case(
            "key without the role", bundle=bench.with_key("XA", roles=frozenset(("confirm",)))
        ),
        bench.case("key ended after the entry", bundle=bench.with_key("XA", until=at + 1)),
        bench.case("key ended before the entry", bundle=bench.with_key("XA", until=at)),
        bench.case("key began after the entry", bundle=bench.with_key("XA", since=at + 1)),
        bench.case(
            "key ended, registration not shown",
            bench.bare,
            bundle=bench.with_key("XA", until=at + 1),
        ),
        bench.case("disowned", bundle=bench.desk.bundle_bytes(repudiated=disowned)),
    ]


def registration() -> list[Case]:
    """Give receipts and what stands in for them."""
    bench = Bench()
    desk, issued = bench.desk, bench.issued
    openings = parse_file(bench.file).openings
    head = Checkpoint(ORIGIN, 1, bytes(32))
    other_log = receipt.issue(head, 0, [], key_of("XC"), iss="other.example", sub="x")
    split = Checkpoint(ORIGIN, desk.head.size, b"\x07" * 32)
    desk.numbers = ("XA123",)
    named = desk.bundle_bytes()
    twin = from_json(certificate_json(expires="2026-05-01"))
    cases = [
        bench.case("registration not shown", bench.bare),
        bench.case("registration by the bundle", bench.bare, bundle=named),
        bench.case(
            "number held by another statement",
            write(desk.sign("XA", twin), desk.openings(twin)),
            bundle=named,
        ),
        bench.case("receipt of another log", write(issued.statement.raw, openings, [other_log])),
        bench.case(
            "two heads of one size",
            bundle=desk.bundle_bytes(checkpoint=checkpoints.sign(split, key_of("kp.log"))),
        ),
        bench.case("receipt that does not read", write(issued.statement.raw, openings, [b"\xa0"])),
    ]
    second = desk.issue("XA124")
    newer = desk.file(issued)
    stray = write(issued.statement.raw, openings, [desk.receipt(second.index)])
    return [
        *cases,
        bench.case("receipt newer than the bundle", newer),
        bench.case("receipt of another statement", stray, bundle=desk.bundle_bytes()),
    ]


def sections() -> list[Case]:
    """Give sections that were altered, or that nobody can read."""
    bench = Bench()
    altered = from_json(certificate_json(values={"basis": "declared"}))
    desk = Desk()
    draft = from_json(certificate_json())
    opened = list(desk.openings(draft))
    opened[0] = replace(opened[0], content=cbor.encode({1: "nowhere"}))
    seals = {label: o.digest("XA", draft.sub) for label, o in enumerate(opened, 1)}
    told = desk.say("XA", draft, seals=seals)
    assert isinstance(told, Admitted)
    strange = write(told.statement.raw, opened, [desk.receipt(told.index)])
    return [
        bench.case("section altered", bench.desk.file(bench.issued, altered)),
        bench.case("section of no known form", strange, bundle=desk.bundle_bytes()),
    ]


def days() -> list[Case]:
    """Give days on which things are too early or too late."""
    bench = Bench()
    export = FakeTrade(practices={"XA": Practice(expiry_governs="export")})
    return [
        bench.case("last day of validity", today=DAY + 60),
        bench.case("expired", today=DAY + 61),
        bench.case(
            "expired, export governs", bundle=bench.desk.bundle_bytes(trade=export), today=DAY + 61
        ),
        bench.case("bundle expired", today=DAY + 31),
        bench.case("clock behind", today=DAY - 2),
        bench.case("calendar a day ahead", today=DAY - 1),
    ]


def states() -> list[Case]:
    """Give every state in which the bundle may know a number, and an open alert about one."""
    held = Bench()
    held.desk.alarm("XA123")
    held.desk.numbers = ("XA123",)
    found = [held.case("as of the bundle: held", bundle=held.desk.bundle_bytes())]
    for status in Status:
        bench = Bench()
        bench.desk.stand(status)
        bench.desk.numbers = ("XA123",)
        found.append(
            bench.case(f"as of the bundle: {status.word}", bundle=bench.desk.bundle_bytes())
        )
    return found


def contents() -> list[Case]:
    """Give what papers and bundle say about parties and places."""
    bench = Bench()
    desk = bench.desk
    stopped = FakeTrade(stopped={"XA": [(DAY, no())], "XB": [(DAY, no())]})
    sealless = _issued(Desk(), "XA123", parties={"seals": []})
    far = _issued(Desk(), "XA9", shipment={"destination": "XZ"})
    finding = Desk()
    draft = from_json(certificate_json())
    said = finding.say("XA", draft, verdicts=Verdicts(1, (("goods.restricted", "cannot-tell"),)))
    assert isinstance(said, Admitted)
    return [
        bench.case("destination is another", receiver="XC"),
        bench.case("neither may trade", bundle=desk.bundle_bytes(trade=stopped)),
        bench.case("no parts in the bundle", bundle=desk.bundle_bytes(parts={})),
        bench.case("no seals", sealless[0], bundle=sealless[1]),
        bench.case("destination unknown to the bundle", far[0], bundle=far[1]),
        bench.case("the issuer could not tell", finding.file(said), bundle=finding.bundle_bytes()),
        bench.case("subject is another number", _stray()),
    ]


def inputs() -> list[Case]:
    """Give what is no certificate file, or no bundle of this log."""
    bench = Bench()
    touched = bytearray(bench.bundle)
    touched[-1] ^= 1
    many = [bench.desk.receipt(0)] * 9
    return [
        bench.case("malformed: empty", b""),
        bench.case("malformed: cut short", bench.file[:-1]),
        bench.case("malformed: another form", cbor.encode(["kp-file/2", b"", [], []])),
        bench.case("malformed: too long", bytes(64 * 1024 + 1)),
        bench.case(
            "malformed: too many receipts",
            cbor.encode(["kp-file/1", bench.issued.statement.raw, [], many]),
        ),
        bench.case(
            "malformed: a statement of another kind",
            cbor.encode(["kp-file/1", bench.desk.world.entries[1].statement.raw, [], []]),
        ),
        bench.case("bundle of another log", pin=bytes(32)),
        bench.case("bundle altered", bundle=bytes(touched)),
    ]


def _issued(desk: Desk, number: str, **changes: object) -> tuple[bytes, bytes]:
    """Issue a certificate with changes; give its file and the bundle."""
    told: dict[str, Any] = dict(changes)
    issued = desk.issue(number, **told)
    draft: Draft = from_json(certificate_json(number=number, **told))
    return desk.file(issued, draft), desk.bundle_bytes()


def _stray() -> bytes:
    """Sign a certificate whose header is about another number."""
    draft = from_json(certificate_json())
    key = key_of("XA")
    body = draft.body("XA", (), approval=APPROVAL, verdicts=Verdicts(1))
    header = Header(key.public.algorithm, key.public.kid, draft.typ, "XA", "XA124", 0)
    return write(sign(header, Body(body.version, body.log), key))
