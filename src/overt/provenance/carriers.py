"""Takes a manifest store out of a file as it stands there, byte for byte.

Some formats cut a store into pieces or spell it in letters. The signing library puts it together
again with a lenient eye; this does it with a strict one, so that the two can be compared. Formats
that hold a store in one piece need no code here: the store is looked for in the file.

Sources: ISO/IEC 19566-5 (APP11 segments of JPEG), C2PA specification, annex on embedding (GIF
application extension, `c2pa:manifest` in SVG); PNG chunk checksums.
"""

from __future__ import annotations

import base64
import binascii
import mmap
import re
import struct
import zlib

Bytes = bytes | mmap.mmap

_ISO_MEDIA = frozenset({"image/avif", "image/heic", "audio/mp4", "video/mp4", "video/quicktime"})
_UUID_HEAD = bytes.fromhex("d8fec3d61b0e483c92975828877ec481") + bytes(4) + b"manifest\0" + bytes(8)
"""The type of the box, version and flags, purpose, and the place of a Merkle tree: none."""
_GIF_MARK = b"\x21\xff\x0bC2PA_GIF"
_SVG = re.compile(rb"<c2pa:manifest[^>]*>([^<]*)</c2pa:manifest>")
_HEADER = 8
"""Length and type of a box, repeated in each JPEG segment."""


def holds(file: Bytes, media_type: str, store: bytes) -> bool:
    """Whether a file holds exactly this store, in the way of its format."""
    try:
        if media_type == "image/jpeg":
            return _jpeg(file) == store
        if media_type == "image/gif":
            return _gif(file) == store
        if media_type == "image/svg+xml":
            return _svg(file) == store
        at = file.find(store)
        if at < 0:
            return False
        if media_type == "image/png":
            return _png_chunk(file, at, len(store))
        return media_type not in _ISO_MEDIA or _uuid_box(file, at, len(store))
    except (struct.error, IndexError, binascii.Error):
        return False


def _jpeg(file: Bytes) -> bytes:
    """The pieces in the APP11 segments, which must be numbered and headed alike."""
    pieces: list[bytes] = []
    at, box, header = 2, b"", b""
    while at + 4 <= len(file):
        marker, length = struct.unpack(">2sH", file[at : at + 4])
        if marker[0] != 0xFF or marker == b"\xff\xda":
            break
        body = file[at + 4 : at + 2 + length]
        if marker == b"\xff\xeb" and body[:2] == b"JP":
            number = int.from_bytes(body[4:8], "big")
            if number != len(pieces) + 1 or (pieces and body[2:4] != box):
                return b""
            if not pieces:
                box, header = body[2:4], body[8 : 8 + _HEADER]
                pieces.append(body[8:])
            elif body[8 : 8 + _HEADER] != header:
                return b""
            else:
                pieces.append(body[8 + _HEADER :])
        at += 2 + length
    return b"".join(pieces)


def _gif(file: Bytes) -> bytes:
    """The sub-blocks of the application extension."""
    at = file.find(_GIF_MARK)
    if at < 0:
        return b""
    at += len(_GIF_MARK) + 3  # the authentication code
    pieces = []
    while length := file[at]:
        pieces.append(file[at + 1 : at + 1 + length])
        at += 1 + length
    return b"".join(pieces)


def _svg(file: Bytes) -> bytes:
    """What the letters spell, which must be the one way to spell it."""
    found = _SVG.findall(file)
    if len(found) != 1:
        return b""
    text = found[0].strip()
    data = base64.b64decode(text, validate=True)
    return data if base64.b64encode(data) == text else b""


def _png_chunk(file: Bytes, at: int, length: int) -> bool:
    """Whether a store is the whole of a `caBX` chunk whose checksum is right."""
    size, kind = struct.unpack(">I4s", file[at - 8 : at])
    (checksum,) = struct.unpack(">I", file[at + length : at + length + 4])
    body = file[at - 4 : at + length]
    return bool(size == length and kind == b"caBX" and checksum == zlib.crc32(body))


def _uuid_box(file: Bytes, at: int, length: int) -> bool:
    """Whether a store is the whole of a `uuid` box that is headed as it has to be."""
    start = at - len(_UUID_HEAD)
    size, kind = struct.unpack(">I4s", file[start - 8 : start])
    lawful = kind == b"uuid" and size == 8 + len(_UUID_HEAD) + length
    return bool(lawful and file[start:at] == _UUID_HEAD)
