"""What officers approve before an authority's key signs, and how anyone entitled checks it later.

Officers sign a proposal: everything the statement will say, and for each rule that is overridden
the digest of the legal basis. The statement commits to their signatures by one digest (payload
label 3), so nobody can swap an approval afterwards, and the log shows no officer's name.
Source: ours, docs/spec/signer.md.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kimberlite.crypto.keys import PrivateKey, PublicKey
from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Invalid, Problem, Refused, Untrusted
from kimberlite.ledger.envelope import SAID, Statement, Verdicts
from kimberlite.ledger.schema import MOMENT_MAX

PSEUDONYM = re.compile(r"[a-z][a-z0-9-]{1,31}")
"""How an officer appears: a staff pseudonym such as "officer-17", never a person's name."""

BASIS_LONGEST = 500
"""Longest legal basis for overriding a rule, in characters."""

_DIGEST_BYTES = 32
_SIGNATURE_BYTES = 64
_MOST = 16
_CODE_LONGEST = 64


def check_overrides(overrides: Mapping[str, str]) -> None:
    """Make sure that each override names a rule and gives its legal basis.

    Raises:
        Invalid: ``approval.basis``.
    """
    good = all(
        0 < len(code) <= _CODE_LONGEST and 0 < len(basis.strip()) <= len(basis) <= BASIS_LONGEST
        for code, basis in overrides.items()
    )
    if not good or len(overrides) > _MOST:
        raise Invalid(
            "approval.basis",
            f"an override names a rule and its legal basis in 1 to {BASIS_LONGEST} characters",
            limit=BASIS_LONGEST,
        )


@dataclass(frozen=True, slots=True)
class Proposal:
    """A statement as officers are asked to approve it: all that it will say but their approval.

    Attributes:
        version: the schema version of the type.
        log: the log section, by label.
        seals: label and digest of each sealed section.
        verdicts: what the section rules said, None for a type without any.
        overrides: the legal basis for each rule that ``verdicts`` calls overridden, by code.
    """

    typ: str
    iss: str
    sub: str
    iat: int
    version: int
    log: Mapping[int, Any]
    seals: Mapping[int, bytes] = field(default_factory=dict)
    verdicts: Verdicts | None = None
    overrides: Mapping[str, str] = field(default_factory=dict)

    def digest(self) -> bytes:
        """Give the 32 bytes that officers sign for.

        SHA-256(CBOR(["kp-approval/1", typ, iss, sub, iat, version, log, seals, verdicts])), where
        verdicts is null or [ruleset, [[code, said] or, if overridden, [code, said, SHA-256 of the
        legal basis]]].

        Raises:
            Invalid: ``approval.override`` when an overridden rule lacks its basis, or a basis is
                given for a rule that is not overridden; ``approval.basis``.
        """
        head = ["kp-approval/1", self.typ, self.iss, self.sub, self.iat, self.version]
        told = [*head, dict(self.log), dict(self.seals), self._verdicts()]
        return hashlib.sha256(cbor.encode(told)).digest()

    def _verdicts(self) -> list[Any] | None:
        check_overrides(self.overrides)
        said = () if self.verdicts is None else self.verdicts.said
        overridden = {code for code, word in said if word == "overridden"}
        if overridden != self.overrides.keys():
            rule = min(overridden ^ self.overrides.keys())
            raise Invalid(
                "approval.override",
                "each overridden rule, and no other, comes with its legal basis",
                rule=rule,
            )
        if self.verdicts is None:
            return None
        pairs: list[list[Any]] = []
        for code, word in said:
            pair: list[Any] = [code, SAID.index(word)]
            if word == "overridden":
                pair.append(hashlib.sha256(self.overrides[code].encode()).digest())
            pairs.append(pair)
        return [self.verdicts.ruleset, pairs]


