"""What the rules say before the signer signs: its own judgement, and the log's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kimberlite.certificates.drafting import draft as make_draft
from kimberlite.certificates.drafting import from_json
from kimberlite.certificates.rules import assess_arrival
from kimberlite.kernel.errors import Invalid, Refused, Unavailable, Untrusted
from kimberlite.ledger.admission import Admitted
from kimberlite.ledger.approval import ApprovalRecord
from kimberlite.ledger.envelope import Verdicts, parse
from kimberlite.ledger.v1.keys import possession_message
from kimberlite.node.signer.enrolment import Policy
from kimberlite.registry.read import Registry
from tests.helpers.certificates import DAY, confirmation_json
from tests.helpers.signing import Standing, officer_key
from tests.helpers.world import key_of


def test_what_rules_forbid_is_blocked(bench: Standing) -> None:
    request = bench.request(draft=bench.certificate(parties={"seals": []}))
    blocked = bench.refuses(request, "signer.blocked")
    assert blocked.facts["rules"] == "parties.seals"
    assert blocked.facts["source"] == "KPCS Core Document, Section IV(c)"


def test_the_signer_asks_the_rules_itself(bench: Standing) -> None:
    draft = bench.certificate(parties={"seals": []})
    bench.refuses(bench.request(draft=draft, verdicts=Verdicts(1)), "signer.blocked")
    bench.refuses(bench.request(verdicts=None), "signer.verdicts")
    bench.refuses(bench.request(verdicts=Verdicts(2)), "signer.verdicts")
    said = (("parties.seals", "finding"),)
    bench.refuses(bench.request(verdicts=Verdicts(1, said)), "signer.verdicts")
    twice = (("parties.seals", "finding"), ("parties.seals", "cannot-tell"))
    bench.refuses(bench.request(verdicts=Verdicts(1, twice)), "signer.verdicts")


def test_an_override_with_its_legal_basis_is_signed_and_shows(bench: Standing) -> None:
    draft = bench.certificate(parties={"seals": []}, basis="Order 12 of 2026")
    basis = {"parties.seals": "Order 12 of 2026: goods under seal of the court"}
    request = bench.request(draft=draft, overrides=basis)
    swapped = replace(request, proposal=replace(request.proposal, overrides={"parties.seals": "x"}))
    bench.refuses(swapped, "approval.signature", Untrusted)
    signed = bench.signer.sign(request)
    statement = parse(signed.statement)
    assert statement.body.verdicts == Verdicts(1, (("parties.seals", "overridden"),))
    assert ApprovalRecord.parse(signed.record).overrides == basis
    outcome = bench.admit(signed.statement)
    assert isinstance(outcome, Admitted)
    assert "certificate.overridden" in [code for code, _ in outcome.findings]


def test_a_rule_that_holds_is_not_overridden(bench: Standing) -> None:
    said = Verdicts(1, (("parties.seals", "overridden"),))
    request = bench.request(verdicts=said, overrides={"parties.seals": "why not"})
    bench.refuses(request, "signer.override-idle")


def test_trade_is_asked_of_the_signers_own_view_of_the_log(bench: Standing) -> None:
    request = bench.request()
    named = {"may_trade": False, "begins": DAY - 1, "source": "a test"}
    raw = bench.desk.world.sign("XB", "kp-self-suspension+cose", named)
    assert isinstance(bench.admit(raw), Admitted)
    blocked = bench.refuses(request, "signer.blocked")
    assert "destination.may-import" in str(blocked.facts["rules"])


def test_what_the_log_would_refuse_is_not_signed(bench: Standing) -> None:
    request = bench.request(draft=bench.certificate("XA9999999"))
    refused = bench.refuses(request, "signer.log-would-refuse")
    assert refused.facts["rule"] == "certificate.range"
    request = bench.request(draft=bench.certificate("XB000123"))
    assert bench.refuses(request, "signer.log-would-refuse").facts["rule"] == "certificate.prefix"


def test_findings_of_the_log_are_told_before(bench: Standing) -> None:
    issued = bench.admit(bench.signer.sign(bench.request()).statement)
    assert isinstance(issued, Admitted)
    told = {"number": "XA000123", "certificate": issued.statement.id, "day": DAY}
    for number in ("clerk-1", "clerk-2"):
        given = make_draft("presentation", {**told, "office": number})
        request = bench.request(("officer-2",), draft=given, iss="XB", verdicts=None)
        ready = bench.signer.prepare(request)
        bench.admit(bench.signer.sign(request).statement)
    assert ready.findings == ("certificate.presented-before",)


def test_a_confirmation_is_judged_with_the_file_at_hand(bench: Standing) -> None:
    issued = bench.admit(bench.signer.sign(bench.request()).statement)
    assert isinstance(issued, Admitted)
    short = {"lines": [{"hs": "7102.31", "carats": "1.00", "value": "10.00"}], "parcels": 1}
    given = from_json(confirmation_json(issued.statement.id, values=short))
    certificate = bench.certificate().certificate("XA")
    registry = Registry(bench.desk.world.state)
    assessment = assess_arrival(certificate, given.confirmation("XB"), registry)
    verdicts = assessment.verdicts()
    assert verdicts.said, "less arrived than left"
    file = bench.desk.file(issued, receipts=False)
    hidden = bench.request(("officer-2",), draft=given, iss="XB", verdicts=Verdicts(1))
    with pytest.raises(Refused) as refused:
        bench.signer.sign(replace(hidden, files=(file,)))
    assert refused.value.code == "signer.verdicts"
    request = bench.request(("officer-2",), draft=given, iss="XB", verdicts=verdicts)
    request = replace(request, files=(file,))
    signed = bench.signer.sign(request)
    assert parse(signed.statement).body.verdicts == verdicts
    assert isinstance(bench.admit(signed.statement), Admitted)


def test_a_void_needs_two_officers_whatever_the_policy_says(bench: Standing) -> None:
    issued = bench.admit(bench.signer.sign(bench.request()).statement)
    assert isinstance(issued, Admitted)
    bench.admin.set_policy(replace(Policy(), approvals={"kp-void+cose": 1, "kp-cert+cose": 1}))
    told = {"number": "XA000123", "certificate": issued.statement.id, "day": DAY}
    given = make_draft("void", {**told, "reason": "error"})
    with pytest.raises(Refused) as refused:
        bench.signer.sign(bench.request(("officer-1",), draft=given, verdicts=None))
    assert refused.value.code == "approval.too-few"
    signed = bench.signer.sign(bench.request(draft=given, verdicts=None))
    assert isinstance(bench.admit(signed.statement), Admitted)


def test_the_issuer_is_one_whose_key_is_here(bench: Standing) -> None:
    request = bench.request(iss="XC")
    bench.refuses(request, "signer.no-key")


def test_a_revoked_key_signs_nothing(bench: Standing) -> None:
    request = bench.request()
    told = {"kid": key_of("XA").public.kid, "reason": "a test"}
    raw = bench.desk.world.sign("XA", "kp-key-revocation+cose", told)
    assert isinstance(bench.admit(raw), Admitted)
    bench.refuses(request, "signer.no-key")


@pytest.mark.parametrize("typ", ["kp-time+cose", "kp-genesis+cose", "kp-nothing+cose"])
def test_the_logs_own_types_and_unknown_ones_are_not_signed(bench: Standing, typ: str) -> None:
    request = bench.request()
    other = replace(request, proposal=replace(request.proposal, typ=typ))
    bench.refuses(other, "signer.type")


def test_another_version_of_a_type_is_refused(bench: Standing) -> None:
    request = bench.request()
    other = replace(request, proposal=replace(request.proposal, version=2))
    bench.refuses(other, "signer.version", Invalid)


def test_a_newer_rule_version_asks_for_an_upgrade(bench: Standing) -> None:
    bench.signer._parts = replace(bench.signer._parts, books={})
    bench.refuses(bench.request(), "signer.upgrade", Unavailable)


def test_the_office_named_chooses_the_key(bench: Standing) -> None:
    north = officer_key("a key of the office in the north")
    message = possession_message("XA", north.public)
    named = {
        "public": north.public.cose_key(),
        "holder": "XA",
        "roles": ["issue"],
        "proof": north.sign(message),
        "office": "north",
    }
    raw = bench.desk.world.sign("XA", "kp-key+cose", named)
    assert isinstance(bench.admit(raw), Admitted)
    keys = {**bench.signer._parts.keys, north.public.kid: north}
    bench.signer._parts = replace(bench.signer._parts, keys=keys)
    there = bench.request(draft=bench.certificate("XA000001", office="north"))
    assert parse(bench.signer.sign(there).statement).header.kid == north.public.kid
    here = bench.request(draft=bench.certificate("XA000002"))
    assert parse(bench.signer.sign(here).statement).header.kid == key_of("XA").public.kid
