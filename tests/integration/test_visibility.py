"""Cell by cell: what the matrix says comes out of dossiers and views, or not.

A word that nothing else says is planted in every field; every answer is searched for it, byte by
byte, with archives unpacked.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

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
from kimberlite.documents.credential import strict
from kimberlite.documents.credential import view as views
from kimberlite.kernel.days import day_of
from kimberlite.kernel.errors import Refused
from kimberlite.node import clock
from kimberlite.node.books import V1
from kimberlite.node.dossier.check import check
from kimberlite.node.dossier.form import unpack
from kimberlite.node.dossier.make import Press, make
from kimberlite.node.sight import BY_VIEW, Asker, Sight
from kimberlite.node.view import View
from kimberlite.storage.vault import Vault
from kimberlite.words import Words
from tests.helpers.nodes import short_folder
from tests.helpers.planted import WORDS, Planted, section_words, word

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
                seen |= set(WORDS[section_words(each.section)])
    for section, names in WORDS.items():
        for name in names:
            found = word(name, moment).encode() in whole
            assert not found or name in seen, f"{name} ({section}) is shown to {told.name}"
            if section in CERTAIN and name in seen:
                assert found, f"{name} ({section}) is not shown to {told.name}"


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
