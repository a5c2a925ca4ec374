"""Labels on TIFF pictures with 16 bits of colour, which Pillow would cut down to 8.

The file is edited, not re-encoded: only the strips or tiles under the label are decoded and written
anew, in the file's own compression. Everything else stays where it is, EXIF, profile and text tags
included; a new directory at the end of the file points to what changed. Previews in sub-directories
are dropped, for they would show the picture without its label.

Refuses BigTIFF, several pages, JPEG inside TIFF and floating point.

Source: TIFF 6.0 (Adobe, 1992), sections 2, 8, 9, 13 to 15; Adobe Photoshop TIFF notes (deflate).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from overt.disclosure.facts import fail
from overt.disclosure.lzw import lzw_decoded, lzw_stored
from overt.disclosure.placing import Placed

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_WIDTH, _HEIGHT, _COMPRESSION, _PHOTOMETRIC, _OFFSETS, _CHANNELS, _ROWS, _COUNTS = (
    256, 257, 259, 262, 273, 277, 278, 279,
)  # fmt: skip
_ORIENTATION, _PLANAR, _PREDICTOR, _SUB, _FORMAT, _XMP = 274, 284, 317, 330, 339, 700
_TILE_W, _TILE_H, _TILE_OFFSETS, _TILE_COUNTS = 322, 323, 324, 325
_NONE, _LZW, _DEFLATE, _OLD_DEFLATE, _RGB, _CMYK = 1, 5, 8, 32946, 2, 5
Samples = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class _Entry:
    """A tag as it lies in its directory: `raw` is the whole value, wherever it was stored."""

    kind: int
    count: int
    raw: bytes


@dataclass(frozen=True, slots=True)
class _Layout:
    """How the pixels lie in the file."""

    order: str
    tags: Mapping[int, _Entry]
    width: int
    height: int
    channels: int
    block: tuple[int, int]
    offsets: tuple[int, ...]
    counts: tuple[int, ...]

    def one(self, tag: int, default: int) -> int:
        """First number of a tag."""
        return (
            (_numbers(self.order, self.tags[tag]) or (default,))[0] if tag in self.tags else default
        )

    @property
    def tiled(self) -> bool:
        """Tiles rather than strips."""
        return _TILE_OFFSETS in self.tags

    @property
    def inside(self) -> int:
        """Channels in one block."""
        return 1 if self.one(_PLANAR, 1) == 2 else self.channels


def label_deep_tiff(data: bytes, placed: Placed, xmp: bytes | None) -> bytes:
    """The file with the label composited in 16 bits; `placed` is in stored pixels.

    Raises:
        StageError: The kind of TIFF is not known here, or it is damaged.
    """
    try:
        layout = _layout(data)
        out = bytearray(data)
        offsets, counts = list(layout.offsets), list(layout.counts)
        for at in _touched(layout, placed):
            packed = _relabelled(layout, data, at, placed)
            start, size = offsets[at], counts[at]
            out[start : start + size] = bytes(size)  # no unlabelled rows stay behind
            if len(packed) > size:
                out += bytes(len(out) % 2)
                offsets[at] = len(out)
                out += packed
            else:
                out[start : start + len(packed)] = packed
            counts[at] = len(packed)
        return _with_directory(out, layout, offsets, counts, xmp)
    except (struct.error, IndexError, ValueError, KeyError, zlib.error):
        fail("corrupt", "the picture cannot be decoded", "its directory is damaged")


def orientation_of(data: bytes) -> int:
    """How the stored pixels are to be turned, as EXIF numbers it.

    Raises:
        StageError: As `label_deep_tiff`.
    """
    try:
        found = _layout(data).one(_ORIENTATION, 1)
    except (struct.error, IndexError, ValueError, KeyError):
        fail("corrupt", "the picture cannot be decoded", "its directory is damaged")
    return found if found in range(1, 9) else 1


# --- reading -----------------------------------------------------------------------------------


def _layout(data: bytes) -> _Layout:
    order = {b"II": "<", b"MM": ">"}[data[:2]]
    magic, at = struct.unpack_from(order + "HI", data, 2)
    if magic != 42:
        fail("unsupported", "a 16-bit BigTIFF cannot be labelled", "", "write a classic TIFF")
    (many,) = struct.unpack_from(order + "H", data, at)
    tags = dict(_entry(data, order, at + 2 + 12 * k) for k in range(many))
    if struct.unpack_from(order + "I", data, at + 2 + 12 * many)[0]:
        fail("unsupported", "a 16-bit TIFF of several pages cannot be labelled", "", "split it")

    def numbers(tag: int, *default: int) -> tuple[int, ...]:
        return _numbers(order, tags[tag]) if tag in tags else default

    (width,), (height,) = numbers(_WIDTH), numbers(_HEIGHT)
    tiled = _TILE_OFFSETS in tags
    block = (width, min(numbers(_ROWS, height)[0], height))
    if tiled:
        block = (numbers(_TILE_W)[0], numbers(_TILE_H)[0])
    layout = _Layout(
        order, tags, width, height, numbers(_CHANNELS, 1)[0], block,
        numbers(_TILE_OFFSETS if tiled else _OFFSETS), numbers(_TILE_COUNTS if tiled else _COUNTS),
    )  # fmt: skip
    _known(layout)
    return layout


def _known(layout: _Layout) -> None:
    """Refuse what is not read here."""
    known = (
        layout.one(_COMPRESSION, 1) in (_NONE, _LZW, _DEFLATE, _OLD_DEFLATE)
        and layout.one(_PHOTOMETRIC, 0) in (_RGB, _CMYK)
        and layout.one(_PREDICTOR, 1) in (1, 2)
        and layout.one(_FORMAT, 1) == 1
    )
    if not known:
        fail("unsupported", "this kind of 16-bit TIFF cannot be labelled", "", "write a plain one")


def _entry(data: bytes, order: str, at: int) -> tuple[int, _Entry]:
    tag, kind, count = struct.unpack_from(order + "HHI", data, at)
    size = _SIZES[kind] * count
    start = at + 8 if size <= 4 else struct.unpack_from(order + "I", data, at + 8)[0]
    if start + size > len(data):
        raise ValueError("a value lies outside the file")
    return tag, _Entry(kind, count, bytes(data[start : start + size]))


def _numbers(order: str, entry: _Entry) -> tuple[int, ...]:
    form = {1: "B", 3: "H", 4: "I", 13: "I"}[entry.kind]
    return struct.unpack(f"{order}{entry.count}{form}", entry.raw)


# --- blocks ------------------------------------------------------------------------------------


def _touched(layout: _Layout, placed: Placed) -> list[int]:
    """Strips or tiles, of every plane, that the label lies on."""
    left, top, right, bottom = placed.box
    w, h = layout.block
    across, down = -(-layout.width // w), -(-layout.height // h)
    planes = layout.channels // layout.inside
    return [
        (plane * down + row) * across + column
        for plane in range(planes)
        for row in range(top // h, (bottom - 1) // h + 1)
        for column in range(left // w, (right - 1) // w + 1)
    ]


def _relabelled(layout: _Layout, data: bytes, at: int, placed: Placed) -> bytes:
    """One block, decoded, with its part of the label, and encoded again."""
    w, h = layout.block
    across, down = -(-layout.width // w), -(-layout.height // h)
    plane, rest = divmod(at, across * down)
    row, column = divmod(rest, across)
    x0, y0 = column * w, row * h
    rows = h if layout.tiled else min(h, layout.height - y0)
    kind = np.dtype(layout.order + "u2")
    packed = data[layout.offsets[at] : layout.offsets[at] + layout.counts[at]]
    raw = _unpacked(layout, packed, w * rows * layout.inside * 2)
    samples = np.frombuffer(raw, kind).reshape(rows, w, layout.inside).astype(np.uint16)
    predicted = layout.one(_PREDICTOR, 1) == 2
    if predicted:
        samples = np.add.accumulate(samples, axis=1, dtype=np.uint16)
    _blend(layout, samples, placed, (x0, y0), plane)
    if predicted:
        samples[:, 1:] -= samples[:, :-1].copy()
    return _packed(layout, samples.astype(kind).tobytes())


def _blend(
    layout: _Layout, samples: Samples, placed: Placed, at: tuple[int, int], plane: int
) -> None:
    """Composite the label's part that lies in this block."""
    left, top, right, bottom = placed.box
    x0, y0 = max(left, at[0]), max(top, at[1])
    x1, y1 = min(right, at[0] + samples.shape[1]), min(bottom, at[1] + samples.shape[0])
    art = np.asarray(placed.art.image, np.float64)[y0 - top : y1 - top, x0 - left : x1 - left]
    inks = _inks(layout, art / 255.0)
    alpha = art[..., 3:4] / 255.0
    first = plane if layout.inside == 1 and layout.channels > 1 else 0
    window = (slice(y0 - at[1], y1 - at[1]), slice(x0 - at[0], x1 - at[0]))
    part = samples[window].astype(np.float64)
    mixed = part * (1 - alpha) + 65535.0 * inks[..., first : first + part.shape[2]] * alpha
    samples[window] = np.clip(mixed.round(), 0, 65535).astype(np.uint16)


