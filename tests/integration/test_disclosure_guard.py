"""A builder's own wordings and voice reach what a guard puts on an asset."""

import io
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from disclosure_media import picture

from overt import Guard
from overt.ports import Speech


class Cantor:
    """A voice that the packaged clips do not have."""

    def languages(self) -> Collection[str]:
        return ("ka",)

    def speak(self, text: str, language: str, *, voice_hint: str | None = None) -> Speech | None:
        t = np.arange(48_000 * 3) / 24_000
        sound = (0.3 * np.sin(2 * np.pi * (200 + 80 * t) * t)).astype(np.float32)
        return Speech(sound, 24_000, "cantor", "one", "own") if language == "ka" else None


def opened(tmp_path: Path, **settings: Any) -> Guard:
    from overt.config import load_config
    from overt.setup import initialise

    initialise(tmp_path)
    config = load_config(tmp_path / "overt.toml")
    changed = config.disclosure.model_copy(update=settings)
    words = config.screening.model_copy(update={"intent_model": False})
    parts = {"disclosure": changed, "screening": words}
    return Guard.open(config.model_copy(update=parts), speaker=Cantor())


def test_a_builders_wording_is_drawn_and_its_review_recorded(tmp_path: Path) -> None:
    rows = tmp_path / "wording.jsonl"
    rows.write_text('{"language": "cs", "texts": {"label_short": "Stroj"}, "review": "N. N."}\n')
    with opened(tmp_path, wording=rows) as guard:
        tool = guard.wrap(media_type="image/png", prompt="text", language="lang")(
            lambda text, lang: picture(640, 400, "PNG")
        )
        (one,) = tool("maják za soumraku", "cs").disclosures
    assert (one.text, one.evidence["review"]) == ("Stroj", "N. N.")


def test_a_builders_voice_speaks_what_no_clip_does(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    soundfile.write(buffer, np.zeros(48_000 * 2), 48_000, format="WAV")
    with opened(tmp_path) as guard:
        tool = guard.wrap(media_type="audio/wav", prompt="text", language="lang", stock_voice=True)(
            lambda text, lang: buffer.getvalue()
        )
        (one,) = tool("დილა მშვიდობისა", "ka").disclosures
    assert (one.language, one.evidence["engine"]) == ("ka", "cantor")
