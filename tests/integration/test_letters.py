"""Shipments on their way, and letters about them, on a running node with real keys and files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import closing
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pypdfium2 as pdfium
import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient

from kimberlite.certificates.due import Kind
from kimberlite.certificates.file import parse_file
from kimberlite.cli.main import program
from kimberlite.kernel.days import show_day
from kimberlite.kernel.errors import Problem
from kimberlite.node.clients import LogClient
from kimberlite.node.copies import Wish, make
from kimberlite.node.correspondence import Correspondence
from kimberlite.node.demo import world
from kimberlite.node.demo.founding import PASSPHRASE
from kimberlite.node.demo.shipments import Clerks
from kimberlite.node.desk import Check, Desk
from kimberlite.node.dues import dues, of
from kimberlite.node.home import Home
from kimberlite.node.inbox import inbox
from kimberlite.node.letters import Post, advise, late_with, remind
from kimberlite.node.office import Office
from kimberlite.node.supervisor import Processes
from kimberlite.node.view import View
from kimberlite.node.wiring import desk_of, sealing_key_of
from kimberlite.web.app import create_app
from tests.helpers.nodes import running, short_folder

POST = Post("officer-1")


@pytest.fixture(scope="module")
def node() -> Iterator[tuple[Home, Processes]]:
    with short_folder() as folder, running(folder / "node") as found:
        yield found


@pytest.fixture
def home(node: tuple[Home, Processes]) -> Home:
    return node[0]


@pytest.fixture
def sender(home: Home) -> Desk:
    return desk_of(home, "XA")


@pytest.fixture
def receiver(home: Home) -> Desk:
    return desk_of(home, "XB")


@pytest.fixture
def clerks(home: Home) -> Clerks:
    return Clerks(home)


def issued(desk: Desk, clerks: Clerks, destination: str = "XB") -> tuple[str, bytes]:
    office = Office(desk)
    act = office.apply(world.application("Kite Mining", destination, "10.00", "5000.00"))
    office.check(act.id, Check("officer-3", ("AD-1", "AD-2"), "weighed"))
    file = clerks.approve(office, "XA", act.id, 2)
    return office.number_in(file), file


def dispatched(desk: Desk, clerks: Clerks, number: str, expected: int) -> None:
    office = Office(desk)
    journey = {"carrier": "Sure Secure", "expected": show_day(expected), "waybill": "W-7"}
    act = office.act("dispatch", {"number": number, "journey": journey})
    clerks.approve(office, "XA", act.id, 2)


def read(data: bytes) -> EmailMessage:
    found = message_from_bytes(data, policy=default)
    assert isinstance(found, EmailMessage)
    return found


def words_of(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def code(bad: pytest.ExceptionInfo[Problem]) -> str:
    return bad.value.code


def test_what_was_dispatched_is_known_before_it_arrives(
    home: Home, sender: Desk, receiver: Desk, clerks: Clerks
) -> None:
    number, _ = issued(sender, clerks)
    elsewhere, _ = issued(sender, clerks, "XC")
    dispatched(sender, clerks, number, sender.view.today() + 3)
    private = sealing_key_of(home, "XB", PASSPHRASE)
    found = {each.number: each for each in inbox(receiver, private)}
    assert elsewhere not in found
    coming = found[number]
    assert (coming.issuer, coming.status, coming.open) == ("XA", "dispatched", True)
    assert coming.told.expected == sender.view.today() + 3
    seen = coming.told.certificate
    assert seen.values is not None
    assert str(seen.values.carats) == "10.00"
    assert seen.parties is not None
    assert seen.parties.seals == ("AD-1", "AD-2")
    sealed = {each.number: each for each in inbox(receiver)}[number]
    assert not sealed.open
    assert sealed.told.expected is None
    assert number not in {each.number for each in inbox(sender)}


def test_a_pre_advice_says_what_the_recommendation_names(sender: Desk, clerks: Clerks) -> None:
    number, file = issued(sender, clerks)
    dispatched(sender, clerks, number, sender.view.today() + 3)
    message = read(advise(sender, number, POST).eml)
    assert message["To"] == "Diamond Control Bureau <office@xb.example>"
    assert message["From"] == "Government Diamond Office <office@xa.example>"
    assert message["X-Unsent"] == "1"
    assert number in message["Subject"]
    text = words_of(message)
    for told in (number, "10.00", "5,000.00", "Kite Mining", "Facet Brothers", "AD-2", "W-7"):
        assert told in text
    assert "Préavis" in message["Subject"]
    assert "Brillianie" in text
    (enclosed,) = message.iter_attachments()
    assert enclosed.get_filename() == f"{number}.kpc"
    content = enclosed.get_content()
    assert parse_file(content).statement.id == parse_file(file).statement.id


def test_the_same_letter_has_no_second_header(sender: Desk, clerks: Clerks) -> None:
    number, _ = issued(sender, clerks)
    with pytest.raises(Problem) as bad:
        advise(sender, number, Post("officer-1", "a@b.example\r\nBcc: c@d.example"))
    assert code(bad) == "letter.address"
    told = read(advise(sender, number, Post("officer-1", "duty@xb.example")).eml)
    assert "duty@xb.example" in told["To"]
    with pytest.raises(Problem) as bad:
        advise(sender, number, Post(""))
    assert code(bad) == "letter.officer"


def test_only_the_issuer_advises(receiver: Desk, sender: Desk, clerks: Clerks) -> None:
    number, _ = issued(sender, clerks)
    with pytest.raises(Problem) as bad:
        advise(receiver, number, POST)
    assert code(bad) == "certificate.not-own"
    with pytest.raises(Problem) as bad:
        advise(sender, "XA199999", POST)
    assert code(bad) == "certificate.unknown"


def test_nobody_is_reminded_of_the_same_twice_a_day(
    sender: Desk, receiver: Desk, clerks: Clerks
) -> None:
    with pytest.raises(Problem) as bad:
        remind(sender, "XC", POST)
    assert code(bad) == "letter.nothing"
    number, _ = issued(sender, clerks)
    late(receiver, clerks, number)
    made = remind(sender, "XB", POST)
    message = read(made.eml)
    text = words_of(message)
    assert number in text
    assert message["To"] == "Diamond Control Bureau <office@xb.example>"
    with pytest.raises(Problem) as bad:
        remind(sender, "XB", POST)
    assert code(bad) == "letter.today"
    another, _ = issued(sender, clerks)
    late(receiver, clerks, another)
    again = words_of(read(remind(sender, "XB", POST).eml))
    assert another in again
    assert number not in again
    assert "XB" in late_with(sender)
    kept = Correspondence(sender.store.db, "XA").letters()
    assert [each.kind for each in kept[:2]] == ["reminder", "reminder"]
    assert kept[1].about == made.written.about
    assert Correspondence(receiver.store.db, "XB").letters() == []


def late(desk: Desk, clerks: Clerks, number: str) -> None:
    """Have XB say that the goods were presented long ago."""
    office, day = Office(desk), desk.view.today() - 20
    act = office.act("presentation", {"number": number, "day": show_day(day)})
    clerks.approve(office, "XB", act.id, 1)


def test_an_office_knows_who_has_to_answer_for_goods_under_way(
    sender: Desk, receiver: Desk, clerks: Clerks
) -> None:
    number, _ = issued(sender, clerks)
    dispatched(sender, clerks, number, sender.view.today() + 5)
    key = number.replace(" ", "")

    def found(desk: Desk | None) -> list[tuple[str, int | None]]:
        told = dues(sender.view, desk)
        return [(d.by, d.until) for d in told if d.key == key and d.kind is Kind.UNHEARD]

    assert found(sender) == [("XB", sender.view.today() + 5 + 7)]
    ((by, _),) = found(None)
    assert by == ""
    ((other, _),) = found(receiver)
    assert other == ""
    _, theirs = of(dues(sender.view, sender), "XA")
    assert key in {each.key for each in theirs}


def test_goods_that_have_to_be_back_are_waited_for(sender: Desk, clerks: Clerks) -> None:
    office, today = Office(sender), sender.view.today()
    told = world.application("Kite Mining", "XB", "1.00", "100.00")
    told["shipment"] |= {"purpose": "exhibition", "return_by": show_day(today + 30)}
    act = office.apply(told)
    office.check(act.id, Check("officer-3", ("AD-1",), "weighed"))
    clerks.approve(office, "XA", act.id, 2)
    (away,) = [each for each in dues(sender.view, sender) if each.kind is Kind.RETURN]
    assert (away.by, away.to, away.until) == ("XB", "XA", today + 30)
    assert not [each for each in dues(sender.view) if each.kind is Kind.RETURN]


# --- authenticated copies --------------------------------------------------------------------


def confirmed(sender: Desk, receiver: Desk, clerks: Clerks) -> str:
    number, file = issued(sender, clerks)
    office = Office(receiver)
    findings = world.findings(show_day(receiver.view.today()), "10.00", "5000.00")
    findings["parties"]["seals"] = ["AD-1", "AD-2"]
    act, _ = office.confirm(file, findings)
    clerks.approve(office, "XB", act.id, 1)
    return number


def attached(pdf: bytes) -> dict[str, bytes]:
    with closing(pdfium.PdfDocument(pdf)) as opened:
        found = (opened.get_attachment(at) for at in range(opened.count_attachments()))
        return {each.get_name(): bytes(each.get_data()) for each in found}


def test_copies_of_a_confirmed_certificate_are_numbered_sealed_and_kept(
    home: Home, sender: Desk, receiver: Desk, clerks: Clerks
) -> None:
    number = confirmed(sender, receiver, clerks)
    first = make(receiver, number, Wish("officer-1"))
    second = make(receiver, number, Wish("officer-2", "customs", "ar"))
    assert [each.copied.number for each in (first, second)] == [1, 2]
    assert first.seal == "B-LT"
    with closing(pdfium.PdfDocument(first.pdf)) as opened:
        text = "".join(page.get_textpage().get_text_bounded() for page in opened)
    assert "AUTHENTICATED COPY" in text
    assert number in text
    assert "Kite Mining" in text
    held = attached(first.pdf)
    assert set(held) == {"certificate.kpc", "confirmation.kpc"}
    assert parse_file(held["confirmation.kpc"]).statement.id == first.copied.statement
    kept = Correspondence(receiver.store.db, "XB").copies(number)
    assert {(each.number, each.recipient) for each in kept} == {(1, "importer"), (2, "customs")}
    assert {each.digest for each in kept} == {
        hashlib.sha256(each.pdf).digest() for each in (first, second)
    }


def test_only_who_confirmed_makes_copies(sender: Desk, receiver: Desk, clerks: Clerks) -> None:
    number, _ = issued(sender, clerks)
    for desk in (sender, receiver):
        with pytest.raises(Problem) as bad:
            make(desk, number, Wish("officer-1"))
        assert code(bad) == "copy.not-confirmed"
    done = confirmed(sender, receiver, clerks)
    with pytest.raises(Problem) as bad:
        make(sender, done, Wish("officer-1"))
    assert code(bad) == "copy.not-confirmed"
    with pytest.raises(Problem) as bad:
        make(receiver, done, Wish("officer-1", "a friend"))
    assert code(bad) == "copy.recipient"


def test_pages_show_what_comes_and_give_files(
    home: Home, sender: Desk, receiver: Desk, clerks: Clerks
) -> None:
    number, _ = issued(sender, clerks)
    dispatched(sender, clerks, number, sender.view.today() + 3)
    done = confirmed(sender, receiver, clerks)
    app = create_app(View(home), LogClient(home.log_socket))
    here = ("127.0.0.1", 50_000)
    with TestClient(app, base_url="http://127.0.0.1", client=here) as client:
        client.post("/look-as", data={"look": "officer-XB"})
        page = client.get("/inbox").text
        assert number in page
        assert "Facet Brothers" in page
        rows = {each["number"]: each for each in client.get("/api/v1/inbox").json()["shipments"]}
        assert rows[number]["from"] == "XA"
        assert rows[number]["carats"] == "10.00"
        told = {"number": done, "officer": "officer-1", "recipient": "customs"}
        made = client.post("/letters/copy", data=told)
        assert made.headers["content-type"] == "application/pdf"
        assert set(attached(made.content)) == {"certificate.kpc", "confirmation.kpc"}
        client.post("/look-as", data={"look": "officer-XA"})
        told = {"number": number, "officer": "officer-1"}
        letter = client.post("/letters/advise", data=told)
        assert read(letter.content)["To"] == "Diamond Control Bureau <office@xb.example>"
        assert f"/letters?number={number}" in client.get(f"/certificates/{number}").text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("due",), "late"),
        (("due", "--as", "XA", "--theirs"), "until"),
        (("due", "--as", "XB", "--mine", "--late"), "by"),
        (("due", "--pairs"), "oldest"),
        (("alerts", "--all"), ""),
        (("blanks",), ""),
        (("list", "--overdue", "--from", "2026-01-01"), "number"),
        (("list", "--expired", "--native", "--receiver", "XB"), "number"),
        (("inbox", "--as", "XB", "--sealed"), "from"),
        (("letters", "--as", "XA"), "address"),
        (("copies", "--as", "XB"), "officer"),
    ],
)
def test_commands_answer_in_text_and_json(home: Home, words: tuple[str, ...], said: str) -> None:
    for more in ((), ("--json",)):
        asked = ["--home", str(home.path), *more, "certificate", *words]
        done = CliRunner().invoke(program, asked)
        assert done.exit_code == 0, done.output
        assert not more or isinstance(json.loads(done.output), list)
        assert more or said in done.output


def test_what_one_owes_needs_a_name(home: Home) -> None:
    done = CliRunner().invoke(program, ["--home", str(home.path), "certificate", "due", "--mine"])
    assert done.exit_code == 2
