"""Held, decided by people, resumed: an approval lets through one request and no other (I7)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from overt.errors import ConfigError, HeldForReview, StageError
from overt.guard import Guard
from overt.models import Finding, FindingKind, Intent, Request, Result
from overt.testing import plain_picture


class Uncertain:
    """A screen that is unsure of a harm whenever the word `maybe` is there."""

    def screen(self, text: str, context: object) -> tuple[Finding, ...]:
        if "maybe" not in text:
            return ()
        code = Intent.VOTER_SUPPRESSION.value
        return (Finding(kind=FindingKind.INTENT, code=code, score=0.6, span=(0, 5)),)


@pytest.fixture
def paint(guard: Guard) -> Callable[..., Any]:
    guard._parts.judge.screens = (Uncertain(),)

    @guard.wrap(media_type="image/png", prompt="prompt")
    def paint(prompt: str, size: int = 256) -> bytes:
        request = Request(prompt=prompt, media_type="image/png")
        return plain_picture(request, size).read()

    return paint


def _held(paint: Callable[..., Any], *arguments: Any) -> str:
    with pytest.raises(HeldForReview) as held:
        paint(*arguments)
    return held.value.ticket_id


def _decide(guard: Guard, ticket: str, *, approve: bool) -> None:
    queue = guard._parts.queue()
    for reviewer in ("anna", "ben", "carla"):
        found = queue.get(ticket)
        if found.state not in ("open", "claimed"):
            return
        claim = queue.claim(reviewer, ticket)
        queue.decide(
            ticket,
            claim.token,
            reviewer,
            approve=approve,
            code="review.looked_at",
            rules=found.rules,
            text="a test",
        )


def test_an_approved_call_runs_with_the_arguments_it_was_held_with(
    guard: Guard, paint: Any
) -> None:
    ticket = _held(paint, "maybe a hill", 300)
    assert guard.wait(ticket, 0) == "open"
    _decide(guard, ticket, approve=True)
    assert guard.wait(ticket, 5) == "approved"
    assert isinstance(paint.resume(ticket), Result)


def test_an_approval_is_used_once(guard: Guard, paint: Any) -> None:
    ticket = _held(paint, "maybe a hill")
    _decide(guard, ticket, approve=True)
    paint.resume(ticket)
    with pytest.raises(StageError) as again:
        paint.resume(ticket)
    assert again.value.code == "review.used"


def test_an_approval_is_for_the_request_that_was_seen(guard: Guard, paint: Any) -> None:
    ticket = _held(paint, "maybe a hill")
    _decide(guard, ticket, approve=True)
    with pytest.raises(StageError) as other:
        paint.resume(ticket, "maybe something else entirely")
    assert other.value.code == "review.other_request"


def test_nobody_decided_or_somebody_said_no(guard: Guard, paint: Any) -> None:
    ticket = _held(paint, "maybe a hill")
    with pytest.raises(StageError) as pending:
        paint.resume(ticket)
    assert pending.value.code == "review.pending"
    _decide(guard, ticket, approve=False)
    with pytest.raises(StageError) as denied:
        paint.resume(ticket)
    assert denied.value.code == "review.denied"


def test_resuming_decides_again(guard: Guard, paint: Any) -> None:
    """What was only uncertain may be certain by now; the approval does not cover that."""
    ticket = _held(paint, "maybe a hill")
    _decide(guard, ticket, approve=True)

    class Certain:
        def screen(self, text: str, context: object) -> tuple[Finding, ...]:
            code = Intent.VOTER_SUPPRESSION.value
            return (Finding(kind=FindingKind.INTENT, code=code, score=0.95, span=(0, 5)),)

    from overt.errors import NotCleared

    guard._parts.judge.screens = (Uncertain(), Certain())
    with pytest.raises(NotCleared):
        paint.resume(ticket)


def test_a_call_of_another_process_needs_its_arguments(guard: Guard, paint: Any) -> None:
    with pytest.raises(ConfigError) as unknown:
        paint.resume("no-such-ticket")
    assert unknown.value.code == "resume.arguments"
