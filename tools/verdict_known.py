"""Cases of what a verifier knows: status snapshots, ranges, look-alikes, trust roots."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

from kimberlite.certificates import write
from kimberlite.certificates.drafting import from_json
from kimberlite.certificates.standing import PARTICIPANTS, participants_part
from kimberlite.certificates.status_make import Base
from kimberlite.certificates.trust import RANGES, Range, ranges_part
from kimberlite.crypto.keys import Ed25519PrivateKey
from kimberlite.kernel.days import start_of
from kimberlite.ledger import bundle as bundles
from kimberlite.ledger import checkpoint as checkpoints
from kimberlite.ledger import roots
from kimberlite.ledger.checkpoint import Checkpoint
from kimberlite.ledger.envelope import Body, Header, Verdicts, sign
from kimberlite.ledger.tree import leaf_hash
from tests.helpers.certificates import (
    APPROVAL,
    DAY,
    Desk,
    FakeTrade,
    certificate_json,
)
from tests.helpers.world import MEMBER, World, key_of
from tools.verdict_bench import ORIGIN, Bench, Case


def all_known() -> list[Case]:
    """Give these cases, in the order of the file."""
    return [case for make in (snapshots, looks, rooted) for case in make()]


def snapshots() -> list[Case]:
    """Give status snapshots beside the bundle: newer, chained, broken, of another log."""
    bench = Bench()
    desk = bench.desk
    desk.numbers = ("XA123", "XA124")
    full = desk.status_bytes()
    base = Base(desk.head.size, hashlib.sha256(full).digest(), DAY - 335)
    second = desk.issue("XA124")
    desk.present(bench.issued)
    delta = desk.status_bytes(base)
    fresh = desk.bundle_bytes(parts={})
    other = Desk("demo")
    other.issue()
    foreign = other.status_bytes()
    touched = bytearray(delta)
    touched[-1] ^= 1
    ended = bench.with_key("XA", until=bench.issued.index + 1)
    draft = from_json(certificate_json(number="XA777", issued="2026-03-09"))
    stray = write(desk.sign("XA", draft), desk.openings(draft))
    today = DAY + 1
    later = _later(desk)
    return [
        bench.case("status beside the bundle", status=(full,)),
        bench.case("status, a delta upon it", status=(delta, full)),
        bench.case("status shows registration", bench.bare, status=(full,)),
        bench.case(
            "status of a later number",
            desk.file(second, receipts=False),
            status=(full, delta),
        ),
        bench.case("status with a gap", status=(delta,)),
        bench.case("status of another log", status=(foreign,)),
        bench.case("status altered", status=(full, bytes(touched))),
        bench.case("status that is a bundle", status=(fresh,)),
        bench.case("status newer than a receipt and the bundle", status=(full, delta), today=today),
        bench.case("status expired", status=(full, _short(desk)), today=DAY + 9),
        bench.case("status does not name it", stray, status=(later,), today=today),
        bench.case(
            "key ended, not logged by then", stray, bundle=ended, status=(later,), today=today
        ),
        bench.case("clock behind the status", status=(later,), today=DAY - 1),
    ]


def _short(desk: Desk) -> bytes:
    """Sign a status on which to rely for a week."""
    return desk.status_bytes(max_age=7 * 86_400)


def _later(desk: Desk) -> bytes:
    """Sign a status a day later in log time."""
    desk.world.time("2026-03-11")
    return desk.status_bytes()


def looks() -> list[Case]:
    """Give numbers out of range, issuers that look like others, and demo codes."""
    bench = Bench()
    short = (Range("XA", "XA", 1, 100, DAY - 3000, None),)
    others = (Range("XB", "XA", 1, 999_999, DAY - 3000, None),)
    begun = Range("XA", "XA", 1, 999_999, DAY + 1, None)
    strange = certificate_json(parties={"exporter": {"name": "\u0410lpha Stones Ltd"}})
    issued = bench.desk.issue("XA125", parties=strange["parties"])
    prod = World(kind="prod", holders={"kp.log": ("log",), "XA": MEMBER, "XB": MEMBER})
    grave = bundles.gather(
        prod.state,
        prod.entries[0].statement.raw,
        checkpoints.sign(
            Checkpoint(ORIGIN, 1, leaf_hash(prod.entries[0].statement.raw)), key_of("kp.log")
        ),
        version=1,
        expires=start_of(DAY + 30),
    )
    return [
        bench.case(
            "number out of range",
            bench.bare,
            bundle=_ranged(bench, short, as_of=start_of(DAY + 2)),
            today=DAY + 2,
        ),
        bench.case("number out of range, but registered", bundle=_ranged(bench, short)),
        bench.case("prefix of another", bench.bare, bundle=_ranged(bench, others)),
        bench.case("range that begins later", bench.bare, bundle=_ranged(bench, (begun,))),
        bench.case(
            "range perhaps notified since",
            bench.bare,
            bundle=_ranged(bench, short),
        ),
        bench.case("issuer taken for another: AX for XA", _of_strange("AX")),
        bench.case("issuer taken for another: EC for EU", _of_strange("EC"), bundle=_eu(bench)),
        bench.case("issuer unknown, like nobody", _of_strange("QQ")),
        bench.case(
            "demo code in a production log",
            bench.bare,
            bundle=bundles.sign(grave, key_of("kp.log")),
            pin=None,
        ),
        bench.case(
            "a name in two scripts",
            bench.desk.file(
                issued, from_json(certificate_json(number="XA125", parties=strange["parties"]))
            ),
            bundle=bench.desk.bundle_bytes(),
        ),
    ]


def rooted() -> list[Case]:
    """Give bundles under a trust root: of the log, after a change of its key, expired."""
    bench = Bench()
    old, new = key_of("kp.log"), key_of("the next kp.log")
    size = bench.desk.head.size
    given_up = [(old, 0, size), (new, size, None)]
    later = [(old, 0, size + 1), (new, size + 1, None)]
    resigned = _resigned(bench, new)
    return [
        bench.case("root, the log's key", root=_root(bench, [(old, 0, None)])),
        bench.case("root, expired", root=_root(bench, [(old, 0, None)], DAY - 1)),
        bench.case("root of another log", root=_root(Bench("demo"), [(old, 0, None)])),
        bench.case("root, signed by too few", root=_root(bench, [(old, 0, None)], signers=1)),
        bench.case("root, key given up", root=_root(bench, given_up)),
        bench.case(
            "root without the key of the bundle", bundle=resigned, root=_root(bench, later[:1])
        ),
        bench.case(
            "root, receipt of the key before",
            bundle=resigned,
            root=_root(bench, [(old, 0, size + 1), (new, 0, None)]),
        ),
        bench.case(
            "root, receipt of a key given up",
            bundle=resigned,
            root=_root(bench, [(old, 0, size), (new, 0, None)]),
        ),
        bench.case("malformed root", root=b"\xa0"),
    ]


def _resigned(bench: Bench, key: Ed25519PrivateKey) -> bytes:
    """Sign the bundle and its head by another key."""
    contents = bundles.verify(bench.bundle).contents
    head = checkpoints.sign(bench.desk.head, key)
    return bundles.sign(replace(contents, checkpoint=head), key)


def _root(
    bench: Bench,
    log_keys: list[tuple[Ed25519PrivateKey, int, int | None]],
    expires: int = DAY + 365,
    signers: int = 2,
) -> bytes:
    """Give a trust root, two of three keys, that says what the log's keys are."""
    held = [key_of(f"root {name}") for name in "abc"]
    body = roots.RootBody(
        1,
        bench.desk.world.kind,
        ORIGIN,
        bench.pin,
        start_of(DAY - 30),
        start_of(expires),
        2,
        tuple(each.public for each in held),
        tuple(roots.LogKey(key.public, since, until) for key, since, until in log_keys),
    )
    made = roots.draft(body)
    for key in held[:signers]:
        made = roots.sign(made, key)
    return made.to_bytes()


def _ranged(bench: Bench, ranges: tuple[Range, ...], **more: object) -> bytes:
    """Give the bundle with other ranges."""
    traders = participants_part(FakeTrade(), ("XA", "XB", "XC"))
    parts = {PARTICIPANTS: traders, RANGES: ranges_part(ranges)}
    told: dict[str, Any] = {"parts": parts, **more}
    return bench.desk.bundle_bytes(**told)


def _eu(bench: Bench) -> bytes:
    """Give a bundle that lists EU."""
    traders = participants_part(FakeTrade(), ("EU", "XA", "XB"))
    return bench.desk.bundle_bytes(parts={PARTICIPANTS: traders})


def _of_strange(code: str) -> bytes:
    """Sign a certificate in the name of a code that no log knows."""
    draft = from_json(certificate_json(number=f"{code}000123"))
    key = key_of(code)
    body = draft.body(code, (), approval=APPROVAL, verdicts=Verdicts(1))
    header = Header(key.public.algorithm, key.public.kid, draft.typ, code, draft.sub, 0)
    return write(sign(header, Body(body.version, body.log), key))
