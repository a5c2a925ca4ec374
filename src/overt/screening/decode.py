"""Short encoded text inside a prompt: base64, rot13, text written backwards.

Encoded text is decoded only where it looks like an encoding, once, and the result is screened as
if it had been written plainly. That somebody encoded a name is evidence of intent.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

from overt.screening.forms import rot13
from overt.screening.text import Analysis

_BASE64 = re.compile(r"(?<![A-Za-z0-9+/=_-])[A-Za-z0-9+/_-]{12,8192}={0,2}(?![A-Za-z0-9+/=_-])")
_COMMON = frozenset(
    [
        "the",
        "of",
        "to",
        "a",
        "in",
        "and",
        "is",
        "for",
        "with",
        "on",
        "that",
        "at",
        "by",
        "from",
        "voice",
        "photo",
        "video",
        "image",
        "saying",
        "president",
        "vote",
        "voters",
        "call",
        "de",
        "la",
        "el",
        "le",
        "les",
        "des",
        "que",
        "una",
        "un",
        "der",
        "die",
        "das",
        "und",
        "von",
        "mit",
    ]
)
_MAX_PIECES = 64
_LONGEST = 20_000


def decoded(analysis: Analysis) -> Iterator[tuple[str, tuple[int, int], str]]:
    """Decoded texts, the original span of each, and the technique."""
    text = analysis.original
    for count, match in enumerate(_BASE64.finditer(text)):
        if count >= _MAX_PIECES:
            break
        plain = _from_base64(match.group())
        if plain:
            yield plain, match.span(), "base64"
    if len(text) > _LONGEST:
        return
    words = [token.text for token in analysis.tokens[:400] if token.text.isascii()]
    if len(words) < 2 or sum(w in _COMMON for w in words) > len(words) * 0.1:
        return
    if sum(rot13(w) in _COMMON for w in words) >= 2:
        yield _rot13_text(text), (0, len(text)), "rot13"
    if sum(w[::-1] in _COMMON and w[::-1] != w for w in words) >= 2:
        yield text[::-1], (0, len(text)), "reversed"


def _rot13_text(text: str) -> str:
    return "".join(
        (rot13(c.lower()).upper() if c.isupper() else rot13(c)) if c.isascii() else c for c in text
    )


def _from_base64(piece: str) -> str:
    if piece.isdigit() or (piece.isalpha() and (piece.islower() or piece.istitle())):
        return ""
    padded = piece.replace("-", "+").replace("_", "/").rstrip("=")
    padded += "=" * (-len(padded) % 4)
    try:
        plain = base64.b64decode(padded, validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return ""
    readable = sum(c.isprintable() or c.isspace() for c in plain)
    letters = sum(c.isalpha() or c.isspace() for c in plain)
    return plain if readable == len(plain) and letters >= len(plain) * 0.7 else ""
