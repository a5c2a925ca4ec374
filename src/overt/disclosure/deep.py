"""Labels on PNG pictures with 16 bits a channel, which Pillow would cut down to 8.

The file is edited, not re-encoded: rows above the label and below it keep their compressed-filter
bytes, and every other chunk (profile, EXIF, text, gamma, colour) stays as it is. Only the label's
rows, and the one row under it that may refer to them, are decoded and written anew. Interlaced
files are refused.

Source: PNG, third edition (W3C), sections 5 (chunks) and 9 (filters).
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from overt.disclosure.facts import fail
from overt.disclosure.placing import Artist, Placed, as_stored, place, stored
from overt.models import Media

if TYPE_CHECKING:
    from PIL.Image import Image

_CHANNELS = {2: 3, 4: 2, 6: 4}
Row = np.ndarray[Any, np.dtype[np.uint8]]


@dataclass(frozen=True, slots=True)
class Header:
    """The first chunk of a PNG."""

    width: int
    height: int
    depth: int
    colour: int
    interlaced: bool


def header(data: bytes) -> Header | None:
    """The header of a PNG, or none when these are no PNG bytes."""
    if data[:8] != b"\x89PNG\r\n\x1a\n" or data[12:16] != b"IHDR" or len(data) < 33:
        return None
    width, height, depth, colour, _, _, interlace = struct.unpack(">IIBBBBB", data[16:29])
    return Header(width, height, depth, colour, interlace == 1)


def is_deep(data: bytes) -> bool:
    """Whether Pillow would lose half of each sample: 16 bits, with colour or alpha."""
    found = header(data)
    return found is not None and found.depth == 16 and found.colour in _CHANNELS


def label_deeply(
    media: Media,
    image: Image,
    size: tuple[int, int],
    orientation: int,
    artist: Artist,
    xmp: bytes | None,
    corner: str | None,
) -> tuple[bytes, Placed]:
    """Label a PNG or TIFF in its own bytes, near the top, where few rows have to be decoded.

    Args:
        media: The file.
        image: The same, decoded to 8 bits, to find a quiet corner.
        size: Of the picture as shown.
        orientation: How `image` is to be turned to be upright, as EXIF numbers it.
        artist: Draws the label.
        xmp: Metadata packet to be written with it.
        corner: Preferred corner.

    Raises:
        StageError: This kind of file is not known, or it is damaged.
    """
    from overt.disclosure.deep_tiff import label_deep_tiff, orientation_of

    tops, data = ("top-right", "top-left"), media.read()
    placed = place(image, size, orientation, artist, corner, strip=False, corners=tops)
    if image.format == "TIFF":
        orientation = orientation_of(data)
    turned = replace(
        placed,
        box=stored(placed.box, placed.size, orientation),
        art=replace(placed.art, image=as_stored(placed.art.image, orientation)),
    )
    write = label_deep_tiff if image.format == "TIFF" else label_deep
    return write(data, turned, xmp), placed


def label_deep(data: bytes, placed: Placed, xmp: bytes | None) -> bytes:
    """The file with the label composited in 16 bits; `placed` is in stored pixels.

    Raises:
        StageError: It is interlaced or damaged.
    """
    head = header(data)
    assert head is not None
    if head.interlaced:
        fail("unsupported", "an interlaced 16-bit PNG cannot be labelled", "", "write it plain")
    before, packed, after = _chunks(data)
    size = 2 * _CHANNELS[head.colour]
    stride = head.width * size + 1
    inflate = zlib.decompressobj()
    raw = bytearray(inflate.decompress(packed, stride * head.height + 1))
    if len(raw) < stride * head.height:
        fail("truncated", "the picture is cut off")
    _relabel(raw, head, stride, size, placed)
    idat = _chunk(b"IDAT", zlib.compress(bytes(raw), 6))
    packet = [_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp)] if xmp else []
    return b"".join([data[:8], *before, *packet, idat, *after])


def _chunks(data: bytes) -> tuple[list[bytes], bytes, list[bytes]]:
    """Chunks before the pixels, the pixels, and chunks after them."""
    before: list[bytes] = []
    after: list[bytes] = []
    packed: list[bytes] = []
    at = 8
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        kind, whole = data[at + 4 : at + 8], data[at : at + 12 + length]
        if kind == b"IDAT":
            packed.append(whole[8:-4])
        else:
            (after if packed else before).append(whole)
        at += 12 + length
    return before, b"".join(packed), after


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _relabel(raw: bytearray, head: Header, stride: int, size: int, placed: Placed) -> None:
    """Decode down to the row after the label and write the label's rows with filter 1."""
    left, top, right, bottom = placed.box
    art = np.asarray(placed.art.image, np.float64) / 255.0
    previous = np.zeros(stride - 1, np.uint8)
    for y in range(min(bottom + 1, head.height)):
        start = y * stride
        line = np.frombuffer(raw, np.uint8, stride - 1, start + 1)
        row = _unfiltered(raw[start], line, previous, size)
        previous = row
        if y < top:
            continue
        shown = row.copy()
        if y < bottom:
            _blend(shown, art[y - top], left, right, head.colour)
        pixels = shown.reshape(-1, size)
        coded = pixels.copy()
        coded[1:] -= pixels[:-1]
        raw[start] = 1
        raw[start + 1 : start + stride] = coded.tobytes()


def _blend(row: Row, art: Any, left: int, right: int, colour: int) -> None:
    """Composite one row of the label, in 16 bits."""
    channels = _CHANNELS[colour]
    samples = row.view(">u2").reshape(-1, channels)
    part = samples[left:right].astype(np.float64)
    alpha = art[:, 3:4]
    inks = art[:, :3] if channels >= 3 else art[:, :1]
    kinds = inks.shape[1]
    part[:, :kinds] = part[:, :kinds] * (1 - alpha) + 65535.0 * inks * alpha
    if colour in (4, 6):
        part[:, -1:] = part[:, -1:] * (1 - alpha) + 65535.0 * alpha
    samples[left:right] = np.clip(part.round(), 0, 65535).astype(">u2")


def _unfiltered(kind: int, line: Row, above: Row, size: int) -> Row:
    """One row, decoded.

    Raises:
        StageError: The filter does not exist.
    """
    if kind == 0:
        return line.copy()
    if kind == 1:
        pixels = line.reshape(-1, size)
        return np.add.accumulate(pixels, axis=0, dtype=np.uint8).reshape(-1)
    if kind == 2:
        return line + above
    if kind not in (3, 4):
        fail("corrupt", "the picture cannot be decoded")
    step = _average if kind == 3 else _paeth
    return np.frombuffer(step(bytes(line), bytes(above), size), np.uint8).copy()


def _average(line: bytes, above: bytes, size: int) -> bytes:
    out = bytearray(line)
    for at in range(len(out)):
        left = out[at - size] if at >= size else 0
        out[at] = (out[at] + ((left + above[at]) >> 1)) & 255
    return bytes(out)


def _paeth(line: bytes, above: bytes, size: int) -> bytes:
    out = bytearray(line)
    for at in range(len(out)):
        left, corner = (out[at - size], above[at - size]) if at >= size else (0, 0)
        up = above[at]
        far_left, far_up = abs(up - corner), abs(left - corner)
        far_corner = abs(left + up - 2 * corner)
        if far_left <= far_up and far_left <= far_corner:
            guess = left
        else:
            guess = up if far_up <= far_corner else corner
        out[at] = (out[at] + guess) & 255
    return bytes(out)
