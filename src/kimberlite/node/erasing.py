"""Erasing a certificate's openings: when it may be, what goes, and what remains provable.

The record of the erasure is durable before the first byte goes. Statements, digests and receipts
stay: that something was signed and sealed remains provable, what it was does not. Copies on
paper, in files and on other nodes are not reached. Source: ours, docs/spec/retention.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from kimberlite.certificates.retention import Term, term
from kimberlite.kernel import cbor
from kimberlite.kernel.days import day_of, show_day
from kimberlite.kernel.errors import Invalid, NotFound, Refused
from kimberlite.kernel.ids import CertificateNumber
from kimberlite.ledger.approval import PSEUDONYM
from kimberlite.ledger.envelope import parse
from kimberlite.node.books import V1
from kimberlite.node.desk import Desk
from kimberlite.node.erasures import Erasure, Erasures
from kimberlite.node.held import Folder, gather
from kimberlite.node.home import Home
from kimberlite.node.signer.request import Request
from kimberlite.node.store import Store
from kimberlite.node.view import View
from kimberlite.storage.vault import Vault

_MOST_WORDS = 200


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is erased, who decided it, and on which order if before its term."""

    ground: str
    officer: str
    order: str = ""

    def check(self) -> None:
        """Make sure that it can be recorded. Raises Invalid ``erase.reason``, ``erase.officer``."""
        told = (self.ground, self.order)
        if not self.ground.strip() or any(len(each) > _MOST_WORDS for each in told):
            raise Invalid("erase.reason", "say in at most 200 characters why this is erased")
        if PSEUDONYM.fullmatch(self.officer) is None:
            raise Invalid("erase.officer", "name the officer who decides it, by pseudonym")


@dataclass(frozen=True, slots=True)
class Trace:
    """What remains of one statement: where it stands, and its sealed sections by digest.

    ``sections`` hold name, digest and the day of erasure here, None where nothing was erased.
    """

    typ: str
    entry: int
    statement: bytes
    holder: str
    signed_at: int
    sections: tuple[tuple[str, bytes, int | None], ...]


@dataclass(frozen=True, slots=True)
class Remains:
    """What remains provable of a certificate on a node, and what was erased on which ground."""

    number: str
    traces: tuple[Trace, ...]
    erasures: tuple[Erasure, ...]


def keeps_until(desk: Desk, folder: Folder) -> Term:
    """Give the term for which ``desk`` must keep the openings of a certificate.

    The practice of every authority that this node hosts and that has a copy counts, as they share
    one vault; of each, that of today and that of the day from which the years count.
    """
    life, today = folder.life, desk.view.today()
    registry = desk.view.registry()
    copies = {
        name
        for held in folder.held
        for each in held.sections
        for name in desk.vault.recipients(each.digest)
    }
    holders = {desk.holder, *(each for each in desk.view.described["hosts"] if each in copies)}
    begins = max(day_of(each.signed_at) for each in life.acts)
    days = (begins, today)
    years = (registry.practice(code, day).retention_years for code in holders for day in days)
    return term(life, years)


def erase(desk: Desk, number: str, why: Reason) -> Remains:
    """Erase what ``desk`` holds of a certificate's openings; give what remains provable.

    May be repeated, and goes on where it was cut off.

    Raises:
        Invalid: ``erase.reason``, ``erase.officer``, ``number.format``.
        NotFound: ``certificate.unknown``; ``certificate.not-own`` where this office holds nothing
            of it. Of what other authorities on this node said, it may erase nothing.
        Refused: ``retention.under-way`` and ``retention.too-early`` unless an order is named.
    """
    why.check()
    folder = gather(desk, number)
    life, hosts = folder.life, desk.view.described["hosts"]
    shared = frozenset(hosts) - {desk.holder}  # the vault of a node is one for all it hosts
    digests = {
        each.digest
        for held in folder.held
        if held.act.holder not in shared
        for each in held.sections
    }
    key = CertificateNumber.parse(number).key
    if not digests and not desk.store.granted.acts_about(key):
        raise NotFound(
            "certificate.not-own", f"{desk.holder} holds nothing of {number}", number=number
        )
    _require_over(keeps_until(desk, folder), desk.view.today(), life.number, why)
    digests |= set(_scans(desk, folder))
    home, today = desk.view.home, desk.view.today()
    record = Erasures(home.erasures)
    before = [each for each in record.of(key) if each.holder == desk.holder]
    new = digests.difference(*(each.digests for each in before))
    if new:
        told = (life.number, desk.holder, why.ground, why.order, why.officer, today)
        before.append(Erasure(*told, tuple(sorted(new))))
        record.add(before)
    for each in before:
        carry_out(each, desk.vault, desk.store)
    return remains(desk.view, number)


