"""What was measured of a disclosure, as far as a manifest and the ledger may tell it.

Numbers, and the names of an engine and a voice: nothing that a prompt or a person could be in.
"""

from __future__ import annotations

import re

from overt.models import Disclosure

_TOLD = ("ink_px", "contrast", "match", "lufs", "start_s", "end_s", "engine", "voice")
_WORD = re.compile(r"[A-Za-z0-9._+\-]{1,40}", re.ASCII)


def measured(disclosure: Disclosure) -> dict[str, float | str]:
    """Height of the ink in pixels, contrast, likeness, loudness in LUFS, seconds, engine, voice."""
    found: dict[str, float | str] = {}
    for key in _TOLD:
        value = disclosure.evidence.get(key)
        if isinstance(value, str) and _WORD.fullmatch(value):
            found[key] = value
        elif isinstance(value, int | float) and not isinstance(value, bool):
            found[key] = round(float(value), 3)
    return found


def as_word(disclosure: Disclosure) -> str:
    """The same as one word of a ledger entry: `visible:ur:label_short:ink_px=41:contrast=12.6`."""
    told = (
        f"{key}={value:g}"
        for key, value in measured(disclosure).items()
        if not isinstance(value, str)
    )
    return ":".join((disclosure.mode, disclosure.language, disclosure.wording, *told))
