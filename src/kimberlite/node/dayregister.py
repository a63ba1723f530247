"""The day register of an office: its own acts, with what their openings say."""

from __future__ import annotations

from collections.abc import Iterator

from kimberlite.certificates.file import CertificateFile, parse_file, write
from kimberlite.certificates.model import Confirmation
from kimberlite.certificates.v1.arrival import CONFIRMATION_TYP
from kimberlite.certificates.v1.issue import TYP as CERTIFICATE_TYP
from kimberlite.documents.pdf.register import Register, Row
from kimberlite.kernel.errors import Invalid
from kimberlite.node.acting import open_certificate
from kimberlite.node.home import Home
from kimberlite.node.office import Office
from kimberlite.node.view import View
from kimberlite.node.wiring import office_of


def gather(home: Home, holder: str, first: int, last: int) -> Register:
    """Gather what ``holder`` issued and what arrived in it, by the days that the acts bear.

    Args:
        first, last: days since 1970, both included.

    Raises:
        Invalid: ``print.period`` when it ends before it begins.
        NotFound: ``node.absent``, ``node.not-hosted``.
    """
    if last < first:
        raise Invalid("print.period", "the last day lies before the first")
    view, office = View(home), office_of(home, holder)
    registry = view.registry()
    offices = registry.offices(holder, last)
    issued: list[Row] = []
    arrived: list[Row] = []
    for file in _logged(office):
        row = _issued(view, file) if file.kind.typ == CERTIFICATE_TYP else _arrived(view, file)
        if first <= row.day <= last:
            (issued if file.kind.typ == CERTIFICATE_TYP else arrived).append(row)
    charter = view.charter()
    return Register(
        holder,
        offices[0].name if offices else "",
        first,
        last,
        tuple(sorted(issued, key=lambda each: each.entry)),
        tuple(sorted(arrived, key=lambda each: each.entry)),
        "test" if charter is None else charter.kind,
        registry.names,
    )


def _logged(office: Office) -> Iterator[CertificateFile]:
    for act in office.acts():
        kept = act.typ in {CERTIFICATE_TYP, CONFIRMATION_TYP} and act.stage == "logged"
        if kept and act.signed is not None:
            yield parse_file(write(act.signed, office.proposal(act.id).openings))


def _issued(view: View, file: CertificateFile) -> Row:
    seen = open_certificate(file)
    values, parties = seen.values, seen.parties
    whole = None if values is None else values.value
    return Row(
        view.reader.index_of(file.statement.id),
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


def _arrived(view: View, file: CertificateFile) -> Row:
    sections = {
        each.section: each.read(file.kind.section(each.section).schema) for each in file.openings
    }
    seen = Confirmation.of(file.statement.header.iss, file.named, sections)
    values, parties = seen.values, seen.parties
    whole = None if values is None else values.value
    return Row(
        view.reader.index_of(file.statement.id),
        seen.arrived,
        seen.number,
        view.certificate(seen.number).row.holder,
        seen.outcome,
        importer="" if parties is None else parties.importer.name,
        parcels=None if values is None else values.parcels,
        points=None if values is None else values.carats.points,
        cents=None if whole is None else whole.cents,
    )
