"""Where the packaged data is, in a wheel and in a checkout.

The wheel carries `data/` as `overt/_data` and `examples/` as `overt/_examples`. A checkout has
them beside `src/`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from overt.errors import ConfigError

_PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = _PACKAGE.parents[1]


def data_path(*parts: str) -> Path:
    """Path of a packaged file or folder: `data_path("disclosure", "wording.jsonl")`.

    Raises:
        ConfigError: The installation does not have it.
    """
    return _find("_data", "data", parts)


def examples_path(*parts: str) -> Path:
    """Path of a packaged example.

    Raises:
        ConfigError: The installation does not have it.
    """
    return _find("_examples", "examples", parts)


def _find(packaged: str, checkout: str, parts: tuple[str, ...]) -> Path:
    for root in (_PACKAGE / packaged, _CHECKOUT / checkout):
        if root.is_dir():
            path = root.joinpath(*parts)
            if path.exists():
                return path
    raise ConfigError(
        "data.missing",
        f"packaged {checkout} file {'/'.join(parts)} is not there",
        "the installation is incomplete",
        "install overt again",
    )


def read_jsonl(path: Path) -> Iterator[dict[str, Any]]:
    """Rows of a JSON-lines file; blank lines are passed over."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)
