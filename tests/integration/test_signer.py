"""The signer as a real process behind a real socket, asked by a client that may be anyone."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kimberlite.crypto.keyfile import INTERACTIVE
from kimberlite.documents.credential import check
from kimberlite.kernel import cbor
from kimberlite.kernel.errors import NotFound, Problem, Refused, Unavailable, Untrusted
from kimberlite.ledger.admission import Admitted
from kimberlite.ledger.approval import ApprovalRecord, Needed, check_record
from kimberlite.ledger.envelope import parse
from kimberlite.node.signer.admin import Administration
from kimberlite.node.signer.client import Answer
from kimberlite.node.signer.deriving import DeriveRequest
from kimberlite.node.signer.enrolment import FILE, Policy
from kimberlite.node.signer.process import Held, Service
from kimberlite.node.wire import Client
from tests.helpers.running import Running, running
from tests.helpers.signing import BOTH, NOW, WORDS, officer_key
from tests.helpers.world import key_of

KILLS = max(4, int(os.environ.get("KIMBERLITE_KILLS", "200")) // 25)

CALLS = ("about", "prepare", "sign", "find", "seal", "derive")


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Running]:
    """A signer that the test starts itself, as often as it likes."""
    with running(tmp_path) as found:
        yield found


@pytest.fixture(scope="module")
def shared_signer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A running signer for tests that sign under numbers of their own."""
    with running(tmp_path_factory.mktemp("s")) as found:
        found.start()
        yield found


def test_two_officers_sign_through_the_socket(shared_signer: Running) -> None:
    bench, client = shared_signer.bench, shared_signer.client
    request = bench.request(draft=bench.certificate("XA000100"))
    question = client.prepare(request)
    assert (question.proposal, question.needed) == (request.proposal.digest(), 2)
    answer = client.ask(request)
    statement = parse(answer.statement)
    assert statement.id == answer.id
    assert statement.signed_by(key_of("XA").public)
    officers = {name: officer_key(name).public for name in BOTH}
    check_record(statement, answer.record, Needed(bench.genesis, officers, 2))
    assert client.find(answer.id) == answer
    assert client.sign(request.proposal, request.openings, request.approvals) == answer.statement
    assert isinstance(bench.admit(answer.statement), Admitted)


@pytest.mark.parametrize(
    ("officers", "code"),
    [
        (("officer-1",), "approval.too-few"),
        (("officer-1", "officer-1"), "approval.officer-twice"),
        (("officer-1", "officer-9"), "signer.officer-unknown"),
        (("officer-1", "officer-4"), "signer.officer-not-valid"),
    ],
    ids=["one", "one twice", "unenrolled", "expired"],
)
def test_a_refusal_crosses_the_socket(
    shared_signer: Running, officers: tuple[str, ...], code: str
) -> None:
    bench = shared_signer.bench
    with pytest.raises(Refused) as refused:
        shared_signer.client.ask(bench.request(officers, draft=bench.certificate("XA000101")))
    assert refused.value.code == code


def test_what_is_altered_on_the_way_is_refused(shared_signer: Running) -> None:
    bench, client = shared_signer.bench, shared_signer.client
    request = bench.request(draft=bench.certificate("XA000102"))
    log = {**request.proposal.log, 4: request.proposal.log[4] - 1}
    with pytest.raises(Untrusted) as refused:
        client.ask(replace(request, proposal=replace(request.proposal, log=log)))
    assert refused.value.code == "approval.signature"
    opening = replace(request.openings[0], salt=bytes(16))
    with pytest.raises(Untrusted) as refused:
        client.ask(replace(request, openings=(opening, *request.openings[1:])))
    assert refused.value.code == "section.digest"
    with pytest.raises(NotFound):
        client.find(bytes(32))


def test_no_call_gives_a_key_or_changes_the_enrolment(shared_signer: Running) -> None:
    """Every call there is, and many that there are not: no secret comes back, nothing changes."""
    bench = shared_signer.bench
    before = (bench.home / FILE).read_bytes()
    client = Client(shared_signer.socket)
    request = bench.request(draft=bench.certificate("XA000103"))
    statement = shared_signer.client.ask(request).id
    arguments: list[dict[str, Any]] = [
        {},
        request.to_args(),
        {"statement": statement},
        {"label": "authority-xa"},
        {"name": "officer-1", "roles": ["approve-issue"], "since": 0},
    ]
    guesses = ["enrol", "end", "set_policy", "add_key", "export", "load", "keys", "policy", "key"]
    seen, codes = b"", set()
    for name in [*CALLS, *guesses]:
        for args in arguments:
            try:
                seen += cbor.encode(client.call(name, **args))
            except Problem as bad:
                seen += str(bad).encode() + cbor.encode(dict(bad.facts))
                codes.add((name in guesses, bad.code))
    assert {code for guess, code in codes if guess} == {"wire.unknown-call"}
    assert len(seen) > 2000, "the real calls did answer"
    for holder in ("XA", "XB"):
        secret = key_of(holder).export_secret()
        assert secret not in seen
        assert secret.hex().encode() not in seen
    assert (bench.home / FILE).read_bytes() == before
    assert WORDS.encode() not in seen


