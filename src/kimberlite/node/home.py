"""Where a node keeps what: one folder, with what must never meet kept apart.

log/ can be rebuilt from any copy of the entries; logkey/ holds the log key and its guard and is
never part of a backup of log/; signers/<holder>/ belongs to that holder's signer process alone.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kimberlite.kernel.errors import Invalid, NotFound
from kimberlite.storage.files import write_whole


@dataclass(frozen=True, slots=True)
class Home:
    """The folder of one node."""

    path: Path

    @property
    def log(self) -> Path:
        """The log's database."""
        return self.path / "log" / "log.db"

    @property
    def public(self) -> Path:
        """Static files of the log: tiles, checkpoint."""
        return self.path / "log" / "public"

    @property
    def log_key(self) -> Path:
        """The log key's folder, with the guard."""
        return self.path / "logkey"

    @property
    def roots(self) -> Path:
        """Versions of the trust root (.kpr), which travel in every trust bundle."""
        return self.path / "roots"

    @property
    def operator_key(self) -> Path:
        """The operator's key, which lets log time go on after a stop."""
        return self.path / "operatorkey"

    @property
    def guard(self) -> Path:
        """The latest checkpoint that was signed."""
        return self.log_key / "guard"

    @property
    def vault(self) -> Path:
        """Sealed openings and scans."""
        return self.path / "vault"

    @property
    def erasures(self) -> Path:
        """What was erased from the vault, and why; a restore repeats it and never moves it."""
        return self.path / "erasures" / "erasures.jsonl"

    @property
    def office(self) -> Path:
        """The operational store: applications, approvals, what waits to be sent."""
        return self.path / "office" / "office.db"

    @property
    def projections(self) -> Path:
        """Tables for questions, made from the log; may be deleted at any time."""
        return self.path / "projections" / "projections.db"

    @property
    def mirror(self) -> Path:
        """What an authority node remembers of the log it follows: checkpoint, spool, evidence."""
        return self.path / "mirror"

    @property
    def post(self) -> Path:
        """What waits to be handed in, and sealed copies on their way: durable, backed up."""
        return self.path / "post" / "post.db"

    @property
    def relay(self) -> Path:
        """At a log node: sealed copies that wait for their recipients."""
        return self.path / "relay" / "relay.db"

    @property
    def node_key(self) -> Path:
        """The key with which an authority node calls the log node, with its card."""
        return self.path / "nodekey"

    @property
    def door_port(self) -> Path:
        """The port on which a log node answers other nodes, while it does."""
        return self.path / "run" / "door.port"

    @property
    def log_socket(self) -> Path:
        """Where the log process listens; at an authority node, the process that stands for it."""
        return self.path / "run" / "log.sock"

    def status_list(self, purpose: str, number: int) -> Path:
        """A status list credential, among the static files."""
        return self.public / "credentials" / "status" / purpose / str(number)

    def signer(self, holder: str) -> Path:
        """The folder of a holder's signer process."""
        return self.path / "signers" / holder

    def signer_socket(self, holder: str) -> Path:
        """Where that signer listens."""
        return self.path / "run" / f"signer-{holder}.sock"

    def sealing(self, holder: str) -> Path:
        """The key with which a holder opens what was sealed to it."""
        return self.path / "sealing" / holder

    @property
    def demo_passphrase(self) -> Path:
        """The passphrase of every key of a demo, which protects nothing."""
        return self.path / "demo-passphrase"

    @property
    def web_port(self) -> Path:
        """The port on which the pages are served, while they are."""
        return self.path / "run" / "web.port"

    def output(self, process: str) -> Path:
        """What a process of this node prints."""
        return self.path / "run" / f"{process}.out"

    def officers(self, holder: str) -> Path:
        """Officers' key files, where this node keeps them at all (demo, command line)."""
        return self.path / "officers" / holder

    @property
    def described(self) -> Path:
        """What this node is: kind, log origin, holders it hosts."""
        return self.path / "node.json"

    def describe(self, told: dict[str, Any]) -> None:
        """Write what this node is."""
        write_whole(self.described, json.dumps(told, indent=2, sort_keys=True).encode() + b"\n")

    def read(self) -> dict[str, Any]:
        """Read what this node is.

        Raises:
            NotFound: ``node.absent`` when the folder holds no node.
            Invalid: ``node.description`` when its description is damaged.
        """
        if not self.described.exists():
            raise NotFound(
                "node.absent",
                f"there is no node in {self.path}: start the demo with `kimberlite run`, or "
                "found a log with `kimberlite node found`",
                path=str(self.path),
            )
        try:
            told = json.loads(self.described.read_text())
        except ValueError as bad:
            raise Invalid("node.description", "node.json is damaged") from bad
        if not isinstance(told, dict):
            raise Invalid("node.description", "node.json is damaged")
        return told
