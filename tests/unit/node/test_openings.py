from __future__ import annotations

from pathlib import Path

import pytest

from kimberlite.crypto import hpke
from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Invalid, Untrusted
from kimberlite.ledger.sections import LIMIT, Opening
from kimberlite.node import openings
from kimberlite.storage.vault import Vault

ISS, SUB = "XA", "XA7"
HOME, AWAY, STRANGER = hpke.generate(), hpke.generate(), hpke.generate()
SHIPMENT = Opening("shipment", bytes(range(16)), cbor.encode({1: "XB"}))
VALUES = Opening("values", bytes(range(16)), cbor.encode({1: 1234}))
D = SHIPMENT.digest(ISS, SUB)


def test_only_its_recipient_opens_it() -> None:
    sealed = openings.seal_for(AWAY.public, SHIPMENT, D)
    assert openings.unseal(AWAY.private, sealed, D, ISS, SUB) == SHIPMENT
    for private in (HOME.private, STRANGER.private):
        with pytest.raises(Untrusted) as refused:
            openings.unseal(private, sealed, D, ISS, SUB)
        assert refused.value.code == "hpke.open"


def test_a_copy_opens_for_its_own_section_alone() -> None:
    sealed = openings.seal_for(AWAY.public, SHIPMENT, D)
    with pytest.raises(Untrusted) as refused:
        openings.unseal(AWAY.private, sealed, VALUES.digest(ISS, SUB), ISS, SUB)
    assert refused.value.code == "hpke.open"


@pytest.mark.parametrize("at", [0, 31, 32, -17, -1])
def test_an_altered_copy_does_not_open(at: int) -> None:
    sealed = bytearray(openings.seal_for(AWAY.public, SHIPMENT, D))
    sealed[at] ^= 1
    with pytest.raises(Untrusted) as refused:
        openings.unseal(AWAY.private, bytes(sealed), D, ISS, SUB)
    assert refused.value.code == "hpke.open"


def test_something_else_than_was_signed_is_noticed() -> None:
    other = Opening("shipment", SHIPMENT.salt, cbor.encode({1: "XC"}))
    sealed = openings.seal_for(AWAY.public, other, D)
    with pytest.raises(Untrusted) as refused:
        openings.unseal(AWAY.private, sealed, D, ISS, SUB)
    assert refused.value.code == "section.digest"
    sealed = openings.seal_for(AWAY.public, SHIPMENT, D)
    with pytest.raises(Untrusted) as refused:
        openings.unseal(AWAY.private, sealed, D, ISS, "XA8")
    assert refused.value.code == "section.digest"


def test_what_is_no_opening_is_refused() -> None:
    sealed = hpke.seal(AWAY.public, cbor.encode([1, 2]), info=b"kp-opening/1" + D)
    with pytest.raises(Invalid) as refused:
        openings.unseal(AWAY.private, sealed, D, ISS, SUB)
    assert refused.value.code == "section.form"


def test_the_longest_section_travels() -> None:
    content = cbor.encode(b"x" * (LIMIT - 3))
    assert len(content) == LIMIT
    long = Opening("shipment", bytes(16), content)
    digest = long.digest(ISS, SUB)
    sealed = openings.seal_for(AWAY.public, long, digest)
    assert openings.unseal(AWAY.private, sealed, digest, ISS, SUB) == long


def test_each_entitled_authority_finds_its_copies_in_the_vault(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    recipients = {"XA": HOME.public, "XB": AWAY.public}
    assert openings.entrust(vault, (SHIPMENT, VALUES), recipients, iss=ISS, sub=SUB) == 4
    for each in (SHIPMENT, VALUES):
        digest = each.digest(ISS, SUB)
        assert vault.recipients(digest) == ("XA", "XB")
        for name, pair in (("XA", HOME), ("XB", AWAY)):
            sealed = vault.get(digest, name)
            assert each.content not in sealed
            assert openings.unseal(pair.private, sealed, digest, ISS, SUB) == each


def test_one_unusable_key_stops_all(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    with pytest.raises(Untrusted) as refused:
        openings.entrust(vault, (SHIPMENT,), {"XA": HOME.public, "XB": b"short"}, iss=ISS, sub=SUB)
    assert refused.value.code == "hpke.key"
    assert vault.totals().copies == 0
