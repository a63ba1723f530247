"""What a node keeps when a log contradicts itself: both signed checkpoints, for others to judge."""

from __future__ import annotations

from pathlib import Path

from kimberlite.crypto.hashing import sha256
from kimberlite.kernel.errors import Untrusted
from kimberlite.storage.files import write_whole

FORKED, SHRUNK, CONTRADICTS = "forked", "shrunk", "contradicts"


class Evidence:
    """A folder of pairs of checkpoints: ``KIND-DIGEST.ours`` and ``KIND-DIGEST.theirs``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, kind: str, ours: bytes, theirs: bytes) -> None:
        """Keep a pair, durable on return. Raises Unavailable ``storage.write``."""
        name = f"{kind}-{sha256(ours + theirs).hex()[:16]}"
        write_whole(self._folder / f"{name}.ours", ours)
        write_whole(self._folder / f"{name}.theirs", theirs)

    def pairs(self) -> tuple[str, ...]:
        """Name every pair, sorted."""
        return tuple(sorted(each.stem for each in self._folder.glob("*.theirs")))

    def refuse_fork(self) -> None:
        """Stop for good where two histories were signed, until a person has looked.

        Raises:
            Untrusted: ``mirror.forked``.
        """
        for name in self.pairs():
            if name.startswith(FORKED):
                raise forked(name)


def forked(name: str = "") -> Untrusted:
    """Say that the log signed two histories."""
    return Untrusted(
        "mirror.forked",
        "the log has signed two histories: nothing more is taken from it. Both checkpoints are "
        f"kept under mirror/evidence ({name}); show them to the other participants",
        name=name,
    )
