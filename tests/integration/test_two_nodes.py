"""A log node and authority nodes that trade over a line that drops, loses, doubles and cuts.

Two databases, two vaults, two sets of keys; between them only the door, the relay and sticks.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kimberlite.certificates.file import parse_file
from kimberlite.crypto.keyfile import INTERACTIVE
from kimberlite.crypto.keystore import FileKeyStore
from kimberlite.documents import qr
from kimberlite.kernel.errors import NotFound, Problem, Refused, Untrusted
from kimberlite.ledger import receipt as receipts
from kimberlite.ledger import refusal as refusals
from kimberlite.ledger.engine.sqlite import SqliteEngine
from kimberlite.ledger.envelope import parse
from kimberlite.ledger.self_audit import audit_engine
from kimberlite.node.books import BOOKS
from kimberlite.node.mirror import kept
from kimberlite.node.mirror.box import REFUSED, Box
from kimberlite.node.mirror.relay import Relay
from kimberlite.node.openings import unseal
from kimberlite.node.view import View
from kimberlite.node.wiring import desk_of
from kimberlite.storage.vault import Vault
from tests.helpers import two_nodes
from tests.helpers.trading import Trade, confirm, number_of, trading
from tests.helpers.two_nodes import PASS, Nodes, wait_for


@pytest.fixture
def trade() -> Iterator[Trade]:
    with trading() as found:
        yield found


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
