from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimberlite.crypto.keys import Ed25519PrivateKey, Esp256PrivateKey, PrivateKey
from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Invalid, Problem, Refused, Untrusted
from kimberlite.ledger.approval import (
    Approval,
    ApprovalRecord,
    Needed,
    Proposal,
    approval_message,
    approve,
    check_approvals,
    check_overrides,
    check_record,
    proposal_of,
)
from kimberlite.ledger.envelope import Body, Header, Statement, Verdicts, parse, sign

GENESIS = hashlib.sha256(b"a genesis").digest()
NOON = 1_790_000_000
ONE, TWO, THREE = (Ed25519PrivateKey(bytes([n]) * 32) for n in (1, 2, 3))
AUTHORITY = Ed25519PrivateKey(bytes([9]) * 32)
VERDICTS = Verdicts(1, (("shipment.a", "finding"), ("shipment.b", "overridden")))
BASES = {"shipment.b": "Order 12 of 2026"}
PROPOSAL = Proposal(
    "kp-cert+cose", "XA", "XA7", NOON, 1, {1: "XA7", 2: 0}, {1: bytes(32)}, VERDICTS, BASES
)
OFFICERS = {"officer-1": ONE.public, "officer-2": TWO.public}
NEEDED = Needed(GENESIS, OFFICERS, 2, "clerk-1")


def by(key: PrivateKey, officer: str, proposal: Proposal = PROPOSAL) -> Approval:
    return approve(key, officer, genesis=GENESIS, proposal=proposal.digest(), moment=NOON + 60)


BOTH = (by(ONE, "officer-1"), by(TWO, "officer-2"))


def signed(record: ApprovalRecord, proposal: Proposal = PROPOSAL) -> Statement:
    public = AUTHORITY.public
    header = Header(
        public.algorithm, public.kid, proposal.typ, proposal.iss, proposal.sub, proposal.iat
    )
    body = Body(
        proposal.version,
        dict(proposal.log),
        proposal.seals,
        record.digest(),
        proposal.verdicts,
    )
    return parse(sign(header, body, AUTHORITY))


def test_the_digest_is_the_one_that_is_written_down() -> None:
    basis = hashlib.sha256(b"Order 12 of 2026").digest()
    told = [
        "kp-approval/1",
        "kp-cert+cose",
        "XA",
        "XA7",
        NOON,
        1,
        {1: "XA7", 2: 0},
        {1: bytes(32)},
        [1, [["shipment.a", 0], ["shipment.b", 2, basis]]],
    ]
    assert PROPOSAL.digest() == hashlib.sha256(cbor.encode(told)).digest()
    plain = Proposal("kp-office+cose", "XA", "XA", NOON, 1, {1: "north"})
    told = ["kp-approval/1", "kp-office+cose", "XA", "XA", NOON, 1, {1: "north"}, {}, None]
    assert plain.digest() == hashlib.sha256(cbor.encode(told)).digest()


@pytest.mark.parametrize(
    "other",
    [
        replace(PROPOSAL, typ="kp-void+cose"),
        replace(PROPOSAL, iss="XB"),
        replace(PROPOSAL, sub="XA8"),
        replace(PROPOSAL, iat=NOON + 1),
        replace(PROPOSAL, version=2),
        replace(PROPOSAL, log={1: "XA8", 2: 0}),
        replace(PROPOSAL, seals={1: bytes([1]) * 32}),
        replace(PROPOSAL, seals={2: bytes(32)}),
        replace(PROPOSAL, verdicts=Verdicts(2, VERDICTS.said)),
        replace(PROPOSAL, verdicts=Verdicts(1, (VERDICTS.said[1], VERDICTS.said[0]))),
        replace(PROPOSAL, verdicts=None, overrides={}),
        replace(PROPOSAL, overrides={"shipment.b": "Order 13 of 2026"}),
    ],
    ids=range(12),
)
def test_whatever_is_altered_is_not_what_was_approved(other: Proposal) -> None:
    assert other.digest() != PROPOSAL.digest()
    with pytest.raises(Untrusted) as refused:
        check_approvals(BOTH, other.digest(), NEEDED)
    assert refused.value.code == "approval.signature"


def test_an_officer_signs_for_one_log_one_name_and_one_moment() -> None:
    message = approval_message(GENESIS, PROPOSAL.digest(), "officer-1", NOON)
    assert message == cbor.encode(["kp-approve/1", GENESIS, PROPOSAL.digest(), "officer-1", NOON])
    good = by(ONE, "officer-1")
    assert good.signed_by(ONE.public, GENESIS, PROPOSAL.digest())
    assert not good.signed_by(ONE.public, bytes(32), PROPOSAL.digest())
    for altered in (
        replace(good, officer="officer-2"),
        replace(good, moment=good.moment + 1),
        replace(good, signature=bytes(64)),
        replace(good, thumbprint=TWO.public.thumbprint()),
    ):
        assert not altered.signed_by(ONE.public, GENESIS, PROPOSAL.digest())


def test_two_officers_are_enough_and_a_third_does_no_harm() -> None:
    check_approvals(BOTH, PROPOSAL.digest(), NEEDED)
    three = replace(NEEDED, officers={**OFFICERS, "officer-3": THREE.public})
    check_approvals((*BOTH, by(THREE, "officer-3")), PROPOSAL.digest(), three)


def test_an_officer_may_hold_a_key_on_p256() -> None:
    other = Esp256PrivateKey.generate()
    needed = replace(NEEDED, officers={**OFFICERS, "officer-2": other.public})
    check_approvals((BOTH[0], by(other, "officer-2")), PROPOSAL.digest(), needed)


