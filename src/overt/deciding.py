"""A request that was looked at is decided and recorded: consent states, policy, ledger entry."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from overt import recording
from overt.clearance import Clearance
from overt.errors import ConsentRequired, HeldForReview, NotCleared, Refused
from overt.models import ConsentState, Decision, Outcome

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from overt.judge import View
    from overt.parts import Parts
    from overt.policy import Case, Ruling


def decide(
    parts: Parts,
    tx: Connection,
    view: View,
    *,
    stage: str = "request",
    approved: frozenset[str] = frozenset(),
    relied: Sequence[ConsentState] = (),
) -> tuple[Decision, Ruling, Case]:
    """The consent states, then the policy; nothing is recorded.

    Args:
        parts: Of the guard.
        tx: An open transaction.
        view: What was seen.
        stage: `request`, or `output` for what a tool made.
        approved: Ids of the rules that a reviewer's approval names.
        relied: What this very run already holds leases on.
    """
    voiced = parts.consents.subject_of(tx, view.grant) if view.grant else None
    states = parts.consents.states(tx, view.needs(voiced), parts.now())
    states = tuple(_ours(state, relied) for state in states)
    history = recording.actor_history(parts, tx, view.request.actor)
    return parts.judge.decide(view, states, history, stage=stage, approved=approved, voiced=voiced)


def _ours(state: ConsentState, relied: Sequence[ConsentState]) -> ConsentState:
    """A record that this very run used up is good for it: its output is no second use."""
    if state.code != "consent.used_up":
        return state
    held = any(
        one.valid and one.grant_id == state.grant_id and one.need.act is state.need.act
        for one in relied
    )
    return state.model_copy(update={"code": "consent.valid"}) if held else state


def owed(decision: Decision, ruling: Ruling) -> ConsentRequired:
    """What to raise when a record is missing: whom to ask, and for what."""
    subjects = tuple(dict.fromkeys(subject for subject, _ in ruling.owed))
    return ConsentRequired(decision, subjects, tuple(dict.fromkeys(act for _, act in ruling.owed)))


def settle(
    parts: Parts, tx: Connection, view: View, salt: bytes, digest: str, ticket: str | None
) -> Clearance | NotCleared:
    """Decide and record in one transaction: what `Guard.prepare` gives back, or raises.

    Raises:
        StageError: The ticket does not approve this request, or the store failed.
    """
    approved, words = recording.approval(parts, tx, ticket, view.request)
    decision, ruling, case = decide(parts, tx, view, approved=approved)
    record = recording.record_decision(parts, tx, decision, case, digest, salt, view.request)
    recording.note_shadow(parts, tx, case, view, decision)
    decision = decision.model_copy(update={"index": record.index})
    if decision.outcome is Outcome.REFUSE:
        return Refused(decision)
    if decision.outcome is Outcome.REVIEW:
        opened = recording.open_ticket(parts, tx, decision, ruling, view.request, digest)
        return HeldForReview(decision, opened)
    if decision.outcome is Outcome.CONSENT:
        return owed(decision, ruling)
    clearance = Clearance(
        id=secrets.token_hex(16),
        request=view.request,
        decision=decision,
        languages=view.languages,
        expires_at=parts.now() + timedelta(minutes=parts.config.limits.clearance_minutes),
        salt=salt,
        approved=approved,
        approved_words=words,
    )
    recording.authorise(parts, tx, clearance, digest, ticket)
    return clearance
