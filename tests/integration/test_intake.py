"""A national system's file, on a running node: taken in, approved in one pass, logged, counted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from kimberlite.cli.main import program
from kimberlite.kernel.days import show_day
from kimberlite.kernel.errors import Invalid, Problem, Refused
from kimberlite.node import officers
from kimberlite.node.demo import world
from kimberlite.node.demo.founding import PASSPHRASE
from kimberlite.node.demo.shipments import Clerks
from kimberlite.node.desk import Check
from kimberlite.node.home import Home
from kimberlite.node.intake.batches import Batches
from kimberlite.node.intake.running import Run
from kimberlite.node.keeping import Keeping
from kimberlite.node.stock.forms import run
from kimberlite.node.stock.movements import Order, Place
from kimberlite.node.view import View
from kimberlite.node.wiring import desk_of, office_of
from tests.helpers.nodes import running, short_folder
from tests.helpers.printed import texts
from tests.helpers.sheets import OUTCOME, as_csv, papers

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    with short_folder() as folder, running(folder / "node") as (found, _):
        (folder / "pass").write_text(PASSPHRASE)
        yield found


def kimberlite(home: Home, *words: str) -> Result:
    return CliRunner().invoke(program, ["--json", "--home", str(home.path), *words])


def told(home: Home, *words: str) -> Any:
    found = kimberlite(home, *words)
    assert found.exception is None, (found.exception, found.output)
    return json.loads(found.stdout)


def days(home: Home) -> dict[str, str]:
    today = View(home).today()
    return {"issued": show_day(today - 20), "expires": show_day(today + 40)}


def saved(folder: Path, rows: list[dict[str, str]], name: str = "papers.csv") -> str:
    (folder / name).write_bytes(as_csv(rows))
    return str(folder / name)


def approve_all(home: Home, batch: int) -> None:
    secret = str(home.path.parent / "pass")
    for officer in world.OFFICERS["XB"]:
        words = ("certificate", "batch", "approve", "--as", "XB", str(batch), "--officer", officer)
        assert told(home, *words, "--passphrase-file", secret)["problems"] == []


def status(home: Home, number: str) -> str:
    return View(home).certificate(number).status.word


def test_papers_with_outcomes_are_taken_in_and_logged(home: Home, tmp_path: Path) -> None:
    outcome = {**OUTCOME, "arrived": show_day(View(home).today() - 1)}
    rows = [*papers(2, **days(home), **outcome), *papers(3, **days(home))[2:]]
    words = ("certificate", "import", "--as", "XB", saved(tmp_path, rows), "--kind", "papers")
    assert told(home, *words, "--check")["good"] == 3
    assert Batches(desk_of(home, "XB").store).batches() == []
    taken = told(home, *words, "--officer", "officer-1")
    batch = taken["batch"]
    scan = tmp_path / "XC000002.png"
    scan.write_bytes(PNG)
    scans = ("certificate", "scans", "--as", "XB", str(scan), "--officer", "officer-1")
    assert told(home, *scans)[0]["act"] != ""
    steps = ("propose", "issue")
    for first, logged in ((True, 3), (False, 2)):
        propose, issue = (
            ("certificate", "batch", step, "--as", "XB", str(batch)) for step in steps
        )
        done = told(home, *propose)
        assert (done["moved"], done["problems"]) == (logged, []), done
        if first:
            early = told(home, *issue)
            assert early["moved"] == 0
            assert {each["code"] for each in early["problems"]} == {"approval.too-few"}
        approve_all(home, batch)
        done = told(home, *issue)
        assert (done["moved"], done["problems"], done["stopped"]) == (logged, [], None)
    assert [status(home, f"XC{at}") for at in (1, 2, 3)] == ["confirmed", "confirmed", "issued"]
    stages = told(home, "certificate", "batch", "list", "--as", "XB")[0]["stages"]
    assert stages == {"logged": 5}
    again = kimberlite(home, *words, "--check")
    assert isinstance(again.exception, Invalid)
    codes = {each["code"] for each in json.loads(again.stdout)["errors"]}
    assert codes == {"intake.known"}


def test_a_batch_is_given_up_and_its_file_comes_again(home: Home, tmp_path: Path) -> None:
    rows = [{**each, "number": f"XC00080{at}"} for at, each in enumerate(papers(2, **days(home)))]
    words = ("certificate", "import", "--as", "XB", saved(tmp_path, rows), "--kind", "papers")
    batch = str(told(home, *words, "--officer", "officer-1")["batch"])
    again = kimberlite(home, *words, "--officer", "officer-1").exception
    assert isinstance(again, Invalid)
    who = ("--as", "XB", batch)
    assert told(home, "certificate", "batch", "propose", *who, "--most", "1")["waiting"] == 1
    assert told(home, "certificate", "batch", "withdraw", *who)["moved"] == 2
    assert told(home, *words, "--officer", "officer-1")["rows"] == 2


def test_a_file_with_one_fault_changes_nothing(home: Home, tmp_path: Path) -> None:
    rows = [*papers(2, **days(home)), {**papers(1)[0], "number": "XC000900", "parcels": "many"}]
    before = len(office_of(home, "XB").acts())
    errors = tmp_path / "errors.csv"
    found = kimberlite(
        home,
        *("certificate", "import", "--as", "XB", saved(tmp_path, rows), "--kind", "papers"),
        *("--officer", "officer-1", "--errors", str(errors)),
    )
    assert isinstance(found.exception, Invalid)
    assert found.exception.code == "intake.faults"
    assert "intake.count" in errors.read_text("utf-8-sig")
    assert len(office_of(home, "XB").acts()) == before


def test_a_paper_is_of_who_owns_its_number(home: Home, tmp_path: Path) -> None:
    base = papers(1, **days(home))[0]
    rows = [
        {**base, "number": "XC000901", "holder": "XA"},
        {**base, "number": "XB500009", "holder": ""},
        {**base, "number": "XZ000001", "holder": ""},
    ]
    words = ("certificate", "import", "--as", "XB", saved(tmp_path, rows), "--kind", "papers")
    found = json.loads(kimberlite(home, *words, "--check").stdout)
    assert [each["code"] for each in found["errors"]] == [
        "transcript.prefix",
        "transcript.own",
        "transcript.prefix",
    ]


def test_slips_are_about_own_certificates(home: Home, tmp_path: Path) -> None:
    office = office_of(home, "XA")
    act = office.apply(world.application("Kite Mining", "XB", "10.00", "100.00")).id
    office.check(act, Check("officer-3", ("S1",), "weighed"))
    number = office.number_in(Clerks(home).approve(office, "XA", act, 2))
    today = show_day(View(home).today())
    slip = {"receiver": "XB", "arrived": today, "outcome": "confirmed", "medium": "slip"}
    rows = [{**slip, "number": each} for each in (number, "XA199999", "XC3")]
    words = ("certificate", "import", "--as", "XA", "--kind", "slips", "--officer", "officer-1")
    found = json.loads(kimberlite(home, *words, saved(tmp_path, rows)).stdout)
    assert [(each["row"], each["code"]) for each in found["errors"]] == [
        (3, "certificate.unknown"),
        (4, "certificate.not-own"),
    ]
    batch = told(home, *words, saved(tmp_path, rows[:1]))["batch"]
    done = Run(office, desk_of(home, "XA"), batch)
    assert done.propose(10).moved == 1
    for officer in ("officer-1", "officer-2"):
        key = officers.load(home.officers("XA"), officer, PASSPHRASE)
        assert done.approve(officer, key).moved == 1
    assert done.complete(10).moved == 1
    assert status(home, number) == "reported"


def test_a_form_is_printed_spoiled_and_counted(home: Home) -> None:
    desk, office = desk_of(home, "XA"), office_of(home, "XA")
    keeping = Keeping(desk)
    keeping.move(Order("received", run("AD0001", "0010"), "officer-3", "from the printer"))
    with pytest.raises(Invalid, match=r"stock\.office-unknown"):
        keeping.move(Order("allotted", run("AD0001", "0005"), "officer-3", "", "NOWHERE"))
    keeping.move(Order("allotted", run("AD0001", "0005"), "officer-3", "", "HQ"))

    def checked(form: str) -> int:
        told = {**world.application("Kite Mining", "XB", "10.00", "100.00"), "form": form}
        act = office.apply(told)
        office.check(act.id, Check("officer-3", ("S1",), "weighed"))
        return act.id

    for wrong in ("AD0006", "AD0099"):
        with pytest.raises(Refused, match=r"stock\.not-here"):
            checked(wrong)
    act = checked("ad1")
    assert office.proposal(act).openings
    assert desk.store.stock.place("AD0001") == Place("printed", "HQ")
    with pytest.raises(Refused, match=r"stock\.not-here"):
        checked("AD0001")
    office.withdraw(act)
    assert desk.store.stock.place("AD0001") == Place("held", "HQ")
    number = office.number_in(Clerks(home).approve(office, "XA", checked("AD0002"), 2))
    Clerks(home).approve(office, "XA", office.void(number, "error").id, 2)
    assert desk.store.stock.place("AD0002") == Place("spoiled", "HQ")
    found = keeping.count(View(home).today() - 1, View(home).today() + 1)
    assert (found.total.closing, found.agrees) == (9, True)


def test_stock_on_the_command_line(home: Home, tmp_path: Path) -> None:
    who = ("--as", "XB", "--officer", "officer-1")
    told(home, "stock", "move", *who, "received", "BR001", "BR100")
    lost = told(home, "stock", "move", *who, "lost", "BR007", "--report", "--why", "not in the box")
    assert office_of(home, "XB").proposal(lost["act"]).proposal.typ == "kp-blank+cose"
    told(home, "stock", "undo", *who, str(lost["id"]), "--why", "found")
    out = tmp_path / "count.csv"
    count = told(home, "stock", "count", "--as", "XB", "--from", "2026-01-01", "--csv", str(out))
    assert count["agrees"] is True
    assert count["lines"][-1]["closing"] == "100"
    assert out.read_bytes().startswith(b"\xef\xbb\xbfoffice,opening,received")
    assert len(told(home, "stock", "list", "--as", "XB")) == 1
    moved = told(home, "stock", "movements", "--as", "XB")
    assert [each["undoes"] for each in moved] == [lost["id"], None, None]
    told(home, "stock", "move", *who, "received", "700", "720")
    plain = kimberlite(home, "stock", "move", *who, "stolen", "700", "--report")
    assert isinstance(plain.exception, Invalid)
    assert plain.exception.code == "stock.no-letters"
    bad = kimberlite(home, "stock", "move", *who, "destroyed", "BR001")
    assert isinstance(bad.exception, Problem)
    assert bad.exception.code == "stock.state"


def test_the_day_register_shows_papers_arrivals_and_forms(home: Home, tmp_path: Path) -> None:
    out = tmp_path / "register.pdf"
    today = View(home).today()
    period = ("--from", show_day(today - 30), "--to", show_day(today + 1))
    told(home, "certificate", "register", "--as", "XB", *period, "--out", str(out))
    text = " ".join(texts(out.read_bytes()))
    for item in ("XC000001", "XC000003", "Cut & Co", "BR001 – BR100", "Closing: 121", "2,001.00"):
        assert item in text, item
