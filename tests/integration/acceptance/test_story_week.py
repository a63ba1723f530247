"""One digital participant and three on paper do a week of trade, and the ledgers reconcile."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import pypdfium2
import pytest
from click.testing import CliRunner
from PIL import Image
from starlette.testclient import TestClient

from kimberlite.certificates.projection import Query
from kimberlite.cli.main import program
from kimberlite.documents.pdf.register import Register, day_register
from kimberlite.node import clock
from kimberlite.node.dayregister import gather
from kimberlite.node.intake.scans import Scans
from kimberlite.web.app import create_app
from tests.helpers.region import Issued, Region, findings, paper, region

PAPER_ONLY = ("XA", "XC", "XD")
MEMBERS = {"XA": (1, 9_999), "XB": (500_001, 599_999), "XC": (1, 9_999), "XD": (1, 9_999)}
DAYS = 5


@dataclass
class Week:
    """What XB's office did in a week, as its people would remember it."""

    world: Region
    papers: dict[str, str] = field(default_factory=dict)
    """What became of each foreign paper."""
    own: dict[str, str] = field(default_factory=dict)
    """What was heard of each own certificate."""
    registers: list[Register] = field(default_factory=list)
    _sent: list[tuple[Issued, str]] = field(default_factory=list)

    def take_paper(self, holder: str, day: int) -> None:
        """A paper comes with goods: scan, transcription, decision."""
        number = f"{holder}{day + 1:05d}"
        desk = self.world.office("XB").desk
        scans = Scans(desk.store, desk.vault)
        scan = scans.take(_scan(len(self.papers)), f"{number}.png", "officer-2", clock.now())
        assert (scan.number, scan.by) == (f"{holder}{day + 1}", "name")
        told = paper(holder, "XB", number, self.world.day(-2), self.world.day(58))
        suspect = (holder, day) == ("XD", 3)
        changed = {"specimen": "differs", "features": ["watermark"]} if suspect else {}
        taken = self.world.act(
            "XB", "paper", **{**told, **changed}, evidence={"photos": [scan.digest.hex()]}
        )
        assert desk.vault.get_blob(scan.digest)
        assert self.world.entry_findings(taken) == (["transcript.specimen"] if suspect else [])
        refused = (holder, day) == ("XC", 2)
        outcome = "detained" if suspect else "refused" if refused else "confirmed"
        self.world.arrive("XB", self.world.file(taken), outcome)
        if refused:
            self.world.act("XB", "disposition", number, outcome="sent-back")
        self.papers[number] = "sent-back" if refused else outcome

    def issue(self, to: str) -> None:
        """Goods leave for a participant that answers on paper, if at all."""
        issued = self.world.issue("XB", to)
        self.own[issued.number] = "issued"
        self.world.act("XB", "dispatch", issued.number)
        self.own[issued.number] = "dispatched"
        self._sent.append((issued, to))

    def hear(self, issued: Issued, receiver: str, day: int) -> None:
        """What comes back of an own shipment is taken down as it came."""
        if receiver == "XD" and day == 3:
            return  # nothing was heard of this one
        refused = receiver == "XC" and day == 3
        told = {
            "receiver": receiver,
            "arrived": self.world.day(),
            "medium": {"XA": "slip", "XC": "e-mail", "XD": "letter"}[receiver],
            "outcome": "refused" if refused else "confirmed",
        }
        got = {} if refused else _measured(self.world)
        self.world.act("XB", "slip", issued.number, **told, **got)
        self.own[issued.number] = "refused" if refused else "reported"

    def run(self) -> None:
        """Do the week, with the register printed each evening."""
        for day in range(DAYS):
            for issued, receiver in self._sent:
                self.hear(issued, receiver, day)
            self._sent.clear()
            for holder in PAPER_ONLY:
                self.take_paper(holder, day)
                if day < 3:
                    self.issue(holder)
            if day == 3:
                spoiled = self.world.issue("XB", "XA")
                self.world.act("XB", "void", spoiled.number, reason="error")
                self.own[spoiled.number] = "void"
            today = self.world.today
            self.registers.append(gather(self.world.nodes.log, "XB", today, today))
            if day < DAYS - 1:
                self.world.pass_days(1)


def _scan(seed: int) -> bytes:
    out = io.BytesIO()
    Image.new("L", (40, 40), seed).save(out, "PNG")
    return out.getvalue()


def _measured(world: Region) -> dict[str, object]:
    told = findings(world.day())
    return {"values": told["values"], "parties": told["parties"]}


