from __future__ import annotations

import io
import signal
from collections.abc import Iterator

import pytest

from kimberlite.crypto.keys import Esp256PrivateKey, PublicKey
from kimberlite.ledger import audit as audits
from kimberlite.ledger.admission import Admitted, Refused
from kimberlite.ledger.audit import audit
from kimberlite.ledger.checkers import FRAME, Checkers, serve
from kimberlite.ledger.copies import EngineCopy
from kimberlite.ledger.engine.memory import MemoryEngine
from kimberlite.ledger.guard import Guard, MemoryMemo
from kimberlite.ledger.log import Log, Writer
from tests.helpers.log import BOOKS, LOG, ORIGIN, Clock, Desk, genesis, key, new_key, sample

P256 = Esp256PrivateKey(bytes(31) + b"\x07")


@pytest.fixture(params=[1, 2])
def checkers(request: pytest.FixtureRequest) -> Iterator[Checkers]:
    with Checkers(request.param) as found:
        yield found


def check(number: int, *, good: bool = True) -> tuple[PublicKey, bytes, bytes]:
    signer = P256 if number % 5 == 0 else key(f"signer {number % 3}")
    message = b"message %d" % number
    return signer.public, signer.sign(message if good else b"another"), message


def test_every_check_is_answered_as_it_would_be_here(checkers: Checkers) -> None:
    checks = [check(number, good=number % 7 != 3) for number in range(400)]
    answers = [checkers.send(checks[at : at + 90]) for at in range(0, 400, 90)]
    told = b"".join(each.wait() or b"" for each in answers)
    assert [each == 1 for each in told] == [k.verify(s, m) for k, s, m in checks]
    assert 0 < sum(told) < 400


def test_answers_that_nobody_waited_for_are_passed_over(checkers: Checkers) -> None:
    for _ in range(5):
        checkers.send([check(1, good=False)] * 3)
    assert checkers.send([check(1), check(2, good=False)]).wait() == b"\x01\x00"


def test_a_process_that_dies_answers_nothing_and_stops_nobody(checkers: Checkers) -> None:
    assert checkers.send([check(1)]).wait() == b"\x01"
    for each in checkers._workers:
        assert each._process is not None
        each._process.kill()
        each._process.wait()
    assert checkers.send([check(1)]).wait() is None
    assert checkers.send([check(1)]).wait() is None


def test_a_process_that_stops_answering_is_given_up(
    checkers: Checkers, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in checkers._workers:
        assert checkers.send([check(1)]).wait() is not None
    monkeypatch.setattr("kimberlite.ledger.checkers.PATIENCE", 0.05)
    for each in checkers._workers:
        assert each._process is not None
        each._process.send_signal(signal.SIGSTOP)
    large = [(check(1)[0], bytes(64), bytes(1 << 20))] * 3
    for _ in checkers._workers:
        assert checkers.send(large).wait() is None
    assert all(each._process is None for each in checkers._workers)


def test_half_a_frame_is_no_work() -> None:
    sink = io.BytesIO()
    serve(io.BytesIO(b"\x00\x00"), sink)
    assert sink.getvalue() == b""


def mixed(count: int) -> list[bytes]:
    """Give a batch with refusals, a key registered on the way, and what it signs afterwards."""
    raws = [sample(number) for number in range(count)]
    raws[3] = raws[3][:-1] + bytes((raws[3][-1] ^ 1,))
    raws[10] = new_key("XA", "XA second", ["issue"])
    raws[7] = b"garbage"
    raws[count // 2] = sample(1, "XB")
    return raws


@pytest.mark.parametrize("count", [20, FRAME, 2 * FRAME + 9])
def test_a_log_decides_the_same_with_and_without_them(checkers: Checkers, count: int) -> None:
    def open_log(**more: object) -> Log:
        guard = Guard(ORIGIN, key("log"), MemoryMemo())
        return Log(
            MemoryEngine(),
            Writer(BOOKS, key("log"), LOG, guard, Clock(), **more),  # type: ignore[arg-type]
        )

    logs = [open_log(), open_log(checkers=checkers), open_log(helpers=2), open_log(checkers=None)]
    told = []
    for log in logs:
        log.append([genesis()])
        outcomes = log.append(mixed(count))
        assert isinstance(outcomes[3], Refused)
        assert outcomes[3].code == "signature.bad"
        told.append([each.code if isinstance(each, Refused) else each.facts for each in outcomes])
    assert all(each == told[0] for each in told)
    assert len({log.facts for log in logs}) == 1


def test_a_log_goes_on_alone_when_its_process_dies(checkers: Checkers) -> None:
    guard = Guard(ORIGIN, key("log"), MemoryMemo())
    log = Log(MemoryEngine(), Writer(BOOKS, key("log"), LOG, guard, Clock(), checkers=checkers))
    log.append([genesis()])
    log.append([sample(number) for number in range(100)])
    for each in checkers._workers:
        assert each._process is not None
        each._process.kill()
    outcomes = log.append([sample(number) for number in range(100, 300)])
    assert all(isinstance(each, Admitted) for each in outcomes)
    assert log.size == 301


def test_a_long_audit_uses_them_and_finds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk()
    desk.log.append([sample(number) for number in range(300)])
    alone = audit(EngineCopy(desk.engine), BOOKS)
    monkeypatch.setattr(audits, "LONG", 100)
    assert audit(EngineCopy(desk.engine), BOOKS, helpers=2) == alone
