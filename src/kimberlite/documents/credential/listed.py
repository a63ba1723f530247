"""What status lists of the log add to a verdict: revoked, suspended, or not named.

A list is told by its signature alone, never by where it was fetched. It adds to a verdict that was
reached without it, and the statement inside decides as before.
Source: W3C Bitstring Status List 1.0; ours, docs/spec/credential.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kimberlite.certificates.checks import Findings
from kimberlite.certificates.verdict import Verdict, result_of, weighed
from kimberlite.documents.credential.statuslist import StatusList
from kimberlite.kernel.days import show_day

_SHOWN = frozenset(("registration.shown", "registration.snapshot"))
_DAY = len("2026-11-22")


def judge(verdict: Verdict, lists: Sequence[StatusList], today: int) -> Verdict:
    """Add to a verdict what verified status lists say of the certificate, on the day ``today``.

    The certificate's place in a list is the entry at which the verdict found it registered; where
    it found none, no list can tell.
    """
    if not lists:
        return verdict
    found = Findings()
    index = _index(verdict)
    for each in lists:
        said = None if index is None else each.says(index)
        day = each.valid_from[:_DAY]
        if index is None or said is None:
            found.doubt("credential.status-unknown", purpose=each.purpose)
            continue
        if not day <= show_day(today) <= each.valid_until[:_DAY]:
            found.doubt("credential.status-old", as_of=day)
        if not said:
            found.note("credential.status-clear", purpose=each.purpose, as_of=day)
        elif each.purpose == "revocation":
            found.against("credential.revoked", as_of=day)
        else:
            found.doubt("credential.suspended", as_of=day)
    reasons = weighed((*verdict.reasons, *found.reasons()))
    return replace(verdict, reasons=reasons, result=result_of(reasons))


def _index(verdict: Verdict) -> int | None:
    for each in verdict.reasons:
        if each.code in _SHOWN:
            return int(each.facts["index"])
    return None
