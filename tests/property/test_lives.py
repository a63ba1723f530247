"""Laws of a certificate's life: whatever comes, in any order and any number of times."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kimberlite.certificates.drafting import from_json
from kimberlite.certificates.life import life
from kimberlite.certificates.transitions import Act, Status, step
from kimberlite.certificates.v1.rows import CERTIFICATES
from kimberlite.ledger.admission import Admitted, Refused, admit
from kimberlite.ledger.envelope import parse
from kimberlite.ledger.state import State
from tests.helpers.acts import DO, NUMBER, Acts
from tests.helpers.certificates import CERTIFICATE, MEASURED, TODAY, Desk, certificate_json
from tests.helpers.world import MemoryRows, World

SOME = settings(
    max_examples=40, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
ALWAYS = sorted(set(Act) & DO.keys(), key=lambda act: act.name)
"""Acts that ``DO`` knows: each by an authority that may do it."""


def replayed(world: World) -> MemoryRows:
    """Give the rows that a log of the same entries comes to, from nothing."""
    rows = MemoryRows()
    state = State(rows)
    for each in world.entries:
        outcome = admit(state, world.books, parse(each.statement.raw), each.index)
        assert isinstance(outcome, Admitted), outcome
        assert outcome.facts == each.facts
        rows.keep(state.changes())
        rows.places[outcome.statement.id] = outcome.index
        state.settle()
    return rows


@given(st.lists(st.sampled_from(ALWAYS), min_size=2, max_size=9), st.booleans())
@SOME
def test_any_acts_one_after_another_follow_the_table_and_replay(
    acts: list[Act], paper: bool
) -> None:
    """Law: each act leads where the table says from where it stands; refusals change nothing;
    and who replays the entries comes to the same bytes.
    """
    desk = Acts(paper=paper)
    assert isinstance(desk.first, Admitted)
    for act in acts:
        before = desk.row().status
        count, rows = (
            len(desk.world.entries),
            dict(desk.world.rows.tables["certificates.certificate"]),
        )
        outcome = DO[act](desk)
        if isinstance(outcome, Refused):
            helped = len(desk.world.entries) - count  # an answer needs an alert before it
            assert helped <= 1
            if not helped:
                assert desk.world.rows.tables["certificates.certificate"] == rows
            continue
        told = step(before, act)
        assert desk.row().status is (told.to or before)
        codes = {code for code, _ in outcome.findings}
        if told.code and told.to is not None:
            assert told.code in codes, (told, codes)
    assert replayed(desk.world).tables == desk.world.rows.tables
    read = life(desk.world.reloaded(), NUMBER, desk.world.fetch_entry)
    assert read.status is desk.row().status
    assert len(read.acts) == 1 + len(desk.row().acts)


def _messages(desk: Desk) -> list[bytes]:
    """Sign a whole life before the log has seen any of it."""
    issuing = desk.sign("XA", from_json(certificate_json(number=NUMBER)))
    link = {"number": NUMBER, "certificate": parse(issuing).id.hex(), "day": TODAY}
    told: tuple[tuple[str, dict[str, Any]], ...] = (
        ("XA", {"type": "dispatch", **link, "journey": {"carrier": "Kite Air"}}),
        ("XC", {"type": "transit", **link, "condition": "identical"}),
        ("XB", {"type": "presentation", **link}),
        (
            "XB",
            {
                **{name: link[name] for name in ("number", "certificate")},
                "type": "confirmation",
                "arrived": TODAY,
                "outcome": "confirmed",
                "examination": ["documents"],
                "values": MEASURED,
                "parties": CERTIFICATE["parties"],
            },
        ),
    )
    return [issuing, *(desk.sign(holder, from_json(each)) for holder, each in told)]


@given(st.data())
@SOME
def test_messages_in_any_order_lose_nothing(data: st.DataObject) -> None:
    """Law: what comes too early is refused with one code and leaves no trace; said again, it goes
    in; said twice, it is there once. In the end all of it is there and the goods are confirmed.
    """
    desk = Desk()
    messages = _messages(desk)
    waiting = list(messages)
    order = data.draw(st.lists(st.sampled_from(range(len(messages))), max_size=20))
    for at in [*order, *range(len(messages))]:
        outcome = desk.world.admit(messages[at])
        if messages[at] not in waiting:
            assert isinstance(outcome, Refused)
            assert outcome.code == "statement.duplicate"
        elif isinstance(outcome, Refused):
            assert outcome.code == "certificate.link"
            assert messages[0] in waiting
        else:
            waiting.remove(messages[at])
    assert waiting == []
    assert desk.row().status is Status.CONFIRMED
    assert len(desk.row().acts) == len(messages) - 1
    assert replayed(desk.world).tables == desk.world.rows.tables


@given(st.integers(0, 4), st.integers(601, 10**9))
@SOME
def test_messages_from_the_future_wait_for_their_time(which: int, ahead: int) -> None:
    """Law: what is signed for a time that has not come is refused, and changes nothing."""
    desk = Desk()
    messages = _messages(desk)
    for raw in messages[:which]:
        assert isinstance(desk.world.admit(raw), Admitted)
    statement = parse(messages[which])
    holder, tables = statement.header.iss, copy.deepcopy(desk.world.rows.tables)
    kind = desk.world.books[1].types[statement.header.typ]
    raw = desk.world.sign(
        holder,
        kind.typ,
        kind.schema.read(statement.body.log),
        sub=statement.header.sub,
        iat=desk.world.now + ahead,
        seals=statement.body.seals,
        approval=statement.body.approval,
        verdicts=statement.body.verdicts,
    )
    outcome = desk.world.admit(raw)
    assert isinstance(outcome, Refused)
    assert outcome.code == "time.future"
    assert desk.world.rows.tables == tables
    assert desk.world.state.get(CERTIFICATES, "XA123") is None or which > 0
    assert isinstance(desk.world.admit(messages[which]), Admitted)