def test_a_credential_is_derived_through_the_socket(shared_signer: Running) -> None:
    bench, client = shared_signer.bench, shared_signer.client
    request = bench.request(draft=bench.certificate("XA000106"))
    answer = client.ask(request)
    early = DeriveRequest(answer.id, request.openings, b"", "credential")
    with pytest.raises(Refused) as refused:
        client.derive(early)
    assert refused.value.code == "signer.not-logged"
    admitted = bench.admit(answer.statement)
    assert isinstance(admitted, Admitted)
    receipt = bench.log.receipt(admitted.index)
    token = client.derive(replace(early, receipt=receipt))
    assert client.derive(replace(early, receipt=receipt)) == token
    credential = check.read(token.encode())
    assert credential.file.statement.raw == answer.statement
    assert credential.token.signed_by(key_of("XA").public)
    view = check.read(f"{client.derive(replace(early, receipt=receipt, form='view'))}~".encode())
    assert view.is_view
    assert [each.section for each in view.file.openings] == ["shipment"]


def test_these_are_all_the_calls() -> None:
    nothing: Any = None
    assert set(Service(nothing, Held({}, {}), nothing, lambda: NOW).handlers) == set(CALLS)


def test_the_note_book_tells_what_was_asked_and_no_secret(shared_signer: Running) -> None:
    bench = shared_signer.bench
    draft = bench.certificate("XA000104")
    shared_signer.client.ask(bench.request(draft=draft))
    with pytest.raises(Refused):
        shared_signer.client.ask(bench.request(("officer-1",), draft=bench.certificate("XA000105")))
    text = (bench.home / "notes.jsonl").read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    assert {"started", "signed", "refused"} <= {line["what"] for line in lines}
    refused = next(each for each in lines if each.get("sub") == "XA105")
    assert refused["code"] == "approval.too-few"
    assert refused["officers"] == ["officer-1"]
    for hidden in ("Alpha Stones", "Beta Gems", "XB", key_of("XA").export_secret().hex(), WORDS):
        assert hidden not in text


def test_garbage_and_slow_clients_hold_up_nobody(shared_signer: Running) -> None:
    bench = shared_signer.bench
    rng = random.Random(7)
    slow = []
    for _ in range(10):
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(str(shared_signer.socket))
        connection.sendall(b"\x00\x00\x10\x00half")
        slow.append(connection)
    for _ in range(50):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(shared_signer.socket))
            with suppress(OSError):
                connection.sendall(rng.randbytes(rng.randrange(200)))
    began = time.monotonic()
    shared_signer.client.ask(bench.request(draft=bench.certificate("XA000106")))
    assert time.monotonic() - began < 3
    for connection in slow:
        connection.close()


def test_limits_hold_across_a_restart(own: Running) -> None:
    bench = own.bench
    admin = Administration(bench.home, WORDS, strength=INTERACTIVE)
    admin.set_policy(replace(Policy(), statements=1))
    own.start()
    own.client.ask(bench.request())
    own.stop()
    own.start(moment=NOW + 10)
    with pytest.raises(Refused) as refused:
        own.client.ask(bench.request(draft=bench.certificate("XA000002")))
    assert refused.value.code == "signer.limit"
    admin.set_policy(Policy())
    own.client.ask(bench.request(draft=bench.certificate("XA000002")))


def test_a_restart_forgets_nothing_and_stops_cleanly(own: Running) -> None:
    bench = own.bench
    own.start()
    first = own.client.ask(bench.request())
    assert own.stop() == 0
    assert not own.socket.exists()
    with pytest.raises(Unavailable):
        own.client.about()
    own.start(moment=NOW + 3_000)
    assert own.client.ask(bench.request()) == first
    with pytest.raises(Refused) as refused:
        own.client.ask(bench.request(draft=bench.certificate(expires="2026-05-01")))
    assert refused.value.code == "signer.number-used"


@pytest.mark.parametrize("crash", ["judging", "before-journal", "after-journal"])
def test_a_crash_at_any_point_leaves_one_statement(own: Running, crash: str) -> None:
    bench = own.bench
    own.start(crash)
    with pytest.raises(Problem):
        own.client.ask(bench.request())
    assert own.waited() == -signal.SIGKILL
    kept = own.count()
    assert kept == (1 if crash == "after-journal" else 0)
    own.start(moment=NOW + 5)
    first = own.client.ask(bench.request())
    assert own.client.ask(bench.request()) == first
    own.stop()
    assert own.count() == 1
    assert isinstance(bench.admit(first.statement), Admitted)


@pytest.mark.kill
def test_kills_at_random_moments_leave_one_statement_a_number(own: Running) -> None:
    bench, rng = own.bench, random.Random(2026)
    shown: dict[str, set[bytes]] = {}
    for turn in range(KILLS):
        own.start(moment=NOW + turn)
        number = f"XA{turn // 2 + 1:06d}"
        request = bench.request(draft=bench.certificate(number))

        def ask(number: str = number, request: Any = request) -> None:
            with suppress(Problem):
                shown.setdefault(number, set()).add(own.client.ask(request).statement)

        asking = threading.Thread(target=ask)
        asking.start()
        time.sleep(rng.random() * 0.06)
        own.kill()
        asking.join()
    own.start(moment=NOW + KILLS)
    for turn in range(0, KILLS, 2):
        number = f"XA{turn // 2 + 1:06d}"
        answer: Answer = own.client.ask(bench.request(draft=bench.certificate(number)))
        assert shown.get(number, set()) <= {answer.statement}, "what was shown is what is kept"
        assert isinstance(answer.record, ApprovalRecord)
        assert isinstance(bench.admit(answer.statement), Admitted)
    own.stop()
    assert own.count() == (KILLS + 1) // 2
