"""Status snapshots: what they hold, how they chain, and what is refused."""

from __future__ import annotations

import hashlib
import zlib
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kimberlite.certificates import status
from kimberlite.certificates.drafting import from_json
from kimberlite.certificates.status_form import Payload, Row, pack, payload_of, unpack
from kimberlite.certificates.status_make import Base, base_of
from kimberlite.certificates.transitions import Status
from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Invalid, Untrusted
from kimberlite.ledger.admission import Admitted
from tests.helpers.certificates import TODAY, Desk
from tests.helpers.world import key_of

PAYLOAD = Payload(bytes(32), b"note", 1, 2)
ROWS = st.builds(
    Row,
    st.sampled_from(["XA", "XB", "XZ"]),
    st.integers(0, 10**12 - 1),
    st.integers(0, 2**40),
    st.sampled_from(Status),
    st.binary(min_size=8, max_size=8),
    st.booleans(),
)


@pytest.fixture
def desk() -> Desk:
    made = Desk()
    made.issue()
    made.numbers = ("XA123", "XA124")
    return made


@given(st.lists(ROWS, unique_by=lambda row: (row.prefix, row.serial), max_size=30))
def test_columns_hold_every_row(rows: list[Row]) -> None:
    """Law: what is packed is found again, and nothing else."""
    _, columns = unpack(payload_of(PAYLOAD, pack(rows)), 1 << 20)
    for row in rows:
        assert columns[row.prefix].find(row.serial) == row
    assert sum(len(each.serials) for each in columns.values()) == len(rows)


@given(st.data())
@settings(max_examples=300)
def test_spoilt_payloads_end_in_a_problem(data: st.DataObject) -> None:
    """Law: altered columns either read as columns or are refused as Invalid."""
    rows = [Row("XA", n, n, Status.ISSUED, bytes(8)) for n in range(5)]
    packed = bytearray(pack(rows))
    packed[data.draw(st.integers(0, len(packed) - 1))] ^= data.draw(st.integers(1, 255))
    raw = payload_of(PAYLOAD, bytes(packed))
    with suppress(Invalid):
        _, columns = unpack(raw, 1 << 20)
        assert sum(len(each.serials) for each in columns.values()) <= 5


def test_columns_longer_than_they_say_are_refused_unread() -> None:
    value: Any = cbor.decode(payload_of(PAYLOAD, pack([])))
    bomb = zlib.compress(bytes(50_000_000), 9)
    with pytest.raises(Invalid) as bad:
        unpack(cbor.encode({**value, 11: bomb}), 1 << 20)
    assert bad.value.code == "status.form"


def test_a_delta_names_what_changed_and_nothing_else(desk: Desk) -> None:
    full = desk.status_bytes()
    bundle = desk.bundle(parts={})
    base = base_of(status.verify(full, bundle))
    second = desk.issue("XA124")
    chain = status.chain([desk.status_bytes(base), full], desk.bundle(parts={}))
    assert chain is not None
    assert [sum(len(c.serials) for c in s.columns.values()) for s in chain.segments] == [1, 1]
    found = chain.number("XA124")
    assert found is not None
    assert (found.index, found.is_of(second.statement.id)) == (second.index, True)
    assert not found.is_of(bytes(32))
    assert chain.number("XA999") is None
    assert chain.size == desk.head.size


def test_a_gap_another_log_and_another_key(desk: Desk) -> None:
    full = desk.status_bytes()
    base = Base(desk.head.size, hashlib.sha256(full).digest(), 0)
    desk.issue("XA124")
    bundle = desk.bundle(parts={})
    with pytest.raises(Untrusted) as bad:
        status.chain([desk.status_bytes(base)], bundle)
    assert bad.value.code == "status.gap"
    with pytest.raises(Untrusted) as bad:
        status.verify(full, replace(bundle, genesis=bytes(32)))
    assert bad.value.code == "status.other-log"
    payload = replace(PAYLOAD, genesis=bundle.genesis)
    with pytest.raises(Untrusted) as bad:
        status.verify(status.sign(payload, [], key_of("XA")), bundle)
    assert bad.value.code == "status.key"
    with pytest.raises(Invalid) as over:
        status.chain([full] * 65, bundle)
    assert over.value.code == "status.too-many"


def test_a_base_newer_than_the_log(desk: Desk) -> None:
    with pytest.raises(Invalid) as bad:
        desk.status_bytes(Base(10_000, bytes(32), 0))
    assert bad.value.code == "status.base"


def test_an_alert_holds_a_number_until_it_is_answered(desk: Desk) -> None:
    (below,) = _chain(desk, desk.status_bytes())
    told: dict[str, Any] = {"type": "alert", "number": "XA000123", "day": TODAY, "kind": "clone"}
    told["held"] = True
    alert = desk.say("XB", from_json(told))
    assert isinstance(alert, Admitted), alert
    delta = desk.status_bytes(base_of(below))
    held = status.verify(delta, desk.bundle()).number("XA", 123)
    assert held is not None
    assert (held.held, held.status) == (True, Status.ISSUED)
    named = {"number": "XA000123", "alert": alert.statement.id.hex(), "finding": "genuine"}
    answer = desk.say("XA", from_json({"type": "answer", "day": TODAY, **named}))
    assert isinstance(answer, Admitted), answer
    after = status.verify(desk.status_bytes(), desk.bundle()).number("XA", 123)
    assert after is not None
    assert not after.held


def test_the_public_is_not_told_what_has_just_left(desk: Desk) -> None:
    # Given a certificate whose goods have left, and one whose goods have not
    desk.issue("XA000124")
    gone = desk.row("XA123").statement.hex()
    link = {"number": "XA000123", "certificate": gone, "day": TODAY}
    desk.say("XA", from_json({"type": "dispatch", **link}))
    assert desk.row("XA123").status is Status.DISPATCHED

    # When a snapshot is made of both, then they look alike
    told = status.verify(desk.status_bytes(), desk.bundle())
    rows = [told.number("XA", serial) for serial in (123, 124)]
    assert [each.status for each in rows if each is not None] == [Status.ISSUED, Status.ISSUED]


def _chain(desk: Desk, *raws: bytes) -> tuple[status.Segment, ...]:
    found = status.chain(raws, desk.bundle())
    assert found is not None
    return found.segments
