"""Rule version 1 of certificates: every act on one, native or on paper. Frozen once released."""

from kimberlite.certificates.v1 import alerts, dispute, goods, mending, moving, paper
from kimberlite.certificates.v1.arrival import CONFIRMATION, PRESENTATION
from kimberlite.certificates.v1.issue import CERTIFICATE
from kimberlite.certificates.v1.void import VOID

TYPES = (
    CERTIFICATE,
    PRESENTATION,
    CONFIRMATION,
    VOID,
    *moving.TYPES,
    *goods.TYPES,
    *mending.TYPES,
    *dispute.TYPES,
    *alerts.TYPES,
    *paper.TYPES,
)
