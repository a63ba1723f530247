"""What the section rules say of a draft, found by the signer's own judge on the office's side."""

from __future__ import annotations

from collections.abc import Sequence

from kimberlite.certificates.drafting import Draft
from kimberlite.ledger.envelope import Verdicts
from kimberlite.node.desk import Desk
from kimberlite.node.signer.assessing import judge
from kimberlite.node.signer.ports import Opened


def verdicts_of(desk: Desk, draft: Draft, files: Sequence[bytes]) -> Verdicts | None:
    """Give the verdicts that the signer will compare with; None for a type without rules.

    Raises:
        As ``judge``.
    """
    reader = desk.view.reader
    state = reader.state()

    def fetch(statement: bytes) -> bytes | None:
        index = state.index_of(statement)
        return None if index is None else reader.entry(index).raw

    opened = Opened(
        draft.typ,
        desk.holder,
        draft.sub,
        draft.log,
        draft.sections,
        tuple(files),
        state,
        fetch,
    )
    judged = judge(opened)
    if judged.ruleset is None:
        return None
    return Verdicts(judged.ruleset, tuple(judged.said.items()))
