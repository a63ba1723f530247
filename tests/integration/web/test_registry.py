"""The registry on both time axes, as pages, JSON and CSV."""

from __future__ import annotations

import csv
import io
import re

import pytest
from starlette.testclient import TestClient

from kimberlite.words import Words


def test_the_list_of_a_day(client: TestClient) -> None:
    told = client.get("/api/v1/registry?day=2026-06-01").json()
    real = [each for each in told["participants"] if not each["code"].startswith("X")]
    listed = [each["code"] for each in real if each["listed"]["truth"] == "yes"]
    assert len(listed) == 60
    assert {"HK", "TW"} <= {each["code"] for each in real if each["listed"]["truth"] == "no"}


def test_both_time_axes_change_the_answer(client: TestClient) -> None:
    def listed(query: str) -> str:
        told = client.get(f"/api/v1/registry/CG?{query}").json()
        return str(told["participant"]["listed"]["truth"])

    assert listed("day=2004-08-01") == "no"
    assert listed("day=2004-08-01&known=2004-07-01") == "yes"
    assert listed("day=2008-01-01") == "yes"


def test_listed_and_may_trade_are_two_answers(client: TestClient) -> None:
    told = client.get("/api/v1/registry/VE?day=2010-01-01").json()
    assert told["participant"]["listed"]["truth"] == "yes"
    assert told["participant"]["may_trade"]["truth"] == "no"
    assert told["participant"]["may_trade"]["reasons"][0]["source"]
    page = client.get("/registry/VE?day=2010-01-01").text
    assert "truth-no" in page
    assert told["may_export"]["reasons"][0]["sentence"] in page


def test_contested_is_shown_as_contested(client: TestClient) -> None:
    told = client.get("/api/v1/restrictions?day=2011-06-01").json()
    contested = [each for each in told["restrictions"] if each["record"]["contested_by"]]
    assert [each["scope"]["country"] for each in contested] == ["ZW"]
    assert Words("en").say("web.contested") in client.get("/restrictions?day=2011-06-01").text


def test_sorting_and_searching_need_no_script(client: TestClient) -> None:
    def codes(query: str) -> list[str]:
        text = client.get(f"/registry?{query}").text
        return re.findall(r'<td><bdi class="code">([A-Z]{2})</bdi></td>', text)

    by_code = codes("sort=code")
    assert by_code == sorted(by_code)
    assert codes("sort=code&down=1") == by_code[::-1]
    assert codes("q=congo") == ["CD", "CG"]
    assert codes("q=xb") == ["XB"]
    assert codes("q=nowhere-at-all") == []
    assert codes("sort=nonsense")


def test_a_search_is_never_read_as_markup(client: TestClient) -> None:
    text = client.get("/registry", params={"q": '"><script>alert(1)</script>'}).text
    assert "<script" not in text


def test_the_list_downloads_as_csv(client: TestClient) -> None:
    answer = client.get("/registry.csv?day=2010-01-01")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    (row,) = [each for each in rows if each["code"] == "VE"]
    assert (row["listed"], row["may_trade"], row["day"]) == ("yes", "no", "2010-01-01")
    assert "attachment" in answer.headers["content-disposition"]


@pytest.mark.parametrize("path", ["/registry", "/restrictions", "/registry/XA", "/registry.csv"])
def test_a_day_that_is_none_is_refused_in_words(client: TestClient, path: str) -> None:
    answer = client.get(f"{path}?day=2026-02-30")
    assert answer.status_code == 422
    assert "day.format" in answer.text
    assert "Traceback" not in answer.text
