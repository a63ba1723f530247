"""Rule version 1 of certificates: issue, present, confirm, void. Frozen once released."""

from kimberlite.certificates.v1.arrival import CONFIRMATION, PRESENTATION
from kimberlite.certificates.v1.issue import CERTIFICATE
from kimberlite.certificates.v1.void import VOID

TYPES = (CERTIFICATE, PRESENTATION, CONFIRMATION, VOID)
