"""Composites a label on a picture, in the mode and the orientation that it is stored in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from overt.disclosure.placing import Placed, as_stored, stored

if TYPE_CHECKING:
    from PIL.Image import Image


def paste(image: Image, placed: Placed, orientation: int = 1) -> Image:
    """Composite the label. The same object comes back where it can, for its JPEG tables."""
    if placed.strip:
        image, orientation = _grown(image, placed, orientation), 1
    elif image.mode in ("P", "1", "PA"):
        image = _true_colour(image)
    box = stored(placed.box, placed.size, orientation)
    art = as_stored(placed.art.image, orientation)
    if image.mode.startswith("I"):
        _paste_deep(image, box, art)
        return image
    under = image.crop(box).convert("RGBA")
    under.alpha_composite(art)
    image.paste(under.convert(image.mode), box[:2])
    return image


def _paste_deep(image: Image, box: tuple[int, int, int, int], art: Image) -> None:
    """The same in 16-bit grey."""
    import numpy as np
    from PIL import Image

    under = np.asarray(image.crop(box), np.float64)
    over = np.asarray(art.convert("LA"), np.float64) / 255.0
    mixed = under * (1 - over[..., 1]) + 65535.0 * over[..., 0] * over[..., 1]
    kind = np.int32 if image.mode == "I" else np.uint16
    patch = Image.fromarray(np.clip(mixed.round(), 0, 65535).astype(kind))
    image.paste(patch if patch.mode == image.mode else patch.convert(image.mode), box[:2])


def _grown(image: Image, placed: Placed, orientation: int) -> Image:
    """The upright picture on a larger canvas with room for the strip."""
    from PIL import Image, ImageOps

    kept = dict(image.info)
    form = image.format
    turned = ImageOps.exif_transpose(image) if orientation != 1 else image
    if turned.mode in ("P", "1", "PA"):
        turned = _true_colour(turned)
    fill: Any = 0 if turned.mode in ("L", "I", "I;16") else None
    colour = fill if fill is not None else "black"
    canvas = Image.new(turned.mode, placed.size, colour)
    canvas.paste(turned, ((placed.size[0] - turned.width) // 2, 0))
    canvas.info = {k: v for k, v in kept.items() if orientation == 1 or k != "exif"}
    if orientation != 1:
        canvas.info["exif"] = turned.getexif().tobytes()
    canvas.format = form
    return canvas


def _true_colour(image: Image) -> Image:
    """Palette and bilevel pictures as RGB or RGBA, their facts kept."""
    alpha = "transparency" in image.info or image.mode == "PA"
    changed = image.convert("RGBA" if alpha else "RGB")
    changed.info = {k: v for k, v in image.info.items() if k != "transparency"}
    changed.format = image.format
    return changed
