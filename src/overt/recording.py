"""What a guard writes and reads in the database beside the ledger: one function a fact.

All run inside the transaction of the decision or of the closing entry, so that there is no
decision without its leaf and no leaf without its decision. No text and no name is written.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from overt.clearance import request_digest, words_digest
from overt.errors import HeldForReview
from overt.models import ConsentState, Cue, Decision, Outcome, Record, Request

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from overt.clearance import Clearance
    from overt.judge import View
    from overt.parts import Parts
    from overt.policy import ActorHistory, Case, Ruling
    from overt.signing import Signed
    from overt.storage.prepared import Prepared


def record_decision(
    parts: Parts,
    tx: Connection,
    decision: Decision,
    case: Any,
    digest: str,
    salt: bytes,
    request: Request,
) -> Record:
    """Write a decision, its ledger entry and the actor's attempt; end what has lapsed."""
    lapse(parts, tx)
    record = parts.ledger.append(tx, _entry(decision, digest, request))
    actor = actor_digest(parts, request.actor)
    _statement("decisions").change(
        tx,
        {
            "id": decision.id,
            "idx": record.index,
            "at": parts.now(),
            "outcome": decision.outcome.value,
            "policy": decision.policy,
            "registry": decision.registry,
            "request": digest,
            "media_type": request.media_type,
            "language": decision.language,
            "country": decision.election.country if decision.election else request.country,
            "phase": decision.election.phase.value if decision.election else None,
            "actor": actor,
            "rules": list(decision.rules),
            "case": case.to_json(),
            "salt": salt,
        },
    )
    if actor is not None:
        _statement("attempts").change(
            tx,
            {
                "actor": actor,
                "at": parts.now(),
                "outcome": decision.outcome.value,
                "decision_id": decision.id,
            },
        )
    return record


def _entry(decision: Decision, digest: str, request: Request) -> dict[str, Any]:
    """The leaf: ids, digests, enum values. No prompt, no names."""
    entry: dict[str, Any] = {
        "type": "decision",
        "id": decision.id,
        "outcome": decision.outcome.value,
        "rules": list(decision.rules),
        "policy": decision.policy,
        "registry": decision.registry,
        "request": digest,
        "media_type": request.media_type,
        "language": decision.language,
        "at": decision.at.isoformat(),
    }
    relied = [state.digest for state in decision.consents if state.valid and state.digest]
    if relied:
        entry["consents"] = relied
    return entry


def note_shadow(parts: Parts, tx: Connection, case: Case, view: View, decision: Decision) -> None:
    """Let the candidate bundle see the case, where there is one; it changes nothing."""
    if parts.shadow is not None:
        from overt.policy.register import note_shadow as note

        note(tx, case, view.bundle, parts.shadow, decision.id, parts.now())


def lapse(parts: Parts, tx: Connection) -> None:
    """Give every clearance whose time is over its closing entry."""
    from overt.storage import clearances

    for id_, decision_id in clearances.lapse(tx, parts.now()):
        parts.ledger.append(
            tx,
            {
                "type": "lapsed",
                "id": id_,
                "decision": decision_id,
                "at": parts.now().isoformat(),
            },
        )


def approval(
    parts: Parts, tx: Connection, ticket: str | None, request: Request
) -> tuple[frozenset[str], tuple[str, bytes] | None]:
    """Ids of the rules that a review of this very request approved; none without a ticket.

    Where it was about words that came out, their digest and its salt are given with them.

    Raises:
        StageError: There is no such approval, or it is for another request.
    """
    if ticket is None:
        return frozenset(), None
    from overt.review import approval_of

    found = approval_of(tx, ticket, parts.now())
    found.check(request_digest(request, found.salt))
    return found.rules, None if found.output is None else (found.output, found.salt)


def authorise(
    parts: Parts, tx: Connection, clearance: Clearance, digest: str, ticket: str | None
) -> None:
    """Store the clearance, take leases on its consents, and use an approval up."""
    from overt.storage import clearances

    if ticket is not None:
        from overt.review import approval_of, use

        use(tx, approval_of(tx, ticket, parts.now()), parts.now())

    valid = tuple(state for state in clearance.decision.consents if state.valid)
    if valid:
        parts.consents.authorise(
            tx,
            valid,
            decision_id=clearance.decision.id,
            request_digest=digest,
            expires_at=clearance.expires_at,
        )
    clearances.issue(
        tx, clearance.id, clearance.decision.id, clearance.digest(digest), clearance.expires_at
    )


def open_ticket(
    parts: Parts, tx: Connection, decision: Decision, ruling: Ruling, request: Request, digest: str
) -> str:
    """Open the question that a person decides; its id."""
    from overt.review import open_ticket as opened

    return opened(tx, parts.sealing, decision, ruling, request, digest, parts.now())


