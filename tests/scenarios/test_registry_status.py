"""Who was listed and who could trade: the real cases, on the days their sources give.

Shipments are hypothetical. Sources stand in the record beside each fact.
"""

from __future__ import annotations

import pytest

from kimberlite.kernel.days import parse_day
from kimberlite.registry.model import Direction, Truth
from tests.helpers.record import goods, listed, may, reasons, registry

YES, NO, CANNOT_TELL = Truth.YES, Truth.NO, Truth.CANNOT_TELL
FIRST_LIST = (
    "AE AM AO AU BW BY CA CD CF CG CH CI CN EU GN GY HR HU IL IN JP KR LA LB "
    "LK LS MU NA PL RU SI SL TH TZ UA US VE ZA ZW"
)


@pytest.mark.parametrize(
    ("day", "count", "uncertain"),
    [
        ("2002-12-31", 0, ""),
        ("2003-05-01", 0, FIRST_LIST),
        ("2003-08-31", 39, "BG BR MY RO TG VN"),
        ("2003-10-31", 45, ""),
        ("2004-05-01", 41, "GH LB NO SG"),
        ("2004-07-09", 40, "GH NO SG"),
        ("2007-12-31", 48, ""),
        ("2012-11-29", 50, "SZ"),
        ("2012-11-30", 53, "SZ"),
        ("2014-01-01", 54, ""),
        ("2018-11-30", 55, ""),
        ("2021-01-01", 56, ""),
        ("2021-11-30", 59, ""),
        ("2024-11-14", 59, ""),
        ("2024-11-15", 60, ""),
        ("2026-06-01", 60, ""),
    ],
)
def test_how_many_take_part(day: str, count: int, uncertain: str) -> None:
    views = registry().participants(parse_day(day))
    assert sum(view.listed.truth is YES for view in views) == count
    maybe = [view.code for view in views if view.listed.truth is CANNOT_TELL]
    assert maybe == uncertain.split()


def test_sixty_participants_are_eighty_six_countries() -> None:
    day = parse_day("2026-06-01")
    codes = [view.code for view in registry().participants(day)]
    assert len(codes) - 1 + len(registry().members("EU", day)) == 86


def test_congo_leaves_the_list_in_2004_and_returns_in_2007() -> None:
    days = ("2003-09-01", "2004-07-08", "2004-07-09", "2004-07-10", "2007-11-07", "2007-11-08")
    assert [listed("CG", day) for day in days] == [YES, YES, NO, NO, NO, YES]
    assert may("CG", "export", "2004-07-10") is NO
    assert may("CG", "export", "2007-11-08") is YES
    reason = registry().listed("CG", parse_day("2004-07-12")).reasons[0]
    assert reason.facts["decides"] == "arrival"
    assert "transit_passes" not in reason.facts
    assert "9 July 2004" in reason.source


def test_lebanon_is_off_the_list_between_uncertain_days() -> None:
    days = ("2003-12-31", "2004-01-01", "2004-06-30", "2005-07-29", "2005-07-30", "2005-12-31")
    assert [listed("LB", day) for day in days] == [YES, CANNOT_TELL, NO, NO, CANNOT_TELL, YES]


def test_liberia_trades_from_its_admission_and_not_from_the_end_of_the_embargo() -> None:
    days = ("2007-04-26", "2007-04-27", "2007-05-03", "2007-05-04")
    assert [may("LR", "export", day) for day in days] == [NO, NO, NO, YES]


def test_ivory_coast_stays_listed_under_the_ban_and_may_not_export() -> None:
    days = ("2005-12-14", "2005-12-15", "2010-06-01", "2014-04-28", "2014-04-29", "2014-04-30")
    assert [listed("CI", day) for day in days] == [YES] * 6
    assert [may("CI", "export", day) for day in days] == [YES, NO, NO, NO, YES, YES]
    assert may("CI", "import", "2010-06-01") is YES


def test_venezuela_stays_listed_while_it_may_not_trade() -> None:
    days = ("2004-12-31", "2005-02-01", "2005-04-01", "2008-07-15", "2013-01-01", "2016-11-16")
    assert [listed("VE", day) for day in days] == [YES] * 6
    assert [may("VE", "export", day) for day in days] == [YES, CANNOT_TELL, NO, NO, NO, NO]
    imports = [may("VE", "import", day) for day in days]
    assert imports == [YES, YES, YES, CANNOT_TELL, NO, NO]
    assert [may("VE", "both", f"2016-11-{day}") for day in (17, 18)] == [CANNOT_TELL, YES]


def test_what_was_reported_of_venezuela_in_2016_was_not_known_before() -> None:
    assert may("VE", "export", "2006-01-01", known="2007-01-01") is YES
    assert may("VE", "export", "2006-01-01", known="2016-05-24") is NO


