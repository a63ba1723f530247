"""What waits to be handed in: in order, with patience, and believed only by the log's signature."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.world import ORIGIN, founder
from kimberlite.kernel.errors import Problem, Refused, Unavailable, Untrusted
from kimberlite.ledger import refusal as refusals
from kimberlite.ledger.admission import Admitted
from kimberlite.ledger.admission import Refused as Sent
from kimberlite.ledger.engine.sqlite import SqliteEngine
from kimberlite.ledger.envelope import Statement, parse
from kimberlite.ledger.reader import Reader
from kimberlite.node.home import Home
from kimberlite.node.mirror.box import LOGGED, LONGEST_WAIT, REFUSED, WAITING, Box
from kimberlite.node.mirror.courier import Courier, index_seals, put_copy
from kimberlite.node.mirror.line import Delivered, Line
from kimberlite.storage.vault import Vault
from tests.helpers.following import Kept, kept

NOW = 1_800_000_000


class Fake(Line):
    """A line that ends in this process; ``down`` cuts it, ``false`` makes the log node lie."""

    def __init__(self, log: Kept) -> None:
        self.log = log
        self.down = False
        self.false = ""
        self.asked: list[bytes] = []

    @property
    def holder(self) -> str:
        return "XA"

    def submit(self, raw: bytes) -> Delivered:
        if self.down:
            raise Unavailable("line.down", "cut")
        self.asked.append(parse(raw).id)
        if self.false == "index":
            return Delivered(3)
        (outcome,) = self.log.world.log.append([raw])
        if isinstance(outcome, Admitted):
            return Delivered(outcome.index)
        if outcome.code == "statement.duplicate":
            return Delivered(int(outcome.facts["index"]), before=True)
        return Delivered(refusal=self._no(raw, outcome))

    def _no(self, raw: bytes, outcome: Sent) -> bytes:
        role = ("XB", "confirm") if self.false == "refusal" else ("kp.log", "log")
        told = refusals.of(raw, outcome, ORIGIN, NOW, self.log.world.log.size)
        return refusals.sign_refusal(told, founder().key(*role))

    def receipt(self, index: int) -> bytes:
        return self.log.world.log.receipt(index)


class Post:
    """A box with a courier at a copy of the log as it was at first."""

    def __init__(self, folder: Path) -> None:
        self.log = kept(folder / "log")
        self.home = Home(folder / "node")
        self.home.describe({"hosts": ["XA"]})
        self.box, self.line, self.now = Box(self.home.post), Fake(self.log), NOW
        reader = Reader(SqliteEngine(self.log.home.log, readonly=True))
        self.courier = Courier(self.home, self.box, self.line, reader, lambda: self.now)

    def sign(self, count: int) -> list[Statement]:
        found = [parse(each) for each in self.log.world.traffic.take(count)]
        for each in found:
            self.box.add(each, self.now)
        return found

    def states(self) -> list[str]:
        return [each.state for each in self.box.items()]


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    found = Post(tmp_path)
    yield found
    found.courier.close()
    found.box.close()
    found.log.engine.close()


def test_what_waits_is_handed_in_in_order_with_receipts(post: Post) -> None:
    signed = post.sign(3)
    assert post.box.add(signed[0], NOW + 9).at == NOW, "once is enough"
    assert post.courier.deliver() == 3
    assert post.line.asked == [each.id for each in signed]
    items = post.box.items(LOGGED)
    assert [each.entry for each in items] == sorted(each.entry or 0 for each in items)
    assert all(post.box.receipt(each.entry or 0) == each.receipt is not None for each in items)
    assert post.courier.deliver() == 0


def test_the_first_that_cannot_go_holds_up_the_others_and_waits_longer(post: Post) -> None:
    post.sign(2)
    post.line.down = True
    waits = []
    for _ in range(12):
        with pytest.raises(Unavailable):
            post.courier.deliver()
        first, second = post.box.items()
        assert (second.tries, first.why) == (0, "line.down")
        waits.append(first.due - post.now)
        assert post.courier.deliver() == 0, "not before it is due"
        post.now = first.due
    assert all(1 <= each <= LONGEST_WAIT for each in waits)
    assert max(waits[:2]) < min(waits[-3:])
    post.line.down = False
    post.box.wake()
    assert post.courier.deliver() == 2


def test_an_answer_that_was_lost_is_asked_for_again(post: Post) -> None:
    (signed,) = post.sign(1)
    post.log.world.log.append([signed.raw])  # it went through, and nobody heard of it
    assert post.courier.deliver() == 1
    (item,) = post.box.items()
    assert (item.state, item.receipt is not None or item.entry is not None) == (LOGGED, True)


def test_an_index_that_no_receipt_bears_out_is_not_believed(post: Post) -> None:
    post.sign(1)
    post.line.false = "index"
    with pytest.raises(Untrusted) as bad:
        post.courier.deliver()
    assert bad.value.code == "post.receipt"
    assert post.states() == [WAITING]
    post.line.false = ""
    post.box.wake()
    assert post.courier.deliver() == 1
    assert post.states() == [LOGGED]


def test_a_refusal_is_kept_with_the_logs_word_and_the_next_goes_on(post: Post) -> None:
    first, second = (parse(each) for each in post.log.world.traffic.take(2))
    spoiled = bytearray(first.raw)
    spoiled[-1] ^= 1
    post.box.add(parse(bytes(spoiled)), NOW)
    post.box.add(second, NOW)
    assert post.courier.deliver() == 2
    refused, logged = post.box.items()
    assert (refused.state, refused.why) == (REFUSED, "signature.bad")
    assert refused.refusal is not None
    assert logged.state == LOGGED
    public = founder().key("kp.log", "log").public
    assert refusals.verify(refused.refusal, public, raw=bytes(spoiled)).code == "signature.bad"


def test_a_refusal_by_anybody_else_settles_nothing(post: Post) -> None:
    (first,) = (parse(each) for each in post.log.world.traffic.take(1))
    spoiled = bytearray(first.raw)
    spoiled[-1] ^= 1
    post.box.add(parse(bytes(spoiled)), NOW)
    post.line.false = "refusal"
    with pytest.raises(Problem) as bad:
        post.courier.deliver()
    assert bad.value.code == "post.receipt"
    assert post.states() == [WAITING]


def test_a_pouch_is_kept_whole_or_not_at_all(post: Post) -> None:
    signed = post.sign(1)[0]
    copies = [(bytes(32), "XA", "XB", bytes(60))]
    post.box.take_pouch(b"p" * 32, [signed], copies, NOW)
    assert post.box.pouch_seen(b"p" * 32)
    assert [each.carried for each in post.box.items()] == [0]
    full = [(at.to_bytes(32, "big"), "XA", "XB", bytes(60)) for at in range(1, 20_001)]
    with pytest.raises(Refused) as bad:
        post.box.take_pouch(b"q" * 32, [], full, NOW)
    assert bad.value.code == "pouch.full"
    assert not post.box.pouch_seen(b"q" * 32)
    assert post.box.ripe() == [], "no entry seals it yet"


def test_a_copy_is_ripe_once_its_sender_has_logged_the_digest(post: Post) -> None:
    post.log.grow(1)
    size = post.log.engine.head().size
    statement = parse(post.log.engine.entries(size - 1, size)[0].raw)
    digest = next(iter(statement.body.seals.values()))
    copies = [(digest, "XB", "XA", b"true" * 20), (digest, "XB", "XC", b"junk" * 20)]
    post.box.take_pouch(b"p" * 32, [], copies, NOW)
    index_seals(post.box, Reader(SqliteEngine(post.log.home.log, readonly=True)))
    assert [each[2] for each in post.box.ripe()] == ["XA"]
    assert post.box.is_sealed(digest, "XA")
    assert not post.box.is_sealed(digest, "XC")


def test_what_came_by_post_never_takes_the_place_of_what_is_there(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    vault.put(bytes(32), "XB", b"opened and checked")
    put_copy(vault, bytes(32), "XB", b"whatever")
    assert vault.get(bytes(32), "XB") == b"opened and checked"
    vault.erase(bytes(32), on=20_000)
    put_copy(vault, bytes(32), "XB", b"whatever")
    assert vault.recipients(bytes(32)) == ()
