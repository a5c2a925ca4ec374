"""Opens pictures with Pillow: the formats that are labelled, their errors as ours, their facts."""

from __future__ import annotations

import io
import struct
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from overt.disclosure.deep import is_deep
from overt.disclosure.facts import Limits, fail
from overt.disclosure.quiet import pillow_quiet
from overt.errors import StageError
from overt.models import Media

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = {
    "image/jpeg": ("JPEG", "MPO"),
    "image/png": ("PNG",),
    "image/webp": ("WEBP",),
    "image/gif": ("GIF",),
    "image/tiff": ("TIFF",),
    "image/avif": ("AVIF",),
    "image/heic": ("HEIF",),
}

_opening = threading.Lock()
_DECODER = (
    OSError, SyntaxError, ValueError, EOFError, struct.error, LookupError, RuntimeError, TypeError,
    ArithmeticError, zlib.error,
)  # fmt: skip
"""What Pillow's decoders raise on damaged files (found by damaging files)."""


@contextmanager
def decoding() -> Iterator[None]:
    """Turn a decoder's errors into ours, once. Their text is dropped: it may quote metadata."""
    try:
        with pillow_quiet():
            yield
    except StageError:
        raise
    except _DECODER as error:
        if "truncated" in str(error).lower() or isinstance(error, EOFError):
            fail("truncated", "the picture is cut off", "", "check that the tool wrote all of it")
        fail("corrupt", "the picture cannot be decoded", type(error).__name__, "check the tool")
    except MemoryError:
        fail("too_large", "the picture does not fit in memory")


def as_png(media: Media) -> Media:
    """A JPEG XL picture as a PNG."""
    from overt.disclosure.jxl import as_png

    return Media(media_type="image/png", data=as_png(media.read(), Limits().pixels))


def open_picture(media: Media, media_type: str) -> Image:
    """A picture whose headers were read and no pixel yet.

    Raises:
        StageError: It is of no format that is labelled, or its header is damaged.
    """
    from PIL import Image, UnidentifiedImageError

    if media_type == "image/heic":
        from overt.disclosure.heic import open_heic

        return open_heic(media.read(), Limits().pixels)
    if media_type not in FORMATS:
        fail("unsupported", f"{media_type} cannot be labelled", "", "make a PNG or JPEG")
    source = io.BytesIO(media.read())  # a picture is small; an open file would need closing
    with _opening:  # our own limit is checked by the caller, before any pixel is decoded
        previous, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
        try:
            image = Image.open(source, formats=FORMATS[media_type])
        except UnidentifiedImageError:
            fail("corrupt", "the picture cannot be decoded", "its header is damaged")
        finally:
            Image.MAX_IMAGE_PIXELS = previous
    if media_type == "image/webp":
        image.info["overt_lossless"] = _lossless(media)
    if image.format == "PNG":
        image.info["overt_colour"] = tuple(_colour(source.getvalue()))
    return image


def is_wide(image: Image, media: Media, media_type: str) -> bool:
    """Whether Pillow would lose half of each sample: 16 bits, with colour or alpha."""
    if media_type == "image/png":
        return is_deep(_first(media))
    bits = getattr(image, "tag_v2", {}).get(258, ()) if media_type == "image/tiff" else ()
    return isinstance(bits, tuple) and len(bits) > 1 and 16 in bits


def _first(media: Media) -> bytes:
    if media.data is not None:
        return media.data[:64]
    assert media.path is not None
    with media.path.open("rb") as stream:
        return stream.read(64)


def _lossless(media: Media) -> bool:
    """Whether a WebP holds VP8L frames; Pillow does not tell."""
    if media.data is not None:
        return b"VP8L" in media.data[:65_536]
    assert media.path is not None
    with media.path.open("rb") as stream:
        return b"VP8L" in stream.read(65_536)


_COLOUR = frozenset({b"cICP", b"gAMA", b"cHRM", b"sRGB"})


def _colour(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    """What a PNG says of its colours beside a profile: chunks before the pixels."""
    at = 8
    while at + 8 <= len(png):
        length, kind = struct.unpack_from(">I4s", png, at)
        if kind == b"IDAT":
            return
        if kind in _COLOUR:
            yield kind, png[at + 8 : at + 8 + length]
        at += 12 + length


def orientation_of(image: Image) -> int:
    """How the stored pixels are to be turned for showing: 1 to 8, as in EXIF."""
    if image.format in ("GIF", "TIFF"):  # a GIF has none, a TIFF is turned by Pillow as it loads
        return 1
    value = image.getexif().get(0x0112, 1)
    return value if value in range(1, 9) else 1
