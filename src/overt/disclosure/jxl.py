"""JPEG XL pictures through the ffmpeg program: labelled as a PNG between two conversions.

No codec library is imported: the one binding that is kept up is under the GPL. What was lossless
stays so, what was lossy is coded anew at half the distance at which a loss would be seen. Colour,
EXIF and XMP are kept, and the result is always in a container, for nothing else takes a manifest.
Moving pictures, previews and samples of more than 16 bits are refused rather than cut.

Source: ISO/IEC 18181-1 (the headers of a codestream), ISO/IEC 18181-2 (the container).
"""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from overt.disclosure import ffmpeg
from overt.disclosure.exif import set_upright, without_preview
from overt.disclosure.facts import fail
from overt.errors import StageError

_CONTAINER = bytes.fromhex("0000000c4a584c200d0a870a00000014667479706a786c20000000006a786c20")
_BARE = b"\xff\x0a"
_LIMIT_S = 120.0
_RATIOS = ((1, 1), (6, 5), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))
_COLOUR = frozenset({b"cICP", b"iCCP", b"sRGB", b"gAMA", b"cHRM"})
_DISTANCE = "0.5"
"""Butteraugli distance; 1 is where a loss begins to be seen."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a codestream says of itself. Sizes are before turning."""

    width: int
    height: int
    bits: int = 8
    floating: bool = False
    moving: bool = False
    lossy: bool = True


def as_png(data: bytes, pixels: int) -> bytes:
    """The picture as an upright PNG, of 8 or 16 bits as it is.

    Args:
        data: The file.
        pixels: As many are decoded, at most.

    Raises:
        StageError: No codec is there, the file is damaged, too large, or not known here.
    """
    found = header(data)
    if found.width * found.height > pixels:
        fail("too_large", "the picture is too large", f"{found.width} x {found.height} pixels")
    if found.moving:
        fail("unsupported", "moving JPEG XL cannot be labelled", "", "write WebP or a video")
    if found.floating or found.bits > 16:
        fail("unsupported", "the picture would lose depth", "", "write 16-bit samples")
    return _converted(data, "in.jxl", "out.png", [], ("-max_pixels", str(2 * pixels)))


def as_jxl(png: bytes, source: bytes, xmp: bytes | None) -> bytes:
    """A labelled PNG as JPEG XL, with colour and metadata of the file that it was made from.

    Args:
        png: The labelled picture.
        source: The JPEG XL file before it was labelled.
        xmp: A packet that goes in place of the source's.

    Raises:
        StageError: No codec is there.
    """
    found = header(source)
    before = as_png(source, found.width * found.height)
    boxes = list(_boxes(source))
    lossy = found.lossy or any(kind == b"jbrd" for kind, _, _ in boxes)  # was a JPEG
    distance = _DISTANCE if lossy else "0"
    made = _converted(_coloured(png, before), "in.png", "out.jxl", ["-distance", distance])
    kept = {kind: source[start:end] for kind, start, end in boxes}
    out = _CONTAINER + _box(b"jxlc", _codestream(made))
    exif = kept.get(b"Exif", b"")
    if len(exif) > 4:
        out += _box(b"Exif", exif[:4] + without_preview(set_upright(exif[4:])))
    packet = xmp or kept.get(b"xml ")
    return out + _box(b"xml ", packet) if packet else out


@cache
def has_jxl() -> bool:
    """Whether the ffmpeg program here reads and writes JPEG XL."""
    try:
        return b" libjxl " in ffmpeg.run(["-encoders"], limit_s=20.0).output
    except (StageError, ffmpeg.Failed):
        return False


def header(data: bytes) -> Header:
    """The beginning of the codestream.

    Raises:
        StageError: It is cut off, or no JPEG XL.
    """
    try:
        return _header(_Bits(_codestream(data)[:256]))
    except IndexError:
        fail("truncated", "the picture is cut off", "", "check that the tool wrote all of it")


def _converted(
    data: bytes, before: str, after: str, options: list[str], limits: tuple[str, ...] = ()
) -> bytes:
    if not has_jxl():
        fail("unsupported", "JPEG XL cannot be read here", "no codec", "install overt[video]")
    with tempfile.TemporaryDirectory(prefix="overt-") as folder:
        source, target = Path(folder) / before, Path(folder) / after
        source.write_bytes(data)
        arguments = [*limits, *ffmpeg.source(source), "-frames:v", "1", *options]
        try:
            ffmpeg.run(arguments, target=target, limit_s=_LIMIT_S)
            return target.read_bytes()
        except (ffmpeg.Failed, OSError):
            fail("corrupt", "the picture cannot be decoded", "", "check the tool")


