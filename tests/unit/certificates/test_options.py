"""What is open to whom, in every state: the transition table read by actor."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kimberlite.certificates.life import ActView, CertificateLife
from kimberlite.certificates.options import options
from kimberlite.certificates.transitions import Act, Status, step
from kimberlite.certificates.v1.beside import Alert
from kimberlite.certificates.v1.mending import COUNTERSIGNATURE_TYP, RECTIFICATION_TYP
from kimberlite.certificates.v1.rows import Row

ASKED = b"\x07" * 32


def life(
    status: Status = Status.ISSUED, *acts: ActView, alerts: tuple[Alert, ...] = ()
) -> CertificateLife:
    row = Row(status, "ordinary", 20_000, 20_060, 5, bytes(32), "XA")
    return CertificateLife("XA7", row, expired=False, acts=acts, alerts=alerts)


def act(typ: str, holder: str, statement: bytes = ASKED, **named: object) -> ActView:
    return ActView(9, statement, typ, holder, 0, named, ())


def keys(told: CertificateLife, code: str, receiver: str = "") -> set[str]:
    return {each.key for each in options(told, code, receiver)}


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("code", ["XA", "XB"])
def test_nothing_is_offered_that_the_table_refuses_and_findings_are_named(
    status: Status, code: str
) -> None:
    for each in options(life(status), code, "XB"):
        acts = {act.value for act in Act}
        name = "confirm" if each.key == "discrepancy-confirm" else each.key
        assert name in acts
        answer = step(status, Act(name))
        assert answer.to is not None
        assert answer.code == each.code


def test_each_side_is_offered_its_own_acts() -> None:
    issuer, other = keys(life(), "XA"), keys(life(), "XB")
    assert {"dispatch", "void", "divert", "lose"} <= issuer
    assert {"present", "confirm", "detain", "transit"} <= other
    assert issuer & other == {"alert"}


def test_only_the_two_sides_argue_and_rectify() -> None:
    confirmed = life(Status.CONFIRMED)
    assert {"dispute", "propose"} <= keys(confirmed, "XA", "XB") & keys(confirmed, "XB", "XB")
    assert not {"dispute", "propose"} & keys(confirmed, "XC", "XB")


def test_the_other_side_countersigns_what_waits() -> None:
    waiting = life(Status.CONFIRMED, act(RECTIFICATION_TYP, "XA"))
    assert "rectify" in keys(waiting, "XB", "XB")
    assert "rectify" not in keys(waiting, "XA", "XB")
    told = act(COUNTERSIGNATURE_TYP, "XB", b"\x08" * 32, rectification=ASKED)
    assert "rectify" not in keys(replace(waiting, acts=(*waiting.acts, told)), "XB", "XB")


def test_an_alert_is_answered_by_the_issuer_or_withdrawn_by_who_raised_it() -> None:
    asked = life(alerts=(Alert(ASKED, 3, "clone", "XB"),))
    assert "answer" in keys(asked, "XA")
    assert "answer" in keys(asked, "XB")
    assert "answer" not in keys(asked, "XC")
    assert "answer" not in keys(life(), "XA")


def test_plain_acts_stand_before_those_with_a_finding() -> None:
    codes = [bool(each.code) for each in options(life(Status.PRESENTED), "XA")]
    assert codes == sorted(codes)
    assert any(codes)
