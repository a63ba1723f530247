"""Audit a log from its bytes alone: every signature, every rule, the tree, the facts chain.

Whoever has the entries can run this, without trust in who handed them over. What it cannot see is
said too: rules on sealed sections ran elsewhere, and only their signed verdicts are here.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from kimberlite.crypto.keys import PublicKey
from kimberlite.kernel.errors import Problem, Untrusted
from kimberlite.ledger import checkpoint as notes
from kimberlite.ledger import note
from kimberlite.ledger.admission import Admitted, Books
from kimberlite.ledger.checkers import Checkers
from kimberlite.ledger.checkpoint import Checkpoint
from kimberlite.ledger.copies import Copy, refuse_empty
from kimberlite.ledger.engine.port import Batch
from kimberlite.ledger.keyring import log_keys
from kimberlite.ledger.replay import KeptRows, Replay
from kimberlite.ledger.tiles import TILE_WIDTH
from kimberlite.ledger.tree import HASH_SIZE
from kimberlite.ledger.v1.rows import REPUDIATED, charter, moment

LONG = 4_000
"""Entries from which a checking process earns more than its start costs."""

Progress = Callable[[int, int], None]
Tally = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit that found nothing wrong has seen.

    ``genesis`` is SHA-256 of the first entry: compare it with the one you trust. ``began`` and
    ``time`` are the log's own times in seconds. Tallies pair a name with a count: statements by
    type, findings by code, statements with sealed sections by type (whose section rules cannot
    be seen here), and rules that a signer reported on such sections, by what they said.
    ``repudiated`` counts statements disowned by their issuers. ``facts_compared`` and
    ``checkpoints`` say what the copy could be held against.
    """

    size: int
    root: bytes
    facts: bytes
    genesis: bytes
    origin: str
    kind: str
    began: int
    time: int
    types: Tally
    findings: Tally
    sealed: Tally
    verdicts: Tally
    repudiated: int
    facts_compared: bool
    checkpoints: tuple[int, ...]

    @property
    def sealed_total(self) -> int:
        """Count the statements whose section rules could not be seen."""
        return sum(count for _, count in self.sealed)


def audit(
    copy: Copy,
    books: Books,
    *,
    genesis: bytes | None = None,
    checkpoints: Iterable[bytes] = (),
    helpers: int = 1,
    progress: Progress | None = None,
) -> Audit:
    """Replay ``copy`` from nothing and hold it against all that was signed or published.

    Args:
        copy: entries, and perhaps a checkpoint, a facts digest and tiles.
        books: rule books by version.
        genesis: SHA-256 of the first entry that you trust, if you know it.
        checkpoints: further signed checkpoints that you hold, from papers, receipts or others.
        helpers: processes that check signatures beside the rules; none for a short log.
        progress: told how many entries of how many are done.

    Raises:
        Untrusted: ``audit.genesis``, ``audit.malformed``, ``audit.refused``, ``audit.root``,
            ``audit.facts``, ``audit.tile``, ``audit.short``, ``audit.checkpoint``.
        Upgrade: ``rules.unknown-version``, ``audit.unknown-type``.
        Invalid, NotFound: as the copy says when it cannot be read; ``copy.empty``.
    """
    refuse_empty(copy)
    with checkers_for(copy, helpers) as checkers:
        return Auditor(copy, books, genesis, checkers).run(checkpoints, progress)


def checkers_for(copy: Copy, helpers: int) -> Checkers:
    """Start ``helpers`` checking processes if the copy is long enough to be worth their start."""
    return Checkers(helpers if copy.size >= LONG else 0)


