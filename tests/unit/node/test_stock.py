"""Blank forms: every movement kept, ranges split where they should, counts that add up."""

from __future__ import annotations

import sqlite3
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kimberlite.kernel.errors import Conflict, Invalid, NotFound, Problem, Refused
from kimberlite.node.stock.counting import COLUMNS, count
from kimberlite.node.stock.forms import form, run
from kimberlite.node.stock.ledger import Stock, Use
from kimberlite.node.stock.movements import ABSENT, HELD, KINDS, PRINTED, SPOILED, Order, Place
from kimberlite.node.store import Store

CLERK = "officer-1"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "office.db", "XA")


@pytest.fixture
def stock(store: Store) -> Stock:
    found = store.stock
    found.move(order("received", "AD0001", "AD0100"), 10)
    found.move(order("allotted", "AD0001", "AD0050", "HQ"), 20)
    return found


def order(kind: str, first: str, last: str = "", office: str = "") -> Order:
    return Order(kind, run(first, last), CLERK, "as told", office)


def shown(stock: Stock) -> list[tuple[str, str, str]]:
    return [(str(e.forms), e.place.state, e.place.office) for e in stock.holdings()]


@pytest.mark.parametrize("text", ["", "AD", "AD-", "ад12", "AD1234567890123", "1" * 40, "A\n1"])
def test_what_is_no_form_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as bad:
        form(text)
    assert bad.value.code == "stock.form"


@pytest.mark.parametrize("ends", [("A9", "A8"), ("A1", "B2"), ("A1", "A99999999999")])
def test_what_is_no_run_is_refused(ends: tuple[str, str]) -> None:
    with pytest.raises(Invalid) as bad:
        run(*ends)
    assert bad.value.code == "stock.run"


def test_forms_keep_their_zeros() -> None:
    assert str(run("AD 0098", "0101")) == "AD0098 – AD0101"


def test_a_run_is_split_where_forms_leave_it(stock: Stock) -> None:
    stock.move(order("spoiled", "AD10", "AD12"), 30)
    assert shown(stock) == [
        ("AD0001 – AD0009", "held", "HQ"),
        ("AD0010 – AD0012", "spoiled", "HQ"),
        ("AD0013 – AD0050", "held", "HQ"),
        ("AD0051 – AD0100", "held", ""),
    ]


def test_neighbours_in_one_place_are_one_run_again(stock: Stock) -> None:
    stock.move(order("returned", "AD0001", "AD0050"), 30)
    assert shown(stock) == [("AD0001 – AD0100", "held", "")]


@pytest.mark.parametrize(
    ("kind", "first", "last", "office", "code"),
    [
        ("received", "AD0100", "AD0101", "", "stock.received-before"),
        ("spoiled", "AD0200", "", "", "stock.unknown"),
        ("spoiled", "AD0050", "AD0051", "", "stock.mixed"),
        ("lost", "AD0099", "AD0101", "", "stock.mixed"),
        ("recovered", "AD0001", "", "", "stock.state"),
        ("destroyed", "AD0001", "", "", "stock.state"),
        ("allotted", "AD0001", "", "OUT", "stock.state"),
        ("allotted", "AD0060", "", "", "stock.office"),
        ("allotted", "AD0060", "", "a b", "stock.office"),
        ("eaten", "AD0060", "", "", "stock.kind"),
    ],
)
def test_movements_that_cannot_be(
    stock: Stock, kind: str, first: str, last: str, office: str, code: str
) -> None:
    before = shown(stock), len(stock.movements())
    with pytest.raises(Problem) as bad:
        stock.move(order(kind, first, last, office), 30)
    assert bad.value.code == code
    assert (shown(stock), len(stock.movements())) == before


@pytest.mark.parametrize(
    ("officer", "why", "code"),
    [("", "x", "stock.officer"), ("J. Doe", "x", "stock.officer"), (CLERK, "a\nb", "stock.why")],
)
def test_who_and_why_are_told(stock: Stock, officer: str, why: str, code: str) -> None:
    with pytest.raises(Invalid) as bad:
        stock.move(Order("lost", run("AD0001", ""), officer, why), 30)
    assert bad.value.code == code


def test_a_movement_is_taken_back_by_its_counter_entry(stock: Stock) -> None:
    lost = stock.move(order("lost", "AD0003", "AD0004"), 30)
    before = shown(stock)
    back = stock.undo(lost.id, CLERK, "found in the drawer", 40)
    assert back.undoes == lost.id
    assert shown(stock) != before
    assert shown(stock)[0] == ("AD0001 – AD0050", "held", "HQ")
    assert [each.kind for each in stock.movements()][:2] == ["lost", "lost"]
    for again in (lost.id, back.id):
        with pytest.raises(Conflict, match=r"stock\.undone"):
            stock.undo(again, CLERK, "twice", 50)


def test_what_moved_on_is_taken_back_in_turn(stock: Stock) -> None:
    spoiled = stock.move(order("spoiled", "AD0003"), 30)
    destroyed = stock.move(order("destroyed", "AD0003"), 40)
    with pytest.raises(Conflict) as bad:
        stock.undo(spoiled.id, CLERK, "no", 50)
    assert (bad.value.code, bad.value.facts["later"]) == ("stock.moved-on", destroyed.id)
    stock.undo(destroyed.id, CLERK, "not shredded", 60)
    stock.undo(spoiled.id, CLERK, "not spoiled", 70)
    assert stock.place("AD0003") == Place(HELD, "HQ")
    with pytest.raises(NotFound):
        stock.undo(99, CLERK, "none", 80)


