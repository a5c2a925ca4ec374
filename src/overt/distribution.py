"""The second authorisation: may this asset leave the house, through this channel?

Making and distributing are separate acts. Consent to make is never read as consent to distribute:
everybody whose record the making relied on is asked again, for the act `distribute` and the
channel. The answer is a decision like any other: it is made by the policy, with the election phase
of now, and recorded whatever it is.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from overt import recording
from overt.clearance import request_digest
from overt.errors import ConsentRequired, HeldForReview, NotCleared, Refused, StageError
from overt.models import Act, ConsentNeed, Decision, Outcome, Record, Request, Subject

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from overt.parts import Parts


def release_for(
    parts: Parts, sha256: str, media_type: str, channel: str, *, country: str | None = None
) -> Record:
    """Decide and record the distribution of one released asset.

    Args:
        parts: Of the guard that released it.
        sha256: Digest of exactly the released bytes.
        media_type: Its media type.
        channel: Where it goes, as consent records name it: `broadcast`, `social:example`.
        country: ISO code of where it will be seen, when it is known.

    Raises:
        NotCleared: It may not leave; the decision says why.
        StageError: `release.unknown`: these bytes are not an asset that this guard released.
    """
    salt = secrets.token_bytes(32)
    answer = parts.database.write(
        lambda tx: _settle(parts, tx, sha256, media_type, channel, country, salt)
    )
    if isinstance(answer, NotCleared):
        raise answer
    return answer


def _settle(
    parts: Parts,
    tx: Connection,
    sha256: str,
    media_type: str,
    channel: str,
    country: str | None,
    salt: bytes,
) -> Record | NotCleared:
    needs = _needs(tx, sha256, channel)
    states = tuple(parts.consents.states(tx, needs, parts.now()))
    view = parts.judge.look(_request(needs, media_type, country))
    decision, ruling, case = parts.judge.decide(
        view, states, recording.actor_history(parts, tx, None)
    )
    owed = tuple(state.need.subject_id for state in states if not state.valid)
    if owed and decision.outcome < Outcome.CONSENT:
        decision = decision.model_copy(update={"outcome": Outcome.CONSENT})
    digest = request_digest(view.request, salt)
    record = recording.record_decision(parts, tx, decision, case, digest, salt, view.request)
    decision = decision.model_copy(update={"index": record.index})
    if decision.outcome is Outcome.REFUSE:
        return Refused(decision)
    if decision.outcome is Outcome.REVIEW:
        ticket = recording.open_ticket(parts, tx, decision, ruling, view.request, digest)
        return HeldForReview(decision, ticket)
    if decision.outcome is Outcome.CONSENT:
        return ConsentRequired(decision, tuple(dict.fromkeys(owed)), (Act.DISTRIBUTE,))
    return _recorded(parts, tx, decision, sha256, channel)


def _needs(tx: Connection, sha256: str, channel: str) -> tuple[ConsentNeed, ...]:
    """The makers' needs, asked again for distribution.

    Raises:
        StageError: The asset is not ours.
    """
    from overt.consent.leases import need_of, of_decision

    found = recording.released(tx, sha256)
    if found is None:
        raise StageError(
            "release",
            "release.unknown",
            "this is no asset that was released here",
            "its bytes are in no closing entry",
            "release the file exactly as it was delivered",
        )
    making = [need_of(lease) for lease in of_decision(tx, found["decision_id"])]
    asked = {need.subject_id: need for need in making}
    return tuple(
        need.model_copy(
            update={"act": Act.DISTRIBUTE, "channel": channel, "only": (), "references": ()}
        )
        for need in asked.values()
    )


def _request(needs: tuple[ConsentNeed, ...], media_type: str, country: str | None) -> Request:
    subjects = tuple(
        Subject(id=need.subject_id, figure_id=need.figure_id, modalities=need.modalities)
        for need in needs
    )
    return Request(
        prompt="",
        media_type=media_type,
        act=Act.DISTRIBUTE,
        subjects=subjects,
        stock_voice=True,  # whose voice it is, is among the subjects
        country=country or next((need.country for need in needs if need.country), None),
        **({"purpose": needs[0].purpose, "context": needs[0].context} if needs else {}),
    )


def _recorded(
    parts: Parts, tx: Connection, decision: Decision, sha256: str, channel: str
) -> Record:
    entry = {
        "type": "distributed",
        "id": secrets.token_hex(16),
        "decision": decision.id,
        "asset": sha256,
        "channel": channel,
        "at": parts.now().isoformat(),
    }
    return parts.ledger.append(tx, entry)