def proposal_of(statement: Statement, overrides: Mapping[str, str]) -> Proposal:
    """Give back what was proposed, from the signed statement and the kept legal bases."""
    header, body = statement.header, statement.body
    return Proposal(
        header.typ,
        header.iss,
        header.sub,
        header.iat,
        body.version,
        body.log,
        body.seals,
        body.verdicts,
        overrides,
    )


def approval_message(genesis: bytes, proposal: bytes, officer: str, moment: int) -> bytes:
    """Give what an officer signs: CBOR(["kp-approve/1", genesis, proposal, officer, moment]).

    Args:
        genesis: SHA-256 of the log's genesis statement, so that an approval counts in one log.
        proposal: :meth:`Proposal.digest`.
        officer: the staff pseudonym.
        moment: UTC seconds.
    """
    return cbor.encode(["kp-approve/1", genesis, proposal, officer, moment])


@dataclass(frozen=True, slots=True)
class Approval:
    """One officer's signature for one proposal.

    Attributes:
        thumbprint: 32 bytes, of the officer's COSE_Key (RFC 9679).
        moment: when the officer signed, UTC seconds.
    """

    officer: str
    thumbprint: bytes
    moment: int
    signature: bytes

    def to_value(self) -> list[Any]:
        """Give the CBOR form: [officer, thumbprint, moment, signature]."""
        return [self.officer, self.thumbprint, self.moment, self.signature]

    def to_bytes(self) -> bytes:
        """Give the bytes in which an approval travels alone."""
        return cbor.encode(self.to_value())

    @classmethod
    def from_value(cls, value: Any) -> Approval:
        """Read what ``to_value`` gives. Raises Invalid ``approval.form``."""
        match value:
            case [
                str() as officer,
                bytes() as thumbprint,
                int() as moment,
                bytes() as signature,
            ] if (
                type(moment) is int
                and PSEUDONYM.fullmatch(officer)
                and len(thumbprint) == _DIGEST_BYTES
                and 0 <= moment <= MOMENT_MAX
                and len(signature) == _SIGNATURE_BYTES
            ):
                return cls(officer, thumbprint, moment, signature)
        raise _form("an approval is an officer, a key's thumbprint, a moment and a signature")

    @classmethod
    def parse(cls, data: bytes) -> Approval:
        """Read what ``to_bytes`` gives. Raises Invalid ``approval.form``."""
        return cls.from_value(_decoded(data))

    def signed_by(self, key: PublicKey, genesis: bytes, proposal: bytes) -> bool:
        """Say whether ``key`` made this approval, for this proposal in this log."""
        if self.thumbprint != key.thumbprint():
            return False
        message = approval_message(genesis, proposal, self.officer, self.moment)
        return key.verify(self.signature, message)


def approve(
    key: PrivateKey, officer: str, *, genesis: bytes, proposal: bytes, moment: int
) -> Approval:
    """Sign for ``proposal`` (a digest) as ``officer``. Raises Invalid ``approval.form``."""
    signature = key.sign(approval_message(genesis, proposal, officer, moment))
    return Approval.from_value([officer, key.public.thumbprint(), moment, signature])


@dataclass(frozen=True, slots=True)
class ApprovalRecord:
    """All approvals of one statement, by officer, and the legal bases that they approved.

    It is kept beside the log, not in it; the statement holds its digest.
    """

    approvals: tuple[Approval, ...]
    overrides: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, approvals: Sequence[Approval], overrides: Mapping[str, str]) -> ApprovalRecord:
        """Make the one record of these approvals, whatever order they came in."""
        return cls(tuple(sorted(approvals, key=lambda each: each.officer)), dict(overrides))

    def to_bytes(self) -> bytes:
        """Give CBOR([[approval, ...], {code: legal basis}])."""
        return cbor.encode([[each.to_value() for each in self.approvals], dict(self.overrides)])

    def digest(self) -> bytes:
        """Give the 32 bytes that stand in the statement: SHA-256 of :meth:`to_bytes`."""
        return hashlib.sha256(self.to_bytes()).digest()

    @classmethod
    def parse(cls, data: bytes) -> ApprovalRecord:
        """Read what ``to_bytes`` gives.

        Raises:
            Invalid: ``approval.form``, ``approval.basis``.
        """
        match _decoded(data):
            case [list() as approvals, dict() as overrides] if 0 < len(approvals) <= _MOST:
                if all(type(k) is str and type(v) is str for k, v in overrides.items()):
                    check_overrides(overrides)
                    found = cls(tuple(map(Approval.from_value, approvals)), overrides)
                    names = [each.officer for each in found.approvals]
                    if names == sorted(names):
                        return found
        raise _form("an approval record holds approvals in order of officer, and legal bases")


