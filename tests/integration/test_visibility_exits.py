"""Every way out, by every visitor: pages, API, commands, registers, logs and error messages.

A word that nothing else says is planted in every field; every answer is searched for it, byte by
byte, with archives unpacked.
"""

from __future__ import annotations

import io
import logging
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pypdfium2
import pytest
from click.testing import CliRunner, Result
from starlette.testclient import TestClient

from kimberlite.certificates.visibility import (
    Answer,
    Moment,
    Part,
    Policy,
    Role,
    may_open,
    may_see,
)
from kimberlite.cli.main import program
from kimberlite.node import wire
from kimberlite.node.books import V1
from kimberlite.node.sight import Asker
from kimberlite.node.view import View
from kimberlite.web import pages, portal
from tests.helpers.nodes import short_folder
from tests.helpers.planted import WORDS, Planted, section_words, word
from tests.helpers.web import ELSEWHERE, HERE, client_of

LOGGED = tuple(moment for moment in Moment if moment is not Moment.DRAFT)


@pytest.fixture(scope="module")
def world() -> Iterator[Planted]:
    with short_folder() as folder:
        yield Planted(folder / "n")


# --- pages and API ---------------------------------------------------------------------------

VISITORS = {
    "public": ELSEWHERE,
    "observer": HERE,
    "officer-XA": HERE,
    "officer-XB": HERE,
    "officer-XC": HERE,
}
ROLE_OF = {
    "public": Role.PUBLIC,
    "observer": Role.OBSERVER,
    "officer-XA": Role.ISSUER,
    "officer-XB": Role.DESTINATION,
    "officer-XC": Role.TRANSIT,
}


@contextmanager
def visitor(world: Planted, name: str) -> Iterator[TestClient]:
    with client_of(world.node, VISITORS[name], door=world.node) as client:
        if name.startswith("officer"):
            told = {"look": name, "back": "/"}
            sent = client.post("/look-as", data=told, follow_redirects=False)
            assert sent.status_code == 303
        yield client


def addresses(world: Planted, client: TestClient) -> Iterator[str]:
    """Give every address that answers a GET, for every number and entry there is."""
    told = client.get("/api/v1/openapi.json").json()["paths"]
    paths = [path for path, methods in told.items() if "get" in methods]
    package: ModuleType = portal
    paths += [page.path for page in pages.collect(package) if "GET" in page.methods]
    numbers = list(world.numbers.values())
    size = View(world.node.home).reader.size
    filled = {
        "number": numbers,
        "index": [str(each) for each in range(size - 45, size)],
        "code": ["XA", "XB"],
        "act:int": [str(each) for each in range(1, 24)],
        "word": ["dispatch", "discrepancy"],
        "holder": ["XA", "kp.log"],
        "purpose": ["revocation"],
        "name:path": ["checkpoint", f"tile/entries/000.p/{size % 256}"],
        "name": ["checkpoint", "app.css"],
    }
    for path in sorted(set(paths)):
        names = [part.split("}")[0] for part in path.split("{")[1:]]
        made = [path]
        for each in names:
            values = filled.get(each, ["1", "x"])
            if each == "number" and "status" in path:
                values = ["0"]
            made = [one.replace(f"{{{each}}}", value) for one in made for value in values]
        yield from made


def unpacked(body: bytes) -> bytes:
    """Give a body, with what is packed in it beside it."""
    if not body.startswith(b"PK"):
        return body
    with zipfile.ZipFile(io.BytesIO(body)) as told:
        return body + b"".join(told.read(name) for name in told.namelist())


