"""XA hosted at a log node, XB at a node of its own behind a line that can be made bad."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from kimberlite.certificates.file import parse_file
from kimberlite.kernel.days import show_day
from kimberlite.kernel.ids import CertificateNumber
from kimberlite.node import opened
from kimberlite.node.demo import world
from kimberlite.node.home import Home
from kimberlite.node.mirror.box import WAITING, Box
from kimberlite.node.mirror.server import MirrorServer
from kimberlite.node.view import View
from kimberlite.node.wiring import desk_of
from tests.helpers import two_nodes
from tests.helpers.flaky import Proxy, flaky
from tests.helpers.nodes import short_folder
from tests.helpers.two_nodes import Nodes, wait_for


@dataclass
class Trade:
    """XA is hosted at the log node; XB has a node of its own behind ``proxy``."""

    nodes: Nodes
    proxy: Proxy
    server: MirrorServer

    @property
    def home(self) -> Home:
        return self.nodes.homes["XB"]

    def knows(self, number: str) -> bool:
        return View(self.home).knows(CertificateNumber.parse(number).key)

    def opened(self, number: str) -> bytes:
        return opened.fetch(desk_of(self.home, "XB"), number, self.nodes.sealing["XB"])

    def level(self) -> None:
        """Wait until XB's node has handed everything in and holds the whole log."""
        self.server._wake.set()
        log = View(self.nodes.log).reader
        reader = View(self.home).reader
        box = Box(self.home.post)
        wait_for(lambda: not box.items(WAITING) and reader.size == log.size, 60)
        box.close()


@contextmanager
def trading() -> Iterator[Trade]:
    with short_folder() as folder, two_nodes.stack() as stack:
        nodes = two_nodes.found(folder)
        nodes.host("XA")
        stack.enter_context(two_nodes.log_process(nodes))
        port = stack.enter_context(two_nodes.door(nodes))
        proxy = stack.enter_context(flaky(port))
        home = nodes.join("XB", proxy.url)
        stack.enter_context(two_nodes.signer(nodes.log, "XA"))
        stack.enter_context(two_nodes.signer(home, "XB"))
        server = stack.enter_context(two_nodes.mirror(home))
        yield Trade(nodes, proxy, server)


def findings(nodes: Nodes) -> dict[str, Any]:
    return world.findings(show_day(nodes.office("XA").today()), "10.00", "5000.00")


def confirm(nodes: Nodes, file: bytes) -> bytes:
    office = nodes.office("XB")
    act, _ = office.confirm(file, findings(nodes))
    return nodes.finish(office, "XB", act.id)


def number_of(file: bytes) -> str:
    return str(parse_file(file).named["number"])
