"""One shipment, one certificate: issued, presented, confirmed, voided, replaced, verified."""

from kimberlite.certificates.annex import ANNEX_I, ASSURANCE, TITLE
from kimberlite.certificates.drafting import Draft, draft, from_json
from kimberlite.certificates.file import CertificateFile, parse_file, write
from kimberlite.certificates.life import ActView, CertificateLife, life, row_of
from kimberlite.certificates.model import Certificate, Confirmation
from kimberlite.certificates.ports import Trade
from kimberlite.certificates.rules import (
    ARRIVAL_RULES,
    ISSUE_RULES,
    RULESET,
    Assessment,
    Days,
    assess,
    assess_arrival,
    blocking,
)
from kimberlite.certificates.standing import PARTICIPANTS, participants_part
from kimberlite.certificates.transitions import Act, Status
from kimberlite.certificates.trust import RANGES, STATUS, Range, ranges_part
from kimberlite.certificates.verdict import Result, Verdict, VerdictReason, Weight
from kimberlite.certificates.verify import Verifier, verify

__all__ = [
    "ANNEX_I",
    "ARRIVAL_RULES",
    "ASSURANCE",
    "ISSUE_RULES",
    "PARTICIPANTS",
    "RANGES",
    "RULESET",
    "STATUS",
    "TITLE",
    "Act",
    "ActView",
    "Assessment",
    "Certificate",
    "CertificateFile",
    "CertificateLife",
    "Confirmation",
    "Days",
    "Draft",
    "Range",
    "Result",
    "Status",
    "Trade",
    "Verdict",
    "VerdictReason",
    "Verifier",
    "Weight",
    "assess",
    "assess_arrival",
    "blocking",
    "draft",
    "from_json",
    "life",
    "parse_file",
    "participants_part",
    "ranges_part",
    "row_of",
    "verify",
    "write",
]
