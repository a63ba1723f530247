"""Hash leaves and nodes of an RFC 9162 tree, and keep the right edge of a growing one.

Only the right edge is needed to append and to know the root: one hash for each one-bit of the
size, so twenty hashes at a million entries. Whoever wants proofs keeps more (see ``tiles``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

from kimberlite.kernel.errors import Invalid

HASH_SIZE = 32
SIZE_LIMIT = 1 << 63
EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """Hash one log entry into a leaf, 32 bytes.

    Source: RFC 9162 section 2.1.1. The prefix 0x00 keeps a leaf from passing for a node.
    """
    return sha256(b"\x00" + entry).digest()


def leaf_hashes(entries: Iterable[bytes]) -> list[bytes]:
    """Hash many entries at the price of the bare digest. Source: RFC 9162 section 2.1.1."""
    return [sha256(b"\x00" + entry).digest() for entry in entries]


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two neighbouring subtrees into their parent, 32 bytes.

    Source: RFC 9162 section 2.1.1.
    """
    return sha256(b"\x01" + left + right).digest()


def parents(level: Sequence[bytes]) -> list[bytes]:
    """Hash the nodes of one level in pairs; a last one without a partner is left out."""
    pairs = iter(level)
    return [sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs)]  # noqa: B905


def root_of(hashes: Sequence[bytes]) -> bytes:
    """Compute the root over leaf hashes held in memory, 32 bytes.

    Raises:
        Invalid: ``tree.hash`` when one is not 32 bytes.
    """
    whole = Frontier()
    whole.extend(hashes)
    return whole.root()


class Frontier:
    """Holds the right edge of a tree: what appending needs and nothing more.

    One complete subtree for each one-bit of the size, the largest on the left.
    """

    __slots__ = ("_edge", "_size")

    def __init__(self) -> None:
        self._size = 0
        # By level: the complete subtree of 2^level leaves that still waits for its right
        # neighbour. Meaningful exactly where the size has a one-bit; stale elsewhere.
        self._edge: list[bytes] = []

    @property
    def size(self) -> int:
        """Tell how many leaves there are."""
        return self._size

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash (32 bytes). Raises Invalid ``tree.hash`` or ``tree.size``."""
        if len(leaf) != HASH_SIZE:
            raise _not_a_hash()
        self._check_room(1)
        edge, size, level = self._edge, self._size, 0
        while size & 1:
            leaf = sha256(b"\x01" + edge[level] + leaf).digest()
            size >>= 1
            level += 1
        if level == len(edge):
            edge.append(leaf)
        else:
            edge[level] = leaf
        self._size += 1

    def extend(self, hashes: Sequence[bytes]) -> None:
        """Add many leaf hashes in order, level by level: the same as appending each.

        Raises:
            Invalid: ``tree.hash`` when one is not 32 bytes, ``tree.size`` past 2^63 - 1 leaves.
                Nothing is added then.
        """
        if not hashes:
            return
        if set(map(len, hashes)) != {HASH_SIZE}:
            raise _not_a_hash()
        self._check_room(len(hashes))
        edge, waiting, level = self._edge, self._size, 0
        row = list(hashes)
        while row:
            if level == len(edge):
                edge.append(b"")
            if waiting & 1:
                row.insert(0, edge[level])
            if len(row) & 1:
                edge[level] = row[-1]
            row = parents(row)
            waiting >>= 1
            level += 1
        self._size += len(hashes)

    def root(self) -> bytes:
        """Compute the root over all leaves so far, 32 bytes; ``EMPTY_ROOT`` when there are none.

        Source: RFC 9162 section 2.1.1.
        """
        peaks = self._peaks()
        if not peaks:
            return EMPTY_ROOT
        root = peaks[0]
        for left in peaks[1:]:
            root = sha256(b"\x01" + left + root).digest()
        return root

    def copy(self) -> Frontier:
        """Make an independent copy, for trying a batch before it is committed."""
        twin = Frontier()
        twin._size = self._size
        twin._edge = self._edge.copy()
        return twin

    def to_bytes(self) -> bytes:
        """Write the size as eight big-endian bytes, then the subtree hashes from left to right.

        Source: ours, docs/spec/log.md.
        """
        return self._size.to_bytes(8, "big") + b"".join(reversed(self._peaks()))

    @classmethod
    def from_bytes(cls, data: bytes) -> Frontier:
        """Read what ``to_bytes`` wrote. Raises Invalid ``tree.frontier`` for anything else."""
        size = int.from_bytes(data[:8], "big")
        if size >= SIZE_LIMIT or len(data) != 8 + HASH_SIZE * size.bit_count():
            raise Invalid("tree.frontier", "these bytes are not the right edge of a tree")
        twin = cls()
        twin._size = size
        twin._edge = [b""] * size.bit_length()
        at = len(data)
        for level in range(size.bit_length()):
            if size >> level & 1:
                twin._edge[level] = data[at - HASH_SIZE : at]
                at -= HASH_SIZE
        return twin

    def __eq__(self, other: object) -> bool:
        """Tell whether both hold the same leaves, as far as their right edges show."""
        if not isinstance(other, Frontier):
            return NotImplemented
        return self.to_bytes() == other.to_bytes()

    __hash__ = None  # type: ignore[assignment]  # mutable, so never a key

    def __repr__(self) -> str:
        """Show size and root."""
        return f"<Frontier size={self._size} root={self.root().hex()}>"

    def _peaks(self) -> list[bytes]:
        """List the complete subtrees, the smallest (rightmost) first."""
        return [node for level, node in enumerate(self._edge) if self._size >> level & 1]

    def _check_room(self, more: int) -> None:
        if self._size + more >= SIZE_LIMIT:
            raise Invalid("tree.size", "a tree holds fewer than 2^63 leaves")


def _not_a_hash() -> Invalid:
    return Invalid("tree.hash", "a leaf hash has 32 bytes")
