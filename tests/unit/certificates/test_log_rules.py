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
from kimberlite.certificates.v1.rows import CERTIFICATES, MOST_ACTS, Row
from kimberlite.kernel.days import parse_day
from kimberlite.ledger.admission import Admitted, Outcome, Refused
from kimberlite.ledger.envelope import Verdicts
from kimberlite.ledger.keyring import KEYS, Key
from kimberlite.ledger.types import Entry
from tests.helpers.certificates import (
    DAY,
    TODAY,
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


class TestConfirming:
    """What an importing authority says is recorded, whatever it is."""

    def test_an_ordinary_confirmation(self, desk: Desk) -> None:
        issued = desk.issue()
        told = desk.confirm(issued)
        assert codes(told) == []
        assert isinstance(told, Admitted)
        assert ["certificate", "XA123", "confirm", "confirmed"] in told.facts
        assert (desk.row().status, desk.row().acts) == (Status.CONFIRMED, (told.index,))

    @pytest.mark.parametrize(
        ("outcome", "status"),
        [
            ("confirmed-with-discrepancy", Status.CONFIRMED),
            ("refused", Status.REFUSED),
            ("detained", Status.DETAINED),
            ("seized", Status.SEIZED),
        ],
    )
    def test_each_outcome(self, desk: Desk, outcome: str, status: Status) -> None:
        assert codes(desk.confirm(desk.issue(), outcome=outcome)) == []
        assert desk.row().status is status

    def test_a_second_confirmation_is_admitted_with_a_finding(self, desk: Desk) -> None:
        issued = desk.issue()
        first = desk.confirm(issued)
        assert isinstance(first, Admitted)
        second = desk.confirm(issued, "XC", arrived="2026-03-11")
        assert isinstance(second, Admitted)
        expected = {"number": "XA000123", "status": "confirmed", "index": first.index}
        assert second.findings == [("certificate.confirmed-before", expected)]
        assert desk.row().acts == (first.index, second.index)

    def test_arrival_under_a_void_or_replaced_certificate(self, desk: Desk) -> None:
        void = desk.issue("XA1")
        assert codes(desk.void(void)) == []
        assert codes(desk.confirm(void)) == ["certificate.void"]
        old = desk.issue("XA2")
        link = {"number": "XA2", "certificate": old.statement.id.hex()}
        desk.issue("XA3", replaces=link)
        assert codes(desk.confirm(old)) == ["certificate.replaced"]
        assert desk.row("XA2").status is Status.REPLACED

    def test_a_detention_ends_without_a_finding(self, desk: Desk) -> None:
        issued = desk.issue()
        assert codes(desk.confirm(issued, outcome="detained")) == []
        assert codes(desk.confirm(issued, outcome="detained", arrived="2026-03-11")) == [
            "certificate.detained-before"
        ]
        assert codes(desk.confirm(issued, arrived="2026-03-09")) == ["confirmation.before-issue"]
        assert desk.row().status is Status.CONFIRMED

    @pytest.mark.parametrize("outcome", ["refused", "seized"])
    def test_after_a_refusal_or_seizure(self, desk: Desk, outcome: str) -> None:
        issued = desk.issue()
        desk.confirm(issued, outcome=outcome)
        assert codes(desk.confirm(issued)) == [f"certificate.{outcome}-before"]
        assert desk.row().status is Status.CONFIRMED

    @pytest.mark.parametrize("status", [Status.LOST, Status.ANNULLED])
    def test_under_a_lost_or_annulled_certificate(self, desk: Desk, status: Status) -> None:
        issued = desk.issue()
        desk.stand(status)
        assert codes(desk.confirm(issued)) == [f"certificate.{status.word}"]

    @pytest.mark.parametrize(
        ("code", "changes"),
        [
            ("certificate.link", {"number": "XA999"}),
            ("certificate.link", {"certificate": "00" * 32}),
            ("confirmation.future", {"arrived": "2026-03-12"}),
            ("confirmation.examination", {"examination": ["seals", "seals"]}),
            ("confirmation.sections", {"values": None}),
            ("confirmation.sections", {"parties": None}),
            ("confirmation.presentation", {"presentation": "22" * 32}),
        ],
    )
    def test_a_broken_link_or_a_missing_minimum(
        self, desk: Desk, code: str, changes: dict[str, Any]
    ) -> None:
        assert codes(desk.confirm(desk.issue(), **changes)) == [f"!{code}"]
        assert desk.row().status is Status.ISSUED

    def test_the_subject_is_the_number(self, desk: Desk) -> None:
        draft = from_json(confirmation_json(desk.issue().statement.id))
        assert codes(desk.say("XB", draft, sub="XA124")) == ["!certificate.subject"]

    def test_a_refused_shipment_needs_no_measurement(self, desk: Desk) -> None:
        changes: dict[str, Any] = {
            "outcome": "refused",
            "values": None,
            "parties": None,
            "evidence": None,
        }
        assert codes(desk.confirm(desk.issue(), examination=["documents"], **changes)) == []

    def test_the_issuer_confirms_its_own(self, desk: Desk) -> None:
        assert codes(desk.confirm(desk.issue(), "XA")) == ["confirmation.by-issuer"]

    def test_a_presentation_of_another_certificate(self, desk: Desk) -> None:
        first, second = desk.issue("XA1"), desk.issue("XA2")
        shown = desk.present(first)
        assert isinstance(shown, Admitted)
        named = shown.statement.id.hex()
        assert codes(desk.confirm(second, presentation=named)) == ["!confirmation.presentation"]
        assert codes(desk.confirm(first, presentation=named)) == []

    def test_expiry_as_the_issuers_practice_says(self, desk: Desk) -> None:
        first = desk.issue("XA1", expires=TODAY)
        desk.world.time("2026-03-20")
        late = {"arrived": "2026-03-20"}
        assert codes(desk.confirm(first, **late)) == ["certificate.expired"]
        named = {"expiry_governs": "export", "begins": DAY - 10}
        desk.world.must("XA", "kp-practice+cose", named)
        second = desk.issue("XA2", issued="2026-03-20", expires="2026-03-20")
        desk.world.time("2026-04-20")
        assert codes(desk.confirm(second, arrived="2026-04-20")) == []

    def test_many_confirmations_do_not_grow_the_record_for_ever(self, desk: Desk) -> None:
        issued = desk.issue()
        for day in range(MOST_ACTS + 3):
            outcome = desk.confirm(issued, values={"parcels": 3 + day})
            assert isinstance(outcome, Admitted)
        assert len(desk.row().acts) == MOST_ACTS


class TestPresenting:
    """Presentation at the destination."""

    def test_an_ordinary_presentation_and_another(self, desk: Desk) -> None:
        issued = desk.issue()
        assert codes(desk.present(issued)) == []
        assert desk.row().status is Status.PRESENTED
        assert codes(desk.present(issued, "XC")) == ["certificate.presented-before"]

    def test_after_use(self, desk: Desk) -> None:
        issued = desk.issue()
        desk.confirm(issued)
        assert codes(desk.present(issued)) == ["certificate.confirmed-before"]

    def test_a_day_that_has_not_come_and_one_after_expiry(self, desk: Desk) -> None:
        issued = desk.issue(expires=TODAY)
        assert codes(desk.present(issued, day="2026-03-12")) == ["!confirmation.future"]
        assert codes(desk.present(issued, day="2026-03-11")) == ["certificate.expired"]

    def test_an_unknown_certificate(self, desk: Desk) -> None:
        issued = desk.issue()
        draft = desk._plain("presentation", issued, {"day": TODAY, "number": "XA4"})
        assert codes(desk.say("XB", draft)) == ["!certificate.link"]


class TestVoiding:
    """The issuer takes an unused certificate out of use."""

    def test_before_use(self, desk: Desk) -> None:
        assert codes(desk.void(desk.issue())) == []
        assert desk.row().status is Status.VOID

    def test_its_number_stays_taken(self, desk: Desk) -> None:
        desk.void(desk.issue())
        changes = {"expires": "2026-05-01"}
        assert tried(desk, "XA", changes) == ["!certificate.number-used"]

    def test_twice_or_after_use(self, desk: Desk) -> None:
        issued = desk.issue()
        desk.void(issued)
        assert codes(desk.void(issued, note="again")) == ["!certificate.void"]
        used = desk.issue("XA2")
        desk.confirm(used)
        assert codes(desk.void(used)) == ["!certificate.used"]

    def test_after_presentation_it_shows(self, desk: Desk) -> None:
        issued = desk.issue()
        desk.present(issued)
        assert codes(desk.void(issued)) == ["certificate.presented-before"]

    def test_only_an_own_one_with_approval_and_not_ahead(self, desk: Desk) -> None:
        issued = desk.issue()
        assert codes(desk.void(issued, "XB")) == ["!certificate.link"]
        assert codes(desk.void(issued, day="2026-03-12")) == ["!certificate.future"]
        draft = desk._plain("void", issued, {"day": TODAY, "reason": "unused"})
        assert codes(desk.say("XA", draft, approval=None)) == ["!certificate.approval"]
        assert codes(desk.say("XA", draft, sub="XA1")) == ["!certificate.subject"]


def test_a_key_without_the_role_does_not_issue_or_confirm(desk: Desk) -> None:
    issued = desk.issue()
    draft = from_json(confirmation_json(issued.statement.id))
    assert codes(desk.say("kp.archive", draft)) == ["!key.role"]


def test_every_code_is_in_this_file_or_comes_from_the_table() -> None:
    """The list of a rule's cases above is the list of rules."""
    text = Path(__file__).read_text(encoding="utf-8")
    for kind in TYPES:
        for rule in kind.rules:
            assert rule.source
            assert rule.code in text or rule.code in SOURCES, rule.code
