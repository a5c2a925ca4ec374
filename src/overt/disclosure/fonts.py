"""Fonts for labels: the packaged subsets, and a builder's own.

A subset has the letters of the catalogue, Latin inside, and for small alphabets the whole block.
Han and Hangul names need a font that the builder gives. A letter without a glyph is never drawn as
a box: `covers` finds it first.

Source: `data/disclosure/fonts.jsonl`, built by `tools/build_fonts.py` from Noto (OFL 1.1).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from overt.errors import ConfigError, StageError
from overt.tables import data_path, read_jsonl

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

SIMPLE = frozenset({"Latn", "Cyrl", "Grek", "Armn", "Geor", "Ethi", "Hans", "Hant", "Jpan", "Kore"})
"""Scripts that read right without a shaping engine."""


class Fonts:
    """Which font file draws which script.

    Args:
        own: A builder's font files by ISO 15924 code; they go before the packaged ones.

    Raises:
        ConfigError: A given file is not a font.
    """

    def __init__(self, own: Mapping[str, Path] | None = None) -> None:
        self._own = {script: Path(path) for script, path in (own or {}).items()}
        for script, path in self._own.items():
            try:
                _open(str(path), 20, True)
            except OSError as error:
                raise ConfigError(
                    "fonts.unreadable", f"the font for {script} cannot be read", str(error)
                ) from error

    def path(self, script: str) -> Path:
        """File of the font for a script; Latin where there is none."""
        if script in self._own:
            return self._own[script]
        table = _packaged()
        return data_path("disclosure", "fonts", table.get(script, table["Latn"]))

    def font(self, script: str, size: int) -> FreeTypeFont:
        """The font, ready to draw.

        Raises:
            StageError: The script has to be shaped and no shaping engine is there.
        """
        return _open(str(self.path(script)), size, _shapes(script))

    def covers(self, script: str, text: str) -> bool:
        """Whether every letter of `text` has a glyph in the script's font."""
        path = str(self.path(script))
        return all(_has_glyph(path, letter) for letter in set(text) if _printable(letter))


def _printable(letter: str) -> bool:
    return not letter.isspace() and unicodedata.category(letter) not in ("Cf", "Cc")


def _shapes(script: str) -> bool:
    """Whether raqm draws it.

    Raises:
        StageError: It has to and is not there: letters would be reversed and unjoined.
    """
    if _has_raqm():
        return True
    if script in SIMPLE:
        return False
    raise StageError(
        "disclose",
        "disclose.no_shaper",
        f"script {script} cannot be drawn",
        "this Pillow has no raqm",
        "install a Pillow wheel from the package index",
    )


@cache
def _has_raqm() -> bool:
    from PIL import features

    return bool(features.check("raqm"))


@cache
def _packaged() -> dict[str, str]:
    table: dict[str, str] = {}
    for row in read_jsonl(data_path("disclosure", "fonts.jsonl")):
        for script in (row["script"], *row["also"]):
            table[script] = row["file"]
    return table


@lru_cache(maxsize=256)
def _open(path: str, size: int, shape: bool) -> FreeTypeFont:
    from PIL import ImageFont

    engine = ImageFont.Layout.RAQM if shape else ImageFont.Layout.BASIC
    return ImageFont.truetype(path, size, layout_engine=engine)


@lru_cache(maxsize=8192)
def _has_glyph(path: str, letter: str) -> bool:
    """Compare with the picture of a code point that no font has."""
    font = _open(path, 40, False)
    return _picture(font, letter) != _picture(font, "\U0010fffe")


def _picture(font: FreeTypeFont, letter: str) -> tuple[tuple[int, int], bytes]:
    mask = font.getmask(letter)
    return mask.size, bytes(mask)
