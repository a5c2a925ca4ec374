"""Puts a watermark into a picture file, and reads one from a file: `Watermarker` works on pixels.

The file keeps its format, metadata and JPEG tables. A picture of a kind that is not handled
(animations, palettes, 16 bits, CMYK) or that does not hold the mark comes back as none, and then
nothing is claimed of it.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from overt.models import Media
from overt.provenance import watermark
from overt.sniff import canonical

if TYPE_CHECKING:
    from PIL.Image import Image

    from overt.ports import Pixels, Watermarker

MEDIA_TYPES = ("image/jpeg", "image/png", "image/webp")
"""What is marked; more is read."""
_LARGEST = 100_000_000
"""Pixels; a stranger's picture with more is not read."""
_ORIENTATION = 0x0112


def marked(media: Media, watermarker: Watermarker, decision_id: str) -> Media | None:
    """The picture with the payload of a run in it, read back; none where it does not take one."""
    from PIL import Image

    if canonical(media.media_type) not in MEDIA_TYPES:
        return None
    payload = watermark.payload_for(decision_id, watermarker.size)
    data = media.read()
    with Image.open(io.BytesIO(data)) as image:
        if image.mode not in ("RGB", "RGBA") or getattr(image, "n_frames", 1) > 1:
            return None
        image.load()
        changed = _encoded(image, watermarker.embed(_pixels(image), payload), data)
    seen = read(changed, watermarker)
    if seen is None or watermark.distance(seen, payload) > watermark.MOST_WRONG_AT_MARKING:
        return None
    return media.model_copy(update={"data": changed, "path": None})


def read(source: Any, watermarker: Watermarker) -> bytes | None:
    """What the watermarker reads from a picture, a path or bytes; none where it is no picture."""
    from PIL import Image, UnidentifiedImageError

    stream = io.BytesIO(source) if isinstance(source, bytes) else source
    try:
        with Image.open(stream) as image:
            if image.width * image.height > _LARGEST:
                return None
            return watermarker.extract(_pixels(image))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def _pixels(image: Image) -> Pixels:
    """Upright RGB, whatever the file's orientation says."""
    import numpy as np

    return np.asarray(_turned(image.convert("RGB"), _TO_UPRIGHT.get(_orientation(image))))


def _encoded(image: Image, pixels: Pixels, source: bytes) -> bytes:
    """The picture with other colours, in its own format. Its transparency stays."""
    from PIL import Image as Pillow

    from overt.disclosure.encode import options_for

    changed = _turned(Pillow.fromarray(pixels), _FROM_UPRIGHT.get(_orientation(image)))
    if image.mode == "RGBA":
        changed.putalpha(image.getchannel("A"))
    image.paste(changed)  # not the new object: the old one knows its tables and metadata
    if image.format == "WEBP":
        image.info["overt_lossless"] = b"VP8L" in source[:65_536]
    media_type = f"image/{(image.format or '').lower()}"
    form, options = options_for(image, [], media_type, None)
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


# Names of Pillow's transpositions, by EXIF orientation.
_TO_UPRIGHT = {
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_270",
    7: "TRANSVERSE",
    8: "ROTATE_90",
}
_FROM_UPRIGHT = {**_TO_UPRIGHT, 6: "ROTATE_90", 8: "ROTATE_270"}


def _orientation(image: Image) -> int:
    value = image.getexif().get(_ORIENTATION, 1)
    return value if isinstance(value, int) else 1


def _turned(image: Image, how: str | None) -> Image:
    from PIL.Image import Transpose

    return image if how is None else image.transpose(Transpose[how])