def _require_over(found: Term, today: int, number: str, why: Reason) -> None:
    if found.over(today) or why.order.strip():
        return
    if found.ends is None:
        raise Refused(
            "retention.under-way",
            f"{number} is under way: erase it after its term, or name a lawful order",
            number=number,
        )
    raise Refused(
        "retention.too-early",
        f"{number} has to be kept until {show_day(found.ends)}: name a lawful order to erase "
        "it before",
        number=number,
        ends=found.ends,
        years=found.years,
    )


def _scans(desk: Desk, folder: Folder) -> Iterator[bytes]:
    """Give the scans taken in under the number or named by its open sections.

    One that another certificate of this office names too stays.
    """
    sub = CertificateNumber.parse(folder.life.number).key
    for digest in desk.store.granted.scans_of(sub):
        if not desk.store.granted.named_elsewhere(sub, digest):
            yield digest
    for held in folder.held:
        for each in held.sections:
            if each.opening is None:
                continue
            for digest in digests_in(held.read(each.section)):
                if not desk.store.granted.named_elsewhere(sub, digest):
                    yield digest


def digests_in(value: object) -> Iterator[bytes]:
    """Give every digest (32 bytes) in the fields of a section, however deep."""
    match value:
        case bytes() if len(value) == 32:
            yield value
        case dict():
            for each in value.values():
                yield from digests_in(each)
        case list() | tuple():
            for each in value:
                yield from digests_in(each)
        case _:
            return


def carry_out(told: Erasure, vault: Vault, store: Store) -> None:
    """Do what the record says: in the vault, and in the operational store of its holder."""
    for digest in told.digests:
        vault.erase(digest, on=told.day)
    empty = json.dumps({"erased": show_day(told.day)}).encode()
    for number in store.granted.acts_about(told.key):
        act = store.act(number)
        store.granted.scrub(number, empty, _without_content(act.proposal))
    store.granted.scrub_scans(told.key)
    store.granted.settle()


def _without_content(kept: bytes | None) -> bytes | None:
    """Give a proposal without what opens its sections and without presented files."""
    if kept is None:
        return None
    value: Any = cbor.decode(kept)
    request = replace(Request.from_args(value), openings=(), files=())
    return cbor.encode(request.to_args())


def repeat(home: Home) -> int:
    """Repeat every erasure of the record, as after a restore; give how many there are."""
    found = Erasures(home.erasures).all()
    vault = Vault(home.vault)
    for each in found:
        store = Store(home.office, each.holder)
        try:
            carry_out(each, vault, store)
        finally:
            store.close()
    return len(found)


def remains(view: View, number: str) -> Remains:
    """Say what remains provable of a certificate on this node.

    Raises:
        Invalid: ``number.format``. NotFound: ``certificate.unknown``.
    """
    life = view.certificate(number)
    vault = Vault(view.home.vault)
    traces = []
    for act in life.acts:
        statement = parse(view.reader.entry(act.index).raw)
        seals = statement.body.seals
        sections = tuple(
            (each.name, seals[each.label], vault.erased_on(seals[each.label]))
            for each in V1.types[act.typ].sections
            if each.label in seals
        )
        traces.append(Trace(act.typ, act.index, act.statement, act.holder, act.signed_at, sections))
    key = CertificateNumber.parse(number).key
    return Remains(life.number, tuple(traces), Erasures(view.home.erasures).of(key))
