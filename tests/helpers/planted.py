"""A world with an unmistakable word in every field that can hold one, a certificate a moment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kimberlite.certificates.visibility import Moment
from kimberlite.kernel.days import show_day
from kimberlite.kernel.ids import CertificateNumber
from kimberlite.node.desk import Check
from kimberlite.node.erasing import Reason, erase
from kimberlite.node.held import Folder, Held, gather
from kimberlite.node.view import View
from tests.helpers.offices import Offices, private_of

ORDER = Reason("asked for by the exporter", "officer-1", "Order 12 of the District Court")
WORDS = {
    "shipment": ("locality",),
    "values": ("size",),
    "parties": ("exporter", "address", "licence", "importer", "carrier", "paper", "seal"),
    "journey": ("journey-carrier", "waybill", "journey-seal", "journey-remarks"),
    "evidence": ("instrument", "evidence-remarks", "evidence-seal"),
}
"""Words that are planted, by section; each field that can hold a text holds one."""


def word(name: str, moment: Moment) -> str:
    """Give the word planted under a name in the certificate of a moment: nothing else says it."""
    return f"zq{name.replace('-', '')}{moment.value}qz"


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures of one certificate, different from those of every other."""

    place: int

    @property
    def carats(self) -> str:
        return f"7{self.place}31.97"

    @property
    def value(self) -> str:
        return f"83{self.place}519.73"

    @property
    def heaviest(self) -> str:
        return f"5{self.place}.83"


def application(moment: Moment, figures: Figures, day: str, scan: bytes) -> dict[str, Any]:
    """Give an application with a word in every text field."""

    def said(name: str) -> str:
        return word(name, moment)

    return {
        "kind": "ordinary",
        "original": "electronic",
        "office": "HQ",
        "shipment": {
            "destination": "XB",
            "origin_mode": "single",
            "origins": [{"country": "XA", "localities": [said("locality")]}],
            "provenance": "XA",
            "lines": [{"hs": "7102.31", "parcels": 3}],
            "parcels": 3,
            "purpose": "sale",
            "left_origin": day,
        },
        "values": {
            "lines": [{"hs": "7102.31", "carats": figures.carats, "value": figures.value}],
            "basis": "government-valuation",
            "sizes": [{"name": said("size"), "carats": figures.carats}],
            "heaviest": figures.heaviest,
        },
        "parties": {
            "exporter": {
                "name": said("exporter"),
                "address": said("address"),
                "licence": said("licence"),
            },
            "importer": {"name": said("importer"), "address": said("address")},
            "containers": 1,
            "carrier": said("carrier"),
            "papers": [{"kind": "invoice", "text": said("paper"), "digest": scan.hex()}],
        },
    }


def findings(moment: Moment, figures: Figures, day: str, photo: bytes) -> dict[str, Any]:
    """Give what was found on arrival, with a word in every text field."""
    return {
        "arrived": day,
        "office": "HQ",
        "outcome": "confirmed",
        "examination": ["documents", "seals", "weighed", "opened-and-valued"],
        "values": {
            "lines": [{"hs": "7102.31", "carats": figures.carats, "value": figures.value}],
            "parcels": 3,
        },
        "parties": {
            "exporter": {"name": word("exporter", moment), "address": word("address", moment)},
            "importer": {"name": word("importer", moment), "address": word("address", moment)},
            "seals": [word("seal", moment)],
        },
        "evidence": {
            "seals": [word("evidence-seal", moment)],
            "seals_intact": True,
            "instrument": word("instrument", moment),
            "photos": [photo.hex()],
            "remarks": word("evidence-remarks", moment),
        },
    }


