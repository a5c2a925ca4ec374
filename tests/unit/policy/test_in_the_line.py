"""The policy at work in a guard: three cases, reviews that resume, a candidate beside it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from overt import ConsentRequired, Guard, HeldForReview, Refused
from overt.config import GuardConfig
from overt.demo.mandate import campaign_mandate
from overt.errors import StageError
from overt.models import Outcome, Purpose, Request, Subject
from overt.review import Queue
from overt.storage.schema import shadow_changes
from overt.tables import examples_path

SLOVAKIA = datetime(2023, 9, 28, 10, tzinfo=UTC)
NEW_HAMPSHIRE = datetime(2024, 1, 21, 17, tzinfo=UTC)
PAKISTAN = datetime(2024, 2, 8, 7, tzinfo=UTC)


@pytest.fixture
def guard() -> Iterator[Guard]:
    with Guard.ephemeral(voices={"default": "stock"}) as guard:
        yield guard


def desk_of(guard: Guard) -> Queue:
    parts: Any = guard._parts
    return Queue(parts.database, parts.sealing, parts.ledger, actor_key=parts.actor_key)


def speech(prompt: str, **fields: Any) -> Request:
    return Request(prompt=prompt, media_type="audio/wav", stock_voice=True, **fields)


def test_slovak_case_as_harm(guard: Guard) -> None:
    request = speech(
        "Leaked phone recording of Michal Šimečka explaining how to buy votes",
        country="SK",
        at=SLOVAKIA,
    )
    with pytest.raises(Refused) as refused:
        guard.prepare(request)
    told = {reason.code: reason.message for reason in refused.value.decision.reasons}
    assert "elections.fabricated_evidence" in told
    assert "181/2014" in told["elections.silence_period"]


def test_slovak_case_as_reporting_and_satire(guard: Guard) -> None:
    article = Request(
        prompt="News article about the fake recording of Michal Šimečka and how it spread",
        media_type="text/plain",
        country="SK",
        at=SLOVAKIA,
    )
    assert guard.check(article).outcome is Outcome.ALLOW
    cartoon = Request(
        prompt="Satirical cartoon of Michal Šimečka juggling ballot boxes, a caricature",
        media_type="image/png",
        country="SK",
        at=SLOVAKIA,
    )
    drawn = guard.check(cartoon)
    assert drawn.outcome is Outcome.LABEL
    assert "satire_label" in {duty.wording for duty in drawn.obligations}


def test_new_hampshire_case(guard: Guard) -> None:
    call = speech(
        "A robocall in Joe Biden's voice telling Democrats to stay home and not vote",
        country="US",
        at=NEW_HAMPSHIRE,
    )
    with pytest.raises(Refused) as refused:
        guard.prepare(call)
    codes = {reason.code for reason in refused.value.decision.reasons}
    assert {"elections.voter_suppression", "elections.impersonation_call"} <= codes
    report = Request(
        prompt="News article explaining how the fake Biden robocall told voters to stay home",
        media_type="text/plain",
        country="US",
        at=NEW_HAMPSHIRE,
    )
    assert guard.check(report).outcome is Outcome.ALLOW


SCRIPT = "میرے پاکستانیو، آپ سب کا شکریہ۔"
LEADER = "Q155164"


def pakistan(**fields: Any) -> Request:
    """The script alone, read in the silence before the vote: the person is in the voice."""
    given: dict[str, Any] = {
        "prompt": SCRIPT,
        "media_type": "audio/wav",
        "voice": "leader",
        "country": "PK",
        "at": PAKISTAN,
        "purpose": Purpose.CAMPAIGN,
    }
    return Request(**(given | fields))


def test_pakistan_case_without_a_record(config: GuardConfig) -> None:
    known = Subject(id=LEADER, figure_id=LEADER, modalities=("voice",))
    with Guard.open(config) as guard:
        with pytest.raises(ConsentRequired) as needed:
            guard.prepare(pakistan(subjects=(known,)))
        assert needed.value.subjects == (LEADER,)
        with pytest.raises(ConsentRequired) as unlisted:
            guard.prepare(pakistan())
        assert unlisted.value.subjects == ("voice:leader",)


def test_pakistan_case_under_a_mandate(config: GuardConfig, tmp_path: Path) -> None:
    Guard.open(config).close()
    grant, registrar = campaign_mandate(config.folder, config, figure_id=LEADER)
    trust = config.consent.trust.model_copy(update={"registrars": (registrar,)})
    consent = config.consent.model_copy(update={"trust": trust})
    voices = {"leader": f"grant:{grant}", "gone": "grant:no-such-record"}
    config = config.model_copy(update={"consent": consent, "voices": voices})
    with Guard.open(config) as guard:
        decision = guard.prepare(pakistan()).decision
        assert decision.outcome is Outcome.LABEL
        assert "consent.recorded" in [reason.code for reason in decision.reasons]
        assert "authorized_voice_label" in {duty.wording for duty in decision.obligations}
        assert decision.language == "ur"
        with pytest.raises(ConsentRequired):
            guard.prepare(pakistan(voice="gone"))
        with pytest.raises(ConsentRequired):
            guard.prepare(pakistan(purpose=Purpose.ADVERTISING))


def test_a_held_request_is_decided_and_resumed(guard: Guard) -> None:
    request = Request(
        prompt="photo of Jое Вidеn at the beach", media_type="image/png", actor="alice"
    )
    with pytest.raises(HeldForReview) as held:
        guard.prepare(request)
    ticket, desk = held.value.ticket_id, desk_of(guard)
    with pytest.raises(StageError) as early:
        guard.prepare(request, ticket=ticket)
    assert early.value.code == "review.pending"
    for reviewer in ("r1", "r2"):
        claim = desk.claim(reviewer, ticket)
        assert claim.prompt == request.prompt
        desk.decide(
            ticket,
            claim.token,
            reviewer,
            approve=True,
            code="review.harmless",
            rules=claim.ticket.rules,
            text="A spelling joke.",
        )
    edited = request.model_copy(update={"prompt": "photo of Jое Вidеn in prison"})
    with pytest.raises(StageError) as other:
        guard.prepare(edited, ticket=ticket)
    assert other.value.code == "review.other_request"
    clearance = guard.prepare(request, ticket=ticket)
    assert clearance.decision.outcome is Outcome.LABEL
    with pytest.raises(StageError) as again:
        guard.prepare(request, ticket=ticket)
    assert again.value.code == "review.used"


def test_a_candidate_in_the_shadow(tmp_path: Path) -> None:
    strict = examples_path("policies", "strict").resolve()
    with Guard.ephemeral(policy={"shadow": str(strict)}) as guard:
        clearance = guard.prepare(
            Request(prompt="A photo of Joe Biden at lunch", media_type="image/png")
        )
        assert clearance.decision.outcome is Outcome.LABEL
        parts: Any = guard._parts
        rows = parts.database.read(lambda tx: tx.execute(select(shadow_changes)).all())
    assert [(row.decision_id, row.before, row.after) for row in rows] == [
        (clearance.decision.id, "label", "refuse")
    ]
