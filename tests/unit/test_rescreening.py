"""What a cleared tool's own words say counts like what was asked for (I1, I6, I7)."""

from __future__ import annotations

import json
from functools import partial
from types import ModuleType
from typing import Any

import pytest

import overt.demo.mandate
from overt.config import GuardConfig
from overt.consent import draft
from overt.errors import ConsentRequired, HeldForReview, Refused, StageError
from overt.guard import Guard
from overt.models import Act, Finding, FindingKind, Intent, Media, Outcome, Purpose, Request
from overt.storage.schema import authorisations
from overt.testing import plain_picture

PICTURE = Request(prompt="a man waving", media_type="image/png")
TEXT = Request(prompt="a short poem about the sea", media_type="text/plain")
SOUND = Request(prompt="read my note", media_type="audio/wav", stock_voice=True)


def shown(words: str, request: Request = PICTURE) -> Media:
    return plain_picture(request).model_copy(update={"transcript": words})


def written(words: str) -> Media:
    return Media(media_type="text/plain", data=words.encode())


def entries(guard: Guard) -> list[dict[str, Any]]:
    ledger = guard._parts.ledger

    def read(tx: Any) -> list[dict[str, Any]]:
        return [json.loads(ledger.entry(tx, index)) for index in range(ledger.size(tx))]

    return guard._parts.database.read(read)


# --- what is cleared owes what its own words owe --------------------------------------------------


def test_a_transcript_owes_the_label_that_the_same_prompt_owes(guard: Guard) -> None:
    words = "photo of Joe Biden waving"
    asked = guard.run(PICTURE.model_copy(update={"prompt": words}), plain_picture)
    said = guard.run(PICTURE, lambda _: shown(words))
    assert [one.wording for one in said.disclosures] == ["public_figure_label"]
    assert [one.wording for one in asked.disclosures] == ["public_figure_label"]
    assert said.decision.outcome is Outcome.LABEL
    assert "likeness.public_figure" in [reason.code for reason in said.decision.reasons]
    closing = entries(guard)[-1]
    assert closing["type"] == "released"
    assert "PF-001" in closing["rules"]
    assert "rules" not in entries(guard)[-3]  # the request said it all


def test_findings_of_an_output_have_no_place_in_the_prompt(guard: Guard) -> None:
    decision = guard.run(PICTURE, lambda _: shown("photo of Joe Biden waving")).decision
    assert [one.span for one in decision.findings if one.figure is not None] == [None]


def test_each_output_owes_its_own(guard: Guard) -> None:
    outputs = [shown("a hill"), shown("photo of Joe Biden waving")]
    plain, named = guard.run_all(PICTURE, lambda _: outputs)
    assert [one.wording for one in plain.disclosures] == ["label_short"]
    assert [one.wording for one in named.disclosures] == ["public_figure_label"]


def test_a_text_as_if_by_a_figure_is_labelled(guard: Guard) -> None:
    letter = written("A letter, as if by Joe Biden: I love the sea. Yours, Joe Biden")
    decision = guard.run(TEXT, lambda _: letter).decision
    assert decision.outcome is Outcome.LABEL
    assert "likeness.authored_text" in [reason.code for reason in decision.reasons]


def test_what_the_request_owes_is_never_lost(guard: Guard) -> None:
    request = PICTURE.model_copy(update={"prompt": "photo of Joe Biden waving"})
    result = guard.run(request, lambda _: shown("a hill at dusk", request))
    assert [one.wording for one in result.disclosures] == ["public_figure_label"]
    assert result.decision.outcome is Outcome.LABEL


# --- what is not cleared --------------------------------------------------------------------------


def test_a_missing_consent_is_told_as_one(guard: Guard, generators: ModuleType) -> None:
    sound = Media(media_type="audio/wav", data=generators.speech("speech-en.ogg"))
    said = sound.model_copy(update={"transcript": "Joe Biden waves to a crowd"})
    with pytest.raises(ConsentRequired) as needed:
        guard.run(SOUND, lambda _: said)
    assert [guard.reveal(one) for one in needed.value.subjects] == ["Joe Biden"]
    assert needed.value.acts == (Act.GENERATE,)
    assert entries(guard)[-1]["type"] == "quarantined"


class Doubtful:
    """A screen that is unsure of a harm where the word `maybe` is, and sure where `surely` is."""

    def screen(self, text: str, context: object) -> tuple[Finding, ...]:
        score = 0.95 if "surely" in text else 0.6 if "maybe" in text else None
        if score is None:
            return ()
        code = Intent.VOTER_SUPPRESSION.value
        return (Finding(kind=FindingKind.INTENT, code=code, score=score, span=(0, 5)),)


@pytest.fixture
def doubtful(guard: Guard) -> Guard:
    guard._parts.judge.screens = (Doubtful(),)
    return guard