class Auditor:
    """An audit in progress; ``audit`` is the way in."""

    def __init__(self, copy: Copy, books: Books, genesis: bytes | None, checkers: Checkers) -> None:
        self.copy, self.genesis = copy, genesis
        self.rows = KeptRows()
        self.replay = Replay(books, self.rows, checkers=checkers)
        self.due: list[tuple[Checkpoint, bytes]] = []
        self.told: tuple[bytes, int] | None = None
        self.matched: list[int] = []
        self.facts_compared = False
        self.types: Counter[str] = Counter()
        self.findings: Counter[str] = Counter()
        self.sealed: Counter[str] = Counter()
        self.verdicts: Counter[str] = Counter()

    def run(self, checkpoints: Iterable[bytes], progress: Progress | None) -> Audit:
        """Replay everything, then report."""
        copy, replay = self.copy, self.replay
        signed = [*checkpoints, *(() if copy.checkpoint is None else (copy.checkpoint,))]
        self.due = sorted([(_read(each), each) for each in signed], key=lambda pair: pair[0].size)
        self.told = copy.facts()
        # Genesis goes alone: before it no key is known, and nothing could be checked ahead.
        sizes = {1, self.told[1] if self.told else 1, *(each.size for each, _ in self.due)}
        stops = sorted(sizes)
        for chunk in copy.chunks():
            for part in cut(chunk, replay.size, stops):
                self.take(part)
                self.compare()
            if progress is not None:
                progress(replay.size, copy.size)
        wanted = max([copy.size, *(each.size for each, _ in self.due)])
        if replay.size < wanted:
            raise Untrusted(
                "audit.short",
                f"the copy has {replay.size} entries, but {wanted} were signed for or announced",
                size=replay.size,
                wanted=wanted,
            )
        return self.report()

    def compare(self) -> None:
        """Hold what has been replayed so far against whatever is known of just this size."""
        while self.due and self.due[0][0].size <= self.replay.size:
            found, signed = self.due.pop(0)
            self.require_signature(signed)
            if found.size and found.root != self.replay.root:
                raise Untrusted(
                    "audit.root",
                    f"the first {found.size} entries are not those that a checkpoint was signed "
                    "for",
                    size=found.size,
                )
            self.matched.append(found.size)
        if self.told is not None and self.told[1] == self.replay.size:
            self.match_facts(self.told[0])
            self.facts_compared = True

    def take(self, raws: Sequence[bytes]) -> None:
        """Replay the next entries."""
        if not self.replay.size:
            self.begin(raws[0])
        batch = self.replay.feed(raws)
        self.rows.keep(batch)
        self.compare_tiles(batch)
        self.count(self.replay.admitted)

    def begin(self, first: bytes) -> None:
        """Name the log by its first entry."""
        if self.genesis is not None and hashlib.sha256(first).digest() != self.genesis:
            raise Untrusted(
                "audit.genesis", "this log begins with another statement than the one you trust"
            )
        self.genesis = hashlib.sha256(first).digest()

    def compare_tiles(self, batch: Batch) -> None:
        """Hold the tiles that are full now against those of the copy."""
        for level, number, data in batch.tiles:
            if len(data) != TILE_WIDTH * HASH_SIZE:
                continue
            held = self.copy.tile(level, number)
            if held is not None and held != data:
                raise Untrusted(
                    "audit.tile",
                    f"hash tile {number} of level {level} is not that of the entries under it",
                    level=level,
                    number=number,
                )

    def count(self, admitted: Sequence[Admitted]) -> None:
        """Count what stands in the entries."""
        for each in admitted:
            typ, body = each.statement.header.typ, each.statement.body
            self.types[typ] += 1
            for fact in each.facts:
                if fact[0] == "finding":
                    self.findings[fact[1]] += 1
            if body.seals:
                self.sealed[typ] += 1
            if body.verdicts is not None:
                self.verdicts.update(word for _, word in body.verdicts.said)

    def log_keys(self) -> list[PublicKey]:
        """List every key that may have signed a checkpoint so far."""
        return log_keys(self.replay.state)

    def require_signature(self, signed: bytes) -> None:
        """Make sure that this log signed a checkpoint."""
        known = charter(self.replay.state)
        origin = None if known is None else known.origin
        why: Problem | None = None
        for key in self.log_keys():
            try:
                notes.open_(signed, key, origin=origin)
                return
            except Problem as bad:
                why = bad
        detail = "there is no log key" if why is None else why.detail
        raise Untrusted("audit.checkpoint", f"a checkpoint is not this log's: {detail}")

    def match_facts(self, published: bytes) -> None:
        """Hold the facts chain against the published digest."""
        if published != self.replay.facts:
            raise Untrusted(
                "audit.facts",
                "this replay decided differently from what was published beside the log: one of "
                "the two does not follow the rules",
                size=self.replay.size,
                published=published.hex(),
                replayed=self.replay.facts.hex(),
            )

    def report(self) -> Audit:
        """Say what was seen."""
        state = self.replay.state
        known, now = charter(state), moment(state)
        if known is None or now is None or self.genesis is None:
            raise Untrusted("audit.genesis", "the copy has no beginning")
        return Audit(
            size=self.replay.size,
            root=self.replay.root,
            facts=self.replay.facts,
            genesis=self.genesis,
            origin=known.origin,
            kind=known.kind,
            began=known.created,
            time=now.now,
            types=_tally(self.types),
            findings=_tally(self.findings),
            sealed=_tally(self.sealed),
            verdicts=_tally(self.verdicts),
            repudiated=sum(1 for _ in state.scan(REPUDIATED)),
            facts_compared=self.facts_compared,
            checkpoints=tuple(self.matched),
        )


def cut(chunk: Sequence[bytes], start: int, stops: Sequence[int]) -> Iterable[Sequence[bytes]]:
    """Cut a chunk that begins at ``start`` at each of ``stops``: sizes in rising order."""
    at = 0
    for stop in stops:
        if start + at < stop < start + len(chunk):
            yield chunk[at : stop - start]
            at = stop - start
    yield chunk[at:]


def _read(signed: bytes) -> Checkpoint:
    return notes.parse_body(note.parse(signed).text)


def _tally(found: Counter[str]) -> Tally:
    return tuple(sorted(found.items()))
