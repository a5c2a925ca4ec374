"""Makes an unsigned record in one call, with the salts, ids and digests that it needs.

::

    party = Signer(new_key())
    grant = draft(
        subject=GrantSubject(id="Q155164", figure_ids=("Q155164",), status="unreachable"),
        grantor=Party(id="party:pti", kind="org", keys=(party.party_key,)),
        basis="campaign_mandate",
        evidence=(("signed_document", mandate_pdf),),
        acts=("generate",),
        modalities=("voice",),
        purposes=("campaign",),
        languages=("ur",),
        intended_use="The victory address he wrote, read in his voice.",
        disclosure={"language": "ur", "modes": ("spoken", "visible")},
    )
    data = sign(grant, party, registrar)
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from overt.consent.records import (
    Authority,
    Basis,
    ConsentGrant,
    ConsentScope,
    EvidenceKind,
    GrantSubject,
    Party,
    evidence_of,
)
from overt.models import Act, utc_now


def draft(
    *,
    subject: GrantSubject,
    acts: Sequence[Act | str] = (Act.GENERATE,),
    grantor: Party | None = None,
    basis: Basis | str = Basis.SELF,
    evidence: Sequence[tuple[EvidenceKind | str, bytes]] = (),
    not_before: datetime | None = None,
    not_after: datetime | None = None,
    issued_at: datetime | None = None,
    record: Mapping[str, Any] | None = None,
    **scope: Any,
) -> ConsentGrant:
    """A record whose scopes differ only in their act; build `ConsentGrant` yourself for more.

    Args:
        subject: Whose likeness it is.
        acts: What may be done. `distribute` is covered only when it is named, with `channels`.
        grantor: Who gives the record, with the key they sign with; the subject when left out.
        basis: Why a grantor who is not the subject may give it.
        evidence: Kind and content of what stands behind it; only salted digests are kept. Where
            there is an authority, it stands behind that too.
        not_before: Start; now when it is left out. Cases in the past must give it.
        not_after: End, exclusive.
        issued_at: When it is given; now when it is left out.
        record: Further fields of `ConsentGrant`: `grantees`, `jurisdiction`, `language` ...
        scope: Fields of `ConsentScope`, the same for all acts: `modalities`, `purposes` and
            `intended_use` are needed.

    Raises:
        pydantic.ValidationError: A field is missing, unknown or of the wrong kind.
    """
    issued, salt = issued_at or utc_now(), secrets.token_hex(16)
    start = not_before or issued
    found = tuple(evidence_of(EvidenceKind(kind), data, salt=salt) for kind, data in evidence)
    giver = grantor or Party(id=subject.id, kind=subject.kind, keys=subject.keys)
    authority = None
    if Basis(basis) is not Basis.SELF:
        authority = Authority(
            id=str(uuid4()),
            principal=subject.id,
            delegate=giver.id,
            basis=Basis(basis),
            acts=tuple(Act(act) for act in acts),
            not_before=start,
            not_after=not_after,
            evidence=found,
        )
    fields: dict[str, Any] = {
        "id": str(uuid4()),
        "jurisdiction": "unstated",
        "language": "en",
        "grantees": ("*",),
        "issued_at": issued,
        "subject": subject,
        "grantor": giver,
        "authority": authority,
        "scopes": tuple(_scope(Act(act), start, not_after, scope) for act in acts),
        "evidence": found,
        "salt": salt,
    }
    return ConsentGrant.model_validate({**fields, **(record or {})})


def _scope(
    act: Act, start: datetime, end: datetime | None, fields: Mapping[str, Any]
) -> ConsentScope:
    own = {**fields, "act": act, "not_before": start, "not_after": end}
    if act is not Act.DISTRIBUTE:
        own.pop("channels", None)
    return ConsentScope.model_validate(own)
