"""Every rule of the registry's statements: what passes, and what each stops or marks."""

from __future__ import annotations

from typing import Any

import pytest

from kimberlite.kernel.days import parse_day
from kimberlite.kernel.errors import Problem
from kimberlite.kernel.rules import Force
from kimberlite.ledger.admission import Admitted, Refused
from kimberlite.registry.model import Goods, Truth
from kimberlite.registry.read import Registry
from kimberlite.registry.v1 import TYPES
from tests.helpers.registry_cases import (
    BREAKS,
    GOOD,
    HISTORY,
    RESTRICTION,
    SCOPE,
    TODAY,
    XA,
    Case,
    last_decision,
    participant,
)
from tests.helpers.world import ARCHIVE, CHAIR, HOLDERS, MEMBER, World

RULES = {(kind.typ, rule.code): rule for kind in TYPES for rule in kind.rules}
WHO = {**HOLDERS, "BW": MEMBER, "XE": ("transcribe",)}


def outcome_of(typ: str, case: Case) -> Admitted | Refused:
    world = World(kind=case.kind, holders=WHO)
    case.before(world)
    named = {name: value for name, value in case.named.items() if name not in case.drop}
    if typ == "kp-contest+cose" and "statement" not in named:
        named["statement"] = world.entries[-1].statement.id
        if any(e.statement.header.typ == "kp-restriction+cose" for e in world.entries):
            named["statement"] = last_decision(world)
    return world.say(case.holder, typ, named, sub=case.sub)


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.typ)
def test_a_sound_statement_is_admitted_without_findings(kind: Any) -> None:
    outcome = outcome_of(kind.typ, GOOD[kind.typ])
    assert isinstance(outcome, Admitted), outcome
    assert outcome.findings == []


@pytest.mark.parametrize(("typ", "code"), RULES, ids=lambda text: str(text))
def test_each_rule_has_a_source_and_a_case_that_breaks_it(typ: str, code: str) -> None:
    rule = RULES[typ, code]
    assert rule.source
    outcome = outcome_of(typ, BREAKS[typ, code])
    if rule.force is Force.REFUSES:
        assert isinstance(outcome, Refused), outcome
        assert (outcome.code, outcome.source) == (code, rule.source)
    else:
        assert isinstance(outcome, Admitted), outcome
        assert [found for found, _ in outcome.findings] == [code]


def test_no_case_is_left_over() -> None:
    assert set(BREAKS) == set(RULES)


def test_the_chair_does_not_assert_the_past() -> None:
    world = World(holders={**HOLDERS, "kp.chair": ("chair", "transcribe")})
    outcome = world.say(CHAIR, "kp-history+cose", HISTORY, sub="XB")
    assert isinstance(outcome, Refused)
    assert outcome.code == "history.transcriber"


def test_a_prod_log_decides_about_real_participants_and_never_about_test_codes() -> None:
    holders = {**HOLDERS, "BW": MEMBER, "NA": MEMBER}
    world = World(kind="prod", holders=holders)
    named = {"names": {"en": "Botswana"}, "begins": parse_day("2003-08-31"), "source": "list"}
    world.decide("kp-participant+cose", named, sub="BW", by=("BW", "NA"))
    refused = world.say("BW", "kp-participant+cose", named, sub="XA")
    assert isinstance(refused, Refused)
    assert refused.code == "registry.code-kind"


def test_no_single_key_can_take_the_name_of_a_decision_that_waits() -> None:
    """One participant, or the transcriber, would stop any restriction by being first."""
    world = World()
    for code in ("XB", "XC"):
        participant(code)(world)
    waiting = world.must("XA", "kp-restriction+cose", RESTRICTION, sub="XB")
    scope = SCOPE
    own = {"id": RESTRICTION["id"], "scope": scope, "begins": TODAY, "source": "own"}
    with pytest.raises(Problem):
        world.say("XB", "kp-restriction-self+cose", own)
    for name in ("xb.ban", "xa.ban"):
        outcome = world.say("XC", "kp-restriction-national+cose", {**own, "id": name})
        assert isinstance(outcome, Refused)
        assert outcome.code == "restriction.of-another"
    begun = {"kind": "restriction-began", "restriction": RESTRICTION["id"], "authority": "kp"}
    elsewhere = {**begun, "scope": {**scope, "country": "XC"}, "event": "xc-squats"}
    world.must(ARCHIVE, "kp-history+cose", {**HISTORY, **elsewhere}, sub="XC")

    last = world.endorse("XC", waiting.statement.id)

    assert ["effective", waiting.statement.id] in last.facts
    goods = Goods("XB", "XC", ("XB",), "XB", issued=TODAY)
    found = Registry(world.state).restricted(goods, TODAY, "XC")
    assert [each.facts["country"] for each in found if each.truth is Truth.YES] == ["XB"]


def test_an_organ_is_never_put_on_the_list_of_those_who_trade() -> None:
    outcome = World().say(ARCHIVE, "kp-history+cose", {**HISTORY, "prefixes": ["XQ"]}, sub="kp.one")
    assert isinstance(outcome, Refused)
    assert outcome.code == "history.subject"


def test_a_proposal_that_another_has_overtaken_lapses() -> None:
    world = World()
    XA(world)
    first = world.must("XA", "kp-restriction+cose", RESTRICTION, sub="XB")
    second = world.must("XC", "kp-restriction+cose", {**RESTRICTION, "source": "B"}, sub="XB")
    world.endorse("XB", first.statement.id)
    last = world.endorse("XB", second.statement.id)
    assert ["lapsed", second.statement.id, "restriction.known"] in last.facts
