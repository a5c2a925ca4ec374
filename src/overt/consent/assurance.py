"""What a signed record is worth: who signed it, whether that counts, how well it is evidenced.

The level is computed, never typed in:

=================  =============================================================================
`notarised`        a registrar that is not the grantor's own key signed; notarial or court evidence
`live_verified`    the same; a live statement with a spoken code that a named verifier checked
`countersigned`    the grantor's key and another, trusted key signed the same bytes
`self_asserted`    only the grantor's key signed, or a registrar vouches for a signed document
`assumed`          anything less
=================  =============================================================================
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from overt.consent.envelope import Envelope, Signature, open_signed, verify_signature
from overt.consent.keys import Key, load_key
from overt.consent.records import (
    Authority,
    Basis,
    ConsentGrant,
    ConsentScope,
    Evidence,
    EvidenceKind,
    PartyKey,
    Status,
)
from overt.consent.refusals import VALID, refusal
from overt.consent.trust import Trust, speaks
from overt.errors import ConfigError
from overt.models import Assurance

ORDER = list(Assurance)
_DOCUMENTS = frozenset(
    {EvidenceKind.SIGNED_DOCUMENT, EvidenceKind.UNION_RIDER, EvidenceKind.VENDOR_ATTESTATION}
)
_NOTARIAL = frozenset({EvidenceKind.NOTARIAL_ACT, EvidenceKind.COURT_DOCUMENT})


@dataclass(frozen=True, slots=True)
class SignedBy:
    """Who made one signature, which holds.

    Args:
        speaks_for: Subject ids that the configuration trusts the key for; empty when it is not
            trusted.
        party: Whether it is a key that the record names as the grantor's.
    """

    speaks_for: frozenset[str]
    party: bool


@dataclass(frozen=True, slots=True)
class Assessment:
    """A record whose signatures all hold. `grant` is without names and contacts."""

    grant: ConsentGrant
    signed_by: tuple[SignedBy, ...]

    def trusted(self, about: frozenset[str]) -> bool:
        """Whether a trusted key speaks for one of these ids of the subject."""
        return any(speaks(signer.speaks_for, about) for signer in self.signed_by)

    def level(self, about: frozenset[str]) -> Assurance:
        """How well the record is tied to the person who has these ids."""
        party = any(signer.party for signer in self.signed_by)
        registrar = any(
            not signer.party and speaks(signer.speaks_for, about) for signer in self.signed_by
        )
        if not registrar:
            return Assurance.SELF_ASSERTED if party else Assurance.ASSUMED
        return _vouched(_all_evidence(self.grant), party=party)

    def mandate(self, about: frozenset[str]) -> bool:
        """Whether an evidenced, countersigned campaign mandate stands behind it."""
        authority = self.grant.authority
        return (
            authority is not None
            and authority.basis is Basis.CAMPAIGN_MANDATE
            and bool(authority.evidence)
            and at_least(self.level(about), Assurance.COUNTERSIGNED)
        )


def assess(data: bytes, trust: Trust) -> Assessment:
    """Verify every signature of a record and say who made them.

    Raises:
        VerificationError: It is malformed, a signature does not hold, or a key has no part in it.
    """
    envelope = open_signed(data)
    grant = envelope.grant()
    signed_by = tuple(
        _signed_by(envelope, signature, grant, trust) for signature in envelope.signatures
    )
    return Assessment(_nameless(grant), signed_by)


def at_least(level: Assurance, wanted: Assurance) -> bool:
    """Whether a level is as good as another."""
    return ORDER.index(level) >= ORDER.index(wanted)


def authority_fault(grant: ConsentGrant, at: datetime) -> str:
    """Code of what is wrong with the grantor's authority at a moment, or `consent.valid`.

    A delegate's scope is never wider than its authority, and authority goes one step only.
    """
    authority, subject = grant.authority, grant.subject
    if authority is None or authority.basis is Basis.SELF:
        own = grant.grantor.id == subject.id and subject.status not in _CANNOT_SPEAK
        return VALID if own else "consent.no_authority"
    if authority.derived_from is not None or authority.principal != subject.id:
        return "consent.redelegated"
    if authority.delegate != grant.grantor.id:
        return "consent.no_authority"
    if subject.status in _NEEDS and authority.basis not in _NEEDS[subject.status]:
        return "consent.no_authority"
    if any(not _inside(scope, authority) for scope in grant.scopes):
        return "consent.outside_authority"
    after = authority.not_after is not None and at >= authority.not_after
    return "consent.authority_expired" if after or at < authority.not_before else VALID


_CANNOT_SPEAK = frozenset({Status.MINOR, Status.INCAPACITATED, Status.DECEASED})
_NEEDS = {
    Status.MINOR: frozenset({Basis.GUARDIAN, Basis.COURT_ORDER}),
    Status.DECEASED: frozenset({Basis.ESTATE, Basis.COURT_ORDER}),
    Status.INCAPACITATED: frozenset({Basis.GUARDIAN, Basis.COURT_ORDER, Basis.POWER_OF_ATTORNEY}),
}


def _inside(scope: ConsentScope, authority: Authority) -> bool:
    return (
        scope.act in authority.acts
        and _subset(scope.purposes, authority.purposes)
        and _subset(scope.languages, authority.languages)
        and _subset(scope.territories, authority.territories)
    )


def _subset(wanted: Iterable[object], allowed: Iterable[object] | str) -> bool:
    return allowed == "*" or set(wanted) <= set(allowed)


def _signed_by(
    envelope: Envelope, signature: Signature, grant: ConsentGrant, trust: Trust
) -> SignedBy:
    """Find the key of a signature, from the configuration first, and verify with it."""
    party = _party_key(grant, signature)
    found = trust.key_for(signature)
    if found is not None:
        key, speaks_for = found
    elif party is not None:
        key, speaks_for = party, frozenset()
    elif signature.kid in trust.keys:
        raise refusal("consent.key_window")
    else:
        raise refusal("consent.wrong_signer")
    verify_signature(envelope, signature, key)
    return SignedBy(speaks_for, party is not None)


def _party_key(grant: ConsentGrant, signature: Signature) -> Key | None:
    """The grantor's (or, for themselves, the subject's) key that has this thumbprint."""
    for stated in (*grant.grantor.keys, *grant.subject.keys):
        try:
            key = load_key(stated.jwk)
        except ConfigError:
            raise refusal("consent.malformed") from None
        if key.is_private:
            raise refusal("consent.malformed")
        if key.thumbprint() == signature.kid:
            if not _in_window(stated, signature.signed_at):
                raise refusal("consent.key_window")
            return key
    return None


def _in_window(stated: PartyKey, moment: datetime) -> bool:
    if stated.valid_from is not None and moment < stated.valid_from:
        return False
    return stated.valid_to is None or moment < stated.valid_to


def _vouched(evidence: list[Evidence], *, party: bool) -> Assurance:
    """Level of a record that a registrar signed who is not the grantor."""
    kinds = {one.kind for one in evidence}
    if kinds & _NOTARIAL:
        return Assurance.NOTARISED
    if any(_live(one) for one in evidence):
        return Assurance.LIVE_VERIFIED
    if party:
        return Assurance.COUNTERSIGNED
    return Assurance.SELF_ASSERTED if kinds & _DOCUMENTS else Assurance.ASSUMED


def _live(one: Evidence) -> bool:
    return (
        one.kind is EvidenceKind.LIVE_STATEMENT
        and bool(one.nonce)
        and one.verifier is not None
        and bool(one.verified)
    )


def _all_evidence(grant: ConsentGrant) -> list[Evidence]:
    return [*grant.evidence, *(grant.authority.evidence if grant.authority else ())]


def _nameless(grant: ConsentGrant) -> ConsentGrant:
    """What is kept in memory between requests: no name, no contact."""
    nobody = {"name": None, "contact": None}
    return grant.model_copy(
        update={
            "subject": grant.subject.model_copy(update=nobody),
            "grantor": grant.grantor.model_copy(update=nobody),
        }
    )
