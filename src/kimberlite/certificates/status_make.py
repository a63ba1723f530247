"""Make a status snapshot from the log's records: a full one, or what changed since another.

A certificate's record names the entries that touched it, so what changed since a size is read
from the records as they stand; nothing has to be remembered from one snapshot to the next.
Source: ours, docs/spec/status.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from kimberlite.certificates import status
from kimberlite.certificates.status_form import Payload
from kimberlite.certificates.status_form import Row as StatusRow
from kimberlite.certificates.transitions import Status
from kimberlite.certificates.v1.beside import open_alerts
from kimberlite.certificates.v1.rows import MOST_ACTS, Row
from kimberlite.crypto.keys import PrivateKey
from kimberlite.kernel.days import SECONDS_A_DAY, day_of
from kimberlite.kernel.errors import Invalid
from kimberlite.ledger.checkpoint import Checkpoint
from kimberlite.ledger.keyring import KEYS
from kimberlite.ledger.state import State
from kimberlite.ledger.v1.rows import REPUDIATED, charter, moment

MAX_AGE = 30 * SECONDS_A_DAY
"""How many seconds to rely on a snapshot. Source: ours, docs/decisions/0011."""
KEPT = 400
"""Days after its expiry for which a certificate is named."""


@dataclass(frozen=True, slots=True)
class Base:
    """The segment that a delta builds on: its size, its SHA-256, and its first day named."""

    size: int
    digest: bytes
    floor: int


def base_of(segment: status.Segment) -> Base:
    """Give what a delta has to know of the segment below."""
    return Base(segment.checkpoint.size, segment.digest, segment.payload.floor)


def make(
    state: State,
    rows: Iterable[tuple[str, Row]],
    head: tuple[Checkpoint, bytes],
    key: PrivateKey,
    *,
    base: Base | None = None,
    max_age: int = MAX_AGE,
) -> bytes:
    """Sign a status snapshot as of a checkpoint.

    Args:
        state: as of the checkpoint's last entry.
        rows: every certificate by number key.
        head: the checkpoint, and its signed bytes.
        key: the log's.
        base: for a delta, the segment that it builds on.
        max_age: seconds for which to rely on it.

    Raises:
        Invalid: ``bundle.no-log`` before genesis, ``status.base`` for a base that is not older;
            as ``status.sign``.
    """
    now, known = moment(state), charter(state)
    if now is None or known is None:
        raise Invalid("bundle.no-log", "there is no log yet to make a status snapshot of")
    checkpoint, signed = head
    since = 0 if base is None else base.size
    if since > checkpoint.size or (base is not None and since == 0):
        raise Invalid("status.base", "the status snapshot below is newer than the log", size=since)
    floor = floor_of(now.now) if base is None else base.floor
    payload = Payload(known.digest, signed, now.now, max_age, floor=floor)
    ended = (key for _, key in state.scan(KEYS))
    payload = replace(
        payload,
        base_size=since,
        base=None if base is None else base.digest,
        ended=tuple(
            (each.public.kid, each.until)
            for each in ended
            if each.until is not None and each.until >= since
        ),
        repudiated=tuple(_repudiated(state, since)),
    )
    told = [
        StatusRow(
            name[:2],
            int(name[2:]),
            row.index,
            _shown(row.status),
            status.mark(checkpoint.root, row.statement),
            held=bool(open_alerts(state, name)),
        )
        for name, row in rows
        if row.expires >= floor and _touched(row, since)
    ]
    return status.sign(payload, told, key)


def _shown(found: Status) -> Status:
    """Give the state to publish: a public list of what has just left would be a timetable."""
    return Status.ISSUED if found is Status.DISPATCHED else found


def floor_of(now: int) -> int:
    """Give the first day of expiry that a full snapshot made at ``now`` (UTC seconds) names."""
    return max(0, day_of(now) - KEPT)


def _touched(row: Row, since: int) -> bool:
    # A record that is full no longer says when it was touched last.
    return max((row.index, *row.acts)) >= since or len(row.acts) >= MOST_ACTS


def _repudiated(state: State, since: int) -> Iterator[tuple[str, bytes, int]]:
    for name, index in state.scan(REPUDIATED):
        holder, _, statement = name.partition("/")
        if index >= since:
            yield holder, bytes.fromhex(statement), index
