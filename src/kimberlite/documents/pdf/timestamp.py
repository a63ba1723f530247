"""A time-stamping authority of this process, for demo and test: its word is worth nothing.

pyHanko's own test authority signs with RSA alone; here it signs with the P-256 key that it is
handed. In production a time comes from a service that others trust (RFC 3161).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from asn1crypto import algos, cms, core, x509
from pyhanko.sign import general
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from kimberlite.crypto.hashing import sha256
from kimberlite.documents.pdf.authority import der

_HASH = "sha256"


class LocalTimeAuthority(DummyTimeStamper):
    """Stamps with the moment that it was handed.

    Args:
        certificate: its certificate, DER, for time-stamping.
        chain: certificates above it, DER.
        sign: gives 64 bytes, r then s, over a message.
        moment: UTC seconds.
    """

    def __init__(
        self,
        certificate: bytes,
        chain: Iterable[bytes],
        sign: Callable[[bytes], bytes],
        moment: int,
    ) -> None:
        above = SimpleCertificateStore.from_certs([x509.Certificate.load(each) for each in chain])
        super().__init__(
            tsa_cert=x509.Certificate.load(certificate),
            tsa_key=None,
            certs_to_embed=above,
            fixed_dt=datetime.fromtimestamp(moment, UTC),
            override_md=_HASH,
        )
        self._sign = sign

    def _sign_tst_info(
        self, tst_info_data: bytes, md_algorithm: str, dt: datetime
    ) -> tuple[bytes, cms.CMSAttributes]:
        del md_algorithm
        told = cms.CMSAttributes(
            [
                general.simple_cms_attribute("content_type", "tst_info"),
                general.simple_cms_attribute(
                    "signing_time", cms.Time({"utc_time": core.UTCTime(dt)})
                ),
                general.simple_cms_attribute(
                    "signing_certificate_v2", general.as_signing_certificate_v2(self.tsa_cert)
                ),
                general.simple_cms_attribute("message_digest", sha256(tst_info_data)),
            ]
        )
        return der(self._sign(told.dump())), told

    def _build_signed_data(
        self,
        tst_info_data: bytes,
        md_algorithm: str,
        signature: bytes,
        signed_attrs: cms.CMSAttributes,
    ) -> dict[str, Any]:
        told = super()._build_signed_data(tst_info_data, md_algorithm, signature, signed_attrs)
        (signer,) = told["signer_infos"]
        signer["signature_algorithm"] = algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"})
        return told
