"""The visible label as a picture: dark pill, white letters, one line a language.

Size is the height of the ink, not of the font: Nastaliq, Thai and Latin differ by half at one font
size. The pill is nearly opaque (#111 at 0.9), which gives 14:1 contrast on white, so nothing adapts
to the background. Names are bidi-isolated and shortened. Finished labels are kept by wording and
size, for a video or a batch draws the same one thousands of times.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from overt.disclosure.fonts import Fonts

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont

PILL = (17, 17, 17, 230)
INK = (255, 255, 255, 255)
NAME_LENGTH = 60
_CASED = frozenset({"Latn", "Cyrl", "Grek", "Armn"})
_BREAKS_ANYWHERE = frozenset({"Hans", "Hant", "Jpan"})


@dataclass(frozen=True, slots=True)
class LabelLine:
    """A line to draw, its name already filled in."""

    text: str
    script: str
    direction: str
    language: str


@dataclass(frozen=True, slots=True)
class LabelArt:
    """A drawn label.

    Attributes:
        image: RGBA, the pill with its letters.
        mask: L, 255 where letters are.
        ink_px: Height of the letters' ink, the smallest over the lines.
        fonts: Font of each line.
        lines: What was drawn, line by line, after wrapping.
    """

    image: Image
    mask: Image
    ink_px: int
    fonts: tuple[str, ...]
    lines: tuple[str, ...]


def safe_name(name: str) -> str:
    """A name fit for a label: no control signs, short, unbroken, bidi-isolated."""
    plain = "".join(c for c in name if unicodedata.category(c)[0] != "C")
    plain = " ".join(plain.split())
    if len(plain) > NAME_LENGTH:
        plain = plain[: NAME_LENGTH - 1].rstrip() + "…"
    return "\u2068" + plain.replace(" ", "\u00a0") + "\u2069"


def draw(
    lines: Sequence[LabelLine],
    fonts: Fonts,
    ink_px: int,
    room: tuple[int, int],
    *,
    floor_px: int,
    mark: str | None = None,
) -> LabelArt | None:
    """Draw the label with letters `ink_px` high, smaller where it would not fit.

    `room` is the width and height the pill may take, `mark` a sign that stands before the text,
    such as `AI`. Returns none when the label does not fit at `floor_px`.
    """
    sizes = [ink_px]
    while sizes[-1] > floor_px:
        sizes.append(max(floor_px, int(sizes[-1] * 0.9)))
    for size in sizes:
        art = _drawn(tuple(lines), fonts, size, room[0], mark)
        if art is not None and art.image.height <= room[1]:
            return art
    return None


@lru_cache(maxsize=64)
def _drawn(
    lines: tuple[LabelLine, ...], fonts: Fonts, ink_px: int, width: int, mark: str | None
) -> LabelArt | None:
    """One attempt at one size; none when a word is wider than `width`."""
    from PIL import Image, ImageDraw

    pad = (max(5, round(ink_px * 0.7)), max(4, round(ink_px * 0.6)))
    mark_font = _sized(fonts, LabelLine("AI", "Latn", "ltr", "en"), round(ink_px * 1.25))
    mark_w = round(mark_font.getlength(mark)) + 2 * pad[0] if mark else 0
    rows: list[tuple[LabelLine, FreeTypeFont, tuple[int, int, int, int]]] = []
    for line in lines:
        font = _sized(fonts, line, ink_px)
        wrapped = _wrap(line, font, width - 2 * pad[0] - mark_w)
        if wrapped is None:
            return None
        rows.extend((part, font, _box(part, font)) for part in wrapped)
    gap = max(2, round(ink_px * 0.45))
    inner = max(box[2] - box[0] for _, _, box in rows)
    height = sum(box[3] - box[1] for _, _, box in rows) + gap * (len(rows) - 1)
    size = (inner + 2 * pad[0] + mark_w, max(height, round(ink_px * 1.3)) + 2 * pad[1])
    mask = Image.new("L", size, 0)
    pen = ImageDraw.Draw(mask)
    y = pad[1]
    if mark:
        pen.text((pad[0], size[1] // 2), mark, font=mark_font, fill=255, anchor="lm")
        pen.line([(mark_w - 1, pad[1]), (mark_w - 1, size[1] - pad[1])], fill=160)
    for line, font, box in rows:
        x = size[0] - pad[0] - box[2] if line.direction == "rtl" else pad[0] + mark_w - box[0]
        _write(pen, (x, y - box[1]), line, font)
        y += box[3] - box[1] + gap
    pill = Image.new("L", size, 0)
    radius = min(size[1] // 2, max(3, round(ink_px * 0.6)))
    ImageDraw.Draw(pill).rounded_rectangle((0, 0, size[0] - 1, size[1] - 1), radius, fill=PILL[3])
    image = Image.new("RGBA", size, PILL[:3])
    image.putalpha(pill)
    image.paste(INK, (0, 0), mask)
    names = tuple(dict.fromkeys(str(font.getname()[0]) for _, font, _ in rows))
    inks = [_ink(line, font) for line, font, _ in rows]
    return LabelArt(image, mask, min(inks), names, tuple(line.text for line, _, _ in rows))


def _write(pen: object, at: tuple[int, int], line: LabelLine, font: FreeTypeFont) -> None:
    from PIL import ImageDraw, ImageFont

    assert isinstance(pen, ImageDraw.ImageDraw)
    if font.layout_engine == ImageFont.Layout.RAQM:
        tag = line.language.split("-")[0]
        pen.text(
            at, line.text, font=font, fill=255, anchor="ls", direction=line.direction, language=tag
        )
    else:
        pen.text(at, line.text, font=font, fill=255, anchor="ls")


def _box(line: LabelLine, font: FreeTypeFont) -> tuple[int, int, int, int]:
    """Ink box of the text, the baseline's left end at (0, 0)."""
    from PIL import ImageFont

    if font.layout_engine == ImageFont.Layout.RAQM:
        tag = line.language.split("-")[0]
        box = font.getbbox(line.text, anchor="ls", direction=line.direction, language=tag)
    else:
        box = font.getbbox(line.text, anchor="ls")
    return round(box[0]), round(box[1]), round(box[2]), round(box[3])


