"""Properties of the prompt screen: any text, bounded work, spans that fit, no state."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from overt.models import FindingKind, Modality, ScreenContext
from overt.screening import PromptScreen
from overt.screening.text import analyse, fold

ANY_TEXT = st.text(alphabet=st.characters(codec=None), max_size=200)
PIECES = (
    "Joe Biden Šimečku vote 习近平 عمران خان B1den J o e \u200b \ud800 🙂 don't @ ﷽ ㍿ ا́ "
    "stay home voice of nude Путина 투표 Sm9lIEJpZGVuIGVhdGluZw== nedib eoj"
)
WORDS = st.lists(st.sampled_from(PIECES.split(" ")), max_size=30).map(" ".join)


@pytest.fixture(scope="module")
def screen():
    return PromptScreen.bundled(intent_model=False)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=ANY_TEXT | WORDS, modality=st.sampled_from(list(Modality)))
def test_any_text_is_screened_and_spans_fit(screen, text, modality):
    context = ScreenContext(modality=modality)
    found = screen.screen(text, context)
    assert found == screen.screen(text, context)
    for finding in found:
        if finding.span is not None:
            start, end = finding.span
            assert 0 <= start <= end <= len(text)
        assert (finding.figure is not None) == (finding.kind is FindingKind.FIGURE)
    starts = [f.span[0] if f.span else -1 for f in found]
    assert starts == sorted(starts)


@given(text=ANY_TEXT | WORDS)
def test_tokens_are_in_order_and_point_into_the_text(text):
    analysis = analyse(text)
    last = 0
    for token in analysis.tokens:
        assert last <= token.start < token.end <= len(text)
        last = token.start
    for reading in analysis.readings:
        assert 0 <= reading.first < reading.last <= len(analysis.tokens)


@given(text=ANY_TEXT)
def test_folding_a_folded_text_changes_nothing_that_is_compared(text):
    once = [t.text for t in analyse(fold(text)).tokens]
    assert once == [t.text for t in analyse(" ".join(once)).tokens] or any(
        len(w) == 1 for w in once
    )


def test_evidence_holds_concepts_never_words_of_the_prompt(screen):
    text = "Robocall in Joe Biden's voice telling voters of Zanzibarville to stay home on Tuesday"
    found = screen.screen(text, ScreenContext(modality=Modality.AUDIO))
    known = {c.lower() for c in screen.concepts} | {"figure", "intent_model"}
    for finding in found:
        if finding.kind is not FindingKind.FIGURE:
            assert set(finding.evidence) <= known


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece",
    [
        "the quick brown fox ", "Joe Biden met Donald Trump. ", "j o e b i d e n ", "a", "b1d3n ",
        "习近平投票", "عمران خان ", "\u200b", "\ud800 a", "Sm9lIEJpZGVuIGVhdGluZw== ", "@1",
        "do not vote by sms ",
    ],
)  # fmt: skip
def test_work_grows_with_length_and_no_faster(screen, piece):
    """The curve of processor time over length, as its slope on logarithmic scales: 1 is linear."""
    context = ScreenContext(modality=Modality.AUDIO)
    sizes = [5_000, 10_000, 20_000, 40_000, 80_000]
    spent = [_least(screen, piece * (size // len(piece)), context) for size in sizes]
    slope = np.polyfit(np.log(sizes), np.log(spent), 1)[0]
    curve = ", ".join(f"{n}: {s * 1e3:.0f} ms" for n, s in zip(sizes, spent, strict=True))
    assert slope <= 1.3, curve


@pytest.mark.slow
@pytest.mark.parametrize("flood", ["don't " * 20_000, "do not tell " * 10_000])
def test_a_flood_costs_little_more_than_an_ordinary_text(screen, flood):
    context = ScreenContext(modality=Modality.TEXT)
    ordinary = ("An ordinary sentence about the weather in spring. " * 5_000)[: len(flood)]
    plain = _least(screen, ordinary, context)
    spent = _least(screen, flood, context)
    assert spent < 7 * plain, f"{spent:.2f} s, an ordinary text {plain:.2f} s"


def _least(screen, text, context):
    """Processor seconds, the least of two: what else the machine does only adds to it."""
    spent = []
    for _ in range(2):
        start = time.process_time()
        screen.screen(text, context)
        spent.append(time.process_time() - start)
    return min(spent)


@pytest.mark.slow
def test_a_prompt_of_a_megabyte_and_one_of_ten_thousand_figures(screen):
    context = ScreenContext(modality=Modality.TEXT)
    filler = "An ordinary sentence about the weather in spring. " * 20_000
    found = screen.screen(filler + "Write a tweet as Donald Trump saying he withdraws.", context)
    assert any(f.figure and f.figure.name == "Donald Trump" for f in found)
    index = screen._gazetteers[0].index
    names = [index.row(n)["name"] for n in range(0, 10_000)]
    found = screen.screen(", ".join(names), context)
    assert sum(f.figure is not None for f in found) > 5_000
