"""Status lists for other systems, made of the log's state and signed by the log."""

from __future__ import annotations

from typing import TypeAlias

from kimberlite.certificates.v1.rows import CERTIFICATES, Row
from kimberlite.crypto.keys import PrivateKey
from kimberlite.documents.credential import statuslist
from kimberlite.documents.credential.opened import LIST_BITS
from kimberlite.kernel.errors import Invalid
from kimberlite.ledger import checkpoint as checkpoints
from kimberlite.ledger.engine.port import Engine
from kimberlite.ledger.state import State
from kimberlite.ledger.v1.rows import moment, repudiated

Asked: TypeAlias = tuple[str, int]
"""A purpose, "revocation" or "suspension", and the number of a list."""


def make(engine: Engine, state: State, checkpoint: bytes, key: PrivateKey, of: Asked) -> bytes:
    """Make and sign one status list as of ``checkpoint``.

    Raises:
        Invalid: ``credential.status-purpose`` for another purpose, or a list of entries that the
            log does not have yet; ``bundle.no-log`` before genesis.
    """
    purpose, number = of
    head, now = checkpoints.open_(checkpoint, key.public), moment(state)
    if now is None:
        raise Invalid("bundle.no-log", "there is no log yet to make a status list of")
    if not 0 <= number * LIST_BITS < head.size:
        raise Invalid("credential.status-purpose", "the log has no entries yet in this list")
    rows = (CERTIFICATES.read(raw) for _, raw in engine.rows(CERTIFICATES.name))

    def disowned(row: Row) -> bool:
        return repudiated(state, row.holder, row.statement) is not None

    bits = statuslist.bits_of(rows, purpose, number, disowned)
    return statuslist.sign(statuslist.Told(purpose, number, head, now.now), bits, key)
