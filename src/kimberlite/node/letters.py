"""Letters of an office to others: pre-advice of a shipment, and reminders of what is late.

A file to read and send: this program has no way to send mail. In English and the language that
the other side stated. Sources: KPCS Core Document, Annex II (19) and (21); Section V(f).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from kimberlite.certificates.due import Due
from kimberlite.certificates.file import write
from kimberlite.certificates.model import Certificate, Party
from kimberlite.certificates.v1.issue import TYP as CERTIFICATE_TYP
from kimberlite.documents.letter import Correspondent, Enclosure, Letter, eml
from kimberlite.kernel.errors import Invalid, NotFound, Unavailable
from kimberlite.kernel.ids import CertificateNumber
from kimberlite.node import clock, contacts
from kimberlite.node.correspondence import Correspondence, Written, already
from kimberlite.node.desk import Desk
from kimberlite.node.dues import dues, of
from kimberlite.node.held import gather
from kimberlite.node.office import Office
from kimberlite.node.shown import Shown, shown
from kimberlite.words import Words

_RULE = "-" * 72


@dataclass(frozen=True, slots=True)
class Post:
    """Who has a letter drafted (a staff pseudonym), and to which address if not the directory's."""

    officer: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Drafted:
    """A letter as a file, and what was kept of it."""

    eml: bytes
    written: Written


def advise(desk: Desk, number: str, post: Post, enclosures: Iterable[Enclosure] = ()) -> Drafted:
    """Draft the pre-advice of an own shipment to its destination, with the certificate file.

    Raises:
        NotFound: ``certificate.unknown``, ``certificate.not-own``; ``letter.closed`` when nothing
            here opens it; ``letter.no-contact``.
        Invalid: ``number.format``, ``letter.officer``, ``letter.address``, ``letter.too-large``.
    """
    folder = gather(desk, number)
    life = folder.life
    if life.row.holder != desk.holder or life.row.paper:
        raise NotFound(
            "certificate.not-own", f"{number} is not a certificate of {desk.holder}", number=number
        )
    told = shown(desk, folder)
    seen = told.certificate
    if seen.shipment is None or seen.values is None or seen.parties is None:
        raise NotFound("letter.closed", f"nothing here opens {number}", number=number)
    code = seen.shipment.destination

    def said(words: Words) -> str:
        rows = [*_certificate_rows(seen, words), *_journey_rows(told, words)]
        lines = [f"{words.say(f'letter.{name}')}: {text}" for name, text in rows if text]
        lead = words.say("letter.advice", destination=code, issuer=desk.holder)
        return "\n".join((lead, "", *lines, "", words.say("letter.advice.check")))

    def subject(words: Words) -> str:
        return words.say("letter.advice.subject", number=life.number)

    name = f"{CertificateNumber.parse(number).key}.kpc"
    file = Enclosure(name, "application/octet-stream", own_file(desk, number))
    draft = _Draft(
        desk, "advice", code, contacts.ARRIVALS, (f"advice/{life.number}",), (file, *enclosures)
    )
    return draft.made(post, subject, said)


def remind(desk: Desk, code: str, post: Post) -> Drafted:
    """Draft one reminder to ``code`` of all that it owes this office and is late with.

    Raises:
        NotFound: ``letter.nothing`` when nothing is late; ``letter.no-contact``.
        Conflict: ``letter.today`` when it was reminded of all of it today.
        Invalid: ``letter.officer``, ``letter.address``.
    """
    today = desk.view.today()
    _, theirs = of(dues(desk.view, desk), desk.holder)
    late = [each for each in theirs if each.by == code and each.late(today)]
    if not late:
        raise NotFound("letter.nothing", f"{code} is late with nothing", holder=code)
    before = Correspondence(desk.store.db, desk.holder).reminded(code, today)
    new = [each for each in late if each.name not in before]
    if not new:
        raise already(code)

    def said(words: Words) -> str:
        lines = [_late_line(each, today, words) for each in new]
        lead = words.say("letter.reminder", issuer=desk.holder)
        return "\n".join((lead, "", *lines, "", words.say("letter.reminder.ask")))

    def subject(words: Words) -> str:
        return words.say("letter.reminder.subject", n=len(new))

    roles = contacts.ARRIVALS if new[0].receiver == code else contacts.EXPORTS
    about = tuple(each.name for each in new)
    return _Draft(desk, "reminder", code, roles, about).made(post, subject, said)


def late_with(desk: Desk) -> tuple[str, ...]:
    """Name who is late with something that it owes this office, in order of code."""
    today = desk.view.today()
    _, theirs = of(dues(desk.view, desk), desk.holder)
    return tuple(sorted({each.by for each in theirs if each.by and each.late(today)}))


