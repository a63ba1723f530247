"""The certificate as a W3C verifiable credential, typed as a UNTP Digital Conformity Credential.

Everything in it follows from the certificate file and its log's origin, so whoever has the file
makes the same bytes again, and a credential that says anything else is found out.
Sources: W3C VC Data Model 2.0, Securing VCs using JOSE and COSE; UNTP Conformity Credential 0.6.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kimberlite.certificates.file import CertificateFile
from kimberlite.documents.credential import strict
from kimberlite.documents.credential.contexts import CORE, CORE_DIGEST
from kimberlite.documents.credential.opened import Opened, open_file
from kimberlite.kernel.days import show_day

TYP = "vc+jwt"
CTY = "vc"
UNTP = "https://test.uncefact.org/vocabulary/untp/dcc/0.6.1/"
SECTIONS = frozenset(("shipment", "values", "parties"))

_TERMS = "urn:kimberlite:terms:1#"
EXTENSION = {
    "KimberleyProcessCertificate": f"{_TERMS}KimberleyProcessCertificate",
    "KimberleyProcessStatement": f"{_TERMS}KimberleyProcessStatement",
    "kimberleyCertificate": {"@id": f"{_TERMS}kimberleyCertificate", "@type": "@json"},
    "kimberleyFile": f"{_TERMS}kimberleyFile",
    "kimberleyStatement": f"{_TERMS}kimberleyStatement",
}
"""Our terms stand in the credential itself: nothing has to be fetched, and they are signed."""


TYPES = ["VerifiableCredential", "DigitalConformityCredential", "KimberleyProcessCertificate"]
CONTEXTS: list[Any] = [CORE, UNTP, EXTENSION]


def _sri(digest: str) -> str:
    padded = strict.to_base64url(bytes.fromhex(digest)) + "="
    return f"sha256-{padded.replace('-', '+').replace('_', '/')}"


RESOURCE = [{"id": CORE, "digestSRI": _sri(CORE_DIGEST)}]
SUBJECT = {
    "type": ["ConformityAttestation"],
    "assessorLevel": "3rdParty",
    "assessmentLevel": "GovtApproval",
    "attestationType": "certification",
    "scope": {
        "type": ["ConformityScheme"],
        "id": "https://www.kimberleyprocess.com/",
        "name": "Kimberley Process Certification Scheme",
    },
}
ASSESSMENT = {
    "type": ["ConformityAssessment", "Declaration"],
    "referenceRegulation": {
        "type": ["Regulation"],
        "id": "https://www.kimberleyprocess.com/en/kpcs-core-document",
        "name": "KPCS Core Document",
    },
    "conformance": True,
    "conformityTopic": "governance.compliance",
}
"""What every credential says alike."""


def derive(file: CertificateFile, origin: str) -> dict[str, Any]:
    """Give the credential of a certificate file, unsigned.

    Raises:
        Invalid, Untrusted: as ``opened.open_file``; all three sections have to be open.
    """
    opened = open_file(file, origin, SECTIONS)
    return {
        "@context": CONTEXTS,
        "type": TYPES,
        "id": opened.urn(),
        "issuer": {
            "type": ["CredentialIssuer"],
            "id": opened.issuer_did,
            "name": f"Kimberley Process authority {opened.issuer}",
        },
        "validFrom": opened.valid_from,
        "validUntil": opened.valid_until,
        "credentialStatus": opened.status(),
        "relatedResource": RESOURCE,
        "evidence": [
            {
                "type": ["KimberleyProcessStatement"],
                "kimberleyStatement": file.statement.id.hex(),
                "kimberleyFile": strict.to_base64url(file.to_bytes()),
            }
        ],
        "credentialSubject": _subject(opened),
    }


def _subject(opened: Opened) -> dict[str, Any]:
    """Give the attestation: by whom, for whom, over which goods, and what it certifies."""
    parties, shipment = opened.shown["parties"], opened.shown["shipment"]
    urn = opened.urn()
    return {
        **SUBJECT,
        "id": f"{urn}#attestation",
        "name": f"Kimberley Process Certificate {opened.log_section['number']}",
        "issuedToParty": {
            "type": ["Party"],
            "id": f"{urn}#exporter",
            "name": parties["exporter"]["name"],
        },
        "assessment": [_assessment(opened, shipment)],
        "kimberleyCertificate": {"log": opened.log_section, **opened.shown},
    }


def _assessment(opened: Opened, shipment: Mapping[str, Any]) -> dict[str, Any]:
    products = [
        {
            "product": {
                "type": ["Product"],
                "id": f"{opened.urn()}#line-{at}",
                "name": f"Rough diamonds, HS {line['hs']}",
            }
        }
        for at, line in enumerate(shipment["lines"], 1)
    ]
    return {
        **ASSESSMENT,
        "id": f"{opened.urn()}#assessment",
        "assessmentDate": show_day(opened.file.named["issued"]),
        "assessedProduct": products,
    }
