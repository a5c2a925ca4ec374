"""How a labelled picture is written: in its source's format, with its source's settings.

JPEG keeps the quantisation tables and subsampling, so that a second encode loses almost nothing;
WebP stays lossless where it was; a PNG keeps its colour chunks, which Pillow would drop.
What Pillow does not tell (the quality of a lossy WebP or AVIF) is set high.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from overt.disclosure.exif import without_preview

if TYPE_CHECKING:
    from PIL.Image import Image

_HIGH = 90


def options_for(
    image: Image, rest: list[Image], media_type: str, xmp: bytes | None
) -> tuple[str, dict[str, Any]]:
    """Pillow's format name and save options."""
    info = image.info
    options: dict[str, Any] = {}
    for key in ("icc_profile", "exif", "dpi"):
        if info.get(key):
            options[key] = info[key]
    if "exif" in options:
        options["exif"] = without_preview(options["exif"])
    packet = xmp or info.get("xmp")
    if packet:
        options["xmp"] = packet
    if rest:
        options.update(save_all=True, append_images=rest)
    form = {
        "image/jpeg": "JPEG",
        "image/png": "PNG",
        "image/webp": "WEBP",
        "image/gif": "GIF",
        "image/tiff": "TIFF",
        "image/avif": "AVIF",
    }[media_type]
    _BY_FORM[form](image, rest, options)
    return form, options


def _jpeg(image: Image, rest: list[Image], options: dict[str, Any]) -> None:
    from PIL import JpegImagePlugin

    if image.format == "JPEG" and hasattr(image, "quantization"):
        options["quality"] = "keep"
    elif hasattr(image, "quantization"):
        options.update(qtables=image.quantization, subsampling=JpegImagePlugin.get_sampling(image))
    else:
        options["quality"] = 95
    options["progressive"] = bool(image.info.get("progressive"))
    if image.info.get("comment"):
        options["comment"] = image.info["comment"]
    record = image.info.get("photoshop", {}).get(_IPTC, b"")
    if 0 < len(record) < 65_000:
        options["extra"] = _app13(record)


_IPTC = 0x0404


def _app13(record: bytes) -> bytes:
    """The segment of a press photo's IPTC record (Photoshop resource 1028), without a preview."""
    block = (
        b"8BIM" + struct.pack(">HHI", _IPTC, 0, len(record)) + record + b"\0" * (len(record) % 2)
    )
    body = b"Photoshop 3.0\0" + block
    return b"\xff\xed" + struct.pack(">H", len(body) + 2) + body


def _png(image: Image, rest: list[Image], options: dict[str, Any]) -> None:
    from PIL.PngImagePlugin import PngInfo, iTXt

    packet = options.pop("xmp", None)
    notes = PngInfo()
    for kind, body in image.info.get("overt_colour", ()):
        notes.add(kind, body)
    for key, value in getattr(image, "text", {}).items():
        if key != "XML:com.adobe.xmp" and isinstance(value, iTXt):
            notes.add_itxt(str(key), value, value.lang or "", value.tkey or "")
        elif key != "XML:com.adobe.xmp":
            notes.add_text(str(key), str(value))
    if packet:
        text = packet.decode("utf-8") if isinstance(packet, bytes) else str(packet)
        notes.add_itxt("XML:com.adobe.xmp", text)
    options.update(pnginfo=notes, compress_level=4)
    if rest:
        before = bool(image.info.get("default_image"))  # a still that is no part of the animation
        options.update(duration=image.info["duration"][before:], default_image=before)
        options.update(loop=image.info.get("loop", 0), disposal=1)


def _webp(image: Image, rest: list[Image], options: dict[str, Any]) -> None:
    options.pop("dpi", None)
    options.update(quality=_HIGH, lossless=bool(image.info.get("overt_lossless")), method=4)
    if image.mode == "RGBA":
        options["exact"] = True
    if rest:
        options.update(duration=image.info["duration"], loop=image.info.get("loop", 0))


def _gif(image: Image, rest: list[Image], options: dict[str, Any]) -> None:
    for key in ("icc_profile", "exif", "dpi", "xmp"):
        options.pop(key, None)
    options["optimize"] = False
    if image.info.get("comment"):
        options["comment"] = image.info["comment"]
    if rest:
        options.update(duration=image.info["duration"], disposal=2)
        if "loop" in image.info:
            options["loop"] = image.info["loop"]


def _tiff(image: Image, rest: list[Image], options: dict[str, Any]) -> None:
    packet = options.pop("xmp", None)
    if image.info.get("compression") and image.info["compression"] != "raw":
        options["compression"] = image.info["compression"]
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

    tags = ImageFileDirectory_v2()
    for tag, value in getattr(image, "tag_v2", {}).items():
        if tag in _TIFF_TEXTS:
            tags[tag] = value
    if packet:
        tags[700] = packet
    options["tiffinfo"] = tags


_TIFF_TEXTS = frozenset({269, 270, 271, 272, 274, 285, 305, 306, 315, 316, 33432, 33723})
"""Document, camera, author, orientation, software, date, copyright, IPTC."""


def _plain(image: Image, rest: list[Image], options: dict[str, Any]) -> None:
    options.pop("dpi", None)
    options["quality"] = _HIGH
    if rest:
        options.update(duration=image.info["duration"], loop=image.info.get("loop", 0))


_BY_FORM = {
    "JPEG": _jpeg,
    "PNG": _png,
    "WEBP": _webp,
    "GIF": _gif,
    "TIFF": _tiff,
    "AVIF": _plain,
}
