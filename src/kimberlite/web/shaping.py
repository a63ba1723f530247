"""Turn values of the rooms below into the forms of the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kimberlite.certificates.life import ActView, CertificateLife
from kimberlite.certificates.projection import Listed
from kimberlite.certificates.verdict import Verdict
from kimberlite.kernel.days import show_day, show_moment
from kimberlite.kernel.quantity import Carats
from kimberlite.kernel.rules import Facts
from kimberlite.ledger.schema import Schema, day, moment
from kimberlite.node.books import V1
from kimberlite.registry.model import (
    Answer,
    Interval,
    NumberRange,
    ParticipantView,
    Practice,
    Record,
    Restriction,
    Scope,
    Truth,
)
from kimberlite.registry.timeline import Dated
from kimberlite.web import forms, present
from kimberlite.web.desk import Visit
from kimberlite.words import Words

_DAY, _MOMENT = day().cddl, moment().cddl


def optional_day(day: int | None) -> str | None:
    """Write a day, or None."""
    return None if day is None else show_day(day)


def answer(told: Answer, words: Words) -> forms.AnswerForm:
    """Shape an answer with its reasons."""
    reasons = [
        forms.ReasonForm(
            code=each.code,
            truth=each.truth.value,
            sentence=words.say(each.code, **each.facts),
            source=each.source,
            contested_by=list(each.contested_by),
            facts=dict(each.facts),
        )
        for each in told.reasons
    ]
    return forms.AnswerForm(truth=told.truth.value, contested=told.contested, reasons=reasons)


def record(told: Record) -> forms.RecordForm:
    """Shape a record."""
    return forms.RecordForm(
        entry=told.entry,
        statement=told.statement.hex(),
        standing=told.standing.value,
        source=told.source,
        confidence=told.confidence,
        known_on=show_day(told.known_on),
        contested_by=list(told.contested_by),
    )


def period(when: Interval) -> forms.PeriodForm:
    """Shape an uncertain day."""
    return forms.PeriodForm(earliest=show_day(when.earliest), latest=show_day(when.latest))


def scope(told: Scope) -> forms.ScopeForm:
    """Shape what a restriction catches."""
    threshold = told.threshold_points
    return forms.ScopeForm(
        country=told.country,
        target=told.target.value,
        direction=told.direction.value,
        regions=list(told.regions),
        companies=list(told.companies),
        companies_allowed=list(told.companies_allowed),
        zones_allowed=None if told.zones_allowed is None else list(told.zones_allowed),
        zones_unnamed=told.zones_unnamed,
        lots_allowed=told.lots_allowed,
        left_before=optional_day(told.left_before),
        transit_passes=told.transit_passes,
        threshold_carats=None if threshold is None else str(Carats(threshold)),
        goods=told.goods,
        needs_approval=told.needs_approval,
    )


def restriction(told: Restriction, held: Truth | None) -> forms.RestrictionForm:
    """Shape a restriction."""
    return forms.RestrictionForm(
        id=told.id,
        in_force=None if held is None else held.value,
        authority=told.authority.value,
        jurisdiction=told.jurisdiction,
        begins=period(told.begins),
        ends=None if told.ends is None else period(told.ends),
        scope=scope(told.scope),
        record=record(told.record),
        ended_by=None if told.ended_by is None else record(told.ended_by),
    )


def participant(told: ParticipantView, words: Words) -> forms.ParticipantForm:
    """Shape a participant."""
    return forms.ParticipantForm(
        code=told.code,
        name=words.territory(told.code),
        names=dict(told.names),
        listed=answer(told.listed, words),
        may_trade=answer(told.may_trade, words),
        restrictions=[each.id for each, _ in told.restrictions],
        territory_of=told.territory_of,
        prefixes=list(told.prefixes),
    )


def event(told: Dated) -> forms.EventForm:
    """Shape an event of a history."""
    return forms.EventForm(
        kind=told.kind, when=period(told.when), text=told.text, record=record(told.record)
    )


def number_range(told: NumberRange) -> forms.RangeForm:
    """Shape a range of numbers."""
    return forms.RangeForm(
        prefix=told.prefix,
        first=told.first,
        last=told.last,
        begins=show_day(told.begins),
        ends=optional_day(told.ends),
        office=told.office,
    )


def practice(told: Practice) -> forms.PracticeForm:
    """Shape national practice."""
    return forms.PracticeForm(
        validity_days=told.validity_days,
        confirm_days=told.confirm_days,
        expiry_governs=told.expiry_governs,
        status_policy=told.status_policy,
        tolerance_carats_permille=told.tolerance_carats_permille,
        tolerance_value_permille=told.tolerance_value_permille,
        languages=list(told.languages),
        retention_years=told.retention_years,
        shipment_opens_days=told.shipment_opens_days,
        unused_days=told.unused_days,
        answer_days=told.answer_days,
        countersign_days=told.countersign_days,
        settle_days=told.settle_days,
        detain_days=told.detain_days,
    )


def said(typ: str, named: Mapping[str, Any]) -> dict[str, Any]:
    """Give a log section as JSON can hold it: days and moments written, bytes in hexadecimal."""
    kind = V1.types.get(typ)
    return {} if kind is None else _section(kind.schema, named)


def _section(schema: Schema, named: Mapping[str, Any]) -> dict[str, Any]:
    return {
        each.name: _plain(named[each.name], each.kind.cddl, each.kind.inner)
        for each in schema.fields
        if each.name in named
    }


def _plain(value: object, cddl: str, inner: tuple[Schema, ...]) -> object:
    match value:
        case bool() | str() | None:
            return value
        case int() if _DAY in cddl:
            return show_day(value)
        case int() if _MOMENT in cddl:
            return show_moment(value)
        case int():
            return value
        case dict() if inner:
            return _section(inner[0], value)
        case list() | tuple():
            return [_plain(each, cddl, inner) for each in value]
        case _:
            return plain(value)


def plain(value: object) -> object:
    """Give a decoded CBOR value as JSON can hold it: bytes in hexadecimal."""
    match value:
        case bytes():
            return value.hex()
        case dict():
            return {str(key): plain(each) for key, each in value.items()}
        case list() | tuple():
            return [plain(each) for each in value]
        case _:
            return value


def finding(code: str, facts: Facts, words: Words) -> forms.FindingForm:
    """Shape a finding."""
    return forms.FindingForm(
        code=code,
        sentence=words.say(code, **facts),
        source=present.source(code),
        facts=dict(facts),
    )


def act(told: ActView, words: Words) -> forms.ActForm:
    """Shape an act of a certificate's life."""
    return forms.ActForm(
        index=told.index,
        statement=told.statement.hex(),
        typ=told.typ,
        holder=told.holder,
        signed_at=show_moment(told.signed_at),
        said=said(told.typ, told.named),
        findings=[finding(each.code, each.facts, words) for each in told.findings],
    )


