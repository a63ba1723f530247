"""The matrix is closed by default, knows every sealed field, and opens only what was decided."""

from __future__ import annotations

from itertools import product

import pytest

from kimberlite.certificates.transitions import Status
from kimberlite.certificates.v1 import TYPES
from kimberlite.certificates.visibility import (
    CLOSED,
    ROWS,
    Answer,
    Moment,
    Part,
    Policy,
    Role,
    Row,
    letter_of,
    may_open,
    may_see,
    moment_of,
    part_of,
    role_of,
    sharers,
)
from kimberlite.certificates.visibility.opening import policy_of
from kimberlite.ledger.types import StatementType
from kimberlite.registry.model import Practice

SEALED = (
    Part.SHIPMENT,
    Part.VALUES,
    Part.PARTIES,
    Part.JOURNEY,
    Part.FOUND,
    Part.FOUND_PARTIES,
    Part.EVIDENCE,
    Part.SCANS,
)
OPEN_RANK = (Answer.NEVER, Answer.SEALED, Answer.AGGREGATE, Answer.CLEAR)
HOLDERS = {Role.BEARER, Role.VIEWER, Role.BANK}
"""Who holds the paper or the file, and to whom such a one shows a view of it."""
ANY = Policy(opens_after=30, mandate="M-1")
CELLS = list(product(Role, Part, Moment))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.part.value}.{row.field}")
def test_each_row_has_a_source_and_an_answer_for_every_moment(row: Row) -> None:
    assert row.source
    for answers in row.cells.values():
        assert len(answers) == len(Moment)
        assert set(answers) <= set("casmgb-")


def test_every_part_has_one_row() -> None:
    whole = [row.part for row in ROWS if not row.field]
    assert sorted(whole, key=lambda part: part.value) == sorted(Part, key=lambda part: part.value)


def test_what_no_row_names_nobody_sees() -> None:
    assert may_see(Role.BEARER, Part.OFFICE, Moment.ISSUED) is Answer.NEVER
    assert may_see(Role.PUBLIC, Part.SHIPMENT, Moment.CONFIRMED, ANY) is Answer.NEVER


def test_a_policy_or_a_mandate_never_closes_anything() -> None:
    for role, part, moment in CELLS:
        closed, opened = may_see(role, part, moment), may_see(role, part, moment, ANY)
        assert OPEN_RANK.index(opened) >= OPEN_RANK.index(closed), (role, part, moment)


@pytest.mark.parametrize("part", SEALED)
def test_the_public_sees_nothing_that_is_sealed(part: Part) -> None:
    for moment in Moment:
        assert may_see(Role.PUBLIC, part, moment, ANY) is Answer.NEVER


@pytest.mark.parametrize("part", SEALED)
def test_the_log_node_and_observers_open_nothing_even_under_a_mandate(part: Part) -> None:
    for role, moment in product((Role.LOG_NODE, Role.OBSERVER), Moment):
        assert may_see(role, part, moment, ANY) in {Answer.SEALED, Answer.NEVER}


@pytest.mark.parametrize("part", SEALED)
def test_without_policy_and_mandate_only_who_trades_sees_anything_sealed(part: Part) -> None:
    traders = {Role.ISSUER, Role.DESTINATION, Role.PARTY, *HOLDERS}
    for role, moment in product(set(Role) - traders, Moment):
        assert may_see(role, part, moment) is not Answer.CLEAR


@pytest.mark.parametrize("part", SEALED)
def test_after_an_erasure_only_who_holds_the_paper_still_reads_it(part: Part) -> None:
    for role in set(Role) - HOLDERS:
        assert may_see(role, part, Moment.ERASED, ANY) is not Answer.CLEAR


def test_a_mandate_does_not_open_values_or_parties_to_another_participant() -> None:
    for part, moment in product((Part.VALUES, Part.PARTIES, Part.JOURNEY), Moment):
        assert may_see(Role.PARTICIPANT, part, moment, ANY) in {Answer.SEALED, Answer.NEVER}


def test_dated_policy_opens_the_shipment_to_participants_and_nothing_else() -> None:
    policy = Policy(opens_after=30)
    opened = {
        (role, part)
        for role, part, moment in CELLS
        if may_see(role, part, moment, policy) is not may_see(role, part, moment)
    }
    assert opened == {(Role.PARTICIPANT, Part.SHIPMENT), (Role.TRANSIT, Part.SHIPMENT)}


@pytest.mark.parametrize("policy", [CLOSED, Policy(opens_after=30), ANY])
def test_who_has_a_part_in_the_trade_sees_at_least_what_any_participant_sees(
    policy: Policy,
) -> None:
    for part, moment in product(Part, Moment):
        any_other = OPEN_RANK.index(may_see(Role.PARTICIPANT, part, moment, policy))
        for role in (Role.TRANSIT, Role.DESTINATION, Role.ISSUER):
            assert OPEN_RANK.index(may_see(role, part, moment, policy)) >= any_other


