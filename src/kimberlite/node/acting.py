"""Drafts of acts on a certificate: what the log knows already is filled in, the rest is told.

An officer names the number and what happened; which statement issued the certificate, which alert
is answered and which rectification is countersigned, the log says itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from kimberlite.certificates import drafting
from kimberlite.certificates.drafting import TYP_OF, Draft
from kimberlite.certificates.file import CertificateFile, parse_file, write
from kimberlite.certificates.json_form import show
from kimberlite.certificates.model import Certificate
from kimberlite.certificates.transitions import Act
from kimberlite.certificates.v1 import TYPES
from kimberlite.certificates.v1.arrival import ACT_OF, CONFIRMATION_TYP
from kimberlite.certificates.v1.beside import RECTIFICATIONS, open_alerts
from kimberlite.certificates.v1.issue import TYP as CERTIFICATE_TYP
from kimberlite.certificates.v1.mending import CORRECTION_TYP, RECTIFICATION_TYP
from kimberlite.certificates.v1.paper import PAPER_TYP
from kimberlite.kernel.errors import Invalid, NotFound, Refused
from kimberlite.kernel.ids import CertificateNumber
from kimberlite.node.desk import Desk, Sealed
from kimberlite.node.held import gather

ACT_WORDS = tuple(word for word in TYP_OF if word != "certificate")
"""Every act of an office but issuing, which begins with an application."""

FILLED = frozenset(("day", "arrived", "alert", "rectification"))
"""Fields, besides the certificate, that are filled in where they are not told."""

_KIND = {each.typ: each for each in TYPES}
_READ = frozenset((CERTIFICATE_TYP, PAPER_TYP, CORRECTION_TYP))


def draft_act(desk: Desk, word: str, told: Mapping[str, Any]) -> Draft:
    """Draft an act from its JSON fields, with the links that the log knows, dated today.

    Args:
        desk: of who acts.
        word: one of ``ACT_WORDS``.
        told: JSON fields as ``drafting.from_json`` takes them; what is told is not filled in.

    Raises:
        Invalid: ``draft.type``, ``draft.field`` naming the field, ``number.format``.
        NotFound: ``certificate.unknown``.
    """
    if word not in ACT_WORDS:
        words = ", ".join(ACT_WORDS)
        raise Invalid("draft.type", f"{word[:40]} is no act; one of {words}", word=word[:40])
    given = {name: value for name, value in told.items() if value is not None}
    return drafting.from_json({**_known(desk, word, given), **given, "type": word}, desk.holder)


def _known(desk: Desk, word: str, given: Mapping[str, Any]) -> dict[str, Any]:
    names = {each.name for each in _KIND[TYP_OF[word]].schema.fields}
    today = desk.view.today()
    found = show({name: today for name in ("day", "arrived") if name in names - given.keys()})
    number = given.get("number")
    if isinstance(number, str):
        if "certificate" in names - given.keys():
            found |= _link(desk, number, required=word != "alert")
        if "alert" in names - given.keys():
            found |= _asked(desk, number)
        if "rectification" in names - given.keys():
            found |= _proposed(desk, number)
    return found


def _link(desk: Desk, number: str, *, required: bool) -> dict[str, str]:
    try:
        return {"certificate": desk.view.certificate(number).row.statement.hex()}
    except NotFound:
        if required:
            raise
        return {}


def _asked(desk: Desk, number: str) -> dict[str, str]:
    """Name the alert that is open on a number, where there is just one."""
    key = CertificateNumber.parse(number).key
    told = open_alerts(desk.view.reader.state(), key)
    return {"alert": told[0].statement.hex()} if len(told) == 1 else {}


def _proposed(desk: Desk, number: str) -> dict[str, str]:
    """Name the rectification by the other side that waits, where there is just one."""
    state = desk.view.reader.state()
    waiting = []
    for act in desk.view.certificate(number).acts:
        if act.typ != RECTIFICATION_TYP or act.holder == desk.holder:
            continue
        found = state.get(RECTIFICATIONS, act.statement.hex())
        if found is not None and found.open:
            waiting.append(act.statement.hex())
    return {"rectification": waiting[0]} if len(waiting) == 1 else {}


def files_for(desk: Desk, draft: Draft, files: Sequence[bytes]) -> tuple[bytes, ...]:
    """Give the files that go with a draft: to a confirmation, what is held here of its certificate.

    The certificate's own file stands first, then its corrections, oldest first.
    """
    if draft.typ != CONFIRMATION_TYP:
        return tuple(files)
    told = {parse_file(each).statement.id: each for each in files}
    with suppress(NotFound):
        for each in held_files(desk, draft.log["number"]):
            told.setdefault(parse_file(each).statement.id, each)
    return tuple(told.values())


def require_reason(desk: Desk, draft: Draft, reason: str) -> None:
    """Make sure that an arrival is not confirmed over an open alert without a reason.

    Raises:
        Refused: ``confirmation.alert-open``.
    """
    if draft.typ != CONFIRMATION_TYP or reason.strip():
        return
    if ACT_OF.get(draft.log["outcome"]) is Act.CONFIRM and open_alerts(
        desk.view.reader.state(), draft.sub
    ):
        number = draft.log["number"]
        raise Refused(
            "confirmation.alert-open",
            f"an alert on {number} is open: hold the shipment, or say why it is confirmed",
            number=number,
        )


def held_files(desk: Desk, number: str, private: bytes | None = None) -> Iterator[bytes]:
    """Give the files of a certificate and its corrections, with every section open here.

    A statement of which nothing is open here is left out.

    Raises:
        Invalid: ``number.format``. NotFound: ``certificate.unknown``.
    """
    for held in gather(desk, number, private).held:
        openings = [each.opening for each in held.sections if each.opening is not None]
        if held.act.typ in _READ and openings:
            yield write(held.statement.raw, openings)


def certificate_draft(
    desk: Desk, told: Mapping[str, Any], number: str, sealed: Sealed, days: tuple[int, int]
) -> Draft:
    """Draft a certificate from its application, with number, seals, and days of issue and expiry.

    Raises:
        Invalid: ``draft.field`` naming the field that is missing or wrong.
    """
    parties = told.get("parties")
    if not isinstance(parties, dict):
        raise Invalid("draft.field", "parties: exporter and importer are needed", field="parties")
    given = {
        **told,
        "type": "certificate",
        "number": number,
        "parties": {**parties, **sealed.told()},
        **show({"issued": days[0], "expires": days[1]}),
    }
    found = drafting.from_json(given)
    if found.sections["shipment"].get("destination") == desk.holder:
        raise Invalid("draft.field", "shipment.destination: goods go abroad", field="shipment")
    return found


def open_certificate(found: CertificateFile) -> Certificate:
    """Read a certificate out of its file, with what its openings show.

    Raises:
        Invalid: ``file.type`` when the file is of another act.
    """
    if found.kind.typ != CERTIFICATE_TYP:
        raise Invalid("file.type", "this file is not a certificate", typ=found.kind.typ)
    return Certificate.of(found.statement.header.iss, found.named, _sections(found))


def open_any(found: CertificateFile) -> Certificate:
    """Read a certificate, or what was taken down of a paper one. Raises as above."""
    if found.kind.typ == PAPER_TYP:
        return Certificate.transcribed(found.named, _sections(found))
    return open_certificate(found)


def _sections(found: CertificateFile) -> dict[str, dict[str, Any]]:
    return {
        each.section: each.read(found.kind.section(each.section).schema) for each in found.openings
    }