@pytest.mark.parametrize(
    ("approvals", "needed", "code"),
    [
        ((), NEEDED, "approval.too-few"),
        (BOTH[:1], NEEDED, "approval.too-few"),
        ((BOTH[0], BOTH[0]), NEEDED, "approval.officer-twice"),
        ((BOTH[0], by(THREE, "officer-3")), NEEDED, "approval.unknown-officer"),
        (
            (BOTH[0], by(ONE, "officer-3")),
            replace(NEEDED, officers={**OFFICERS, "officer-3": ONE.public}),
            "approval.key-twice",
        ),
        (BOTH[:1], replace(NEEDED, count=1, proposer="officer-1"), "approval.proposer-alone"),
    ],
    ids=["none", "one", "one officer twice", "unenrolled", "one key, two names", "proposer alone"],
)
def test_who_may_not_approve(approvals: tuple[Approval, ...], needed: Needed, code: str) -> None:
    with pytest.raises(Refused) as refused:
        check_approvals(approvals, PROPOSAL.digest(), needed)
    assert refused.value.code == code


def test_a_proposer_may_be_one_of_those_who_approve() -> None:
    check_approvals(BOTH, PROPOSAL.digest(), replace(NEEDED, proposer="officer-1"))
    check_approvals(BOTH[:1], PROPOSAL.digest(), replace(NEEDED, count=1))


@pytest.mark.parametrize(
    ("verdicts", "overrides"),
    [(VERDICTS, {}), (VERDICTS, {**BASES, "shipment.a": "why"}), (None, BASES)],
    ids=["no basis", "a basis too many", "no verdicts"],
)
def test_overridden_rules_and_their_bases_go_together(
    verdicts: Verdicts | None, overrides: dict[str, str]
) -> None:
    with pytest.raises(Invalid) as refused:
        replace(PROPOSAL, verdicts=verdicts, overrides=overrides).digest()
    assert refused.value.code == "approval.override"


@pytest.mark.parametrize(
    "overrides",
    [
        {"a": ""},
        {"a": "  "},
        {"a": "x" * 501},
        {"": "why"},
        {"c" * 65: "why"},
        {f"r-{n}": "why" for n in range(17)},
    ],
    ids=range(6),
)
def test_a_legal_basis_says_something(overrides: dict[str, str]) -> None:
    with pytest.raises(Invalid) as refused:
        check_overrides(overrides)
    assert refused.value.code == "approval.basis"


def test_a_record_is_the_same_in_whatever_order_approvals_came() -> None:
    record = ApprovalRecord.of(BOTH, BASES)
    assert record == ApprovalRecord.of(BOTH[::-1], BASES)
    assert ApprovalRecord.parse(record.to_bytes()) == record
    assert record.digest() == hashlib.sha256(record.to_bytes()).digest()


def test_a_statement_is_checked_against_its_record_later() -> None:
    record = ApprovalRecord.of(BOTH, BASES)
    statement = signed(record)
    assert proposal_of(statement, BASES) == PROPOSAL
    check_record(statement, record, NEEDED)
    with pytest.raises(Untrusted) as refused:
        check_record(statement, ApprovalRecord.of(BOTH[:1], BASES), NEEDED)
    assert refused.value.code == "approval.record"
    other = signed(record, replace(PROPOSAL, sub="XA8"))
    with pytest.raises(Untrusted) as refused:
        check_record(other, record, NEEDED)
    assert refused.value.code == "approval.signature"


def test_an_approval_travels() -> None:
    assert Approval.parse(BOTH[0].to_bytes()) == BOTH[0]


@pytest.mark.parametrize(
    "value",
    [
        [],
        ["officer-1", bytes(32), NOON],
        ["Officer 1", bytes(32), NOON, bytes(64)],
        ["o", bytes(32), NOON, bytes(64)],
        ["officer-1", bytes(31), NOON, bytes(64)],
        ["officer-1", bytes(32), -1, bytes(64)],
        ["officer-1", bytes(32), True, bytes(64)],
        ["officer-1", bytes(32), NOON, bytes(63)],
        ["officer-1", bytes(32), 1 << 40, bytes(64)],
    ],
    ids=range(9),
)
def test_a_malformed_approval_is_refused(value: list[cbor.Value]) -> None:
    with pytest.raises(Invalid) as refused:
        Approval.parse(cbor.encode(value))
    assert refused.value.code == "approval.form"


@pytest.mark.parametrize(
    "value",
    [
        [],
        [[], {}],
        [[each.to_value() for each in BOTH[::-1]], {}],
        [[BOTH[0].to_value()] * 17, {}],
        [[BOTH[0].to_value()], {1: "x"}],
        [[BOTH[0].to_value()], {"x": 1}],
        [[BOTH[0].to_value()], {}, 0],
    ],
    ids=range(7),
)
def test_a_malformed_record_is_refused(value: list[cbor.Value]) -> None:
    with pytest.raises(Invalid) as refused:
        ApprovalRecord.parse(cbor.encode(value))
    assert refused.value.code == "approval.form"


@given(st.binary(max_size=300))
def test_no_bytes_make_parsing_raise_anything_but_a_problem(data: bytes) -> None:
    """Law: any bytes are an approval, a record, or a Problem; parsing loses nothing."""
    for kind in (Approval, ApprovalRecord):
        try:
            found = kind.parse(data)
        except Problem:
            continue
        assert found.to_bytes() == data
