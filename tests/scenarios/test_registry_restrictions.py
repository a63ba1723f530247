"""Restrictions of the real cases, on the days their sources give. Shipments are hypothetical."""

from __future__ import annotations

import pytest

from kimberlite.registry.model import Truth
from tests.helpers.record import goods, reasons, verdict


def marange(issued: str, **more: object) -> str:
    asked = goods("ZW", issued, localities=("Marange",), **more)
    return verdict(asked, issued)


@pytest.mark.parametrize(
    ("issued", "more", "expected"),
    [
        ("2009-11-04", {}, "pass"),
        ("2009-12-01", {}, "refuse"),
        ("2010-07-14", {"lot": 1}, "refuse"),
        ("2010-08-11", {"lot": 1}, "pass"),
        ("2010-09-11", {"lot": 2}, "pass"),
        ("2010-09-12", {"lot": 3}, "refuse"),
        ("2010-09-12", {}, "refuse"),
        ("2011-02-10", {"company": "Mbada"}, "refuse"),
        ("2011-03-25", {"company": "Mbada"}, "cannot-tell"),
        ("2011-03-25", {}, "cannot-tell"),
        ("2011-03-25", {"company": "Another"}, "refuse"),
        ("2011-07-01", {"company": "Another"}, "cannot-tell"),
        ("2011-11-02", {"company": "Mbada"}, "pass"),
        ("2011-11-02", {"company": "Marange Resources"}, "pass"),
        ("2011-11-02", {"company": "DMC"}, "refuse"),
        ("2011-12-15", {"company": "DMC"}, "cannot-tell"),
        ("2012-02-01", {"company": "DMC"}, "pass"),
        ("2012-11-29", {"company": "Another"}, "refuse"),
        ("2012-11-30", {"company": "Another"}, "pass"),
    ],
)
def test_marange(issued: str, more: dict[str, object], expected: str) -> None:
    assert marange(issued, **more) == expected


@pytest.mark.parametrize("day", ["2009-12-01", "2010-09-12", "2011-03-25", "2012-06-01"])
def test_other_mines_of_zimbabwe_pass_throughout(day: str) -> None:
    assert verdict(goods("ZW", day, localities=("Murowa",)), day) == "pass"


def test_the_contested_notice_names_who_contests_and_both_views() -> None:
    asked = goods("ZW", "2011-03-25", localities=("Marange",), company="Mbada")
    (reason,) = reasons(asked, "2011-03-25")
    assert (reason.code, reason.truth) == ("restriction.contested", Truth.CANNOT_TELL)
    assert reason.contested_by == ("CA", "EU", "US", "NA")
    assert reason.facts["notice"] == "2011-03-19"
    assert "19 March 2011" in reason.source


def test_the_notice_counted_on_the_day_before_others_were_known_to_contest_it() -> None:
    asked = goods("ZW", "2011-03-20", localities=("Marange",), company="Mbada")
    assert verdict(asked, "2011-03-20", known="2011-03-20") == "pass"
    assert verdict(asked, "2011-03-20", known="2011-03-21") == "cannot-tell"


def test_the_text_of_january_2011_leaves_the_restriction_and_is_shown_as_contested() -> None:
    asked = goods("ZW", "2011-02-10", localities=("Marange",))
    (reason,) = reasons(asked, "2011-02-10")
    assert (reason.truth, reason.contested_by) == (Truth.YES, ("NA",))
    (before,) = reasons(asked, "2011-02-10", known="2011-02-03")
    assert before.contested_by == ()


def central_africa(issued: str, place: str, **more: object) -> str:
    return verdict(goods("CF", issued, localities=(place,), **more), issued)


@pytest.mark.parametrize(
    ("issued", "place", "more", "expected"),
    [
        ("2013-05-22", "Berbérati", {}, "pass"),
        ("2013-05-23", "Berbérati", {}, "refuse"),
        ("2015-08-01", "Berbérati", {"approval": "1"}, "refuse"),
        ("2016-05-15", "Berbérati", {"approval": "1"}, "cannot-tell"),
        ("2016-07-15", "Berbérati", {"approval": "1"}, "pass"),
        ("2016-07-15", "Berbérati", {}, "refuse"),
        ("2016-07-15", "Carnot", {"approval": "1"}, "refuse"),
        ("2016-11-15", "Carnot", {"approval": "1"}, "pass"),
        ("2016-11-15", "Carnot", {}, "refuse"),
        ("2016-11-15", "Bria", {"approval": "1"}, "refuse"),
        ("2018-06-01", "Gadzi", {"approval": "1"}, "cannot-tell"),
        ("2019-12-01", "Gadzi", {}, "pass"),
        ("2019-12-01", "Carnot", {}, "pass"),
        ("2020-06-01", "Bria", {}, "refuse"),
        ("2024-11-14", "Bria", {}, "refuse"),
        ("2024-11-15", "Bria", {}, "pass"),
    ],
)
def test_central_african_zones(
    issued: str, place: str, more: dict[str, object], expected: str
) -> None:
    assert central_africa(issued, place, **more) == expected


