"""Receipts that a person keeps: what was agreed to, by whom, and what became of it since.

A receipt is an ISO/IEC TS 27560:2023 consent receipt in JSON-LD with the W3C Data Privacy
Vocabulary (profile `dpv-27560`), signed by the grantee. It holds the whole record as that was
signed, so it verifies with nothing but public keys. What the vocabulary has no word for (acts,
authority, evidence) has the prefix `overt`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from overt.consent.assurance import Assessment, assess
from overt.consent.envelope import open_signed, verify_signature
from overt.consent.parsing import b64, parse, unb64
from overt.consent.records import ConsentGrant, ConsentScope
from overt.consent.refusals import refusal
from overt.consent.signing import Signer, sign_value
from overt.consent.trust import Trust

TYPE = "consent-receipt+jws"
PROFILE = "https://w3id.org/dpv/schema/dpv-27560"
CONTEXT = {
    "dpv": "https://w3id.org/dpv#",
    "dct": "http://purl.org/dc/terms/",
    "pd": "https://w3id.org/dpv/pd#",
    "overt": "urn:overt:consent:",
}
_STATUS = {
    "requested": "dpv:ConsentRequested",
    "given": "dpv:ConsentGiven",
    "countersigned": "dpv:ConsentGiven",
    "suspended": "dpv:ConsentInvalidated",
    "disputed": "dpv:ConsentInvalidated",
    "resumed": "dpv:ConsentGiven",
    "resolved": "dpv:ConsentGiven",
    "revoked": "dpv:ConsentRevoked",
    "superseded": "dpv:ConsentExpired",
    "subject_died": "dpv:ConsentExpired",
}
_PERSONAL = {"name": "pd:Name", "signature": "pd:Signature"}
"""Where the vocabulary has a word; the other likenesses are biometric data."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt that verifies: its content, and what the record in it is worth."""

    content: Mapping[str, Any]
    record: Assessment