def life(told: CertificateLife, words: Words) -> forms.LifeForm:
    """Shape a certificate's life."""
    return forms.LifeForm(
        number=told.number,
        status=told.status.word,
        expired=told.expired,
        kind=told.row.kind,
        issuer=told.row.holder,
        issued=show_day(told.row.issued),
        expires=show_day(told.row.expires),
        paper=_paper(told, words),
        alerts=[
            forms.AlertForm(
                statement=each.statement.hex(),
                entry=each.index,
                kind=each.kind,
                holder=each.holder,
            )
            for each in told.alerts
        ],
        acts=[act(each, words) for each in told.acts],
    )


def _paper(told: CertificateLife, words: Words) -> forms.PaperForm | None:
    if (by := told.transcript) is None:
        return None
    sentence = words.say("web.life.paper", holder=by.transcriber)
    return forms.PaperForm(transcriber=by.transcriber, specimen=by.specimen, sentence=sentence)


def listed(told: Listed) -> forms.ListedForm:
    """Shape a certificate of a list."""
    return forms.ListedForm(
        number=told.number,
        issuer=told.issuer,
        status=told.status,
        issued=show_day(told.issued),
        expires=show_day(told.expires),
        entry=told.entry,
        findings=told.findings,
        alerts=told.alerts,
        paper=bool(told.paper),
        receiver=told.receiver or None,
        since=show_day(told.since),
    )


def verdict(told: Verdict, visit: Visit) -> forms.VerdictForm:
    """Shape a verdict."""
    reasons = [
        forms.VerdictReasonForm(
            code=each.code,
            weight=each.weight.value,
            sentence=present.verdict_reason(each, visit),
            facts=dict(each.facts),
        )
        for each in told.reasons
    ]
    return forms.VerdictForm.model_validate(
        {
            "result": told.result.value,
            "kind": told.kind,
            "origin": told.origin,
            "number": told.number,
            "issuer": told.issuer,
            "typ": told.typ,
            "statement": told.statement.hex(),
            "reasons": reasons,
            "proves": list(told.proves),
            "cannot_prove": list(told.cannot_prove),
            "reminders": list(told.reminders),
            "as_of": show_moment(told.as_of),
            "age_days": told.age_days,
        }
    )
