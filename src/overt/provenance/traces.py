"""Tells quickly whether a file could carry credentials at all, so that most need no closer look.

It errs to one side only: a file that it lets pass has none where its format keeps them, and
whatever it cannot follow counts as carrying some. Formats made of boxes or chunks are walked, which
costs the same for any size; others are searched.
"""

from __future__ import annotations

import contextlib
import io
import mmap
import struct
from collections.abc import Iterator
from typing import IO

from overt.models import Media
from overt.provenance.formats import Format, bare_jxl

_NEEDLES = (b"c2pa", b"C2PA", b"dcterms:provenance")
"""A store, in either spelling of its name, or the address of one in XMP."""
_ALWAYS = frozenset({"application/pdf", "image/jxl"})
"""These can hold a store compressed, so that no needle shows."""
_MEDIA_BOXES = frozenset({b"mdat", b"ftyp", b"free", b"skip", b"wide", b"moof", b"sidx", b"mfra"})
_PNG_PIXELS = frozenset({b"IDAT", b"fdAT"})
_RIFF_MEDIA = frozenset({b"data", b"VP8 ", b"VP8L", b"ALPH", b"ANMF", b"fmt ", b"idx1", b"ICCP"})
_RIFF_LISTS = (b"movi",)
_SMALL = 1 << 24

_Block = tuple[int, int]
"""Where metadata could be: position and length."""


def may_carry(media: Media, kind: Format) -> bool:
    """Whether an asset could carry credentials, or the address of some."""
    if kind.media_type in _ALWAYS:
        with media.open() as stream:
            return not bare_jxl(stream)
    if media.data is not None:
        return _searched(io.BytesIO(media.data), len(media.data), kind)
    assert media.path is not None
    size = media.path.stat().st_size
    with media.path.open("rb") as stream:
        return size > 0 and _searched(stream, size, kind)


def _searched(stream: IO[bytes], size: int, kind: Format) -> bool:
    walk = _WALKS.get(kind.carrier)
    if walk is None or size < 1 << 16:
        return _whole(stream)
    try:
        blocks = list(walk(stream, size))
    except (struct.error, ValueError):
        return True
    return any(_block(stream, *block) for block in blocks)


def _block(stream: IO[bytes], at: int, length: int) -> bool:
    if length > _SMALL:
        return True  # more than any metadata should be: look closely
    stream.seek(at)
    data = stream.read(length)
    return any(needle in data for needle in _NEEDLES)


def _whole(stream: IO[bytes]) -> bool:
    if isinstance(stream, io.BytesIO):
        with stream.getbuffer() as view:
            data = bytes(view)
        return any(needle in data for needle in _NEEDLES)
    with contextlib.closing(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)) as view:
        return any(view.find(needle) >= 0 for needle in _NEEDLES)


def _boxes(stream: IO[bytes], size: int) -> Iterator[_Block]:
    """Top-level boxes of ISO media, without those that hold the media itself."""
    at = 0
    while at < size:
        stream.seek(at)
        length, name = struct.unpack(">I4s", stream.read(8))
        if length == 1:
            (length,) = struct.unpack(">Q", stream.read(8))
        elif length == 0:
            length = size - at
        if length < 8 or at + length > size:
            raise ValueError
        if name not in _MEDIA_BOXES:
            yield at, length
        at += length


def _png(stream: IO[bytes], size: int) -> Iterator[_Block]:
    at = 8
    while at < size:
        stream.seek(at)
        length, name = struct.unpack(">I4s", stream.read(8))
        if at + 12 + length > size:
            raise ValueError
        if name not in _PNG_PIXELS:
            yield at, 12 + length
        at += 12 + length


def _riff(stream: IO[bytes], size: int) -> Iterator[_Block]:
    at = 12
    while at + 8 <= size:
        stream.seek(at)
        name, length, form = struct.unpack("<4sI4s", stream.read(12).ljust(12))
        if at + 8 + length > size:
            raise ValueError
        if name not in _RIFF_MEDIA and not (name == b"LIST" and form in _RIFF_LISTS):
            yield at, 8 + length
        at += 8 + length + length % 2


def _jpeg(stream: IO[bytes], size: int) -> Iterator[_Block]:
    """Segments up to the first scan, and what follows the first picture."""
    at = 2
    while at + 4 <= size:
        stream.seek(at)
        marker, length = struct.unpack(">2sH", stream.read(4))
        if marker[0] != 0xFF or length < 2:
            raise ValueError
        if marker[1] == 0xDA:
            return
        yield at, 2 + length
        at += 2 + length
    raise ValueError


_WALKS = {"bmff": _boxes, "png": _png, "riff": _riff, "jpeg": _jpeg}
