"""Trust bundles and status snapshots: what a verifier without a node needs, signed by the log.

A status is in the bundle while it fits; a log with more certificates in use than that gives it
out beside the bundle, whose verdicts then say that the state of numbers is not known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from kimberlite.certificates import standing
from kimberlite.certificates import trust as parts
from kimberlite.certificates.status_make import Base, floor_of, make
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
from kimberlite.ledger.v1.rows import moment
from kimberlite.registry.read import Registry

VALID_DAYS = 30
"""How long a bundle is to be relied on. Source: ours, docs/decisions/0011."""
MOST_NUMBERS = 100_000
"""Certificates whose status goes into the bundle; ten bytes each, and a bundle stays small.

Those that expired long ago are not named and do not count: a log with 60,000 a year has some
75,000, however old it is.
"""


class Window:
    """Reads the certificates that are still named, each again only when its record has changed.

    For one thread at a time. Most certificates of an old log expired long ago, and the day of
    expiry never changes: those are looked at once.
    """

    def __init__(self) -> None:
        self._past: set[str] = set()
        self._known: dict[str, tuple[bytes, Row]] = {}

    def rows(self, engine: Engine, floor: int) -> Iterator[tuple[str, Row]]:
        """Give those that expire on ``floor`` or later, by number key; floors never go back."""
        for key, raw in engine.rows(CERTIFICATES.name):
            if key in self._past:
                continue
            known = self._known.get(key)
            row = known[1] if known is not None and known[0] == raw else CERTIFICATES.read(raw)
            if row.expires < floor:
                self._past.add(key)
                self._known.pop(key, None)
                continue
            self._known[key] = (raw, row)
            yield key, row


def bundle(
    engine: Engine,
    state: State,
    checkpoint: bytes,
    key: PrivateKey,
    versions: Sequence[bytes] = (),
    *,
    window: Window | None = None,
) -> bytes:
    """Make and sign a trust bundle of the log as of ``checkpoint``.

    ``versions`` of the trust root travel in it, for those who follow one. ``window`` remembers
    what one made before had to read.

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
        parts=_parts(engine, state, checkpoint, key, window or Window()),
    )
    if versions:
        contents = replace(
            contents, parts={**contents.parts, roots.PART: cbor.encode(list(versions))}
        )
    expires = contents.as_of + VALID_DAYS * SECONDS_A_DAY
    return bundles.sign(replace(contents, expires=expires), key)


def status(
    engine: Engine,
    state: State,
    checkpoint: bytes,
    key: PrivateKey,
    base: Base | None = None,
    *,
    window: Window | None = None,
) -> bytes:
    """Make and sign a status snapshot as of ``checkpoint``: full, or what changed since ``base``.

    Raises:
        Invalid: as ``status_make.make``.
    """
    floor = _floor(state)
    if base is None or base.floor >= floor:
        rows = (window or Window()).rows(engine, floor)
    else:  # a delta upon an old snapshot goes on naming what that one names
        rows = ((key, CERTIFICATES.read(raw)) for key, raw in engine.rows(CERTIFICATES.name))
    return _signed(state, rows, checkpoint, key, base)


def _signed(
    state: State,
    rows: Iterable[tuple[str, Row]],
    checkpoint: bytes,
    key: PrivateKey,
    base: Base | None = None,
) -> bytes:
    head = (checkpoints.open_(checkpoint, key.public), checkpoint)
    return make(state, rows, head, key, base=base)


def _floor(state: State) -> int:
    now = moment(state)
    return 0 if now is None else floor_of(now.now)


def restrictions(registry: Registry) -> Iterator[standing.Restriction]:
    """Give every restriction on record, as long as it may have held."""
    for each, _ in registry.restrictions():
        ends = None if each.ends is None else each.ends.latest
        yield standing.Restriction(
            each.id, each.scope.country, each.jurisdiction, each.begins.earliest, ends
        )


def _parts(
    engine: Engine, state: State, checkpoint: bytes, key: PrivateKey, window: Window
) -> dict[str, bytes]:
    registry = Registry(state, still=True)
    codes = registry.traders()
    ranges = (
        parts.Range(code, each.prefix, each.first, each.last, each.begins, each.ends)
        for code in codes
        for each in registry.ranges(code)
    )
    found = {
        standing.PARTICIPANTS: standing.participants_part(registry, codes),
        standing.RESTRICTIONS: standing.restrictions_part(restrictions(registry)),
        parts.RANGES: parts.ranges_part(ranges),
    }
    named = list(islice(window.rows(engine, _floor(state)), MOST_NUMBERS + 1))
    if len(named) <= MOST_NUMBERS:
        found[parts.STATUS] = _signed(state, named, checkpoint, key)
    return found
