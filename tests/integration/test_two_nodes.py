"""A log node and authority nodes that trade over a line that drops, loses, doubles and cuts.

Two databases, two vaults, two sets of keys; between them only the door, the relay and sticks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from kimberlite.certificates.file import parse_file
from kimberlite.crypto.keyfile import INTERACTIVE
from kimberlite.crypto.keystore import FileKeyStore
from kimberlite.documents import qr
from kimberlite.kernel.days import show_day
from kimberlite.kernel.errors import NotFound, Problem, Refused, Untrusted
from kimberlite.kernel.ids import CertificateNumber
from kimberlite.ledger import receipt as receipts
from kimberlite.ledger import refusal as refusals
from kimberlite.ledger.engine.sqlite import SqliteEngine
from kimberlite.ledger.envelope import parse
from kimberlite.ledger.self_audit import audit_engine
from kimberlite.node import clock, opened
from kimberlite.node.books import BOOKS
from kimberlite.node.clients import LogClient
from kimberlite.node.demo import world
from kimberlite.node.home import Home
from kimberlite.node.mirror import bearing, kept, packing, pouch, taking
from kimberlite.node.mirror.box import LOGGED, REFUSED, WAITING, Box
from kimberlite.node.mirror.packing import Wanted
from kimberlite.node.mirror.relay import Relay
from kimberlite.node.mirror.server import MirrorServer
from kimberlite.node.openings import unseal
from kimberlite.node.view import View
from kimberlite.node.wiring import desk_of
from kimberlite.storage.vault import Vault
from tests.helpers import two_nodes
from tests.helpers.flaky import Proxy, flaky
from tests.helpers.nodes import short_folder
from tests.helpers.two_nodes import PASS, Nodes, wait_for


@dataclass
class Trade:
    """XA is hosted at the log node; XB has a node of its own behind ``proxy``."""

    nodes: Nodes
    proxy: Proxy
    server: MirrorServer

    @property
    def home(self) -> Home:
        return self.nodes.homes["XB"]

    def knows(self, number: str) -> bool:
        return View(self.home).knows(CertificateNumber.parse(number).key)

    def opened(self, number: str) -> bytes:
        return opened.fetch(desk_of(self.home, "XB"), number, self.nodes.sealing["XB"])

    def level(self) -> None:
        """Wait until XB's node has handed everything in and holds the whole log."""
        self.server._wake.set()
        log = View(self.nodes.log).reader
        reader = View(self.home).reader
        box = Box(self.home.post)
        wait_for(lambda: not box.items(WAITING) and reader.size == log.size, 60)
        box.close()


@pytest.fixture
def trade() -> Iterator[Trade]:
    with short_folder() as folder, two_nodes.stack() as stack:
        nodes = two_nodes.found(folder)
        nodes.host("XA")
        stack.enter_context(two_nodes.log_process(nodes))
        port = stack.enter_context(two_nodes.door(nodes))
        proxy = stack.enter_context(flaky(port))
        home = nodes.join("XB", proxy.url)
        stack.enter_context(two_nodes.signer(nodes.log, "XA"))
        stack.enter_context(two_nodes.signer(home, "XB"))
        server = stack.enter_context(two_nodes.mirror(home))
        yield Trade(nodes, proxy, server)


def findings(nodes: Nodes) -> dict[str, Any]:
    return world.findings(show_day(nodes.office("XA").today()), "10.00", "5000.00")


def confirm(nodes: Nodes, file: bytes) -> bytes:
    office = nodes.office("XB")
    act, _ = office.confirm(file, findings(nodes))
    return nodes.finish(office, "XB", act.id)


def number_of(file: bytes) -> str:
    return str(parse_file(file).named["number"])


def test_a_shipment_crosses_between_two_databases(trade: Trade) -> None:
    nodes = trade.nodes
    file = nodes.issue("XA", "XB")
    number = number_of(file)
    wait_for(lambda: trade.knows(number))
    vault = Vault(trade.home.vault)
    digests = parse_file(file).statement.body.seals.values()
    wait_for(lambda: all("XB" in vault.recipients(each) for each in digests))

    got = trade.opened(number)
    assert set(parse_file(got).openings) == set(parse_file(file).openings)
    confirmation = confirm(nodes, got)
    assert parse_file(confirmation).receipts
    assert nodes.office("XA").status(number) == "confirmed"
    # What the importer found travels back, sealed to the issuer at the log node.
    back = parse_file(confirmation).statement
    held = Vault(nodes.log.vault)
    wait_for(lambda: all("XA" in held.recipients(each) for each in back.body.seals.values()))
    for digest in back.body.seals.values():
        sealed = held.get(digest, "XA")
        unseal(nodes.sealing["XA"], sealed, digest, back.header.iss, back.header.sub)


