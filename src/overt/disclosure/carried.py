"""Whether a finished picture is, but for its metadata, the one that was looked at.

Signing puts a manifest and a metadata packet into a file. A look at the file before that is as good
as one after it when everything else is the same, byte by byte: no decoder makes pixels of the
segments that may differ. So the look can be taken while the file is signed. Only formats where this
can be told by walking a few headers are in here; for others the finished file is decoded.

Sources: ITU-T T.81 annex B and T.871 (JPEG markers), ISO/IEC 19566-5 (JUMBF in APP11), the Adobe
XMP specification part 3 (APP1, iTXt), the PNG specification 5.3 and C2PA 2.1 annex A (caBX).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator

_XMP_IN_JPEG = b"http://ns.adobe.com/xap/1.0/\x00"
_XMP_IN_PNG = b"XML:com.adobe.xmp\x00"

Span = tuple[int, int]


def carries(finished: bytes, looked_at: bytes, media_type: str) -> bool:
    """Whether `finished` differs from `looked_at` in manifest and metadata packet only.

    Returns:
        False also where that cannot be told.
    """
    walk = _WALKS.get(media_type)
    if walk is None:
        return False
    try:
        return _kept(finished, walk) == _kept(looked_at, walk)
    except (struct.error, ValueError):
        return False


def tellable(media_type: str) -> bool:
    """Whether `carries` knows a format."""
    return media_type in _WALKS


def _kept(data: bytes, walk: Callable[[bytes], Iterator[Span]]) -> bytes:
    """The file without the segments that may differ."""
    pieces, at = [], 0
    for start, end in walk(data):
        pieces.append(data[at:start])
        at = end
    pieces.append(data[at:])
    return b"".join(pieces)


def _jpeg(data: bytes) -> Iterator[Span]:
    """Manifest segments (APP11, JUMBF) and XMP (APP1) before the first scan."""
    at = 2
    while True:
        mark, marker, length = struct.unpack_from(">BBH", data, at)
        if mark != 0xFF or length < 2:
            raise ValueError
        if marker == 0xDA:
            return
        end, body = at + 2 + length, at + 4
        known = {0xEB: b"JP", 0xE1: _XMP_IN_JPEG}.get(marker)
        if known is not None and data.startswith(known, body):
            yield at, end
        at = end


def _png(data: bytes) -> Iterator[Span]:
    """Manifest chunks (caBX) and XMP (iTXt) before the pixels."""
    at = 8
    while True:
        length, kind = struct.unpack_from(">I4s", data, at)
        if kind in (b"IDAT", b"IEND"):
            return
        end = at + 12 + length
        if kind == b"caBX" or (kind == b"iTXt" and data.startswith(_XMP_IN_PNG, at + 8)):
            yield at, end
        at = end


_WALKS: dict[str, Callable[[bytes], Iterator[Span]]] = {"image/jpeg": _jpeg, "image/png": _png}
