"""The schemas of statements as JSON, so that the browser reads fields from the same list as we do.

A kind of value is one member: ``{"integer": [low, high]}``, ``{"text": longest}``, ``{"pattern":
…}``, ``{"octets": [low, high]}``, ``{"flag": true}``, ``{"choice": [names]}``, ``{"list":
[fewest, most, kind]}`` or ``{"record": name}``. Source: ours, docs/spec/web-verifier.md.
"""

from __future__ import annotations

import re
from typing import Any

from kimberlite.certificates import json_form
from kimberlite.certificates.v1 import TYPES
from kimberlite.documents.credential import opened, vc, view
from kimberlite.kernel.errors import Invalid
from kimberlite.ledger.keyring import ROLES
from kimberlite.ledger.schema import Kind, Schema, nested
from kimberlite.ledger.v1.genesis import SCHEMA as GENESIS_SCHEMA
from kimberlite.ledger.v1.genesis import TYP as GENESIS_TYP

_BYTES_A_CHARACTER = 4
_INTEGER = re.compile(r"([0-9]+)\.\.([0-9]+)")
_TEXT = re.compile(r"tstr \.size \(1\.\.([0-9]+)\)")
_PATTERN = re.compile(r'tstr \.regexp "(.*)"')
_OCTETS = re.compile(r"bstr \.size (?:([0-9]+)|\(([0-9]+)\.\.([0-9]+)\))")
_CHOICE = re.compile(r"&\((.*)\)")
_LIST = re.compile(r"\[([0-9]+)\*([0-9]+) .*\]")


def document() -> dict[str, Any]:
    """Give what the browser needs to read certificates, bundles and the statements in them."""
    types = {each.typ: each for each in TYPES}
    sections = [section.schema for each in TYPES for section in each.sections]
    roots = [GENESIS_SCHEMA, *(each.schema for each in TYPES), *sections]
    return {
        "forms": {
            "days": sorted(json_form.DAYS),
            "decimals": sorted(json_form.CARATS | json_form.USD),
        },
        "credential": _credential(),
        "genesis": {"typ": GENESIS_TYP, "schema": GENESIS_SCHEMA.name},
        "roles": sorted(ROLES),
        "types": {
            typ: {
                "version": each.version,
                "schema": each.schema.name,
                "roles": sorted(each.roles),
                "sections": [
                    {"label": s.label, "name": s.name, "schema": s.schema.name}
                    for s in each.sections
                ],
            }
            for typ, each in types.items()
        },
        "records": {found.name: _record(found) for root in roots for found in nested(root)},
    }


def _credential() -> dict[str, Any]:
    """Give what stands in every credential and view as it is."""
    return {
        "contexts": vc.CONTEXTS,
        "types": vc.TYPES,
        "resource": vc.RESOURCE,
        "subject": vc.SUBJECT,
        "assessment": vc.ASSESSMENT,
        "label": view.LABEL,
        "purposes": opened.PURPOSES,
        "listBits": opened.LIST_BITS,
    }


def _record(schema: Schema) -> dict[str, Any]:
    return {
        str(each.label): {
            "name": each.name,
            "kind": kind_of(each.kind),
            "required": each.required,
        }
        for each in schema.fields
    }


def kind_of(kind: Kind) -> dict[str, Any]:
    """Give one kind of value as JSON.

    Raises:
        Invalid: ``schema.value`` for a kind that the browser cannot read yet.
    """
    shape = kind.cddl
    if shape == "bool":
        return {"flag": True}
    if kind.member is not None and (found := _LIST.fullmatch(shape)):
        return {"list": [int(found[1]), int(found[2]), kind_of(kind.member)]}
    if found := _INTEGER.fullmatch(shape):
        return {"integer": [int(found[1]), int(found[2])]}
    if found := _TEXT.fullmatch(shape):
        return {"text": int(found[1]) // _BYTES_A_CHARACTER}
    if found := _PATTERN.fullmatch(shape):
        return {"pattern": found[1]}
    if found := _OCTETS.fullmatch(shape):
        low, high = found[1] or found[2], found[1] or found[3]
        return {"octets": [int(low), int(high)]}
    if found := _CHOICE.fullmatch(shape):
        return {"choice": [name.partition(":")[0] for name in found[1].split(", ")]}
    if kind.inner and kind.inner[0].name == shape:
        return {"record": shape}
    raise Invalid("schema.value", f"the browser cannot read {shape} yet", expected=shape)