def test_a_section_with_one_closed_field_stays_closed() -> None:
    """The digest is over the whole section, so one cannot show a part of it and prove it."""
    assert may_see(Role.STATISTICS, Part.VALUES, Moment.ISSUED) is Answer.AGGREGATE
    assert may_see(Role.STATISTICS, Part.VALUES, Moment.ISSUED, field="heaviest") is Answer.SEALED
    assert not may_open(Role.STATISTICS, "kp-cert+cose", "values", Moment.ISSUED)
    assert may_open(Role.STATISTICS, "kp-cert+cose", "values", Moment.ISSUED, ANY)


def test_fields_with_rows_of_their_own_exist() -> None:
    known = {
        (part_of(kind.typ, section.name), field.name)
        for kind in TYPES
        for section in kind.sections
        for field in section.schema.fields
    }
    assert {(row.part, row.field) for row in ROWS if row.field} <= known


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.typ)
def test_every_sealed_section_goes_to_issuer_and_destination_alone(kind: StatementType) -> None:
    for section in kind.sections:
        assert sharers(kind.typ, section.name) == {Role.ISSUER, Role.DESTINATION}


def test_an_unknown_section_falls_under_the_most_closed_row() -> None:
    assert part_of("kp-later+cose", "something") is Part.EVIDENCE


def test_roles_follow_from_who_one_is() -> None:
    def towards(code: str, *, passed: bool = False) -> Role:
        return role_of(code, author="XA", issuer="XA", destination="XB", passed=passed)

    assert towards("XA") is Role.ISSUER
    assert towards("XB") is Role.DESTINATION
    assert towards("XC", passed=True) is Role.TRANSIT
    assert towards("XC") is Role.PARTICIPANT
    assert role_of("XC", author="XC", issuer="XA", destination="XB") is Role.DESTINATION
    assert role_of("XB", author="XA", issuer="XA", destination="") is Role.PARTICIPANT


def test_moments_follow_from_the_log() -> None:
    assert moment_of(None) is Moment.DRAFT
    assert {moment_of(status) for status in Status} == {
        Moment.ISSUED,
        Moment.DISPATCHED,
        Moment.PRESENTED,
        Moment.CONFIRMED,
        Moment.DISPUTED,
    }
    assert moment_of(Status.CONFIRMED, since_confirmed=9_999) is Moment.CONFIRMED
    policy = Policy(opens_after=30)
    assert moment_of(Status.CONFIRMED, since_confirmed=29, policy=policy) is Moment.CONFIRMED
    assert moment_of(Status.CONFIRMED, since_confirmed=30, policy=policy) is Moment.AGED
    assert moment_of(Status.ISSUED, since_confirmed=30, policy=policy) is Moment.ISSUED
    assert (
        moment_of(Status.CONFIRMED, since_confirmed=30, policy=policy, disputed=True)
        is Moment.DISPUTED
    )
    assert moment_of(Status.CONFIRMED, erased=True, disputed=True) is Moment.ERASED


class Stated:
    """A registry in which each side stated its days from a day on."""

    def __init__(self, told: dict[str, list[tuple[int, int]]]) -> None:
        self.told = told

    def practice(self, code: str, day: int) -> Practice:
        days = [days for begins, days in self.told.get(code, []) if begins <= day]
        return Practice(shipment_opens_days=days[-1] if days else 0)


@pytest.mark.parametrize(
    ("told", "days"),
    [
        ({}, 0),
        ({"XA": [(0, 30)]}, 0),
        ({"XA": [(0, 30)], "XB": [(0, 60)]}, 60),
        ({"XA": [(0, 30)], "XB": [(0, 60), (150, 90)]}, 90),
        ({"XA": [(0, 30)], "XB": [(120, 30)]}, 0),  # stated after the goods had left
        ({"XA": [(0, 30)], "XB": [(0, 30), (150, 0)]}, 0),  # taken back
    ],
)
def test_the_more_closed_of_both_sides_counts(
    told: dict[str, list[tuple[int, int]]], days: int
) -> None:
    found = policy_of(Stated(told), "XA", "XB", issued=100, today=200)
    assert found.opens_after == days


def test_without_a_known_destination_nothing_opens() -> None:
    told = Stated({"XA": [(0, 30)]})
    assert policy_of(told, "XA", "", issued=1, today=2) is CLOSED


def test_letters_are_given_for_fields_and_parts() -> None:
    assert letter_of(Role.STATISTICS, Part.VALUES, Moment.ISSUED, "heaviest") == "m"
    assert letter_of(Role.ISSUER, Part.VALUES, Moment.ISSUED, "heaviest") == "c"
    assert letter_of(Role.STATISTICS, Part.VALUES, Moment.ISSUED, "lines") == "g"