def test_movements_never_change_on_disk(store: Store, stock: Stock) -> None:
    for sql in ("UPDATE stock_movement SET why = 'x'", "DELETE FROM stock_movement"):
        with pytest.raises(sqlite3.DatabaseError, match="a movement never"):
            store.db.execute(sql)
    assert stock.kept()


def act(store: Store) -> int:
    return store.apply("kp-cert+cose", b"{}", 5)


def test_a_form_is_printed_in_the_same_transaction_as_its_proposal(
    store: Store, stock: Stock
) -> None:
    first = act(store)
    store.propose(first, "XA1", b"p", ("XA", 1), Use(CLERK, 30, "AD0001", "HQ"))
    assert stock.place("AD0001") == Place(PRINTED, "HQ")
    second = act(store)
    for other in (Use(CLERK, 40, "AD0001", "HQ"), Use(CLERK, 40, "AD0060", "HQ")):
        with pytest.raises(Refused, match=r"stock\.not-here"):
            store.propose(second, "XA2", b"p", ("XA", 2), other)
    assert store.act(second).stage == "applied"
    store.propose(second, "XA2", b"p", ("XA", 2), Use(CLERK, 40, "AD0002", "HQ", "AD0001"))
    assert stock.place("AD0001") == Place(SPOILED, "HQ")


def test_the_end_of_a_certificate_that_stock_does_not_know_spoils_nothing(
    store: Store, stock: Stock
) -> None:
    before = shown(stock)
    for spoils in ("ZZ-9", "no digits", "AD0001"):
        store.propose(act(store), "XA1", b"p", use=Use(CLERK, 30, spoils=spoils))
    assert shown(stock) == before


def test_an_act_that_is_withdrawn_gives_its_forms_back(store: Store, stock: Stock) -> None:
    first = act(store)
    store.propose(first, "XA1", b"p", ("XA", 1), Use(CLERK, 30, "AD0001", "HQ"))
    store.withdraw(first, CLERK, 40)
    assert stock.place("AD0001") == Place(HELD, "HQ")
    assert stock.next_form("HQ") == "AD0001"


def test_a_form_that_was_spoiled_since_stays_spoiled(store: Store, stock: Stock) -> None:
    first = act(store)
    store.propose(first, "XA1", b"p", ("XA", 1), Use(CLERK, 30, "AD0001", "HQ"))
    stock.move(order("spoiled", "AD0001"), 35)
    store.withdraw(first, CLERK, 40)
    assert stock.place("AD0001") == Place(SPOILED, "HQ")


def test_who_keeps_no_stock_here_is_asked_for_no_form(store: Store) -> None:
    first = act(store)
    store.propose(first, "XA1", b"p", ("XA", 1), Use(CLERK, 30, "ZZ9", "HQ"))
    assert store.stock.place("ZZ9") == Place(ABSENT)


def test_holders_do_not_see_one_another(store: Store, stock: Stock, tmp_path: Path) -> None:
    other = Store(tmp_path / "office.db", "XB").stock
    assert not other.kept()
    assert other.next_form("HQ") is None
    assert stock.next_form("HQ") == "AD0001"


def test_a_count_adds_up(stock: Stock) -> None:
    stock.move(order("printed", "AD0001", "AD0010"), 30)
    stock.move(order("spoiled", "AD0011"), 31)
    stock.move(order("spoiled", "AD0001"), 32)
    lost = stock.move(order("lost", "AD0012", "AD0014"), 33)
    stock.undo(lost.id, CLERK, "found", 34)
    found = count(stock.movements(), 15, 40, stock.holdings())
    store, office = found.lines
    assert (store.opening, store.moved["out"], store.closing) == (100, 50, 50)
    assert (office.opening, office.moved["in"], office.moved["printed"]) == (0, 50, 10)
    assert (office.moved["spoiled"], office.moved["lost"], office.closing) == (1, 0, 39)
    assert found.after == {"spoiled": 1}
    assert found.total.closing == 89
    assert found.agrees is True


STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from([*KINDS, "undo"]),
            st.integers(1, 30),
            st.integers(0, 12),
            st.sampled_from(["", "HQ", "OUT"]),
        )
    ),
    max_size=25,
)


@given(STEPS)
@settings(max_examples=60, deadline=None)
def test_whatever_happens_counts_agree_and_nothing_is_lost(
    steps: list[tuple[str, int, int, str]],
) -> None:
    """Holdings are what the movements say, never overlap, and the books balance."""
    stock, refused = Store(Path(":memory:"), "XA").stock, set[str]()
    for at, (kind, first, more, office) in enumerate(steps, start=1):
        try:
            if kind == "undo":
                stock.undo(first, CLERK, "back", at)
            else:
                stock.move(order(kind, f"F{first}", f"F{first + more}", office), at)
        except Problem as bad:
            refused.add(bad.code.partition(".")[0])
    assert refused <= {"stock"}
    held = stock.holdings()
    for left, right in pairwise(held):
        assert left.forms.last < right.forms.first
    places: dict[int, Place] = {}
    for each in reversed(stock.movements()):
        for serial in range(each.forms.first, each.forms.last + 1):
            assert places.get(serial, Place(ABSENT)).state == each.was.state
            places[serial] = each.now
    told = {s: e.place for e in held for s in range(e.forms.first, e.forms.last + 1)}
    assert told == {s: place for s, place in places.items() if place.state != ABSENT}
    middle = len(steps) // 2
    early = count(stock.movements(), 0, middle)
    late = count(stock.movements(), middle + 1, len(steps), held)
    assert late.agrees
    openings = {line.office: line.opening for line in late.lines}
    assert {line.office: line.closing for line in early.lines}.items() <= openings.items() | {
        ("", 0)
    }
    assert set(late.total.moved) == set(COLUMNS)
