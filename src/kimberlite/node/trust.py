"""Trust bundles: what a verifier without a node needs to know, signed by the log.

The numbers are in it while they fit; a log with more of them than that serves status snapshots
instead, and its bundles say nothing about numbers, which a verdict then shows as not known.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

from kimberlite.certificates import trust as parts
from kimberlite.certificates.v1.rows import CERTIFICATES
from kimberlite.crypto.keys import PrivateKey
from kimberlite.kernel import cbor
from kimberlite.kernel.days import SECONDS_A_DAY, day_of
from kimberlite.kernel.errors import Invalid
from kimberlite.ledger import bundle as bundles
from kimberlite.ledger.engine.port import Engine
from kimberlite.ledger.state import State
from kimberlite.ledger.v1.rows import moment
from kimberlite.registry.read import Registry

VALID_DAYS = 30
"""How long a bundle is to be relied on. Source: ours, docs/decisions/0011."""
MOST_NUMBERS = 100_000


def bundle(engine: Engine, state: State, checkpoint: bytes, key: PrivateKey) -> bytes:
    """Make and sign a trust bundle of the log as of ``checkpoint``.

    Raises:
        Invalid: ``bundle.no-log`` before genesis.
    """
    first = engine.entries(0, 1)
    if not first:
        raise Invalid("bundle.no-log", "there is no log yet to make a bundle of")
    contents = bundles.gather(
        state,
        first[0].raw,
        checkpoint,
        version=engine.head().size,
        expires=0,
        parts=_parts(engine, state),
    )
    expires = contents.as_of + VALID_DAYS * SECONDS_A_DAY
    return bundles.sign(replace(contents, expires=expires), key)


def _parts(engine: Engine, state: State) -> dict[str, bytes]:
    now = moment(state)
    today = 0 if now is None else day_of(now.now)
    registry = Registry(state)
    codes = [each.code for each in (*registry.participants(today), *registry.others(today))]
    found = {parts.PARTICIPANTS: parts.participants_part(registry, codes, today)}
    rows = list(islice(engine.rows(CERTIFICATES.name), MOST_NUMBERS + 1))
    if len(rows) <= MOST_NUMBERS:
        read = ((key, CERTIFICATES.from_value(cbor.decode(raw))) for key, raw in rows)
        found[parts.NUMBERS] = parts.numbers_part(read)
    return found
