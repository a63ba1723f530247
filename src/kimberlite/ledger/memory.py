"""What a verifier remembers from one bundle to the next, so that nobody shows it an older world.

It holds one log: kind, origin and genesis, the newest trust root, and the newest bundle, head and
status seen. The first contact needs something that came by another way: the log's name (pin) or a
trust root. Whoever keeps memories of a test and of a production log keeps two.
Source: ours, docs/spec/trust-list.md.
"""

from __future__ import annotations

import base64
import json
from dataclasses import asdict, dataclass, replace
from typing import Any

from kimberlite.kernel.errors import Invalid, Problem, Untrusted
from kimberlite.ledger import bundle as bundles
from kimberlite.ledger import roots
from kimberlite.ledger.bundle import TrustBundle

FORMAT = "kp-memory/1"
LIMIT = 256 * 1024


@dataclass(frozen=True, slots=True)
class Memory:
    """What was seen of one log. Digests in hexadecimal; ``trusted`` is the newest root, or empty.

    ``version`` is the newest bundle's, ``size`` and ``head`` its checkpoint's, ``status`` the
    size of the newest status snapshot, ``as_of`` the log's time in seconds.
    """

    kind: str
    origin: str
    genesis: str
    version: int
    size: int
    head: str
    as_of: int
    status: int = 0
    trusted: bytes = b""

    def to_bytes(self) -> bytes:
        """Give the file's bytes."""
        told = {**asdict(self), "trusted": base64.b64encode(self.trusted).decode()}
        return json.dumps({"format": FORMAT, **told}, indent=1, sort_keys=True).encode() + b"\n"


def parse(raw: bytes) -> Memory:
    """Read a memory. Raises Invalid ``memory.form``: never go on without it, as if it were new."""
    bad = Invalid(
        "memory.form",
        "what was remembered of this log cannot be read; find out why before trusting it anew",
    )
    try:
        told: Any = json.loads(raw) if len(raw) <= LIMIT else None
        if told.pop("format") != FORMAT:
            raise bad
        found = Memory(**{**told, "trusted": base64.b64decode(told["trusted"], validate=True)})
        whole = (found.version, found.size, found.as_of, found.status)
        names = (found.kind, found.origin, found.genesis, found.head)
        sound = len(bytes.fromhex(found.genesis)) == len(bytes.fromhex(found.head)) == 32
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise bad from None
    if not all(type(each) is int and each >= 0 for each in whole) or not sound:
        raise bad
    if not all(type(each) is str for each in names):
        raise bad
    return found


def accept(
    raw: bytes,
    memory: Memory | None,
    *,
    pinned: bytes | None = None,
    root: bytes | None = None,
) -> tuple[TrustBundle, Memory]:
    """Check a bundle against what is remembered, and give what to remember from now on.

    Args:
        raw: the bundle. Newer versions of the trust root in it are followed.
        memory: what was remembered, None on first contact.
        pinned: the log's name, for the first contact; held against the memory later.
        root: a trust root that came by another way; newer than the one remembered, it has to
            follow from it.

    Raises:
        Untrusted: ``memory.first-contact`` with nothing to go by; ``bundle.older``,
            ``log.split-view`` (another head of the size remembered); as ``roots.follow`` and
            ``bundle.verify``.
        Invalid: as ``roots.parse`` and ``bundle.verify``.
    """
    trusted = _root(memory, root)
    if memory is None and trusted is None and pinned is None:
        raise Untrusted(
            "memory.first-contact",
            "nothing is known of this log yet: name it with its genesis digest or a trust root "
            "that you got by another way than the bundle",
        )
    name = pinned if memory is None else bytes.fromhex(memory.genesis)
    if pinned is not None and pinned != name:
        raise Untrusted("bundle.other-log", "this pin is of another log than the one remembered")
    at_least = 0 if memory is None else memory.version
    if trusted is None:
        found = bundles.verify(raw, name, at_least=at_least)
    else:
        trusted = roots.follow(trusted, roots.parts_of(bundles.peek(raw).parts))
        found = bundles.verify(raw, name, at_least=at_least, root=trusted)
    head = found.checkpoint.root.hex()
    if memory is not None and found.size == memory.size and head != memory.head:
        raise Untrusted("log.split-view", "the log signed two heads of one size", size=found.size)
    if memory is not None and found.size < memory.size:
        raise Untrusted("bundle.older", "a bundle of a longer log was seen before")
    seen = Memory(
        kind=found.kind,
        origin=found.origin,
        genesis=found.genesis.hex(),
        version=found.contents.version,
        size=found.size,
        head=head,
        as_of=found.contents.as_of,
        status=0 if memory is None else memory.status,
        trusted=b"" if trusted is None else trusted.to_bytes(),
    )
    return found, seen


def accept_status(memory: Memory, size: int) -> Memory:
    """Remember the size of the newest status; raises Untrusted ``status.older`` for a smaller."""
    if size < memory.status:
        raise Untrusted(
            "status.older",
            "a newer status of this log was seen before",
            size=size,
            seen=memory.status,
        )
    return replace(memory, status=size)


def _root(memory: Memory | None, given: bytes | None) -> roots.Root | None:
    kept = None if memory is None or not memory.trusted else _kept(memory.trusted)
    if given is None:
        return kept
    if kept is not None:
        return roots.follow(kept, (given,))
    first = roots.verify(given)
    if memory is not None and first.body.genesis.hex() != memory.genesis:
        raise Untrusted("root.other-log", "this trust root is of another log")
    return first


def _kept(raw: bytes) -> roots.Root:
    try:
        return roots.verify(raw)
    except Problem:
        raise Invalid("memory.form", "the trust root that was remembered is damaged") from None
