"""Where XMP goes in TIFF and MP3, for `overt.provenance.xmp`.

TIFF keeps it as tag 700 of the first directory: a copy of that directory with the tag is put at the
end of the file, so that nothing else moves. MP3 keeps it as a private frame of an ID3v2 tag.

Sources: TIFF 6.0; Adobe XMP specification, part 3 (tag 700, `PRIV` frame owned by `XMP`); ID3v2.3
and ID3v2.4.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import IO

from overt.provenance.splice import Edit

Merge = Callable[[bytes, bytes], bytes | None]

_XMP_TAG = 700
_BYTES = 1
_OWNER = b"XMP\x00"
_MAX_TAG = 1 << 28


def tiff(stream: IO[bytes], size: int, xmp: bytes, merge: Merge) -> Iterator[Edit]:
    """Edits for a classic TIFF; none for BigTIFF, or where the directory is not understood."""
    head = _read(stream, 0, 8)
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(head[:4])
    if order is None:
        return
    (at,) = struct.unpack(order + "I", head[4:])
    (count,) = struct.unpack(order + "H", _read(stream, at, 2))
    table = _read(stream, at + 2, 12 * count)
    following = _read(stream, at + 2 + 12 * count, 4)
    entries = [table[place : place + 12] for place in range(0, len(table), 12)]
    if len(entries) != count or len(following) != 4:
        return
    for entry in entries:
        tag, _, length, place = struct.unpack(order + "HHII", entry)
        if tag == _XMP_TAG:
            merged = merge(_read(stream, place, length), xmp)
            if merged is None:
                return
            xmp = merged
            entries.remove(entry)
            break
    start = size + size % 2
    directory = start + len(xmp) + len(xmp) % 2
    if directory + 6 + 12 * (len(entries) + 1) >= 1 << 32:
        return
    entries.append(struct.pack(order + "HHII", _XMP_TAG, _BYTES, len(xmp), start))
    entries.sort(key=lambda entry: struct.unpack(order + "H", entry[:2]))
    more = b"\x00" * (size % 2) + xmp + b"\x00" * (len(xmp) % 2)
    more += struct.pack(order + "H", len(entries)) + b"".join(entries) + following
    yield Edit(4, 4, struct.pack(order + "I", directory))
    yield Edit(size, 0, more)


def mp3(stream: IO[bytes], size: int, xmp: bytes, merge: Merge) -> Iterator[Edit]:
    """Edits for MP3: one more frame in its tag, or a tag of its own."""
    head = _read(stream, 0, 10)
    body = _OWNER + xmp
    if head[:3] != b"ID3":
        frame = b"PRIV" + _synchsafe(len(body)) + b"\x00\x00" + body
        yield Edit(0, 0, b"ID3\x04\x00\x00" + _synchsafe(len(frame)) + frame)
        return
    version, flags = head[3], head[5]
    length = 0
    for octet in head[6:10]:
        length = length << 7 | octet & 0x7F
    if version not in (3, 4) or flags or 10 + length > size:
        return  # an older tag, or one with an extended header, a footer or its bytes stuffed
    tag = _read(stream, 10, length)
    if b"PRIV" in tag and _OWNER in tag:
        return
    large = _synchsafe(len(body)) if version == 4 else struct.pack(">I", len(body))
    frame = b"PRIV" + large + b"\x00\x00" + body
    if length + len(frame) >= _MAX_TAG:
        return
    yield Edit(6, 4, _synchsafe(length + len(frame)))
    yield Edit(10, 0, frame)


def _synchsafe(number: int) -> bytes:
    """Four bytes of seven bits."""
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))


def _read(stream: IO[bytes], at: int, length: int) -> bytes:
    stream.seek(at)
    return stream.read(length)
