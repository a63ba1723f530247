"""What the signer decides: whether to sign, with which key, and that it signs only once.

The order is the order of the questions: what is asked, is it about this log, may this key say
it, do the rules allow it, did the officers approve exactly this, is it within the day's limits,
would the log take it. Only then a signature is made, kept, and shown.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from kimberlite.crypto.keys import PrivateKey, PublicKey
from kimberlite.kernel.days import day_of
from kimberlite.kernel.errors import NotFound, Refused, Unavailable, Untrusted
from kimberlite.ledger.admission import Books
from kimberlite.ledger.approval import ApprovalRecord, Needed, check_approvals
from kimberlite.ledger.envelope import parse, sign
from kimberlite.ledger.types import StatementType
from kimberlite.node.signer.content import Content, body_of, header_of, open_content, weigh
from kimberlite.node.signer.deriving import DeriveRequest, derive
from kimberlite.node.signer.enrolment import Enrolment, load
from kimberlite.node.signer.journal import Journal, Seen, Signed
from kimberlite.node.signer.limits import AHEAD, check_day, check_moment
from kimberlite.node.signer.mirror import Look, Mirror
from kimberlite.node.signer.ports import Assess, Judged
from kimberlite.node.signer.rehearsal import choose_key, rehearse
from kimberlite.node.signer.request import Request
from kimberlite.node.signer.sealing import SealRequest, seal

ONCE: Final = frozenset(("kp-cert+cose",))
"""Types of which one subject gets one statement, ever."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a signer is made of. ``clock`` gives UTC seconds."""

    home: Path
    enroller: PublicKey
    keys: Mapping[bytes, PrivateKey]
    journal: Journal
    mirror: Mirror
    books: Books
    assess: Assess
    clock: Callable[[], int]
    documents: Mapping[bytes, PrivateKey] = field(default_factory=dict)
    """Keys that seal documents, by kid."""


@dataclass(frozen=True, slots=True)
class Ready:
    """What officers are asked to approve: its digest, how many must, and what the log will find."""

    proposal: bytes
    needed: int
    kid: bytes
    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Case:
    request: Request
    enrolment: Enrolment
    look: Look
    content: Content
    judged: Judged
    key: PrivateKey
    now: int