class Planted:
    """The world: one certificate of XA to XB a moment; XC let those pass that went on."""

    def __init__(self, folder: Path) -> None:
        self.node = Offices(folder)
        self.numbers: dict[Moment, str] = {}
        self.files: dict[Moment, bytes] = {}
        self.salts: dict[Moment, list[bytes]] = {}
        self._make(Moment.CONFIRMED)
        self.node.pass_days(1)
        for code in ("XA", "XB"):
            practice = {"shipment_opens_days": 2, "begins": self.today}
            self.node.state(code, "kp-practice+cose", practice)
        for moment in (Moment.AGED, Moment.DISPUTED, Moment.ERASED):
            self._make(moment)
        self.node.pass_days(3)
        for moment in (Moment.DRAFT, Moment.ISSUED, Moment.DISPATCHED, Moment.PRESENTED):
            self._make(moment)
        evidence = {"remarks": word("evidence-remarks", Moment.DISPUTED)}
        told = {"day": show_day(self.today), "step": "opened", "about": ["carats"]}
        number = self.numbers[Moment.DISPUTED]
        self.node.act("XA", "discrepancy", number, **told, evidence=evidence)
        self._erase()
        self.node.publish()

    @property
    def today(self) -> int:
        return View(self.node.home).today()

    def folder(self, moment: Moment, holder: str) -> Folder:
        """Give all that an office holds of a certificate, with its sealing key at hand."""
        return gather(self.node.desk(holder), self.numbers[moment], private_of(holder))

    def words(self, moment: Moment, section: str) -> list[bytes]:
        """Give the words planted in one section."""
        return [word(each, moment).encode() for each in WORDS.get(section, ())]

    def sealed(self, moment: Moment) -> list[bytes]:
        """Give everything that tells of the sealed sections of a certificate: words and salts."""
        told = [each for section in WORDS for each in self.words(moment, section)]
        return [*told, *self.salts[moment]]

    def _make(self, moment: Moment) -> None:
        node, day, figures = self.node, show_day(self.today), Figures(len(self.numbers))
        office = node.office("XA")
        scan = office.vault.put_blob(word("scan", moment).encode())
        photo = office.vault.put_blob(word("photo", moment).encode())
        act = office.apply(application(moment, figures, day, scan))
        seals = Check("officer-1", (word("seal", moment),), word("note", moment))
        office.check(act.id, seals)
        self.salts[moment] = [each.salt for each in office.proposal(act.id).openings]
        self.numbers[moment] = str(office.proposal(act.id).proposal.log[1])
        if moment is Moment.DRAFT:
            return
        _, self.files[moment] = office.complete(act.id)
        if moment is Moment.ISSUED:
            return
        self._go_on(moment, day)
        if moment in {Moment.DISPATCHED, Moment.PRESENTED}:
            return
        receiver = node.office("XB")
        told = findings(moment, figures, day, photo)
        confirmed, _ = receiver.confirm(self.files[moment], told)
        receiver.complete(confirmed.id)
        self._keep_salts(moment)

    def _go_on(self, moment: Moment, day: str) -> None:
        journey = {
            "carrier": word("journey-carrier", moment),
            "mode": "air",
            "waybill": word("waybill", moment),
            "expected": day,
            "via": ["XC"],
            "seals": [word("journey-seal", moment)],
            "remarks": word("journey-remarks", moment),
        }
        number = self.numbers[moment]
        self.node.act("XA", "dispatch", number, day=day, journey=journey)
        self.node.act("XC", "transit", number, day=day, condition="identical")
        if moment is not Moment.DISPATCHED:
            presented = self.node.office("XB").present(self.files[moment], "HQ")
            self.node.office("XB").complete(presented.id)
        self._keep_salts(moment)

    def _keep_salts(self, moment: Moment) -> None:
        for holder in ("XA", "XB"):
            for held in self.folder(moment, holder).held:
                for each in held.sections:
                    if each.opening is not None and each.opening.salt not in self.salts[moment]:
                        self.salts[moment].append(each.opening.salt)

    def _erase(self) -> None:
        number = self.numbers[Moment.ERASED]
        for holder in ("XA", "XB"):
            erase(self.node.desk(holder), number, ORDER)

    def check(self, seal: str) -> Check:
        """Give what an officer found who checked and sealed goods."""
        return Check("officer-1", (seal,), "checked")

    def key(self, moment: Moment) -> str:
        return CertificateNumber.parse(self.numbers[moment]).key


def openings_of(folder: Folder) -> Iterator[tuple[Held, str, Mapping[str, Any]]]:
    """Give every section that is open in a folder: its statement, its name, its fields."""
    for held in folder.held:
        for each in held.sections:
            fields = held.read(each.section)
            if fields is not None:
                yield held, each.section, fields


def section_words(section: str) -> str:
    """Name the words that a section of any statement holds: see ``WORDS``."""
    return {"measured": "values"}.get(section, section)
