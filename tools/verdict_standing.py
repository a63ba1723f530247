"""Cases of verdicts on trade: who could trade on the days of issue, export and arrival."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from kimberlite.certificates.standing import (
    PARTICIPANTS,
    RESTRICTIONS,
    Restriction,
    participants_part,
    restrictions_part,
)
from kimberlite.registry.model import Answer, Practice, Reason, Truth
from tests.helpers.certificates import DAY, YES, FakeTrade, no
from tools.verdict_bench import Bench, Case

CODES = ("XA", "XB", "XC")
LATER = DAY + 10


def standings() -> list[Case]:
    """Give participants that stop and resume, and what restrictions there were."""
    bench = Bench()

    def case(name: str, trade: FakeTrade, **more: object) -> Case:
        part = participants_part(trade, CODES)
        told = {"bundle": bench.desk.bundle_bytes(parts={PARTICIPANTS: part}), "today": LATER}
        return bench.case(name, **{**told, **more})

    def stopped(code: str, *days: tuple[int, Answer]) -> FakeTrade:
        return FakeTrade(stopped={code: list(days)})

    deciding = replace(no(), reasons=(_decides("issue"),))
    other = replace(no(), reasons=(_decides("export"),))
    odd = {PARTICIPANTS: b"\x81\x82bXA\x80"}
    return [
        case("issuer stopped between issue and arrival", stopped("XA", (DAY + 5, no()))),
        case(
            "issuer stopped only after the arrival",
            stopped("XA", (DAY + 5, no())),
            arrived=DAY + 4,
        ),
        case(
            "issuer stopped and resumed in between", stopped("XA", (DAY + 2, no()), (DAY + 4, YES))
        ),
        case(
            "issuer stopped and resumed, export decides",
            replace(
                stopped("XA", (DAY + 2, no()), (DAY + 4, YES)),
                practices={"XB": Practice(status_policy="export")},
            ),
        ),
        case("issuer stopped, its issue decides", stopped("XA", (DAY + 5, deciding))),
        case(
            "issuer stopped, decisions name two days",
            stopped("XA", (DAY + 5, deciding), (DAY + 7, other)),
        ),
        case("issuer not listed before it issued", _Late({"XA": DAY + 1})),
        case("destination listed only after arrival", _Late({"XB": DAY + 8}), arrived=DAY + 7),
        case("arrived on the last day of validity", FakeTrade(), today=DAY + 70, arrived=DAY + 60),
        case("arrived after today", FakeTrade(), arrived=LATER + 1),
        bench.case(
            "restrictions in force", bundle=bench.desk.bundle_bytes(parts=_listed()), today=LATER
        ),
        bench.case("participants that do not read", bundle=bench.desk.bundle_bytes(parts=odd)),
    ]


def _listed() -> dict[str, bytes]:
    """Give the parts of a bundle that tells of restrictions."""
    known = [
        Restriction("kp-xa", "XA", "", DAY - 100, DAY + 3),
        Restriction("kp-xa-over", "XA", "", DAY - 100, DAY),
        Restriction("kp-xb-own", "XE", "XB", DAY + 2, None),
        Restriction("kp-xd", "XD", "", DAY - 5, None),
    ]
    return {
        PARTICIPANTS: participants_part(FakeTrade(), CODES),
        RESTRICTIONS: restrictions_part(known),
    }


def _decides(day: str) -> Reason:
    return Reason("trade.stopped", Truth.NO, "a test", (), {"decides": day})


@dataclass
class _Late(FakeTrade):
    """A registry to which some came only from a day on."""

    begun: dict[str, int] = field(default_factory=dict)

    def __init__(self, begun: dict[str, int]) -> None:
        super().__init__()
        self.begun = begun

    def changes(self, code: str) -> tuple[int, ...]:
        return (self.begun.get(code, 0),)
