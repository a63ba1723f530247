"""Every log rule of this room: what it refuses or finds, and that an ordinary act passes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kimberlite.certificates.drafting import from_json
from kimberlite.certificates.transitions import SOURCES, Status
from kimberlite.certificates.v1 import TYPES
from kimberlite.certificates.v1.issue import CERTIFICATE
from kimberlite.certificates.v1.rows import CERTIFICATES, Row
from kimberlite.kernel.days import parse_day
from kimberlite.ledger.admission import Admitted, Outcome, Refused
from kimberlite.ledger.envelope import Verdicts
from kimberlite.ledger.keyring import KEYS, Key
from kimberlite.ledger.types import Entry
from tests.helpers.certificates import (
    DAY,
    Desk,
    certificate_json,
    confirmation_json,
)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def codes(outcome: Outcome) -> list[str]:
    """Give the findings' codes; a refusal is its code behind an exclamation mark."""
    if isinstance(outcome, Refused):
        return [f"!{outcome.code}"]
    return [code for code, _ in outcome.findings]


def tried(
    desk: Desk, holder: str = "XA", changes: dict[str, Any] | None = None, **more: Any
) -> Any:
    return codes(desk.say(holder, from_json(certificate_json(**(changes or {}))), **more))


def test_an_ordinary_certificate_is_admitted_without_findings(desk: Desk) -> None:
    issued = desk.issue()
    assert codes(issued) == []
    assert ["certificate", "XA123", "issue", "issued"] in issued.facts
    expected = Row(
        Status.ISSUED,
        "ordinary",
        DAY,
        parse_day("2026-05-09"),
        issued.index,
        issued.statement.id,
        "XA",
    )
    assert desk.row() == expected
    assert desk.world.reloaded().get(CERTIFICATES, "XA123") == expected


@pytest.mark.parametrize(
    ("code", "holder", "changes", "more"),
    [
        ("certificate.subject", "XA", {}, {"sub": "XA000123"}),
        ("certificate.prefix", "XB", {}, {}),
        ("certificate.prefix", "XA", {"number": "XZ1"}, {}),
        ("certificate.range", "XA", {"number": "XA1000000"}, {}),
        ("certificate.range", "XA", {"number": "XA000"}, {}),
        ("certificate.expiry", "XA", {"expires": "2026-03-09"}, {}),
        ("certificate.future", "XA", {"issued": "2026-03-12"}, {}),
        ("certificate.approval", "XA", {}, {"approval": None}),
        ("certificate.approval", "XA", {}, {"verdicts": None}),
        (
            "certificate.basis",
            "XA",
            {},
            {"verdicts": Verdicts(1, (("parties.seals", "overridden"),))},
        ),
        ("certificate.sections", "XA", {}, {"seals": {1: bytes(32), 2: bytes(32)}}),
        ("certificate.sections", "XA", {}, {"seals": {}}),
        ("section.unexpected", "XA", {}, {"seals": {n: bytes(32) for n in (1, 2, 3, 4)}}),
        (
            "certificate.link",
            "XA",
            {"replaces": {"number": "XA7", "certificate": "00" * 32}},
            {},
        ),
    ],
)
def test_what_is_refused(
    desk: Desk, code: str, holder: str, changes: dict[str, Any], more: dict[str, Any]
) -> None:
    assert tried(desk, holder, changes, **more) == [f"!{code}"]
    assert desk.world.state.get(CERTIFICATES, "XA123") is None


@pytest.mark.parametrize(
    ("code", "changes", "more"),
    [
        ("certificate.dated-back", {"issued": "2026-03-02"}, {}),
        (
            "certificate.overridden",
            {"basis": "Court order 12/2026"},
            {"verdicts": Verdicts(1, (("parties.seals", "overridden"),))},
        ),
        (
            "certificate.doubted",
            {},
            {"verdicts": Verdicts(1, (("goods.restricted", "cannot-tell"),))},
        ),
    ],
)
def test_what_is_admitted_with_a_finding(
    desk: Desk, code: str, changes: dict[str, Any], more: dict[str, Any]
) -> None:
    assert tried(desk, "XA", changes, **more) == [code]


def test_a_day_ahead_and_a_week_back_are_ordinary(desk: Desk) -> None:
    assert tried(desk, "XA", {"number": "XA1", "issued": "2026-03-11"}) == []
    assert tried(desk, "XA", {"number": "XA2", "issued": "2026-03-03"}) == []


def test_one_number_has_many_spellings_and_one_certificate(desk: Desk) -> None:
    desk.issue("XA000123")
    assert tried(desk, "XA", {"number": "XA123"}) == ["!certificate.number-used"]
    assert tried(desk, "XA", {"number": "XA0000000123"}) == ["!certificate.number-used"]


