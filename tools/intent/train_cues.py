"""Learn which words open the door to the intent model.

    python tools/intent/train_cues.py

Harm of the train split against ordinary prompts, with the prompts that must pass in between. The
threshold is where this share of ordinary dev prompts still opens the door; writes
`data/intents/cues.npz`.
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

from overt.screening.cues import BUCKETS, features, share  # noqa: E402
from overt.screening.text import analyse  # noqa: E402

RIDGE, MUST_PASS, OPEN = 0.15, 0.15, 0.12


def matrix(rows: list[Prompt]) -> Any:
    """One line a prompt: its buckets, and one."""
    found = [sorted(features(analyse(p.text).tokens)) for p in rows]
    ends = np.cumsum([0] + [len(f) for f in found])
    values = np.concatenate([np.full(len(f), share(len(f))) for f in found])
    where = np.concatenate([np.asarray(f, int) for f in found])
    table = sparse.csr_matrix((values, where, ends), shape=(len(rows), BUCKETS))
    return sparse.hstack([table, np.ones((len(rows), 1))]).tocsr()


def main() -> None:
    """Learn, set the threshold, write."""
    rows = [p for p in prompts() if p.kind == "plain" and p.split != "test"]
    train, dev = ([p for p in rows if p.split == part] for part in ("train", "dev"))
    harm = np.array([p.harmful for p in train], float)
    plain = np.array([p.category == "ordinary" for p in train])
    weight = np.where(harm > 0, 1.0, np.where(plain, 1.0, MUST_PASS))
    ridge = np.append(np.full(BUCKETS, RIDGE), 1e-3)
    learned = logistic(matrix(train), harm, weight, ridge)
    scores = matrix(dev) @ learned
    ordinary = np.array([p.category == "ordinary" for p in dev])
    bad = np.array([p.harmful for p in dev])
    threshold = float(np.quantile(scores[ordinary], 1 - OPEN))
    np.savez_compressed(
        ROOT / "data" / "intents" / "cues.npz",
        weights=learned[:-1].astype(np.float16),
        bias=np.array(learned[-1]),
        threshold=np.array(threshold),
    )
    print(f"dev: open for {np.mean(scores[ordinary] >= threshold):.3f} of ordinary prompts, "
          f"{np.mean(scores[bad] >= threshold):.3f} of harm")  # fmt: skip


if __name__ == "__main__":
    main()
