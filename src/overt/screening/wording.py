"""How harm is worded: a weight for each short run of letters and words, summed.

The encoder reads meaning and is weak where few of its words were trained: slang, names of things,
languages that it hardly knows. Runs of letters know nothing of meaning and much of wording, so the
second stage of the intent model weighs them, too.

The weights are `data/intents/wording.npz`, from `tools/intent/train_wording.py`.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from overt.screening.text import analyse
from overt.screening.weights import broken, read_weights

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[np.int64]]

BUCKETS = 1 << 18
_RUNS = range(2, 6)
"""Letters of a run."""
_LONGEST = 24
"""Letters of a word that are read."""


def buckets(text: str, modality: str) -> Array:
    """Buckets of a text, each once: runs of letters inside words, words, and pairs of them."""
    import numpy as np

    words = [modality, *(token.text[:_LONGEST] for token in analyse(text).tokens)]
    found = {zlib.crc32(run.encode("utf-8", "replace")) % BUCKETS for run in _runs(words)}
    return np.fromiter(found, np.int64, len(found))


def _runs(words: Sequence[str]) -> Iterator[str]:
    for word in words:
        edged = f" {word} "
        for length in _RUNS:
            for start in range(max(1, len(edged) - length + 1)):
                yield edged[start : start + length]
        yield f"={word}"
    for one, other in pairwise(words):
        yield f"{one} {other}"


class Wording:
    """Learned weights.

    Raises:
        ConfigError: The file cannot be read.
    """

    def __init__(self, path: Path) -> None:
        data = read_weights(path)
        try:
            self._weights = data["weights"].astype("f4") * float(data["step"])
            self._bias = float(data["bias"])
            if self._weights.shape != (BUCKETS,):
                raise ValueError("not as many weights as buckets")
        except (ValueError, KeyError, TypeError) as cause:
            raise broken(path, cause) from cause

    def harm(self, text: str, modality: str) -> float:
        """How much likelier harm is than none by the wording of a text, as a logit."""
        found = buckets(text, modality)
        total = float(self._weights[found].sum())
        return float(total / len(found) ** 0.5 + self._bias)
