"""A certificate's life as people read it, and the packed record behind it."""

from __future__ import annotations

import pytest

from kimberlite.certificates.life import life, row_of
from kimberlite.certificates.transitions import Status
from kimberlite.certificates.v1.rows import CERTIFICATES, Row, key_of
from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Problem
from kimberlite.ledger.admission import Admitted
from tests.helpers.certificates import DAY, Desk


@pytest.fixture(scope="module")
def desk() -> Desk:
    return Desk()


def test_every_act_in_order_with_its_findings(desk: Desk) -> None:
    issued = desk.issue()
    desk.present(issued)
    desk.confirm(issued)
    again = desk.confirm(issued, arrived="2026-03-11")
    assert isinstance(again, Admitted)
    found = life(desk.world.state, "XA-000123", desk.world.fetch_entry, DAY)
    assert found.number == "XA000123"
    assert [act.typ for act in found.acts] == [
        "kp-cert+cose",
        "kp-presentation+cose",
        "kp-confirmation+cose",
        "kp-confirmation+cose",
    ]
    assert [act.holder for act in found.acts] == ["XA", "XB", "XB", "XB"]
    assert found.acts[2].named["outcome"] == "confirmed"
    assert [each.code for each in found.findings] == ["certificate.confirmed-before"]
    assert found.status is Status.CONFIRMED
    assert not found.expired


def test_expiry_is_worked_out_when_read(desk: Desk) -> None:
    desk.issue("XA200")
    fetch = desk.world.fetch_entry
    assert not life(desk.world.state, "XA200", fetch, DAY + 60).expired
    assert life(desk.world.state, "XA200", fetch, DAY + 61).expired
    assert not life(desk.world.state, "XA200", fetch).expired


def test_an_unknown_number_and_an_entry_of_another_room(desk: Desk) -> None:
    with pytest.raises(Problem) as bad:
        row_of(desk.world.state, "XA999")
    assert bad.value.code == "certificate.unknown"
    with pytest.raises(Problem) as bad:
        row_of(desk.world.state, "nine")
    assert bad.value.code == "number.format"
    desk.issue("XA201")
    first = desk.world.fetch_entry(0)
    with pytest.raises(Problem) as bad:
        life(desk.world.state, "XA201", lambda _: first)
    assert bad.value.code == "certificate.entry"


def test_the_record_is_small_and_reads_back() -> None:
    row = Row(Status.SEIZED, "technical", DAY, DAY + 60, 4_999_999, b"\x01" * 32, "XA", (7, 8))
    packed = cbor.encode(CERTIFICATES.to_value(row))
    assert len(packed) <= 70
    assert CERTIFICATES.from_value(cbor.decode(packed)) == row


@pytest.mark.parametrize(("printed", "key"), [("XA007", "XA7"), ("XA000", "XA0"), ("XA70", "XA70")])
def test_one_spelling(printed: str, key: str) -> None:
    assert key_of(printed) == key
