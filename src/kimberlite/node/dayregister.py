"""The day register of an office: all its acts, with what their openings say, and its forms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from kimberlite.certificates.file import CertificateFile, parse_file, write
from kimberlite.certificates.model import Confirmation
from kimberlite.certificates.v1.arrival import CONFIRMATION_TYP
from kimberlite.certificates.v1.issue import TYP as CERTIFICATE_TYP
from kimberlite.certificates.v1.paper import PAPER_TYP
from kimberlite.documents.pdf.register import Moved, Other, Register, Row
from kimberlite.kernel.days import SECONDS_A_DAY, day_of, start_of
from kimberlite.kernel.errors import Invalid
from kimberlite.ledger.envelope import Statement, parse
from kimberlite.node.acting import open_any
from kimberlite.node.books import V1
from kimberlite.node.home import Home
from kimberlite.node.keeping import Keeping
from kimberlite.node.office import Office
from kimberlite.node.stock.counting import COLUMNS
from kimberlite.node.view import View
from kimberlite.node.wiring import desk_of

_SAID = ("outcome", "what", "ground", "fate", "reason", "kind", "finding")
"""Fields in which an act says what it decided; the first that is there is shown."""
_DAYS = ("issued", "arrived", "day")


@dataclass(slots=True)
class _Gathered:
    issued: list[Row]
    arrived: list[Row]
    papers: list[Row]
    others: list[Other]


def gather(home: Home, holder: str, first: int, last: int) -> Register:
    """Gather every logged act of ``holder``, by the days that the acts bear, and its stock.

    Args:
        first, last: days since 1970, both included.

    Raises:
        Invalid: ``print.period`` when it ends before it begins.
        NotFound: ``node.absent``, ``node.not-hosted``.
    """
    if last < first:
        raise Invalid("print.period", "the last day lies before the first")
    desk = desk_of(home, holder)
    view, registry = desk.view, desk.view.registry()
    offices = registry.offices(holder, last)
    found = _Gathered([], [], [], [])
    for statement, file in _logged(Office(desk)):
        day = _day(statement, file)
        if first <= day <= last:
            _put(found, view, statement, file, day)
    charter = view.charter()
    keeping = Keeping(desk)
    kept = keeping.stock.kept()
    return Register(
        holder,
        offices[0].name if offices else "",
        first,
        last,
        tuple(sorted(found.issued, key=lambda each: each.entry)),
        tuple(sorted(found.arrived, key=lambda each: each.entry)),
        "test" if charter is None else charter.kind,
        registry.names,
        tuple(sorted(found.papers, key=lambda each: each.entry)),
        tuple(sorted(found.others, key=lambda each: each.entry)),
        tuple(_moved(keeping, first, last)),
        tuple(_counted(keeping, first, last)) if kept else (),
    )


def _logged(office: Office) -> Iterator[tuple[Statement, CertificateFile | None]]:
    """Give each logged act; with its file where it is about a certificate."""
    for act in office.acts():
        if act.stage != "logged" or act.signed is None:
            continue
        file = None
        if act.typ in {CERTIFICATE_TYP, CONFIRMATION_TYP, PAPER_TYP}:
            file = parse_file(write(act.signed, office.proposal(act.id).openings))
        yield (parse(act.signed) if file is None else file.statement), file


def _named(statement: Statement, file: CertificateFile | None) -> Mapping[str, Any]:
    if file is not None:
        return file.named
    kind = V1.types.get(statement.header.typ)
    return {} if kind is None else kind.schema.read(statement.body.log)


def _day(statement: Statement, file: CertificateFile | None) -> int:
    """Give the day that an act bears, else the day on which it was proposed."""
    named = _named(statement, file)
    names = ("day",) if statement.header.typ == PAPER_TYP else _DAYS
    told = next((named[name] for name in names if name in named), None)
    return day_of(statement.header.iat) if told is None else int(told)


def _put(
    found: _Gathered, view: View, statement: Statement, file: CertificateFile | None, day: int
) -> None:
    entry = view.reader.index_of(statement.id)
    if file is None:
        named = _named(statement, file)
        said = next((str(named[name]) for name in _SAID if name in named), "")
        about = str(named.get("number", statement.header.sub))
        found.others.append(Other(entry, day, statement.header.typ, about, said))
    elif statement.header.typ == CERTIFICATE_TYP:
        found.issued.append(_issued(view, file, entry))
    elif statement.header.typ == PAPER_TYP:
        found.papers.append(_paper(view, file, entry, day))
    else:
        found.arrived.append(_arrived(view, file, entry))


def _issued(view: View, file: CertificateFile, entry: int) -> Row:
    seen = open_any(file)
    values, parties = seen.values, seen.parties
    whole = None if values is None else values.value
    return Row(
        entry,
        seen.issued,
        seen.number,
        "" if seen.shipment is None else seen.shipment.destination,
        view.certificate(seen.number).status.word,
        exporter="" if parties is None else parties.exporter.name,
        importer="" if parties is None else parties.importer.name,
        form=seen.form,
        parcels=None if seen.shipment is None else seen.shipment.parcels,
        points=None if values is None else values.carats.points,
        cents=None if whole is None else whole.cents,
    )


def _paper(view: View, file: CertificateFile, entry: int, day: int) -> Row:
    """Give a transcription: by the day on which the paper came, with who issued it."""
    return replace(_issued(view, file, entry), day=day, other=file.named["holder"], paper=True)


def _sections(file: CertificateFile) -> dict[str, Mapping[str, Any]]:
    return {
        each.section: each.read(file.kind.section(each.section).schema) for each in file.openings
    }


def _arrived(view: View, file: CertificateFile, entry: int) -> Row:
    seen = Confirmation.of(file.statement.header.iss, file.named, _sections(file))
    values, parties = seen.values, seen.parties
    whole = None if values is None else values.value
    row = view.certificate(seen.number).row
    return Row(
        entry,
        seen.arrived,
        seen.number,
        row.holder,
        seen.outcome,
        importer="" if parties is None else parties.importer.name,
        parcels=None if values is None else values.parcels,
        points=None if values is None else values.carats.points,
        cents=None if whole is None else whole.cents,
        paper=row.paper,
    )


def _moved(keeping: Keeping, first: int, last: int) -> Iterator[Moved]:
    end = start_of(last) + SECONDS_A_DAY - 1
    for each in reversed(keeping.stock.movements(start_of(first), end)):
        yield Moved(
            each.id,
            each.at,
            each.kind,
            str(each.forms),
            each.forms.count,
            (each.was.state, each.was.office),
            (each.now.state, each.now.office),
            each.officer,
            each.why,
            each.undoes,
        )


def _counted(keeping: Keeping, first: int, last: int) -> Iterator[tuple[str, int]]:
    total = keeping.count(first, last).total
    yield "opening", total.opening
    for column in COLUMNS:
        if column not in {"in", "out"}:
            yield column, total.moved[column]
    yield "closing", total.closing
