"""Looks at finished pictures: do they decode, and does the label show on their pixels?

A JPEG with a large label is decoded at half its size, which saves a quarter of the time and reads
every byte all the same. Fine noise is averaged away there, so that the contrast comes out better
than it is: where it is not plainly enough, the whole size decides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from overt.disclosure.check import CONTRAST, LIKENESS
from overt.disclosure.opening import FORMATS, as_png, decoding, open_picture, orientation_of
from overt.disclosure.placing import Placed, as_stored, measure, stored
from overt.disclosure.sketch import upright
from overt.models import Media

if TYPE_CHECKING:
    from PIL.Image import Image

_SMEAR, _BLACK = 16, 48
_HALVED_FROM_PX = 32
"""Height of the ink of a label that is still large at half its size."""
_HALVED_MARGIN = 1.7
"""How much more contrast than needed is asked for there; a label as it is drawn has 1.8 times."""


def check_image(data: bytes, media_type: str, placed: Placed) -> dict[str, float]:
    """Look at the finished picture and measure the label where it should be.

    Returns:
        `contrast` (WCAG ratio of letters to pill) and `match` (correlation with what was drawn).
    """
    if media_type == "application/pdf":
        from overt.disclosure.pdf import check_pdf

        return check_pdf(data, placed)
    if media_type == "image/svg+xml":
        from overt.disclosure.svg import check_svg

        return check_svg(data, placed)
    media = Media(media_type=media_type, data=data)
    if media_type == "image/jxl":
        media, media_type = as_png(media), "image/png"
    with decoding():
        image = open_picture(media, media_type)
        if image.format == "JPEG" and placed.art.ink_px >= _HALVED_FROM_PX:
            found = _halved(image, placed)
            if found["contrast"] >= _HALVED_MARGIN * CONTRAST and found["match"] >= LIKENESS:
                return found
            image = open_picture(media, media_type)
        frames = int(getattr(image, "n_frames", 1)) if image.format != "MPO" else 1
        worst = {"contrast": 99.0, "match": 1.0}
        for at in range(frames):
            if frames > 1:
                image.seek(at)
            found = measure(_seen(image, placed.box), placed.art.mask)
            worst = {key: min(worst[key], found[key]) for key in worst}
    return worst


def _halved(image: Image, placed: Placed) -> dict[str, float]:
    """What `measure` says of the label when the picture is decoded at half its size."""
    orientation = orientation_of(image)
    left, top, right, bottom = stored(placed.box, placed.size, orientation)
    image.draft(None, (image.width // 2, image.height // 2))
    # A pixel of the half is two by two of the whole, counted from the picture's first corner.
    box = (left // 2, top // 2, -(-right // 2), -(-bottom // 2))
    letters = as_stored(placed.art.mask, orientation)
    letters = letters.crop(
        (-(left % 2), -(top % 2), right - left + right % 2, bottom - top + bottom % 2)
    )
    return measure(image.crop(box), letters.reduce(2))


def is_black_beside(data: bytes, media_type: str, width: int, whole: tuple[int, int]) -> bool:
    """Whether the canvas left and right of a centred picture of that width is black.

    `whole` is the canvas without its strip. What a lossy codec smears over the edge is left out.
    """
    if media_type not in (*FORMATS, "image/jxl"):
        return False
    media = Media(media_type=media_type, data=data)
    if media_type == "image/jxl":
        media, media_type = as_png(media), "image/png"
    left = (whole[0] - width) // 2
    sides = ((0, left - _SMEAR), (left + width + _SMEAR, whole[0]))
    with decoding():
        image = open_picture(media, media_type)
        parts = [_seen(image, (x, 0, to, whole[1])) for x, to in sides if x < to]
        return not any(sum(part.convert("L").histogram()[_BLACK:]) for part in parts)


def open_image(data: bytes, media_type: str) -> None:
    """See that a picture's headers and metadata can be read, up to its first pixels.

    Raises:
        StageError: They cannot.
    """
    media = Media(media_type=media_type, data=data)
    if media_type == "image/jxl":
        media, media_type = as_png(media), "image/png"
    with decoding():
        open_picture(media, media_type)


def _seen(image: Image, box: tuple[int, int, int, int]) -> Image:
    """A region as a viewer sees it: upright, on black where it is transparent."""
    from PIL import Image

    orientation = orientation_of(image)
    turned = orientation in (5, 6, 7, 8)
    size = (image.height, image.width) if turned else image.size
    region = image.crop(stored(box, size, orientation))
    if region.mode.startswith("I"):
        region = region.point(lambda value: value / 256).convert("L")
    if region.mode in ("RGB", "L") and "transparency" not in region.info:
        return upright(region, orientation)
    shown = upright(region.convert("RGBA"), orientation)
    ground = Image.new("RGBA", shown.size, (0, 0, 0, 255))
    ground.alpha_composite(shown)
    return ground
