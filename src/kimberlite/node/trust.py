"""Trust bundles and status snapshots: what a verifier without a node needs, signed by the log.

A status is in the bundle while it fits; a log with more certificates than that gives it out
beside the bundle, whose verdicts then say that the state of numbers is not known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from kimberlite.certificates import standing
from kimberlite.certificates import trust as parts
from kimberlite.certificates.status_make import Base, make
from kimberlite.certificates.v1.rows import CERTIFICATES, Row
from kimberlite.crypto.keys import PrivateKey
from kimberlite.kernel import cbor
from kimberlite.kernel.days import SECONDS_A_DAY
from kimberlite.kernel.errors import Invalid
from kimberlite.ledger import bundle as bundles
from kimberlite.ledger import checkpoint as checkpoints
from kimberlite.ledger import roots
from kimberlite.ledger.engine.port import Engine
from kimberlite.ledger.state import State
from kimberlite.registry.read import Registry

VALID_DAYS = 30
"""How long a bundle is to be relied on. Source: ours, docs/decisions/0011."""
MOST_NUMBERS = 60_000
"""Certificates whose status goes into the bundle; ten bytes each, and a bundle stays small."""


def bundle(
    engine: Engine,
    state: State,
    checkpoint: bytes,
    key: PrivateKey,
    versions: Sequence[bytes] = (),
) -> bytes:
    """Make and sign a trust bundle of the log as of ``checkpoint``.

    ``versions`` of the trust root travel in it, for those who follow one.

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
        parts=_parts(engine, state, checkpoint, key),
    )
    if versions:
        contents = replace(
            contents, parts={**contents.parts, roots.PART: cbor.encode(list(versions))}
        )
    expires = contents.as_of + VALID_DAYS * SECONDS_A_DAY
    return bundles.sign(replace(contents, expires=expires), key)


def status(
    engine: Engine, state: State, checkpoint: bytes, key: PrivateKey, base: Base | None = None
) -> bytes:
    """Make and sign a status snapshot as of ``checkpoint``: full, or what changed since ``base``.

    Raises:
        Invalid: as ``status_make.make``.
    """
    rows = _read(engine.rows(CERTIFICATES.name))
    head = (checkpoints.open_(checkpoint, key.public), checkpoint)
    return make(state, rows, head, key, base=base)


def _read(rows: Iterable[tuple[str, bytes]]) -> Iterator[tuple[str, Row]]:
    return ((key, CERTIFICATES.read(raw)) for key, raw in rows)


def _restrictions(registry: Registry) -> Iterator[standing.Restriction]:
    for each, _ in registry.restrictions():
        ends = None if each.ends is None else each.ends.latest
        yield standing.Restriction(
            each.id, each.scope.country, each.jurisdiction, each.begins.earliest, ends
        )


def _parts(engine: Engine, state: State, checkpoint: bytes, key: PrivateKey) -> dict[str, bytes]:
    registry = Registry(state, still=True)
    codes = registry.traders()
    ranges = (
        parts.Range(code, each.prefix, each.first, each.last, each.begins, each.ends)
        for code in codes
        for each in registry.ranges(code)
    )
    found = {
        standing.PARTICIPANTS: standing.participants_part(registry, codes),
        standing.RESTRICTIONS: standing.restrictions_part(_restrictions(registry)),
        parts.RANGES: parts.ranges_part(ranges),
    }
    count = sum(1 for _ in islice(engine.rows(CERTIFICATES.name), MOST_NUMBERS + 1))
    if count <= MOST_NUMBERS:
        found[parts.STATUS] = status(engine, state, checkpoint, key)
    return found
