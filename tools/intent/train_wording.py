"""Learn how harm is worded, before `train_head.py`.

    python tools/intent/train_wording.py

Harm of the train split against all else in it. Writes `data/intents/wording.npz` and prints what
the dev split says of it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
from fit import logistic
from scipy import sparse

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests" / "eval")]

from load import Prompt, prompts  # noqa: E402

from overt.screening.wording import BUCKETS, buckets  # noqa: E402

RIDGE, ORDINARY = 0.06, 0.5
"""How strongly weights are held to zero, and what an ordinary prompt counts."""


def matrix(rows: list[Prompt]) -> Any:
    """One line a prompt: its buckets, and one."""
    found = [buckets(p.text, p.modality) for p in rows]
    ends = np.cumsum([0] + [len(f) for f in found])
    values = np.concatenate([np.full(len(f), len(f) ** -0.5) for f in found])
    table = sparse.csr_matrix((values, np.concatenate(found), ends), shape=(len(rows), BUCKETS))
    return sparse.hstack([table, np.ones((len(rows), 1))]).tocsr()


def main() -> None:
    """Learn and write."""
    rows = [p for p in prompts() if p.kind == "plain" and p.split != "test"]
    train, dev = ([p for p in rows if p.split == part] for part in ("train", "dev"))
    harm = np.array([p.harmful for p in train], float)
    weight = np.where([p.category == "ordinary" for p in train], ORDINARY, 1.0)
    learned = logistic(matrix(train), harm, weight, np.append(np.full(BUCKETS, RIDGE), 1e-3))
    step = float(np.abs(learned[:-1]).max()) / 127
    np.savez_compressed(
        ROOT / "data" / "intents" / "wording.npz",
        weights=np.round(learned[:-1] / step).astype(np.int8),
        step=np.array(step),
        bias=np.array(learned[-1]),
    )
    scores, bad = matrix(dev) @ learned, np.array([p.harmful for p in dev])
    told = ", ".join(
        f"{np.mean(scores[bad] > np.quantile(scores[~bad], 1 - share)):.3f} at {share}"
        for share in (0.01, 0.03, 0.1)
    )
    print(f"dev: of harm above the share of what must pass: {told}")


if __name__ == "__main__":
    main()
