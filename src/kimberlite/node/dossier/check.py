"""Checking a dossier offline: every statement proves itself, or the whole is refused.

What is checked: each file is what the index says; each statement is genuine and in the log, by
the trust bundle; each opening is what was signed; the index says of each what it says itself.
What cannot be: whether a later statement was left out. The log says that, to who asks it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kimberlite.certificates import json_form
from kimberlite.certificates.file import CertificateFile, parse_file
from kimberlite.certificates.v1.rows import key_of
from kimberlite.certificates.verdict import Verdict
from kimberlite.certificates.verify import Verifier
from kimberlite.kernel.errors import Problem, Untrusted
from kimberlite.ledger import bundle as bundles
from kimberlite.ledger.sections import require
from kimberlite.node.dossier import form, page
from kimberlite.node.erasing import digests_in
from kimberlite.words import Words


@dataclass(frozen=True, slots=True)
class Proved:
    """One statement that proved itself: its file, type, author, and open and closed sections."""

    file: str
    typ: str
    holder: str
    statement: bytes
    opened: tuple[str, ...]
    closed: tuple[str, ...]
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Checked:
    """A dossier that holds together.

    Attributes:
        number: the certificate.
        asker: for whom it was made.
        pinned: whether the log is one that the caller trusted beforehand.
        origin, kind: of the log.
        size: entries that the trust bundle knows.
        statements: in the order of the log.
        scans: how many scans are in it, each named by an open section.
        page: whether the page for people is what this program makes of the index; another
            version may lay it out otherwise.
    """

    number: str
    asker: str
    pinned: bool
    origin: str
    kind: str
    size: int
    statements: tuple[Proved, ...]
    scans: int
    page: bool


def check(raw: bytes, today: int, pinned: bytes | None = None) -> Checked:
    """Check a dossier with nothing but itself, and the name of the log that is trusted.

    Args:
        raw: the ZIP.
        today: days since 1970; clocks are the caller's affair.
        pinned: SHA-256 of the genesis statement; None takes the dossier's own word for the log.

    Raises:
        Invalid: ``dossier.form``, ``dossier.too-large``; as ``parse_file``.
        Untrusted: ``dossier.altered``, ``dossier.unproved`` naming the file and the reason,
            ``dossier.index`` where the index says otherwise; as ``bundle.verify``.
    """
    index, files = form.unpack(raw)
    if form.BUNDLE not in files:
        raise Untrusted("dossier.altered", "the trust bundle is missing", file=form.BUNDLE)
    bundle = bundles.verify(files[form.BUNDLE], pinned)
    verifier = Verifier(bundle)
    listed = tuple(_listed(index))
    named = {str(told.get("file")): told for told in listed}
    present = sorted(name for name in files if name.startswith("statements/"))
    if sorted(named) != present or len(listed) != len(present) or not present:
        raise _index("statements")
    proved, scans = [], set()
    for name in present:
        read = parse_file(files[name])
        proved.append(_prove(name, read, verifier.verify(files[name], today), index, named[name]))
        scans |= {form.scan_name(digest) for digest in _digests(read)}
    loose = [name for name in files if name.startswith("scans/") and name not in scans]
    if loose:
        raise _index(loose[0])
    for name in files:
        _require_scan(name, index["files"][name])
    return Checked(
        str(index.get("number")),
        str(index.get("for")),
        pinned is not None,
        bundle.origin,
        bundle.kind,
        bundle.size,
        tuple(proved),
        sum(name.startswith("scans/") for name in files),
        _page_is_ours(index, files),
    )


def _page_is_ours(index: Mapping[str, Any], files: Mapping[str, bytes]) -> bool:
    try:
        return files.get(form.PAGE) == page.write(index, Words(str(index.get("lang")))).encode()
    except (KeyError, TypeError, AttributeError, Problem):
        return False


def _listed(index: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    told = index.get("statements")
    if not isinstance(told, list) or not all(isinstance(each, dict) for each in told):
        raise _index("statements")
    yield from told


def _prove(
    name: str,
    read: CertificateFile,
    verdict: Verdict,
    index: Mapping[str, Any],
    told: Mapping[str, Any],
) -> Proved:
    header, seals = read.statement.header, read.statement.body.seals
    for key, reached in (("genuine", "signature"), ("registered", "receipt")):
        if key not in verdict.proves:
            raise Untrusted(
                "dossier.unproved",
                f"{name}: its {reached} does not prove it",
                file=name,
                why=_why(verdict),
            )
    try:
        for opening in read.openings:
            label = read.kind.section(opening.section).label
            require(opening, seals.get(label), header.iss, header.sub)
    except Problem as bad:
        raise Untrusted("dossier.unproved", f"{name}: {bad}", file=name, why=bad.code) from bad
    opened = tuple(each.section for each in read.openings)
    sealed = {each.name: seals[each.label] for each in read.kind.sections if each.label in seals}
    said = {
        "type": header.typ,
        "by": header.iss,
        "statement": read.statement.id.hex(),
    }
    if any(told.get(key) != value for key, value in said.items()):
        raise _index(name)
    if not _same_number(str(read.named.get("number")), index.get("number")):
        raise _index(name)
    if told.get("said") != json_form.show(read.named) or told.get("entry") != _entry(verdict):
        raise _index(name)
    if not _same_sections(told.get("sections"), sealed, read):
        raise _index(name)
    closed = tuple(each for each in sealed if each not in opened)
    return Proved(name, header.typ, header.iss, read.statement.id, opened, closed, verdict)


def _same_number(said: str, told: object) -> bool:
    return isinstance(told, str) and key_of(said) == key_of(told)


def _entry(verdict: Verdict) -> object:
    shown = (each for each in verdict.reasons if each.code == "registration.shown")
    return next((each.facts["index"] for each in shown), None)


def _same_sections(told: object, sealed: Mapping[str, bytes], read: CertificateFile) -> bool:
    """Say whether the index tells the sections of a statement, and what is open, as they are."""
    if not isinstance(told, list) or not all(isinstance(each, dict) for each in told):
        return False
    opened = {
        each.section: json_form.show(each.read(read.kind.section(each.section).schema))
        for each in read.openings
    }
    found = {each.get("section"): each for each in told}
    return len(found) == len(told) == len(sealed) and all(
        name in found
        and found[name].get("digest") == digest.hex()
        and (found[name].get("shown") == "clear") == (name in opened)
        and found[name].get("fields") == opened.get(name)
        for name, digest in sealed.items()
    )


def _digests(read: CertificateFile) -> Iterator[bytes]:
    for opening in read.openings:
        yield from digests_in(opening.read(read.kind.section(opening.section).schema))


def _require_scan(name: str, digest: str) -> None:
    """Make sure that a scan is what its name says, as that is what the section names."""
    if name.startswith("scans/") and name != f"scans/{digest}":
        raise _index(name)


def _why(verdict: Verdict) -> str:
    found = [each.code for each in verdict.reasons if each.weight.value in {"against", "doubt"}]
    return ", ".join(found) or "nothing shows it"


def _index(name: str) -> Untrusted:
    return Untrusted(
        "dossier.index", f"the index says of {name} what it does not say itself", file=name[:80]
    )
