"""What is due, alerts, blanks and the narrowed list: pages, CSV, JSON, as each visitor may."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from kimberlite.certificates.drafting import from_json
from kimberlite.kernel.days import parse_day, show_day
from kimberlite.node.founding import Draft, append
from kimberlite.words import LANGUAGES, Words
from tests.helpers.web import ELSEWHERE, NOW, TODAY, Node, client_of, furnished
from tests.integration.web.test_pages import outline

DAY = parse_day(TODAY)
PAGES = (
    "/due",
    "/due?sort=late&down=1",
    "/due?late=1",
    "/alerts",
    "/alerts?all=1",
    "/blanks",
    "/certificates?overdue=1",
    "/certificates?paper=1&status=issued&from=2026-01-01",
)
FILES = ("/due.csv", "/due-pairs.csv", "/alerts.csv", "/blanks.csv", "/certificates.csv")
ADDRESSES = ("/api/v1/due", "/api/v1/due/pairs", "/api/v1/alerts", "/api/v1/blanks")


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Node:
    made, _ = furnished(tmp_path_factory.mktemp("node"))
    practice = {"begins": DAY - 30, "unused_days": 10}
    append(made.log, [made.founder.sign("XA", Draft("kp-practice+cose", "XA", practice), NOW)])
    old = {"issued": show_day(DAY - 29), "expires": show_day(DAY - 20)}
    made.issue("XA100003", **old)
    fourth, _ = made.issue("XA100004")
    link = {"number": "XA100004", "certificate": fourth.statement.id.hex()}
    presented = {"type": "presentation", **link, "day": show_day(DAY - 20)}
    made.say("XB", from_json(presented))
    alert = {"type": "alert", "number": "XA100005", "day": TODAY, "kind": "counterfeit"}
    made.say("XB", from_json({**alert, "held": True, "features": ["watermark", "dates"]}))
    blank = {"of": "number", "lead": "XA", "day": DAY, "first": 7, "last": 9, "fate": "stolen"}
    append(made.log, [made.founder.sign("XA", Draft("kp-blank+cose", "XA", blank), NOW)])
    made.publish()
    return made


@pytest.fixture
def client(node: Node) -> Iterator[TestClient]:
    with client_of(node, door=node) as found:
        yield found


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("page", PAGES)
def test_every_page_in_every_language(client: TestClient, page: str, lang: str) -> None:
    answer = client.get(page, headers={"Accept-Language": lang})
    assert answer.status_code == 200
    found = outline(answer.text)
    assert len(found.all("h1")) == 1
    ids = [attrs["id"] for _, attrs in found.tags if attrs.get("id")]
    assert len(ids) == len(set(ids))
    labels = {attrs.get("for") for attrs in found.all("label")}
    fields = [*found.all("input"), *found.all("select")]
    assert all(each.get("id") in labels for each in fields if each.get("type") != "hidden")
    assert not found.all("script")
    assert re.findall(r">(?:due|alerts|blanks|word)\.[a-z.-]+<", answer.text) == []


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(client: TestClient, page: str) -> None:
    main = outline(client.get(page).text.partition("<main")[2])
    for link in {attrs["href"] for attrs in main.all("a") if attrs.get("href")}:
        assert link is not None
        assert client.get(link.partition("#")[0]).status_code == 200, link


@pytest.mark.parametrize("path", [*PAGES, *FILES, *ADDRESSES])
def test_who_may_not_read_the_log_may_not_read_what_is_made_of_it(node: Node, path: str) -> None:
    with client_of(node, ELSEWHERE) as outside:
        answer = outside.get(path)
        assert (answer.status_code, "web.forbidden" in answer.text) == (403, True)


def test_what_is_due_and_how_late(client: TestClient) -> None:
    told = client.get("/api/v1/due").json()
    assert told["day"] == TODAY
    rows = {(each["number"], each["due"]): each for each in told["due"]}
    confirm = rows["XA100004", "confirm"]
    assert (confirm["by"], confirm["to"], confirm["late"]) == ("XB", "XA", 13)
    assert confirm["term"] == "confirm_days"
    unused = rows["XA100003", "unused"]
    assert (unused["by"], unused["to"], unused["late"]) == ("XA", None, 10)
    answer = rows["XA100005", "answer"]
    assert (answer["by"], answer["to"], answer["late"]) == ("XA", "XB", 0)
    late = client.get("/api/v1/due?late=true").json()["due"]
    assert {each["number"] for each in late} == {"XA100003", "XA100004"}
    assert {each["by"] for each in client.get("/api/v1/due?by=XB").json()["due"]} == {"XB"}
    (pair,) = client.get("/api/v1/due/pairs").json()["pairs"]
    assert (pair["issuer"], pair["receiver"], pair["overdue"], pair["over_15"]) == (
        "XA",
        "XB",
        1,
        0,
    )


def test_an_officer_sees_what_is_ours_and_theirs(client: TestClient) -> None:
    client.post("/look-as", data={"look": "officer-XB"})
    text = client.get("/due?whose=mine").text
    assert "XA100004" in text
    assert "XA100003" not in text
    theirs = client.get("/due?whose=theirs").text
    assert "XA100005" in theirs
    assert "XA100004" not in theirs.partition('id="pairs"')[0]


def test_alerts_say_what_failed(client: TestClient) -> None:
    (row,) = client.get("/api/v1/alerts").json()["alerts"]
    assert (row["number"], row["features"], row["held"]) == (
        "XA100005",
        ["watermark", "dates"],
        True,
    )
    text = client.get("/alerts", headers={"Accept-Language": "fr"}).text
    words = Words("fr")
    assert words.say("alerts.feature.watermark") in text
    assert words.say("alerts.unknown-number") in text
    assert client.get("/api/v1/alerts?kind=clone").json()["alerts"] == []
    assert client.get("/api/v1/alerts?kind=nothing").status_code == 422


def test_blanks_are_listed(client: TestClient) -> None:
    (row,) = client.get("/api/v1/blanks?of=XA&fate=stolen").json()["blanks"]
    assert (row["lead"], row["first"], row["last"], row["recovered"]) == ("XA", 7, 9, False)
    assert client.get("/api/v1/blanks?of=XB").json()["blanks"] == []
    assert "XA7" in client.get("/blanks").text


def test_the_list_is_narrowed(client: TestClient) -> None:
    def numbers(query: str) -> list[str]:
        told = client.get(f"/api/v1/certificates?{query}").json()
        return [each["number"] for each in told["certificates"]]

    assert numbers("overdue=true") == ["XA100004", "XA100003"]
    assert numbers("expired=true") == ["XA100003"]
    assert numbers("receiver=XB&status=presented") == ["XA100004"]
    assert numbers("until=" + show_day(DAY - 25)) == ["XA100003"]
    assert numbers("paper=true") == []
    page = client.get("/certificates?overdue=1").text
    assert "XA100003" in page
    assert "XA100002" not in page
    assert client.get("/certificates?from=soon").status_code == 422


def test_lists_come_as_csv(client: TestClient) -> None:
    for path in FILES:
        answer = client.get(path)
        assert answer.headers["content-type"].startswith("text/csv")
        assert "attachment" in answer.headers["content-disposition"]
        assert len(answer.content.decode("utf-8-sig").splitlines()) > 1, path
    assert "XA100003" in client.get("/certificates.csv?expired=1").text
    assert "XA100002" not in client.get("/certificates.csv?expired=1").text


def test_a_table_is_sorted_without_a_script(client: TestClient) -> None:
    def order(query: str) -> list[str]:
        text = client.get(f"/due?{query}").text.partition('id="pairs"')[0]
        return list(dict.fromkeys(re.findall(r"XA10000\d", text)))

    assert order("sort=number") == sorted(order("sort=number"))
    assert order("sort=number&down=1") == order("sort=number")[::-1]
    assert order("sort=nothing") == order("")


def test_an_empty_node_has_nothing_due(tmp_path: Path) -> None:
    with client_of(Node(tmp_path)) as client:
        assert Words("en").say("due.nothing") in client.get("/due").text
        assert Words("en").say("alerts.none") in client.get("/alerts").text
        assert Words("en").say("blanks.none") in client.get("/blanks").text


# --- an office's own correspondence ------------------------------------------------------------

OWN = ("/inbox", "/letters", "/letters?number=XA100001")


@pytest.fixture
def officer(node: Node) -> Iterator[TestClient]:
    with client_of(node, door=node) as found:
        found.post("/look-as", data={"look": "officer-XA"})
        yield found


@pytest.mark.parametrize("page", [*OWN, "/api/v1/inbox"])
def test_only_officers_of_this_node_correspond(node: Node, page: str) -> None:
    for host in (("127.0.0.1", 5), ELSEWHERE):
        with client_of(node, host) as other:
            assert other.get(page).status_code == 403
    with client_of(node) as other:
        other.post("/look-as", data={"look": "officer-XB"})
        assert other.get(page).status_code == 404
        assert other.post("/letters/remind", data={"code": "XA"}).status_code == 404


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("page", OWN)
def test_own_pages_in_every_language(officer: TestClient, page: str, lang: str) -> None:
    answer = officer.get(page, headers={"Accept-Language": lang})
    assert answer.status_code == 200
    found = outline(answer.text)
    assert len(found.all("h1")) == 1
    ids = [attrs["id"] for _, attrs in found.tags if attrs.get("id")]
    assert len(ids) == len(set(ids))
    labels = {attrs.get("for") for attrs in found.all("label")}
    fields = [*found.all("input"), *found.all("select")]
    assert all(each.get("id") in labels for each in fields if each.get("type") != "hidden")
    assert re.findall(r">(?:letter|inbox|authenticated|due)\.[a-z.-]+<", answer.text) == []


@pytest.mark.parametrize(
    ("path", "told", "code", "status"),
    [
        ("/letters/advise", {"number": "XA100001"}, "letter.closed", 404),
        ("/letters/advise", {"number": "nine"}, "number.format", 422),
        ("/letters/remind", {"code": "XC"}, "letter.nothing", 404),
        ("/letters/remind", {"code": "XB", "officer": ""}, "letter.officer", 422),
        (
            "/letters/copy",
            {"number": "XA100001", "recipient": "importer"},
            "copy.not-confirmed",
            409,
        ),
        ("/letters/copy", {"number": "XA100001", "recipient": "me"}, "copy.recipient", 422),
    ],
)
def test_what_cannot_be_done_is_said_on_the_page(
    officer: TestClient, path: str, told: dict[str, str], code: str, status: int
) -> None:
    answer = officer.post(path, data={"officer": "officer-1", **told})
    assert (answer.status_code, code in answer.text) == (status, True)
    assert 'role="alert"' in answer.text


def test_a_reminder_comes_as_a_file_and_once_a_day(officer: TestClient) -> None:
    told = {"code": "XB", "officer": "officer-1"}
    answer = officer.post("/letters/remind", data=told)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "message/rfc822"
    assert "reminder-XB.eml" in answer.headers["content-disposition"]
    assert b"office@xb.example" in answer.content
    again = officer.post("/letters/remind", data=told)
    assert (again.status_code, "letter.today" in again.text) == (409, True)
    assert "office@xb.example" in officer.get("/letters").text
