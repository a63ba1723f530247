"""Credentials as JSON-LD: every term is one that a context defines, and nothing is fetched."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pyld import jsonld

from kimberlite.documents.credential import contexts, strict, vc
from kimberlite.kernel.errors import NotFound, Untrusted

VECTORS = Path(__file__).resolve().parents[3] / "vectors" / "credential" / "cases.json"
PAYLOAD: dict[str, Any] = json.loads(VECTORS.read_text(encoding="utf-8"))["payload"]
UNDEFINED = "urn:undefined#"
_CORE, _DCC = "urn:untp:core#", "urn:untp:dcc#"
_NAME = {"name": "https://schema.org/name"}
_LINK: dict[str, Any] = {"@type": "@id"}


def _term(name: str, of: str = _CORE, /, **more: Any) -> dict[str, Any]:
    return {"@id": of + name, **more}


def _kind(name: str, of: str = _CORE, /, **terms: Any) -> dict[str, Any]:
    inner = {"@protected": True, **_NAME, **terms}
    return {"@protected": True, "@id": of + name, "@context": inner}


def _code(name: str) -> dict[str, Any]:
    return _term(name, **{"@type": "@vocab", "@context": {"@vocab": f"{_CORE}{name}Code#"}})


def _untp() -> dict[str, Any]:
    """Give the terms of UNTP's context that we use, and which of them stand where.

    Compiled from uncefact/spec-untp, data-models/untp-dcc/artefacts/context.jsonld at commit
    0c4da1f43430fe551f4144ec1c378cf0f89571dd. Names and nesting are those; IRIs stand for them.
    """
    party: dict[str, Any] = {"@protected": True, **_NAME}
    product = _term("Product", **_LINK, **{"@context": party})
    topic: dict[str, Any] = {"conformityTopic": _code("conformityTopic")}
    regulation: dict[str, Any] = {"referenceRegulation": _term("referenceRegulation", **_LINK)}
    assessed: dict[str, Any] = {"@protected": True, "product": product}
    return {
        "@protected": True,
        "@version": 1.1,
        "DigitalConformityCredential": _term("DigitalConformityCredential", _DCC),
        "Party": _kind("Party"),
        "CredentialIssuer": _kind("CredentialIssuer"),
        "ConformityScheme": _kind("ConformityScheme"),
        "Regulation": _kind("Regulation"),
        "Product": _kind("Product"),
        "Declaration": _kind(
            "Declaration", assessmentDate=_term("assessmentDate"), **regulation, **topic
        ),
        "ConformityAssessment": _kind(
            "ConformityAssessment",
            _DCC,
            assessmentDate=_term("assessmentDate"),
            conformance=_term("conformance", _DCC),
            assessedProduct=_term("assessedProduct", _DCC, **{"@context": assessed}),
            **regulation,
            **topic,
        ),
        "ConformityAttestation": _kind(
            "ConformityAttestation",
            _DCC,
            assessorLevel=_code("assessorLevel"),
            assessmentLevel=_code("assessmentLevel"),
            attestationType=_code("attestationType"),
            issuedToParty=_term("Party", **_LINK, **{"@context": party}),
            scope=_term("scope", **_LINK),
            assessment=_term("assessment", _DCC, **_LINK),
        ),
    }


def _load(address: str, _options: object) -> dict[str, Any]:
    """Give a context from what is shipped or stands above; nothing else is to be had."""
    told = {"@context": _untp()} if address == vc.UNTP else json.loads(contexts.document(address))
    return {"document": told, "documentUrl": address, "contextUrl": None}


def _undefined(value: Any) -> list[str]:
    """List every name that no context defines, wherever it stands."""
    if isinstance(value, str):
        return [value] if value.startswith(UNDEFINED) else []
    if isinstance(value, list):
        return [found for each in value for found in _undefined(each)]
    if isinstance(value, dict):
        if value.get("@type") == "@json":
            return []
        return [found for pair in value.items() for each in pair for found in _undefined(each)]
    return []


def _expanded(payload: dict[str, Any]) -> Any:
    # A vocabulary of last resort, before all others, catches what they leave undefined.
    told = {**payload, "@context": [{"@vocab": UNDEFINED}, *payload["@context"]]}
    return jsonld.expand(told, {"documentLoader": _load, "processingMode": "json-ld-1.1"})


def test_every_term_of_a_credential_is_defined() -> None:
    (found,) = _expanded(PAYLOAD)
    assert _undefined(found) == []
    assert found["@id"] == PAYLOAD["id"]
    assert "https://www.w3.org/2018/credentials#VerifiableCredential" in found["@type"]
    assert f"{_DCC}DigitalConformityCredential" in found["@type"]


def test_a_term_that_nobody_defines_is_noticed() -> None:
    (found,) = _expanded({**PAYLOAD, "colour": "blue"})
    assert _undefined(found) == [f"{UNDEFINED}colour"]


def test_every_term_of_a_status_list_is_defined() -> None:
    token = json.loads(VECTORS.read_text(encoding="utf-8"))["status_list"]
    payload = strict.decode(strict.from_base64url(token.split(".")[1]))
    (found,) = _expanded(payload)
    assert _undefined(found) == []


def test_a_context_that_is_not_shipped_is_not_fetched() -> None:
    with pytest.raises(NotFound) as refused:
        contexts.document("https://example.org/other")
    assert refused.value.code == "credential.context-unknown"


def test_an_altered_context_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    name, _ = contexts.SHIPPED[contexts.CORE]
    monkeypatch.setitem(contexts.SHIPPED, contexts.CORE, (name, "0" * 64))
    with pytest.raises(Untrusted) as refused:
        contexts.document(contexts.CORE)
    assert refused.value.code == "credential.context-altered"


def test_the_shipped_context_is_the_one_that_credentials_pin() -> None:
    (resource,) = PAYLOAD["relatedResource"]
    assert resource["id"] == contexts.CORE
    assert contexts.document(contexts.CORE).startswith(b"{")
