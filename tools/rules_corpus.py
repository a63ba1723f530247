"""Write the golden corpus of a rule version, once, before it is released.

    .venv/bin/python -m tools.rules_corpus vectors/rules-v1.json
    .venv/bin/python -m tools.rules_corpus vectors/rules-v1-certificates.json

A released version is frozen: the corpus is never written again, and tests/vectors/test_rules.py
holds every later program to it. It refuses to write over a file.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from kimberlite.certificates.drafting import Draft, from_json
from kimberlite.certificates.transitions import Act, Status
from kimberlite.kernel import cbor
from kimberlite.ledger import checkpoint as checkpoints
from kimberlite.ledger import facts
from kimberlite.ledger.admission import Admitted, Outcome
from kimberlite.ledger.types import RuleBook
from kimberlite.ledger.v1 import TYPES
from tests.helpers.acts import DO, REACH, Acts
from tests.helpers.certificates import TODAY
from tests.helpers.log import BEGAN, CHAIR, OPERATOR, Desk, genesis, key, new_key, statement
from tests.helpers.world import key_of

ITEMS = ["XA", "XB", "XC"]
ABOUT = (
    "Rule version 1 of the log itself. Replay the steps in order: each entry must be admitted at "
    "its index with these facts (deterministic CBOR) and bring the facts chain to this digest; "
    "each refused statement must be refused with this code and change nothing. Key NAME is "
    "Ed25519 with the seed SHA-256('test key NAME')."
)

ABOUT_CERTIFICATES = (
    "Rule version 1 of certificates, in a log whose participants the registry's statements list. "
    "To be replayed as the other corpus. The key of HOLDER is Ed25519 with the seed "
    "SHA-256('test key of HOLDER')."
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


class _Noted(Acts):
    """Certificates in a log that notes every step."""

    def __init__(self) -> None:
        self.steps: list[dict[str, Any]] = []
        super().__init__()
        entries = [step for step in self.steps if "index" in step]
        early = self.world.entries[: entries[0]["index"]]
        self.steps[:0] = [_step(each) for each in early]

    def say(self, holder: str, draft: Draft, **more: object) -> Outcome:
        """Take one step."""
        before = len(self.world.entries)
        raw = self.sign(holder, draft, **more)
        outcome = self.world.admit(raw)
        if isinstance(outcome, Admitted):
            self.steps += [_step(each) for each in self.world.entries[before:]]
        else:
            self.steps.append({"raw": raw.hex(), "refused": outcome.code})
        return outcome


def _step(entry: Admitted) -> dict[str, Any]:
    return {
        "raw": entry.statement.raw.hex(),
        "index": entry.index,
        "facts": entry.encoded().hex(),
    }


def certificates() -> dict[str, Any]:
    """Give the corpus of certificates: every state, and every act on a fresh certificate."""
    desk = _Noted()
    for at, (status, reach) in enumerate(REACH.items(), 1000):
        desk.begin(f"XA{at:06d}", paper=status is Status.CONFIRMED)
        reach(desk)
        # Each state meets an act of its issuer, and one of both sides, which may come too late.
        DO[Act.CORRECT](desk)
        DO[Act.RECTIFY](desk)
    for at, (act, do) in enumerate(DO.items(), 2000):
        desk.begin(f"XA{at:06d}", paper=act is Act.TRANSCRIBE)
        do(desk)
    told = {"of": "number", "lead": "XA", "day": TODAY, "first": 9, "last": 9, "fate": "lost"}
    desk.say("XA", from_json({"type": "blank", **told}, "XA"))
    digest = facts.START
    for each in desk.world.entries:
        digest = facts.chain(digest, each.encoded())
    head = desk.head
    return {
        "about": ABOUT_CERTIFICATES,
        "version": 1,
        "steps": desk.steps,
        "size": head.size,
        "root": head.root.hex(),
        "facts_chain": digest.hex(),
        "checkpoint": checkpoints.sign(head, key_of("kp.log")).decode(),
    }


def of_the_log() -> dict[str, Any]:
    """Give the corpus of the log's own statements."""
    corpus = Corpus()
    _fill(corpus)
    log = corpus.desk.log
    return {
        "about": ABOUT,
        "version": 1,
        "steps": corpus.steps,
        "size": log.size,
        "root": corpus.desk.engine.head().root.hex(),
        "facts_chain": log.facts.hex(),
        "checkpoint": (log.checkpoint or b"").decode(),
    }


def main(target: Path) -> None:
    """Write the corpus of that name to ``target``."""
    if target.exists():
        raise SystemExit(f"{target} is there already, and a released corpus never changes")
    told = certificates() if target.stem.endswith("certificates") else of_the_log()
    target.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