@dataclass(frozen=True, slots=True)
class _Draft:
    """A letter on its way: whose desk, what kind, to whom, about what, with which files."""

    desk: Desk
    kind: str
    code: str
    roles: tuple[str, ...]
    about: tuple[str, ...]
    files: tuple[Enclosure, ...] = ()

    def made(
        self, post: Post, subject: Callable[[Words], str], said: Callable[[Words], str]
    ) -> Drafted:
        """Write it in English and the other side's language, and keep that it was drafted."""
        if not 1 <= len(post.officer.strip()) <= 40:
            raise Invalid("letter.officer", "say who writes, by staff pseudonym", field="officer")
        desk, day = self.desk, self.desk.view.today()
        registry = desk.view.registry()
        recipient = contacts.contact(registry, self.code, self.roles, day, post.address)
        lang = contacts.language(registry, self.code, day)
        langs = tuple(dict.fromkeys(("en", lang)))
        spoken = [Words(each, registry.names) for each in langs]
        sender = self._sender()
        foot = [words.say("letter.foot", office=sender.name) for words in spoken]
        parts = [f"{said(words)}\n\n{end}" for words, end in zip(spoken, foot, strict=True)]
        told = Letter(
            sender,
            recipient,
            " / ".join(dict.fromkeys(subject(words) for words in spoken)),
            f"\n\n{_RULE}\n\n".join(parts) + "\n",
            clock.now(),
            langs,
            self.files,
        )
        data = eml(told)
        digest = hashlib.sha256(data).digest()
        written = Written(
            0,
            self.kind,
            told.moment,
            self.code,
            recipient.address,
            post.officer.strip(),
            digest,
            self.about,
        )
        Correspondence(desk.store.db, desk.holder).write(written, day)
        return Drafted(data, written)

    def _sender(self) -> Correspondent:
        """Give this office as the directory has it; its own mail program may put another."""
        desk = self.desk
        return contacts.contact(
            desk.view.registry(), desk.holder, contacts.EXPORTS, desk.view.today()
        )


def _certificate_rows(seen: Certificate, words: Words) -> Iterator[tuple[str, str]]:
    """Give what Annex II (19) names and what else the other side compares, by label."""
    shipment, values, parties = seen.shipment, seen.values, seen.parties
    assert shipment is not None
    assert values is not None
    assert parties is not None
    yield "number", seen.number
    yield "issued", words.day(seen.issued)
    yield "expires", words.day(seen.expires)
    yield "carats", words.carats(values.carats.points)
    yield "value", "" if values.value is None else words.usd(values.value.cents)
    for line in values.lines:
        worth = "" if line.value is None else f", {words.usd(line.value.cents)}"
        yield "line", f"{line.hs}: {words.carats(line.carats.points)}{worth}"
    yield "parcels", words.number(shipment.parcels)
    origins = words.listing(words.territory(each.country) for each in shipment.origins)
    yield "origin", origins or "***"
    yield "provenance", words.territory(shipment.provenance)
    yield "exporter", _party(parties.exporter)
    yield "importer", _party(parties.importer)
    yield "seals", words.listing(parties.seals)


def _journey_rows(told: Shown, words: Words) -> Iterator[tuple[str, str]]:
    yield "left", "" if told.left is None else words.day(told.left)
    yield "expected", "" if told.expected is None else words.day(told.expected)
    parties = told.certificate.parties
    yield "carrier", told.carrier or ("" if parties is None else parties.carrier)
    yield "waybill", told.waybill


def _party(party: Party) -> str:
    return ", ".join(filter(None, (party.name, party.address)))


def _late_line(each: Due, today: int, words: Words) -> str:
    what = words.say(f"due.kind.{each.kind.value}")
    until = "" if each.until is None else words.day(each.until)
    late = words.say("web.days", n=each.late(today))
    return words.say("letter.late", number=each.number, what=what, until=until, late=late)


def own_file(desk: Desk, number: str) -> bytes:
    """Give the file of an own certificate; without a receipt where none is to be had now.

    Raises:
        Invalid: ``number.format``. NotFound: ``letter.closed`` when no act of this office made it.
    """
    for act in desk.store.granted.acts_about(CertificateNumber.parse(number).key):
        found = desk.store.act(act)
        if found.typ != CERTIFICATE_TYP or found.stage != "logged" or found.signed is None:
            continue
        office = Office(desk)
        try:
            return office.file(act)
        except Unavailable:
            return write(found.signed, office.proposal(act).openings)
    raise NotFound("letter.closed", f"nothing here opens {number}", number=number)
