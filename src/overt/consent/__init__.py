"""Consent: signed records of what people agreed to, checked where the decision is recorded."""

from overt.consent.drafting import draft
from overt.consent.records import ConsentGrant, ConsentScope
from overt.consent.signing import Signer, countersign, sign
from overt.consent.store import SqlConsentStore
from overt.consent.trust import Trust

__all__ = [
    "ConsentGrant",
    "ConsentScope",
    "Signer",
    "SqlConsentStore",
    "Trust",
    "countersign",
    "draft",
    "sign",
]
