"""Checks laid out for a certificate that is presented: what the log, the registry and it say.

Nothing is decided here and nothing written: an officer looks, then acts. Source: KPCS Core
Document, Section III(b), Annex II, recommendations 20 to 25; ours: docs/spec/certificate.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from kimberlite.certificates.current import Current
from kimberlite.certificates.exported import day_of_export
from kimberlite.certificates.file import parse_file
from kimberlite.certificates.life import ActView, CertificateLife
from kimberlite.certificates.rules import Days, Said, assess
from kimberlite.certificates.v1.arrival import CONFIRMATION_TYP, PRESENTATION_TYP
from kimberlite.certificates.v1.goods import TYP as DISPOSITION_TYP
from kimberlite.certificates.v1.paper import PAPER_TYP
from kimberlite.kernel.ids import CertificateNumber
from kimberlite.node.acting import held_files
from kimberlite.node.desk import Desk
from kimberlite.node.signer.assessing import current_of
from kimberlite.registry.model import Direction, Practice, Reason, Specimen, Truth
from kimberlite.registry.ranges import range_holds

_BEFORE = frozenset((PRESENTATION_TYP, CONFIRMATION_TYP, DISPOSITION_TYP))


@dataclass(frozen=True, slots=True)
class Checked:
    """One check: its name, ``arrive.NAME`` for people, the day it is about, and its answer."""

    name: str
    truth: Truth
    day: int | None = None
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Arrival:
    """Everything to look at before a decision.

    Attributes:
        life: the certificate as the log has it.
        checks: what can be answered without looking at the goods.
        before: earlier presentations and decisions on it.
        reads: the certificate as it stands, corrected; sections are None where closed here.
        said: section rules that do not hold, or cannot tell, today.
        specimens: what its issuer notified for the day of issue.
        scans: digests of scans of it, where it was taken down from paper.
        practice: the receiver's own, with its tolerances.
        governs: "export" or "arrival", the day that has to lie within validity.
    """

    life: CertificateLife
    checks: tuple[Checked, ...]
    before: tuple[ActView, ...]
    reads: Current | None
    said: tuple[Said, ...]
    specimens: tuple[Specimen, ...]
    scans: tuple[bytes, ...]
    practice: Practice
    governs: str


def lay_out(
    desk: Desk, number: str, files: Sequence[bytes] = (), private: bytes | None = None
) -> Arrival:
    """Lay the checks out.

    Args:
        desk: of the authority of arrival.
        number: as printed.
        files: what came with the goods; what is held here of it is added.
        private: the desk's X25519 key (32 bytes), to open what was sealed to it.

    Raises:
        Invalid: ``number.format``, as ``parse_file``. NotFound: ``certificate.unknown``.
        Untrusted: ``section.digest`` when a file's openings are not what was signed.
    """
    registry, today = desk.view.registry(), desk.view.today()
    life = desk.view.certificate(number)
    row = life.row
    told = _files(desk, number, files, private)
    reads = reads_now(desk, life, told)
    left = day_of_export(row, lambda index: desk.view.reader.entry(index).raw)
    said: tuple[Said, ...] = ()
    if reads is not None:
        found = assess(reads.certificate, registry, Days(row.issued, left, today), desk.holder)
        said = (*found.broken, *found.doubtful)
    before = tuple(act for act in life.acts if act.typ in _BEFORE)
    return Arrival(
        life,
        tuple(_checks(desk, life, left, used=bool(before))),
        before,
        reads,
        said,
        tuple(registry.specimens(row.holder, row.issued)),
        tuple(_scans(told)),
        registry.practice(desk.holder, today),
        registry.practice(row.holder, row.issued).expiry_governs,
    )


def _files(
    desk: Desk, number: str, files: Sequence[bytes], private: bytes | None
) -> tuple[bytes, ...]:
    told = {parse_file(each).statement.id: each for each in held_files(desk, number, private)}
    told.update({parse_file(each).statement.id: each for each in files})
    return tuple(told.values())


def reads_now(desk: Desk, life: CertificateLife, files: Sequence[bytes] = ()) -> Current | None:
    """Read a certificate as it stands, from ``files`` or else from what is held here.

    Raises as ``current_of``.
    """
    told = files or tuple(held_files(desk, life.number))
    reader = desk.view.reader
    return current_of(life.row.statement, told, life.row, lambda index: reader.entry(index).raw)


def _checks(
    desk: Desk, life: CertificateLife, left: int | None, *, used: bool
) -> Iterator[Checked]:
    registry, today, row = desk.view.registry(), desk.view.today(), life.row
    days = (("issue-day", row.issued), ("export-day", left), ("arrival-day", today))
    for name, day in days:
        if day is not None:
            answer = registry.may_trade(row.holder, Direction.EXPORT, day)
            yield Checked(name, answer.truth, day, answer.reasons)
    parsed = CertificateNumber.parse(life.number)
    state = desk.view.reader.state()
    held = range_holds(state, parsed.prefix, parsed.serial, row.issued)
    yield Checked("range", _truth(held is not None))
    governs = registry.practice(row.holder, row.issued).expiry_governs
    counted = left if governs == "export" else today
    if counted is None:
        yield Checked("expiry", Truth.CANNOT_TELL if today > row.expires else Truth.YES)
    else:
        yield Checked("expiry", _truth(counted <= row.expires), counted)
    yield Checked("unused", _truth(not used))
    yield Checked("alerts", _truth(not life.alerts))


def _truth(holds: object) -> Truth:
    return Truth.YES if holds else Truth.NO


def _scans(files: Iterable[bytes]) -> Iterator[bytes]:
    """Give the digests of scans that a transcription names."""
    for found in map(parse_file, files):
        if found.kind.typ != PAPER_TYP:
            continue
        for opening in found.openings:
            if opening.section == "evidence":
                schema = found.kind.section("evidence").schema
                yield from opening.read(schema).get("photos", ())
