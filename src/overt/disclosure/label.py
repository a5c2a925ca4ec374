"""The visible label as a picture: dark pill, white letters, one line a language.

Size is the height of the ink, not of the font: Nastaliq, Thai and Latin differ by half at one font
size. The pill is nearly opaque (#111 at 0.9), which gives 14:1 contrast on white, so nothing adapts
to the background. Names are bidi-isolated and shortened. Finished labels are kept by wording and
size, for a video or a batch draws the same one thousands of times.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from overt.disclosure.fonts import Fonts
from overt.scripts import count_scripts

if TYPE_CHECKING:
    from PIL import ImageDraw
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont

PILL = (17, 17, 17, 230)
INK = (255, 255, 255, 255)
NAME_LENGTH = 60
_CASED = frozenset({"Latn", "Cyrl", "Grek", "Armn"})
_FULL_HEIGHT = 0.85
"""Han and Hangul put five strokes where Latin has one: at a capital's height they look small."""
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


_AI = LabelLine("AI", "Latn", "ltr", "en")
_NAME = re.compile("\u2068(.*?)\u2069")
_UNIT = re.compile("(?:\u2068.*?\u2069|[A-Za-z0-9]+|.)[、。：；，．！？）」』]*")
"""Where Han and kana may break: not inside a name or a word, and not before closing signs."""


@lru_cache(maxsize=64)
def _drawn(
    lines: tuple[LabelLine, ...], fonts: Fonts, ink_px: int, width: int, mark: str | None
) -> LabelArt | None:
    """One attempt at one size; none when a word is wider than `width`."""
    from PIL import Image, ImageDraw

    pad = (max(5, round(ink_px * 0.7)), max(4, round(ink_px * 0.6)))
    mark_font = _sized(fonts, _AI, round(ink_px * 1.25))
    mark_w = round(mark_font.getlength(mark)) + 2 * pad[0] if mark else 0
    rows: list[tuple[LabelLine, list[_Run], tuple[int, int, int, int]]] = []
    for line in lines:
        wrapped = _wrap(line, fonts, ink_px, width - 2 * pad[0] - mark_w)
        if wrapped is None:
            return None
        for part in wrapped:
            runs = _runs(part, fonts, ink_px)
            rows.append((part, runs, _box(part, runs)))
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
    for line, runs, box in rows:
        x = size[0] - pad[0] - box[2] if line.direction == "rtl" else pad[0] + mark_w - box[0]
        _write(pen, (x, y - box[1]), line, runs)
        y += box[3] - box[1] + gap
    pill = Image.new("L", size, 0)
    radius = min(size[1] // 2, max(3, round(ink_px * 0.6)))
    ImageDraw.Draw(pill).rounded_rectangle((0, 0, size[0] - 1, size[1] - 1), radius, fill=PILL[3])
    image = Image.new("RGBA", size, PILL[:3])
    image.putalpha(pill)
    image.paste(INK, (0, 0), mask)
    names = tuple(dict.fromkeys(str(r.font.getname()[0]) for _, runs, _ in rows for r in runs))
    inks = [_ink(line, _sized(fonts, line, ink_px)) for line, _, _ in rows]
    return LabelArt(image, mask, min(inks), names, tuple(line.text for line, _, _ in rows))


@dataclass(frozen=True, slots=True)
class _Run:
    """A stretch of a line in one font."""

    text: str
    font: FreeTypeFont
    direction: str
    language: str

    def shaping(self) -> dict[str, Any]:
        """Arguments for the shaping engine, where the font uses it."""
        from PIL import ImageFont

        if self.font.layout_engine != ImageFont.Layout.RAQM:
            return {}
        return {"direction": self.direction, "language": self.language.split("-")[0]}

    def advance(self) -> float:
        """Width that the next run begins after."""
        return float(self.font.getlength(self.text, **self.shaping()))


def _runs(line: LabelLine, fonts: Fonts, ink_px: int) -> list[_Run]:
    """The line in one run, or with its name in a run of its own where the font lacks letters.

    The name is bidi-isolated, so the runs may be laid side by side in the line's direction.
    """
    font = _sized(fonts, line, ink_px)
    named = _NAME.search(line.text)
    if named is None or fonts.covers(line.script, named.group(1)):
        return [_Run(line.text, font, line.direction, line.language)]
    name = named.group(1)
    script = script_of(name)
    direction = "rtl" if script in ("Arab", "Hebr") else "ltr"
    own = _sized(fonts, LabelLine(name, script, direction, "und"), ink_px)
    parts = [
        _Run(line.text[: named.start()], font, line.direction, line.language),
        _Run(name, own, direction, "und"),
        _Run(line.text[named.end() :], font, line.direction, line.language),
    ]
    return [part for part in parts if part.text]


def without_name(text: str) -> str:
    """The text with nothing where a name stands."""
    return _NAME.sub("", text)


def script_of(name: str) -> str:
    """ISO 15924 code of the font that a name needs."""
    counted = count_scripts(name).most_common(1)
    found = counted[0][0] if counted else "Latn"
    return {"Hani": "Hans", "Hang": "Kore", "Kana": "Jpan"}.get(found, found)


def _write(
    pen: ImageDraw.ImageDraw, at: tuple[int, int], line: LabelLine, runs: Sequence[_Run]
) -> None:
    """Draw the runs from `at`, the left end of the baseline, in the line's direction."""
    x = float(at[0])
    for run in runs if line.direction == "ltr" else runs[::-1]:
        pen.text((round(x), at[1]), run.text, font=run.font, fill=255, anchor="ls", **run.shaping())
        x += run.advance()


def _box(line: LabelLine, runs: Sequence[_Run]) -> tuple[int, int, int, int]:
    """Ink box of the runs, the baseline's left end at (0, 0)."""
    x = 0.0
    boxes = []
    for run in runs if line.direction == "ltr" else runs[::-1]:
        left, top, right, bottom = run.font.getbbox(run.text, anchor="ls", **run.shaping())
        boxes.append((left + x, top, right + x, bottom))
        x += run.advance()
    edges = [min(b[0] for b in boxes), min(b[1] for b in boxes)]
    edges += [max(b[2] for b in boxes), max(b[3] for b in boxes)]
    return math.floor(edges[0]), math.floor(edges[1]), math.ceil(edges[2]), math.ceil(edges[3])


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
    share = _FULL_HEIGHT if line.script in _BREAKS_ANYWHERE or line.script == "Kore" else 1.0
    letters = [c for c in line.text if unicodedata.category(c)[0] == "L" and ord(c) > 0x2FF]
    heights = sorted(-font.getbbox(c, anchor="ls")[1] for c in letters or ["H"])
    return round(share * heights[len(heights) // 2])


def _wrap(line: LabelLine, fonts: Fonts, ink_px: int, width: int) -> list[LabelLine] | None:
    """Break a line into at most three of about one length, or none when that does not do."""

    def wide(row: LabelLine) -> int:
        box = _box(row, _runs(row, fonts, ink_px))
        return box[2] - box[0]

    if wide(line) <= width:
        return [line]
    units = _UNIT.findall(line.text) if line.script in _BREAKS_ANYWHERE else line.text.split(" ")
    glue = "" if line.script in _BREAKS_ANYWHERE else " "
    for count in (2, 3):
        parts = _split(units, glue, count)
        rows = [LabelLine(part, line.script, line.direction, line.language) for part in parts]
        if len(rows) == count and all(wide(row) <= width for row in rows):
            return rows
    return None


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
