"""Rows become acts, all or none: mapped, checked, compared with what is there, kept, scanned."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kimberlite.certificates.drafting import from_json
from kimberlite.certificates.v1.arrival import CONFIRMATION_TYP
from kimberlite.certificates.v1.paper import PAPER_TYP
from kimberlite.documents import qr, symbols
from kimberlite.kernel.days import parse_day
from kimberlite.kernel.errors import Conflict, Invalid, NotFound
from kimberlite.node.intake.batches import Batches
from kimberlite.node.intake.columns import columns
from kimberlite.node.intake.mapping import Record
from kimberlite.node.intake.preview import Asked, Preview, preview
from kimberlite.node.intake.scans import Scans, found_number
from kimberlite.node.intake.templates import faults_csv
from kimberlite.node.store import Store
from kimberlite.storage.vault import Vault
from kimberlite.words import Words
from tests.helpers.carried import carried
from tests.helpers.certificates import Desk
from tests.helpers.sheets import OUTCOME, PAPER, as_csv, as_json, papers

CLERK = "officer-1"
TODAY = parse_day("2026-11-22")
PNG = b"\x89PNG\r\n\x1a\n"
SLIP = {
    "number": "XA100001",
    "receiver": "XB",
    "arrived": "2026-10-05",
    "outcome": "confirmed",
    "medium": "slip",
}
APPLICATION = {
    **{n: v for n, v in PAPER.items() if n not in {"number", "issued", "expires", "seals"}},
    "reference": "A-1",
    "destination": "XB",
    "origin": "XA",
}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "office.db", "XA")


def looked(rows: list[dict[str, str]], kind: str = "papers", **how: Any) -> Preview:
    return preview(as_csv(rows), Asked(kind, "a.csv", "XA", TODAY, **how))


def fault(kind: str = "papers", /, **changes: str) -> tuple[str, str]:
    base = {"papers": PAPER, "slips": SLIP, "applications": APPLICATION}[kind]
    found = looked([{**base, **changes}], kind)
    assert not found.records
    return found.faults[0].column, found.faults[0].code


def test_a_paper_is_mapped_whole() -> None:
    found = looked([{**PAPER, "note": "a note", "specimen": "matches"}])
    assert found.good, found.faults
    told = found.records[0].told
    assert (told["holder"], told["day"], told["kind"]) == ("XC", "2026-11-22", "ordinary")
    assert told["shipment"]["destination"] == "XA"
    assert told["shipment"]["origin_mode"] == "single"
    assert told["values"]["lines"] == [{"hs": "7102.31", "carats": "1000.50", "value": "20000.25"}]
    assert told["parties"]["seals"] == ["S1", "S2"]
    assert from_json(told).typ == PAPER_TYP
    assert (found.points, found.cents, found.parcels) == (100_050, 2_000_025, 2)


def test_an_outcome_makes_a_confirmation_that_follows() -> None:
    found = looked([{**PAPER, **OUTCOME, "found_carats_710231": "999.50", "seals_intact": "yes"}])
    arrival = found.records[0].arrival
    assert arrival["values"] == {"lines": [{"hs": "7102.31", "carats": "999.50"}], "parcels": 2}
    assert from_json({**arrival, "certificate": "00" * 32}).typ == CONFIRMATION_TYP
    assert found.arrivals == 1


def test_several_headings_come_with_their_parcels() -> None:
    two = {"carats_710221": "10", "value_710221": "100", "parcels_710221": "1"}
    good = looked([{**PAPER, **two, "parcels_710231": "1", "carats": "1010.50"}])
    assert [line["parcels"] for line in good.records[0].told["shipment"]["lines"]] == [1, 1]
    assert fault(**two) == ("parcels_710231", "intake.line")
    assert fault(**two, parcels_710231="2") == ("parcels", "intake.sum")
    assert fault(**two, parcels_710231="1", carats="1000") == ("carats", "intake.sum")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"number": ""}, ("number", "intake.required")),
        ({"number": "123"}, ("number", "number.format")),
        ({"issued": "01/10/2026"}, ("issued", "intake.day")),
        ({"issued": "1969-01-01"}, ("issued", "day.range")),
        ({"carats_710231": "1,234"}, ("carats_710231", "intake.number-ambiguous")),
        ({"carats_710231": ""}, ("carats_710231", "intake.line")),
        ({"value_710231": ""}, ("value_710231", "intake.line")),
        ({"origin": "=XC"}, ("origin", "intake.formula")),
        ({"exporter": "x" * 121}, ("exporter", "")),
        ({"seals": ";".join("s" * 41 for _ in range(2))}, ("seals", "")),
        ({"kind": "odd"}, ("kind", "intake.word")),
        ({"arrived": "2026-10-05"}, ("outcome", "intake.required")),
        ({"containers": "0"}, ("containers", "")),
        ({"form": "a b"}, ("form", "")),
    ],
)
def test_what_is_wrong_is_named_by_its_column(
    changes: dict[str, str], told: tuple[str, str]
) -> None:
    column, code = fault(**changes)
    assert column == told[0]
    assert code.startswith(told[1]) if told[1] != "day.range" else code


def test_days_that_the_log_would_refuse_are_refused_at_once() -> None:
    order = "intake.day-order"
    assert fault(expires="2026-09-01") == ("expires", order)
    assert fault(received="2026-11-24") == ("received", order)
    assert fault(**{**OUTCOME, "arrived": "2027-01-01"}) == ("arrived", order)
    assert fault("slips", arrived="2026-10-05", received="2026-10-01") == ("arrived", order)
    assert fault("slips", receiver="XA") == ("receiver", "intake.receiver")


def test_all_faults_of_a_row_are_named_at_once() -> None:
    found = looked([{**PAPER, "issued": "x", "parcels": "two", "origin": "Land"}, *papers(1)])
    assert [each.column for each in found.faults] == ["issued", "origin", "parcels"]
    assert (len(found.records), found.fault_count) == (1, 3)
    lines = faults_csv(found.faults, Words("fr")).decode("utf-8-sig").splitlines()
    assert lines[1].startswith("2,issued,intake.day,Écrivez")


def test_what_stands_twice_in_a_file_is_named_with_its_first_row() -> None:
    found = looked([*papers(2), {**PAPER, "number": "XC 1"}])
    assert [(e.row, e.code, e.shown) for e in found.faults] == [(4, "intake.repeated", "2")]


@pytest.mark.parametrize(
    ("head", "code"),
    [
        ("number,colour", "intake.column-unknown"),
        ("number,number", "intake.column-twice"),
        ("number,issued", "intake.column-missing"),
    ],
)
def test_headers_that_are_refused(head: str, code: str) -> None:
    with pytest.raises(Invalid) as bad:
        preview(f"{head}\nXC1,x\n".encode(), Asked("papers", "a", "XA", TODAY))
    assert bad.value.code == code


def test_kinds_and_marks_are_known() -> None:
    with pytest.raises(Invalid, match=r"intake\.kind"):
        columns("letters")
    with pytest.raises(Invalid, match=r"intake\.decimal"):
        looked(papers(1), decimal=";")


def test_a_decimal_mark_that_is_told_settles_what_may_mean_two_amounts() -> None:
    comma = looked([{**PAPER, "carats_710231": "1.234,5", "value_710231": "9"}], decimal=",")
    assert comma.points == 123_450
    point = looked([{**PAPER, "carats_710231": "1,234"}], decimal=".")
    assert point.points == 123_400


def test_slips_and_applications() -> None:
    slip = looked([{**SLIP, "carats_710231": "5", "parcels": "1"}], "slips")
    assert slip.good, slip.faults
    assert slip.records[0].told["values"]["lines"][0]["carats"] == "5.00"
    assert fault("slips", carats_710231="5") == ("parcels", "intake.line")
    found = looked([APPLICATION], "applications")
    assert found.good, found.faults
    assert found.records[0].told["original"] == "paper"
    assert fault("applications", destination="") == ("destination", "intake.required")


# --- keeping -----------------------------------------------------------------------------------


def test_all_rows_become_acts_or_none_does(store: Store) -> None:
    batches = Batches(store)
    with pytest.raises(Invalid, match=r"intake\.faults"):
        batches.apply(looked([*papers(2), {**PAPER, "number": "x"}]), CLERK, 9)
    assert store.acts() == []
    assert batches.batches() == []
    made = batches.apply(looked(papers(2, **OUTCOME)), CLERK, 9)
    items = batches.items(made.id)
    assert [(e.row, e.act, e.number, e.follows) for e in items] == [
        (2, 1, "XC1", None),
        (2, 2, "XC1", 1),
        (3, 3, "XC2", None),
        (3, 4, "XC2", 3),
    ]
    assert batches.stages(made.id) == {"applied": 4}
    assert json.loads(store.act(1).application)["number"] == "XC000001"


def test_nothing_is_kept_of_a_batch_that_is_cut_off(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(kind: str, record: Record) -> list[Any]:
        if record.row > 3:
            raise KeyboardInterrupt
        return [(PAPER_TYP, record.told)]

    monkeypatch.setattr("kimberlite.node.intake.batches._acts", cut)
    with pytest.raises(KeyboardInterrupt):
        Batches(store).apply(looked(papers(4)), CLERK, 9)
    assert store.acts() == []
    assert Batches(store).batches() == []


def test_the_same_file_or_row_does_not_come_in_twice(store: Store) -> None:
    batches, found = Batches(store), looked(papers(2))
    batches.apply(found, CLERK, 9)
    with pytest.raises(Conflict, match=r"intake\.applied-before"):
        batches.apply(found, CLERK, 9)
    with pytest.raises(Conflict) as bad:
        batches.apply(looked(papers(3)), CLERK, 9)
    assert (bad.value.code, bad.value.facts["row"]) == ("intake.changed", 2)
    for each in batches.items(1):
        store.withdraw(each.act, CLERK, 9)
    assert batches.apply(found, CLERK, 9).id == 2


def test_who_takes_it_in_is_named(store: Store) -> None:
    with pytest.raises(Invalid, match=r"intake\.officer"):
        Batches(store).apply(looked(papers(1)), "", 9)
    with pytest.raises(NotFound, match=r"intake\.batch"):
        Batches(store).items(3)


# --- scans -------------------------------------------------------------------------------------


@pytest.fixture
def scans(store: Store, tmp_path: Path) -> Scans:
    Batches(store).apply(looked(papers(3)), CLERK, 9)
    return Scans(store, Vault(tmp_path / "vault"))


def photos(store: Store, act: int) -> list[str]:
    told: dict[str, Any] = json.loads(store.act(act).application)
    found: list[str] = told.get("evidence", {}).get("photos", [])
    return found


def test_a_scan_goes_to_the_paper_whose_number_its_name_says(store: Store, scans: Scans) -> None:
    found = scans.take(PNG + b"1", "scan of XC-000002 front.png", CLERK, 9)
    assert (found.number, found.by, found.act) == ("XC2", "name", 2)
    assert photos(store, 2) == [found.digest.hex()]
    assert scans.take(PNG + b"1", "again.png", CLERK, 10) == found
    assert from_json(json.loads(store.act(2).application)).sections["evidence"]


@pytest.mark.parametrize("name", ["scan.png", "XC1 and XC2.png", "XC000009.png", "PXC00001.png"])
def test_what_says_no_number_waits_and_is_not_lost(store: Store, scans: Scans, name: str) -> None:
    found = scans.take(PNG + b"1", name, CLERK, 9)
    assert found.act is None
    assert scans.scans(waiting=True) == [found]
    named = scans.name(found.id, "XC 3")
    assert (named.act, named.by) == (3, "hand")
    assert scans.scans(waiting=True) == []
    assert photos(store, 3) == [found.digest.hex()]
    with pytest.raises(Conflict, match=r"intake\.scan-attached"):
        scans.name(found.id, "XC 3")


def test_a_scan_comes_too_late_for_what_is_fixed(store: Store, scans: Scans) -> None:
    store.propose(1, "XC1", b"p")
    found = scans.take(PNG + b"1", "XC1.png", CLERK, 9)
    assert (found.number, found.act) == ("XC1", None)


def test_scans_that_are_refused(scans: Scans) -> None:
    with pytest.raises(Invalid, match=r"intake\.scan"):
        scans.take(b"GIF89a", "XC1.gif", CLERK, 9)
    with pytest.raises(Invalid, match=r"intake\.officer"):
        scans.take(PNG, "XC1.png", "Jane Doe", 9)
    with pytest.raises(NotFound, match=r"intake\.scan-unknown"):
        scans.name(7, "XC1")
    assert scans.scans() == []


def test_a_code_of_something_else_says_no_number(scans: Scans) -> None:
    picture = symbols.draw("HTTPS://ELSEWHERE.EXAMPLE/XC000001").png(4)
    assert scans.take(picture, "page.png", CLERK, 9).number == ""


def test_json_says_the_same_as_csv() -> None:
    asked = Asked("papers", "a", "XA", TODAY)
    assert preview(as_json(papers(2)), asked).records[0].told == looked(papers(2)).records[0].told


def test_a_printed_code_says_the_number_and_a_name_may_not_contradict_it() -> None:
    (text,) = qr.qr1(carried(Desk()))
    picture = symbols.draw(text).png(4)
    assert found_number(picture, "scan.png") == ("XA123", "code")
    assert found_number(picture, "XA000123.png") == ("XA123", "code")
    assert found_number(picture, "XA000999.png") == ("", "")