@dataclass(frozen=True, slots=True)
class Needed:
    """What an approval must be measured against.

    Attributes:
        genesis: SHA-256 of the log's genesis statement.
        officers: public key of each officer who may approve this, by pseudonym.
        count: how many distinct officers are needed.
        proposer: who asked; may not be the only one who approves. Empty when not known.
    """

    genesis: bytes
    officers: Mapping[str, PublicKey]
    count: int
    proposer: str = ""


def check_approvals(approvals: Sequence[Approval], proposal: bytes, needed: Needed) -> None:
    """Make sure that enough distinct officers, with distinct keys, approved ``proposal``.

    Args:
        proposal: :meth:`Proposal.digest`.

    Raises:
        Refused: ``approval.unknown-officer``, ``approval.officer-twice``, ``approval.key-twice``,
            ``approval.too-few``, ``approval.proposer-alone``.
        Untrusted: ``approval.signature`` when an officer signed something else, or someone else
            signed.
    """
    names: set[str] = set()
    keys: set[bytes] = set()
    for each in approvals:
        _check_one(each, proposal, needed)
        if each.officer in names:
            raise Refused(
                "approval.officer-twice",
                f"{each.officer} approved twice: another officer is needed",
                officer=each.officer,
            )
        if each.thumbprint in keys:
            raise Refused(
                "approval.key-twice",
                f"{each.officer} approved with the key of another officer",
                officer=each.officer,
            )
        names.add(each.officer)
        keys.add(each.thumbprint)
    if len(names) < needed.count:
        raise Refused(
            "approval.too-few",
            f"{needed.count} officers must approve this, and {len(names)} did",
            needed=needed.count,
            found=len(names),
        )
    if names == {needed.proposer}:
        raise Refused(
            "approval.proposer-alone",
            f"{needed.proposer} proposed this, so another officer must approve it",
            officer=needed.proposer,
        )


def _check_one(approval: Approval, proposal: bytes, needed: Needed) -> None:
    key = needed.officers.get(approval.officer)
    if key is None:
        raise Refused(
            "approval.unknown-officer",
            f"{approval.officer} may not approve this",
            officer=approval.officer,
        )
    if not approval.signed_by(key, needed.genesis, proposal):
        raise Untrusted(
            "approval.signature",
            f"what {approval.officer} approved is not this: show it to the officer again",
            officer=approval.officer,
        )


def check_record(statement: Statement, record: ApprovalRecord, needed: Needed) -> None:
    """Make sure that ``record`` is the one ``statement`` commits to, and that it holds.

    Raises:
        Untrusted: ``approval.record`` for another record; and as :func:`check_approvals`.
    """
    if statement.body.approval != record.digest():
        raise Untrusted("approval.record", "the statement was signed on another approval record")
    proposal = proposal_of(statement, record.overrides).digest()
    check_approvals(record.approvals, proposal, needed)


def _decoded(data: bytes) -> Any:
    try:
        return cbor.decode(data)
    except Problem as bad:
        raise _form(bad.detail) from None


def _form(why: str) -> Invalid:
    return Invalid("approval.form", f"this is no approval: {why}")
