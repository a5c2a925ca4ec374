"""Where a label goes on a picture, and whether it is really there.

The corner with the least going on is taken, top right preferred; on portrait pictures the label
stays clear of players' buttons. Pictures whose shorter side is under `STRIP_BELOW`, and those on
which the label does not fit, get a strip below: the picture is never covered.

Boxes are those of the upright picture; `stored` gives the pixels as they lie in the file.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, NoReturn

from overt.disclosure.label import LabelArt
from overt.errors import StageError

if TYPE_CHECKING:
    from PIL.Image import Image

STRIP_BELOW = 200
"""Shorter side in pixels under which the label goes below the picture."""
MARGIN = 0.02
_FLAT = 1e-6
_SOLID, _GROUND = 229, 6
"""Levels of a label's mask: above the first it is letters, below the second it is the pill."""

Artist = Callable[[tuple[int, int], tuple[int, int]], LabelArt | None]
"""Draws the label for a picture of this size in this much room."""


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a label is, in pixels of the picture as shown.

    Attributes:
        box: Left, top, right, bottom.
        size: Of the whole picture.
        strip: It is below the picture, not on it.
        picture: Size without a strip; none where there is no strip.
    """

    box: tuple[int, int, int, int]
    size: tuple[int, int]
    strip: bool
    art: LabelArt
    picture: tuple[int, int] | None = None


def place(
    image: Image,
    size: tuple[int, int],
    orientation: int,
    artist: Artist,
    corner: str | None,
    *,
    strip: bool = True,
    corners: Collection[str] = ("top-right", "top-left", "bottom-right", "bottom-left"),
) -> Placed:
    """Find the label's place on a picture whose upright size is `size`.

    A strip below is added where the label does not fit, unless `strip` forbids it, as in a video.

    Raises:
        StageError: `disclose.no_room`.
    """
    width, height = size
    margin = max(2, round(MARGIN * min(size)))
    portrait = height > width * 1.2
    right, bottom = (round(0.12 * width), round(0.20 * height)) if portrait else (margin, margin)
    room = (width - margin - right, round(height * 0.6) - 2 * margin)
    art = None if strip and min(size) < STRIP_BELOW else artist(size, room)
    if art is None:
        return _strip(size, artist) if strip else _no_room()
    w, h = art.image.size
    far, low = width - right - w, height - bottom - h
    spots = {
        "top-right": (far, margin),
        "top-left": (margin, margin),
        "bottom-right": (far, low),
        "bottom-left": (margin, low),
    }
    first = corner if corner in spots else "top-right"

    names = [name for name in spots if name in corners]
    boxes = [(x, y, x + w, y + h) for x, y in (spots[name] for name in names)]
    found = _busyness(image, [stored(box, size, orientation) for box in boxes])
    busy = {
        name: one * (0.6 if name == first else 1.0) for name, one in zip(names, found, strict=True)
    }
    x, y = spots[min(names, key=busy.__getitem__)]
    return Placed((x, y, x + w, y + h), size, False, art)


def _strip(size: tuple[int, int], artist: Artist) -> Placed:
    """The label below the picture; the canvas grows as far as it must."""
    width, height = size
    room = (max(width, 160), 400)
    widest = max(room[0], 2000)
    while room[0] <= widest:
        art = artist(size, room)
        if art is not None:
            w, h = art.image.size
            whole = (max(width, w), height + h)
            x = (whole[0] - w) // 2
            return Placed((x, height, x + w, height + h), whole, True, art, size)
        room = (room[0] + 80, room[1])
    return _no_room()


def _no_room() -> NoReturn:
    raise StageError(
        "disclose", "disclose.no_room", "the label fits nowhere", "", "make a larger picture"
    )


def _busyness(image: Image, boxes: Sequence[tuple[int, int, int, int]]) -> list[float]:
    """Edge density of regions of one size: faces, text and detail have much of it.

    The regions are made small and filtered as one picture, one below the other: the filter sees no
    row of the next, for each region's outermost rows are left out.
    """
    import numpy as np
    from PIL import Image, ImageFilter

    width, height = boxes[0][2] - boxes[0][0], boxes[0][3] - boxes[0][1]
    column = Image.new("RGB", (width, height * len(boxes)))
    for row, box in enumerate(boxes):
        region = image.crop(box)
        colour = region if region.mode == "RGB" else region.convert("RGB")
        column.paste(colour, (0, row * height))
    small = column.convert("L").resize((64, 24 * len(boxes)), Image.Resampling.BOX)
    edges = np.asarray(small.filter(ImageFilter.FIND_EDGES)).reshape(len(boxes), 24, 64)
    return [1.0 + float(each.mean()) for each in edges[:, 1:23, 1:63]]


def stored(
    box: tuple[int, int, int, int], size: tuple[int, int], orientation: int
) -> tuple[int, int, int, int]:
    """A box of the upright picture, in the pixels as they are stored."""
    left, top, right, bottom = box
    width, height = size
    corners = [
        _stored_point(x, y, width, height, orientation) for x, y in ((left, top), (right, bottom))
    ]
    xs, ys = sorted(c[0] for c in corners), sorted(c[1] for c in corners)
    return xs[0], ys[0], xs[1], ys[1]


def _stored_point(x: int, y: int, width: int, height: int, orientation: int) -> tuple[int, int]:
    return {
        1: (x, y), 2: (width - x, y), 3: (width - x, height - y), 4: (x, height - y),
        5: (y, x), 6: (y, width - x), 7: (height - y, width - x), 8: (height - y, x),
    }[orientation]  # fmt: skip


def as_stored(image: Image, orientation: int) -> Image:
    """Turn an upright picture the way the stored pixels lie: the inverse of showing it."""
    from PIL.Image import Transpose

    step = {
        2: Transpose.FLIP_LEFT_RIGHT, 3: Transpose.ROTATE_180, 4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE, 6: Transpose.ROTATE_90, 7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_270,
    }.get(orientation)  # fmt: skip
    return image.transpose(step) if step is not None else image


@cache
def _light() -> Any:
    """Relative luminance (WCAG 2.2) that each sRGB level adds: a row for red, green and blue."""
    import numpy as np

    level = np.arange(256, dtype=np.float32) / 255.0
    linear = np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4)
    return np.outer([0.2126, 0.7152, 0.0722], linear).astype(np.float32)


def measure(seen: Image, mask: Image) -> dict[str, float]:
    """Contrast and likeness of a label's region against the letters that were drawn."""
    import numpy as np

    letters = np.asarray(mask)
    red, green, blue = _light()
    pixels = np.asarray(seen if seen.mode == "RGB" else seen.convert("RGB"))
    light = red[pixels[..., 0]] + green[pixels[..., 1]] + blue[pixels[..., 2]]
    inset = max(1, min(light.shape) // 8)
    inner = (slice(inset, -inset), slice(inset, -inset))
    solid = light[letters > _SOLID]
    ground = light[inner][letters[inner] < _GROUND]
    if not solid.size or not ground.size:
        return {"contrast": 0.0, "match": 0.0}
    high, low = float(np.median(solid)), float(np.percentile(ground, 95))
    match = _correlation(letters[inner].astype(np.float32).ravel(), light[inner].ravel())
    return {"contrast": round((high + 0.05) / (low + 0.05), 2), "match": round(match, 3)}


def _correlation(one: Any, other: Any) -> float:
    """Pearson's; 0 where the second does not vary."""
    import numpy as np

    if other.std() <= _FLAT:
        return 0.0
    one, other = one - one.mean(), other - other.mean()
    return float(one @ other / np.sqrt((one @ one) * (other @ other)))
