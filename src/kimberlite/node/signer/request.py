"""What the signer is asked, as it crosses the socket. Every field is read strictly."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Invalid
from kimberlite.kernel.ids import HOLDER
from kimberlite.ledger.approval import PSEUDONYM, Approval, Proposal, check_overrides
from kimberlite.ledger.envelope import SAID, Verdicts
from kimberlite.ledger.schema import MOMENT_MAX
from kimberlite.ledger.sections import Opening

MOST_OPENINGS: Final = 24
MOST_FILES: Final = 4
FILE_LIMIT: Final = 64 * 1024
"""Longest file that may come along, in bytes."""

_MOST_APPROVALS: Final = 16
_MOST_VERDICTS: Final = 64
_WORDS: Final = tuple(range(len(SAID)))


@dataclass(frozen=True, slots=True)
class Request:
    """A statement to be signed, with what opens its sections and who approved it.

    Attributes:
        proposer: who asked, by pseudonym, as the asking process says; empty when not known.
        files: certificate files that the statement acts on, so that rules can look into them.
    """

    proposal: Proposal
    openings: tuple[Opening, ...] = ()
    approvals: tuple[Approval, ...] = ()
    proposer: str = ""
    files: tuple[bytes, ...] = ()

    def draft(self) -> bytes:
        """Name what is to be said, whoever approves it and whatever rules say: 32 bytes.

        SHA-256(CBOR(["kp-draft/1", typ, iss, sub, iat, version, log, seals])). A retry finds by
        it what was signed before.
        """
        told = self.proposal
        head = ["kp-draft/1", told.typ, told.iss, told.sub, told.iat, told.version]
        return hashlib.sha256(cbor.encode([*head, dict(told.log), dict(told.seals)])).digest()

    def to_args(self) -> dict[str, Any]:
        """Give the arguments of the call."""
        told = self.proposal
        verdicts: list[Any] | None = None
        if told.verdicts is not None:
            pairs = [[code, SAID.index(word)] for code, word in told.verdicts.said]
            verdicts = [told.verdicts.ruleset, pairs]
        return {
            "typ": told.typ,
            "iss": told.iss,
            "sub": told.sub,
            "iat": told.iat,
            "version": told.version,
            "log": dict(told.log),
            "seals": dict(told.seals),
            "verdicts": verdicts,
            "overrides": dict(told.overrides),
            "openings": [each.to_value() for each in self.openings],
            "approvals": [each.to_value() for each in self.approvals],
            "proposer": self.proposer,
            "files": list(self.files),
        }

    @classmethod
    def from_args(cls, args: Mapping[str, Any]) -> Request:
        """Read the arguments of a call.

        Raises:
            Invalid: ``signer.request``, ``section.form``, ``approval.form``, ``approval.basis``.
        """
        match dict(args):
            case {
                "typ": str() as typ,
                "iss": str() as iss,
                "sub": str() as sub,
                "iat": int() as iat,
                "version": int() as version,
                "log": dict() as log,
                "seals": dict() as seals,
                "verdicts": verdicts,
                "overrides": dict() as overrides,
                "openings": list() as openings,
                "approvals": list() as approvals,
                "proposer": str() as proposer,
                "files": list() as files,
                **rest,
            } if not rest:
                pass
            case _:
                raise _bad("it has other parts than it must have")
        if type(iat) is not int or type(version) is not int:
            raise _bad("iat and version are whole numbers")
        if not (HOLDER.fullmatch(iss) and 0 < len(sub) <= 64 and 0 < len(typ) <= 40):
            raise _bad("typ, iss or sub is not of its form")
        if not (0 <= iat <= MOMENT_MAX and 0 < version < 1000):
            raise _bad("iat or version is out of bounds")
        if proposer and PSEUDONYM.fullmatch(proposer) is None:
            raise _bad("the proposer is a staff pseudonym")
        proposal = Proposal(
            typ,
            iss,
            sub,
            iat,
            version,
            _log(log),
            _seals(seals),
            _verdicts(verdicts),
            _overrides(overrides),
        )
        return cls(
            proposal,
            tuple(map(Opening.from_value, _few(openings, MOST_OPENINGS, "openings"))),
            tuple(map(Approval.from_value, _few(approvals, _MOST_APPROVALS, "approvals"))),
            proposer,
            tuple(_few(_files(files), MOST_FILES, "files")),
        )


def _bad(why: str) -> Invalid:
    return Invalid("signer.request", f"the request cannot be read: {why}")


def _few(values: Sequence[Any], most: int, name: str) -> Sequence[Any]:
    if len(values) > most:
        raise _bad(f"too many {name}")
    return values


def _log(value: dict[Any, Any]) -> dict[int, Any]:
    if not all(type(label) is int for label in value):
        raise _bad("the log section is a map by label")
    return value


def _seals(value: dict[Any, Any]) -> dict[int, bytes]:
    for label, digest in value.items():
        if type(label) is not int or type(digest) is not bytes or len(digest) != 32:
            raise _bad("a sealed section is a label and a digest of 32 bytes")
    return value


def _verdicts(value: object) -> Verdicts | None:
    match value:
        case None:
            return None
        case [int() as ruleset, list() as said] if (
            type(ruleset) is int and 0 < ruleset < 1000 and len(said) <= _MOST_VERDICTS
        ):
            return Verdicts(ruleset, tuple(map(_pair, said)))
        case _:
            raise _bad("verdicts are a rule set's version and a list")


def _pair(value: object) -> tuple[str, str]:
    match value:
        case [str() as code, int() as word] if 0 < len(code) <= 64 and type(word) is int:
            if word in _WORDS:
                return code, SAID[word]
        case _:
            pass
    raise _bad("a verdict is a rule's code and what it said")


def _overrides(value: dict[Any, Any]) -> dict[str, str]:
    if not all(type(code) is str and type(basis) is str for code, basis in value.items()):
        raise _bad("an override is a rule's code and its legal basis")
    check_overrides(value)
    return value


def _files(value: Sequence[Any]) -> Sequence[bytes]:
    if not all(type(each) is bytes and len(each) <= FILE_LIMIT for each in value):
        raise _bad("a file has at most 64 KiB")
    return value
