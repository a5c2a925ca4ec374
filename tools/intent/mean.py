"""The mean of the packaged encoder and one that was trained on from it.

    python tools/intent/mean.py FOLDER

Half way between the two loses less of what was known before than the end of the way, for most of
what was learned on it (compare `make eval` and `overt redteam`). Scales, biases, norms and the head
are averaged; the four-bit steps, of which few differ, are those of FOLDER. Run `train_head.py`
afterwards.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

PACKAGED = Path(__file__).resolve().parents[2] / "data" / "intents"


def main(folder: Path) -> None:
    """Write the mean over what is packaged."""
    ours, other = (_read(each / "encoder.npz") for each in (PACKAGED, folder))
    if list(ours["names"]) != list(other["names"]) or str(ours["base"]) != str(other["base"]):
        raise SystemExit("the two are not tunings of one encoder")
    met = {name: _mean(ours[name], other[name]) for name in map(str, ours["names"])}
    np.savez_compressed(PACKAGED / "encoder.npz", **{**ours, **met})
    head, theirs = (_read(each / "head.npz") for each in (PACKAGED, folder))
    met = {name: _mean(head[name], theirs[name]) for name in ("head", "bias")}
    np.savez(PACKAGED / "head.npz", **{**head, **met})


def _read(path: Path) -> dict[str, Any]:
    with np.load(path, allow_pickle=False) as data:
        return {name: data[name] for name in data.files}


def _mean(ours: Any, other: Any) -> Any:
    if ours.dtype.kind != "f":
        return other
    return ((ours.astype(np.float32) + other.astype(np.float32)) / 2).astype(ours.dtype)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