@pytest.mark.parametrize("name", VISITORS)
def test_no_page_and_no_address_shows_what_its_visitor_may_not_see(
    world: Planted, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    role = ROLE_OF[name]
    answers: dict[str, bytes] = {}
    with visitor(world, name) as client, caplog.at_level(logging.DEBUG):
        for address in addresses(world, client):
            answers[address] = unpacked(client.get(address).content)
        for moment, file in world.files.items():
            answers[f"verify {moment.value}"] = client.post(
                "/api/v1/verify", content=file[:-9], headers={"content-type": "application/x"}
            ).content
    assert any("/dossier" in address for address in answers)
    said = caplog.text.encode()
    for moment in Moment:
        for section in WORDS:
            open_to = _open_to(role, section, moment)
            for told in world.words(moment, section):
                where = [address for address, body in answers.items() if told in body]
                assert open_to or where == [], (name, moment, told, where)
                assert told not in said
        if not any(_open_to(role, section, moment) for section in WORDS):
            for salt in world.salts[moment]:
                assert not any(
                    salt in body or salt.hex().encode() in body for body in answers.values()
                )
        note = word("note", moment).encode()
        may = may_see(role, Part.OFFICE, moment) is Answer.CLEAR and role is Role.ISSUER
        assert may or not any(note in body for body in answers.values())


def _open_to(role: Role, section: str, moment: Moment) -> bool:
    """Say whether a role may see a section of any statement at a moment, with the dated policy."""
    if moment is Moment.DRAFT:
        return role is Role.ISSUER
    return any(
        may_open(role, typ, each, moment, Policy(2))
        for typ, kind in V1.types.items()
        for each in (known.name for known in kind.sections)
        if section_words(each) == section
    )


def test_what_the_public_can_load_names_no_statement(world: Planted) -> None:
    """It says of a number where it stands, as every verifier has to know, and nothing else."""
    with visitor(world, "public") as client:
        bundle = client.get("/api/v1/trust-bundle").content
    view = View(world.node.home)
    assert len(bundle) > 1000
    for moment in LOGGED:
        for act in view.certificate(world.numbers[moment]).acts:
            assert act.statement not in bundle
            assert view.reader.entry(act.index).raw not in bundle


@pytest.mark.parametrize("holder", ["XA", "XB"])
def test_a_day_register_holds_its_own_offices_acts_alone(
    line: Planted, holder: str, tmp_path: Path
) -> None:
    out = tmp_path / "day.pdf"
    words = ("--from", "2020-01-01", "--to", "2099-01-01", "--out", str(out))
    told = run(line, "certificate", "register", "--as", holder, *words)
    assert told.exception is None, told.output
    text = text_of(out.read_bytes())
    assert (word("exporter", Moment.ISSUED) in text) == (holder == "XA")
    for moment in (Moment.DRAFT, Moment.ERASED):
        for section in WORDS:
            assert not any(each.decode() in text for each in line.words(moment, section))


def text_of(pdf: bytes) -> str:
    """Give the text of every page, without breaks between lines."""
    found = pypdfium2.PdfDocument(pdf)
    text = "".join(page.get_textpage().get_text_bounded() for page in found)
    return re.sub(r"[\s\ufffe-]+", "", text)


@pytest.mark.parametrize("name", VISITORS)
def test_the_log_is_for_who_replays_it(world: Planted, name: str) -> None:
    role = ROLE_OF[name]
    with visitor(world, name) as client:
        for moment in LOGGED:
            number = world.numbers[moment]
            sees = may_see(role, Part.LOG, moment) is Answer.CLEAR
            life = View(world.node.home).certificate(number)
            for address in (
                f"/api/v1/certificates/{number}",
                f"/certificates/{number}",
                f"/api/v1/log/entries/{life.row.index}",
                f"/api/v1/certificates/{number}/dossier",
            ):
                body = unpacked(client.get(address).content)
                assert (life.row.statement.hex().encode() in body) == sees, (name, address)


def test_an_officer_reads_its_own_certificate_in_its_dossier(world: Planted) -> None:
    for name, moment in (("officer-XA", Moment.ISSUED), ("officer-XB", Moment.PRESENTED)):
        with visitor(world, name) as client:
            sent = client.get(f"/api/v1/certificates/{world.numbers[moment]}/dossier")
        whole = unpacked(sent.content)
        for section in ("shipment", "values", "parties"):
            assert all(told in whole for told in world.words(moment, section))


def test_the_bearer_reads_in_the_check_what_the_paper_says(world: Planted) -> None:
    with visitor(world, "public") as client:
        sent = client.post("/verify", files={"file": ("a.kpc", world.files[Moment.ISSUED])})
    assert word("exporter", Moment.ISSUED).encode() in sent.content


def test_a_page_shows_what_was_erased_and_what_remains(world: Planted) -> None:
    with visitor(world, "observer") as client:
        page = client.get(f"/certificates/{world.numbers[Moment.ERASED]}").text
    assert "Order 12 of the District Court" in page
    assert "officer-1" not in page
    folder = world.folder(Moment.ERASED, "XA")
    assert folder.held[0].sections[0].digest.hex() in page


# --- the command line ------------------------------------------------------------------------


@pytest.fixture
def line(world: Planted) -> Iterator[Planted]:
    """Let the log answer on its socket, as the log process does."""
    node = world.node
    handlers: dict[str, wire.Handler] = {
        "receipt": lambda args: node.receipt(args["index"]),
        "bundle": lambda _: node.bundle(),
    }
    node.home.log_socket.parent.mkdir(exist_ok=True)
    with wire.serve(node.home.log_socket, handlers):
        yield world


def run(world: Planted, *words: str) -> Result:
    return CliRunner().invoke(program, ["--home", str(world.node.home.path), *words])


PLAIN = (
    ("certificate", "list"),
    ("certificate", "acts", "--as", "XA"),
    ("certificate", "acts", "--as", "XB"),
    ("retention", "due", "--as", "XA"),
    ("retention", "due", "--as", "XB", "--day", "2099-01-01"),
    ("retention", "table"),
    ("opening", "list", "--as", "XA"),
    ("ledger", "head"),
    ("registry", "list"),
    ("node", "status"),
)


@pytest.mark.parametrize("as_json", [(), ("--json",)])
def test_what_commands_print_shows_the_log_alone(line: Planted, as_json: tuple[str, ...]) -> None:
    asked = [
        *PLAIN,
        *(("certificate", "show", number) for number in line.numbers.values()),
        *(("retention", "remains", number) for number in line.numbers.values()),
        *(
            ("opening", "erase", "--as", "XA", number, "--ground", "g", "--officer", "x1", "--yes")
            for number in line.numbers.values()
        ),
        ("certificate", "show", "XA1"),
        ("certificate", "void", "--as", "XA", "XA100001", "--reason", "nothing"),
    ]
    for words in asked:
        told = run(line, *as_json, *words)
        output = (told.output + str(told.exception)).encode()
        assert output
        for moment in Moment:
            for each in line.sealed(moment):
                assert each not in output, words


@pytest.mark.parametrize("who", ["XA", "party", "mission", "XD", "observer"])
@pytest.mark.parametrize("moment", [Moment.AGED, Moment.CONFIRMED])
def test_the_command_writes_the_asker_its_own_dossier(
    line: Planted, who: str, moment: Moment, tmp_path: Path
) -> None:
    out = tmp_path / "d.zip"
    more = () if who == "XA" else ("--for", who, "--officer", "officer-2")
    words = ("certificate", "dossier", "--as", "XA", line.numbers[moment], "--out", str(out))
    told = run(line, *words, *more)
    assert told.exception is None, told.output
    whole = unpacked(out.read_bytes())
    role = Asker.parse(who).role or (Role.ISSUER if who == "XA" else Role.PARTICIPANT)
    for section in ("shipment", "values", "parties"):
        may = may_open(role, "kp-cert+cose", section, moment, Policy(2))
        assert all((each in whole) == may for each in line.words(moment, section)), section
    checked = run(line, "certificate", "dossier-check", str(out))
    assert checked.exit_code == 0, checked.output
    kept = line.node.desk("XA").store.granted.grants(line.key(moment))
    assert who == "XA" or not may or any(each.recipient == who for each in kept)


def test_who_is_asked_by_another_names_an_officer(line: Planted, tmp_path: Path) -> None:
    number = line.numbers[Moment.CONFIRMED]
    words = ("certificate", "dossier", "--as", "XA", number, "--out", str(tmp_path / "d.zip"))
    told = run(line, *words, "--for", "mission")
    assert "grant.officer" in str(told.exception)
    assert run(line, *words, "--for", "stranger").exception is not None
