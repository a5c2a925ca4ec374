"""Labels on pictures: read, place, composite, write back in the same form, and look again.

Kept: EXIF with its orientation (the label is turned, not the picture), ICC, alpha, XMP, text
chunks, resolution, animation frames with their timing, JPEG quantisation and subsampling, 16 bits
a channel. The metadata packet that provenance builds is written in the same encode.
"""

from __future__ import annotations

import io
import struct
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from overt.beside import beside
from overt.disclosure.deep import is_deep, label_deeply
from overt.disclosure.facts import Facts, Limits, fail
from overt.disclosure.placing import Artist, Placed, as_stored, measure, place, stored
from overt.disclosure.quiet import pillow_quiet
from overt.disclosure.sketch import Looks, patch, sketch, upright
from overt.errors import StageError
from overt.models import Media

if TYPE_CHECKING:
    from PIL.Image import Image

_FORMATS = {
    "image/jpeg": ("JPEG", "MPO"),
    "image/png": ("PNG",),
    "image/webp": ("WEBP",),
    "image/gif": ("GIF",),
    "image/tiff": ("TIFF",),
    "image/avif": ("AVIF",),
    "image/heic": ("HEIF",),
}


class _Kept(threading.local):
    """The last examined picture, so that it is not decoded twice."""

    source: bytes | None = None
    image: Image | None = None


_kept = _Kept()
_opening = threading.Lock()
_KEEP_PIXELS = 64_000_000
_SMEAR, _BLACK = 16, 48


def examine_image(media: Media, media_type: str, limits: Limits) -> Facts:
    """Open a picture, check its size before its pixels, then decode all frames.

    Raises:
        StageError: See `overt.disclosure.examine`.
    """
    if media_type == "image/jxl":
        return replace(examine_image(_png(media), "image/png", limits), media_type=media_type)
    with _errors():
        image = _open(media, media_type)
        width, height = image.size
        frames = int(getattr(image, "n_frames", 1)) if image.format != "MPO" else 1
        if not width or not height:
            fail("empty", "the picture has no pixels")
        if max(width, height) > limits.side or width * height > limits.pixels:
            fail("too_large", "the picture is too large", f"{width} x {height} pixels")
        if frames > limits.frames:
            fail("too_large", "the animation is too long", f"{frames} frames")
        deep = _deep(image, media, media_type)
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
    turned = _orientation(image) in (5, 6, 7, 8)
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
        made = label_image(_png(media), inner, artist, None, corner, look=look)
        return replace(made, data=as_jxl(made.data, media.read(), xmp))
    with _errors():
        image = _taken(media) or _open(media, facts.media_type)
        if facts.frames > 1:
            return _animated(image, artist, xmp, corner)
        orientation = _orientation(image)
        shown = (facts.width, facts.height)
        if facts.detail.get("deep"):
            return Labelled(*label_deeply(media, image, shown, orientation, artist, xmp, corner))
        placed = place(image, shown, orientation, artist, corner)
        box = stored(placed.box, placed.size, orientation)
        under = patch(image, box) if look and not placed.strip else None
        image = _paste(image, placed, orientation)
        if under is None:
            return Labelled(_encode(image, [], facts.media_type, xmp), placed)
        with beside(partial(sketch, image)) as small:
            data = _encode(image, [], facts.media_type, xmp)
        return Labelled(data, placed, Looks(small(), under, orientation))


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
        media, media_type = _png(media), "image/png"
    with _errors():
        image = _open(media, media_type)
        frames = int(getattr(image, "n_frames", 1)) if image.format != "MPO" else 1
        worst = {"contrast": 99.0, "match": 1.0}
        for at in range(frames):
            if frames > 1:
                image.seek(at)
            found = measure(_seen(image, placed.box), placed.art.mask)
            worst = {key: min(worst[key], found[key]) for key in worst}
    return worst


