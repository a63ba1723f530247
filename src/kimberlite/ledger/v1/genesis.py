"""The first entry: what kind of log this is, who its roots are, and how many must agree to what."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from kimberlite.crypto.keys import PublicKey, parse_cose_key
from kimberlite.kernel.errors import Problem
from kimberlite.kernel.ids import HOLDER
from kimberlite.kernel.rules import NO_FACTS, Facts, Force, Rule
from kimberlite.ledger.keyring import KEYS, ROLES, Key
from kimberlite.ledger.schema import (
    Field,
    Schema,
    choice,
    integer,
    listing,
    moment,
    octets,
    record,
    text,
)
from kimberlite.ledger.types import Entry, StatementType
from kimberlite.ledger.v1.rows import CHARTER, MOMENT, ONLY, Charter, Moment

TYP = "kp-genesis+cose"
STEP = 600
"""Furthest, in seconds, that log time moves without an operator. Source: ours, decision 0007."""

_ORIGIN = re.compile(r"[a-z0-9.-]{1,60}(?:/[a-z0-9._-]{1,40}){0,3}")
_ROLE = re.compile(r"[a-z]{2,16}")
_TYP = re.compile(r"kp-[a-z-]{1,30}\+cose")
OFFICE = re.compile(r"[A-Za-z0-9-]{1,24}")

ROOT = Schema(
    "root-key",
    (
        Field(1, "public", octets(8, 120), "COSE_Key, deterministic CBOR (RFC 9052 section 7)"),
        Field(2, "holder", text(32, HOLDER), "participant or organ that holds the key"),
        Field(3, "roles", listing(text(16, _ROLE), 1, 12), "what the key may sign"),
        Field(4, "office", text(24, OFFICE), "office of the holder", required=False),
    ),
)
THRESHOLD = Schema(
    "threshold",
    (
        Field(1, "typ", text(40, _TYP), "statement type"),
        Field(
            2, "needed", integer(1, 200), "endorsements by different holders before it takes effect"
        ),
    ),
)
SCHEMA = Schema(
    "genesis",
    (
        Field(
            1, "kind", choice("demo", "test", "prod"), "what the log is for; shown in every verdict"
        ),
        Field(2, "origin", text(160, _ORIGIN), "C2SP checkpoint origin, and name of the log key"),
        Field(3, "title", text(120), "what people call this log"),
        Field(4, "created", moment(), "first moment of log time"),
        Field(5, "rules", integer(1, 999), "rule version in force from the start"),
        Field(6, "roots", listing(record(ROOT), 1, 80), "keys valid from the first entry"),
        Field(
            7, "thresholds", listing(record(THRESHOLD), 0, 40), "k of n per type; 1 where absent"
        ),
    ),
)


def log_key(roots: list[Mapping[str, Any]]) -> PublicKey | None:
    """Give the one root key with the role "log", if there is exactly one and it is sound."""
    found = [root for root in roots if "log" in root["roles"]]
    if len(found) != 1:
        return None
    try:
        return parse_cose_key(found[0]["public"])
    except Problem:
        return None


def _roots_unsound(entry: Entry) -> Facts | None:
    seen = set()
    for root in entry.log["roots"]:
        try:
            public = parse_cose_key(root["public"])
            public.check()
        except Problem:
            return {"holder": root["holder"]}
        if public.kid in seen or not ROLES.issuperset(root["roles"]):
            return {"holder": root["holder"]}
        seen.add(public.kid)
    return None


def _log_key_unclear(entry: Entry) -> Facts | None:
    return NO_FACTS if log_key(entry.log["roots"]) is None else None


def _threshold_out_of_reach(entry: Entry) -> Facts | None:
    endorsers = {root["holder"] for root in entry.log["roots"] if "endorse" in root["roles"]}
    for threshold in entry.log["thresholds"]:
        if threshold["needed"] > len(endorsers):
            return {"typ": threshold["typ"], "needed": threshold["needed"], "n": len(endorsers)}
    return None


def _not_first(entry: Entry) -> Facts | None:
    return NO_FACTS if entry.index else None


def _fold(entry: Entry) -> None:
    log = entry.log
    thresholds = {each["typ"]: each["needed"] for each in log["thresholds"]}
    digest = hashlib.sha256(entry.statement.raw).digest()
    charter = Charter(log["kind"], log["origin"], log["title"], log["created"], thresholds, digest)
    entry.state.put(CHARTER, ONLY, charter)
    entry.state.put(MOMENT, ONLY, Moment(log["created"], log["created"] + STEP, log["rules"]))
    for root in log["roots"]:
        public = parse_cose_key(root["public"])
        roles = frozenset(root["roles"])
        key = Key(public, root["holder"], root.get("office", ""), roles, entry.index)
        entry.state.put(KEYS, public.kid.hex(), key)
    entry.tell("log.begun", log["kind"], log["origin"], len(log["roots"]))


_OURS = "ours: docs/decisions/0007"

GENESIS = StatementType(
    typ=TYP,
    summary="Begins a log: its kind, its roots, and how many must agree to what.",
    schema=SCHEMA,
    roles=frozenset(("log",)),
    rules=(
        Rule("genesis.not-first", _OURS, Force.REFUSES, _not_first),
        Rule("genesis.log-key", _OURS, Force.REFUSES, _log_key_unclear),
        Rule("genesis.roots", _OURS, Force.REFUSES, _roots_unsound),
        Rule("genesis.threshold", _OURS, Force.REFUSES, _threshold_out_of_reach),
    ),
    fold=_fold,
)
