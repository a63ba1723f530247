"""A parcel arrives short, is opened, argued about, and settled by both."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kimberlite.certificates.file import CertificateFile
from kimberlite.certificates.v1.beside import DISPUTES, Dispute
from kimberlite.certificates.v1.rows import key_of
from kimberlite.node.openings import unseal
from kimberlite.storage.vault import Vault
from tests.helpers.region import Region, application, findings, region


@pytest.fixture(scope="module")
def world() -> Iterator[Region]:
    with pytest.MonkeyPatch.context() as patch, region(patch) as found:
        yield found


def _arrives_short(world: Region) -> str:
    # Given two parcels of 10.00 carats that XA certified to XB, and that left
    issued = world.issue("XA", "XB")
    number = issued.number
    world.act("XA", "dispatch", number, journey={"carrier": "Kite Air", "expected": world.day(2)})

    # When one parcel arrives two days later, with its seal broken, and XB weighs what is there
    world.pass_days(2)
    world.act("XB", "presentation", number)
    short = findings(world.day(), "6.00", "3000.00", parcels=1)
    short["evidence"] = {"seals_intact": False, "remarks": "one of two parcels, opened"}
    short["examination"] = ["documents", "seals", "weighed", "opened-and-valued"]
    confirmed = world.arrive("XB", issued.file, "confirmed-with-discrepancy", **short)

    # Then the confirmation carries what the rules said, signed, and the certificate is used
    verdicts = confirmed.statement.body.verdicts
    assert verdicts is not None
    said = dict(verdicts.said)
    assert said["arrival.parcels"] == said["arrival.carats"] == "finding"
    assert world.status(number) == "confirmed"
    return number


def _read_as_rectified(world: Region, number: str, proposed: bytes) -> None:
    for code in ("XA", "XB"):
        now = world.current(code, number)
        assert now.certificate.values is not None
        assert now.certificate.shipment is not None
        assert (now.certificate.values.carats.points, now.certificate.shipment.parcels) == (600, 1)
        assert set(now.said_by.values()) == {proposed}
        assert set(now.said_by) == {"values", "shipment"}
        assert now.waiting == ()

    # And a third authority, whose goods these are not, reads no section of it
    closed = world.current("XC", number).certificate
    assert (closed.shipment, closed.values, closed.parties) == (None, None, None)


def test_a_short_parcel_is_argued_about_and_settled(world: Region) -> None:
    number = _arrives_short(world)

    # When XB opens a file on it, and XA answers with what it weighed
    world.act("XB", "discrepancy", number, step="opened", about=["parcels", "carats", "seals"])
    weighed = world.act(
        "XA",
        "discrepancy",
        number,
        step="statement",
        about=["carats"],
        evidence={"remarks": "two parcels left, 10.00 carats, film of the sealing kept"},
    )

    # Then XB can read XA's word, and nobody else: it is sealed to both sides
    _only_for(world, weighed, "XA", "XB")

    # And a third authority has no voice in it
    stranger = world.refused("XC", "discrepancy", number, step="statement", about=["carats"])
    assert stranger == "discrepancy.no-side"

    # When XA proposes what the certificate should have said, and XA signs for both
    told = application("XA", "XB", "6.00", "3000.00")["values"]
    shipment = {**application("XA", "XB")["shipment"], "parcels": 1}
    shipment["lines"] = [{"hs": "7102.31", "parcels": 1}]
    proposed = world.act(
        "XA", "rectification", number, ground="figures", values=told, shipment=shipment
    )
    agrees = {"rectification": proposed.statement.id.hex(), "agrees": True}
    assert world.refused("XA", "countersignature", number, **agrees) == "rectification.own"

    # Then that counts for nothing, until the other side countersigns
    assert "rectification" not in world.facts(number)
    assert world.current("XB", number).waiting == (proposed.statement.id,)
    assert not world.current("XB", number).changed
    world.act("XB", "countersignature", number, **agrees)
    assert world.facts(number)[-2:] == ["rectification", "certificate"]

    # When both sides name the same outcome, and XB first named another
    settled = {"step": "outcome", "about": ["parcels", "carats"]}
    world.act("XA", "discrepancy", number, **settled, outcome="rectified")
    assert not _dispute(world, number).settled
    world.act("XB", "discrepancy", number, **settled, outcome="arrival-figures")
    assert not _dispute(world, number).settled
    world.act("XB", "discrepancy", number, **settled, outcome="rectified")

    # Then both read the certificate as rectified, with who said so, and as issued beside it
    _read_as_rectified(world, number, proposed.statement.id)

    # And the file is settled, and nothing was overwritten
    assert _dispute(world, number).settled == "rectified"
    life = world.life(number)
    assert life.status.word == "confirmed"
    assert [act.typ[3:-5] for act in life.acts] == [
        "cert", "dispatch", "presentation", "confirmation",
        "discrepancy", "discrepancy", "rectification", "countersignature",
        "discrepancy", "discrepancy", "discrepancy",
    ]  # fmt: skip
    assert [act.holder for act in life.acts[4:6]] == ["XB", "XA"]


def _only_for(world: Region, file: CertificateFile, *codes: str) -> None:
    vault = Vault(world.nodes.log.vault)
    header = file.statement.header
    for digest in file.statement.body.seals.values():
        assert set(vault.recipients(digest)) == set(codes)
        for code in codes:
            unseal(
                world.nodes.sealing[code], vault.get(digest, code), digest, header.iss, header.sub
            )


def _dispute(world: Region, number: str) -> Dispute:
    found = world.view.reader.state().get(DISPUTES, key_of(number))
    assert found is not None
    return found
