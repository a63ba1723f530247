"""Names, amounts, days and errors: the words that all rooms share."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimberlite.kernel import days, errors, goods, ids
from kimberlite.kernel.errors import Invalid, Problem
from kimberlite.kernel.ids import CertificateNumber
from kimberlite.kernel.quantity import Carats, UsdCents
from kimberlite.kernel.rules import Facts, Finding, Force, Rule

EPOCH = date(1970, 1, 1)


def code_of(call: object, *told: object) -> str:
    assert callable(call)
    with pytest.raises(Invalid) as refused:
        call(*told)
    return refused.value.code


# --- certificate numbers


@pytest.mark.parametrize("text", ["XA000123", "XA 000 123", "XA-000-123", "XA0 0-0123"])
def test_a_number_is_read_with_and_without_gaps(text: str) -> None:
    number = CertificateNumber.parse(text)
    assert (number.prefix, number.digits, number.serial) == ("XA", "000123", 123)
    assert str(number) == "XA000123"
    assert number.key == "XA123"


def test_leading_zeros_do_not_make_another_number() -> None:
    assert CertificateNumber.parse("XA7").key == CertificateNumber.parse("XA007").key
    assert CertificateNumber.parse("XA7").key != CertificateNumber.parse("XB7").key
    assert CertificateNumber.parse("XA7").key != CertificateNumber.parse("XA70").key


@pytest.mark.parametrize(
    "text",
    [
        "",
        "XA",
        "123",
        "xa123",
        "X1123",
        "XAB12",
        "XA1234567890123",
        "XA12\n",
        "XA\t12",
        "XA12a",
        "XA+12",
        "XA1.2",
        "XA\u0661\u0662",  # Arabic-Indic digits: \d would take them
        "\uff38\uff2112",  # full-width letters
        "\u0425\u041012",  # Cyrillic look-alikes
    ],
)
def test_what_is_no_number_is_refused(text: str) -> None:
    assert code_of(CertificateNumber.parse, text) == "number.format"


def test_a_refusal_does_not_repeat_a_long_text() -> None:
    with pytest.raises(Invalid) as refused:
        CertificateNumber.parse("9" * 10_000)
    assert len(str(refused.value.facts["text"])) <= 40


def test_user_assigned_codes_are_xa_to_xz() -> None:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    assert all(ids.is_user_assigned(f"X{each}") for each in letters)
    for other in ("AX", "ZZ", "QM", "XXA", "X", "", "Xa", "X1", "XÄ"):
        assert not ids.is_user_assigned(other)


def test_a_holder_is_a_country_or_an_organ_and_never_both() -> None:
    for text in ("XA", "kp.chair", "kp.log", "obs.example-1"):
        assert ids.HOLDER.fullmatch(text), text
    for text in ("xa", "XAB", "KP.chair", "kp.", ".chair", "kp.Chair", "kp chair", "XA\n"):
        assert not ids.HOLDER.fullmatch(text), text
    assert not ids.PARTICIPANT.fullmatch("kp.chair")
    assert not ids.ORGAN.fullmatch("XA")


# --- amounts


@pytest.mark.parametrize(
    ("text", "hundredths"),
    [("0", 0), ("0.01", 1), ("0.1", 10), ("12.34", 1234), ("12.3", 1230), ("007", 700)],
)
def test_amounts_are_read_exactly(text: str, hundredths: int) -> None:
    assert Carats.parse(text).points == hundredths
    assert UsdCents.parse(text).cents == hundredths


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".5",
        "5.",
        "1.234",
        "-1",
        "+1",
        "1e3",
        "1,5",
        " 1",
        "1 ",
        "1\n",
        "NaN",
        "\u0661",
        "1_0",
        "9" * 14,
    ],
)
def test_other_spellings_of_an_amount_are_refused_and_never_rounded(text: str) -> None:
    assert code_of(Carats.parse, text) == "carats.format"
    assert code_of(UsdCents.parse, text) == "usd.format"


def test_amounts_are_never_below_zero() -> None:
    assert code_of(Carats, -1) == "carats.negative"
    assert code_of(UsdCents, -1) == "usd.negative"


@given(st.integers(0, 10**15 - 1), st.integers(0, 10**15 - 1))
def test_amounts_add_up_and_read_back_as_shown(one: int, other: int) -> None:
    assert Carats.parse(str(Carats(one))) == Carats(one)
    assert UsdCents.parse(str(UsdCents(one))) == UsdCents(one)
    assert (Carats(one) + Carats(other)).points == one + other
    assert (UsdCents(one) + UsdCents(other)).cents == one + other


def test_values_do_not_change() -> None:
    mass = Carats(100)
    with pytest.raises(FrozenInstanceError):
        mass.points = 200  # type: ignore[misc]
    assert Carats(99) < Carats(100)


# --- days


@given(st.integers(days.DAY_MIN, days.DAY_MAX))
def test_a_day_reads_back_as_shown(day: int) -> None:
    assert days.parse_day(days.show_day(day)) == day
    assert days.day_of(days.start_of(day)) == day
    assert days.day_of(days.start_of(day) + days.SECONDS_A_DAY - 1) == day
    assert days.day_of(days.start_of(day) - 1) == day - 1


@given(st.dates(date(1990, 1, 1), date(2200, 1, 1)))
def test_days_agree_with_the_calendar(day: date) -> None:
    assert days.parse_day(day.isoformat()) == (day - EPOCH).days
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    assert days.day_of(int(noon.timestamp())) == (day - EPOCH).days
    assert days.show_moment(int(noon.timestamp())) == f"{day.isoformat()}T12:00:00Z"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-1-5",
        "20260105",
        "2026-02-29",
        "2026-13-01",
        "2026-00-10",
        "2026-W01-1",
        "2026-01-05T00:00",
        "2026-01-05\n",
        " 2026-01-05",
        "0000-01-01",
        "\u0662\u0660\u0662\u0666-01-05",
    ],
)
def test_what_is_no_day_is_refused(text: str) -> None:
    assert code_of(days.parse_day, text) == "day.format"


# --- errors, rules, goods


def _odd(number: int) -> Facts | None:
    return {"n": number} if number % 2 else None


KINDS = (
    errors.Invalid,
    errors.Refused,
    errors.NotFound,
    errors.Conflict,
    errors.Untrusted,
    errors.Unavailable,
)


@pytest.mark.parametrize("kind", KINDS)
def test_a_problem_carries_code_sentence_and_facts(kind: type[Problem]) -> None:
    problem = kind("area.reason", "say what to do", limit=3)
    assert (problem.code, problem.detail, dict(problem.facts)) == (
        "area.reason",
        "say what to do",
        {"limit": 3},
    )
    assert str(problem) == "area.reason: say what to do"
    with pytest.raises(TypeError):
        problem.facts["limit"] = 4  # type: ignore[index]


def test_kinds_say_different_things_to_do() -> None:
    """A caller that catches one kind does not catch another."""
    for kind in KINDS:
        assert issubclass(kind, Problem)
        assert not any(issubclass(kind, other) for other in KINDS if other is not kind)


def test_a_rule_is_a_value_that_says_nothing_or_facts() -> None:
    rule: Rule[int] = Rule("area.odd", "ours", Force.FINDS, _odd)
    assert rule.check(2) is None
    assert rule.check(3) == {"n": 3}
    assert Finding("area.odd").facts == {}
    with pytest.raises(FrozenInstanceError):
        rule.code = "area.even"  # type: ignore[misc]


def test_the_scheme_covers_three_headings() -> None:
    """KPCS Core Document, Section I: 7102.10, 7102.21 and 7102.31."""
    assert set(goods.ROUGH) == {"7102.10", "7102.21", "7102.31"}
    with pytest.raises(TypeError):
        goods.ROUGH["7102.39"] = "worked"  # type: ignore[index]
