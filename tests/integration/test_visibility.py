"""Cell by cell: what the matrix says comes out of dossiers, pages, API and command line, or not.

A word that nothing else says is planted in every field; every answer is searched for it, byte by
byte, with archives unpacked.
"""

from __future__ import annotations

import io
import json
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

from kimberlite.certificates.file import parse_file
from kimberlite.certificates.visibility import (
    Answer,
    Moment,
    Part,
    Policy,
    Role,
    may_open,
    may_see,
    part_of,
)
from kimberlite.cli.main import program
from kimberlite.documents.credential import strict
from kimberlite.documents.credential import view as views
from kimberlite.kernel.days import day_of
from kimberlite.kernel.errors import Refused
from kimberlite.node import clock, wire
from kimberlite.node.books import V1
from kimberlite.node.dossier.check import check
from kimberlite.node.dossier.form import unpack
from kimberlite.node.dossier.make import Press, make
from kimberlite.node.sight import BY_VIEW, Asker, Sight
from kimberlite.node.view import View
from kimberlite.storage.vault import Vault
from kimberlite.web import pages, portal
from kimberlite.words import Words
from tests.helpers.nodes import short_folder
from tests.helpers.planted import WORDS, Planted, word
from tests.helpers.web import ELSEWHERE, HERE, client_of

LOGGED = tuple(moment for moment in Moment if moment is not Moment.DRAFT)
ASKERS = {
    Role.ISSUER: Asker("XA"),
    Role.DESTINATION: Asker("XB"),
    Role.TRANSIT: Asker("XC"),
    Role.PARTICIPANT: Asker("XD"),
}
"""Who asks in a role that follows from a code. XC let the goods pass; XD has no part in them."""
WITHOUT = (Role.PUBLIC, *sorted(BY_VIEW, key=lambda role: role.value))
"""Who gets no dossier."""
MANDATES = ("", "Mandate M-7")
CERTAIN = ("shipment", "journey")
"""Sections of one statement alone: if it is open, its words must stand there."""
UNREACHED = {(Role.TRANSIT, Moment.ISSUED)}
"""Nobody has let goods pass that have not left."""


@pytest.fixture(scope="module")
def world() -> Iterator[Planted]:
    with short_folder() as folder:
        yield Planted(folder / "n")


def asker(role: Role, mandate: str) -> Asker:
    found = ASKERS.get(role, Asker("", role))
    return Asker(found.code, found.role, mandate)


def dossier(world: Planted, moment: Moment, told: Asker) -> dict[str, bytes]:
    """Make the dossier of a certificate as the office does that would; give its files."""
    holder = told.code if told.code in {"XA", "XB"} else "XA"
    desk, node = world.node.desk(holder), world.node
    words = Words("en")
    now = clock.now()
    press = Press(desk.view, desk.vault, node.receipt, node.bundle(), words, now, desk)
    raw = make(press, world.folder(moment, holder), told)
    index, files = unpack(raw)
    return {**files, "index.json": json.dumps(index, ensure_ascii=False).encode()}


def cells(role: Role, moment: Moment, policy: Policy) -> Iterator[tuple[str, str, str, bool]]:
    """Give every field of every sealed section, and whether the role sees it then."""
    for kind in V1.types.values():
        for section in kind.sections:
            for field in section.schema.fields:
                part = part_of(kind.typ, section.name)
                told = may_see(role, part, moment, policy, field.name)
                yield kind.typ, section.name, field.name, told is Answer.CLEAR


@pytest.mark.parametrize("mandate", MANDATES)
@pytest.mark.parametrize("moment", LOGGED)
@pytest.mark.parametrize("role", [role for role in Role if role not in WITHOUT])
def test_a_dossier_shows_each_cell_as_the_matrix_says(
    world: Planted, role: Role, moment: Moment, mandate: str
) -> None:
    if (role, moment) in UNREACHED:
        pytest.skip("nobody is in this role at that moment")
    told = asker(role, mandate)
    files = dossier(world, moment, told)
    holder = told.code if told.code in {"XA", "XB"} else "XA"
    folder = world.folder(moment, holder)
    sight = Sight(folder, told, View(world.node.home).registry(), world.today)
    assert sight.moment is moment
    whole = b"".join(files.values())
    index = json.loads(files["index.json"])
    seen: set[str] = set()
    for held, listed in zip(folder.held, index["statements"], strict=True):
        kept = {each["section"]: each for each in listed["sections"]}
        # A statement's author sees what it says itself, whatever its role towards the rest.
        own = sight.role(held)
        # Where nothing is open any more, nobody knows who the destination was.
        closed = moment is Moment.ERASED and role is Role.DESTINATION
        assert own is role or held.act.holder == told.code or closed
        for each in held.sections:
            may = may_open(own, held.act.typ, each.section, moment, sight.policy)
            shown = kept[each.section]["shown"] == "clear"
            assert shown == (may and each.opening is not None), (held.act.typ, each.section)
            assert (kept[each.section]["fields"] is not None) == shown
            if each.opening is not None:
                assert (each.opening.content in whole) == may, (held.act.typ, each.section)
                assert (each.opening.salt in whole) == may
            if may and each.opening is not None:
                seen |= set(WORDS[_words(each.section)])
    for section, names in WORDS.items():
        for name in names:
            found = word(name, moment).encode() in whole
            assert not found or name in seen, f"{name} ({section}) is shown to {told.name}"
            if section in CERTAIN and name in seen:
                assert found, f"{name} ({section}) is not shown to {told.name}"


