"""What the section rules say of a draft, found by the signer's own judge on the office's side."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kimberlite.certificates.drafting import Draft
from kimberlite.certificates.exported import day_of_export
from kimberlite.certificates.model import Certificate, Confirmation
from kimberlite.certificates.rules import Assessment, assess_arrival
from kimberlite.certificates.v1.rows import CERTIFICATES, key_of
from kimberlite.ledger.envelope import Verdicts
from kimberlite.node.desk import Desk
from kimberlite.node.signer.assessing import certificate_of, judge
from kimberlite.node.signer.ports import Opened


def arrival_of(desk: Desk, certificate: Certificate, told: Confirmation) -> Assessment:
    """Say what the section rules find of an arrival, the day of export being as it was logged."""
    reader = desk.view.reader
    row = reader.state().get(CERTIFICATES, key_of(certificate.number))
    left = day_of_export(row, lambda index: reader.entry(index).raw)
    return assess_arrival(certificate, told, desk.view.registry(), exported=left)


def verdicts_of(desk: Desk, draft: Draft, files: Sequence[bytes]) -> Verdicts | None:
    """Give the verdicts that the signer will compare with; None for a type without rules.

    Raises:
        As ``judge``.
    """
    reader = desk.view.reader
    opened = Opened(
        draft.typ,
        desk.holder,
        draft.sub,
        draft.log,
        draft.sections,
        tuple(files),
        reader.state(),
        _fetching(desk),
        lambda index: reader.entry(index).raw,
    )
    judged = judge(opened)
    if judged.ruleset is None:
        return None
    return Verdicts(judged.ruleset, tuple(judged.said.items()))


def assess_draft(desk: Desk, draft: Draft, files: Sequence[bytes]) -> Assessment | None:
    """Give every rule's answer on a drafted confirmation, with facts, as the signer will find them.

    None when the log holds no such certificate. Raises as ``certificate_of``.
    """
    reader = desk.view.reader
    row = reader.state().get(CERTIFICATES, draft.sub)
    issuing = draft.log["certificate"]
    seen = certificate_of(issuing, files, row, lambda index: reader.entry(index).raw)
    return None if seen is None else arrival_of(desk, seen, draft.confirmation(desk.holder))


def _fetching(desk: Desk) -> Callable[[bytes], bytes | None]:
    reader = desk.view.reader
    state = reader.state()

    def fetch(statement: bytes) -> bytes | None:
        index = state.index_of(statement)
        return None if index is None else reader.entry(index).raw

    return fetch