def _sized(fonts: Fonts, line: LabelLine, ink_px: int) -> FreeTypeFont:
    """The font at the size where its letters' ink is `ink_px` high, or a pixel more."""
    at_100 = _ink(line, fonts.font(line.script, 100))
    size = max(6, -(-ink_px * 100 // max(1, at_100)))
    font = fonts.font(line.script, size)
    while _ink(line, font) < ink_px:
        size += 1
        font = fonts.font(line.script, size)
    return font


def _ink(line: LabelLine, font: FreeTypeFont) -> int:
    """Height above the baseline of a capital, or of the middling letter where there are none."""
    if line.script in _CASED:
        return round(-font.getbbox("H", anchor="ls")[1])
    if line.script == "Arab":  # between an alef and a toothless letter
        return round(-0.8 * font.getbbox("ا", anchor="ls")[1])
    letters = [c for c in line.text if unicodedata.category(c)[0] == "L" and ord(c) > 0x2FF]
    heights = sorted(-font.getbbox(c, anchor="ls")[1] for c in letters or ["H"])
    return round(heights[len(heights) // 2])


def _wrap(line: LabelLine, font: FreeTypeFont, width: int) -> list[LabelLine] | None:
    """Break a line into at most three of about one length, or none when that does not do."""
    if _wide(line, font) <= width:
        return [line]
    units = list(line.text) if line.script in _BREAKS_ANYWHERE else line.text.split(" ")
    glue = "" if line.script in _BREAKS_ANYWHERE else " "
    for count in (2, 3):
        parts = _split(units, glue, count)
        rows = [LabelLine(part, line.script, line.direction, line.language) for part in parts]
        if len(rows) == count and all(_wide(row, font) <= width for row in rows):
            return rows
    return None


def _wide(line: LabelLine, font: FreeTypeFont) -> int:
    box = _box(line, font)
    return box[2] - box[0]


def _split(units: Sequence[str], glue: str, count: int) -> list[str]:
    """`units` in `count` parts of about one length; a name stays whole where it can."""
    total = len(glue.join(units))
    parts: list[list[str]] = [[]]
    for unit in units:
        here = len(glue.join([*parts[-1], unit]))
        if parts[-1] and here > total / count * 1.15 and len(parts) < count:
            parts.append([])
        parts[-1].append(unit)
    return [glue.join(part) for part in parts]
