"""What is due and until when: from the log's statements, by each side's stated practice."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

import pytest

from kimberlite.certificates import due, projected
from kimberlite.certificates.acts import ACTS
from kimberlite.certificates.due import DUTIES, Due, Kind, Open
from kimberlite.certificates.due_form import alert_json, blanks_json, due_json, pair_json
from kimberlite.certificates.projection import PROJECTION, Query, search
from kimberlite.kernel.days import parse_day
from kimberlite.ledger.admission import Admitted
from kimberlite.registry.model import Practice
from kimberlite.registry.read import Registry
from kimberlite.storage.projection import catch_up, prepare
from tests.helpers.acts import NUMBER, PARTS, Acts
from tests.helpers.certificates import DAY, FakeTrade
from tests.helpers.world import World

KEY = "XA123"
EXPIRES = parse_day("2026-05-09")


def projected_of(world: World) -> sqlite3.Connection:
    db = sqlite3.connect(":memory:", isolation_level=None)
    prepare(db, PROJECTION)
    entries = [(each.index, each.statement.raw, each.facts) for each in world.entries]
    catch_up(db, PROJECTION, entries)
    return db


def open_on(desk: Acts, today: int) -> list[Open]:
    return projected.pending(projected_of(desk.world), today)


def dues_on(desk: Acts, today: int) -> tuple[Due, ...]:
    return due.work_out(open_on(desk, today), Registry(desk.world.state))


def told(found: tuple[Due, ...]) -> list[tuple[str, str, str, int | None]]:
    first = [(each.kind.value, each.by, each.to, each.until) for each in found]
    return [(kind, by, to, None if day is None else day - DAY) for kind, by, to, day in first]


EXPIRY = EXPIRES - DAY
CASES: dict[str, tuple[Callable[[Acts], Any], int, list[tuple[str, str, str, int | None]]]] = {
    "nothing is due of what was issued": (lambda desk: None, 0, []),
    "presented": (
        lambda desk: desk.must("XB", "presentation"),
        0,
        [("confirm", "XB", "XA", 10)],
    ),
    "presented elsewhere too": (
        lambda desk: (desk.must("XB", "presentation"), desk.must("XC", "presentation")),
        0,
        [("confirm", "XB", "XA", 10)],
    ),
    "confirmed": (lambda desk: (desk.must("XB", "presentation"), desk.arrive("confirmed")), 0, []),
    "dispatched": (
        lambda desk: desk.must("XA", "dispatch"),
        0,
        [("unheard", "", "XA", EXPIRY + 10)],
    ),
    "expired unused": (lambda desk: None, EXPIRY + 1, [("unused", "XA", "", EXPIRY + 30)]),
    "voided": (lambda desk: desk.must("XA", "void", {"reason": "unused"}), EXPIRY + 1, []),
    "detained": (lambda desk: desk.arrive("detained"), 0, [("detained", "XB", "XA", None)]),
    "sent back": (
        lambda desk: (desk.arrive("refused"), desk.dispose("sent-back")),
        0,
        [("back", "XA", "XB", 10)],
    ),
    "home again": (
        lambda desk: (
            desk.arrive("refused"),
            desk.dispose("sent-back"),
            desk.must("XA", "return", {"condition": "identical"}),
        ),
        0,
        [],
    ),
    "an alert": (lambda desk: desk.alert(), 0, [("answer", "XA", "XC", 5)]),
    "an alert that is looked into": (
        lambda desk: desk.answer(desk.alert(), finding="under-inquiry"),
        0,
        [("answer", "XA", "XC", 5)],
    ),
    "an alert answered": (lambda desk: desk.answer(desk.alert()), 0, []),
    "a rectification": (
        lambda desk: (desk.arrive("confirmed"), desk.propose()),
        0,
        [("countersign", "XB", "XA", 20)],
    ),
    "a rectification from the receiver": (
        lambda desk: (desk.arrive("confirmed"), desk.propose("XB")),
        0,
        [("countersign", "XA", "XB", 20)],
    ),
    "a rectification declined": (
        lambda desk: (
            desk.arrive("confirmed"),
            desk.countersign(desk.propose(), agrees=False),
        ),
        0,
        [],
    ),
    "a discrepancy": (
        lambda desk: (desk.arrive("confirmed"), opened(desk)),
        0,
        [("settle", "XA", "XB", 60), ("settle", "XB", "XA", 60)],
    ),
    "a discrepancy of which one side told the outcome": (
        lambda desk: (desk.arrive("confirmed"), opened(desk), outcome(desk, "XB")),
        0,
        [("settle", "XA", "XB", 60)],
    ),
    "a discrepancy of which each side tells another outcome": (
        lambda desk: (
            desk.arrive("confirmed"),
            opened(desk),
            outcome(desk, "XB"),
            outcome(desk, "XA", "issue-figures"),
        ),
        0,
        [("settle", "XA", "XB", 60), ("settle", "XB", "XA", 60)],
    ),
    "a discrepancy settled": (
        lambda desk: (
            desk.arrive("confirmed"),
            opened(desk),
            outcome(desk, "XB"),
            outcome(desk, "XA"),
        ),
        0,
        [],
    ),
}


def opened(desk: Acts) -> Admitted:
    return desk.must("XB", "discrepancy", {"step": "opened", "about": ["carats"]})


def outcome(desk: Acts, by: str, how: str = "arrival-figures") -> Admitted:
    return desk.must(by, "discrepancy", {"step": "outcome", "about": ["carats"], "outcome": how})


@pytest.mark.parametrize("case", CASES)
def test_who_owes_what_until_when(case: str) -> None:
    do, after, wanted = CASES[case]
    desk = Acts()
    do(desk)
    assert told(dues_on(desk, DAY + after)) == wanted


def test_paper_at_the_counter_waits_for_who_took_it_down() -> None:
    desk = Acts(paper=True)
    assert told(dues_on(desk, DAY)) == [("confirm", "XB", "XA", 10)]


def test_practice_of_the_side_that_owes_counts_as_of_the_day_it_begins() -> None:
    desk = Acts()
    desk.world.must("XB", "kp-practice+cose", {"begins": DAY - 9, "confirm_days": 7})
    desk.world.must("XB", "kp-practice+cose", {"begins": DAY + 1, "confirm_days": 90})
    desk.world.must("XB", "kp-practice+cose", {"begins": DAY - 9, "detain_days": 180})
    desk.must("XB", "presentation")
    assert told(dues_on(desk, DAY)) == [("confirm", "XB", "XA", 7)]
    desk.arrive("detained")
    assert told(dues_on(desk, DAY)) == [("detained", "XB", "XA", 180)]


def test_each_duty_has_a_source_and_a_field_of_practice() -> None:
    assert set(DUTIES) == set(Kind)
    fields = {name for name in Practice.__slots__ if name.endswith("_days")}
    for kind, duty in DUTIES.items():
        assert duty.source, kind
        assert duty.by in {"issuer", "receiver", "both"}
        assert duty.term in fields or (kind, duty.term) == (Kind.RETURN, "")


def test_the_table_of_acts_names_every_term() -> None:
    named = " ".join(row.deadline for row in ACTS.values())
    assert [duty.term for duty in DUTIES.values() if duty.term not in named] == []


def test_what_is_expected_counts_from_that_day() -> None:
    found = Open(Kind.UNHEARD, KEY, NUMBER, "XA", "XB", DAY, 4, EXPIRES, expected=DAY + 3)
    (made,) = due.work_out([found], FakeTrade())
    assert (made.by, made.until) == ("XB", DAY + 13)
    away = Open(Kind.RETURN, KEY, NUMBER, "XA", "XB", DAY, 4, EXPIRES, expected=DAY + 3)
    (back,) = due.work_out([away], FakeTrade())
    assert (back.by, back.to, back.until, back.term) == ("XB", "XA", DAY + 3, "")


def test_the_overdue_ledger_counts_by_pair_and_step() -> None:
    days = {"XB": (5, 16, 40, 91), "XC": (0,)}
    found = [
        Due(Kind.CONFIRM, f"XA{n}", f"XA{n}", code, "XA", "XA", code, DAY, DAY - late, n, "")
        for code, all_late in days.items()
        for n, late in enumerate(all_late)
    ]
    found.append(Due(Kind.ANSWER, "XA9", "XA9", "XA", "XB", "XA", "XB", DAY, DAY - 99, 9, ""))
    first, second = due.ledger(found, DAY)
    assert (first.receiver, first.open, first.overdue, first.by_step) == ("XB", 4, 4, (3, 2, 1, 1))
    assert first.oldest == DAY - 91
    assert (second.receiver, second.open, second.overdue, second.oldest) == ("XC", 1, 0, None)
    assert pair_json(first)["over_60"] == 1
    assert due_json(found[0], DAY)["late"] == 5


def test_a_name_is_the_same_every_day_and_no_other_due_has_it() -> None:
    desk = Acts()
    desk.arrive("confirmed")
    opened(desk)
    names = [each.name for each in dues_on(desk, DAY)]
    assert names == [each.name for each in dues_on(desk, DAY + 9)]
    assert len(set(names)) == 2


# --- lists -----------------------------------------------------------------------------------


def test_lists_are_narrowed_by_everything_useful() -> None:
    desk = Acts()
    desk.issue("XA200", issued="2026-03-09")
    desk.issue("XA201")
    desk.must("XB", "presentation")
    desk.alert()
    db = projected_of(desk.world)

    def numbers(**asked: Any) -> list[str]:
        return [each.number for each in search(db, Query(**asked))]

    assert numbers() == ["XA201", "XA200", NUMBER]
    assert numbers(status="presented") == [NUMBER]
    assert numbers(receiver="XB") == [NUMBER]
    assert numbers(with_alerts=True) == [NUMBER]
    assert numbers(paper=True) == []
    assert numbers(last=DAY - 1) == ["XA200"]
    assert numbers(first=DAY) == ["XA201", NUMBER]
    assert numbers(keys=frozenset((KEY, "XA201"))) == ["XA201", NUMBER]
    assert numbers(keys=frozenset()) == []
    assert numbers(expired_on=EXPIRES) == []
    assert numbers(expired_on=EXPIRES + 1) == ["XA201", "XA200", NUMBER]


def test_alerts_are_listed_with_what_failed_and_what_was_answered() -> None:
    desk = Acts()
    first = desk.alert(features=["watermark", "dates"], kind="counterfeit")
    second = desk.alert("XB", number="XA000777", certificate=None)
    db = projected_of(desk.world)
    later, sooner = projected.alerts(db)
    assert (later.number, later.issuer, later.status) == ("XA000777", "", "")
    assert (sooner.number, sooner.issuer, sooner.status) == (NUMBER, "XA", "issued")
    assert sooner.features == ("watermark", "dates")
    assert sooner.held
    assert sooner.open
    assert [each.number for each in projected.alerts(db, kind="counterfeit")] == [NUMBER]
    assert [each.holder for each in projected.alerts(db, about="XB")] == ["XB"]
    assert len(projected.alerts(db, about="XA")) == 2

    desk.answer(second, number="XA000777", finding="under-inquiry")
    (row, _) = projected.alerts(projected_of(desk.world))
    assert (row.inquiry, row.open) == (DAY, True)
    answered = desk.answer(first, finding="counterfeit")
    assert isinstance(answered, Admitted)
    db = projected_of(desk.world)
    assert [each.number for each in projected.alerts(db)] == ["XA000777"]
    _, done = projected.alerts(db, only_open=False)
    assert (done.finding, done.answerer, done.answered) == ("counterfeit", "XA", answered.index)
    assert alert_json(done)["answered_at"] == answered.index


def test_an_alert_on_a_number_that_nobody_issued_is_its_owners_to_answer() -> None:
    desk = Acts()
    desk.alert("XB", number="XA000777", certificate=None)
    (found,) = open_on(desk, DAY)
    assert (found.kind, found.key, found.issuer, found.receiver) == (Kind.ANSWER, "XA777", "", "XB")


def test_blanks_are_listed_with_what_was_reported_later() -> None:
    desk = Acts()
    told = {"of": "number", "lead": "XA", "day": DAY, "office": "a1"}
    say = desk.world.must
    say("XA", "kp-blank+cose", {**told, "first": 10, "last": 20, "fate": "stolen"})
    say("XA", "kp-blank+cose", {**told, "first": 12, "last": 13, "fate": "recovered"})
    say("XA", "kp-blank+cose", {**told, "first": 30, "last": 31, "fate": "lost"})
    say("XA", "kp-blank+cose", {**told, "first": 25, "last": 40, "fate": "recovered"})
    rows = projected.blanks(projected_of(desk.world))
    assert [(each.first, each.fate, each.recovered) for each in rows] == [
        (25, "recovered", False),
        (30, "lost", True),
        (12, "recovered", False),
        (10, "stolen", False),
    ]
    assert [each[:3] for each in rows[-1].later] == [(12, 13, "recovered")]
    assert blanks_json(rows[-1])["later"][0]["fate"] == "recovered"
    db = projected_of(desk.world)
    assert [each.first for each in projected.blanks(db, fate="stolen")] == [10]
    assert projected.blanks(db, holder="XB") == []


def test_a_diversion_and_a_second_presentation_do_not_move_the_day() -> None:
    desk = Acts()
    desk.must("XB", "presentation")
    desk.must("XB", "presentation", {"office": "b2"})
    desk.must("XA", "correction", {"ground": "typographical", "parties": PARTS["parties"]})
    (row,) = search(projected_of(desk.world), Query())
    assert (row.status, row.receiver, row.since) == ("presented", "XB", DAY)
