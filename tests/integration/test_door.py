"""The door of a log node: deny by default, one holder's things for that holder, no bad bytes in."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from benchmarks.world import founder
from kimberlite.crypto.keys import Ed25519PrivateKey
from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Problem
from kimberlite.ledger.v1.keys import possession_message
from kimberlite.node import clock, passes
from kimberlite.node.founding import Draft
from kimberlite.node.mirror import messages
from kimberlite.node.mirror.line import Line, check_address
from kimberlite.node.mirror.relay import MOST_COPIES, Relay
from kimberlite.node.mirror.requests import Asked, headers_for
from kimberlite.node.passes import Bearer
from tests.helpers.following import Kept, at_door, bearer, kept

SEALED = bytes(100)
DIGEST = bytes(range(32))


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    found = kept(tmp_path_factory.mktemp("door") / "log")
    yield found
    found.engine.close()


OBSERVER = Ed25519PrivateKey(bytes(range(32)))
NOBODY = Ed25519PrivateKey(bytes(range(1, 33)))


@pytest.fixture(scope="module")
def port(log: Kept) -> Iterator[int]:
    with at_door(log) as found:
        yield found


LINES: list[Line] = []


@pytest.fixture(autouse=True)
def _hang_up() -> Iterator[None]:
    yield
    while LINES:
        LINES.pop().close()


def line(log: Kept, port: int, who: Bearer) -> Line:
    LINES.append(Line(f"http://127.0.0.1:{port}", who, log.genesis, clock.now))
    return LINES[-1]


def code(run: object) -> str:
    with pytest.raises(Problem) as bad:
        run()  # type: ignore[operator]
    return bad.value.code


def raw(port: int, method: str, target: str, headers: dict[str, str], body: bytes = b"") -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, target, body or None, headers)
    answer = connection.getresponse()
    told = answer.read()
    connection.close()
    return "" if answer.status == 200 else messages.to_problem(answer.status, told).code


def signed(log: Kept, who: Bearer, method: str, target: str, body: bytes = b"") -> dict[str, str]:
    return headers_for(Asked.of(method, target, body), who, log.genesis, clock.now())


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("GET", "/facts"),
        ("GET", "/tile/entries/000"),
        ("GET", "/tile/0/000"),
        ("GET", "/openings/0"),
        ("GET", f"/opening/{DIGEST.hex()}/XB/XA"),
        ("GET", "/receipt/0"),
        ("GET", "/bundle"),
        ("GET", "/status"),
        ("POST", "/submit"),
        ("PUT", f"/opening/{DIGEST.hex()}/XB"),
        ("DELETE", f"/opening/{DIGEST.hex()}/XB/XA"),
        ("DELETE", f"/opening/{DIGEST.hex()}"),
        ("GET", "/"),
        ("GET", "/../log.db"),
    ],
)
def test_who_does_not_sign_gets_nothing(port: int, method: str, target: str) -> None:
    assert raw(port, method, target, {}) == "caller.unsigned"


def test_the_checkpoint_alone_is_for_everybody(port: int) -> None:
    assert raw(port, "GET", "/checkpoint", {}) == ""


def test_participants_may_read_and_strangers_may_not(log: Kept, port: int) -> None:
    assert line(log, port, bearer()).facts() is not None
    assert line(log, port, bearer("kp.chair", "chair")).facts() is not None
    stranger = Bearer(Ed25519PrivateKey.generate(), "XB")
    assert code(line(log, port, stranger).facts) == "caller.unknown"
    another = Bearer(founder().key("XA", "issue"), "XB")
    assert code(line(log, port, another).facts) == "caller.unknown"


def test_a_card_lets_a_nodes_key_call_for_its_holder(log: Kept, port: int) -> None:
    node, now = Ed25519PrivateKey.generate(), clock.now()
    authority = founder().key("XB", "issue")

    def with_card(
        genesis: bytes, holder: str, at: int, key: Ed25519PrivateKey = authority
    ) -> Bearer:
        card = passes.make_card(key, holder, node.public, genesis, now=at)
        return Bearer(node, "XB", card)

    assert line(log, port, with_card(log.genesis, "XB", now)).facts() is not None
    for bad, why in (
        (with_card(bytes(32), "XB", now), "caller.card"),
        (with_card(log.genesis, "XA", now), "caller.card"),
        (with_card(log.genesis, "XB", now - 401 * 86_400), "caller.card"),
        (with_card(log.genesis, "XB", now + 86_400), "caller.card"),
        (with_card(log.genesis, "XB", now, founder().key("XA", "issue")), "caller.unknown"),
        (with_card(log.genesis, "XB", now, Ed25519PrivateKey.generate()), "caller.unknown"),
        (
            Bearer(Ed25519PrivateKey.generate(), "XB", with_card(log.genesis, "XB", now).card),
            "caller.signature",
        ),
    ):
        assert code(line(log, port, bad).facts) == why


def test_a_request_counts_once_and_for_what_was_signed(log: Kept, port: int) -> None:
    headers = signed(log, bearer(), "GET", "/facts")
    assert raw(port, "GET", "/facts", headers) == ""
    assert raw(port, "GET", "/facts", headers) == "caller.replayed"
    headers = signed(log, bearer(), "GET", "/facts")
    assert raw(port, "GET", "/bundle", headers) == "caller.other"
    headers = signed(log, bearer(), "POST", "/submit", b"one")
    assert raw(port, "POST", "/submit", headers, b"two") == "caller.other"
    old = headers_for(Asked.of("GET", "/facts", b""), bearer(), log.genesis, clock.now() - 3600)
    assert raw(port, "GET", "/facts", old) == "caller.moment"
    other = headers_for(Asked.of("GET", "/facts", b""), bearer(), bytes(32), clock.now())
    assert raw(port, "GET", "/facts", other) == "caller.other"


def test_copies_are_for_their_recipient_alone(log: Kept, port: int) -> None:
    sender, recipient, third = (
        line(log, port, bearer(each, "issue")) for each in ("XA", "XB", "XC")
    )
    sender.put(DIGEST, "XB", SEALED)
    sender.put(DIGEST, "XB", SEALED)
    third.put(DIGEST, "XB", bytes(200))
    assert sorted(recipient.waiting()) == [(DIGEST, "XA"), (DIGEST, "XC")]
    assert recipient.fetch(DIGEST, "XA") == SEALED, "no other sender takes its place"
    assert list(third.waiting()) == []
    target = f"/opening/{DIGEST.hex()}/XB/XA"
    assert raw(port, "GET", target, signed(log, bearer("XC", "issue"), "GET", target)) == (
        "relay.not-yours"
    )
    assert code(lambda: third.remove(DIGEST, "XB", "XA")) == "relay.not-yours"
    recipient.remove(DIGEST, "XB", "XA")
    recipient.remove(DIGEST, "XB", "XA")
    third.withdraw(DIGEST)
    assert list(recipient.waiting()) == []


@pytest.mark.parametrize("size", [0, 47, 64 * 1024 + 1])
def test_what_is_no_sealed_copy_is_not_kept(log: Kept, port: int, size: int) -> None:
    told = code(lambda: line(log, port, bearer()).put(DIGEST, "XA", bytes(size)))
    assert told == "relay.size"


def test_a_sender_cannot_fill_the_relay(tmp_path: Path) -> None:
    relay = Relay(tmp_path / "relay.db")
    relay._db.execute("BEGIN")
    relay._db.executemany(
        "INSERT INTO copy (digest, recipient, sender, at, sealed) VALUES (?, 'XB', 'XA', 0, ?)",
        ((at.to_bytes(32, "big"), SEALED) for at in range(MOST_COPIES)),
    )
    relay._db.execute("COMMIT")
    assert (
        code(lambda: relay.put(bytes(32)[:-1] + b"\xff" * 1, "XC", "XA", SEALED, 1)) == "relay.full"
    )
    relay.put(DIGEST, "XB", "XC", SEALED, 1)
    relay.expire(1)
    relay.put(DIGEST, "XB", "XA", SEALED, 1)
    assert len(relay.copies()) == 2
    relay.close()


@pytest.mark.parametrize(
    "body",
    [b"", b"\x80", b"\xff", cbor.encode([b"x"] * 33), cbor.encode(["text"]), cbor.encode({})],
)
def test_a_body_that_is_not_statements_is_refused(log: Kept, port: int, body: bytes) -> None:
    told = raw(port, "POST", "/submit", signed(log, bearer(), "POST", "/submit", body), body)
    assert told == "relay.request"


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("GET", "/openings/-1"),
        ("GET", "/openings/01"),
        ("GET", f"/opening/{DIGEST.hex()}/XB"),
        ("GET", f"/opening/{DIGEST.hex().upper()}/XB/XA"),
        ("PUT", f"/opening/{DIGEST.hex()}/../x"),
        ("PUT", f"/opening/{DIGEST.hex()}/XBB"),
        ("PUT", "/submit"),
        ("POST", "/bundle"),
        ("GET", "/receipt/x"),
        ("GET", "/nothing"),
    ],
)
def test_what_is_not_offered_is_said_to_be_so(
    log: Kept, port: int, method: str, target: str
) -> None:
    told = raw(port, method, target, signed(log, bearer(), method, target))
    assert told == "relay.no-such"


def test_files_outside_the_log_are_not_given(log: Kept, port: int) -> None:
    for target in ("/tile/../../log.db", "/tile/0/../../../node.json", "/tile/entries/999"):
        told = raw(port, "GET", target, signed(log, bearer(), "GET", target))
        assert told in {"tiles.path", "relay.missing"}


@pytest.mark.parametrize(
    "request_",
    [
        b"GET /facts HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST /submit HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n",
        b"POST /submit HTTP/1.1\r\nContent-Length: 900000\r\n\r\n",
        b"POST /submit HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"BREW /coffee HTTP/1.1\r\n\r\n",
        b"\x00\x01\x02\r\n\r\n",
        b"GET " + b"/" * 70_000 + b" HTTP/1.1\r\n\r\n",
    ],
)
def test_broken_http_ends_a_connection_and_nothing_else(
    log: Kept, port: int, request_: bytes
) -> None:
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(request_)
        answer = connection.recv(65536)
    assert b" 200 " not in answer[:20]
    assert raw(port, "GET", "/checkpoint", {}) == ""


@pytest.mark.parametrize(
    "url",
    [
        "",
        "log.example",
        "ftp://log.example",
        "http://",
        "http://u:p@x",
        "http://x/a",
        "http://x:0x",
    ],
)
def test_an_address_has_one_form(url: str) -> None:
    assert code(lambda: check_address(url)) == "line.address"


def test_an_address_may_end_in_a_slash() -> None:
    assert check_address("https://log.example:8443/") == "https://log.example:8443"


@pytest.mark.parametrize(
    "head",
    [b"Content-Length: 500\r\n", b"", b"Transfer-Encoding: chunked\r\n"],
    ids=["cut", "no length", "cut chunk"],
)
def test_an_answer_that_is_cut_off_is_no_answer(log: Kept, head: bytes) -> None:
    """A sealed copy that lost its end would never open, and would be kept in a good one's place."""
    body = b"1f4\r\n" + bytes(100) if b"chunked" in head else bytes(100)

    def answer(listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection, _ = listening.accept()
                with connection:
                    connection.recv(65536)
                    connection.sendall(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n" + body)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=answer, args=(listening,), daemon=True).start()
        who = line(log, listening.getsockname()[1], bearer())
        assert code(lambda: who.fetch(DIGEST, "XA")) == "line.down"
        listening.shutdown(socket.SHUT_RDWR)


def test_nothing_at_the_other_end_is_said_to_be_so(log: Kept) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert code(lambda: line(log, port, bearer()).facts()) == "line.down"


def test_an_observer_reads_while_it_is_admitted(log: Kept, port: int) -> None:
    """The real record admits obs.wdc since 2003; of obs.nobody nothing is known."""
    keys, now = founder(), log.world.clock.now
    for holder, key in (("obs.wdc", OBSERVER), ("obs.nobody", NOBODY)):
        proof = key.sign(possession_message(holder, key.public))
        told = {
            "public": key.public.cose_key(),
            "holder": holder,
            "roles": ["confirm"],
            "proof": proof,
        }
        admission = Draft("kp-key-admission+cose", holder, told)
        keys.decide(log.world.log, ("kp.chair", "XA"), admission, now)
    log.publish()
    assert line(log, port, Bearer(OBSERVER, "obs.wdc")).facts() is not None
    nobody = line(log, port, Bearer(NOBODY, "obs.nobody"))
    assert code(nobody.facts) == "caller.not-admitted"
