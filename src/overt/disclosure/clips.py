"""The packaged spoken notices: which there are, how good they are, and their samples.

Each clip was made ahead of time from permissively licensed weights, and transcribed back; its
character error rate is in the row. A clip above 0.25 is `weak`: a plan that uses it adds English.

Source: `data/disclosure/clips.jsonl`, built by `tools/build_clips.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from overt.tables import data_path, read_jsonl

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True)
class Clip:
    """One packaged notice.

    Attributes:
        cer: Character error rate of the transcript against the sentence.
        weak: Not shown to be understood; English is added.
        review: Who has listened to it.
    """

    language: str
    kind: str
    file: str
    text: str
    duration_s: float
    engine: str
    voice: str
    licence: str
    cer: float
    weak: bool
    review: str


def clip_for(language: str, kind: str) -> Clip | None:
    """The clip of this kind in this language, or none."""
    return _table().get((language, kind))


def clip_languages() -> tuple[str, ...]:
    """Languages with a clip of the kind `generated`."""
    return tuple(language for language, kind in _table() if kind == "generated")


@lru_cache(maxsize=16)
def samples(file: str) -> tuple[np.ndarray[Any, np.dtype[np.float32]], int]:
    """Mono float32 samples of a clip and their rate. Do not write to them."""
    import soundfile

    data, rate = soundfile.read(data_path("disclosure", "clips", file), dtype="float32")
    data.setflags(write=False)
    return data, int(rate)


@cache
def _table() -> dict[tuple[str, str], Clip]:
    names = Clip.__slots__
    rows = read_jsonl(data_path("disclosure", "clips.jsonl"))
    return {
        (row["language"], row["kind"]): Clip(**{name: row[name] for name in names}) for row in rows
    }