def is_black_beside(data: bytes, media_type: str, width: int, whole: tuple[int, int]) -> bool:
    """Whether the canvas left and right of a centred picture of that width is black.

    `whole` is the canvas without its strip. What a lossy codec smears over the edge is left out.
    """
    if media_type not in (*_FORMATS, "image/jxl"):
        return False
    media = Media(media_type=media_type, data=data)
    if media_type == "image/jxl":
        media, media_type = _png(media), "image/png"
    left = (whole[0] - width) // 2
    sides = ((0, left - _SMEAR), (left + width + _SMEAR, whole[0]))
    with _errors():
        image = _open(media, media_type)
        parts = [_seen(image, (x, 0, to, whole[1])) for x, to in sides if x < to]
        return not any(sum(part.convert("L").histogram()[_BLACK:]) for part in parts)


def open_image(data: bytes, media_type: str) -> None:
    """See that a picture's headers and metadata can be read, up to its first pixels.

    Raises:
        StageError: They cannot.
    """
    media = Media(media_type=media_type, data=data)
    if media_type == "image/jxl":
        media, media_type = _png(media), "image/png"
    with _errors():
        _open(media, media_type)


# --- opening -----------------------------------------------------------------------------------


_DECODER = (
    OSError, SyntaxError, ValueError, EOFError, struct.error, LookupError, RuntimeError, TypeError,
    ArithmeticError, zlib.error,
)  # fmt: skip
"""What Pillow's decoders raise on damaged files (found by damaging files)."""


@contextmanager
def _errors() -> Iterator[None]:
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


def _png(media: Media) -> Media:
    """A JPEG XL picture as a PNG."""
    from overt.disclosure.jxl import as_png

    return Media(media_type="image/png", data=as_png(media.read(), Limits().pixels))


def _open(media: Media, media_type: str) -> Image:
    from PIL import Image, UnidentifiedImageError

    if media_type == "image/heic":
        from overt.disclosure.heic import open_heic

        return open_heic(media.read(), Limits().pixels)
    if media_type not in _FORMATS:
        fail("unsupported", f"{media_type} cannot be labelled", "", "make a PNG or JPEG")
    source = io.BytesIO(media.read())  # a picture is small; an open file would need closing
    with _opening:  # our own limit is checked by the caller, before any pixel is decoded
        previous, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
        try:
            image = Image.open(source, formats=_FORMATS[media_type])
        except UnidentifiedImageError:
            fail("corrupt", "the picture cannot be decoded", "its header is damaged")
        finally:
            Image.MAX_IMAGE_PIXELS = previous
    if media_type == "image/webp":
        image.info["overt_lossless"] = _lossless(media)
    if image.format == "PNG":
        image.info["overt_colour"] = tuple(_colour(source.getvalue()))
    return image


def _deep(image: Image, media: Media, media_type: str) -> bool:
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


def _taken(media: Media) -> Image | None:
    """The decoded picture that `examine` left, if it is of this very asset."""
    image = _kept.image if media.data is not None and _kept.source is media.data else None
    _kept.source = _kept.image = None
    return image


def _orientation(image: Image) -> int:
    if image.format in ("GIF", "TIFF"):  # a GIF has none, a TIFF is turned by Pillow as it loads
        return 1
    value = image.getexif().get(0x0112, 1)
    return value if value in range(1, 9) else 1


# --- drawing -----------------------------------------------------------------------------------


def _paste(image: Image, placed: Placed, orientation: int = 1) -> Image:
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


def _seen(image: Image, box: tuple[int, int, int, int]) -> Image:
    """A region as a viewer sees it: upright, on black where it is transparent."""
    from PIL import Image

    orientation = _orientation(image)
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
        frames.append(_paste(frame, placed))
    assert placed is not None
    first = frames[0]
    first.info, first.format = info, form
    if form != "TIFF":
        first.info["duration"] = durations
    media_type = next(key for key, forms in _FORMATS.items() if form in forms)
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
    with _errors():
        image = _taken(media) or _open(media, facts.media_type)
        if facts.frames > 1:
            return media.read()
        image.load()
        return _encode(image, [], facts.media_type, xmp)
