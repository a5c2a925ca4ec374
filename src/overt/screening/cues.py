"""Which texts are worth the intent model's time: a weight for each word, summed.

Lexicons cannot list every word that a harm may be told with, and the encoder is too slow for every
everyday prompt. Between them stands this: words, word beginnings and pairs of unspaced characters
each have a small learned weight. A text (of a long one, a sentence) whose weights add up to more
than the threshold carries a cue. It names no harm and decides nothing; it only opens the door.

The weights are `data/intents/cues.npz`, from `tools/intent/train_cues.py`.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

from overt.screening.text import Token
from overt.screening.weights import broken, read_weights

BUCKETS = 1 << 16
_STEM = 5
_SHORT = 4
"""Fewer features than this weigh as if they were this many: one word is not a text."""


@lru_cache(maxsize=65536)
def buckets(word: str, before: str = "") -> tuple[int, ...]:
    """Buckets of one folded word, or of one unspaced character and the one before it."""
    texts = [word]
    if before:
        texts.append(before + word)
    elif len(word) > _STEM:
        texts.append("^" + word[:_STEM])
    return tuple(zlib.crc32(t.encode("utf-8", "replace")) % BUCKETS for t in texts)


def features(tokens: Iterable[Token]) -> frozenset[int]:
    """Buckets of a run of tokens."""
    found: set[int] = set()
    before = ""
    for token in tokens:
        found.update(buckets(token.text, before if token.unspaced else ""))
        before = token.text if token.unspaced else ""
    return frozenset(found)


def share(count: int) -> float:
    """What one of `count` features weighs, so that long and short texts compare."""
    return 1 / math.sqrt(max(_SHORT, count))


class Cues:
    """Learned weights and the threshold over their sum.

    Raises:
        ConfigError: The file cannot be read.
    """

    def __init__(self, path: Path) -> None:
        data = read_weights(path)
        try:
            self._weights: Sequence[float] = data["weights"].astype("f4").tolist()
            self._least = float(data["threshold"]) - float(data["bias"])
        except (ValueError, KeyError, TypeError) as cause:
            raise broken(path, cause) from cause

    def margin(self, tokens: Iterable[Token]) -> float:
        """How far the tokens together are above the threshold; 0 or more is a cue."""
        found = features(tokens)
        return sum(map(self._weights.__getitem__, found)) * share(len(found)) - self._least
