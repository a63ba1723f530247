"""What a line that is cut in the middle of an answer brings: nothing, rather than half of it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from kimberlite.kernel.errors import Unavailable
from kimberlite.node.mirror.line import Line
from tests.helpers.two_nodes import stranger

WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789"


class Server:
    """Answers one request on each connection with ``answers``, in turn, and hangs up."""

    def __init__(self, answers: list[bytes]) -> None:
        self._answers = answers
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self.asked = 0
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        with suppress(OSError):  # closed while it waits for a caller that has given up
            for answer in self._answers:
                connection, _ = self._listening.accept()
                with connection:
                    connection.recv(65_536)
                    self.asked += 1
                    connection.sendall(answer)

    def close(self) -> None:
        self._listening.close()
        self._thread.join(5)


@pytest.fixture
def served(request: pytest.FixtureRequest) -> Iterator[tuple[Server, Line]]:
    server = Server(list(request.param))
    line = Line(server.url, stranger("XA"), bytes(32), lambda: 1)
    yield server, line
    line.close()
    server.close()


@pytest.mark.parametrize("served", [[WHOLE[:-cut], WHOLE] for cut in (1, 5, 10)], indirect=True)
def test_half_an_answer_is_asked_for_again(served: tuple[Server, Line]) -> None:
    server, line = served
    assert line.receipt(7) == b"0123456789"
    assert server.asked == 2


@pytest.mark.parametrize("served", [[WHOLE[:-3]] * 8], indirect=True)
def test_half_an_answer_is_never_taken_for_the_whole(served: tuple[Server, Line]) -> None:
    _, line = served
    with pytest.raises(Unavailable) as bad:
        line.receipt(7)
    assert bad.value.code == "line.down"