def test_the_central_african_republic_trades_again_by_steps() -> None:
    days = ("2013-05-22", "2013-05-23", "2015-07-17", "2016-05-15", "2016-07-01", "2024-11-15")
    expected = [YES, NO, NO, CANNOT_TELL, YES, YES]
    assert [may("CF", "export", day) for day in days] == expected
    assert [listed("CF", day) for day in days] == [YES] * 6
    answer = registry().may_trade("CF", Direction.EXPORT, parse_day("2020-01-01"))
    assert "trade.conditions" in [each.code for each in answer.reasons]


@pytest.mark.parametrize(
    ("code", "before", "first"),
    [
        ("CM", "2012-08-13", "2012-08-14"),
        ("PA", "2012-11-29", "2012-11-30"),
        ("KZ", "2012-11-29", "2012-11-30"),
        ("KH", "2012-11-29", "2012-11-30"),
        ("GA", "2018-10-31", "2018-11-30"),
        ("GB", "2020-12-31", "2021-01-01"),
        ("MZ", "2021-10-31", "2021-11-30"),
        ("QA", "2021-10-31", "2021-11-30"),
        ("KG", "2021-10-31", "2021-11-30"),
        ("UZ", "2024-11-14", "2024-11-15"),
    ],
)
def test_admissions(code: str, before: str, first: str) -> None:
    assert (listed(code, before), listed(code, first)) == (NO, YES)


def test_an_admission_of_which_only_the_month_is_known_gives_cannot_tell_inside_it() -> None:
    assert listed("GA", "2018-11-15") is CANNOT_TELL
    assert listed("ML", "2013-08-01") is CANNOT_TELL


def test_the_union_stands_for_its_members_and_absorbs_former_participants() -> None:
    ask = registry()
    assert ask.stands_for("BE", parse_day("2005-01-01")) == "EU"
    assert (listed("PL", "2004-04-30"), listed("PL", "2004-05-01")) == (YES, NO)
    assert ask.stands_for("PL", parse_day("2004-05-01")) == "EU"
    assert [len(ask.members("EU", parse_day(day))) for day in _ENLARGED] == [15, 25, 27, 28, 27]
    assert ask.stands_for("GB", parse_day("2020-12-31")) == "EU"
    assert ask.stands_for("GB", parse_day("2021-01-01")) is None
    assert ask.participant_of_prefix("EC", parse_day("2006-01-01")) == "EU"


_ENLARGED = ("2003-01-01", "2004-05-01", "2007-01-01", "2013-07-01", "2021-01-01")


def test_customs_territories_and_trading_entities_stand_beside_the_list() -> None:
    day = parse_day("2026-06-01")
    views = registry().others(day)
    assert [(view.code, view.territory_of) for view in views] == [("HK", "CN"), ("TW", "")]
    assert listed("TW", "2026-06-01") is NO
    assert may("TW", "export", "2026-06-01") is YES


def test_the_plenary_without_a_communique_changes_no_status() -> None:
    before, after = (
        [
            (view.code, view.listed.truth, view.may_trade.truth)
            for view in registry().participants(parse_day(day))
        ]
        for day in ("2023-11-09", "2023-11-11")
    )
    assert before == after
    assert may("RU", "both", "2023-11-11") is YES
    noted = [each.text for each in registry().history("kp.plenary")]
    assert "Victoria Falls plenary ends without a communiqué; no status changes." in noted


def test_national_rules_leave_the_status_of_russia_as_it_is() -> None:
    assert may("RU", "both", "2026-06-01") is YES
    assert reasons(goods("RU", "2026-06-01", destination="AE"), "2026-06-01") == ()


@pytest.mark.parametrize(
    ("day", "kind", "code"),
    [
        ("2003-06-01", "chair", "ZA"),
        ("2011-03-19", "chair", "CD"),
        ("2016-06-01", "chair", "AE"),
        ("2021-06-01", "chair", "RU"),
        ("2023-11-10", "chair", "ZW"),
        ("2025-06-01", "custodian", "AE"),
        ("2026-06-01", "chair", "IN"),
    ],
)
def test_who_presides(day: str, kind: str, code: str) -> None:
    found = registry().chair(parse_day(day))
    assert found is not None
    assert (found.kind, found.code) == (kind, code)


def test_nobody_presided_in_2020_and_thailand_withdrew_as_vice_in_2025() -> None:
    ask = registry()
    assert ask.chair(parse_day("2020-06-01")) is None

    def vice(day: str) -> list[str]:
        return [each.code for each in ask.organs(parse_day(day)) if each.kind == "vice"]

    assert [vice(day) for day in ("2025-03-01", "2025-07-01")] == [["TH"], []]
    assert [vice(day) for day in ("2025-12-24", "2025-12-25", "2026-01-01")] == [
        [],
        ["IN"],
        ["GH"],
    ]


def test_observers_join_and_leave() -> None:
    def codes(day: str) -> list[str]:
        return [each.code for each in registry().observers(parse_day(day))]

    assert "obs.gw" in codes("2011-12-04")
    assert "obs.gw" not in codes("2011-12-05")
    assert codes("2026-06-01") == ["obs.adpa", "obs.ddi", "obs.kpcsc", "obs.wdc"]
