"""Write the golden corpus of a rule version, once, before it is released.

    .venv/bin/python -m tools.rules_corpus vectors/rules-v1.json

A released version is frozen: the corpus is never written again, and tests/vectors/test_rules.py
holds every later program to it. It refuses to write over a file.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from kimberlite.kernel import cbor
from kimberlite.ledger.admission import Admitted, Outcome
from kimberlite.ledger.types import RuleBook
from kimberlite.ledger.v1 import TYPES
from tests.helpers.log import BEGAN, CHAIR, OPERATOR, Desk, genesis, key, new_key, statement

ITEMS = ["XA", "XB", "XC"]
ABOUT = (
    "Rule version 1 of the log itself. Replay the steps in order: each entry must be admitted at "
    "its index with these facts (deterministic CBOR) and bring the facts chain to this digest; "
    "each refused statement must be refused with this code and change nothing. Key NAME is "
    "Ed25519 with the seed SHA-256('test key NAME')."
)


class Corpus:
    """A log that notes every step."""

    def __init__(self) -> None:
        self.steps: list[dict[str, Any]] = []
        self.desk = Desk(books={1: RuleBook.of(1, TYPES)}, begin=False)

    def say(self, raw: bytes) -> Outcome:
        """Take one step."""
        outcome = self.desk.say(raw)
        if isinstance(outcome, Admitted):
            self.admitted(outcome)
        else:
            self.steps.append({"raw": raw.hex(), "refused": outcome.code})
        return outcome

    def must(self, raw: bytes) -> Admitted:
        """Take one step that has to be admitted."""
        outcome = self.say(raw)
        if not isinstance(outcome, Admitted):
            raise SystemExit(f"refused: {outcome}")
        return outcome

    def admitted(self, outcome: Admitted) -> None:
        """Note an entry, and the time entries that went before it."""
        start = sum("index" in each for each in self.steps)
        for index in range(start, outcome.index + 1):
            stored = self.desk.engine.entries(index, index + 1)[0]
            self.steps.append(
                {"raw": stored.raw.hex(), "index": index, "facts": stored.facts.hex()}
            )

    def endorse(self, holder: str, proposal: Admitted) -> Admitted:
        """Let a holder endorse."""
        named = {"statement": proposal.statement.id}
        return self.must(statement(holder, "kp-endorsement+cose", named))


def _ending(typ: str, holder: str, name: str, by: str | None = None) -> bytes:
    named = {"kid": key(name).public.kid, "reason": "as a case"}
    return statement(holder, typ, named, by=by)


def _fill(corpus: Corpus) -> None:
    desk = corpus.desk
    corpus.say(new_key("XA", "XA second", ["issue"]))
    corpus.must(genesis())
    corpus.say(genesis())
    corpus.must(new_key("XA", "XA second", ["issue"]))
    corpus.say(new_key("XA", "XA emperor", ["recover"], by="XA second"))
    old = key("XB daily").public.kid
    corpus.must(new_key("XB", "XB second", ["issue", "endorse"], office="Port", replaces=old))
    desk.clock.now = BEGAN + 300
    digest = hashlib.sha256(cbor.encode(ITEMS)).digest()
    told = {"name": "iso-list", "edition": "2026", "digest": digest, "items": ITEMS}
    edition = corpus.must(statement("XA", "kp-edition+cose", {**told, "source": "as a case"}))
    corpus.say(statement("XA", "kp-endorsement+cose", {"statement": edition.statement.id}))
    corpus.endorse("XC", edition)
    roles = ["issue", "confirm"]
    asked = new_key("XE", "XE first", roles, typ="kp-key-admission+cose", signer="XC")
    corpus.endorse("XD", corpus.must(asked))
    corpus.endorse("XD", corpus.must(_ending("kp-key-withdrawal+cose", CHAIR, "XE first")))
    lapsing = corpus.must(_ending("kp-key-withdrawal+cose", "XC", "XA daily"))
    corpus.must(_ending("kp-key-revocation+cose", "XA", "XA daily", by="XA recovery"))
    corpus.endorse("XD", lapsing)
    named = {
        "kid": key("XA daily").public.kid,
        "statements": [edition.statement.id],
        "reason": "as a case",
    }
    corpus.must(statement("XA", "kp-repudiation+cose", named, by="XA recovery"))
    later = BEGAN + 50_000
    leave = {"at": later + 60, "reason": "as a case"}
    outcome = desk.log.jump(statement(OPERATOR, "kp-time-jump+cose", leave, iat=later))
    if isinstance(outcome, Admitted):
        corpus.admitted(outcome)
    desk.clock.now = later
    rules = {"version": 2, "digest": hashlib.sha256(b"the text of version 2").digest()}
    proposal = corpus.must(statement("XC", "kp-rules+cose", rules, iat=later))
    corpus.say(statement("XC", "kp-rules+cose", {**rules, "version": 1}, iat=later))
    corpus.endorse("XD", proposal)
    named = {"statement": proposal.statement.id}
    corpus.must(statement("XB", "kp-endorsement+cose", named, by="XB second", iat=later))


def main(target: Path) -> None:
    """Write the corpus to ``target``."""
    if target.exists():
        raise SystemExit(f"{target} is there already, and a released corpus never changes")
    corpus = Corpus()
    _fill(corpus)
    log = corpus.desk.log
    told = {
        "about": ABOUT,
        "version": 1,
        "steps": corpus.steps,
        "size": log.size,
        "root": corpus.desk.engine.head().root.hex(),
        "facts_chain": log.facts.hex(),
        "checkpoint": (log.checkpoint or b"").decode(),
    }
    target.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