# --- container ---------------------------------------------------------------------------------


def _boxes(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Kind, begin and end of the body of each box; none in a bare codestream."""
    at = len(data) if data.startswith(_BARE) else 0
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        head = 8
        if length == 1 and at + 16 <= len(data):
            (length,) = struct.unpack_from(">Q", data, at + 8)
            head = 16
        elif length == 0:
            length = len(data) - at
        if length < head or at + length > len(data):
            fail("truncated", "the picture is cut off", "", "check that the tool wrote all of it")
        yield kind, at + head, at + length
        at += length


def _codestream(data: bytes) -> bytes:
    """The codestream out of its container, put together where it lies in pieces."""
    if data.startswith(_BARE):
        return data
    parts = []
    for kind, start, end in _boxes(data):
        if kind == b"jxlc":
            return data[start:end]
        if kind == b"jxlp":
            parts.append(data[start + 4 : end])
    whole = b"".join(parts)
    if not whole.startswith(_BARE):
        fail("corrupt", "the picture cannot be decoded", "its header is damaged")
    return whole


def _box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(body), kind) + body


# --- codestream --------------------------------------------------------------------------------


class _Bits:
    """Reads bits, the lowest of each byte first."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 16  # behind the signature

    def take(self, count: int) -> int:
        value = 0
        for place in range(count):
            value |= (self._data[self._at >> 3] >> (self._at & 7) & 1) << place
            self._at += 1
        return value

    def choice(self, *ways: tuple[int, int]) -> int:
        """One of four ways to write a number: an offset, and as many bits."""
        offset, count = ways[self.take(2)]
        return offset + self.take(count)


def _header(bits: _Bits) -> Header:
    width, height = _size(bits)
    if bits.take(1):  # everything else is as it mostly is
        return Header(width, height)
    moving = False
    if bits.take(1):
        bits.take(3)  # orientation; the decoder turns the picture
        if bits.take(1):
            _size(bits)
        if bits.take(1):
            fail("unsupported", "JPEG XL with a preview cannot be labelled", "", "leave it out")
        moving = bool(bits.take(1))
        if moving:
            return Header(width, height, moving=True)
    floating, depth = _depth(bits)
    bits.take(1)
    for _ in range(bits.choice((0, 0), (1, 0), (2, 4), (1, 12))):
        _extra(bits)
    return Header(width, height, depth, floating, moving, lossy=bool(bits.take(1)))


def _size(bits: _Bits) -> tuple[int, int]:
    small = bits.take(1)

    def side() -> int:
        if small:
            return 8 * (bits.take(5) + 1)
        return bits.choice((1, 9), (1, 13), (1, 18), (1, 30))

    height = side()
    ratio = bits.take(3)
    if not ratio:
        return side(), height
    across, down = _RATIOS[ratio - 1]
    return height * across // down, height


def _depth(bits: _Bits) -> tuple[bool, int]:
    if not bits.take(1):
        return False, bits.choice((8, 0), (10, 0), (12, 0), (1, 6))
    depth = bits.choice((32, 0), (16, 0), (24, 0), (1, 6))
    bits.take(4)
    return True, depth


def _extra(bits: _Bits) -> None:
    """A further channel, mostly alpha."""
    if bits.take(1):
        return
    kind = bits.choice((0, 0), (1, 0), (2, 4), (18, 6))
    _depth(bits)
    bits.choice((0, 0), (3, 0), (4, 0), (1, 3))
    bits.take(8 * bits.choice((0, 0), (0, 4), (16, 5), (48, 10)))
    if kind == 0:
        bits.take(1)
    elif kind == 2:
        bits.take(64)
    elif kind == 5:
        bits.choice((1, 0), (0, 2), (3, 4), (19, 8))


# --- colour ------------------------------------------------------------------------------------


def _coloured(png: bytes, before: bytes) -> bytes:
    """A PNG with the colour of another, for Pillow writes less of it than it reads."""
    colour = b"".join(chunk for kind, chunk in _chunks(before) if kind in _COLOUR)
    kept = [(kind, chunk) for kind, chunk in _chunks(png) if kind not in _COLOUR]
    (_, first), *rest = kept
    return png[:8] + first + colour + b"".join(chunk for _, chunk in rest)


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 8
    while at + 12 <= len(png):
        length = 12 + int.from_bytes(png[at : at + 4], "big")
        yield png[at + 4 : at + 8], png[at : at + length]
        at += length
