"""How values of the rooms below are told to people: sentences from codes, names from codes."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from kimberlite.certificates.life import ActView
from kimberlite.certificates.model import Certificate
from kimberlite.certificates.transitions import SOURCES
from kimberlite.certificates.verdict import VerdictReason
from kimberlite.kernel.ids import is_user_assigned
from kimberlite.ledger.admission import DOOR
from kimberlite.ledger.schema import Schema, day, moment
from kimberlite.node.books import V1
from kimberlite.registry.model import Authority, Interval, Reason, Restriction, Scope
from kimberlite.web.desk import Visit
from kimberlite.words import Words

_DAY, _MOMENT = day().cddl, moment().cddl


@functools.cache
def sources() -> Mapping[str, str]:
    """Give the source of every rule of the log by its code."""
    rules = (rule for kind in V1.types.values() for rule in kind.rules)
    return {**DOOR, **SOURCES, **{rule.code: rule.source for rule in rules}}


def source(code: str) -> str:
    """Give the text a rule comes from."""
    return sources().get(code, "ours: docs/spec")


def reason(told: Reason, visit: Visit) -> str:
    """Say a reason of the registry."""
    return visit.words.say(told.code, **told.facts)


def verdict_reason(told: VerdictReason, visit: Visit) -> str:
    """Say a reason of a verdict; the issuer's own findings name a rule, which is said too."""
    said = visit.words.say(told.code, **told.facts)
    rule = str(told.facts.get("rule", ""))
    return f"{said} {visit.words.say(rule)}" if rule and visit.words.has(rule) else said


def named(code: str, visit: Visit) -> str:
    """Name a participant, a state, or an organ of the scheme."""
    if code.islower():
        key = f"organ.{code}"
        return visit.words.say(key) if visit.words.has(key) else code
    return visit.words.territory(code)


def names(codes: Iterable[str], visit: Visit) -> str:
    """Name several, in the order given."""
    return visit.words.listing(named(code, visit) for code in codes)


def interval(when: Interval, visit: Visit) -> str:
    """Write a day, or the days between which it lies."""
    return visit.words.period(when.earliest, when.latest)


def restriction_title(entry: Restriction, visit: Visit) -> str:
    """Name a restriction by the country it is about and the trade it limits."""
    scope, words = entry.scope, visit.words
    country = named(scope.country, visit)
    if entry.authority is Authority.NATIONAL:
        bound = named(entry.jurisdiction, visit)
        key = f"web.restriction.national.{scope.direction.value}"
        return words.say(key, country=country, bound=bound)
    return words.say(f"web.restriction.{scope.direction.value}", country=country)


def scope_lines(scope: Scope, visit: Visit) -> list[str]:
    """Say what a restriction catches and what passes, a sentence each."""
    words = visit.words
    lists = {
        "regions": scope.regions,
        "companies": scope.companies,
        "companies-allowed": scope.companies_allowed,
        "zones-allowed": scope.zones_allowed or (),
    }
    lines = [words.say(f"web.scope.{scope.target.value}", country=named(scope.country, visit))]
    lines += [
        words.say(f"web.scope.{name}", list=words.listing(each))
        for name, each in lists.items()
        if each
    ]
    if scope.zones_allowed == () and not scope.zones_unnamed:
        lines.append(words.say("web.scope.no-zone"))
    numbers = {
        "lots": scope.lots_allowed,
        "zones-unnamed": scope.zones_unnamed or None,
        "left-before": scope.left_before,
        "threshold": scope.threshold_points,
    }
    lines += [words.say(f"web.scope.{k}", n=v) for k, v in numbers.items() if v is not None]
    if scope.goods:
        lines.append(words.say("web.scope.goods", goods=words.word(scope.goods)))
    flags = {"transit": scope.transit_passes, "approval": scope.needs_approval}
    return lines + [words.say(f"web.scope.{name}") for name, held in flags.items() if held]


def fields(act: ActView, visit: Visit) -> list[tuple[str, str]]:
    """Give the log section of an act as names and texts."""
    kind = V1.types.get(act.typ)
    return [] if kind is None else section_fields(kind.schema, act.named, visit.words)


def section_fields(
    schema: Schema, section: Mapping[str, Any], words: Words
) -> list[tuple[str, str]]:
    """Give the fields that ``section`` holds as names and texts, in the schema's order."""
    return [
        (each.name, _text(section[each.name], each.kind.cddl, each.kind.inner, words))
        for each in schema.fields
        if section.get(each.name) is not None
    ]


def _text(value: object, cddl: str, inner: Sequence[Schema], words: Words) -> str:
    match value:
        case bool():
            return words.say("word.yes" if value else "word.no")
        case int() if cddl.find(_DAY) >= 0:
            return words.day(value)
        case int() if cddl.find(_MOMENT) >= 0:
            return words.moment(value)
        case bytes():
            return value.hex()
        case str() if cddl.find("&(") >= 0:
            return words.word(value)
        case dict():
            pairs = section_fields(inner[0], value, words)
            return words.listing(f"{label(name, words)}: {text}" for name, text in pairs)
        case list() | tuple():
            return words.listing(_text(each, cddl, inner, words) for each in value)
        case _:
            return str(value)


def label(name: str, words: Words) -> str:
    """Name a field; one without words of its own goes by its name in the schema."""
    key = f"field.{name}"
    return words.say(key) if words.has(key) else name.replace("_", " ").replace("-", " ")


def contents(certificate: Certificate | None, visit: Visit) -> list[tuple[str, str]]:
    """Give what a file's open sections say, as names and texts."""
    return [] if certificate is None else list(_contents(certificate, visit))


def _contents(certificate: Certificate, visit: Visit) -> Iterator[tuple[str, str]]:
    words = visit.words
    yield "issued", words.day(certificate.issued)
    yield "expires", words.day(certificate.expires)
    if (shipment := certificate.shipment) is not None:
        yield "destination", named(shipment.destination, visit)
        yield "origin_mode", words.word(shipment.origin_mode)
        if shipment.origins:
            yield "origins", names((each.country for each in shipment.origins), visit)
        yield "provenance", named(shipment.provenance, visit)
        yield "parcels", words.number(shipment.parcels)
    if (values := certificate.values) is not None:
        yield "carats", words.carats(values.carats.points)
        if values.value is not None:
            yield "value", words.usd(values.value.cents)
        yield "hs", words.listing(line.hs for line in values.lines)
    if (parties := certificate.parties) is not None:
        for role, party in (("exporter", parties.exporter), ("importer", parties.importer)):
            yield role, words.listing((party.name, party.address))
        yield "seals", words.listing(parties.seals)


def invented(code: str) -> bool:
    """Say whether ``code`` is one of XA to XZ, which belong to nobody."""
    return is_user_assigned(code)


FILTERS: Mapping[str, Callable[..., Any]] = {
    "reason": reason,
    "verdict_reason": verdict_reason,
    "named": named,
    "names": names,
    "interval": interval,
    "restriction_title": restriction_title,
    "scope": scope_lines,
    "fields": fields,
    "label": label,
    "invented": invented,
    "word": lambda value, words: words.word(value),
    "source": source,
}