def record_27560(grant: ConsentGrant, events: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """A record in the four sections of ISO/IEC TS 27560: header, processing, parties, events.

    Args:
        grant: The record.
        events: What happened since: `type`, `at`, `actor`, oldest first.
    """
    notice = None
    if grant.notice is not None:
        notice = {
            "@type": "dpv:ConsentNotice",
            "@id": grant.notice.uri,
            "dct:language": grant.notice.language,
            "overt:sha256": grant.notice.sha256,
        }
    found = {
        "@context": CONTEXT,
        "@type": "dpv:ConsentRecord",
        "@id": f"urn:uuid:{grant.id}",
        "dct:conformsTo": f"{PROFILE}#record",
        "dct:identifier": grant.id,
        "dct:created": grant.issued_at.isoformat(),
        "dct:language": grant.language,
        "dpv:hasNotice": notice,
        "dpv:hasJurisdiction": grant.jurisdiction,
        "dpv:hasProcess": [_process(grant, scope) for scope in grant.scopes],
        "dpv:hasDataSubject": _party(grant.subject),
        "dpv:hasDataController": list(grant.grantees),
        "overt:grantor": _party(grant.grantor),
        "overt:authority": _authority(grant),
        "overt:representation": grant.representation,
        "overt:withdrawal": grant.withdrawal,
        "overt:evidence": [
            {"overt:kind": one.kind.value, "overt:digest": one.digest} for one in grant.evidence
        ],
        "dpv:hasConsentStatus": [_event(grant, event) for event in events]
        or [_event(grant, {"type": "given", "at": grant.issued_at, "actor": "grantor"})],
    }
    return {name: value for name, value in found.items() if value is not None}


def receipt(
    data: bytes, events: Sequence[Mapping[str, Any]], signer: Signer, *, at: datetime
) -> bytes:
    """A signed receipt for a signed record.

    Args:
        data: The record, exactly as it was signed.
        events: What happened since.
        signer: The grantee.
        at: Now.
    """
    grant = open_signed(data).grant()
    value = {
        "@context": CONTEXT,
        "@type": "dpv:ConsentReceipt",
        "dct:conformsTo": f"{PROFILE}#receipt",
        "dct:identifier": f"receipt:{grant.id}:{len(events)}",
        "dct:created": at.isoformat(),
        "dct:publisher": signer.kid,
        "dpv:hasRecordOfActivity": record_27560(grant, events),
        "overt:signedRecord": b64(data),
    }
    return sign_value(value, signer, at=at, kind=TYPE)


def verify_receipt(data: bytes, trust: Trust) -> Receipt:
    """Check a receipt and the record in it with public keys alone.

    Args:
        data: The receipt.
        trust: The grantee's and the registrar's public keys, or their certificate authority.

    Raises:
        VerificationError: The receipt or its record does not verify, or they do not agree.
    """
    envelope = open_signed(data, TYPE)
    for signature in envelope.signatures:
        found = trust.key_for(signature)
        if found is None:
            raise refusal("consent.wrong_signer")
        verify_signature(envelope, signature, found[0])
    content = parse(envelope.content)
    if not isinstance(content, dict) or content.get("@type") != "dpv:ConsentReceipt":
        raise refusal("consent.malformed")
    signed = unb64(content.get("overt:signedRecord"))
    record, grant = assess(signed, trust), open_signed(signed).grant()
    told = content.get("dpv:hasRecordOfActivity")
    if not isinstance(told, dict) or _essence(told) != _essence(record_27560(grant)):
        raise refusal("consent.malformed")
    return Receipt(content, record)


def _essence(record: Mapping[str, Any]) -> dict[str, Any]:
    """All of a record but its events, which go on."""
    import json

    plain: dict[str, Any] = json.loads(json.dumps(record))
    return {name: value for name, value in plain.items() if name != "dpv:hasConsentStatus"}


def _process(grant: ConsentGrant, scope: ConsentScope) -> dict[str, Any]:
    found: dict[str, Any] = {
        "@type": "dpv:Process",
        "overt:act": scope.act.value,
        "dct:description": scope.intended_use,
        "dpv:hasPurpose": [f"overt:purpose-{purpose.value}" for purpose in scope.purposes],
        "dpv:hasPersonalData": [
            {"@type": _PERSONAL.get(word, "pd:Biometric"), "overt:modality": word}
            for word in scope.modalities
        ],
        "dpv:hasRecipient": list(grant.grantees),
        "dpv:hasStorageCondition": {
            "@type": "dpv:StorageCondition",
            "dpv:hasDuration": grant.retention,
            "dpv:hasLocation": list(grant.storage),
        },
        "dpv:hasDuration": {
            "overt:from": scope.not_before.isoformat(),
            "overt:to": scope.not_after.isoformat() if scope.not_after else None,
        },
    }
    narrow = scope.model_dump(
        mode="json",
        include={"languages", "territories", "channels", "contexts_allowed", "contexts_forbidden"}
        | {"extent_max", "audience", "max_uses", "blackout", "disclosure", "binding"},
        exclude_none=True,
    )
    return {**found, **{f"overt:{name}": value for name, value in narrow.items()}}


def _party(party: Any) -> dict[str, Any]:
    found = {
        "@id": party.id,
        "@type": f"overt:{party.kind.value}",
        "dpv:hasName": party.name,
        "dpv:hasContact": party.contact,
    }
    return {name: value for name, value in found.items() if value is not None}


def _authority(grant: ConsentGrant) -> dict[str, Any] | None:
    if grant.authority is None:
        return None
    return {
        "overt:basis": grant.authority.basis.value,
        "overt:acts": [act.value for act in grant.authority.acts],
        "overt:from": grant.authority.not_before.isoformat(),
    }


def _event(grant: ConsentGrant, event: Mapping[str, Any]) -> dict[str, Any]:
    at, status = event["at"], _STATUS.get(str(event["type"]), "dpv:ConsentUnknown")
    if event["type"] == "revoked" and event["actor"] == "subject":
        status = "dpv:ConsentWithdrawn"  # the vocabulary tells the person's act from others'
    return {
        "@type": status,
        "overt:event": str(event["type"]),
        "dct:date": at.isoformat() if isinstance(at, datetime) else str(at),
        "dpv:isIndicatedBy": {"grantor": grant.grantor.id, "subject": grant.subject.id}.get(
            str(event["actor"]), str(event["actor"])
        ),
    }