def hold_output(
    parts: Parts,
    tx: Connection,
    decision: Decision,
    ruling: Ruling,
    case: Case,
    cleared: Clearance,
    words: str | None,
) -> HeldForReview:
    """Record that what a cleared tool made is held, and ask a person; what is to be raised.

    The question is about the request as it was asked, so that the answer fits when it is asked
    again. What an earlier answer approved is asked once more with it, or the next run would be
    held for that.

    Args:
        parts: Of the guard.
        tx: An open transaction.
        decision: About the output.
        ruling: Names the rules that hold it.
        case: What was decided on.
        cleared: Of the run.
        words: What came out, where it is held for its words; the reviewer sees them, and the
            answer is about them alone.
    """
    from overt.review import open_ticket as opened

    salt = secrets.token_bytes(32)
    digest = request_digest(cleared.request, salt)
    record = record_decision(parts, tx, decision, case, digest, salt, cleared.request)
    decision = decision.model_copy(update={"index": record.index})
    asked = replace(ruling, held_by=tuple(sorted({*ruling.held_by, *cleared.approved})))
    ticket = opened(
        tx,
        parts.sealing,
        decision,
        asked,
        cleared.request,
        digest,
        parts.now(),
        output=words,
        output_digest=None if words is None else words_digest(words, salt),
    )
    return HeldForReview(decision, ticket)


def rely_on(
    parts: Parts, tx: Connection, clearance: Clearance, states: Sequence[ConsentState]
) -> None:
    """Take leases on consents that only the output needs, so that they too are looked at again.

    Raises:
        StageError: `consent.changed`: a record is not what it was a moment ago.
    """
    parts.consents.authorise(
        tx,
        states,
        decision_id=clearance.decision.id,
        request_digest=request_digest(clearance.request, clearance.salt),
        expires_at=clearance.expires_at,
    )


def remember_asset(
    tx: Connection,
    clearance: Clearance,
    signed: Signed,
    entry: Record,
    at: datetime,
) -> None:
    """Keep what `lookup` needs to say "yes, made here"."""
    _statement("assets").change(
        tx,
        {
            "id": secrets.token_hex(16),
            "sha256": signed.digest,
            "media_type": signed.media.media_type,
            "made_at": at,
            "idx": entry.index,
            "decision_id": clearance.decision.id,
            "label": signed.manifest.label,
            "fingerprint": signed.fingerprint.blob if signed.fingerprint else None,
            "fingerprint_kind": signed.fingerprint.kind if signed.fingerprint else None,
        },
    )


@cache
def _statement(table: str) -> Prepared:
    """The insertion into a table; `import overt` must not load the database's library."""
    from sqlalchemy import insert

    from overt.storage import schema
    from overt.storage.prepared import Prepared

    return Prepared(insert(getattr(schema, table)))


def actor_digest(parts: Parts, actor: str | None) -> str | None:
    """Keyed digest of a builder's opaque actor id."""
    if actor is None:
        return None
    return hmac.new(parts.actor_key, actor.encode(), hashlib.sha256).hexdigest()


def actor_history(parts: Parts, tx: Connection, actor: str | None) -> ActorHistory:
    """What this actor has asked for within the configured window."""
    from sqlalchemy import String, cast, func, select

    from overt.policy import ActorHistory
    from overt.policy.actors import is_suspended
    from overt.storage.schema import attempts, decisions

    key = actor_digest(parts, actor)
    if key is None:
        return ActorHistory()
    since = parts.now() - timedelta(hours=parts.config.actors.window_hours)
    rows: Sequence[Any] = tx.execute(
        select(attempts.c.outcome, func.count())
        .where(attempts.c.actor == key, attempts.c.at >= since)
        .group_by(attempts.c.outcome)
    ).all()
    counts = {str(outcome): int(count) for outcome, count in rows}
    calls = tx.execute(
        select(func.count())
        .select_from(decisions)
        .where(
            decisions.c.actor == key,
            decisions.c.at >= since,
            cast(decisions.c.case, String).contains(f'"{Cue.PERSONAL_CALL.value}"'),
        )
    ).scalar_one()
    limits = parts.config.actors
    return ActorHistory.counted(
        refused=counts.get(Outcome.REFUSE.value, 0),
        calls=int(calls),
        review_after=limits.review_after_refusals,
        suspend_after=limits.suspend_after_refusals,
        bulk_after=limits.bulk_calls,
        suspended=is_suspended(tx, key, parts.now()),
    )


def released(tx: Connection, sha256: str) -> dict[str, Any] | None:
    """The release of exactly these bytes, as far as it is on record; the newest one."""
    from sqlalchemy import select

    from overt.storage.schema import assets, decisions, entries

    row = tx.execute(
        select(assets.c.idx, assets.c.decision_id, decisions.c.outcome, entries.c.id)
        .join(decisions, decisions.c.id == assets.c.decision_id)
        .join(entries, entries.c.idx == assets.c.idx)
        .where(assets.c.sha256 == sha256)
        .order_by(assets.c.idx.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    return {
        "outcome": row.outcome,
        "record": {"index": row.idx, "id": row.id},
        "decision_id": row.decision_id,
        "digest": sha256,
    }
