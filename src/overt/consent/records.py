"""Consent records: what a person, or somebody with authority for them, agreed to.

A grant has one scope for each act, so that `distribute` never follows from `generate`. Lists in a
scope are closed: what is not listed is not covered, an empty list covers nothing, and `*` is the
only wildcard. How well a record is tied to the person (its assurance) is nowhere in it: that is
computed from signatures and evidence.

Source of the fields: ISO/IEC TS 27560:2023 (as profiled by the W3C DPV guide), California Labor
Code 927, SAG-AFTRA digital replica riders, GDPR articles 7 and 9. None of this is legal advice.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, Protocol, Self

from pydantic import AwareDatetime, Field, model_validator

from overt.models import Act, Extent, Purpose, Value

SCHEMA = "overt-consent"
VERSION = 1

Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9._:-]{1,64}$")]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Words = tuple[Annotated[str, Field(min_length=1, max_length=80)], ...]
Text = Annotated[str, Field(max_length=4000)]


class PartyKind(StrEnum):
    """What a party is."""

    PERSON = "person"
    ORG = "org"
    UNION = "union"
    ESTATE = "estate"
    GUARDIAN = "guardian"
    COURT = "court"


class Basis(StrEnum):
    """Why somebody may speak for a subject."""

    SELF = "self"
    POWER_OF_ATTORNEY = "power_of_attorney"
    CAMPAIGN_MANDATE = "campaign_mandate"
    GUARDIAN = "guardian"
    ESTATE = "estate"
    COURT_ORDER = "court_order"
    CBA = "cba"
    AGENCY = "agency"


class Status(StrEnum):
    """Whether the subject can speak for themselves today."""

    LIVING = "living"
    DECEASED = "deceased"
    MINOR = "minor"
    INCAPACITATED = "incapacitated"
    UNREACHABLE = "unreachable"


class EvidenceKind(StrEnum):
    """What stands behind a record."""

    SIGNED_DOCUMENT = "signed_document"
    LIVE_STATEMENT = "live_statement_recording"
    REFERENCE = "reference_recording"
    VENDOR_ATTESTATION = "vendor_attestation"
    UNION_RIDER = "union_rider"
    COURT_DOCUMENT = "court_or_probate_document"
    NOTARIAL_ACT = "notarial_act"
    VERBAL_LOG = "verbal_log"


class PartyKey(Value):
    """A public key that a party signs with.

    Args:
        jwk: Public JWK; its RFC 7638 thumbprint is the key id.
        binding: How the key was tied to the party: `live_video`, `x509`, `eidas`, `in_person`,
            `email_link` or `none`. Stated, never implied.
    """

    jwk: Mapping[str, str]
    valid_from: AwareDatetime | None = None
    valid_to: AwareDatetime | None = None
    binding: Literal["live_video", "x509", "eidas", "in_person", "email_link", "none"] = "none"


class Party(Value):
    """Somebody who takes part in a record."""

    id: Id
    kind: PartyKind = PartyKind.PERSON
    name: Text | None = Field(default=None, repr=False)
    contact: Text | None = Field(default=None, repr=False)
    keys: tuple[PartyKey, ...] = ()


class GrantSubject(Party):
    """The person whose likeness it is."""

    status: Status = Status.LIVING
    figure_ids: tuple[Id, ...] = ()
    born_year: int | None = None


class Evidence(Value):
    """A document or recording that stands behind a record, by salted digest.

    Args:
        digest: `evidence_digest()` of the content under the record's salt.
        nonce: For a live statement: the code that had to be spoken.
        verified: Checks that a named verifier says it passed: `liveness`, `face`, `voice`.
    """

    kind: EvidenceKind
    digest: Digest
    media_type: str = "application/octet-stream"
    size: int = Field(default=0, ge=0)
    captured_at: AwareDatetime | None = None
    collector: Id | None = None
    nonce: str | None = Field(default=None, max_length=80)
    verifier: Id | None = None
    verified: Words = ()
    where: Text | None = Field(default=None, repr=False)


class Authority(Value):
    """Why the grantor may speak for the subject. It cannot be passed on."""

    id: Id
    principal: Id
    delegate: Id
    basis: Basis
    acts: tuple[Act, ...]
    purposes: tuple[Purpose, ...] | Literal["*"] = "*"
    languages: Words | Literal["*"] = "*"
    territories: Words | Literal["*"] = "*"
    not_before: AwareDatetime
    not_after: AwareDatetime | None = None
    evidence: tuple[Evidence, ...] = ()
    derived_from: Id | None = None
    """Id of another authority: a delegation of a delegation, which is refused."""


class RequiredDisclosure(Value):
    """How the grantor wants it disclosed."""

    language: str
    modes: tuple[Literal["spoken", "visible", "text"], ...] = ()


class Window(Value):
    """A time in which a scope does not count: a silence period, a strike."""

    start: AwareDatetime
    end: AwareDatetime
    territories: Words = ("*",)
    reason: str = Field(default="blackout", max_length=80)

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.end <= self.start:
            raise ValueError("a window ends after it starts")
        return self


class ConsentScope(Value):
    """What one act may come to.

    Args:
        modalities: `voice`, `singing_voice`, `face`, `body`, `name`, `signature`, `gesture`.
        contexts_allowed: Contexts the request must name one of; `*` for any.
        contexts_forbidden: A request that names one, or names none, is outside.
        binding: Production, scene and the like: each must be equal in the request's context.
        channels: For `distribute` only, and never implied.
        max_uses: Runs that may be released under this scope.
    """

    act: Act
    modalities: Words
    purposes: tuple[Purpose, ...]
    intended_use: Text = Field(repr=False)
    contexts_allowed: Words = ("*",)
    contexts_forbidden: Words = ()
    binding: Mapping[str, str] = Field(default_factory=dict)
    extent_max: Extent = Extent.WHOLLY_GENERATED
    languages: Words = ("*",)
    territories: Words = ("*",)
    channels: Words = ()
    audience: Literal["internal", "named_recipients", "public"] = "public"
    max_uses: int | None = Field(default=None, ge=1)
    not_before: AwareDatetime
    not_after: AwareDatetime | None = None
    blackout: tuple[Window, ...] = ()
    disclosure: RequiredDisclosure | None = None
    compensation: Text | None = Field(default=None, repr=False)


class Notice(Value):
    """The privacy notice that the person was shown."""

    uri: str
    sha256: Digest
    language: str


class ConsentGrant(Value):
    """A whole consent record, as it is signed.

    Args:
        salt: Makes evidence digests unguessable; destroyed with the sealed record.
        representation: Who advised the grantor: `counsel`, `union` or `none`.
        grantees: Ids of those who may rely on it; `*` for whoever holds it.
        posthumous: What the subject's death does: `ends` or `continues`.
    """

    schema_name: Literal["overt-consent"] = Field(default="overt-consent", alias="schema")
    version: Literal[1] = 1
    id: Id
    issued_at: AwareDatetime
    jurisdiction: str = Field(max_length=80)
    language: str
    notice: Notice | None = None
    subject: GrantSubject
    grantor: Party
    authority: Authority | None = None
    grantees: tuple[Id | Literal["*"], ...]
    sublicensing: Literal["none", "listed", "any"] = "none"
    scopes: tuple[ConsentScope, ...] = Field(min_length=1, max_length=16)
    posthumous: Literal["ends", "continues"] = "ends"
    retention: Text = "for as long as the grant can be relied on, and legal claims after it"
    storage: Words = ("the grantee's consent database",)
    withdrawal: Text = "tell the grantee, by any means, at any time"
    representation: Literal["counsel", "union", "none"] = "none"
    business_reason: Text | None = Field(default=None, repr=False)
    evidence: tuple[Evidence, ...] = Field(default=(), max_length=64)
    salt: str = Field(pattern=r"^[0-9a-f]{32,64}$", repr=False)
    supersedes: Id | None = None

    @model_validator(mode="after")
    def _one_scope_an_act(self) -> Self:
        acts = [scope.act for scope in self.scopes]
        if len(set(acts)) != len(acts):
            raise ValueError("one scope for each act")
        return self

    def scope(self, act: Act) -> ConsentScope | None:
        """The scope of an act, or none: it is not covered."""
        return next((scope for scope in self.scopes if scope.act is act), None)

    def to_json(self) -> dict[str, Any]:
        """Plain data, as it is signed."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


class LikenessMatcher(Protocol):
    """Says whether a reference recording or picture shows a grant's person. None is shipped."""

    def matches(self, reference: str, evidence: Sequence[Evidence]) -> bool:
        """Whether the asset with this SHA-256 digest is of the person behind the evidence."""
        ...


def evidence_digest(salt: str, content_sha256: str) -> str:
    """Digest of evidence under a record's salt, from the SHA-256 of its content."""
    key = bytes.fromhex(salt)
    return hmac.new(key, bytes.fromhex(content_sha256), hashlib.sha256).hexdigest()


def evidence_of(kind: EvidenceKind, content: bytes, *, salt: str, **fields: Any) -> Evidence:
    """Evidence from its content, which is not kept."""
    digest = evidence_digest(salt, hashlib.sha256(content).hexdigest())
    return Evidence(kind=kind, digest=digest, size=len(content), **fields)


def first_moment(grant: ConsentGrant) -> datetime:
    """When the first of its scopes starts."""
    return min(scope.not_before for scope in grant.scopes)


def last_moment(grant: ConsentGrant) -> datetime | None:
    """When the last of its scopes ends; none when one has no end."""
    ends = [scope.not_after for scope in grant.scopes]
    return None if None in ends else max(end for end in ends if end is not None)
