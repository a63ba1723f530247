"""A released rule version decides for ever as it did: the golden corpus in vectors/."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kimberlite.certificates.v1 import TYPES as CERTIFICATE_TYPES
from kimberlite.crypto.keys import PublicKey
from kimberlite.ledger import checkpoint as notes
from kimberlite.ledger import facts as chain
from kimberlite.ledger.admission import Admitted, Books, Refused, Upgrade, admit
from kimberlite.ledger.engine.memory import MemoryEngine
from kimberlite.ledger.envelope import parse
from kimberlite.ledger.state import State
from kimberlite.ledger.tree import leaf_hashes, root_of
from kimberlite.ledger.types import RuleBook
from kimberlite.ledger.v1 import TYPES
from kimberlite.node.books import BOOKS as V1_BOOKS
from tests.helpers.log import key
from tests.helpers.world import key_of

BOOKS = {1: RuleBook.of(1, TYPES)}


def _corpus(repository: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((repository / "vectors" / name).read_text())
    return found


@pytest.fixture(scope="module")
def corpus(repository: Path) -> dict[str, Any]:
    return _corpus(repository, "rules-v1.json")


@pytest.fixture(scope="module")
def certificates(repository: Path) -> dict[str, Any]:
    return _corpus(repository, "rules-v1-certificates.json")


def _replays(corpus: dict[str, Any], books: Books, log_key: PublicKey) -> None:
    """Decide every step anew, and compare with what was decided when it was written."""
    engine = MemoryEngine()
    state, digest = State(engine), chain.START
    raws: list[bytes] = []
    for step in corpus["steps"]:
        raw = bytes.fromhex(step["raw"])
        outcome = admit(state, books, parse(raw), len(raws))
        if "refused" in step:
            assert isinstance(outcome, Refused)
            assert outcome.code == step["refused"]
            continue
        assert isinstance(outcome, Admitted), outcome
        assert (outcome.index, outcome.encoded().hex()) == (step["index"], step["facts"])
        digest = chain.chain(digest, outcome.encoded())
        raws.append(raw)

    root = root_of(leaf_hashes(raws))
    assert len(raws) == corpus["size"]
    assert digest.hex() == corpus["facts_chain"]
    assert root.hex() == corpus["root"]
    signed = notes.open_(corpus["checkpoint"].encode(), log_key)
    assert (signed.size, signed.root) == (len(raws), root)


def test_every_step_is_decided_as_it_was(corpus: dict[str, Any]) -> None:
    _replays(corpus, BOOKS, key("log").public)


def test_every_act_on_a_certificate_is_decided_as_it_was(certificates: dict[str, Any]) -> None:
    _replays(certificates, V1_BOOKS, key_of("kp.log").public)


def test_the_corpus_of_certificates_has_every_type(certificates: dict[str, Any]) -> None:
    admitted = [bytes.fromhex(s["raw"]) for s in certificates["steps"] if "index" in s]
    told = {parse(raw).header.typ for raw in admitted}
    assert {kind.typ for kind in CERTIFICATE_TYPES} <= told
    assert sum("refused" in step for step in certificates["steps"]) >= 8


def test_the_corpus_has_every_type_of_the_log_itself(corpus: dict[str, Any]) -> None:
    admitted = [bytes.fromhex(s["raw"]) for s in corpus["steps"] if "index" in s]
    assert {parse(raw).header.typ for raw in admitted} == {kind.typ for kind in TYPES}


def test_after_a_later_version_is_in_force_this_one_decides_nothing(corpus: dict[str, Any]) -> None:
    state, index = State(MemoryEngine()), 0
    for step in corpus["steps"]:
        index += isinstance(admit(state, BOOKS, parse(bytes.fromhex(step["raw"])), index), Admitted)
    last = parse(bytes.fromhex(corpus["steps"][-1]["raw"]))
    with pytest.raises(Upgrade) as stopped:
        admit(state, BOOKS, last, index)
    assert stopped.value.code == "rules.unknown-version"
