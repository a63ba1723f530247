"""Two nodes with separate databases go through a whole trade while the line drops and loses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kimberlite.certificates.file import CertificateFile
from kimberlite.certificates.v1.beside import DISPUTES
from kimberlite.certificates.v1.rows import key_of
from kimberlite.certificates.verdict import Result
from kimberlite.crypto.keyfile import INTERACTIVE
from kimberlite.crypto.keystore import FileKeyStore
from kimberlite.kernel.errors import Problem
from kimberlite.ledger.engine.sqlite import SqliteEngine
from kimberlite.ledger.self_audit import audit_engine
from kimberlite.node.books import BOOKS
from kimberlite.node.openings import unseal
from kimberlite.node.view import View
from kimberlite.storage.vault import Vault
from tests.helpers import two_nodes
from tests.helpers.region import Branch, Region, findings, goods, region

TOKEN = "Perihelion"
"""A word that stands only in sealed sections."""


@pytest.fixture(scope="module")
def world() -> Iterator[Region]:
    with pytest.MonkeyPatch.context() as patch, region(patch, hosted=("XA",)) as found:
        yield found


@pytest.fixture(scope="module")
def branch(world: Region) -> Branch:
    return world.join("XB")


def arrived(world: Region, file: CertificateFile, at: Path, code: str) -> None:
    """Wait until every sealed section has come to ``code`` at a node, and open it there."""
    vault, header = Vault(at), file.statement.header
    digests = list(file.statement.body.seals.values())
    two_nodes.wait_for(lambda: all(code in vault.recipients(each) for each in digests), 60)
    for digest in digests:
        private = world.nodes.sealing[code]
        unseal(private, vault.get(digest, code), digest, header.iss, header.sub)


def test_a_short_shipment_is_settled_over_a_bad_line(world: Region, branch: Branch) -> None:
    # Given goods of XA for XB, and a line that loses, doubles, delays and cuts what it carries
    branch.proxy.faulty = 30
    issued = world.issue("XA", "XB")
    number = issued.number
    advice = world.act("XA", "dispatch", number, journey={"carrier": "Kite Air"})
    branch.level(world.nodes.log)
    arrived(world, advice, branch.home.vault, "XB")
    assert world.verdict_at(branch.home, issued.file, "XB").result is Result.VALID

    # When the line drops, and XB goes on: it presents, weighs, and confirms with a discrepancy
    branch.cut()
    with world.at(branch):
        assert world.verdict_at(branch.home, issued.file, "XB").result is Result.VALID  # as kept
        world.act("XB", "presentation", number)
        short = findings(world.day(), "9.00", "4500.00")
        confirmed = world.arrive("XB", issued.file, "confirmed-with-discrepancy", **short)

        # A file on it has to wait: until the log holds the confirmation, XB is no side of it
        opened = {"step": "opened", "about": ["carats"]}
        assert world.refused("XB", "discrepancy", number, **opened) == "discrepancy.no-side"
    assert confirmed.receipts == ()
    assert world.status(number) == "dispatched"

    # Then it all comes to the log in its order, once each, when the line is back
    branch.proxy.down = False
    branch.level(world.nodes.log)
    words = [act.typ[3:-5] for act in world.life(number).acts]
    assert words == ["cert", "dispatch", "presentation", "confirmation"]
    assert world.status(number) == "confirmed"
    arrived(world, confirmed, world.nodes.log.vault, "XA")
    with world.at(branch):
        world.act("XB", "discrepancy", number, **opened)

    # When XA proposes to put the certificate right, while XB is cut off once more
    branch.cut()
    proposed = world.act(
        "XA", "rectification", number, ground="figures", values=goods("9.00", "4500.00")
    )
    branch.proxy.down = False
    branch.level(world.nodes.log)
    arrived(world, proposed, branch.home.vault, "XB")

    # And XB countersigns what it can read, and both close the file
    with world.at(branch):
        world.act("XB", "countersignature", number, agrees=True)
        world.act(
            "XB", "discrepancy", number, step="outcome", about=["carats"], outcome="rectified"
        )
    branch.level(world.nodes.log)
    world.act("XA", "discrepancy", number, step="outcome", about=["carats"], outcome="rectified")
    branch.proxy.faulty = 0
    branch.level(world.nodes.log)

    # Then both databases say the same, entry by entry, and each audits by itself
    for home in (world.nodes.log, branch.home):
        view = View(home)
        found = view.reader.state().get(DISPUTES, key_of(number))
        assert found is not None
        assert found.settled == "rectified"
        assert [act.statement for act in view.certificate(number).acts] == [
            act.statement for act in world.life(number).acts
        ]
        engine = SqliteEngine(home.log, readonly=True)
        assert audit_engine(engine, BOOKS).size == world.view.reader.size
        engine.close()


def test_goods_the_other_way_travel_before_they_are_registered(
    world: Region, branch: Branch
) -> None:
    # Given a certificate that XB issued without a line
    branch.cut()
    with world.at(branch):
        issued = world.issue("XB", "XA")

    # When the goods outrun the message, XA can see that it is XB's word, and not yet registered
    early = world.verdict(issued.file, "XA")
    assert early.result is Result.CANNOT_TELL
    codes = [each.code for each in early.reasons]
    assert {"signature.good", "registration.not-shown"} <= set(codes)
    with pytest.raises(Problem) as bad:
        world.arrive("XA", issued.file, "confirmed")
    assert bad.value.code in {"certificate.unknown", "signer.log-would-refuse"}

    # And once the line is back, the same file is good, and XA confirms
    branch.proxy.down = False
    branch.level(world.nodes.log)
    world.arrive("XA", issued.file, "confirmed")
    assert world.status(issued.number) == "confirmed"
    branch.level(world.nodes.log)
    assert View(branch.home).certificate(issued.number).status.word == "confirmed"


def test_the_log_node_reads_nothing_of_a_trade_that_is_not_its_own() -> None:
    """Neither party is hosted at the log node: a word in sealed sections is nowhere there."""
    with (
        pytest.MonkeyPatch.context() as patch,
        region(patch, two_nodes.MEMBERS, hosted=()) as world,
    ):
        # Given two authorities with nodes of their own, and a log node that hosts none
        sender, receiver = world.join("XA"), world.join("XB")

        # When they trade goods whose owner's name is a word found nowhere else
        with world.at(sender):
            issued = world.issue("XA", "XB", exporter=TOKEN)
            world.act("XA", "dispatch", issued.number, journey={"carrier": f"{TOKEN} Air"})
        for each in (sender, receiver):
            each.level(world.nodes.log)
        arrived(world, issued.parsed, receiver.home.vault, "XB")
        receiver.cut()
        with world.at(receiver):
            # Without a line, and without ever having asked before, the file can be checked
            offline = world.verdict_at(receiver.home, issued.file, "XB")
            assert "signature.good" in [each.code for each in offline.reasons]
            assert offline.result is not Result.INVALID
            told = findings(world.day())
            told["evidence"] = {"remarks": f"{TOKEN} was told"}
            waiting = world.arrive("XB", issued.file, "confirmed", **told)
        receiver.proxy.down = False
        receiver.level(world.nodes.log)
        assert world.status(issued.number) == "confirmed"

        # Then the word is in the vaults of both, once opened, and in no byte of the log node
        arrived(world, issued.parsed, receiver.home.vault, "XB")
        home = world.nodes.log.path
        everything = {each: each.read_bytes() for each in home.rglob("*") if each.is_file()}
        assert len(everything) > 10
        assert not [each for each, raw in everything.items() if TOKEN.encode() in raw]
        assert not [each for each, raw in everything.items() if b"Facet Brothers" in raw]

        # And no key file in its home opens any sealed copy that there is, here or there
        secrets = _secrets(home)
        assert len(secrets) >= 2
        copies = [
            (file.statement.header, digest, vault.get(digest, code))
            for file in (issued.parsed, waiting)
            for digest in file.statement.body.seals.values()
            for vault, code in (
                (Vault(sender.home.vault), "XA"),
                (Vault(receiver.home.vault), "XB"),
            )
            if code in vault.recipients(digest)
        ]
        assert len(copies) >= 10
        for header, digest, sealed in copies:
            for secret in secrets:
                with pytest.raises(Problem) as bad:
                    unseal(secret, sealed, digest, header.iss, header.sub)
                assert bad.value.code in {"hpke.open", "hpke.key"}


def _secrets(folder: Path) -> list[bytes]:
    """Give every secret of every key file under a folder."""
    found = []
    for each in {each.parent for each in folder.rglob("*") if each.is_file()}:
        store = FileKeyStore(each, two_nodes.PASS, strength=INTERACTIVE)
        found += [store.load_secret(label) for label in store.secret_labels()]
        found += [store.load(label).export_secret() for label in store.labels()]
    return found
