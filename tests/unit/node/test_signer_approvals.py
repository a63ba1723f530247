"""Who gets a signature: officers, approvals, and what they were given for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kimberlite.certificates.drafting import draft as make_draft
from kimberlite.kernel.errors import Invalid, NotFound, Problem, Refused, Untrusted
from kimberlite.ledger.admission import Admitted
from kimberlite.ledger.approval import ApprovalRecord, Needed, check_record
from kimberlite.ledger.envelope import parse
from kimberlite.node.officers import card
from kimberlite.node.signer.request import Request
from tests.helpers.certificates import DAY
from tests.helpers.signing import BOTH, NOW, Standing, officer_key
from tests.helpers.world import key_of


def test_two_officers_get_a_certificate_that_the_log_takes(bench: Standing) -> None:
    request = bench.request()
    signed = bench.signer.sign(request)
    statement = parse(signed.statement)
    assert statement.signed_by(key_of("XA").public)
    assert statement.header.iat == NOW
    assert statement.body.seals == request.proposal.seals
    record = ApprovalRecord.parse(signed.record)
    officers = {name: officer_key(name).public for name in BOTH}
    check_record(statement, record, Needed(bench.genesis, officers, 2))
    assert isinstance(bench.admit(signed.statement), Admitted)


def test_the_same_request_gets_the_same_statement(bench: Standing) -> None:
    first = bench.signer.sign(bench.request())
    assert bench.signer.sign(bench.request(BOTH[::-1])) == first
    bench.admit(first.statement)
    bench.clock.now += 7 * 86_400
    assert bench.signer.sign(bench.request()) == first, "also when it is logged, and much later"
    assert bench.signer.sign(bench.request(())) == first, "what is signed needs no approval again"
    assert bench.signer.find(first.id) == first


def test_what_was_never_signed_is_not_found(bench: Standing) -> None:
    with pytest.raises(NotFound) as refused:
        bench.signer.find(bytes(32))
    assert refused.value.code == "signer.unknown"


def test_asking_first_says_what_to_approve_and_signs_nothing(bench: Standing) -> None:
    request = bench.request(())
    ready = bench.signer.prepare(request)
    assert ready.proposal == request.proposal.digest()
    assert ready.needed == 2
    assert ready.kid == key_of("XA").public.kid
    assert ready.findings == ()
    assert bench.journal.latest() == 0


@pytest.mark.parametrize(
    ("officers", "code"),
    [
        ((), "approval.too-few"),
        (("officer-1",), "approval.too-few"),
        (("officer-1", "officer-1"), "approval.officer-twice"),
        (("officer-1", "officer-9"), "signer.officer-unknown"),
        (("officer-1", "officer-4"), "signer.officer-not-valid"),
        (("officer-1", "officer-5"), "signer.officer-not-valid"),
        (("officer-1", "officer-3"), "signer.officer-role"),
    ],
    ids=["nobody", "one", "one twice", "unenrolled", "expired", "not yet", "another role"],
)
def test_who_cannot_get_a_signature(bench: Standing, officers: tuple[str, ...], code: str) -> None:
    bench.refuses(bench.request(officers), code)


def test_one_person_under_two_names_is_one(bench: Standing) -> None:
    with pytest.raises(Problem) as refused:
        bench.admin.enrol(card(officer_key("officer-1"), "officer-8"), ("approve-issue",), NOW - 9)
    assert refused.value.code == "signer.enrolled"


def test_the_proposer_cannot_be_the_only_one_who_approves(bench: Standing) -> None:
    issued = bench.admit(bench.signer.sign(bench.request()).statement)
    assert isinstance(issued, Admitted)
    link = {"number": "XA000123", "certificate": issued.statement.id, "day": DAY}
    given = make_draft("presentation", link)
    request = bench.request(("officer-2",), draft=given, iss="XB", verdicts=None)
    with pytest.raises(Refused) as refused:
        bench.signer.sign(replace(request, proposer="officer-2"))
    assert refused.value.code == "approval.proposer-alone"
    signed = bench.signer.sign(replace(request, proposer="clerk-1"))
    assert isinstance(bench.admit(signed.statement), Admitted)


def _with_log(request: Request, changes: dict[int, object]) -> Request:
    log = {**request.proposal.log, **changes}
    return replace(request, proposal=replace(request.proposal, log=log))


def test_a_log_section_altered_after_approval_is_refused(bench: Standing) -> None:
    request = bench.request()
    longer = _with_log(request, {4: request.proposal.log[4] - 1})
    bench.refuses(longer, "approval.signature", Untrusted)
    other = replace(request, proposal=replace(request.proposal, iat=NOW - 5))
    bench.refuses(other, "approval.signature", Untrusted)


def test_an_altered_opening_is_refused(bench: Standing) -> None:
    request = bench.request()
    for at in range(3):
        opening = request.openings[at]
        content = bytearray(opening.content)
        content[-1] ^= 1
        for bad in (
            replace(opening, content=bytes(content)),
            replace(opening, salt=bytes(16)),
        ):
            openings = (*request.openings[:at], bad, *request.openings[at + 1 :])
            bench.refuses(replace(request, openings=openings), "section.digest", Untrusted)


def test_seals_and_openings_go_together(bench: Standing) -> None:
    request = bench.request()
    one, two, three = request.openings
    for openings in ((one, two), (), (one, two, three, one), (one, two, two)):
        bench.refuses(replace(request, openings=openings), "signer.opening", Invalid)
    unknown = replace(request.proposal, seals={**request.proposal.seals, 9: bytes(32)})
    bench.refuses(replace(request, proposal=unknown), "signer.opening", Invalid)


@pytest.mark.parametrize("moment", [NOW - 301, NOW + 301])
def test_an_approval_is_neither_older_than_the_proposal_nor_from_the_future(
    bench: Standing, moment: int
) -> None:
    request = bench.request()
    approvals = bench.approvals(request.proposal, moment=moment)
    bench.refuses(replace(request, approvals=approvals), "signer.approval-time")


@pytest.mark.parametrize("iat", [NOW - 86_401, NOW + 301])
def test_a_proposal_is_of_today(bench: Standing, iat: int) -> None:
    request = bench.request((), iat=iat)
    approvals = bench.approvals(request.proposal, moment=min(iat, NOW + 1))
    bench.refuses(replace(request, approvals=approvals), "signer.time")
