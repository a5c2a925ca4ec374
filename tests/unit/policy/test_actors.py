"""Suspensions: everything is refused until they end or are lifted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from overt import Guard, Refused
from overt.models import Outcome, Request, utc_now
from overt.policy.actors import is_suspended, lift, suspend
from overt.recording import actor_digest

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
