"""Read a credential or a view back, and judge it beside the certificate that it was made from."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from kimberlite.certificates.checks import Findings
from kimberlite.certificates.file import CertificateFile, parse_file
from kimberlite.certificates.verdict import Verdict, result_of, weighed
from kimberlite.documents.credential import did, strict, vc, view
from kimberlite.documents.credential.jws import Jws, parse
from kimberlite.documents.credential.opened import open_file
from kimberlite.documents.credential.view import Disclosure
from kimberlite.kernel.errors import Invalid, Problem, Refused
from kimberlite.ledger.bundle import TrustBundle
from kimberlite.ledger.keyring import Key

_FORM = re.compile(rb"eyJ[A-Za-z0-9_-]+\.eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+(?:~[A-Za-z0-9_~-]*)?")


@dataclass(frozen=True, slots=True)
class Credential:
    """A credential or view taken apart; ``file`` is the certificate file inside."""

    token: Jws
    file: CertificateFile
    disclosures: tuple[Disclosure, ...] = ()

    @property
    def is_view(self) -> bool:
        """Say whether it is a view, which is never the certificate."""
        return self.token.typ == view.TYP


def is_credential(data: bytes) -> bool:
    """Say whether ``data`` looks like a credential; its start is enough to tell."""
    return data[:64].lstrip().startswith(b"eyJ")


def read(data: bytes) -> Credential:
    """Take a ``vc+jwt`` or a view apart. Nothing is verified.

    Raises:
        Invalid: ``credential.form``, ``credential.type``, ``credential.no-file``, as ``jws.parse``,
            ``view.parse``, ``strict.decode`` and ``parse_file``.
    """
    if len(data) > strict.LIMIT:
        raise Invalid("credential.too-long", "a credential has at most 384 KiB", limit=strict.LIMIT)
    whole = data.strip()
    if _FORM.fullmatch(whole) is None:
        raise Invalid("credential.form", "this is not a signed token of three parts")
    disclosures: tuple[Disclosure, ...] = ()
    if b"~" in whole:
        whole, disclosures = view.parse(whole)
    token = parse(whole)
    if token.typ != (view.TYP if data.strip() != whole else vc.TYP):
        raise Invalid("credential.type", "this kind of credential is not known here", typ=token.typ)
    told = _file_in(strict.decode(token.payload))
    return Credential(token, parse_file(strict.from_base64url(told)), disclosures)


def refuse_view(data: bytes) -> bytes:
    """Give ``data`` back, unless it is a view: what is shown for information, no goods travel on.

    Raises:
        Refused: ``credential.view-presented``.
        Invalid: as ``read``, for what looks like a credential.
    """
    if is_credential(data) and read(data).is_view:
        raise Refused(
            "credential.view-presented",
            "this is a view for information: ask for the certificate itself",
        )
    return data


def _file_in(payload: dict[str, Any]) -> str:
    match payload:
        case {"evidence": [{"kimberleyFile": str() as told}]} | {"file": str() as told}:
            return told
        case _:
            pass
    raise Invalid("credential.no-file", "no Kimberley Process certificate is in this credential")


def judge(data: bytes, bundle: TrustBundle, verdict: Verdict) -> Verdict:
    """Add to the ``verdict`` on the certificate inside what its credential is worth.

    Keys come from the bundle alone, never from a DID document or the token. A key counts that was
    valid where the certificate was logged, or is valid now: an issuer may derive a credential
    later than it certified, and with a newer key.

    Raises:
        Invalid: as ``read``.
    """
    credential = read(data)
    if credential.file.statement.id != verdict.statement:
        raise Invalid("reading.several", "these are of different certificates: one at a time")
    found = Findings()
    if credential.is_view:
        found.note("credential.view")
    signed = _judge_signature(found, credential, bundle)
    same = _judge_content(found, credential, bundle.origin)
    if signed and same:
        found.for_("credential.derived")
    reasons = weighed((*verdict.reasons, *found.reasons()))
    return replace(verdict, reasons=reasons, result=result_of(reasons))


def _judge_signature(found: Findings, credential: Credential, bundle: TrustBundle) -> bool:
    issuer = credential.file.statement.header.iss
    key = _named_key(credential, bundle, issuer)
    if key is None:
        found.doubt("credential.key-unknown")
        return False
    if not credential.token.signed_by(key.public):
        found.against("credential.signature")
        return False
    if "issue" not in key.roles:
        found.against("credential.key-role")
        return False
    index = _index_of(credential, bundle)
    if key.until is not None and not (index is not None and key.valid_at(index)):
        found.doubt("credential.key-ended")
        return False
    return True


def _named_key(credential: Credential, bundle: TrustBundle, issuer: str) -> Key | None:
    for kid, key in bundle.keys.items():
        named = did.key_id(bundle.origin, issuer, kid)
        if key.holder == issuer and named == credential.token.kid:
            return key
    return None


def _index_of(credential: Credential, bundle: TrustBundle) -> int | None:
    try:
        return open_file(credential.file, bundle.origin, frozenset()).index
    except Problem:
        return None


def _judge_content(found: Findings, credential: Credential, origin: str) -> bool:
    """Derive it again and compare bytes; a disclosure has to be one whose digest was signed."""
    try:
        if credential.is_view:
            same = _same_view(credential, origin)
        else:
            same = strict.encode(vc.derive(credential.file, origin)) == credential.token.payload
    except Problem:
        same = False
    if not same:
        found.against("credential.altered")
    return same


def _same_view(credential: Credential, origin: str) -> bool:
    told = strict.decode(credential.token.payload)
    digests = told.pop("_sd", None)
    if not isinstance(digests, list) or not all(isinstance(each, str) for each in digests):
        return False
    opened = open_file(credential.file, origin, view.OPEN)
    known = {each.digest for each in credential.disclosures} <= set(digests)
    return (
        known
        and {each.section for each in credential.file.openings} == view.OPEN
        and (
            strict.encode({**view.clear(opened), "_sd": sorted(digests)})
            == credential.token.payload
        )
    )
