"""The desk's pages: acts by form, what the log would say, proposing, withdrawing, arriving."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from kimberlite.certificates.drafting import from_json
from kimberlite.node.acting import ACT_WORDS
from kimberlite.node.office import Office
from kimberlite.node.wiring import desk_of, office_of
from kimberlite.words import LANGUAGES
from tests.helpers.certificates import CERTIFICATE
from tests.helpers.web import TODAY, Node, client_of

PNG = b"\x89PNG\r\n\x1a\n" + b"pixels"
GOOD = "The log would take this without a finding."


@pytest.fixture(scope="module")
def both(node: Node) -> Node:
    node.home.describe({**node.home.read(), "hosts": ["XA", "XB"]})
    return node


def visitor(node: Node, code: str) -> Iterator[TestClient]:
    with client_of(node, door=node) as client:
        client.post("/look-as", data={"look": f"officer-{code}"})
        yield client


@pytest.fixture
def issuer(both: Node) -> Iterator[TestClient]:
    yield from visitor(both, "XA")


@pytest.fixture
def receiver(both: Node) -> Iterator[TestClient]:
    yield from visitor(both, "XB")


def office(node: Node, code: str) -> Office:
    return office_of(node.home, code)


def confirmation(**changes: str) -> dict[str, str]:
    told = {
        "arrived": TODAY,
        "outcome": "confirmed",
        "examination": "weighed",
        "values.lines.0.hs": "7102.31",
        "values.lines.0.carats": "1203.45",
        "values.lines.1.hs": "7102.21",
        "values.lines.1.carats": "400.00",
        "values.parcels": "3",
        "parties.exporter.name": "Alpha Stones Ltd",
        "parties.exporter.address": "1 Mine Road, Alphaville",
        "parties.importer.name": "Beta Gems BV",
        "parties.importer.address": "2 Quay Street, Betatown",
        "parties.seals": "A-7781\nA-7782",
    }
    return {**told, **changes}


def test_the_desk_is_for_officers_alone(both: Node) -> None:
    with client_of(both, door=both) as client:
        for path in ("/desk", "/arrivals", "/desk/on/XA100002/dispatch"):
            assert client.get(path).status_code == 403
        assert client.post("/desk/on/XA100002/dispatch", data={"_do": "propose"}).status_code == 403
    assert office(both, "XA").acts() == []


@pytest.mark.parametrize("word", ACT_WORDS)
def test_every_act_has_a_form_in_every_language(issuer: TestClient, word: str) -> None:
    number = "-" if word == "blank" else "XA100002"
    for lang in LANGUAGES:
        page = issuer.get(f"/desk/on/{number}/{word}?lang={lang}")
        assert page.status_code == 200, word
        assert "desk." not in re.sub(r"<[^>]*>", "", page.text)


def test_an_unknown_act_is_not_found(issuer: TestClient) -> None:
    assert issuer.get("/desk/on/XA100002/certificate").status_code == 404
    assert issuer.get("/desk/on/XA100002/eat").status_code == 404


def test_a_certificate_offers_what_the_table_allows_to_each_side(
    both: Node, issuer: TestClient, receiver: TestClient
) -> None:
    mine, theirs = (c.get("/certificates/XA100002").text for c in (issuer, receiver))
    assert "/desk/on/XA100002/dispatch?" in mine
    assert "/desk/on/XA100002/confirmation?" not in mine
    assert "/desk/on/XA100002/confirmation?outcome=detained" in theirs
    assert "/desk/on/XA100002/void?" not in theirs
    used = issuer.get("/certificates/XA100001").text
    assert "/desk/on/XA100001/void?" not in used
    assert "/desk/on/XA100001/rectification?" in used
    with client_of(both, door=both) as anyone:
        assert "/desk/on/" not in anyone.get("/certificates/XA100002").text


def test_an_act_is_looked_at_proposed_and_withdrawn(both: Node, issuer: TestClient) -> None:
    told = {"day": TODAY, "journey.carrier": "Kite Air", "journey.seals": "A-1\r\nA-2"}
    page = issuer.post("/desk/on/XA100002/dispatch", data={**told, "_do": "look"})
    assert page.status_code == 200
    assert GOOD in page.text
    assert "Kite Air" in page.text
    before = len(office(both, "XA").acts())
    done = issuer.post(
        "/desk/on/XA100002/dispatch", data={**told, "_do": "propose"}, follow_redirects=False
    )
    assert done.status_code == 303
    where = done.headers["location"]
    act = office(both, "XA").acts()[0]
    assert (len(office(both, "XA").acts()), act.stage) == (before + 1, "proposed")
    shown = issuer.get(where).text
    assert "Kite Air" in shown
    assert "A-1" in shown
    assert f"approve {act.id} --as XA" in shown
    assert issuer.post(f"{where}/withdraw").status_code == 200
    assert office(both, "XA").acts()[0].stage == "withdrawn"
    assert issuer.post(f"{where}/withdraw").status_code == 409


def test_a_wrong_field_is_marked_and_nothing_is_kept(both: Node, issuer: TestClient) -> None:
    before = len(office(both, "XA").acts())
    for do in ("look", "propose"):
        told = {"day": "someday", "ground": "figures", "_do": do}
        page = issuer.post("/desk/on/XA100002/correction", data=told)
        assert page.status_code == 422
        assert 'aria-invalid="true"' in page.text
        assert "someday" in page.text
        assert "Write a day as year, month and day" in page.text
    page = issuer.post("/desk/on/XA100002/correction", data={"colour": "red", "_do": "propose"})
    assert page.status_code == 422
    assert len(office(both, "XA").acts()) == before


def test_what_the_log_would_refuse_or_find_is_said_before(issuer: TestClient) -> None:
    page = issuer.post("/desk/on/XA100001/void", data={"reason": "error", "_do": "look"})
    assert "The log would refuse this:" in page.text
    assert "certificate.used" in page.text
    assert 'value="propose"' not in page.text


def test_an_arrival_is_laid_out_and_confirmed_from_its_file(
    both: Node, receiver: TestClient, files: dict[str, bytes]
) -> None:
    asked = receiver.post("/arrivals", files={"file": ("a.kpc", files["XA100002"])})
    assert asked.status_code == 200, asked.text
    assert asked.url.path == "/arrivals/XA100002"
    for said in ("A-7781", "Beta Gems BV", "1,203.45", "watermark of a kite"):
        assert said in asked.text
    link = re.search(
        r'href="(/desk/on/XA100002/confirmation\?outcome=confirmed&amp;with=\w+)"', asked.text
    )
    assert link is not None
    there = link[1].replace("&amp;", "&")
    assert 'value="confirmed" selected' in receiver.get(there).text
    good = receiver.post(there, data={**confirmation(), "_do": "look"})
    assert GOOD in good.text, good.text
    short = {"values.lines.0.carats": "1000.00", "_do": "look"}
    assert "arrival.carats" in receiver.post(there, data=confirmation(**short)).text
    receiver.post(there, data={**confirmation(), "_do": "propose"})
    proposal = office(both, "XB").proposal(office(both, "XB").acts()[0].id).proposal
    assert proposal.verdicts is not None
    assert proposal.verdicts.said == ()


def test_an_arrival_by_its_number_says_what_is_closed_here(receiver: TestClient) -> None:
    page = receiver.post("/arrivals", data={"number": "xa100001"})
    assert page.url.path == "/arrivals/XA100001"
    assert "Its sections are closed here" in page.text
    assert "Confirmation of arrival" in page.text
    unknown = receiver.get("/arrivals/XC77")
    assert unknown.status_code == 404
    assert "/desk/on/XC77/paper" in unknown.text
    assert receiver.post("/arrivals", data={"number": "12"}).status_code == 422
    assert receiver.post("/arrivals", data={"text": "KPC1:NOISE"}).status_code == 422


def test_a_file_of_one_office_is_not_anothers(
    issuer: TestClient, receiver: TestClient, files: dict[str, bytes]
) -> None:
    asked = receiver.post("/arrivals", files={"file": ("a.kpc", files["XA100002"])})
    assert "Beta Gems BV" in asked.text
    name = asked.url.params["with"]
    assert "Beta Gems BV" not in issuer.get(f"/arrivals/XA100002?with={name}").text


def test_over_an_open_alert_a_confirmation_needs_a_reason(
    both: Node, receiver: TestClient, files: dict[str, bytes]
) -> None:
    issued, file = both.issue("XA100003")
    named = {"number": "XA100003", "certificate": issued.statement.id.hex(), "day": TODAY}
    both.say("XB", from_json({"type": "alert", **named, "kind": "clone", "held": True}))
    asked = receiver.post("/arrivals", files={"file": ("a.kpc", file)})
    there = f"/desk/on/XA100003/confirmation?with={asked.url.params['with']}"
    assert 'name="_reason"' in receiver.get(there).text
    told = {**confirmation(), "_do": "propose"}
    refused = receiver.post(there, data=told)
    assert refused.status_code == 409
    assert "confirmation.alert-open" in refused.text
    done = receiver.post(there, data={**told, "_reason": "the issuer answered by telephone"})
    assert "the issuer answered by telephone" in done.text
    detained = {**told, "outcome": "detained"}
    assert receiver.post(there, data=detained).url.path.startswith("/desk/acts/")


def test_a_paper_is_taken_down_with_its_scan_which_stands_beside_the_specimen(
    both: Node, receiver: TestClient
) -> None:
    told = {
        "kind": "ordinary",
        "day": TODAY,
        "holder": "xc",
        "issued": TODAY,
        "expires": "2026-12-22",
        "specimen": "matches",
        "shipment.destination": "XB",
        "shipment.origin_mode": "single",
        "shipment.origins.0.country": "XC",
        "shipment.provenance": "XC",
        "shipment.lines.0.hs": "7102.31",
        "shipment.lines.0.parcels": "1",
        "shipment.parcels": "1",
        "values.lines.0.hs": "7102.31",
        "values.lines.0.carats": "10.00",
        "values.lines.0.value": "1000.00",
        "parties.exporter.name": "C Mining",
        "parties.exporter.address": "Pit 1",
        "parties.importer.name": "Beta Gems BV",
        "parties.importer.address": "2 Quay Street",
        "parties.seals": "C-1",
        "_do": "propose",
    }
    bad = {"upload:evidence.photos": ("x.exe", b"MZ")}
    assert receiver.post("/desk/on/XC77/paper", data=told, files=bad).status_code == 422
    photo = {"upload:evidence.photos": ("scan.png", PNG)}
    done = receiver.post("/desk/on/XC77/paper", data=told, files=photo)
    assert done.url.path.startswith("/desk/acts/"), done.text
    act = office(both, "XB").acts()[0]
    request = office(both, "XB").proposal(act.id)
    body = {each.section: each for each in request.openings}
    kind = from_json({"type": "paper", "number": "XC77", **_log(told)}).kind
    (digest,) = body["evidence"].read(kind.section("evidence").schema)["photos"]
    assert desk_of(both.home, "XB").vault.get_blob(digest) == PNG


def _log(told: dict[str, str]) -> dict[str, str]:
    plain = {name: told[name] for name in ("kind", "day", "issued", "expires", "specimen")}
    return {**plain, "holder": "XC"}


def test_a_correction_seals_only_what_it_changes(both: Node, issuer: TestClient) -> None:
    issued, _ = both.issue("XA100004")
    parties = CERTIFICATE["parties"]
    told = {
        "day": TODAY,
        "ground": "parties",
        "parties.exporter.name": parties["exporter"]["name"],
        "parties.exporter.address": parties["exporter"]["address"],
        "parties.importer.name": "Gamma Gems BV",
        "parties.importer.address": parties["importer"]["address"],
        "parties.seals": "\n".join(parties["seals"]),
        "_do": "propose",
    }
    done = issuer.post("/desk/on/XA100004/correction", data=told)
    assert done.url.path.startswith("/desk/acts/"), done.text
    request = office(both, "XA").proposal(office(both, "XA").acts()[0].id)
    assert [each.section for each in request.openings] == ["parties"]
    assert request.proposal.log[2] == issued.statement.id


def test_a_missing_field_is_marked_by_its_name_in_the_visitors_words(issuer: TestClient) -> None:
    page = issuer.post("/desk/on/XA100002/alert?lang=en", data={"_do": "look"}).text
    for label in ("Kind", "Are the goods held?"):
        assert f"Something is missing: {label}." in page
    told = {"kind": "clone", "held": "yes", "evidence.photos": "zz", "_do": "look"}
    page = issuer.post("/desk/on/XA100002/alert", data=told).text
    assert '<textarea id="evidence-photos" name="evidence.photos"' in page
    assert page.count('aria-invalid="true"') == 1


def application(**changes: str) -> dict[str, str]:
    told = {
        "kind": "ordinary",
        "original": "paper",
        "office": "HQ",
        "shipment.destination": "xb",
        "shipment.origin_mode": "single",
        "shipment.origins.0.country": "XA",
        "shipment.provenance": "XA",
        "shipment.lines.0.hs": "7102.31",
        "shipment.lines.0.parcels": "2",
        "shipment.parcels": "2",
        "values.lines.0.hs": "7102.31",
        "values.lines.0.carats": "10.00",
        "values.lines.0.value": "1000.00",
        "parties.exporter.name": "Kite Mining",
        "parties.exporter.address": "Pit 1",
        "parties.importer.name": "Beta Gems BV",
        "parties.importer.address": "2 Quay Street",
    }
    return {**told, **changes}


def test_an_application_is_looked_at_taken_checked_and_sealed_in_boxes(
    both: Node, issuer: TestClient
) -> None:
    short = application(**{"shipment.parcels": "3", "_do": "look"})
    page = issuer.post("/desk/apply", data=short)
    assert "lines.parcels" in page.text
    paper = {"parties.papers.0.kind": "invoice", "parties.papers.0.text": "7"}
    assert "papers.declaration" in issuer.post("/desk/apply", data=application(**paper)).text
    assert GOOD in issuer.post("/desk/apply", data=application()).text
    wrong = issuer.post("/desk/apply", data=application(**{"values.lines.0.carats": "1.001"}))
    assert wrong.status_code == 422
    taken = issuer.post("/desk/apply", data=application(_do="propose"))
    assert taken.url.path.startswith("/desk/acts/"), taken.text
    there = f"{taken.url.path}/check"
    assert there in taken.text
    assert issuer.get(there).status_code == 200
    sealed = {"officer": "officer-3", "remarks": "weighed"}
    assert issuer.post(there, data={**sealed, "boxes": "B-1 A-1"}).status_code == 422
    done = issuer.post(there, data={**sealed, "boxes": "B-1=A-1,A-2\nB-2=A-3"})
    assert done.url.path == taken.url.path, done.text
    assert "A-3" in done.text
    assert "weighed" in done.text
    assert office(both, "XA").acts()[0].stage == "proposed"
    assert issuer.post(there, data=sealed).status_code == 409


def test_what_must_not_be_issued_names_its_rules(issuer: TestClient) -> None:
    told = application(**{"shipment.destination": "XZ", "_do": "propose"})
    taken = issuer.post("/desk/apply", data=told)
    sealed = {"officer": "officer-3", "seals": "A-1"}
    page = issuer.post(f"{taken.url.path}/check", data=sealed)
    assert page.status_code == 409
    assert "<code>destination.listed</code>" in page.text


def test_an_officer_reads_a_certificate_as_it_stands(both: Node, issuer: TestClient) -> None:
    opened = issuer.post("/desk/apply", data=application(_do="propose")).url.path
    act = int(opened.rpartition("/")[2])
    sealed = {"officer": "officer-3", "seals": "A-1", "number": "XA100050"}
    issuer.post(f"{opened}/check", data=sealed)
    # What waits for approval is no certificate yet: nothing stands under its number.
    assert issuer.get("/certificates/XA100050").status_code == 404
    assert office(both, "XA").proposal(act).proposal.sub == "XA100050"
