"""Suspensions: everything is refused until they end or are lifted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from overt import Guard, Refused
from overt.config import GuardConfig
from overt.models import Finding, Outcome, Request, ScreenContext, utc_now
from overt.policy.actors import is_suspended, lift, suspend
from overt.recording import actor_digest, actor_history

from .conftest import cue

KITTEN = Request(prompt="a kitten", media_type="image/png", actor="mallory")


def test_a_suspended_actor_gets_nothing(guard: Guard) -> None:
    parts: Any = guard._parts
    who, now = actor_digest(parts, "mallory"), utc_now()
    assert guard.check(KITTEN).outcome is Outcome.ALLOW
    until = now + timedelta(hours=1)
    parts.database.write(
        lambda tx: suspend(
            tx, parts.ledger, who, until=until, code="actor.repeated_refusals", now=now
        )
    )
    with pytest.raises(Refused) as refused:
        guard.prepare(KITTEN)
    assert [reason.code for reason in refused.value.decision.reasons] == ["actor.suspended"]
    assert guard.check(KITTEN.model_copy(update={"actor": "alice"})).outcome is Outcome.ALLOW
    assert not parts.database.read(lambda tx: is_suspended(tx, who, until))
    parts.database.write(lambda tx: lift(tx, parts.ledger, who, code="actor.appeal", now=now))
    assert guard.check(KITTEN).outcome is Outcome.ALLOW


class Calls:
    """Sees a call about an election wherever a prompt says so, and nothing else."""

    def screen(self, text: str, context: ScreenContext) -> list[Finding]:
        if "call" not in text:
            return []
        return [cue("personal_call"), cue("election")]


def test_personal_calls_are_counted_and_nothing_else(config: GuardConfig) -> None:
    limits = config.actors.model_copy(update={"bulk_calls": 2})
    call = Request(
        prompt="A call for every voter",
        media_type="audio/wav",
        stock_voice=True,
        actor="mallory",
    )
    with Guard.open(config.model_copy(update={"actors": limits})) as guard:
        parts: Any = guard._parts
        parts.judge.screens = (Calls(),)
        for _ in range(5):
            guard.prepare(KITTEN)
        assert parts.database.read(lambda tx: actor_history(parts, tx, "mallory")).calls == "few"
        for _ in range(2):
            guard.prepare(call)
        assert parts.database.read(lambda tx: actor_history(parts, tx, "mallory")).calls == "bulk"
        held = guard.check(call)
    assert held.outcome is Outcome.REVIEW
    assert "actor.bulk_calls" in [reason.code for reason in held.reasons]
