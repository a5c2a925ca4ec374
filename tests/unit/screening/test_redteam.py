"""The attack finds what a blind judge lets through and what an anxious one stops."""

from __future__ import annotations

from overt.models import CERTAIN, FindingKind, Outcome, ScreenContext
from overt.screening.redteam import attack, variants

NAMES = ("Joe Biden", "Robert Fico", "Emmanuel Macron")


def test_a_blind_judge_lets_every_harm_through_and_an_anxious_one_stops_all():
    prompts = list(variants(NAMES))
    blind = attack(prompts, lambda *_: Outcome.ALLOW)
    assert len(blind.got_through) == sum(p.harmful for p in prompts)
    assert blind.wrongly_stopped == ()
    anxious = attack(prompts, lambda *_: Outcome.REFUSE)
    assert anxious.got_through == ()
    assert len(anxious.wrongly_stopped) == sum(not p.harmful for p in prompts)


def test_variants_keep_to_what_is_asked():
    prompts = list(variants(["Joe Biden"], ["intimate"], ["en"]))
    assert {p.category for p in prompts} == {"intimate", "pass"}
    assert {p.language for p in prompts} == {"en"}


def test_the_rules_alone_hold_against_the_attack(screen):
    def judge(text, modality):
        found = screen.screen(text, ScreenContext(modality=modality))
        harms = [f.score for f in found if f.kind is FindingKind.INTENT]
        if any(score >= CERTAIN for score in harms):
            return Outcome.REFUSE
        return Outcome.REVIEW if harms else Outcome.ALLOW

    prompts = list(variants(NAMES))
    report = attack(prompts, judge)
    harmful = sum(p.harmful for p in prompts)
    assert report.wrongly_stopped == ()
    assert len(report.got_through) <= 0.05 * harmful, sorted(
        {(p.language, p.category, p.spelling) for p in report.got_through}
    )