def held(guard: Guard, words: str, request: Request = TEXT, ticket: str | None = None) -> str:
    with pytest.raises(HeldForReview) as stopped:
        guard.run_all(request, lambda _: written(words), ticket=ticket)
    assert entries(guard)[-1]["type"] == "quarantined"
    return stopped.value.ticket_id


def approve(guard: Guard, ticket: str) -> None:
    queue = guard._parts.queue()
    for reviewer in ("anna", "ben"):
        if queue.get(ticket).state not in ("open", "claimed"):
            return
        claim = queue.claim(reviewer, ticket)
        queue.decide(
            ticket,
            claim.token,
            reviewer,
            approve=True,
            code="review.looked_at",
            rules=claim.ticket.rules,
            text="a test",
        )


def test_a_reviewer_sees_the_words_that_are_held(doubtful: Guard) -> None:
    ticket = held(doubtful, "maybe the sea")
    claim = doubtful._parts.queue().claim("anna", ticket)
    assert (claim.prompt, claim.output) == (TEXT.prompt, "maybe the sea")
    assert b"maybe the sea" not in json.dumps(entries(doubtful)).encode()


def test_approved_words_are_released_and_no_others(doubtful: Guard) -> None:
    ticket = held(doubtful, "maybe the sea")
    approve(doubtful, ticket)
    another = held(doubtful, "maybe the sky", ticket=ticket)
    assert another != ticket
    approve(doubtful, another)
    (result,) = doubtful.run_all(TEXT, lambda _: written("maybe the sky"), ticket=another)
    assert result.decision.outcome is Outcome.LABEL


def test_an_approval_of_words_covers_no_certain_harm(doubtful: Guard) -> None:
    ticket = held(doubtful, "maybe the sea")
    approve(doubtful, ticket)
    with pytest.raises(Refused):
        doubtful.run_all(TEXT, lambda _: written("surely the sea"), ticket=ticket)


def test_a_prompt_and_its_output_can_both_be_approved(doubtful: Guard) -> None:
    """The second answer is about both, or the next run would be held for the first again."""

    class Other:
        def screen(self, text: str, context: object) -> tuple[Finding, ...]:
            if "dubious" not in text:
                return ()
            code = Intent.FRAUD_IMPERSONATION.value
            return (Finding(kind=FindingKind.INTENT, code=code, score=0.6, span=(0, 5)),)

    doubtful._parts.judge.screens = (Doubtful(), Other())
    request = TEXT.model_copy(update={"prompt": "a poem, maybe"})
    with pytest.raises(HeldForReview) as first:
        doubtful.prepare(request)
    approve(doubtful, first.value.ticket_id)
    second = held(doubtful, "a dubious poem", request, first.value.ticket_id)
    approve(doubtful, second)
    assert doubtful.run_all(request, lambda _: written("a dubious poem"), ticket=second)


def test_an_output_that_is_too_long_or_invisible_is_called_one(config: GuardConfig) -> None:
    limits = config.limits.model_copy(update={"prompt_chars": 1000})
    with Guard.open(config.model_copy(update={"limits": limits})) as guard:
        for words, code in (("sea " * 300, "output.too_long"), ("\u2060", "output.empty")):
            with pytest.raises(StageError) as failed:
                guard.run(TEXT, lambda _, words=words: written(words))
            assert failed.value.code == code
            assert "prompt is" not in str(failed.value)
        assert entries(guard)[-1]["code"] == "output.empty"


# --- consents of the output -----------------------------------------------------------------------

LEADER = "Q155164"


def test_a_record_for_one_use_is_good_for_the_output_of_that_use(
    config: GuardConfig, generators: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also, a record that only the output's words rely on is leased, and looked at once more."""
    monkeypatch.setattr(overt.demo.mandate, "draft", partial(draft, max_uses=1))
    Guard.open(config).close()
    grant, registrar = overt.demo.mandate.campaign_mandate(config.folder, config, figure_id=LEADER)
    trust = config.consent.trust.model_copy(update={"registrars": (registrar,)})
    consent = config.consent.model_copy(update={"trust": trust})
    config = config.model_copy(update={"consent": consent, "voices": {"leader": f"grant:{grant}"}})
    request = Request(
        prompt="میرے پاکستانیو، آپ سب کا شکریہ۔",
        media_type="audio/wav",
        voice="leader",
        country="PK",
        purpose=Purpose.CAMPAIGN,
    )
    sound = Media(media_type="audio/wav", data=generators.speech("speech-en.ogg"))
    said = sound.model_copy(update={"transcript": "My dear friends, thank you all very much."})
    with Guard.open(config) as guard:
        result = guard.run(request, lambda _: said)
        assert result.decision.outcome is Outcome.LABEL
        rows = guard._parts.database.read(
            lambda tx: tx.execute(
                authorisations.select().where(authorisations.c.decision_id == result.decision.id)
            ).all()
        )
        assert sorted(row.need["languages"] for row in rows) == [["en"], ["ur"]]
        assert {row.state for row in rows} == {"released"}
        with pytest.raises(ConsentRequired):  # it was for one use
            guard.prepare(request)
