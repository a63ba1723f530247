"""What is about to be signed, taken apart by the signer itself and weighed by the rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kimberlite.crypto.keys import PublicKey
from kimberlite.kernel.errors import Invalid, Refused
from kimberlite.ledger.approval import Proposal
from kimberlite.ledger.envelope import Body, Header
from kimberlite.ledger.sections import require
from kimberlite.ledger.types import StatementType
from kimberlite.node.signer.mirror import Look
from kimberlite.node.signer.ports import Assess, Judged, Opened
from kimberlite.node.signer.request import Request


@dataclass(frozen=True, slots=True)
class Content:
    """A request as its type reads it: log section and opened sections by field names."""

    request: Request
    kind: StatementType
    log: Mapping[str, Any]
    sections: Mapping[str, Mapping[str, Any]]


def header_of(proposal: Proposal, public: PublicKey) -> Header:
    """Give the header that the statement will have."""
    return Header(
        public.algorithm, public.kid, proposal.typ, proposal.iss, proposal.sub, proposal.iat
    )


def body_of(proposal: Proposal, approval: bytes) -> Body:
    """Give the body that the statement will have, with the digest of its approval record."""
    return Body(proposal.version, dict(proposal.log), proposal.seals, approval, proposal.verdicts)


def open_content(request: Request, kind: StatementType) -> Content:
    """Read the log section and every sealed section.

    Raises:
        Invalid: ``signer.version``; ``signer.opening`` unless each sealed section comes with its
            one opening; and as the schemas say.
        Untrusted: ``section.digest`` when an opening is not what the proposal commits to.
    """
    proposal = request.proposal
    if proposal.version != kind.version:
        raise Invalid(
            "signer.version",
            f"this signer writes version {kind.version} of {kind.typ}",
            asked=proposal.version,
            known=kind.version,
        )
    log = kind.schema.read(dict(proposal.log))
    labels = {section.name: section.label for section in kind.sections}
    names = [opening.section for opening in request.openings]
    sealed = {name for name, label in labels.items() if label in proposal.seals}
    if len(set(names)) != len(names) or set(names) != sealed or len(sealed) != len(proposal.seals):
        raise Invalid(
            "signer.opening",
            "each sealed section, and no other, comes with its opening",
            sealed=", ".join(sorted(sealed)),
            opened=", ".join(sorted(set(names))),
        )
    sections = {}
    for opening in request.openings:
        require(opening, proposal.seals[labels[opening.section]], proposal.iss, proposal.sub)
        sections[opening.section] = opening.read(kind.section(opening.section).schema)
    return Content(request, kind, log, sections)


def weigh(content: Content, look: Look, assess: Assess) -> Judged:
    """Run the section rules and compare with what the officers were shown.

    Raises:
        Refused: ``signer.blocked`` when a rule forbids it and nobody overrode it,
            ``signer.override-idle`` when an overridden rule was not broken, ``signer.verdicts``
            when the rules say something else than was approved.
    """
    proposal = content.request.proposal
    opened = Opened(
        proposal.typ,
        proposal.iss,
        proposal.sub,
        content.log,
        content.sections,
        content.request.files,
        look.state,
        look.fetch,
        look.entry,
    )
    judged = assess(opened)
    overrides = proposal.overrides.keys()
    blocked = sorted(judged.blocking.keys() - overrides)
    if blocked:
        raise Refused(
            "signer.blocked",
            f"the rules forbid this: {', '.join(blocked)}; an override needs a legal basis that "
            "the officers approve",
            rules=", ".join(blocked),
            source=judged.blocking[blocked[0]],
        )
    idle = sorted(code for code in overrides if judged.said.get(code) != "finding")
    if idle:
        raise Refused(
            "signer.override-idle",
            f"a rule that is not broken cannot be overridden: {', '.join(idle)}",
            rules=", ".join(idle),
        )
    _compare(proposal, judged)
    return judged


def _compare(proposal: Proposal, judged: Judged) -> None:
    """Hold the proposed verdicts against this signer's own, as far as it could see."""
    told = proposal.verdicts
    if (None if told is None else told.ruleset) != judged.ruleset:
        raise _differ("ruleset")
    own = {
        code: "overridden" if code in proposal.overrides else word
        for code, word in judged.said.items()
    }
    proposed = {} if told is None else dict(told.said)
    if told is not None and len(proposed) != len(told.said):
        raise _differ("twice")
    for code in sorted(own.keys() | proposed.keys()):
        if own.get(code) != proposed.get(code) and code not in judged.unseen:
            raise _differ(code)


def _differ(rule: str) -> Refused:
    return Refused(
        "signer.verdicts",
        f"the rules do not say what was approved ({rule}): show it to the officers anew",
        rule=rule,
    )
