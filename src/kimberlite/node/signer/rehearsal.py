"""Before it signs, the signer asks its own copy of the log's rules: would the log take it?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from kimberlite.crypto.keys import PrivateKey
from kimberlite.crypto.sign1 import join
from kimberlite.kernel.errors import Refused
from kimberlite.kernel.rules import Facts
from kimberlite.ledger import admission
from kimberlite.ledger.admission import Books, Checked, admit
from kimberlite.ledger.envelope import parse
from kimberlite.ledger.keyring import KEYS, Key
from kimberlite.ledger.state import State
from kimberlite.ledger.v1.rows import MOMENT, ONLY, moment
from kimberlite.node.signer.content import Content, body_of, header_of
from kimberlite.node.signer.mirror import Look

_UNSIGNED = bytes(64)
_TAKEN = frozenset(("self", "code", "detail"))


def choose_key(look: Look, keys: Mapping[bytes, PrivateKey], content: Content) -> PrivateKey:
    """Give the key with which the log would let the issuer say this.

    Of several, the one of the office that the statement names, else one without an office.

    Raises:
        Refused: ``signer.no-key``.
    """
    proposal = content.request.proposal
    office = content.log.get("office", "")
    fitting: list[tuple[bool, bool, int, bytes]] = []
    for kid in keys:
        held = look.state.get(KEYS, kid.hex())
        if held is not None and _may_say(held, proposal.iss, content, look.head.size):
            fitting.append((held.office != office, held.office != "", -held.since, kid))
    if not fitting:
        raise Refused(
            "signer.no-key",
            f"this signer holds no key with which {proposal.iss} may say {proposal.typ} now",
            iss=proposal.iss,
            typ=proposal.typ,
        )
    return keys[min(fitting)[-1]]


def _may_say(held: Key, iss: str, content: Content, index: int) -> bool:
    fits = not held.roles.isdisjoint(content.kind.roles)
    return held.holder == iss and held.valid_at(index) and fits


def rehearse(
    look: Look, books: Books, content: Content, key: PrivateKey, approval: bytes, *, at: int = 0
) -> tuple[str, ...]:
    """Admit the statement to a throw-away state; give the codes of what the log would find.

    Args:
        approval: digest of the approval record.
        at: this signer's time in UTC seconds. The log's own will have moved on to it by the time
            it is asked, however old the copy is that is looked at here.

    Raises:
        Refused: ``signer.log-would-refuse`` naming the rule.
    """
    proposal = content.request.proposal
    protected = header_of(proposal, key.public).to_bytes()
    statement = parse(join(protected, body_of(proposal, approval).to_bytes(), _UNSIGNED))
    state = State(look.engine)
    _advance(state, at)
    held = state.get(KEYS, key.public.kid.hex())
    # There is no signature yet to check: this key is about to make it.
    checked = None if held is None else Checked(held.public, good=True)
    outcome = admit(state, books, statement, look.head.size, checked)
    if isinstance(outcome, admission.Refused):
        raise Refused(
            "signer.log-would-refuse",
            f"the log would refuse this under its rule {outcome.code} ({outcome.source})",
            rule=outcome.code,
            source=outcome.source,
            **_facts(outcome.facts),
        )
    return tuple(code for code, _ in outcome.findings)


def _advance(state: State, at: int) -> None:
    now = moment(state)
    if now is not None and now.now < at:
        state.put(MOMENT, ONLY, replace(now, now=at))


def _facts(facts: Facts) -> dict[str, str | int]:
    taken = _TAKEN | {"rule", "source"}
    return {f"{n}_" if n in taken else n: v for n, v in facts.items()}
