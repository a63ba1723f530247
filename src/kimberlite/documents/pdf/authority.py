"""X.509 for seals: a small certification authority for demo and test, and what others' need.

A PDF reader trusts certificates, not our log. In production a national authority's certificate
comes from the certification authority that its law names; here is one for demo and test, which
says so in every name. Profiles: RFC 5280; time-stamping RFC 3161; P-256 throughout.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from asn1crypto import algos, core, crl, keys, x509

from kimberlite.crypto.algorithms import Algorithm
from kimberlite.crypto.keys import PrivateKey, PublicKey
from kimberlite.kernel.errors import Invalid

Profile = Literal["authority", "seal", "timestamp"]

_USAGE: Final[dict[Profile, set[str]]] = {
    "authority": {"key_cert_sign", "crl_sign"},
    "seal": {"digital_signature", "non_repudiation"},
    "timestamp": {"digital_signature"},
}
_SIGNED_WITH: Final = algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"})


@dataclass(frozen=True, slots=True)
class Period:
    """From ``since`` to ``until``, UTC seconds."""

    since: int
    until: int


@dataclass(frozen=True, slots=True)
class Authority:
    """A certification authority: its certificate (DER), and the key that signs for it."""

    certificate: bytes
    key: PrivateKey


def found(organization: str, name: str, key: PrivateKey, period: Period) -> Authority:
    """Begin an authority: a self-signed certificate for ``key``.

    Raises:
        Invalid: ``pdf.key`` for a key that is not on P-256.
    """
    subject = _name(organization, name)
    told = _certificate(subject, key.public, (subject, key), "authority", period)
    return Authority(told, key)


def certify(
    authority: Authority,
    names: tuple[str, str],
    public: PublicKey,
    profile: Profile,
    period: Period,
) -> bytes:
    """Issue a certificate (DER) for ``public``.

    Args:
        names: organization and common name.

    Raises:
        Invalid: ``pdf.key`` for a key that is not on P-256.
    """
    issuer = x509.Certificate.load(authority.certificate).subject
    return _certificate(_name(*names), public, (issuer, authority.key), profile, period)


def revocations(authority: Authority, period: Period, number: int = 1) -> bytes:
    """Issue a list of revoked certificates (DER) with none on it. Source: RFC 5280 section 5."""
    issuer = x509.Certificate.load(authority.certificate)
    told = crl.TbsCertList(
        {
            "version": "v2",
            "signature": _SIGNED_WITH,
            "issuer": issuer.subject,
            "this_update": x509.Time({"utc_time": _time(period.since)}),
            "next_update": x509.Time({"utc_time": _time(period.until)}),
            "crl_extensions": [
                {
                    "extn_id": "authority_key_identifier",
                    "extn_value": {"key_identifier": _identifier(authority.key.public)},
                },
                {"extn_id": "crl_number", "extn_value": number},
            ],
        }
    )
    signature = der(authority.key.sign(told.dump()))
    made = {
        "tbs_cert_list": told,
        "signature_algorithm": _SIGNED_WITH,
        "signature": signature,
    }
    raw: bytes = crl.CertificateList(made).dump()
    return raw


def der(signature: bytes) -> bytes:
    """Write a 64-byte ECDSA signature, r then s, as X.509 and CMS have it (RFC 5480)."""
    r, s = (int.from_bytes(each, "big") for each in (signature[:32], signature[32:]))
    raw: bytes = algos.DSASignature({"r": r, "s": s}).dump()
    return raw


def _certificate(
    subject: x509.Name,
    public: PublicKey,
    issuer: tuple[x509.Name, PrivateKey],
    profile: Profile,
    period: Period,
) -> bytes:
    by, key = issuer
    told = x509.TbsCertificate(
        {
            "version": "v3",
            # Repeatable, and no other key under this authority has it.
            "serial_number": int.from_bytes(_identifier(public)[:15], "big"),
            "signature": _SIGNED_WITH,
            "issuer": by,
            "validity": {
                "not_before": x509.Time({"utc_time": _time(period.since)}),
                "not_after": x509.Time({"utc_time": _time(period.until)}),
            },
            "subject": subject,
            "subject_public_key_info": _public_key(public),
            "extensions": _extensions(public, key.public, profile),
        }
    )
    made = {
        "tbs_certificate": told,
        "signature_algorithm": _SIGNED_WITH,
        "signature_value": der(key.sign(told.dump())),
    }
    raw: bytes = x509.Certificate(made).dump()
    return raw


def _extensions(public: PublicKey, by: PublicKey, profile: Profile) -> list[dict[str, object]]:
    told: list[dict[str, object]] = [
        {
            "extn_id": "basic_constraints",
            "critical": True,
            "extn_value": {"ca": profile == "authority"},
        },
        {"extn_id": "key_usage", "critical": True, "extn_value": _USAGE[profile]},
        {"extn_id": "key_identifier", "extn_value": _identifier(public)},
        {
            "extn_id": "authority_key_identifier",
            "extn_value": {"key_identifier": _identifier(by)},
        },
    ]
    if profile == "timestamp":
        usage = {"extn_id": "extended_key_usage", "critical": True, "extn_value": ["time_stamping"]}
        told.append(usage)
    return told


def _public_key(public: PublicKey) -> keys.PublicKeyInfo:
    if public.algorithm is not Algorithm.ESP256:
        raise Invalid("pdf.key", "documents are sealed with a P-256 key")
    return keys.PublicKeyInfo(
        {
            "algorithm": {"algorithm": "ec", "parameters": {"named": "secp256r1"}},
            "public_key": keys.ECPointBitString(b"\x04" + public.raw),
        }
    )


def _identifier(public: PublicKey) -> bytes:
    return hashlib.sha256(public.raw).digest()[:20]


def _name(organization: str, name: str) -> x509.Name:
    return x509.Name.build({"organization_name": organization, "common_name": name})


def _time(moment: int) -> core.UTCTime:
    return core.UTCTime(datetime.fromtimestamp(moment, UTC))
