"""Text written in codes of its characters, or in signs that only look like letters.

Percent signs, entities, backslashes and hexadecimal numbers are what programs write characters
with; flags, Braille and letters on their heads are what people play with. `unescaped` reads a text
that holds any of them as it would be shown, and `from_hex` one run of digits.
"""

from __future__ import annotations

import html
import re
from urllib.parse import unquote

_PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,31});")
_BACKSLASH = re.compile(
    r"\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|u\{([0-9A-Fa-f]{1,6})\}|U([0-9A-Fa-f]{8}))"
)
_FLAGS = re.compile("[\U0001f1e6-\U0001f1ff](?:[\u200b\u200d ]?[\U0001f1e6-\U0001f1ff]){4,}")
_FLAG_LETTERS = {0x1F1E6 + n: ord("a") + n for n in range(26)} | dict.fromkeys((0x200B, 0x200D))
_BRAILLE = dict(zip("⠁⠃⠉⠙⠑⠋⠛⠓⠊⠚⠅⠇⠍⠝⠕⠏⠟⠗⠎⠞⠥⠧⠺⠭⠽⠵", "abcdefghijklmnopqrstuvwxyz", strict=True))
_BRAILLE_LETTERS = str.maketrans(_BRAILLE | {"⠠": "", "⠀": " "})
_BRAILLE_RUN = re.compile("[\u2800-\u283f]+")
_TURNED = dict(zip("ɐqɔpǝɟƃɓɥᴉıɾʞlןɯuodbɹsʇnʌʍxʎz", "abcdefgghiijkllmnopqrstuvwxyz", strict=True))
_TURNED_LETTERS = str.maketrans(_TURNED)
_ON_THEIR_HEADS = frozenset("ɐɔǝɟƃɓɥᴉɾʞןɯɹʇʌʍʎ")
_LEAST = 3
"""Letters on their heads, or in Braille, that are no phonetic spelling or bullet."""


def unescaped(text: str) -> tuple[str, bool]:
    """The text as it would be shown, and whether letters were escaped that never need to be.

    Links and JSON escape letters beyond ASCII for good reasons, and `%20` hides no letter: where
    nothing but such is escaped, nobody hid anything.
    """
    shown: list[str] = []

    def show(code: str, plain: str) -> str:
        if plain != code:  # half of a JSON emoji, or an entity that nobody knows, hides no letter
            shown.append(plain)
        return plain

    if "%" in text:
        text = _PERCENT.sub(lambda run: show(run.group(), unquote(run.group())), text)
    if "&" in text:
        text = _ENTITY.sub(lambda code: show(code.group(), html.unescape(code.group())), text)
    if "\\" in text:
        text = _BACKSLASH.sub(lambda code: show(code.group(), _character(code)), text)
    if not text.isascii():
        text = _FLAGS.sub(lambda run: show(run.group(), run.group().translate(_FLAG_LETTERS)), text)
        if sum(char in _BRAILLE for char in text) >= _LEAST:
            text = _BRAILLE_RUN.sub(
                lambda run: show(run.group(), run.group().translate(_BRAILLE_LETTERS)), text
            )
    return text, any(c.isascii() and c.isalpha() for plain in shown for c in plain)


def upright(text: str) -> str:
    """A text of letters on their heads, turned; or the text itself."""
    if text.isascii() or sum(char in _ON_THEIR_HEADS for char in text) < _LEAST:
        return text
    return text.lower().translate(_TURNED_LETTERS)[::-1]


def from_hex(digits: str) -> str:
    """The text that hexadecimal digits spell in UTF-8, or nothing."""
    try:
        return bytes.fromhex(re.sub(r"0x|[\s:,\\x]", "", digits)).decode("utf-8")
    except ValueError:
        return ""


def _character(escape: re.Match[str]) -> str:
    code = int(next(group for group in escape.groups() if group), 16)
    return chr(code) if code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF else escape.group()
