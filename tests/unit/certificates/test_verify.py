"""Offline verification: each reason that makes a file invalid, or leaves it in doubt."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kimberlite.certificates import Result, Verdict, Weight, verify, write
from kimberlite.certificates.drafting import from_json
from kimberlite.certificates.file import parse_file
from kimberlite.certificates.standing import PARTICIPANTS
from kimberlite.certificates.transitions import Status
from kimberlite.certificates.trust import RANGES
from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Invalid
from kimberlite.ledger import bundle as bundles
from kimberlite.ledger import receipt
from kimberlite.ledger.admission import Admitted
from kimberlite.ledger.bundle import TrustBundle
from kimberlite.ledger.checkpoint import Checkpoint
from kimberlite.ledger.envelope import Body, Header, Verdicts, sign
from kimberlite.ledger.keyring import Key
from kimberlite.registry.model import Practice
from tests.helpers.certificates import (
    APPROVAL,
    DAY,
    Desk,
    FakeTrade,
    certificate_json,
    confirmation_json,
    no,
    salts_for,
)
from tests.helpers.world import key_of


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def issued(desk: Desk) -> Admitted:
    return desk.issue()


def checked(desk: Desk, issued: Admitted, **more: Any) -> Verdict:
    return verify(desk.file(issued), desk.bundle(), DAY, **more)


def doubts(verdict: Verdict) -> tuple[str, ...]:
    assert verdict.result is Result.CANNOT_TELL, verdict.reasons
    return verdict.codes(Weight.DOUBT)


def refuted(verdict: Verdict) -> tuple[str, ...]:
    assert verdict.result is Result.INVALID, verdict.reasons
    return verdict.codes(Weight.AGAINST)


def with_keys(bundle: TrustBundle, of: str, /, **changes: Any) -> TrustBundle:
    """Change the key of the holder ``of`` in a bundle."""
    kid = key_of(of).public.kid
    return replace(bundle, keys={**bundle.keys, kid: replace(bundle.keys[kid], **changes)})


def test_a_genuine_registered_certificate_is_valid(desk: Desk, issued: Admitted) -> None:
    verdict = checked(desk, issued)
    assert verdict.result is Result.VALID
    assert verdict.proves == ("genuine", "registered", "sections-intact")
    assert (verdict.kind, verdict.number, verdict.issuer) == ("test", "XA000123", "XA")
    assert verdict.reminders == ("specimen", "one-use", "match-seals-and-weight", "state-as-of")
    assert "unused-elsewhere" in verdict.cannot_prove
    assert verdict.certificate is not None
    assert verdict.certificate.values is not None
    assert str(verdict.certificate.values.carats) == "1603.45"


def test_how_old_the_knowledge_is(desk: Desk, issued: Admitted) -> None:
    assert verify(desk.file(issued), desk.bundle(), DAY + 9).age_days == 9


def test_without_a_receipt_registration_is_not_shown(desk: Desk, issued: Admitted) -> None:
    verdict = verify(desk.file(issued, receipts=False), desk.bundle(), DAY)
    assert doubts(verdict) == ("registration.not-shown",)
    assert verdict.proves == ("genuine", "sections-intact")
    assert verdict.cannot_prove[0] == "registered"


def test_the_bundles_snapshot_can_stand_in_for_a_receipt(desk: Desk, issued: Admitted) -> None:
    desk.numbers = ("XA123",)
    verdict = verify(desk.file(issued, receipts=False), desk.bundle(), DAY)
    assert verdict.result is Result.VALID
    assert "registration.snapshot" in verdict.codes(Weight.FOR)


def test_a_bundle_older_than_the_receipt(desk: Desk, issued: Admitted) -> None:
    bundle = desk.bundle()
    desk.issue("XA124")
    assert doubts(verify(desk.file(issued), bundle, DAY)) == ("bundle.older-than-receipt",)


def test_two_heads_of_one_size(desk: Desk, issued: Admitted) -> None:
    bundle = desk.bundle()
    other = Checkpoint(bundle.origin, bundle.size, b"\x07" * 32)
    verdict = verify(desk.file(issued), replace(bundle, checkpoint=other), DAY)
    assert refuted(verdict) == ("log.split-view",)


def test_a_revoked_key_without_and_with_a_receipt(desk: Desk, issued: Admitted) -> None:
    revoked = with_keys(desk.bundle(), "XA", until=issued.index + 1)
    bare = verify(desk.file(issued, receipts=False), revoked, DAY)
    assert doubts(bare) == ("registration.not-shown", "key.revoked")
    assert verify(desk.file(issued), revoked, DAY).result is Result.VALID
    before = with_keys(desk.bundle(), "XA", until=issued.index)
    assert refuted(verify(desk.file(issued), before, DAY)) == ("key.not-valid",)
    later = with_keys(desk.bundle(), "XA", since=issued.index + 1)
    assert refuted(verify(desk.file(issued), later, DAY)) == ("key.not-valid",)


def test_a_key_that_is_not_in_the_bundle(desk: Desk, issued: Admitted) -> None:
    bundle = desk.bundle()
    keys = {kid: key for kid, key in bundle.keys.items() if key.holder != "XA"}
    verdict = verify(desk.file(issued), replace(bundle, keys=keys), DAY)
    assert doubts(verdict) == ("key.unknown",)
    assert verdict.proves == ()


def test_a_key_of_another_holder_or_without_the_role(desk: Desk, issued: Admitted) -> None:
    other = with_keys(desk.bundle(), "XA", holder="XB")
    assert refuted(verify(desk.file(issued), other, DAY)) == ("key.not-holder",)
    roles = with_keys(desk.bundle(), "XA", roles=frozenset(("confirm",)))
    assert refuted(verify(desk.file(issued), roles, DAY)) == ("key.role",)


def test_a_false_signature(desk: Desk, issued: Admitted) -> None:
    raw = bytearray(issued.statement.raw)
    raw[-1] ^= 1
    forged = write(bytes(raw), parse_file(desk.file(issued)).openings)
    assert refuted(verify(forged, desk.bundle(), DAY)) == ("signature.bad",)


def test_an_altered_section(desk: Desk, issued: Admitted) -> None:
    draft = from_json(certificate_json(values={"basis": "declared"}))
    verdict = verify(desk.file(issued, draft), desk.bundle(), DAY)
    assert refuted(verdict) == ("section.digest",)
    assert verdict.proves == ("genuine", "registered")
    assert verdict.certificate is None


def test_a_section_that_no_schema_reads(desk: Desk) -> None:
    draft = from_json(certificate_json())
    openings = list(desk.openings(draft))
    openings[0] = replace(openings[0], content=cbor.encode({1: "nowhere"}))
    seals = {label: o.digest("XA", draft.sub) for label, o in enumerate(openings, 1)}
    issued = desk.say("XA", draft, seals=seals)
    assert isinstance(issued, Admitted)
    file = write(issued.statement.raw, openings, [desk.receipt(issued.index)])
    assert refuted(verify(file, desk.bundle(), DAY)) == ("schema.value",)


def test_closed_sections_are_named(desk: Desk, issued: Admitted) -> None:
    file = write(issued.statement.raw, (), [desk.receipt(issued.index)])
    verdict = verify(file, desk.bundle(), DAY)
    assert verdict.result is Result.VALID
    assert verdict.proves == ("genuine", "registered")
    closed = [each for each in verdict.reasons if each.code == "section.closed"]
    assert closed[0].facts == {"sections": "shipment, values, parties"}


def test_a_receipt_of_another_statement(desk: Desk, issued: Admitted) -> None:
    other = desk.issue("XA124")
    openings = parse_file(desk.file(issued)).openings
    file = write(issued.statement.raw, openings, [desk.receipt(other.index)])
    verdict = verify(file, desk.bundle(), DAY)
    assert refuted(verdict) == ("receipt.signature",)
    assert "registered" not in verdict.proves


def test_a_receipt_signed_by_another_key(desk: Desk, issued: Admitted) -> None:
    checkpoint = Checkpoint("log.example/test", 1, bytes(32))
    false = receipt.issue(checkpoint, 0, [], key_of("XC"), iss="x", sub="x")
    file = write(issued.statement.raw, (), [false])
    assert refuted(verify(file, desk.bundle(), DAY)) == ("receipt.key",)


def test_expiry_by_the_issuers_practice(desk: Desk, issued: Admitted) -> None:
    file = desk.file(issued)
    assert verify(file, desk.bundle(), DAY + 60).codes(Weight.AGAINST) == ()
    assert "certificate.expired" in refuted(verify(file, desk.bundle(), DAY + 61))
    trade = FakeTrade(practices={"XA": Practice(expiry_governs="export")})
    late = verify(file, desk.bundle(trade=trade), DAY + 61)
    assert "certificate.expired" in doubts(late)


def test_a_bundle_past_its_days_and_a_clock_that_is_behind(desk: Desk, issued: Admitted) -> None:
    assert doubts(verify(desk.file(issued), desk.bundle(), DAY + 31)) == ("bundle.expired",)
    behind = verify(desk.file(issued), desk.bundle(), DAY - 2)
    assert set(doubts(behind)) == {"clock.behind", "certificate.future"}


@pytest.mark.parametrize(
    ("status", "code", "result"),
    [
        (Status.ISSUED, None, Result.VALID),
        (Status.CONFIRMED, "certificate.confirmed-before", Result.CANNOT_TELL),
        (Status.SEIZED, "certificate.seized-before", Result.CANNOT_TELL),
        (Status.LOST, "certificate.lost", Result.CANNOT_TELL),
        (Status.VOID, "certificate.void", Result.INVALID),
        (Status.REPLACED, "certificate.replaced", Result.INVALID),
        (Status.ANNULLED, "certificate.annulled", Result.INVALID),
    ],
)
def test_what_the_bundle_knows_of_the_number(
    desk: Desk, issued: Admitted, status: Status, code: str | None, result: Result
) -> None:
    desk.stand(status)
    desk.numbers = ("XA123",)
    verdict = checked(desk, issued)
    assert verdict.result is result
    assert code is None or code in (*verdict.codes(Weight.DOUBT), *verdict.codes(Weight.AGAINST))


def test_another_statement_holds_the_number(desk: Desk, issued: Admitted) -> None:
    desk.numbers = ("XA123",)
    bundle = desk.bundle()
    draft = from_json(certificate_json(expires="2026-05-01"))
    twin = desk.sign("XA", draft)
    file = write(twin, desk.openings(draft))
    assert "certificate.number-used" in refuted(verify(file, bundle, DAY))


def test_a_disowned_statement(desk: Desk, issued: Admitted) -> None:
    bundle = desk.bundle(
        repudiated={(issued.statement.header.iss, issued.statement.id): issued.index + 1}
    )
    assert refuted(verify(desk.file(issued), bundle, DAY)) == ("statement.repudiated",)


def test_who_may_trade_as_of_the_bundle(desk: Desk, issued: Admitted) -> None:
    stopped = FakeTrade(stopped={"XA": [(DAY, no())], "XB": [(DAY, no())]})
    verdict = verify(desk.file(issued), desk.bundle(trade=stopped), DAY)
    assert doubts(verdict) == ("issuer.may-export", "destination.may-import")
    far = desk.issue("XA9", shipment={"destination": "XZ"})
    draft = from_json(certificate_json(number="XA9", shipment={"destination": "XZ"}))
    verdict = verify(desk.file(far, draft), desk.bundle(), DAY)
    assert doubts(verdict) == ("destination.may-import",)


def test_a_bundle_without_this_rooms_parts_still_tells_genuine_from_forged(
    desk: Desk, issued: Admitted
) -> None:
    verdict = verify(desk.file(issued), desk.bundle(parts={}), DAY)
    assert verdict.result is Result.VALID
    assert "participants.unknown" in verdict.codes(Weight.NOTE)


def test_a_receiver_to_whom_it_is_not_addressed(desk: Desk, issued: Admitted) -> None:
    assert checked(desk, issued, receiver="XB").result is Result.VALID
    assert refuted(checked(desk, issued, receiver="XC")) == ("destination.another",)


def test_what_the_papers_answer_themselves_is_asked(desk: Desk) -> None:
    changes: dict[str, Any] = {"parties": {"seals": []}}
    issued = desk.issue(**changes)
    draft = from_json(certificate_json(**changes))
    assert doubts(verify(desk.file(issued, draft), desk.bundle(), DAY)) == ("parties.seals",)


def test_what_the_issuers_rules_said_is_shown(desk: Desk) -> None:
    draft = from_json(certificate_json())
    verdicts = Verdicts(1, (("goods.restricted", "cannot-tell"),))
    issued = desk.say("XA", draft, verdicts=verdicts)
    assert isinstance(issued, Admitted)
    assert "issuer.cannot-tell" in checked(desk, issued).codes(Weight.NOTE)


def test_a_bundle_that_nobody_pinned_says_so(desk: Desk, issued: Admitted) -> None:
    verdict = verify(desk.file(issued), desk.bundle(pinned=False), DAY)
    assert "bundle.not-pinned" in verdict.codes(Weight.NOTE)


def test_a_subject_that_is_another_number(desk: Desk) -> None:
    draft = from_json(certificate_json())
    key = key_of("XA")
    body = draft.body("XA", (), approval=APPROVAL, verdicts=Verdicts(1))
    header = Header(key.public.algorithm, key.public.kid, draft.typ, "XA", "XA124", 0)
    raw = sign(header, Body(body.version, body.log), key)
    assert "certificate.subject" in refuted(verify(write(raw), desk.bundle(), DAY))


def test_a_confirmation_is_verified_too(desk: Desk, issued: Admitted) -> None:
    told = desk.confirm(issued)
    assert isinstance(told, Admitted)
    draft = from_json(confirmation_json(issued.statement.id))
    file = write(told.statement.raw, draft.openings(salts_for(draft)), [desk.receipt(told.index)])
    verdict = verify(file, desk.bundle(), DAY)
    assert (verdict.result, verdict.issuer, verdict.certificate) == (Result.VALID, "XB", None)


def test_parts_that_do_not_read(desk: Desk, issued: Admitted) -> None:
    for name, part in (
        (PARTICIPANTS, b"\xff"),
        (PARTICIPANTS, cbor.encode({})),
        (PARTICIPANTS, cbor.encode([["XA", 5, 1, 0]])),
        (RANGES, b"short"),
        (RANGES, cbor.encode([["XA", "XA", 1, 2, 3, "never"]])),
    ):
        with pytest.raises(Invalid) as bad:
            verify(desk.file(issued), desk.bundle(parts={name: part}), DAY)
        assert bad.value.code == "bundle.part"


def test_a_key_in_a_bundle_is_the_one_of_the_log(desk: Desk) -> None:
    keys: dict[bytes, Key] = dict(desk.bundle().keys)
    assert keys[key_of("XA").public.kid].holder == "XA"
    assert bundles.TYP == "kp-bundle+cose"
