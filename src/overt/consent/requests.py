"""What commands do with records: write a request, sign it, describe one, say what it is worth."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection

from overt.consent.assurance import assess
from overt.consent.drafting import draft
from overt.consent.envelope import TYPE, open_signed
from overt.consent.parsing import parse
from overt.consent.receipts import TYPE as RECEIPT
from overt.consent.receipts import verify_receipt
from overt.consent.records import ConsentGrant, GrantSubject, Party
from overt.consent.refusals import refusal
from overt.consent.registry import Registry
from overt.consent.signing import Signer
from overt.consent.trust import Trust
from overt.errors import ConfigError, VerificationError


def new_request(
    *,
    subject: dict[str, Any],
    grantor: dict[str, Any] | None,
    evidence: Iterable[str],
    **fields: Any,
) -> bytes:
    """An unsigned record as a file that people can read.

    Args:
        subject: Fields of the person whose likeness it is.
        grantor: Fields of whoever gives it, when that is somebody else.
        evidence: `KIND:FILE`, each; only salted digests go in.
        fields: As of `draft()`.

    Raises:
        ConfigError: `consent.request`: a field is unknown or of the wrong kind.
    """
    try:
        record = draft(
            subject=GrantSubject.model_validate(subject),
            grantor=None if grantor is None else Party.model_validate(grantor),
            evidence=[_evidence(one) for one in evidence],
            **fields,
        )
    except (ValidationError, ValueError, OSError) as error:
        raise ConfigError(
            "consent.request", "the request was not made", _place(error), "see --help"
        ) from None
    return json.dumps(record.to_json(), ensure_ascii=False, indent=1).encode() + b"\n"


def with_key(data: bytes, signer: Signer) -> ConsentGrant:
    """The record of a request, with the grantor's public key in it.

    Raises:
        VerificationError: `consent.malformed`, `.too_large` or `.too_deep`.
    """
    value = parse(data)
    try:
        record = ConsentGrant.model_validate(value)
    except ValidationError:
        raise refusal("consent.malformed", "write it with `overt consent request`") from None
    changed: dict[str, Any] = {"grantor": _keyed(record.grantor, signer)}
    if record.grantor.id == record.subject.id:
        changed["subject"] = _keyed(record.subject, signer)
    return record.model_copy(update=changed)


def described(tx: Connection, records: Registry, id: str) -> dict[str, Any]:
    """A stored record with its events, for its keeper's eyes.

    Raises:
        StageError: `consent.unknown`.
    """
    data = records.signed(tx, id)
    found = assess(data, records.trust)
    about = frozenset({found.grant.subject.id, *found.grant.subject.figure_ids})
    return {
        "record": open_signed(data).grant().to_json(),
        "assurance": found.level(about).value,
        "trusted": found.trusted(about),
        "mandate": found.mandate(about),
        "events": records.events(tx, id),
    }


def worth(tx: Connection, records: Registry, id: str) -> tuple[str, bool]:
    """Assurance of a stored record, and whether somebody trusted signed it."""
    found = described(tx, records, id)
    return found["assurance"], found["trusted"]


def verified(data: bytes, trust: Trust) -> dict[str, Any]:
    """What a signed record or a receipt is, once everything in it verifies.

    Raises:
        VerificationError: Something does not verify.
    """
    kind = "record"
    try:
        open_signed(data, TYPE)
        found = assess(data, trust)
    except VerificationError as error:
        if error.code != "consent.header":
            raise
        open_signed(data, RECEIPT)
        kind, found = "receipt", verify_receipt(data, trust).record
    about = frozenset({found.grant.subject.id, *found.grant.subject.figure_ids})
    return {
        "kind": kind,
        "valid": True,
        "id": found.grant.id,
        "acts": sorted(scope.act.value for scope in found.grant.scopes),
        "assurance": found.level(about).value,
        "trusted": found.trusted(about),
        "mandate": found.mandate(about),
    }


def _keyed(party: Any, signer: Signer) -> Any:
    if any(stated.jwk == signer.jwk for stated in party.keys):
        return party
    return party.model_copy(update={"keys": (*party.keys, signer.party_key)})


def _evidence(text: str) -> tuple[str, bytes]:
    kind, _, path = text.partition(":")
    return kind, Path(path).read_bytes()


def _place(error: Exception) -> str:
    """Where it went wrong, without what was written there."""
    if isinstance(error, ValidationError):
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return type(error).__name__ if isinstance(error, OSError) else "a word is not known"
