"""Shipments of the demo world, each taken through the very steps that officers take."""

from __future__ import annotations

from collections.abc import Callable

from kimberlite.crypto.keys import PrivateKey
from kimberlite.kernel.days import show_day
from kimberlite.node import clock, officers
from kimberlite.node.demo import world
from kimberlite.node.demo.founding import PASSPHRASE
from kimberlite.node.desk import Check
from kimberlite.node.home import Home
from kimberlite.node.office import Office
from kimberlite.node.wiring import office_of

Report = Callable[[str], None]


class Clerks:
    """The demo's officers at work, with their own key files."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._keys: dict[tuple[str, str], PrivateKey] = {}

    def approve(self, office: Office, holder: str, act: int, count: int) -> bytes:
        """Have the first ``count`` officers approve, and complete the act; give its file."""
        proposal = office.proposal(act).proposal
        for officer in world.OFFICERS[holder][:count]:
            key = self._key(holder, officer)
            told = officers.approve(
                key, officer, proposal, genesis=office.genesis(), moment=clock.now()
            )
            office.approve(act, told)
        return office.complete(act)[1]

    def _key(self, holder: str, officer: str) -> PrivateKey:
        found = self._keys.get((holder, officer))
        if found is None:
            found = officers.load(self._home.officers(holder), officer, PASSPHRASE)
            self._keys[holder, officer] = found
        return found


def ship(home: Home, report: Report) -> None:
    """Make the demo's shipments: under way, confirmed, confirmed twice, voided."""
    clerks = Clerks(home)
    sender, receiver = office_of(home, "XA"), office_of(home, "XB")
    if sender.acts():
        return
    report("node.founding.shipments")
    confirmed = _issue(sender, clerks, "412.50", "184000.00")
    twice = _issue(sender, clerks, "98.75", "51250.00")
    _issue(sender, clerks, "1204.10", "390500.00")
    spoiled = _issue(sender, clerks, "77.00", "20100.00")
    _confirm(receiver, clerks, confirmed, "412.50", "184000.00")
    _confirm(receiver, clerks, twice, "98.75", "51250.00")
    _confirm(receiver, clerks, twice, "97.90", "50900.00")
    number = sender.number_in(spoiled)
    act = sender.void(number, "error", "parcel count was wrong")
    clerks.approve(sender, "XA", act.id, 2)


def _issue(office: Office, clerks: Clerks, carats: str, value: str) -> bytes:
    act = office.apply(world.application("Kite Mining", "XB", carats, value))
    office.check(act.id, Check("officer-3", ("AD-4417",), "weighed and sealed"))
    return clerks.approve(office, "XA", act.id, 2)


def _confirm(office: Office, clerks: Clerks, file: bytes, carats: str, value: str) -> None:
    today = show_day(office.today())
    presented = office.present(file, "HQ")
    clerks.approve(office, "XB", presented.id, 1)
    act, _ = office.confirm(file, world.findings(today, carats, value))
    clerks.approve(office, "XB", act.id, 1)