class Signer:
    """One authority's signer. Its methods may be called from several threads."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._lock = threading.Lock()

    def enrolment(self) -> Enrolment:
        """Give the enrolment as it stands on disk.

        Raises:
            Untrusted: ``signer.enrolment``; ``signer.enrolment-rolled-back`` for an older version
                than was in force before.
        """
        with self._lock:
            return self._enrolment()

    def _enrolment(self) -> Enrolment:
        found = load(self._parts.home, self._parts.enroller)
        seen = self._parts.journal.seen()
        if found.version < seen.enrolment:
            raise Untrusted(
                "signer.enrolment-rolled-back",
                f"version {seen.enrolment} of the enrolment was in force: this is an older copy",
                seen=seen.enrolment,
                found=found.version,
            )
        if found.version > seen.enrolment:
            self._parts.journal.see(Seen(seen.size, seen.root, found.version))
        return found

    def look(self) -> AbstractContextManager[Look]:
        """Look at the log once, with all checks; for the start of the process."""
        return self._parts.mirror.look(self._enrolment(), self._parts.journal)

    def prepare(self, request: Request) -> Ready:
        """Go through everything but the approvals, and sign nothing.

        Raises:
            As :meth:`sign`, apart from what is said there of approvals.
        """
        with self._lock:
            now = self._parts.clock()
            enrolment = self._enrolment()
            with self._parts.mirror.look(enrolment, self._parts.journal) as look:
                case = self._case(request, enrolment, look, now)
                self._check_limits(case)
                findings = rehearse(
                    case.look, self._parts.books, case.content, case.key, bytes(32), at=now
                )
                return Ready(
                    request.proposal.digest(),
                    enrolment.policy.needed(request.proposal.typ),
                    case.key.public.kid,
                    findings,
                )

    def sign(self, request: Request) -> Signed:
        """Sign what enough officers approved; the same draft gets the same statement again.

        Raises:
            Invalid: ``signer.type``, ``signer.version``, ``signer.opening``, and as schemas say.
            Refused: ``signer.no-key``, ``signer.blocked``, ``signer.verdicts``,
                ``signer.override-idle``, ``signer.officer-unknown``, ``signer.officer-not-valid``,
                ``signer.officer-role``, ``signer.approval-time``, ``signer.time``,
                ``signer.clock-back``, ``signer.limit``, ``signer.number-used``,
                ``signer.log-would-refuse``, and ``approval`` codes.
            Untrusted: ``section.digest``, ``approval.signature``, ``signer.other-log``,
                ``signer.log-rolled-back``, ``signer.enrolment``.
            Unavailable: ``signer.log-missing``, ``signer.log-stale``, ``storage.write``: then
                nothing was signed.
        """
        with self._lock:
            before = self._parts.journal.of_draft(request.draft())
            if before is not None:
                return before
            now = self._parts.clock()
            enrolment = self._enrolment()
            with self._parts.mirror.look(enrolment, self._parts.journal) as look:
                case = self._case(request, enrolment, look, now)
                record = _approved(case)
                self._check_limits(case)
                digest = record.digest()
                rehearse(look, self._parts.books, case.content, case.key, digest, at=now)
                signed = _made(case, record)
            # Kept first: a signature that was shown and forgotten could be made twice.
            self._parts.journal.add(signed)
            return signed

    def seal(self, request: SealRequest) -> bytes:
        """Sign for a document of a certificate that was signed here. Raises as ``sealing.seal``."""
        parts = self._parts
        with self._lock:
            return seal(request, parts.documents, parts.journal, parts.clock())

    def derive(self, request: DeriveRequest) -> str:
        """Derive and sign a credential of a certificate that was signed here.

        Raises:
            As ``deriving.derive``, and as the mirror says.
        """
        parts = self._parts
        with self._lock, parts.mirror.look(self._enrolment(), parts.journal) as look:
            return derive(request, parts.keys, parts.journal, look)

    def find(self, statement: bytes) -> Signed:
        """Give what was signed under this statement id. Raises NotFound ``signer.unknown``."""
        with self._lock:
            found = self._parts.journal.of_id(statement)
        if found is None:
            raise NotFound("signer.unknown", "this signer has signed no such statement")
        return found

    def _case(self, request: Request, enrolment: Enrolment, look: Look, now: int) -> _Case:
        self._check_fresh(enrolment, look, now)
        kind = self._kind(request, look)
        content = open_content(request, kind)
        key = choose_key(look, self._parts.keys, content)
        judged = weigh(content, look, self._parts.assess)
        return _Case(request, enrolment, look, content, judged, key, now)

    def _kind(self, request: Request, look: Look) -> StatementType:
        book = self._parts.books.get(look.rules)
        if book is None:
            raise Unavailable(
                "signer.upgrade",
                f"the log is under rule version {look.rules}: upgrade this signer",
                version=look.rules,
            )
        return content_type(book.types, request.proposal.typ)

    def _check_fresh(self, enrolment: Enrolment, look: Look, now: int) -> None:
        if look.time < now - enrolment.policy.stale:
            raise Unavailable(
                "signer.log-stale",
                "the newest entry of the log is too old to decide on: bring the copy up to date",
                time=look.time,
                now=now,
            )

    def _check_limits(self, case: _Case) -> None:
        journal, policy = self._parts.journal, case.enrolment.policy
        check_moment(case.request.proposal.iat, case.now, policy, journal.latest())
        kid = case.key.public.kid
        check_day(journal.spent(kid, day_of(case.now)), case.judged, policy)
        once = _once(case.request)
        if once is not None and (found := journal.of_once(once)) is not None:
            raise Refused(
                "signer.number-used",
                "this signer has signed another statement under this number",
                number=case.request.proposal.sub,
                statement=found.id.hex(),
            )


def content_type(types: Mapping[str, StatementType], typ: str) -> StatementType:
    """Give the statement type that a signer may sign; the log's own are signed by the log.

    Raises:
        Refused: ``signer.type``.
    """
    kind = types.get(typ)
    if kind is None or kind.roles == {"log"}:
        raise Refused("signer.type", f"this signer signs no {typ[:40]}", typ=typ[:40])
    return kind


def _approved(case: _Case) -> ApprovalRecord:
    request, enrolment = case.request, case.enrolment
    roles = {f"approve-{role}" for role in case.content.kind.roles}
    officers: dict[str, PublicKey] = {}
    for each in request.approvals:
        officer = enrolment.officer(each.officer, case.now)
        if officer.roles.isdisjoint(roles):
            raise Refused(
                "signer.officer-role",
                f"{officer.name} is not enrolled to approve this kind of statement",
                officer=officer.name,
                needed=", ".join(sorted(roles)),
            )
        earliest = max(officer.since, request.proposal.iat - AHEAD)
        if not earliest <= each.moment <= case.now + AHEAD:
            raise Refused(
                "signer.approval-time",
                f"{officer.name} approved before the proposal was made, or in the future",
                officer=officer.name,
                moment=each.moment,
            )
        officers[officer.name] = officer.public
    needed = Needed(
        enrolment.genesis,
        officers,
        enrolment.policy.needed(request.proposal.typ),
        request.proposer,
    )
    check_approvals(request.approvals, request.proposal.digest(), needed)
    return ApprovalRecord.of(request.approvals, request.proposal.overrides)


def _once(request: Request) -> str | None:
    told = request.proposal
    return f"{told.typ} {told.iss} {told.sub}" if told.typ in ONCE else None


def _made(case: _Case, record: ApprovalRecord) -> Signed:
    request = case.request
    header = header_of(request.proposal, case.key.public)
    raw = sign(header, body_of(request.proposal, record.digest()), case.key)
    return Signed(
        request.draft(),
        request.proposal.digest(),
        _once(request),
        case.key.public.kid,
        case.now,
        day_of(case.now),
        case.judged.points,
        case.judged.cents,
        request.proposer,
        parse(raw).id,
        raw,
        record.to_bytes(),
    )
