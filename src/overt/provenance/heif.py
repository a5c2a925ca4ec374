"""Puts an XMP item into HEIC and AVIF, whose metadata are items of a `meta` box.

The item's bytes go to the end of the last box, which has to be the `mdat` of the picture, and are
pointed to by file offset: readers know no other way, and the signer moves such offsets along when
it puts the manifest in front. Whatever the file has that
this writer does not know makes it give up, never guess.

Source: ISO/IEC 14496-12, boxes `iinf`, `infe`, `iloc`, `iref`, `pitm`; ISO/IEC 23008-12 for `mime`
items and `cdsc` references.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import IO

from overt.provenance.splice import Edit

_META_LIMIT = 1 << 22
_INFE_MIME = b"mime"
_CONTENT_TYPE = b"application/rdf+xml\x00"


class _UnknownLayoutError(Exception):
    """The file has something that this writer does not know."""


@dataclass(frozen=True, slots=True)
class _Box:
    kind: bytes
    at: int
    body: bytes
    """Without the header."""


@dataclass(frozen=True, slots=True)
class _Item:
    id: int
    method: int
    reference: int
    base: int
    extents: tuple[tuple[int, int, int], ...]
    """Index, offset, length."""


@dataclass(frozen=True, slots=True)
class _Locations:
    version: int
    offset_size: int
    length_size: int
    base_size: int
    index_size: int
    items: tuple[_Item, ...]


def item_edits(stream: IO[bytes], size: int, xmp: bytes) -> Iterator[Edit] | None:
    """Edits that add `xmp` as an item; none when the layout is not known here.

    An empty iterator means that the file has an XMP item already.
    """
    try:
        return iter(_edits(stream, size, xmp))
    except (_UnknownLayoutError, struct.error, IndexError, KeyError):
        return None


def _edits(stream: IO[bytes], size: int, xmp: bytes) -> list[Edit]:
    start, length, data = _find_meta(stream, size)
    stream.seek(start)
    meta = stream.read(length)
    children = {box.kind: box for box in _boxes(meta, 12)}
    info, location = children[b"iinf"], children[b"iloc"]
    if _CONTENT_TYPE in info.body:
        return []
    places = _parse_locations(location.body)
    primary = _primary(children[b"pitm"].body)
    number = max(item.id for item in places.items) + 1
    if number > 0xFFFF:
        raise _UnknownLayoutError
    new_info = _with_info(info.body, number)
    references = children.get(b"iref")
    new_references = _with_reference(references.body if references else None, number, primary)
    growth = len(new_info) - len(info.body) - 8
    growth += len(new_references) - (len(references.body) + 8 if references else 0)
    new_location, more = _with_location(places, number, size, start + length, growth, len(xmp))
    growth += more - len(location.body)
    # The location box does not change in size with the numbers in it, so one more round is exact.
    new_location, _ = _with_location(places, number, size, start + length, growth, len(xmp))
    edits = [
        Edit(start, 4, struct.pack(">I", length + growth)),
        Edit(start + info.at, len(info.body) + 8, new_info),
        Edit(start + location.at, len(location.body) + 8, new_location),
    ]
    if references is None:
        edits.append(Edit(start + length, 0, new_references))
    else:
        edits.append(Edit(start + references.at, len(references.body) + 8, new_references))
    edits.append(Edit(data, 4, struct.pack(">I", size - data + len(xmp))))
    edits.append(Edit(size, 0, xmp))
    return sorted(edits, key=lambda edit: edit.at)


def _find_meta(stream: IO[bytes], size: int) -> tuple[int, int, int]:
    """Where `meta` is, how long it is, and where the `mdat` at the end begins."""
    at, last = 0, (b"", 0)
    found: tuple[int, int] | None = None
    while at + 8 <= size:
        stream.seek(at)
        length, kind = struct.unpack(">I4s", stream.read(8))
        if length < 8 or at + length > size:  # large, open-ended or broken: nothing may follow
            raise _UnknownLayoutError
        if kind == b"meta":
            if found is not None or length > _META_LIMIT:
                raise _UnknownLayoutError
            found = at, length
        last = kind, at
        at += length
    if found is None or at != size or last[0] != b"mdat" or last[1] < found[0]:
        raise _UnknownLayoutError
    return *found, last[1]


def _boxes(data: bytes, at: int) -> Iterator[_Box]:
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        if length < 8 or at + length > len(data):
            raise _UnknownLayoutError
        yield _Box(kind, at, data[at + 8 : at + length])
        at += length


def _box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", 8 + len(body)) + kind + body


def _primary(body: bytes) -> int:
    return int.from_bytes(body[4:6] if body[0] == 0 else body[4:8], "big")


def _with_info(body: bytes, number: int) -> bytes:
    """`iinf` with one more entry (`infe` version 2)."""
    width = 2 if body[0] == 0 else 4
    count = int.from_bytes(body[4 : 4 + width], "big") + 1
    entry = b"\x02\x00\x00\x01" + struct.pack(">HH", number, 0)  # flag 1: not for display
    entry += _INFE_MIME + b"XMP\x00" + _CONTENT_TYPE
    more = body[:4] + count.to_bytes(width, "big") + body[4 + width :]
    return _box(b"iinf", more + _box(b"infe", entry))


def _with_reference(body: bytes | None, number: int, primary: int) -> bytes:
    """`iref` that says: this item describes the primary one."""
    if body is None:
        body = b"\x00\x00\x00\x00"
    fields = ">HHH" if body[0] == 0 else ">IHI"
    return _box(b"iref", body + _box(b"cdsc", struct.pack(fields, number, 1, primary)))


def _parse_locations(body: bytes) -> _Locations:
    version = body[0]
    if version > 2:
        raise _UnknownLayoutError
    sizes = body[4], body[5]
    offset_size, length_size = sizes[0] >> 4, sizes[0] & 15
    base_size, index_size = sizes[1] >> 4, (sizes[1] & 15 if version else 0)
    if offset_size not in (4, 8) or length_size not in (4, 8):
        raise _UnknownLayoutError
    at = 6
    wide = 4 if version == 2 else 2

    def number(width: int) -> int:
        nonlocal at
        if at + width > len(body):
            raise _UnknownLayoutError
        at += width
        return int.from_bytes(body[at - width : at], "big")

    items = []
    for _ in range(number(wide)):
        id_ = number(wide)
        method = number(2) if version else 0
        reference, base = number(2), number(base_size)
        extents = tuple(
            (number(index_size), number(offset_size), number(length_size)) for _ in range(number(2))
        )
        items.append(_Item(id_, method, reference, base, extents))
    return _Locations(version, offset_size, length_size, base_size, index_size, tuple(items))


def _with_location(
    places: _Locations, number: int, size: int, end: int, growth: int, length: int
) -> tuple[bytes, int]:
    """`iloc` with one more item and every offset behind `end` moved; and the length of its body."""
    items = [_moved(item, end, growth) for item in places.items]
    items.append(_Item(number, 0, 0, 0, ((0, size + growth, length),)))
    if places.base_size:
        items = [_based(item) for item in items]
    wide = 4 if places.version == 2 else 2
    body = bytearray([places.version, 0, 0, 0])
    body += bytes([places.offset_size << 4 | places.length_size])
    body += bytes([places.base_size << 4 | places.index_size])
    body += len(items).to_bytes(wide, "big")
    for item in items:
        body += item.id.to_bytes(wide, "big")
        if places.version:
            body += item.method.to_bytes(2, "big")
        body += item.reference.to_bytes(2, "big") + item.base.to_bytes(places.base_size, "big")
        body += len(item.extents).to_bytes(2, "big")
        for index, offset, extent in item.extents:
            body += index.to_bytes(places.index_size, "big")
            body += offset.to_bytes(places.offset_size, "big")
            body += extent.to_bytes(places.length_size, "big")
    return _box(b"iloc", bytes(body)), len(body)


def _moved(item: _Item, end: int, growth: int) -> _Item:
    if item.method & 15 or item.reference:
        return item  # not counted from the start of this file
    if item.base >= end:
        return replace(item, base=item.base + growth)
    if item.base:
        raise _UnknownLayoutError
    if any(offset < end for _, offset, _ in item.extents):
        raise _UnknownLayoutError
    extents = tuple((i, offset + growth, length) for i, offset, length in item.extents)
    return replace(item, extents=extents)


def _based(item: _Item) -> _Item:
    """The same place, told by the item's base: where there is one, the signer moves only that."""
    if item.method & 15 or item.reference or item.base or not item.extents:
        return item
    base = min(offset for _, offset, _ in item.extents)
    extents = tuple((i, offset - base, length) for i, offset, length in item.extents)
    return replace(item, base=base, extents=extents)