def _inks(layout: _Layout, art: Samples) -> Samples:
    """The label in the picture's channels: colours, and opaque in every further channel."""
    if layout.one(_PHOTOMETRIC, _RGB) == _CMYK:
        black = 1.0 - art[..., :3].mean(axis=-1, keepdims=True)
        colours = np.concatenate([np.zeros_like(art[..., :3]), black], axis=-1)
    else:
        colours = art[..., :3]
    further = layout.channels - colours.shape[-1]
    return np.concatenate([colours, np.ones((*art.shape[:2], max(0, further)))], axis=-1)


def _unpacked(layout: _Layout, packed: bytes, size: int) -> bytes:
    form = layout.one(_COMPRESSION, _NONE)
    if form == _LZW:
        raw = lzw_decoded(packed, size)
    elif form == _NONE:
        raw = packed
    else:
        raw = zlib.decompressobj().decompress(packed, size)
    if len(raw) < size:
        fail("truncated", "the picture is cut off")
    return raw[:size]


def _packed(layout: _Layout, raw: bytes) -> bytes:
    form = layout.one(_COMPRESSION, _NONE)
    if form == _NONE:
        return raw
    return lzw_stored(raw) if form == _LZW else zlib.compress(raw, 6)


# --- writing -----------------------------------------------------------------------------------


def _with_directory(
    out: bytearray, layout: _Layout, offsets: list[int], counts: list[int], xmp: bytes | None
) -> bytes:
    """Write a new directory at the end, and point the header to it."""
    order = layout.order
    tags = {tag: entry for tag, entry in layout.tags.items() if tag != _SUB}
    places, sizes = (_TILE_OFFSETS, _TILE_COUNTS) if layout.tiled else (_OFFSETS, _COUNTS)
    for tag, values in ((places, offsets), (sizes, counts)):
        tags[tag] = _Entry(4, len(values), struct.pack(f"{order}{len(values)}I", *values))
    if xmp:
        tags[_XMP] = _Entry(1, len(xmp), xmp)
    rows = []
    for tag, entry in sorted(tags.items()):
        value = entry.raw.ljust(4, b"\0")
        if len(entry.raw) > 4:
            out += bytes(len(out) % 2)
            value = struct.pack(order + "I", len(out))
            out += entry.raw
        rows.append(struct.pack(order + "HHI", tag, entry.kind, entry.count) + value)
    out += bytes(len(out) % 2)
    struct.pack_into(order + "I", out, 4, len(out))
    out += struct.pack(order + "H", len(rows)) + b"".join(rows) + bytes(4)
    return bytes(out)
