"""What all commands share: options, JSON lines, and errors in one line."""

from __future__ import annotations

import json
import re
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

_COUNTRY = re.compile(r"[A-Za-z]{2}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_NO_COUNTRY = {"UK": "GB", "EL": "GR"}
"""Often written, but no ISO 3166-1 codes: no election would be found under them."""


def emit(value: Any) -> None:
    """Print one JSON object on a line of its own."""
    line = json.dumps(value, ensure_ascii=False, default=str)
    try:
        line.encode()
    except UnicodeEncodeError:  # an id with a lone surrogate: escaped, it goes back as it came
        line = json.dumps(value, default=str)
    sys.stdout.write(line + "\n")
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
            "usage.time", f"{text[:40]!r} is no ISO 8601 time", todo="write 2023-09-28T12:00"
        ) from None


def country_code(text: str | None) -> str | None:
    """An ISO 3166-1 alpha-2 code in capitals; small letters are taken, too.

    Raises:
        ConfigError: It is none.
    """
    if text is None:
        return None
    code = text.upper()
    if not _COUNTRY.fullmatch(text):
        raise ConfigError(
            "usage.country",
            f"{text[:40]!r} is no ISO 3166-1 alpha-2 code",
            todo="write two letters, as in SK for Slovakia",
        )
    if code in _NO_COUNTRY:
        raise ConfigError(
            "usage.country", f"{text!r} is no ISO 3166-1 code", todo=f"write {_NO_COUNTRY[code]}"
        )
    return code


def language_tag(text: str | None) -> str | None:
    """A BCP 47 tag by its form: a language of two or three letters, then subtags.

    `sk_SK`, as systems write it, is taken for `sk-SK`.

    Raises:
        ConfigError: It is none, such as the name of a language.
    """
    if text is None:
        return None
    tag = text.replace("_", "-")
    if not _LANGUAGE.fullmatch(tag):
        raise ConfigError(
            "usage.language",
            f"{text[:40]!r} is no BCP 47 tag",
            todo="write sk, pt-BR or ur-Latn, not the name of a language",
        )
    return tag


def note(line: str) -> None:
    """Tell a person something beside the answer: one line on standard error."""
    sys.stderr.write(f"overt: {' '.join(line.split())}\n")


def plain_text(text: str) -> str:
    """A prompt from outside, with what is no Unicode text (lone surrogates) replaced.

    The length stays, so that spans still point into the original.
    """
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