def _words(section: str) -> str:
    return {"measured": "values"}.get(section, section)


@pytest.mark.parametrize("mandate", MANDATES)
@pytest.mark.parametrize("moment", LOGGED)
@pytest.mark.parametrize("role", list(Role))
def test_no_section_opens_unless_each_of_its_fields_does(
    role: Role, moment: Moment, mandate: str
) -> None:
    policy = Policy(2, mandate)
    sections: dict[tuple[str, str], list[bool]] = {}
    for typ, section, _, clear in cells(role, moment, policy):
        sections.setdefault((typ, section), []).append(clear)
    for (typ, section), answers in sections.items():
        assert may_open(role, typ, section, moment, policy) == all(answers)


@pytest.mark.parametrize("moment", LOGGED)
def test_the_issuers_own_dossier_holds_every_planted_word(world: Planted, moment: Moment) -> None:
    whole = b"".join(dossier(world, moment, Asker("XA")).values())
    for section in ("shipment", "values", "parties"):
        for told in world.words(moment, section):
            assert (told in whole) == (moment is not Moment.ERASED), told
    for name in ("note", "scan"):
        assert (word(name, moment).encode() in whole) == (moment is not Moment.ERASED)


@pytest.mark.parametrize("role", WITHOUT)
def test_who_sees_the_head_or_a_view_alone_gets_no_dossier(world: Planted, role: Role) -> None:
    with pytest.raises(Refused) as bad:
        dossier(world, Moment.CONFIRMED, Asker("", role))
    assert bad.value.code == "dossier.closed"


@pytest.mark.parametrize("role", [Role.PARTY, Role.BEARER, Role.OBSERVER, Role.MISSION])
def test_office_notes_scans_and_findings_stay_where_they_belong(world: Planted, role: Role) -> None:
    files = dossier(world, Moment.CONFIRMED, asker(role, "Mandate M-7"))
    whole = b"".join(files.values())
    assert word("note", Moment.CONFIRMED).encode() not in whole
    scans = role is Role.MISSION
    assert (word("scan", Moment.CONFIRMED).encode() in whole) == scans
    sees = may_see(role, Part.FINDINGS, Moment.CONFIRMED) is Answer.CLEAR
    index = json.loads(files["index.json"])
    assert all(("findings" in each) == sees for each in index["statements"])


@pytest.mark.parametrize("role", [Role.ISSUER, Role.PARTY, Role.OBSERVER, Role.STATISTICS])
def test_every_dossier_proves_itself_offline(world: Planted, role: Role) -> None:
    desk, node = world.node.desk("XA"), world.node
    press = Press(desk.view, desk.vault, node.receipt, node.bundle(), Words("fr"), 0, desk)
    raw = make(press, world.folder(Moment.CONFIRMED, "XA"), asker(role, ""))
    charter = desk.view.charter()
    assert charter is not None
    found = check(raw, day_of(clock.now()), charter.digest)
    assert found.pinned
    assert found.page
    assert len(found.statements) == 5


@pytest.mark.parametrize("name", views.VIEWS)
@pytest.mark.parametrize("moment", [moment for moment in LOGGED if moment is not Moment.ERASED])
def test_a_credential_view_shows_each_cell_as_the_matrix_says(
    world: Planted, name: str, moment: Moment
) -> None:
    role, file = views.VIEWERS[name], parse_file(world.files[moment])
    claims, every = views.derive(file, "demo.example/log")
    shown = [each for each in every if each.name in views.VIEWS[name]]
    packed = strict.from_base64url(claims["file"].encode())
    told = json.dumps(claims).encode() + packed
    told += b"".join(strict.from_base64url(each.text.encode()) for each in shown)
    for section, part in (("shipment", Part.SHIPMENT), ("parties", Part.PARTIES)):
        for field in file.kind.section(section).schema.fields:
            sees = may_see(role, part, moment, field=field.name) is Answer.CLEAR
            for planted in FIELD_WORDS.get(field.name, ()):
                assert (word(planted, moment).encode() in told) == sees, field.name
    values = may_open(role, "kp-cert+cose", "values", moment)
    assert (word("size", moment).encode() in told) == values


FIELD_WORDS = {
    "origins": ("locality",),
    "exporter": ("exporter", "licence"),
    "importer": ("importer",),
    "seals": ("seal",),
    "carrier": ("carrier",),
    "papers": ("paper",),
}


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
        if _words(each) == section
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


# --- after an erasure ------------------------------------------------------------------------


def test_nothing_that_was_erased_is_left_in_any_file_of_the_node(world: Planted) -> None:
    gone, kept = world.sealed(Moment.ERASED), world.words(Moment.CONFIRMED, "parties")
    note = word("note", Moment.ERASED).encode()
    blobs = [word(name, Moment.ERASED).encode() for name in ("scan", "photo")]
    found = set()
    for path in world.node.home.path.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            for each in (*gone, *blobs, note):
                assert each not in data, path.name
            found |= {each for each in kept if each in data}
    assert found == set(kept), "the search finds what was not erased"


def test_what_was_erased_stays_so_in_the_vault(world: Planted) -> None:
    folder = world.folder(Moment.ERASED, "XB")
    assert all(each.opening is None for held in folder.held for each in held.sections)
    vault = Vault(world.node.home.vault)
    with pytest.raises(Refused) as bad:
        vault.put(folder.held[0].sections[0].digest, "XB", b"x" * 60)
    assert bad.value.code == "vault.erased"
