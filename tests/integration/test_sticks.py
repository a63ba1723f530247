"""Authorities without a line, and pouches that are not what they should be."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kimberlite.certificates.file import parse_file
from kimberlite.kernel.errors import Problem
from kimberlite.node import clock
from kimberlite.node.clients import LogClient
from kimberlite.node.home import Home
from kimberlite.node.mirror import bearing, packing, pouch, taking
from kimberlite.node.mirror.box import LOGGED, Box
from kimberlite.node.mirror.packing import Wanted
from kimberlite.node.openings import unseal
from kimberlite.node.view import View
from kimberlite.node.wiring import desk_of
from tests.helpers import two_nodes
from tests.helpers.nodes import short_folder
from tests.helpers.trading import Trade, confirm, number_of, trading
from tests.helpers.two_nodes import PASS, Nodes


@pytest.fixture
def trade() -> Iterator[Trade]:
    with trading() as found:
        yield found


def pack_at_log(nodes: Nodes, recipient: str, since: int | None) -> bytes:
    sign = LogClient(nodes.log.log_socket).sign_pouch
    return packing.export(nodes.log, Wanted(recipient, since), sign)


def pack(home: Home, recipient: str = "", since: int | None = None) -> bytes:
    bearer = bearing.load(home, PASS)
    wanted = Wanted(recipient, since)
    return packing.export(home, wanted, pouch.signer_of(bearer, clock.now()), bearer.card)


def test_an_authority_without_a_line_trades_by_stick() -> None:
    with short_folder() as folder, two_nodes.stack() as stack:
        nodes = two_nodes.found(folder)
        nodes.host("XA")
        stack.enter_context(two_nodes.log_process(nodes))
        with two_nodes.door(nodes) as port:
            home = nodes.join("XB", f"http://127.0.0.1:{port}")
        stack.enter_context(two_nodes.signer(nodes.log, "XA"))
        stack.enter_context(two_nodes.signer(home, "XB"))
        size = View(home).reader.size
        file = nodes.issue("XA", "XB")
        number = number_of(file)

        arrived = pack_at_log(nodes, "XB", size)
        taken = taking.take_here(home, arrived)
        assert (taken.entries, taken.statements, taken.copies) == (
            View(nodes.log).reader.size - size,
            0,
            3,
        )
        with pytest.raises(Problem) as again:
            taking.take_here(home, arrived)
        assert again.value.code == "pouch.seen"

        desk = desk_of(home, "XB")
        header = parse_file(file).statement.header
        for digest in parse_file(file).statement.body.seals.values():
            sealed = desk.vault.get(digest, "XB")
            unseal(nodes.sealing["XB"], sealed, digest, header.iss, header.sub)
        pending = parse_file(confirm(nodes, file))
        assert pending.receipts == ()

        back = taking.take_at_log(nodes.log, pack(home))
        assert (back.statements, back.copies) == (1, len(pending.openings))
        assert nodes.office("XA").status(number) == "confirmed"
        with pytest.raises(Problem) as twice:
            taking.take_at_log(nodes.log, pack_again(home))
        assert twice.value.code == "pouch.seen"

        taking.take_here(home, pack_at_log(nodes, "XB", View(home).reader.size))
        box = Box(home.post)
        (item,) = box.items()
        box.close()
        assert item.state == LOGGED
        assert item.receipt is not None
        assert nodes.office("XB").acts()[0].stage == "logged"
        assert parse_file(nodes.office("XB").file(nodes.office("XB").acts()[0].id)).receipts


def pack_again(home: Home) -> bytes:
    """What was packed before, packed again at another moment: the same content, seen already."""
    return pack(home)


def test_the_log_says_no_by_stick_too() -> None:
    with short_folder() as folder, two_nodes.stack() as stack:
        nodes = two_nodes.found(folder)
        stack.enter_context(two_nodes.log_process(nodes))
        with two_nodes.door(nodes) as port:
            home = nodes.join("XB", f"http://127.0.0.1:{port}")
        stack.enter_context(two_nodes.signer(home, "XB"))
        nodes.issue("XB", "XA", number="XB500007")
        nodes.elsewhere("XB", "XB500007")
        taking.take_at_log(nodes.log, pack(home))
        taking.take_here(home, pack_at_log(nodes, "XB", View(home).reader.size))
        assert nodes.office("XB").acts()[0].stage == "refused"


def test_a_pouch_out_of_order_waits_for_the_earlier_one(trade: Trade) -> None:
    nodes = trade.nodes
    trade.proxy.down = True
    size = View(trade.home).reader.size
    nodes.issue("XA", "XB")
    middle = View(nodes.log).reader.size
    earlier = pack_at_log(nodes, "XB", size)
    nodes.issue("XA", "XB")
    later = pack_at_log(nodes, "XB", middle)
    mirror = trade.server._mirror
    with pytest.raises(Problem) as gap:
        mirror.take(later)
    assert gap.value.code == "pouch.gap"
    assert View(trade.home).reader.size == size
    mirror.take(earlier)
    mirror.take(later)
    assert View(trade.home).reader.size == View(nodes.log).reader.size
    mirror.take(pack_at_log(nodes, "", 0))  # all of it once more, for anybody: harmless
    with pytest.raises(Problem) as again:
        mirror.take(earlier)
    assert again.value.code == "pouch.seen"


def test_pouches_for_others_from_others_and_from_the_future_are_refused(
    trade: Trade, monkeypatch: pytest.MonkeyPatch
) -> None:
    nodes, mirror = trade.nodes, trade.server._mirror
    size = View(trade.home).reader.size

    def code(raw: bytes) -> str:
        with pytest.raises(Problem) as bad:
            mirror.take(raw)
        return bad.value.code

    assert code(pack_at_log(nodes, "XC", 0)) == "pouch.not-for-here"
    two_nodes.shift(monkeypatch, 86_400)
    ahead = pack_at_log(nodes, "XB", 0)
    two_nodes.shift(monkeypatch, 0)
    assert code(ahead) == "pouch.future"
    with short_folder() as folder:
        others = two_nodes.found(folder)
        with two_nodes.log_process(others):
            assert code(pack_at_log(others, "XB", 0)) == "pouch.other-log"
    content = pouch.read(pack_at_log(nodes, "XB", 0)).content
    stranger = two_nodes.stranger("XB")
    forged = pouch.pack(content, nodes.genesis, "XB", pouch.signer_of(stranger, clock.now()))
    assert code(forged) == "caller.unknown"
    assert View(trade.home).reader.size == size