def test_days_without_a_line_lose_nothing(trade: Trade, monkeypatch: pytest.MonkeyPatch) -> None:
    nodes, proxy = trade.nodes, trade.proxy
    proxy.down = True
    offline = [nodes.issue("XB", "XA")]
    two_nodes.shift(monkeypatch, 2 * 86_400)
    offline += [nodes.issue("XB", "XA") for _ in range(2)]
    office = nodes.office("XB")
    assert {act.stage for act in office.acts()} == {"signed"}
    for each in offline:  # the certificates travel all the same; registration is pending
        assert parse_file(each).receipts == ()
        assert len(parse_file(each).openings) == 3
    two_nodes.shift(monkeypatch, 0)
    here = number_of(nodes.issue("XA", "XB"))

    two_nodes.shift(monkeypatch, 2 * 86_400)
    two_nodes.go_on(nodes)
    proxy.down = False
    trade.level()
    wait_for(lambda: {act.stage for act in office.acts()} == {"logged"})
    assert trade.knows(here)
    entries = [View(nodes.log).reader.index_of(parse_file(each).statement.id) for each in offline]
    assert entries == sorted(entries)
    for act in office.acts():
        (receipt,) = parse_file(office.file(act.id)).receipts
        raw = act.signed or b""
        public = nodes.founder.key("kp.log", "log").public
        assert receipts.verify(receipt, raw, public, two_nodes.ORIGIN).index in entries


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_a_bad_line_loses_doubles_and_delays_does_no_harm(trade: Trade, seed: int) -> None:
    nodes, proxy = trade.nodes, trade.proxy
    proxy._random.seed(seed)
    proxy.faulty = 35
    files = []
    for _ in range(4):
        files.append(nodes.issue("XB", "XA"))
        files.append(nodes.issue("XA", "XB"))
        proxy.down = not proxy.down
    proxy.down = False
    trade.level()
    proxy.faulty = 0
    numbers = [number_of(each) for each in files]
    assert len(set(numbers)) == len(numbers)
    wait_for(lambda: all(trade.knows(each) for each in numbers))
    wait_for(lambda: trade.server.trouble is None)
    assert sum(proxy.seen[fault] for fault in proxy.seen if fault) > 3
    for home in (nodes.log, trade.home):
        engine = SqliteEngine(home.log, readonly=True)
        assert audit_engine(engine, BOOKS).size == View(nodes.log).reader.size
        engine.close()
    logged = [parse(each.raw) for _, each in View(nodes.log).reader.entries()]
    certificates = [each.header.sub for each in logged if each.header.typ == "kp-cert+cose"]
    assert len(certificates) == len(set(certificates)) == len(files)
    # Each openings of goods for XB has reached it, whatever the line did.
    wait_for(lambda: Relay(nodes.log.relay).waiting("XB") == [])
    for each in files[1::2]:
        assert parse_file(trade.opened(number_of(each))).openings


def test_a_number_that_surfaces_elsewhere_is_refused_and_the_refusal_kept(trade: Trade) -> None:
    nodes, proxy = trade.nodes, trade.proxy
    proxy.down = True
    pending = parse_file(nodes.issue("XB", "XA", number="XB500042"))
    # The same number is used at another place of the same authority, which has a line.
    other = nodes.elsewhere("XB", "XB500042")
    proxy.down = False
    trade.level()

    box = Box(trade.home.post)
    item = box.find(pending.statement.id)
    box.close()
    assert item is not None
    assert (item.state, item.why) == (REFUSED, "certificate.number-used")
    assert item.refusal is not None
    public = nodes.founder.key("kp.log", "log").public
    assert refusals.verify(item.refusal, public, raw=item.raw).code == "certificate.number-used"
    assert nodes.office("XB").acts()[0].stage == "refused"
    assert View(trade.home).certificate("XB500042").row.statement == other


def test_an_office_that_is_cut_off_issues_from_its_own_block(trade: Trade) -> None:
    nodes, home = trade.nodes, trade.home
    home.describe({**home.read(), "office": "BORDER"})
    assert number_of(nodes.issue("XB", "XA")) == "XB500001"
    trade.proxy.down = True
    wait_for(lambda: trade.server.trouble is not None)
    block = [number_of(nodes.issue("XB", "XA", office="BORDER")) for _ in range(2)]
    assert block == ["XB599900", "XB599901"]
    with pytest.raises(Problem) as none:
        nodes.issue("XB", "XA")
    assert none.value.code == "number.none-left"
    trade.proxy.down = False
    trade.level()
    assert all(trade.knows(each) for each in block)


