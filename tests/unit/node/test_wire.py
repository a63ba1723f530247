from __future__ import annotations

import os
import socket
import struct
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimberlite.kernel import cbor, errors
from kimberlite.kernel.errors import Conflict, Invalid, Problem, Refused, Unavailable, Untrusted
from kimberlite.node import wire
from kimberlite.node.wire import Client, Manner, Server, serve

QUICK = 0.5
REPORTED: list[str] = []


def echo(args: Mapping[str, Any]) -> Any:
    return dict(args)


def refuse(args: Mapping[str, Any]) -> Any:
    raise Refused("test.no", "the rule says no", rule="r-1", count=3)


def odd(args: Mapping[str, Any]) -> Any:
    raise Invalid("test.odd", "facts of other kinds are shown as text", flag=True)


def stumble(args: Mapping[str, Any]) -> Any:
    raise ZeroDivisionError("secret detail")


def huge(args: Mapping[str, Any]) -> Any:
    return bytes(wire.ANSWER)


def unsendable(args: Mapping[str, Any]) -> Any:
    return 1.5


HANDLERS = {
    "echo": echo,
    "refuse": refuse,
    "odd": odd,
    "stumble": stumble,
    "huge": huge,
    "unsendable": unsendable,
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run" / "s"


@pytest.fixture
def server(path: Path) -> Iterator[Server]:
    REPORTED.clear()
    with serve(path, HANDLERS, Manner(seconds=QUICK, report=REPORTED.append)) as running:
        yield running


def raw(path: Path, data: bytes, *, shut: bool = False) -> bytes:
    """Send bytes as they are and give whatever comes back."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(5)
        connection.connect(str(path))
        try:
            connection.sendall(data)
            if shut:
                connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # refused in the middle: the answer says why
        got = b""
        try:
            while part := connection.recv(65536):
                got += part
        except ConnectionResetError:
            pass
        return got


def problem(answer: bytes) -> str:
    (length,) = struct.unpack(">I", answer[:4])
    assert len(answer) == 4 + length
    told: Any = cbor.decode(answer[4:])
    return str(told["problem"][1])


def framed(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def test_a_call_comes_back_as_it_went(path: Path, server: Server) -> None:
    args: dict[str, Any] = {
        "n": -7,
        "b": b"\x00\xff",
        "s": "é",
        "l": [1, None, True],
        "m": {"k": {}},
    }
    assert Client(path).call("echo", **args) == args


def test_a_problem_crosses_with_kind_code_detail_and_facts(path: Path, server: Server) -> None:
    with pytest.raises(Refused) as refused:
        Client(path).call("refuse")
    assert refused.value.code == "test.no"
    assert refused.value.detail == "the rule says no"
    assert refused.value.facts == {"rule": "r-1", "count": 3}


@pytest.mark.parametrize("kind", sorted(wire._KINDS))
def test_each_kind_of_problem_arrives_as_itself(path: Path, kind: str) -> None:
    def handler(args: Mapping[str, Any]) -> Any:
        raise wire._KINDS[kind]("test.kind", "a sentence")

    with serve(path, {"go": handler}), pytest.raises(wire._KINDS[kind]) as raised:
        Client(path).call("go")
    assert type(raised.value).__name__ == kind


def test_every_kind_of_problem_can_cross() -> None:
    kinds = {k for k in vars(errors).values() if isinstance(k, type) and issubclass(k, Problem)}
    assert kinds - {Problem} == set(wire._KINDS.values())


def test_facts_of_other_kinds_arrive_as_text(path: Path, server: Server) -> None:
    with pytest.raises(Invalid) as raised:
        Client(path).call("odd")
    assert raised.value.facts == {"flag": "True"}


def test_a_fault_inside_says_nothing_of_the_inside(path: Path, server: Server) -> None:
    with pytest.raises(Unavailable) as fault:
        Client(path).call("stumble")
    assert fault.value.code == "wire.fault"
    assert "secret" not in fault.value.detail
    assert REPORTED == ["fault: ZeroDivisionError: secret detail"]
    assert Client(path).call("echo", still="here") == {"still": "here"}


@pytest.mark.parametrize(
    ("call", "code"),
    [("nothing", "wire.unknown-call"), ("huge", "wire.too-long"), ("unsendable", "cbor.type")],
)
def test_what_cannot_be_answered_is_refused(
    path: Path, server: Server, call: str, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        Client(path).call(call)
    assert refused.value.code == code


def test_a_client_does_not_send_too_much(path: Path, server: Server) -> None:
    with pytest.raises(Invalid) as refused:
        Client(path).call("echo", data=bytes(wire.LIMIT))
    assert refused.value.code == "wire.too-long"


def test_the_longest_message_passes(path: Path, server: Server) -> None:
    data = bytes(wire.LIMIT - 64)
    assert Client(path).call("echo", d=data) == {"d": data}


def test_an_answer_may_be_longer_than_a_request(path: Path) -> None:
    """As a full status snapshot of a large log is."""
    long = bytes(wire.ANSWER - 64)
    with serve(path, {"long": lambda _: long}):
        assert Client(path).call("long") == long


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\xff\xff\xff\xff", "wire.too-long"),
        (struct.pack(">I", wire.LIMIT + 1), "wire.too-long"),
        (framed(b""), "cbor.truncated"),
        (framed(b"\xff"), "cbor.forbidden"),
        (framed(b"\xa0"), "wire.message"),
        (framed(cbor.encode([1])), "wire.message"),
        (framed(cbor.encode({"call": "echo"})), "wire.message"),
        (framed(cbor.encode({"call": 1, "args": {}})), "wire.message"),
        (framed(cbor.encode({"call": "echo", "args": {1: 2}})), "wire.message"),
        (framed(cbor.encode({"call": "echo", "args": {}, "more": 1})), "wire.message"),
    ],
)
def test_garbage_is_refused_by_name(path: Path, server: Server, data: bytes, code: str) -> None:
    assert problem(raw(path, data)) == code


@pytest.mark.parametrize("data", [b"", b"\x00", framed(bytes(40))[:20]])
def test_half_a_message_is_refused(path: Path, server: Server, data: bytes) -> None:
    assert problem(raw(path, data, shut=True)) == "wire.closed"
    assert Client(path).call("echo", a=1) == {"a": 1}


def test_slow_clients_are_let_go_and_hold_up_nobody(path: Path, server: Server) -> None:
    stop = threading.Event()

    def trickle() -> None:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(path))
            try:
                connection.sendall(struct.pack(">I", 1000))
                while not stop.wait(0.05):
                    connection.sendall(b"\x00")
            except OSError:
                stop_seen.append(1)

    stop_seen: list[int] = []
    threads = [threading.Thread(target=trickle) for _ in range(12)]
    for thread in threads:
        thread.start()
    began = time.monotonic()
    for n in range(20):
        assert Client(path).call("echo", n=n) == {"n": n}
    assert time.monotonic() - began < 2
    time.sleep(2 * QUICK)
    stop.set()
    for thread in threads:
        thread.join(5)
    assert len(stop_seen) == 12, "a trickle must not keep a connection alive"


def test_more_clients_than_seats_wait_their_turn(path: Path) -> None:
    with serve(path, HANDLERS, Manner(seconds=QUICK, clients=2)):
        idle = []
        for _ in range(2):
            connection = socket.socket(socket.AF_UNIX)
            connection.connect(str(path))
            idle.append(connection)
        assert Client(path).call("echo", a=1) == {"a": 1}
        for connection in idle:
            connection.close()


def test_a_full_line_is_no_reason_to_give_up(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "_WAITING", 0)
    with serve(path, HANDLERS, Manner(seconds=QUICK, clients=1)):
        idle = []
        for _ in range(2):
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(1)
            with suppress(OSError):
                connection.connect(str(path))
            idle.append(connection)
        assert Client(path).call("echo", a=1) == {"a": 1}
        with pytest.raises(Unavailable) as late:
            Client(path, seconds=-1).call("echo")
        assert late.value.code == "wire.timeout"
        for connection in idle:
            connection.close()


def test_many_clients_at_once(path: Path, server: Server) -> None:
    answers: list[Any] = []

    def ask(n: int) -> None:
        answers.extend(Client(path).call("echo", n=n)["n"] for _ in range(10))

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == sorted(list(range(8)) * 10)


def test_another_user_is_refused_at_both_ends(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = os.geteuid()
    with serve(path, HANDLERS):
        # What the system tells of the peer is made to look like another user's.
        with monkeypatch.context() as patch:
            patch.setattr(wire, "_CREDENTIALS", Shifted("3i"))
            with pytest.raises(Untrusted) as refused:
                Client(path).call("echo")
            assert refused.value.code == "wire.peer"
            assert refused.value.facts == {"uid": own + 1}
            answer = raw(path, framed(cbor.encode({"call": "echo", "args": {}})))
            assert problem(answer) == "wire.peer"
        assert Client(path).call("echo", a=1) == {"a": 1}


class Shifted(struct.Struct):
    """Reads credentials as those of the next user."""

    def unpack(self, data: Any, /) -> tuple[Any, ...]:
        pid, uid, gid = super().unpack(data)
        return pid, uid + 1, gid


def test_other_users_may_be_let_in(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = frozenset((os.geteuid() + 1,))
    with serve(path, HANDLERS, Manner(users=other)):
        assert path.stat().st_mode & 0o777 == 0o666
        assert Client(path).call("echo", a=1) == {"a": 1}, "its own user always may"
        monkeypatch.setattr(wire, "_CREDENTIALS", Shifted("3i"))
        assert Client(path, users=other).call("echo", a=1) == {"a": 1}
    monkeypatch.delattr(socket, "SO_PEERCRED")
    with pytest.raises(Unavailable) as refused:
        serve(path, HANDLERS, Manner(users=other))
    assert refused.value.code == "wire.no-peers"


def test_the_socket_is_for_its_owner_and_goes_when_stopped(path: Path) -> None:
    server = serve(path, HANDLERS)
    assert path.stat().st_mode & 0o777 == 0o600
    server.stop()
    server.stop()
    assert not path.exists()
    with pytest.raises(Unavailable) as gone:
        Client(path).call("echo")
    assert gone.value.code == "wire.no-service"


def test_a_dead_socket_is_replaced_and_a_live_one_is_not(path: Path) -> None:
    path.parent.mkdir()
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    with serve(path, HANDLERS):
        assert Client(path).call("echo", a=1) == {"a": 1}
        with pytest.raises(Conflict) as used:
            serve(path, HANDLERS)
        assert used.value.code == "wire.in-use"


def test_a_path_that_cannot_be_listened_at(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as refused:
        serve(tmp_path / ("x" * 120), HANDLERS)
    assert refused.value.code == "wire.path"
    plain = tmp_path / "plain"
    plain.write_text("a file")
    with pytest.raises(Unavailable) as unavailable:
        serve(plain, HANDLERS)
    assert unavailable.value.code == "wire.listen"
    assert plain.read_text() == "a file"


def test_stopping_waits_for_the_call_under_way(path: Path) -> None:
    begun, answers = threading.Event(), []

    def slow(args: Mapping[str, Any]) -> Any:
        begun.set()
        time.sleep(0.3)
        return "done"

    server = serve(path, {"slow": slow})
    asking = threading.Thread(target=lambda: answers.append(Client(path).call("slow")))
    asking.start()
    assert begun.wait(5)
    server.stop()
    asking.join(5)
    assert answers == ["done"]


@given(st.binary(max_size=200), st.booleans())
def test_no_bytes_make_a_request_raise_anything_but_a_problem(data: bytes, frame: bool) -> None:
    """Law: the reader of requests answers any bytes with a request or a Problem."""
    try:
        name, args = wire._request(data)
    except Problem:
        return
    assert isinstance(name, str)
    assert all(isinstance(key, str) for key in args)


def test_the_server_outlives_a_storm_of_garbage(path: Path, server: Server) -> None:
    seed = b"\x01"
    for n in range(60):
        seed = (seed * 7 + bytes((n,)))[-90:]
        assert isinstance(raw(path, framed(seed)[: n + 3], shut=True), bytes)
    assert Client(path).call("echo", a=1) == {"a": 1}
    assert REPORTED == []
