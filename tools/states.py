"""Write docs/spec/certificate-states.md: every state, act and transition, from the code."""

from __future__ import annotations

from kimberlite.certificates import acts, transitions
from kimberlite.certificates.transitions import SOURCES, Act

PAGE = "docs/spec/certificate-states.md"

_HEAD = """\
# States of a certificate

What may happen to a certificate, by whom, with which evidence, and what follows. Written by
`make docs` from the tables that the rules consult (`certificates/transitions.py`,
`certificates/acts.py`); tests walk every cell with real statements.

## Before there is a certificate

Steps inside one authority, in its operational store; nothing of them is in the log.

| step | who | kept | next |
|---|---|---|---|
| blank | office | numbered stock: received, allotted, printed, spoiled, lost, stolen | applied |
| applied | exporter, by an officer | application, declaration, papers | proposed, withdrawn |
| proposed | officer who checked the goods | certificate as meant, remarks | signed, withdrawn |
| signed | signer, on two officers' approval | statement, approval record | logged, refused |
| logged | the log | entry with receipt: the certificate is **issued** | the acts below |
| refused | the log, with a signed refusal | the rule and its source | a new application |

## Acts

Sealed sections are opened to the issuer and to the authority of destination or arrival, as
[visibility.md](visibility.md) says. "May be found" lists findings beyond those of the transition
table. No KP text sets a number of days: deadlines are each side's stated practice.

"""

_CELLS = """\
## Transitions

How to read a cell:

* a plain word is the state after the act;
* `state ? code`: the act is admitted, with the finding `certificate.code`;
* `! code`: the act is refused with `certificate.code`.

Two principles stand behind it. What happened to the goods is **never refused**: a second
confirmation is a fact that both authorities need to see. An act of the issuer that comes too late
(correct, divert, replace, void) **is refused**: after use a certificate is rectified by both
authorities, not changed by one.

"""

_TAIL = """\
## What the states mean

| state | meaning | may still be used |
|---|---|---|
| issued | admitted to the log, or taken down from paper | yes |
| dispatched | handed to the carrier, pre-advice sent; or seen on its way | yes |
| presented | shown to an authority of arrival, or arrived in part | yes |
| confirmed | import confirmed, with or without a discrepancy | no |
| refused | import refused; the goods are to go back | by a further decision |
| detained | goods held until a decision | by a further decision |
| seized | goods taken by an authority | by a further decision |
| replaced | another certificate of the same issuer stands in its place | no |
| void | taken out of use by its issuer before use | no |
| lost | reported lost or stolen | no, a use is a finding |
| annulled | annulled for fraud; its number is never free again | no |
| reported | its confirmation came on a slip or by e-mail: weaker than confirmed | no |
| sent-back | the authority of arrival sent the goods back | no, a use is a finding |
| returned | the goods are back with the issuer | no, a use is a finding |
| forfeited | taken for good by a decision | no |
| disposed | sold by the state, kept, given to research, or destroyed | no |

**Expired is no state.** It is worked out when read, from the day of expiry, the day asked about
and the issuer's practice (which of export and arrival has to lie within validity).

**An open alert is no state.** It stands beside any state, also on a number that the log does not
know, until the participant whose number it is answers, or whoever raised it withdraws it. It
changes nothing by itself, so that no authority alone can stop another's trade; a confirmation
while it is open is found with `certificate.alert-open`. Where a clone arrives first, both
shipments are detained, and the answer says which presentation was the genuine one.

**A transcription is no certificate.** A foreign paper certificate taken down by the authority of
arrival goes through the same states, is marked as paper everywhere, and gives way to its issuer's
own statement: the number is never taken from its owner. What was done on the transcription stays
listed, and the state begins anew.

The first confirmation stands. A second one, by whomever, changes no state; it is admitted with
`certificate.confirmed-before`, which names the entry of the first, and becomes a case for both
authorities. A detention that ends in confirmation, refusal, return or forfeiture is its ordinary
course and no finding.

A **rectification** is signed by one side and changes nothing until the other countersigns. A
**discrepancy** file is settled when both sides name the same outcome; neither can write the
other's words.

## Sources of the table's codes

| code | source |
|---|---|
"""

_WIDE = 6
"""Acts in one table: more would not fit a page."""


def pages() -> dict[str, str]:
    """Give the page."""
    every = list(Act)
    parts = [every[at : at + _WIDE] for at in range(0, len(every), _WIDE)]
    cells = "\n".join(transitions.table(part) for part in parts)
    sources = "".join(f"| `{code}` | {source} |\n" for code, source in sorted(SOURCES.items()))
    return {PAGE: f"{_HEAD}{acts.table()}\n{_CELLS}{cells}\n{_TAIL}{sources}"}