def test_before_the_four_further_zones_were_named_a_place_may_be_one_of_them() -> None:
    asked = goods("CF", "2019-12-15", localities=("Gadzi",))
    assert verdict(asked, "2019-12-15", known="2019-12-31") == "cannot-tell"
    found = {each.code for each in reasons(asked, "2019-12-15", known="2019-12-31")}
    assert found == {"restriction.zone-unnamed"}


def test_the_ban_on_ivory_coast_catches_its_certificates_and_its_goods_through_others() -> None:
    own = goods("CI", "2010-03-01")
    assert verdict(own, "2010-03-01") == "refuse"
    assert verdict(goods("CI", "2014-04-30"), "2014-04-30") == "pass"
    through = goods("GH", "2010-03-01", origins=("CI",))
    assert verdict(through, "2010-03-01") == "cannot-tell"
    late = goods("GH", "2010-03-01", origins=("CI",), left_origin=own.issued)
    assert verdict(late, "2010-03-01") == "refuse"
    assert verdict(goods("GH", "2006-11-10"), "2006-11-10") == "pass"


def test_undisclosed_mixed_origin_cannot_be_told_while_an_origin_is_restricted() -> None:
    mixed = goods("AE", "2010-03-01", origins=None)
    assert verdict(mixed, "2010-03-01") == "cannot-tell"
    codes = {each.code for each in reasons(mixed, "2010-03-01")}
    assert codes == {"restriction.origin-undisclosed"}
    assert verdict(goods("AE", "2025-06-01", origins=None), "2025-06-01") == "pass"


def test_liberian_goods_are_under_embargo_until_2007() -> None:
    through = goods("GN", "2006-06-01", origins=("LR",))
    assert verdict(through, "2006-06-01") == "refuse"
    assert verdict(goods("GN", "2007-04-27", origins=("LR",)), "2007-04-27") == "pass"


@pytest.mark.parametrize(
    ("day", "issuer", "origins", "points", "receiver", "expected"),
    [
        ("2023-12-31", "RU", ("RU",), 20, "EU", "pass"),
        ("2024-01-01", "RU", ("RU",), 20, "EU", "refuse"),
        ("2024-01-01", "RU", ("RU",), 20, "AE", "pass"),
        ("2024-01-01", "RU", ("RU",), 20, "IN", "pass"),
        ("2024-02-29", "AE", ("RU",), 150, "EU", "pass"),
        ("2024-03-01", "AE", ("RU",), 99, "EU", "pass"),
        ("2024-03-01", "AE", ("RU",), 100, "EU", "refuse"),
        ("2024-09-01", "AE", ("RU",), 50, "EU", "refuse"),
        ("2024-09-01", "AE", ("RU",), 49, "EU", "pass"),
        ("2024-09-01", "AE", ("RU",), None, "EU", "cannot-tell"),
        ("2024-09-01", "AE", ("RU",), 50, "US", "refuse"),
        ("2024-09-01", "AE", ("BW",), 50, "EU", "pass"),
        ("2024-09-01", "AE", None, 50, "EU", "cannot-tell"),
        ("2025-02-28", "AE", None, 80, "EU", "cannot-tell"),
        ("2025-03-01", "AE", None, 80, "EU", "refuse"),
        ("2025-03-01", "AE", None, 80, "IN", "pass"),
        ("2025-03-01", "AE", ("BW", "NA"), 80, "EU", "pass"),
    ],
)
def test_rules_of_the_union_and_the_united_states_bind_their_own_imports_only(
    day: str,
    issuer: str,
    origins: tuple[str, ...] | None,
    points: int | None,
    receiver: str,
    expected: str,
) -> None:
    asked = goods(issuer, day, origins=origins, heaviest_points=points, destination=receiver)
    assert verdict(asked, day) == expected
