"""Scoped and dated restrictions, by decision, by oneself, or as a national layer; and contests.

Sources: KPCS Core Document, Section III(c) and Section VI.5; the practice of the administrative
decisions on single participants. A national layer is never part of KP status.
"""

from __future__ import annotations

from kimberlite.kernel.rules import Facts, Force, Rule
from kimberlite.ledger.schema import Field, Schema, choice, octets, record, text
from kimberlite.ledger.types import Entry, StatementType
from kimberlite.registry.model import Authority, Standing
from kimberlite.registry.rows import CONTESTS, LAYERS, SAID, Contest, Event, Kind, Layer
from kimberlite.registry.v1 import limits, parts
from kimberlite.registry.v1.parts import DECIDE, ID, OURS, REGISTRY, on, restrict, scope_of

_SELF = "kp-restriction-self+cose"
_PRACTICE = "KPCS Core Document, Section VI.5; ours: docs/spec/registry.md"
_COMMON = (
    Field(2, "scope", record(parts.SCOPE), "what it catches"),
    parts.BEGINS,
    parts.ENDS,
    parts.FROM,
    parts.GOVERNS,
)
_OWN = (
    Field(1, "id", parts.OWN_ID, "own name of it: the issuer's code in lower case, a dot, a name"),
    *_COMMON,
)


def _subject_differs(entry: Entry) -> Facts | None:
    country = entry.log["scope"]["country"]
    return None if country == entry.sub else {"sub": entry.sub, "country": country}


def _known(entry: Entry) -> Facts | None:
    name = entry.log["id"]
    found = entry.state.get(LAYERS, name)
    return None if found is None or found.standing is Standing.ASSERTED else {"id": name}


def _event(entry: Entry, kind: Kind, standing: Standing) -> Event:
    log = entry.log
    return Event(
        kind,
        log["scope"]["country"],
        on(log["begins"]),
        parts.record(entry, standing, log["source"]),
        restriction=log["id"],
        scope=scope_of(log["scope"]),
        ends=on(log["ends"]) if "ends" in log else None,
        decides=log.get("decides", ""),
    )


def _fold_decided(entry: Entry) -> None:
    event = _event(entry, Kind.RESTRICTION_BEGAN, Standing.DECIDED)
    authority = Authority(entry.log["authority"])
    restrict(entry, event, Layer(event.subject, authority, "", Standing.DECIDED))


RESTRICTION = StatementType(
    typ="kp-restriction+cose",
    summary="Restricts trade as its scope says, by decision.",
    schema=Schema(
        "restriction",
        (
            Field(1, "id", ID, "name of the restriction, unique in the log"),
            *_COMMON,
            Field(3, "authority", choice("kp", "unsc"), "who laid it down"),
        ),
    ),
    roles=DECIDE,
    rules=(
        parts.CODE_KIND,
        Rule("restriction.subject", OURS, Force.REFUSES, _subject_differs),
        Rule("restriction.known", OURS, Force.REFUSES, _known),
        parts.PERIOD,
        parts.BACKDATED,
    ),
    fold=_fold_decided,
    endorsed=True,
)


def _of_another(entry: Entry) -> Facts | None:
    """A name is its owner's, and once taken is restated for the same subject and layer only."""
    name = entry.log["id"]
    found = entry.state.get(LAYERS, name)
    own = name.startswith(f"{entry.iss.lower()}.")
    if own and (found is None or found == _own_layer(entry)):
        return None
    return {"id": name, "subject": entry.iss if found is None else found.subject}


def _own_layer(entry: Entry) -> Layer:
    subject = entry.log["scope"]["country"]
    if entry.statement.header.typ == _SELF:
        return Layer(subject, Authority.SELF, "", Standing.STATED)
    return Layer(subject, Authority.NATIONAL, entry.iss, Standing.STATED)


def _fold_own(entry: Entry) -> None:
    begun = entry.state.get(LAYERS, entry.log["id"]) is None
    kind = Kind.RESTRICTION_BEGAN if begun else Kind.RESTRICTION_CHANGED
    restrict(entry, _event(entry, kind, Standing.STATED), _own_layer(entry))


_NOT_OWNER = Rule("restriction.of-another", OURS, Force.REFUSES, _of_another)
_AT_MOST = limits.at_most(limits.own_restrictions)

SELF_RESTRICTION = StatementType(
    typ=_SELF,
    summary="Restricts a participant's own trade, by itself; restating it changes it.",
    schema=Schema("restriction-self", _OWN),
    roles=REGISTRY,
    rules=(
        parts.NOT_OWN,
        parts.CODE_KIND,
        parts.UNKNOWN,
        Rule("restriction.subject", OURS, Force.REFUSES, _subject_differs),
        _NOT_OWNER,
        _AT_MOST,
        parts.PERIOD,
        parts.BACKDATED,
    ),
    fold=_fold_own,
)

