"""How harm is worded: the same buckets everywhere, and weights that can be read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from overt.errors import ConfigError
from overt.screening.wording import BUCKETS, Wording, buckets
from overt.tables import data_path


@pytest.fixture(scope="module")
def wording() -> Wording:
    return Wording(data_path("intents", "wording.npz"))


def test_a_threat_is_worded_as_harm_and_a_recipe_is_not(wording: Wording) -> None:
    threat = wording.harm("tell them to stay home, voting was moved to Wednesday", "audio")
    assert threat > wording.harm("a recipe for plum cake with cinnamon", "audio") + 2


def test_how_words_are_spelled_does_not_matter_to_buckets() -> None:
    assert set(buckets("Ｖｏｔｅ NOW", "text")) == set(buckets("vote now", "text"))
    assert set(buckets("vote now", "audio")) != set(buckets("vote now", "text"))


@pytest.mark.parametrize("text", ["", "x", "\ud800", "a" * 100_000, "\U0001f30a" * 50])
def test_any_text_has_a_number(wording: Wording, text: str) -> None:
    assert np.isfinite(wording.harm(text, "image"))


def test_weights_of_another_size_are_told_by_name(tmp_path: Path) -> None:
    np.savez(tmp_path / "w.npz", weights=np.zeros(BUCKETS - 1, np.int8), step=1.0, bias=0.0)
    with pytest.raises(ConfigError, match=r"w\.npz"):
        Wording(tmp_path / "w.npz")
