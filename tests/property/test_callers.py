"""Laws of the gate: whatever stands in the headers, it answers with a holder or a code."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.world import founder
from kimberlite.crypto.keys import Ed25519PrivateKey
from kimberlite.kernel.errors import Problem
from kimberlite.ledger.reader import Reader
from kimberlite.node import clock, passes
from kimberlite.node.mirror import messages
from kimberlite.node.mirror.requests import CARD_HEADER, HEADER, Asked, Gate, headers_for
from kimberlite.node.passes import Bearer
from tests.helpers.following import Kept, kept

QUIET = settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
ASKED = Asked.of("GET", "/facts", b"")


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    found = kept(tmp_path_factory.mktemp("callers") / "log")
    yield found
    found.engine.close()


@pytest.fixture(scope="module")
def gate(log: Kept) -> Gate:
    return Gate(Reader(log.engine), log.genesis, clock.now)


@pytest.fixture(scope="module")
def carded(log: Kept) -> Bearer:
    node = Ed25519PrivateKey(b"k" * 32)
    authority = founder().key("XB", "issue")
    card = passes.make_card(authority, "XB", node.public, log.genesis, now=clock.now())
    return Bearer(node, "XB", card)


@QUIET
@given(request_=st.text(max_size=300) | st.none(), card=st.text(max_size=300) | st.none())
def test_any_headers_give_a_code(gate: Gate, request_: str | None, card: str | None) -> None:
    with pytest.raises(Problem) as bad:
        gate.admit(ASKED, request_, card)
    assert bad.value.code.startswith("caller.")


@QUIET
@given(which=st.booleans(), at=st.integers(0, 10_000), flip=st.integers(1, 255), cut=st.booleans())
def test_no_byte_of_request_or_card_can_be_altered(
    log: Kept, gate: Gate, carded: Bearer, which: bool, at: int, flip: int, cut: bool
) -> None:
    headers = headers_for(ASKED, carded, log.genesis, clock.now())
    assert gate.admit(ASKED, headers[HEADER], headers[CARD_HEADER]) == "XB"
    again = headers_for(ASKED, carded, log.genesis, clock.now())
    name = HEADER if which else CARD_HEADER
    raw = bytearray(base64.urlsafe_b64decode(again[name] + "=" * (-len(again[name]) % 4)))
    if cut:
        del raw[at % len(raw) :]
    else:
        raw[at % len(raw)] ^= flip
    again[name] = base64.urlsafe_b64encode(bytes(raw)).rstrip(b"=").decode()
    with pytest.raises(Problem) as bad:
        gate.admit(ASKED, again[HEADER], again[CARD_HEADER])
    assert bad.value.code.startswith("caller.")


@QUIET
@given(status=st.integers(100, 599), body=st.binary(max_size=200))
def test_any_answer_is_a_problem(status: int, body: bytes) -> None:
    told = messages.to_problem(status, body)
    assert isinstance(told, Problem)
    back = messages.to_problem(*messages.of_problem(told))
    assert (type(back), back.code, dict(back.facts)) == (type(told), told.code, dict(told.facts))
