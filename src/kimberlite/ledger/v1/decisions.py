"""Acts that need several: endorsements, the adoption of a rule version, editions of reference data.

Source: ours, docs/decisions/0008.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace

from kimberlite.kernel import cbor
from kimberlite.kernel.rules import NO_FACTS, Facts, Force, Rule
from kimberlite.ledger.schema import Field, Schema, integer, listing, octets, text
from kimberlite.ledger.types import Entry, StatementType
from kimberlite.ledger.v1.rows import EDITIONS, MOMENT, ONLY, PENDING, moment

_OURS = "ours: docs/decisions/0008"
_NAME = re.compile(r"[a-z][a-z0-9-]{1,40}")


def _not_pending(entry: Entry) -> Facts | None:
    found = entry.state.get(PENDING, entry.log["statement"].hex())
    waits = found is not None and found.raw
    return None if waits else {"statement": entry.log["statement"].hex()}


def _endorsed_before(entry: Entry) -> Facts | None:
    found = entry.state.get(PENDING, entry.log["statement"].hex())
    if found is None or entry.iss not in found.agreeing(entry.state, entry.index):
        return None
    return {"holder": entry.iss}


def _fold_endorsement(entry: Entry) -> None:
    """Add the holder; admission itself looks whether that was the last one needed."""
    key = entry.log["statement"].hex()
    found = entry.state.get(PENDING, key)
    if found is not None:
        said = (entry.iss, entry.key.public.kid)
        entry.state.put(PENDING, key, replace(found, endorsers=(*found.endorsers, said)))


ENDORSEMENT = StatementType(
    typ="kp-endorsement+cose",
    summary="Agrees to a statement that takes effect when enough holders have agreed.",
    schema=Schema(
        "endorsement",
        (Field(1, "statement", octets(32), "id of the statement that is endorsed"),),
    ),
    roles=frozenset(("endorse",)),
    rules=(
        Rule("endorsement.not-pending", _OURS, Force.REFUSES, _not_pending),
        Rule("endorsement.twice", _OURS, Force.REFUSES, _endorsed_before),
    ),
    fold=_fold_endorsement,
)


def _not_later(entry: Entry) -> Facts | None:
    now = moment(entry.state)
    in_force = 0 if now is None else now.rules
    asked = entry.log["version"]
    return {"in_force": in_force, "asked": asked} if asked <= in_force else None


def _fold_rules(entry: Entry) -> None:
    now = moment(entry.state)
    if now is not None:
        entry.state.put(MOMENT, ONLY, replace(now, rules=entry.log["version"]))
    entry.tell("rules.in-force", entry.log["version"])


RULES = StatementType(
    typ="kp-rules+cose",
    summary="Puts a rule version into force from the next entry on.",
    schema=Schema(
        "rules",
        (
            Field(1, "version", integer(1, 999), "the rule version"),
            Field(2, "digest", octets(32), "SHA-256 of the published rule text"),
        ),
    ),
    roles=frozenset(("endorse", "chair")),
    rules=(Rule("rules.not-later", _OURS, Force.REFUSES, _not_later),),
    fold=_fold_rules,
    endorsed=True,
)


def _edition_key(entry: Entry) -> str:
    return f"{entry.log['name']}/{entry.log['edition']}"


def _edition_known(entry: Entry) -> Facts | None:
    found = entry.state.get(EDITIONS, _edition_key(entry))
    return {"edition": _edition_key(entry)} if found is not None else None


def _edition_digest_wrong(entry: Entry) -> Facts | None:
    digest = hashlib.sha256(cbor.encode(entry.log["items"])).digest()
    return NO_FACTS if digest != entry.log["digest"] else None


def _fold_edition(entry: Entry) -> None:
    log = entry.log
    entry.state.put(EDITIONS, _edition_key(entry), [entry.index, log["digest"], log["items"]])
    entry.tell("edition.entered", log["name"], log["edition"], log["digest"])


EDITION = StatementType(
    typ="kp-edition+cose",
    summary="Enters an edition of reference data, so that replay never reads a package.",
    schema=Schema(
        "edition",
        (
            Field(1, "name", text(42, _NAME), "which list, for example iso-3166-1"),
            Field(2, "edition", text(24), "which edition of it"),
            Field(3, "digest", octets(32), "SHA-256 of the items in deterministic CBOR"),
            Field(4, "items", listing(text(200), 1, 1000), "the items"),
            Field(5, "source", text(200), "where the items were read"),
        ),
    ),
    roles=frozenset(("endorse", "chair", "transcribe")),
    rules=(
        Rule("edition.known", _OURS, Force.REFUSES, _edition_known),
        Rule("edition.digest", _OURS, Force.REFUSES, _edition_digest_wrong),
    ),
    fold=_fold_edition,
    endorsed=True,
)

TYPES = (ENDORSEMENT, RULES, EDITION)
