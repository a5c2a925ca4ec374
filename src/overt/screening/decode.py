"""Encoded text inside a prompt: base64, hexadecimal, escapes, rot13, text written backwards.

Encoded text is decoded only where it looks like an encoding, once, and the result is screened as
if it had been written plainly. That somebody encoded a name is evidence of intent.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

from overt.screening.escapes import from_hex, unescaped, upright
from overt.screening.forms import rot13
from overt.screening.text import Analysis

_BASE64 = re.compile(r"(?<![A-Za-z0-9+/=_-])[A-Za-z0-9+/_-]{12,8192}={0,2}(?![A-Za-z0-9+/=_-])")
_HEX = re.compile(r"(?<![0-9A-Za-z])(?:(?:0x|\\x)?[0-9A-Fa-f]{2}[\s:,]?){8,4096}(?![0-9A-Za-z])")
_SMALL_WORDS = tuple(
    frozenset(text.split())
    for text in (
        "the of to a in and is for with on that at by from as an it he she his her "
        "voice photo video image saying president vote voters call",
        "de la el le les des que una un",
        "der die das und von mit",
    )
)
"""Frequent words: English with those of prompts, Romance, German."""
_COMMON = frozenset().union(*_SMALL_WORDS)
_MOST = 32
"""Pieces that are decoded to a text each; all further ones make one text together."""
_WINDOW = 100
"""Words that are looked at together for rot13 and reversal: a long plain text hides none."""

Found = tuple[str, tuple[int, int], str]
"""A decoded text, its original span, and the technique: none where nobody hid anything."""


def decoded(analysis: Analysis) -> Iterator[Found]:
    """Decoded texts; a bounded number of them, however many pieces there are."""
    text = analysis.original
    plain, hidden = unescaped(text)
    if plain != text:
        yield plain, (0, len(text)), "escaped" if hidden else ""
    plain = upright(text)
    if plain != text:
        yield plain, (0, len(text)), "reversed"
    pieces = [*_base64_in(text), *_hex_in(text)]
    yield from pieces[:_MOST]
    yield from _together(pieces[_MOST:])
    turned = [
        found
        for first in range(0, len(analysis.tokens), _WINDOW)
        for found in _turned(analysis, first, min(first + _WINDOW, len(analysis.tokens)))
    ]
    for technique in ("rot13", "reversed"):
        yield from _together([found for found in turned if found[2] == technique])


def _together(found: list[Found]) -> Iterator[Found]:
    if found:
        whole = "\n".join(plain for plain, _, _ in found)
        yield whole, (found[0][1][0], found[-1][1][1]), found[0][2]


def _base64_in(text: str) -> Iterator[Found]:
    for match in _BASE64.finditer(text):
        plain = _from_base64(match.group())
        if plain:
            yield plain, match.span(), "base64"


def _hex_in(text: str) -> Iterator[Found]:
    for match in _HEX.finditer(text):
        plain = from_hex(match.group())
        if _is_readable(plain):
            yield plain, match.span(), "hex"


def _turned(analysis: Analysis, first: int, last: int) -> Iterator[Found]:
    words = [token.text for token in analysis.tokens[first:last] if token.text.isascii()]
    if len(words) < 2 or sum(w in _COMMON for w in words) > len(words) * 0.1:
        return
    whole = first == 0 and last == len(analysis.tokens)
    start, end = (0, len(analysis.original)) if whole else analysis.span(first, last)
    text = analysis.original[start:end]
    if _is_language([rot13(w) for w in words]):
        yield _rot13_text(text), (start, end), "rot13"
    if _is_language([w[::-1] for w in words if w[::-1] != w]):
        yield text[::-1], (start, end), "reversed"


def _is_language(words: list[str]) -> bool:
    """Whether words are those of a sentence: two of one language.

    Turned, a small word often makes another one, but seldom two different ones of one language.
    """
    for known in _SMALL_WORDS:
        found = [word for word in words if word in known]
        if len(found) >= 2 and (len(set(found)) >= 2 or len(found[0]) >= 3):
            return True
    return False


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
    return plain if _is_readable(plain) else ""


def _is_readable(plain: str) -> bool:
    letters = sum(c.isalpha() or c.isspace() for c in plain)
    shown = all(c.isprintable() or c.isspace() for c in plain)
    return bool(plain) and shown and letters >= len(plain) * 0.7
