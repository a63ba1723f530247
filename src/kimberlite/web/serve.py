"""Serve the pages on this machine: uvicorn on loopback, on the port asked for or a free one."""

from __future__ import annotations

import socket
from collections.abc import Callable

import uvicorn

from kimberlite.kernel.errors import Unavailable
from kimberlite.node.clients import LogClient
from kimberlite.node.home import Home
from kimberlite.node.view import View
from kimberlite.web.app import create_app
from kimberlite.web.desk import LogDoor

HOST = "127.0.0.1"
_BACKLOG = 128
_CLOSING_SECONDS = 3


def serve(
    home: Home,
    port: int = 0,
    *,
    door: LogDoor | None = None,
    announce: Callable[[int], None] | None = None,
) -> None:
    """Serve until the process is told to end (SIGINT, SIGTERM). Prints nothing.

    Args:
        home: the node's folder.
        port: TCP port on 127.0.0.1; 0 takes any free one.
        door: the log process; by default the one that listens in ``home``.
        announce: called once with the port, when requests are answered.

    Raises:
        NotFound: ``node.absent``. Unavailable: ``web.port`` when the port is taken.
    """
    with _bound(port) as listener:
        app = create_app(View(home), door or LogClient(home.log_socket))
        config = uvicorn.Config(
            app,
            log_level="critical",
            access_log=False,
            server_header=False,
            date_header=True,
            lifespan="off",
            timeout_graceful_shutdown=_CLOSING_SECONDS,
        )
        _Server(config, announce).run([listener])


class _Server(uvicorn.Server):
    """Tells the port once requests are answered."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[int], None] | None) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._announce is not None and sockets:
            self._announce(int(sockets[0].getsockname()[1]))


def _bound(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(_BACKLOG)
    except OSError as bad:
        listener.close()
        raise Unavailable(
            "web.port",
            f"port {port} is taken: set KIMBERLITE_PORT to another, or leave it out",
            port=port,
        ) from bad
    return listener
