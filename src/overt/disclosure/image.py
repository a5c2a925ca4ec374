"""Labels on pictures: read, place, composite, write back in the same form.

Kept: EXIF with its orientation (the label is turned, not the picture), ICC, alpha, XMP, text
chunks, resolution, animation frames with their timing, JPEG quantisation and subsampling, 16 bits
a channel. The metadata packet that provenance builds is written in the same encode.
"""

from __future__ import annotations

import io
import threading
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from overt.beside import beside
from overt.disclosure.deep import label_deeply
from overt.disclosure.facts import Facts, Limits, fail
from overt.disclosure.opening import (
    FORMATS,
    as_png,
    decoding,
    is_wide,
    open_picture,
    orientation_of,
)
from overt.disclosure.pasting import paste
from overt.disclosure.placing import Artist, Placed, place, stored
from overt.disclosure.sketch import Looks, patch, sketch
from overt.models import Media

if TYPE_CHECKING:
    from PIL.Image import Image


class _Kept(threading.local):
    """The last examined picture, so that it is not decoded twice."""

    source: bytes | None = None
    image: Image | None = None


_kept = _Kept()
_KEEP_PIXELS = 64_000_000


def examine_image(media: Media, media_type: str, limits: Limits) -> Facts:
    """Open a picture, check its size before its pixels, then decode all frames.

    Raises:
        StageError: See `overt.disclosure.examine`.
    """
    if media_type == "image/jxl":
        return replace(examine_image(as_png(media), "image/png", limits), media_type=media_type)
    with decoding():
        image = open_picture(media, media_type)
        width, height = image.size
        frames = int(getattr(image, "n_frames", 1)) if image.format != "MPO" else 1
        if not width or not height:
            fail("empty", "the picture has no pixels")
        if max(width, height) > limits.side or width * height > limits.pixels:
            fail("too_large", "the picture is too large", f"{width} x {height} pixels")
        if frames > limits.frames:
            fail("too_large", "the animation is too long", f"{frames} frames")
        deep = is_wide(image, media, media_type)
        if deep and frames > 1:
            fail("unsupported", "16-bit pages in one file cannot be labelled", "", "split it")
        first = image.size
        for at in range(frames):
            if frames > 1:
                image.seek(at)
            image.load()
            first = image.size if at == 0 else first
            if image.size != first:
                fail("unsupported", "pages of several sizes cannot be labelled", "", "split them")
    if frames == 1 and media.data is not None and width * height <= _KEEP_PIXELS:
        _kept.source, _kept.image = media.data, image
    turned = orientation_of(image) in (5, 6, 7, 8)
    return Facts(
        media_type,
        *((height, width) if turned else (width, height)),
        frames=frames,
        has_video=False,
        detail={
            "mode": image.mode,
            "format": image.format or "",
            "animated": frames > 1,
            "deep": deep,
        },
    )


@dataclass(frozen=True, slots=True)
class Labelled:
    """A picture with its label, encoded: where the label is, and what the picture looks like.

    There are no looks of pictures that grew a strip, move, or have pixels of rare kinds.
    """

    data: bytes
    placed: Placed
    looks: Looks | None = None


def label_image(
    media: Media,
    facts: Facts,
    artist: Artist,
    xmp: bytes | None,
    corner: str | None,
    *,
    look: bool = False,
) -> Labelled:
    """Draw the label and encode the picture again; `look` keeps what a still looks like.

    Raises:
        StageError: Stage `disclose`, `disclose.no_room`; or the picture is damaged.
    """
    if facts.media_type == "image/jxl":
        from overt.disclosure.jxl import as_jxl

        inner = replace(facts, media_type="image/png")
        made = label_image(as_png(media), inner, artist, None, corner, look=look)
        return replace(made, data=as_jxl(made.data, media.read(), xmp))
    with decoding():
        image = _taken(media) or open_picture(media, facts.media_type)
        if facts.frames > 1:
            return _animated(image, artist, xmp, corner)
        orientation = orientation_of(image)
        shown = (facts.width, facts.height)
        if facts.detail.get("deep"):
            return Labelled(*label_deeply(media, image, shown, orientation, artist, xmp, corner))
        placed = place(image, shown, orientation, artist, corner)
        box = stored(placed.box, placed.size, orientation)
        under = patch(image, box) if look and not placed.strip else None
        image = paste(image, placed, orientation)
        if under is None:
            return Labelled(_encode(image, [], facts.media_type, xmp), placed)
        with beside(partial(sketch, image)) as small:
            data = _encode(image, [], facts.media_type, xmp)
        return Labelled(data, placed, Looks(small(), under, orientation))


def _taken(media: Media) -> Image | None:
    """The decoded picture that `examine` left, if it is of this very asset."""
    image = _kept.image if media.data is not None and _kept.source is media.data else None
    _kept.source = _kept.image = None
    return image


# --- animation and encoding --------------------------------------------------------------------


def _animated(image: Image, artist: Artist, xmp: bytes | None, corner: str | None) -> Labelled:
    """Label every frame, in one place for all."""
    form = image.format or ""
    count = int(getattr(image, "n_frames", 1))
    frames: list[Image] = []
    durations: list[int] = []
    placed: Placed | None = None
    info = dict(image.info)
    for at in range(count):
        image.seek(at)
        frame = image.convert("RGBA" if form != "TIFF" else image.mode)
        durations.append(int(image.info.get("duration", 100) or 100))
        placed = placed or place(frame, frame.size, 1, artist, corner)
        frames.append(paste(frame, placed))
    assert placed is not None
    first = frames[0]
    first.info, first.format = info, form
    if form != "TIFF":
        first.info["duration"] = durations
    media_type = next(key for key, forms in FORMATS.items() if form in forms)
    return Labelled(_encode(first, frames[1:], media_type, xmp), placed)


def _encode(image: Image, rest: list[Image], media_type: str, xmp: bytes | None) -> bytes:
    """The picture in its own format, as near to its source's settings as the codec allows."""
    from overt.disclosure.encode import options_for

    if media_type == "image/heic":
        from overt.disclosure.heic import save_heic

        return save_heic(image, xmp)
    out = io.BytesIO()
    form, options = options_for(image, rest, media_type, xmp)
    image.save(out, form, **options)
    return out.getvalue()


def path_of(work: Path | None, media: Media, suffix: str) -> Path:
    """A new file name in the work folder for what was made of `media`."""
    import secrets
    import tempfile

    folder = work or Path(tempfile.mkdtemp(prefix="overt-"))
    return folder / f"disclosed-{secrets.token_hex(4)}{suffix}"


def rewrite(media: Media, facts: Facts, xmp: bytes | None) -> bytes:
    """The picture with a metadata packet and nothing drawn."""
    if facts.media_type == "image/jxl":  # nothing is drawn, so its pixels need not be coded anew
        return media.read()
    with decoding():
        image = _taken(media) or open_picture(media, facts.media_type)
        if facts.frames > 1:
            return media.read()
        image.load()
        return _encode(image, [], facts.media_type, xmp)