def test_a_number_of_another_office_is_refused(desk: Desk) -> None:
    named = {"id": "north", "name": "Office North", "roles": ["export"], "begins": DAY - 100}
    desk.world.must("XA", "kp-office+cose", named)
    desk.notify("XA", 1_000_000, 1_000_999, office="north")
    assert tried(desk, "XA", {"number": "XA1000001"}) == ["!certificate.range"]
    assert tried(desk, "XA", {"number": "XA1000001", "office": "south"}) == ["!certificate.range"]
    assert tried(desk, "XA", {"number": "XA1000001", "office": "north"}) == []


def test_an_office_key_signs_for_its_own_office() -> None:
    desk = Desk()
    for kid, key in list(desk.world.state.scan(KEYS)):
        if key.holder == "XA":
            desk.world.state.put(KEYS, kid, replace(key, office="north"))
    desk.world.rows.keep(desk.world.state.changes())
    desk.world.state.settle()
    assert tried(desk, "XA", {"office": "south"}) == ["!certificate.office"]
    assert tried(desk, "XA") == ["!certificate.office"]
    assert tried(desk, "XA", {"office": "north"}) == []


class TestReplacing:
    """A certificate may replace an own one that is not used."""

    def link(self, old: Admitted, number: str = "XA000123") -> dict[str, Any]:
        return {"replaces": {"number": number, "certificate": old.statement.id.hex()}}

    def test_the_old_one_becomes_replaced(self, desk: Desk) -> None:
        old = desk.issue()
        new = desk.issue("XA124", **self.link(old))
        assert codes(new) == []
        assert desk.row("XA123").status is Status.REPLACED
        assert desk.row("XA123").acts == (new.index,)
        assert desk.row("XA124").status is Status.ISSUED

    def test_after_confirmation_it_is_too_late(self, desk: Desk) -> None:
        old = desk.issue()
        desk.confirm(old)
        assert tried(desk, "XA", {"number": "XA124", **self.link(old)}) == ["!certificate.used"]
        assert desk.world.state.get(CERTIFICATES, "XA124") is None

    @pytest.mark.parametrize(
        ("status", "code"),
        [
            (Status.SEIZED, "!certificate.used"),
            (Status.REPLACED, "!certificate.replaced"),
            (Status.VOID, "!certificate.void"),
            (Status.ANNULLED, "!certificate.annulled"),
            (Status.PRESENTED, "certificate.presented-before"),
        ],
    )
    def test_as_the_table_says(self, desk: Desk, status: Status, code: str) -> None:
        old = desk.issue()
        desk.stand(status)
        assert tried(desk, "XA", {"number": "XA124", **self.link(old)}) == [code]

    def test_only_an_own_one_of_the_same_kind(self, desk: Desk) -> None:
        other = desk.issue("XB5", "XB", shipment={"destination": "XA"})
        assert tried(desk, "XA", self.link(other, "XB5")) == ["!certificate.link"]
        own = desk.issue("XA9")
        changes = {"kind": "technical", **self.link(own, "XA9")}
        assert tried(desk, "XA", changes) == ["!certificate.replaces-kind"]
        wrong = {"replaces": {"number": "XA9", "certificate": "11" * 32}}
        assert tried(desk, "XA", wrong) == ["!certificate.link"]


def test_a_demo_log_refuses_the_code_of_a_real_country() -> None:
    desk = Desk(kind="demo")
    # No real participant can be stated in such a log, so the rule is asked directly.
    rule = next(rule for rule in CERTIFICATE.rules if rule.code == "certificate.demo")
    issued = desk.issue()
    header = replace(issued.statement.header, iss="BW")
    state, key = desk.world.state, _keys(desk)[0]
    entry = Entry(replace(issued.statement, header=header), {}, 99, 0, key, state)
    assert rule.check(entry) == {"kind": "demo", "code": "BW"}
    assert rule.check(Entry(issued.statement, {}, 99, 0, key, state)) is None


def _keys(desk: Desk) -> list[Key]:
    return [key for _, key in desk.world.state.scan(KEYS)]


def test_a_key_without_the_role_does_not_issue_or_confirm(desk: Desk) -> None:
    issued = desk.issue()
    draft = from_json(confirmation_json(issued.statement.id))
    assert codes(desk.say("kp.archive", draft)) == ["!key.role"]


def test_every_code_has_a_case_here_or_comes_from_the_table() -> None:
    tests = sorted(Path(__file__).parent.glob("test_*.py"))
    text = "".join(test.read_text(encoding="utf-8") for test in tests)
    for kind in TYPES:
        for rule in kind.rules:
            assert rule.source
            assert rule.code in text or rule.code in SOURCES, rule.code
