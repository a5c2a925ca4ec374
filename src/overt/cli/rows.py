"""Rows of `overt screen --jsonl`: read, checked, and made into requests.

A row is `{"id", "text", "modality"?, "language"?, "country"?, "at"?, "purpose"?}`; `null` counts as
left out. What is wrong with a row is told in that row's answer and never stops the others.
"""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from overt.cli.common import country_code, language_tag, moment, note, plain_text
from overt.errors import ConfigError
from overt.models import Modality, Request

KEYS = ("id", "text", "modality", "language", "country", "at", "purpose")
"""All that a row may say."""

MEDIA_TYPE = {
    Modality.IMAGE: "image/png",
    Modality.AUDIO: "audio/wav",
    Modality.VIDEO: "video/mp4",
    Modality.TEXT: "text/plain",
}
"""The media type that stands for a modality where only that is known."""

_PLAIN_KEY = re.compile(r"\w{1,32}")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the file.

    Args:
        fields: What it says, without what is null.
        error: Why it is no row, where it is none.
    """

    fields: dict[str, Any] = field(default_factory=dict)
    error: ConfigError | None = None


def read(name: str) -> Iterator[Row]:
    """Rows of a JSON-lines file, or of standard input for `-`; empty lines are passed over.

    Unknown keys are named once on standard error, for they change nothing.

    Raises:
        ConfigError: The file cannot be opened.
    """
    told: set[str] = set()
    with _opened(name) as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            row = _parsed(line, number)
            for key in row.fields.keys() - KEYS - told:
                told.add(key)
                shown = f"`{key}`" if _PLAIN_KEY.fullmatch(key) else "one key"
                note(f"warning: line {number}: {shown} is ignored; a row takes {', '.join(KEYS)}")
            yield row


def request_in(fields: dict[str, Any]) -> Request:
    """The request that a row, or the options of the command, ask about.

    Raises:
        ConfigError: Something is missing or of no use; the message says what to write.
    """
    from overt.asking import request_of

    return request_of(
        {
            "prompt": plain_text(_text(fields)),
            "media_type": MEDIA_TYPE[_modality(fields["modality"])],
            "language": language_tag(_words(fields, "language") or None),
            "country": country_code(_words(fields, "country")),
            "at": moment(_words(fields, "at")),
            "purpose": fields["purpose"],
        }
    )


def _opened(name: str) -> AbstractContextManager[IO[bytes]]:
    if name == "-":
        return nullcontext(sys.stdin.buffer)
    try:
        return Path(name).open("rb")
    except OSError as error:
        raise ConfigError("usage.file", f"cannot read {name}", error.strerror or "") from None


def _parsed(line: bytes, number: int) -> Row:
    try:
        value = json.loads(line, parse_constant=_no_number, parse_float=_finite)
    except (ValueError, RecursionError):
        return Row(error=_no_row(number, "it is no JSON"))
    if not isinstance(value, dict):
        return Row(error=_no_row(number, "it is no JSON object"))
    return Row({key: one for key, one in value.items() if one is not None})


def _no_row(number: int, why: str) -> ConfigError:
    return ConfigError(
        "input.json", f"line {number} cannot be read", why, 'write {"id": …, "text": …}'
    )


def _no_number(word: str) -> float:
    """`NaN` and `Infinity` are no JSON, and an id that holds one could not be given back."""
    raise ValueError(word)


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(digits)
    return number


def _text(fields: dict[str, Any]) -> str:
    text = fields.get("text")
    if isinstance(text, str):
        return text
    why = "`text` is no string" if text is not None else ""
    if "prompt" in fields and text is None:
        why = "the key is `text`, not `prompt`"
    raise ConfigError("input.text", "no text in this row", why, 'write {"id": …, "text": …}')


def _modality(word: Any) -> Modality:
    try:
        return Modality(word)
    except ValueError:
        known = ", ".join(one.value for one in Modality)
        raise ConfigError(
            "input.modality", "unknown modality in this row", todo=f"write one of {known}"
        ) from None


def _words(fields: dict[str, Any], key: str) -> str | None:
    value = fields[key]
    if value is not None and not isinstance(value, str):
        raise ConfigError(f"input.{key}", f"`{key}` is no string in this row")
    return value
