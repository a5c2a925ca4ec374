"""What all commands share: options, JSON lines, and errors in one line."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from overt.errors import ConfigError

ConfigOption = Annotated[
    Path, typer.Option("--config", help="Configuration file.", metavar="FILE", show_default=True)
]
DEFAULT_CONFIG = Path("overt.toml")
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


def emit(value: Any) -> None:
    """Print one JSON object on a line of its own."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")
    sys.stdout.flush()


def moment(text: str | None) -> datetime | None:
    """An ISO 8601 time; a naive one stays naive and means local time of the country.

    Raises:
        ConfigError: It is no ISO 8601 time.
    """
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError(
            "usage.time", f"{text!r} is no ISO 8601 time", todo="write 2023-09-28T12:00"
        ) from None


def plain_text(text: str) -> str:
    """A prompt from outside, with what is no Unicode text (lone surrogates) replaced.

    The length stays, so that spans still point into the original.
    """
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
