"""What of a text the encoder is to read, and whether it is to read any.

A short text is read whole, of a long one the parts that tell most.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from heapq import nlargest
from operator import itemgetter

from overt.screening.cues import Cues
from overt.screening.scene import Scene
from overt.screening.text import Token, analyse

_ALONE = (
    "STAY_VOTE", "METHOD_FALSE", "THREAT", "DISCREDIT", "PRIVATE", "HATE", "RIGGING", "MONEY",
    "AS_PERSON", "DATE_SHIFT", "PLACE_CLOSED", "ELIGIBILITY", "FACESWAP", "VOTE", "ELECTION",
    "INTIMATE",
)  # fmt: skip
"""Concepts plain enough to call for the model by themselves."""
_TOGETHER = (
    *_ALONE, "VOTER", "CANDIDATE", "POLLPLACE", "AUTHORITY", "RESULT", "BRIBE", "RESIGN", "VOICE",
    "CALL", "LEAK", "CONCEAL", "FAKE", "VIOLENCE", "NEWSFORM", "FINANCE",
)  # fmt: skip
"""Concepts of which two together call for it."""
SENTENCE = re.compile(r"[^.!?。！？؟।\n]+[.!?。！？؟।\n]*")
_LOOSE_ENDS = " ,.;:-—–。，、；：،؛۔।"
"""What is left at the ends of a text when a clause is taken out of it."""
WHOLE = 400
"""Characters up to which a text is judged in one piece."""
MAX_PIECES = 8


def triggered(scene: Scene) -> bool:
    """Whether figures or concepts call for the model."""
    return scene.named or scene.has(*_ALONE) or sum(scene.has(name) for name in _TOGETHER) >= 2


def pieces_of(scene: Scene, cues: Cues | None, text: str | None = None) -> list[str]:
    """What the encoder is to read: a short text whole, of a long one the parts that tell most.

    Sentences are read in company up to `WHOLE` characters, for a harm is often asked for in one
    and dressed up in the next. Of many parts the ones with the strongest cues are read, wherever
    they stand, so that a long preface hides nothing.
    """
    opened = triggered(scene)
    if text is None:
        text, tokens = scene.analysis.original, scene.analysis.tokens
    else:
        tokens = analyse(text).tokens
        if len(text) <= WHOLE:
            text = " ".join(text.split()).strip(_LOOSE_ENDS)
    if len(text) <= WHOLE:
        opened = opened or _margin(cues, tokens) >= 0
        return [text] if opened and text.strip() else []
    marks = sorted(_places(scene)) if opened else []
    found: list[tuple[float, str]] = []
    at = 0
    for start, end in _stretches(text):
        first = at
        while at < len(marks) and marks[at] < end:
            at += 1
        piece = text[start:end].strip()
        margin = _margin(cues, analyse(piece).tokens)
        if piece and (at > first or margin >= 0):
            found.append((margin + (at - first), piece))
    return [piece for _, piece in nlargest(MAX_PIECES, found, key=itemgetter(0))]


def _margin(cues: Cues | None, tokens: Sequence[Token]) -> float:
    return cues.margin(tokens) if cues is not None else -1.0


def _places(scene: Scene) -> list[int]:
    """Where figures and concepts begin in the text."""
    span = scene.analysis.span
    marks = [span(p.hit.first, p.hit.last)[0] for p in scene.people[:64]]
    for name in _TOGETHER:
        marks.extend(span(c.first, c.last)[0] for c in scene.concepts.get(name, ())[:16])
    return marks


def _stretches(text: str) -> list[tuple[int, int]]:
    """Sentences of a text, neighbours put together up to `WHOLE` characters, longer ones cut."""
    found: list[tuple[int, int]] = []
    start = end = 0
    for match in SENTENCE.finditer(text):
        if match.end() - start > WHOLE and end > start:
            found.append((start, end))
            start = match.start()
        end = match.end()
        while end - start > WHOLE:
            found.append((start, start + WHOLE))
            start += WHOLE
    if end > start:
        found.append((start, end))
    return found