@pytest.fixture(scope="module")
def week() -> Iterator[Week]:
    with (
        pytest.MonkeyPatch.context() as patch,
        region(patch, MEMBERS, hosted=("XB",)) as world,
    ):
        found = Week(world)
        found.run()
        yield found


def test_the_ledgers_reconcile(week: Week) -> None:
    view = week.world.view
    # What the office remembers is what the log says, for own goods and for theirs
    own = {each.number: each.status for each in view.certificates(Query(issuer="XB", most=500))}
    assert own == week.own
    theirs = {
        each.number: each.status
        for code in PAPER_ONLY
        for each in view.certificates(Query(issuer=code, most=500))
    }
    assert theirs == week.papers

    # issued = reported + refused + void + still open, and nothing is counted twice
    counted = Counter(own.values())
    assert counted == {"reported": 7, "refused": 1, "void": 1, "dispatched": 1}
    assert sum(counted.values()) == len(own) == 10
    assert Counter(theirs.values()) == {"confirmed": 13, "sent-back": 1, "detained": 1}

    # And no slip was taken for a confirmation that the other side logged
    assert "confirmed" not in own.values()


def test_every_day_has_its_register_and_they_add_up(week: Week) -> None:
    assert [len(each.papers) for each in week.registers] == [3] * DAYS
    assert [len(each.issued) for each in week.registers] == [3, 3, 3, 1, 0]
    issued = [row.number for each in week.registers for row in each.issued]
    arrived = [row.number for each in week.registers for row in each.arrived]
    assert sorted(issued) == sorted(week.own)
    assert sorted(arrived) == sorted(week.papers)
    slips = [o.about for each in week.registers for o in each.others if o.typ == "kp-slip+cose"]
    assert sorted(slips) == sorted(
        number for number, state in week.own.items() if state in {"reported", "refused"}
    )
    # The week in one go says the same as its days
    world = week.world
    whole = gather(world.nodes.log, "XB", world.today - DAYS + 1, world.today)
    assert len(whole.issued) == len(issued)
    assert len(whole.arrived) == len(arrived)
    assert sum(row.points or 0 for row in whole.arrived) == 13 * 1000


def test_what_is_weaker_says_so_wherever_it_shows(week: Week) -> None:
    world = week.world
    foreign, native = "XA00001", next(n for n, s in week.own.items() if s == "reported")
    site = TestClient(
        create_app(world.view, world.post), base_url="http://127.0.0.1", client=("127.0.0.1", 9)
    )
    # The API, of one and in a list
    told = site.get(f"/api/v1/certificates/{foreign}").json()
    assert told["paper"]["transcriber"] == "XB"
    assert "weaker" in told["paper"]["sentence"]
    own = site.get(f"/api/v1/certificates/{native}").json()
    assert (own["paper"], own["status"]) == (None, "reported")
    rows = site.get("/api/v1/certificates", params={"most": 500}).json()["certificates"]
    assert {row["number"] for row in rows if row["paper"]} == set(week.papers)

    # The pages, of one and in a list, in two languages
    assert "Taken down from paper" in site.get(f"/certificates/{foreign}").text
    assert "Taken down from paper" not in site.get(f"/certificates/{native}").text
    assert "confirmed by slip" in site.get(f"/certificates/{native}").text
    assert site.get("/certificates").text.count("from paper") >= len(week.papers)
    french = site.get(f"/certificates/{foreign}", headers={"Accept-Language": "fr"}).text
    assert "Transcrit du papier" in french

    # The command line, for people and for programs
    assert "Taken down from paper" in _said(world, "certificate", "show", foreign)
    assert "Taken down from paper" not in _said(world, "certificate", "show", native)
    listed = json.loads(_said(world, "--json", "certificate", "list", "--most", "500"))
    assert {row["number"] for row in listed if row["paper"]} == set(week.papers)

    # And the printed register, where papers and slips have their own words
    printed = _text(day_register(week.registers[3], "en", clock.now()))
    assert "confirmed (paper)" in printed
    assert "confirmed by slip" in _text(day_register(_of(week), "en", clock.now()))


def _of(week: Week) -> Register:
    today = week.world.today
    return gather(week.world.nodes.log, "XB", today - DAYS + 1, today)


def _said(world: Region, *words: str) -> str:
    done = CliRunner().invoke(program, ["--home", str(world.nodes.log.path), *words])
    assert done.exit_code == 0, done.output
    return done.output


def _text(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    pages = [page.get_textpage().get_text_range() for page in document]
    document.close()
    return " ".join(" ".join(pages).split())
