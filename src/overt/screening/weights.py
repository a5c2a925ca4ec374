"""Reads the learned numbers in `data/intents/`."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from overt.errors import ConfigError


def read_weights(path: Path) -> dict[str, Any]:
    """The arrays of an `.npz` file by name; nothing in it is ever executed.

    Raises:
        ConfigError: The file is not there or cannot be read.
    """
    import numpy as np

    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as data:
            return {name: data[name] for name in data.files}
    except (OSError, ValueError, KeyError, EOFError, AttributeError, BadZipFile) as cause:
        raise broken(path, cause) from cause


def broken(path: Path, cause: Exception) -> ConfigError:
    """The error for learned numbers that are not what they should be."""
    return ConfigError(
        "screening.intent_weights",
        f"{path.name} of the intent model cannot be read",
        type(cause).__name__,
        "install overt again",
    )
