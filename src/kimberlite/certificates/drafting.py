"""Unsigned drafts of this room's statements: from named fields or JSON, and back.

A draft holds named fields as the schemas know them: days as numbers, carats in points, values in
cents. Its JSON form is for people and programs: days as "2026-11-22", carats and values as
decimals "12.34", digests in hexadecimal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kimberlite.certificates import json_form
from kimberlite.certificates.model import Certificate, Confirmation
from kimberlite.certificates.v1 import TYPES
from kimberlite.certificates.v1.alerts import BLANK_TYP
from kimberlite.certificates.v1.arrival import CONFIRMATION_TYP
from kimberlite.certificates.v1.issue import TYP as CERTIFICATE_TYP
from kimberlite.certificates.v1.paper import PAPER_TYP
from kimberlite.certificates.v1.rows import key_of
from kimberlite.kernel.errors import Invalid, Problem
from kimberlite.kernel.ids import CertificateNumber
from kimberlite.ledger.envelope import Body, Verdicts
from kimberlite.ledger.sections import Opening, make
from kimberlite.ledger.types import StatementType

TYP_OF = {
    "certificate" if each.typ == CERTIFICATE_TYP else each.typ[3:-5]: each.typ for each in TYPES
}
"""What people call each statement type of this room."""

_BY_TYP: Mapping[str, StatementType] = {each.typ: each for each in TYPES}
_WORD_OF = {typ: word for word, typ in TYP_OF.items()}


@dataclass(frozen=True, slots=True)
class Draft:
    """An unsigned statement: its type, its subject, its log section and its sealed sections.

    Fields by name. ``sub`` is the number's key, "XA123".
    """

    typ: str
    sub: str
    log: dict[str, Any]
    sections: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def kind(self) -> StatementType:
        """The statement type."""
        return _BY_TYP[self.typ]

    def check(self) -> None:
        """Write every field once, to see that it can be signed.

        Raises:
            Invalid: ``draft.field`` naming the field, with its path.
        """
        for section, schema, named in self._parts():
            try:
                schema.write(named)
            except Problem as bad:
                raise _named(section, bad) from None
            except (AttributeError, TypeError):
                # A list or a number where a record or a word belongs.
                where = section or "draft"
                raise Invalid(
                    "draft.field", f"{where}: a field has another shape", field=section
                ) from None

    def openings(self, salts: Mapping[str, bytes]) -> tuple[Opening, ...]:
        """Put each section under its own salt (16 fresh bytes, by section name)."""
        return tuple(
            make(name, self.kind.section(name).schema, named, salts[name])
            for name, named in self.sections.items()
        )

    def body(
        self,
        iss: str,
        openings: tuple[Opening, ...],
        *,
        approval: bytes | None = None,
        verdicts: Verdicts | None = None,
    ) -> Body:
        """Give the payload that ``iss`` signs, with a digest for each opening."""
        seals = {self.kind.section(o.section).label: o.digest(iss, self.sub) for o in openings}
        log = self.kind.schema.write(self.log)
        return Body(self.kind.version, log, dict(sorted(seals.items())), approval, verdicts)

    def certificate(self, iss: str) -> Certificate:
        """Give the certificate this draft is of, for the section rules.

        Raises:
            Invalid: ``draft.type`` when it is a draft of something else.
        """
        if self.typ == PAPER_TYP:
            return Certificate.transcribed(self.log, self.sections)
        if self.typ != CERTIFICATE_TYP:
            raise Invalid("draft.type", "this is not a draft of a certificate", typ=self.typ)
        return Certificate.of(iss, self.log, self.sections)

    def confirmation(self, iss: str) -> Confirmation:
        """Give the confirmation this draft is of. Raises Invalid ``draft.type``."""
        if self.typ != CONFIRMATION_TYP:
            raise Invalid("draft.type", "this is not a draft of a confirmation", typ=self.typ)
        return Confirmation.of(iss, self.log, self.sections)

    def to_json(self) -> dict[str, Any]:
        """Give the JSON form, with the type's plain word under "type"."""
        told = {name: json_form.show(named) for name, named in self.sections.items()}
        return {"type": _WORD_OF[self.typ], **json_form.show(self.log), **told}

    def _parts(self) -> list[tuple[str, Any, dict[str, Any]]]:
        sealed = [
            (name, self.kind.section(name).schema, named) for name, named in self.sections.items()
        ]
        return [("", self.kind.schema, self.log), *sealed]


def _named(section: str, bad: Problem) -> Invalid:
    inner = str(bad.facts.get("field", ""))
    path = ".".join(part for part in (section, inner) if part)
    return Invalid("draft.field", f"{path or 'draft'}: {bad.detail}", field=path, why=bad.code)


def draft(
    word: str,
    log: Mapping[str, Any],
    sections: Mapping[str, Mapping[str, Any]] | None = None,
    holder: str = "",
) -> Draft:
    """Make a checked draft from named fields.

    Args:
        word: one of ``TYP_OF``, such as "certificate" or "confirmation".
        log: fields of the log section; the number as printed, gaps allowed.
        sections: fields of the sealed sections, by section name.
        holder: who is to say it; needed for blanks, which have no number yet.

    Raises:
        Invalid: ``draft.type``, ``draft.field`` naming the field, ``number.format``.
    """
    typ = TYP_OF.get(word)
    if typ is None:
        raise Invalid("draft.type", "no statement of that name: " + word[:40], word=word[:40])
    sub, number = _subject(typ, log, holder)
    fields = {name: value for name, value in log.items() if value is not None}
    given = {name: dict(named) for name, named in (sections or {}).items()}
    known = {section.name for section in _BY_TYP[typ].sections}
    for name in given:
        if name not in known:
            raise Invalid("draft.field", f"{word} has no section {name}", field=name)
    found = Draft(typ, sub, {**fields, **number}, given)
    found.check()
    return found


def _subject(typ: str, log: Mapping[str, Any], holder: str) -> tuple[str, dict[str, str]]:
    """Give what a draft is about, and the number as printed where it is about one."""
    if typ == BLANK_TYP:
        return holder, {}
    number = log.get("number")
    if not isinstance(number, str):
        raise Invalid("draft.field", "number: a certificate number is needed", field="number")
    printed = str(CertificateNumber.parse(number))
    return key_of(printed), {"number": printed}


def from_json(value: object, holder: str = "") -> Draft:
    """Read the JSON form of a draft (an object as ``Draft.to_json`` gives it), for ``holder``.

    Raises:
        Invalid: ``draft.json`` when it is no object, ``draft.type``, ``draft.field`` naming the
            field with its path, for example ``values.lines.0.carats``.
    """
    if not isinstance(value, dict):
        raise Invalid("draft.json", "a draft is a JSON object")
    word = value.get("type")
    if not isinstance(word, str) or word not in TYP_OF:
        words = ", ".join(TYP_OF)
        raise Invalid("draft.type", f'"type" must be one of {words}', word=str(word)[:40])
    names = {section.name for section in _BY_TYP[TYP_OF[word]].sections}
    log: dict[str, Any] = {}
    sections: dict[str, dict[str, Any]] = {}
    for name, given in value.items():
        if name == "type" or given is None:
            continue
        read = json_form.read(given, name)
        if name not in names:
            log[name] = read
        elif isinstance(read, dict):
            sections[name] = read
        else:
            raise Invalid("draft.field", f"{name}: expected an object", field=name)
    return draft(word, log, sections, holder)
