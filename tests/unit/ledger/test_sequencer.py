from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future

import pytest

from kimberlite.kernel.errors import Conflict, Problem, Unavailable
from kimberlite.ledger.admission import Admitted, Outcome, Refused
from kimberlite.ledger.engine.memory import MemoryEngine
from kimberlite.ledger.engine.port import Batch, Head
from kimberlite.ledger.log import Log
from kimberlite.ledger.sequencer import Sequencer
from tests.helpers.log import BEGAN, OPERATOR, Desk, genesis, sample, statement

WAIT = 20


class Slow(MemoryEngine):
    """Counts commits; waits or fails when told to."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[int] = []
        self.go = threading.Event()
        self.go.set()
        self.fault: BaseException | None = None

    def commit(self, batch: Batch, epoch: int) -> Head:
        assert self.go.wait(WAIT)
        if self.fault is not None:
            raise self.fault
        self.batches.append(len(batch.entries))
        return super().commit(batch, epoch)


@pytest.fixture
def engine() -> Slow:
    return Slow()


@pytest.fixture
def desk(engine: Slow) -> Desk:
    return Desk(engine=engine)


@pytest.fixture
def run(desk: Desk) -> Iterator[Callable[..., Sequencer]]:
    started: list[Sequencer] = []

    def start(**more: object) -> Sequencer:
        found = Sequencer(desk.log, **more).start()  # type: ignore[arg-type]  # as the test says
        started.append(found)
        return found

    yield start
    for each in started:
        each.stop(WAIT)


def code(found: pytest.ExceptionInfo[Problem]) -> str:
    return found.value.code


def test_outcomes_come_in_the_order_of_the_statements(run: Callable[..., Sequencer]) -> None:
    found = run().append([sample(1), b"garbage", sample(2), sample(1)], WAIT)
    assert [getattr(each, "index", None) for each in found] == [1, None, 2, None]
    assert [each.code for each in found if isinstance(each, Refused)] == [
        "cose.tag",
        "statement.duplicate",
    ]


def test_what_arrives_during_a_commit_is_the_next_batch(
    run: Callable[..., Sequencer], engine: Slow
) -> None:
    sequencer = run(most=50)
    engine.batches.clear()
    engine.go.clear()
    futures = [sequencer.submit(sample(0))]
    while sequencer.waiting:
        pass
    futures += [sequencer.submit(sample(n)) for n in range(1, 121)]
    engine.go.set()
    indexes = [each.result(WAIT) for each in futures]
    assert engine.batches == [1, 50, 50, 20]
    assert [getattr(each, "index", None) for each in indexes] == list(range(1, 122))


def test_many_threads_get_their_own_answers(run: Callable[..., Sequencer], desk: Desk) -> None:
    sequencer, got = run(), dict[int, Outcome]()

    def work(first: int) -> None:
        for number in range(first, first + 25):
            (got[number],) = sequencer.append([sample(number)], WAIT)

    threads = [threading.Thread(target=work, args=(n * 100,)) for n in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(WAIT)

    assert len(got) == 200
    for number, outcome in got.items():
        assert isinstance(outcome, Admitted)
        assert outcome.statement.header.sub == f"n{number}"
    assert desk.log.size == 201


def test_a_full_queue_sends_away_and_takes_again_later(
    run: Callable[..., Sequencer], engine: Slow
) -> None:
    sequencer = run(room=10)
    engine.go.clear()
    futures: list[Future[Outcome]] = []
    with pytest.raises(Unavailable) as refused:
        sequencer.submit_all([sample(n) for n in range(100, 111)])
    assert code(refused) == "log.busy"
    futures += sequencer.submit_all([sample(n) for n in range(10)])
    engine.go.set()
    assert all(isinstance(each.result(WAIT), Admitted) for each in futures)
    assert sequencer.append([sample(50)], WAIT)


def test_after_a_storage_failure_later_batches_are_served(
    run: Callable[..., Sequencer], engine: Slow, desk: Desk
) -> None:
    sequencer = run()
    engine.fault = Unavailable("storage.write", "the disk is full")
    with pytest.raises(Unavailable) as refused:
        sequencer.append([sample(1), sample(2)], WAIT)
    assert code(refused) == "storage.write"
    assert desk.engine.head().size == 1

    engine.fault = None
    (found,) = sequencer.append([sample(1)], WAIT)
    assert isinstance(found, Admitted)
    assert found.index == 1
    assert sequencer.ended is None


def test_a_writer_that_was_fenced_off_ends(run: Callable[..., Sequencer], desk: Desk) -> None:
    sequencer = run()
    Desk(engine=desk.engine, memo=desk.memo)
    with pytest.raises(Conflict) as refused:
        sequencer.append([sample(1)], WAIT)
    assert code(refused) == "log.fenced"
    sequencer.stop(WAIT)
    with pytest.raises(Conflict) as later:
        sequencer.submit(sample(2))
    assert code(later) == "log.fenced"


def test_a_fault_of_its_own_ends_it_and_is_told_to_all(
    run: Callable[..., Sequencer], engine: Slow, desk: Desk
) -> None:
    sequencer = run(most=1)
    engine.go.clear()
    futures = [sequencer.submit(sample(n)) for n in range(3)]
    engine.fault = ZeroDivisionError("a planted fault")
    engine.go.set()
    for each in futures:
        with pytest.raises(Unavailable) as told:
            each.result(WAIT)
        assert code(told) == "log.broken"
    sequencer.stop(WAIT)
    assert sequencer.ended is not None
    assert isinstance(sequencer.ended.__cause__, ZeroDivisionError)
    # The log itself is not harmed: what failed is forgotten at the next batch.
    engine.fault = None
    assert desk.must(sample(1)).index == 1


def test_stopping_finishes_what_waits(desk: Desk, engine: Slow) -> None:
    engine.go.clear()
    sequencer = Sequencer(desk.log).start()
    futures = [sequencer.submit(sample(n)) for n in range(30)]
    stopping = threading.Thread(target=sequencer.stop)
    stopping.start()
    engine.go.set()
    stopping.join(WAIT)
    assert all(isinstance(each.result(0), Admitted) for each in futures)
    with pytest.raises(Unavailable) as refused:
        sequencer.submit(sample(99))
    assert code(refused) == "log.stopped"


def test_who_gives_up_waiting_is_told_that_it_is_not_known(
    run: Callable[..., Sequencer], engine: Slow
) -> None:
    sequencer = run()
    engine.go.clear()
    with pytest.raises(Unavailable) as refused:
        sequencer.append([sample(1)], 0.01)
    assert code(refused) == "log.slow"
    engine.go.set()


def test_a_cancelled_statement_is_left_out(run: Callable[..., Sequencer], engine: Slow) -> None:
    sequencer = run()
    engine.go.clear()
    first = sequencer.submit(sample(1))
    while sequencer.waiting:
        pass
    second, third = sequencer.submit_all([sample(2), sample(3)])
    assert second.cancel()
    engine.go.set()
    assert isinstance(first.result(WAIT), Admitted)
    found = third.result(WAIT)
    assert isinstance(found, Admitted)
    assert found.index == 2


def test_other_things_are_done_with_the_log_between_batches(
    run: Callable[..., Sequencer],
) -> None:
    sequencer = run()
    sequencer.append([sample(1)], WAIT)
    assert sequencer.call(lambda log: log.size, WAIT) == 2
    assert sequencer.call(lambda log: log.receipt(1), WAIT)
    with pytest.raises(Problem) as refused:
        sequencer.call(lambda log: log.receipt(9), WAIT)
    assert code(refused) == "proof.index"
    assert sequencer.ended is None


def test_an_idle_log_logs_the_time_and_says_when_it_cannot(
    run: Callable[..., Sequencer], desk: Desk
) -> None:
    desk.clock.now = BEGAN + 299
    sequencer = run(pulse=0.01)

    def until(wanted: Callable[[], bool]) -> None:
        for _ in range(1_000):
            if wanted():
                return
            threading.Event().wait(0.01)
        pytest.fail("it never came to that")

    desk.clock.now = BEGAN + 300
    until(lambda: desk.log.size == 2)
    assert desk.log.time == BEGAN + 300

    later = BEGAN + 5_000
    desk.clock.now = later
    until(lambda: "time" in sequencer.troubles)
    assert sequencer.troubles["time"].code == "time.stopped"
    with pytest.raises(Unavailable) as refused:
        sequencer.append([sample(1)], WAIT)
    assert code(refused) == "time.stopped"

    named = {"at": later, "reason": "the clock is right"}
    leave = statement(OPERATOR, "kp-time-jump+cose", named, iat=later)
    assert isinstance(sequencer.call(lambda log: log.jump(leave), WAIT), Admitted)
    until(lambda: "time" not in sequencer.troubles)
    assert isinstance(sequencer.append([sample(1, iat=later)], WAIT)[0], Admitted)


def test_each_growth_is_told_after_it_is_durable_and_trouble_there_harms_nobody(
    run: Callable[..., Sequencer], desk: Desk
) -> None:
    told: list[int] = []

    def settled(log: Log) -> None:
        told.append(log.size)
        if len(told) == 1:
            raise Unavailable("storage.write", "the public folder is full")

    sequencer = run(settled=settled)
    sequencer.append([sample(1)], WAIT)
    assert sequencer.call(lambda _: sequencer.troubles["settled"].code, WAIT) == "storage.write"
    sequencer.append([sample(2)], WAIT)
    sequencer.append([b"refused"], WAIT)
    assert sequencer.call(lambda _: dict(sequencer.troubles), WAIT) == {}
    assert told == [2, 3]


def test_a_log_begins_through_it_too() -> None:
    desk = Desk(begin=False)
    with Sequencer(desk.log) as sequencer:
        raws: Sequence[bytes] = [genesis(), sample(1)]
        assert [getattr(each, "index", None) for each in sequencer.append(raws, WAIT)] == [0, 1]