NATIONAL_RESTRICTION = StatementType(
    typ="kp-restriction-national+cose",
    summary="States a national rule that binds the issuer's own importers and exporters only.",
    schema=Schema("restriction-national", _OWN),
    roles=REGISTRY,
    rules=(
        parts.NOT_OWN,
        parts.CODE_KIND,
        parts.UNKNOWN,
        _NOT_OWNER,
        _AT_MOST,
        parts.PERIOD,
        parts.BACKDATED,
    ),
    fold=_fold_own,
)


def _unknown(entry: Entry) -> Facts | None:
    name = entry.log["id"]
    return {"id": name} if entry.state.get(LAYERS, name) is None else None


def _own_matter(entry: Entry) -> Facts | None:
    found = entry.state.get(LAYERS, entry.log["id"])
    if found is None or found.authority in {Authority.KP, Authority.UNSC}:
        return None
    return {"id": entry.log["id"], "authority": found.authority.value}


def _other_country(entry: Entry) -> Facts | None:
    found = entry.state.get(LAYERS, entry.log["id"])
    country = entry.log["scope"]["country"] if "scope" in entry.log else entry.sub
    if found is None or found.subject == entry.sub == country:
        return None
    return {"id": entry.log["id"], "subject": found.subject, "asked": country}


def _fold_change(entry: Entry) -> None:
    log = entry.log
    scope = scope_of(log["scope"]) if "scope" in log else None
    event = Event(
        Kind.RESTRICTION_ENDED if scope is None else Kind.RESTRICTION_CHANGED,
        entry.sub,
        on(log["begins"]),
        parts.record(entry, Standing.DECIDED, log["source"]),
        restriction=log["id"],
        scope=scope,
        decides=log.get("decides", ""),
    )
    parts.write(entry, event)


CHANGE = StatementType(
    typ="kp-restriction-change+cose",
    summary="Changes a restriction's scope from a day on, or ends it, by decision.",
    schema=Schema(
        "restriction-change",
        (
            Field(1, "id", ID, "the restriction"),
            Field(2, "scope", record(parts.SCOPE), "new scope; absent: it ends", required=False),
            parts.BEGINS,
            parts.FROM,
            parts.GOVERNS,
        ),
    ),
    roles=DECIDE,
    rules=(
        parts.CODE_KIND,
        Rule("restriction.unknown", OURS, Force.REFUSES, _unknown),
        Rule("restriction.own-matter", OURS, Force.REFUSES, _own_matter),
        Rule("restriction.country", OURS, Force.REFUSES, _other_country),
        parts.BACKDATED,
    ),
    fold=_fold_change,
    endorsed=True,
)


def _not_said(entry: Entry) -> Facts | None:
    name = entry.log["statement"].hex()
    return {"statement": name} if entry.state.get(SAID, name) is None else None


def _no_decision(entry: Entry) -> Facts | None:
    found = entry.state.get(SAID, entry.log["statement"].hex())
    stated = found is not None and found.standing is Standing.STATED
    return {"subject": found.subject} if stated and found is not None else None


def _contested_before(entry: Entry) -> Facts | None:
    rows = entry.state.get(CONTESTS, entry.log["statement"].hex()) or ()
    return {"holder": entry.iss} if any(row.holder == entry.iss for row in rows) else None


def _fold_contest(entry: Entry) -> None:
    log = entry.log
    row = Contest(entry.iss, parts.log_day(entry), log["reason"])
    name = log["statement"].hex()
    entry.state.put(CONTESTS, name, (*(entry.state.get(CONTESTS, name) or ()), row))
    entry.tell("registry.contested", log["statement"], entry.iss, row.known_on)


CONTEST = StatementType(
    typ="kp-contest+cose",
    summary="Contests a decision or an asserted notice; it stands, and is shown as contested.",
    schema=Schema(
        "contest",
        (
            Field(1, "statement", octets(32), "id of the statement that is contested"),
            Field(2, "reason", text(200), "why, in a sentence"),
        ),
    ),
    roles=frozenset(("endorse", "registry")),
    rules=(
        Rule("contest.unknown", _PRACTICE, Force.REFUSES, _not_said),
        Rule("contest.not-decision", _PRACTICE, Force.REFUSES, _no_decision),
        Rule("contest.twice", OURS, Force.REFUSES, _contested_before),
    ),
    fold=_fold_contest,
)

TYPES = (RESTRICTION, SELF_RESTRICTION, NATIONAL_RESTRICTION, CHANGE, CONTEST)
