"""Terms, erasure on lawful request, what remains, and a restore that does not bring it back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from kimberlite.certificates.retention import KEPT, Term
from kimberlite.certificates.visibility import Moment, Role
from kimberlite.kernel.days import parse_day, show_day, years_after
from kimberlite.kernel.errors import Invalid, NotFound, Problem, Refused, Untrusted
from kimberlite.node import opened
from kimberlite.node.backup import backup, restore
from kimberlite.node.erasing import Reason, erase, keeps_until, remains, repeat
from kimberlite.node.erasures import Erasures
from kimberlite.node.granting import Wish, grant
from kimberlite.node.held import Folder
from kimberlite.node.retaining import due, strangers
from kimberlite.node.sight import Asker, Sight
from kimberlite.node.view import View
from kimberlite.storage.sqlite import transaction
from kimberlite.storage.vault import Vault
from tests.helpers.nodes import short_folder
from tests.helpers.offices import private_of
from tests.helpers.planted import ORDER, Planted, word

OVER = Reason("the term is over", "officer-1")


@pytest.fixture(scope="module")
def world() -> Iterator[Planted]:
    """A world that tests only read."""
    with short_folder() as folder:
        yield Planted(folder / "n")


@pytest.fixture
def own() -> Iterator[Planted]:
    """A world that a test may change."""
    with short_folder() as folder:
        yield Planted(folder / "n")


def folder(world: Planted, moment: Moment, holder: str = "XA") -> Folder:
    return world.folder(moment, holder)


def left_in(home: Path, words: list[bytes]) -> set[bytes]:
    """Give those of ``words`` that stand in some file of a node."""
    return {
        each
        for path in home.rglob("*")
        if path.is_file()
        for data in [path.read_bytes()]
        for each in words
        if each in data
    }


# --- terms ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "years", "then"),
    [
        ("2026-11-22", 3, "2029-11-22"),
        ("2024-02-29", 4, "2028-02-29"),
        ("2024-02-29", 3, "2027-03-01"),
        ("2026-12-31", 100, "2126-12-31"),
    ],
)
def test_years_are_whole_years(day: str, years: int, then: str) -> None:
    assert show_day(years_after(parse_day(day), years)) == then


def test_a_term_is_over_on_its_last_day_and_not_before() -> None:
    told = Term(1, 3, 1000)
    assert not told.over(999)
    assert told.over(1000)
    assert not Term(None, 3, None).over(10**6)


def test_the_term_counts_from_the_last_act_and_three_years_at_least(world: Planted) -> None:
    found = keeps_until(world.node.desk("XA"), folder(world, Moment.CONFIRMED))
    life = folder(world, Moment.CONFIRMED).life
    assert found.years == 3
    assert found.begins == life.acts[-1].signed_at // 86_400
    assert found.ends == years_after(found.begins, 3)


@pytest.mark.parametrize("moment", [Moment.ISSUED, Moment.DISPATCHED, Moment.PRESENTED])
def test_under_way_no_term_has_begun(world: Planted, moment: Moment) -> None:
    assert keeps_until(world.node.desk("XA"), folder(world, moment)).ends is None


def test_the_longest_national_term_on_the_node_counts(own: Planted) -> None:
    practice = {"retention_years": 10, "begins": own.today}
    own.node.state("XB", "kp-practice+cose", practice)
    found = keeps_until(own.node.desk("XA"), folder(own, Moment.CONFIRMED))
    assert found.years == 10


def test_due_says_what_may_go_and_what_must_stay(world: Planted) -> None:
    desk = world.node.desk("XA")
    now = {each.number: each.standing for each in due(desk)}
    later = {each.number: each.standing for each in due(desk, parse_day("2099-01-01"))}
    for moment, number in world.numbers.items():
        if moment is Moment.DRAFT:
            assert number not in now
        elif moment is Moment.ERASED:
            assert now[number] == later[number] == "erased"
        elif moment in {Moment.ISSUED, Moment.DISPATCHED, Moment.PRESENTED}:
            assert now[number] == "under-way"
        else:
            assert (now[number], later[number]) == ("kept", "due")


def test_copies_of_which_no_own_act_speaks_are_counted(own: Planted) -> None:
    assert strangers(own.node.desk("XA")) == 0
    assert strangers(own.node.desk("XB")) == 7, "XB has not acted on what is issued or dispatched"
    wish = Wish("XC", ("values",), "Letter 9", "officer-1", Role.MISSION)
    grant(own.node.desk("XA"), own.numbers[Moment.ISSUED], wish)
    assert strangers(own.node.desk("XC")) == 1


def test_what_falls_due_first_stands_first(world: Planted) -> None:
    ends = [each.ends for each in due(world.node.desk("XB"))]
    known = [each for each in ends if each is not None]
    assert known == sorted(known)
    assert ends == [*known, *[None] * (len(ends) - len(known))]


def test_every_kind_of_thing_has_a_place_a_term_and_a_source() -> None:
    for each in KEPT:
        assert all((each.what, each.where, each.term, each.erasure, each.source))


# --- erasing ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("why", "code"),
    [
        (Reason("", "officer-1", "Order 1"), "erase.reason"),
        (Reason("x" * 201, "officer-1", "Order 1"), "erase.reason"),
        (Reason("asked for", "", "Order 1"), "erase.officer"),
        (Reason("asked for", "Jane Doe", "Order 1"), "erase.officer"),
        (OVER, "retention.too-early"),
    ],
)
def test_nothing_is_erased_without_ground_officer_and_term(
    world: Planted, why: Reason, code: str
) -> None:
    with pytest.raises(Problem) as bad:
        erase(world.node.desk("XA"), world.numbers[Moment.CONFIRMED], why)
    assert bad.value.code == code
    assert folder(world, Moment.CONFIRMED).erased is None


def test_after_the_term_no_order_is_needed(own: Planted) -> None:
    number = own.numbers[Moment.CONFIRMED]
    own.node.pass_days(3 * 366)
    left = erase(own.node.desk("XA"), number, OVER)
    assert left.erasures[0].order == ""
    assert left.erasures[0].ground == OVER.ground


def test_an_authority_that_holds_nothing_erases_nothing(world: Planted) -> None:
    with pytest.raises(NotFound) as bad:
        erase(world.node.desk("XB"), world.numbers[Moment.ISSUED], ORDER)
    assert bad.value.code == "certificate.not-own"


def test_who_shares_a_node_erases_only_what_it_said_itself(own: Planted) -> None:
    number = own.numbers[Moment.CONFIRMED]
    erase(own.node.desk("XB"), number, ORDER)
    for held in folder(own, Moment.CONFIRMED).held:
        gone = [each.erased is not None for each in held.sections]
        assert all(gone) if held.act.holder == "XB" else not any(gone)


def test_what_one_side_erased_closes_that_alone(own: Planted) -> None:
    erase(own.node.desk("XB"), own.numbers[Moment.CONFIRMED], ORDER)
    told = folder(own, Moment.CONFIRMED)
    sight = Sight(told, Asker("XA"), View(own.node.home).registry(), own.today)
    assert sight.moment is Moment.CONFIRMED
    for held in told.held:
        assert len(sight.openings(held)) == (0 if held.act.holder == "XB" else len(held.sections))


def test_after_an_erasure_the_rest_of_the_node_is_as_before(own: Planted) -> None:
    erase(own.node.desk("XA"), own.numbers[Moment.AGED], ORDER)
    kept = folder(own, Moment.CONFIRMED)
    assert all(each.opening for held in kept.held for each in held.sections)
    number = own.numbers[Moment.CONFIRMED]
    assert opened.fetch(own.node.desk("XB"), number, private_of("XB"))


def test_an_erasure_that_is_repeated_changes_nothing(own: Planted) -> None:
    number, desk = own.numbers[Moment.AGED], own.node.desk("XA")
    first = erase(desk, number, ORDER)
    assert erase(desk, number, ORDER).erasures == first.erasures
    assert repeat(own.node.home) == len(Erasures(own.node.home.erasures).all())
    assert remains(View(own.node.home), number) == first


def test_what_remains_names_statements_digests_ground_and_day(world: Planted) -> None:
    left = remains(View(world.node.home), world.numbers[Moment.ERASED])
    life = View(world.node.home).certificate(left.number)
    assert [each.statement for each in left.traces] == [act.statement for act in life.acts]
    assert all(day is not None for each in left.traces for _, _, day in each.sections)
    assert {each.holder for each in left.erasures} == {"XA", "XB"}
    assert {each.order for each in left.erasures} == {ORDER.order}
    assert world.node.receipt(left.traces[0].entry)


def test_a_scan_that_another_certificate_names_stays(own: Planted) -> None:
    shared = own.node.office("XA").vault.put_blob(b"an invoice for two shipments")
    numbers: list[str] = []
    for _ in range(2):
        office = own.node.office("XA")
        told = {
            "kind": "ordinary",
            "original": "paper",
            "shipment": {
                "destination": "XB",
                "origin_mode": "single",
                "origins": [{"country": "XA"}],
                "provenance": "XA",
                "lines": [{"hs": "7102.31", "parcels": 1}],
                "parcels": 1,
            },
            "values": {
                "lines": [{"hs": "7102.31", "carats": "9.00", "value": "900.00"}],
                "basis": "government-valuation",
            },
            "parties": {
                "exporter": {"name": "Kite Mining", "address": "1 Mine Road"},
                "importer": {"name": "Beta Gems", "address": "2 Quay Street"},
                "papers": [{"kind": "invoice", "text": "7", "digest": shared.hex()}],
            },
        }
        act = office.apply(told)
        office.check(act.id, own.check(f"S-{len(numbers)}"))
        office.complete(act.id)
        numbers.append(str(office.proposal(act.id).proposal.log[1]))
    vault = Vault(own.node.home.vault)
    erase(own.node.desk("XA"), numbers[0], ORDER)
    assert vault.get_blob(shared)
    erase(own.node.desk("XA"), numbers[1], ORDER)
    with pytest.raises(NotFound):
        vault.get_blob(shared)


def test_scans_taken_in_under_the_number_go_with_their_file_names(own: Planted) -> None:
    number = own.numbers[Moment.CONFIRMED]
    store, vault = own.node.desk("XA").store, Vault(own.node.home.vault)
    mine, other = vault.put_blob(b"a scan of it"), vault.put_blob(b"a scan of another")
    with transaction(store.db):
        for at, (digest, name, key) in enumerate(
            ((mine, "Jane Doe.png", own.key(Moment.CONFIRMED)), (other, "kept.png", "XA9")), 1
        ):
            row = ("XA", at, digest, name, "png", 0, "officer-1", key, "name", None)
            store.db.execute("INSERT INTO scan VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    erase(own.node.desk("XA"), number, ORDER)
    with pytest.raises(NotFound):
        vault.get_blob(mine)
    assert vault.get_blob(other)
    assert left_in(own.node.home.office.parent, [b"Jane Doe", b"kept.png"]) == {b"kept.png"}


# --- restore ----------------------------------------------------------------------------------


def test_a_restore_does_not_bring_back_what_was_erased_since(own: Planted, tmp_path: Path) -> None:
    home, number = own.node.home, own.numbers[Moment.CONFIRMED]
    secret = [word("scan", Moment.CONFIRMED).encode(), word("note", Moment.CONFIRMED).encode()]
    secret += own.words(Moment.CONFIRMED, "parties")
    backup(home, tmp_path / "copy")
    assert left_in(tmp_path / "copy", secret) == set(secret)
    for holder in ("XA", "XB"):
        erase(own.node.desk(holder), number, ORDER)
    assert left_in(home.path, secret) == set()

    restore(tmp_path / "copy", home)

    live = [each for each in home.path.iterdir() if each.name != "before-restore"]
    assert set().union(*(left_in(each, secret) for each in live)) == set()
    with pytest.raises(NotFound) as bad:
        opened.fetch(own.node.desk("XB"), number, private_of("XB"))
    assert bad.value.code == "vault.erased"
    assert len(remains(View(home), number).erasures) == 2


def test_a_restore_on_an_empty_machine_repeats_what_the_backup_knows(
    own: Planted, tmp_path: Path
) -> None:
    home, number = own.node.home, own.numbers[Moment.CONFIRMED]
    erase(own.node.desk("XA"), number, ORDER)
    backup(home, tmp_path / "copy")
    home.erasures.unlink()
    restore(tmp_path / "copy", home)
    assert remains(View(home), number).erasures


def test_a_damaged_record_stops_a_restore_before_it_begins(own: Planted, tmp_path: Path) -> None:
    home = own.node.home
    backup(home, tmp_path / "copy")
    home.erasures.write_bytes(b"{not a record\n")
    with pytest.raises(Untrusted) as bad:
        restore(tmp_path / "copy", home)
    assert bad.value.code == "erasures.damaged"
    assert not (home.path / "before-restore").exists()


def recorded(**changed: object) -> bytes:
    """Give a line of the record with something in it changed."""
    told = {"form": "kp-erasure/1", "number": "XA1", "holder": "XA", "ground": "g", "order": ""}
    told |= {"officer": "o1", "day": "2026-02-20"}
    return json.dumps({**told, "digests": [], **changed}).encode()


def test_a_line_of_the_record_is_read(tmp_path: Path) -> None:
    path = tmp_path / "erasures.jsonl"
    path.write_bytes(recorded() + b"\n")
    assert [each.number for each in Erasures(path).all()] == ["XA1"]


@pytest.mark.parametrize(
    "line",
    [
        b"[]",
        b'{"form": "kp-erasure/2"}',
        recorded(day="2026-02-30"),
        recorded(number="nothing"),
        recorded(digests=["../../etc"]),
        b"\xff\xfe",
    ],
)
def test_a_record_is_read_strictly(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "erasures.jsonl"
    path.write_bytes(line + b"\n")
    with pytest.raises(Untrusted) as bad:
        Erasures(path).all()
    assert bad.value.code == "erasures.damaged"


def test_refusals_say_until_when(world: Planted) -> None:
    with pytest.raises(Refused) as bad:
        erase(world.node.desk("XA"), world.numbers[Moment.CONFIRMED], OVER)
    assert bad.value.facts["years"] == 3
    with pytest.raises(Invalid):
        erase(world.node.desk("XA"), "no number", ORDER)
