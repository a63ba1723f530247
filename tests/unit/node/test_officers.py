from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimberlite.crypto.keyfile import INTERACTIVE
from kimberlite.crypto.keys import Ed25519PrivateKey
from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Conflict, Invalid, NotFound, Problem, Untrusted
from kimberlite.ledger.approval import Proposal
from kimberlite.node import officers
from kimberlite.node.officers import Card

KEY = Ed25519PrivateKey(bytes([1]) * 32)
WORDS = "correct horse"


def test_an_officer_makes_a_key_and_approves_with_it(tmp_path: Path) -> None:
    card = officers.create(tmp_path, "officer-17", WORDS, strength=INTERACTIVE)
    assert Card.parse(card.to_bytes()) == card
    key = officers.load(tmp_path, "officer-17", WORDS)
    assert key.public == card.public
    proposal = Proposal("kp-void+cose", "XA", "XA7", 1_790_000_000, 1, {1: "XA7"})
    approval = officers.approve(key, "officer-17", proposal, genesis=bytes(32), moment=5)
    assert approval.signed_by(card.public, bytes(32), proposal.digest())


def test_each_officer_has_an_own_passphrase(tmp_path: Path) -> None:
    officers.create(tmp_path, "officer-1", "one passphrase", strength=INTERACTIVE)
    officers.create(tmp_path, "officer-2", "another passphrase", strength=INTERACTIVE)
    assert officers.listed(tmp_path) == ("officer-1", "officer-2")
    with pytest.raises(Untrusted) as refused:
        officers.load(tmp_path, "officer-2", "one passphrase")
    assert refused.value.code == "keystore.passphrase"


def test_a_key_is_never_replaced_and_never_readable_by_others(tmp_path: Path) -> None:
    officers.create(tmp_path, "officer-1", WORDS, strength=INTERACTIVE)
    with pytest.raises(Conflict) as refused:
        officers.create(tmp_path, "officer-1", WORDS, strength=INTERACTIVE)
    assert refused.value.code == "keystore.exists"
    for each in (tmp_path / "officer-1", tmp_path / "officer-1" / "officer-1.key"):
        assert each.stat().st_mode & 0o077 == 0


def test_an_absent_officer_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as refused:
        officers.load(tmp_path, "officer-9", WORDS)
    assert refused.value.code == "officer.unknown"
    assert officers.listed(tmp_path / "absent") == ()


@pytest.mark.parametrize("name", ["", "o", "Officer-1", "../officer", "a b", "1st", "x" * 33])
def test_a_pseudonym_is_no_name_and_no_path(tmp_path: Path, name: str) -> None:
    for act in (
        lambda: officers.create(tmp_path, name, WORDS),
        lambda: officers.load(tmp_path, name, WORDS),
        lambda: officers.card(KEY, name),
    ):
        with pytest.raises(Invalid) as refused:
            act()
        assert refused.value.code == "officer.pseudonym"


def test_a_card_without_its_key_is_refused() -> None:
    good = officers.card(KEY, "officer-1")
    for other in (
        Card("officer-2", good.public, good.proof),
        Card("officer-1", Ed25519PrivateKey(bytes([2]) * 32).public, good.proof),
        Card("officer-1", good.public, bytes(64)),
    ):
        with pytest.raises(Untrusted) as refused:
            Card.parse(other.to_bytes())
        assert refused.value.code == "officer.proof"


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        ["kp-officer/2", "officer-1", KEY.public.cose_key(), bytes(64)],
        ["kp-officer/1", "Officer", KEY.public.cose_key(), bytes(64)],
        ["kp-officer/1", "officer"],
    ],
    ids=range(5),
)
def test_a_malformed_card_is_refused(value: cbor.Value) -> None:
    with pytest.raises(Invalid) as refused:
        Card.parse(cbor.encode(value))
    assert refused.value.code == "officer.card"


@given(st.binary(max_size=600))
def test_no_bytes_make_a_card_raise_anything_but_a_problem(data: bytes) -> None:
    """Law: any bytes but a proved card are a Problem."""
    with pytest.raises(Problem):
        Card.parse(data)