def test_openings_arrive_by_printed_codes_alone(trade: Trade) -> None:
    nodes = trade.nodes
    trade.proxy.down = True
    file = nodes.issue("XA", "XB")
    number = number_of(file)
    texts = "\n".join(qr.qr1(parse_file(file))).encode()

    found = kept.keep(trade.home, desk_of(trade.home, "XB"), texts)
    assert (found.number, found.entry) == (number, None)
    assert set(found.sections) == {"shipment", "values", "parties"}
    vault = Vault(trade.home.vault)
    for digest in parse_file(file).statement.body.seals.values():
        header = parse_file(file).statement.header
        unseal(nodes.sealing["XB"], vault.get(digest, "XB"), digest, header.iss, header.sub)
    trade.proxy.down = False
    trade.level()
    assert set(parse_file(trade.opened(number)).openings) == set(parse_file(file).openings)


def test_codes_that_the_issuer_did_not_sign_are_not_kept(trade: Trade) -> None:
    file = parse_file(trade.nodes.issue("XA", "XB"))
    forged = bytearray(file.to_bytes())
    at = bytes(forged).index(file.statement.signature)
    forged[at] ^= 1
    with pytest.raises(Untrusted) as bad:
        kept.keep(trade.home, desk_of(trade.home, "XB"), bytes(forged))
    assert bad.value.code == "kept.signature"


def test_the_log_node_opens_nothing_that_is_not_for_it(trade: Trade) -> None:
    """With every key that lies in the log node's home, tried on every copy at its relay."""
    nodes = trade.nodes
    trade.proxy.down = True
    file = parse_file(nodes.issue("XA", "XB"))
    relay = Relay(nodes.log.relay)
    wait_for(lambda: len(relay.waiting("XB")) == 3)
    copies = relay.copies()
    relay.close()
    # XA issued them and is hosted there, so its key opens XA's own copies: but not XB's.
    secrets = []
    for folder in {each.parent for each in nodes.log.path.rglob("*") if each.is_file()}:
        store = FileKeyStore(folder, PASS, strength=INTERACTIVE)
        secrets += [store.load_secret(each) for each in store.secret_labels()]
        secrets += [store.load(each).export_secret() for each in store.labels()]
    assert len(secrets) >= 4
    header = file.statement.header
    for digest, recipient, sender, sealed in copies:
        assert (recipient, sender) == ("XB", "XA")
        for secret in secrets:
            with pytest.raises(Problem) as bad:
                unseal(secret, sealed, digest, header.iss, header.sub)
            assert bad.value.code in {"hpke.open", "hpke.key"}
        unseal(nodes.sealing["XB"], sealed, digest, header.iss, header.sub)


def test_a_copy_goes_from_the_relay_when_it_is_fetched_or_erased(trade: Trade) -> None:
    nodes = trade.nodes
    relay = Relay(nodes.log.relay)
    first = parse_file(nodes.issue("XA", "XB"))
    vault = Vault(trade.home.vault)
    digests = first.statement.body.seals.values()
    wait_for(lambda: all("XB" in vault.recipients(each) for each in digests))
    wait_for(lambda: relay.copies() == [])
    trade.proxy.down = True
    file = parse_file(nodes.issue("XA", "XB"))
    wait_for(lambda: len(relay.copies()) == 3)
    for digest in file.statement.body.seals.values():
        Vault(nodes.log.vault).erase(digest, on=nodes.office("XA").today())
    wait_for(lambda: relay.copies() == [])
    relay.close()


# ---- by stick alone ------------------------------------------------------------------------------


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


# ---- what an operator sees -----------------------------------------------------------------------


def test_a_node_joins_once_and_under_the_right_name(trade: Trade) -> None:
    nodes = trade.nodes
    with pytest.raises(Problem) as twice:
        nodes.join("XB", trade.proxy.url)
    assert twice.value.code in {"node.exists", "keystore.exists"}
    wrong = Nodes(nodes.folder, nodes.founder, bytes(32), nodes.log, sealing=nodes.sealing)
    with pytest.raises((Refused, Untrusted, NotFound)) as other:
        wrong.join("XC", trade.proxy.url, "XC-node")
    assert other.value.code in {"mirror.other-log", "caller.other", "caller.card"}
