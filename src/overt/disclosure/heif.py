"""The container of HEIC pictures: what is read of one, and a plain one written anew.

Read are one coded picture or a grid of tiles (as phones write them), turns and mirrors, colour, and
the EXIF and XMP items. What is written has one picture, upright, with the same colour and metadata.
Previews, depth and gain maps are left out, for they would show or brighten the picture without its
label. Refuses transparency, overlays and sequences.

Source: ISO/IEC 23008-12 (HEIF), ISO/IEC 14496-12 (boxes), ISO/IEC 14496-15 (`hvcC`).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from overt.disclosure.facts import fail

_LIMIT = 4096
"""Tiles of a grid, at most: a 48-megapixel phone picture has 192."""


@dataclass(frozen=True, slots=True)
class Still:
    """A picture as it lies in a HEIC file.

    Attributes:
        config: Body of `hvcC`.
        tiles: Coded pictures, row by row, NAL units with their lengths before them.
        tile: Width and height of one tile.
        grid: Rows and columns.
        size: Width and height of the whole, before turning.
        turns: Quarter turns to the left.
        mirror: `0` for top and bottom exchanged, `1` for left and right; none without.
        colours: Bodies of the `colr` boxes.
        exif: EXIF beginning with its TIFF header.
        xmp: The packet.
    """

    config: bytes
    tiles: tuple[bytes, ...]
    tile: tuple[int, int]
    grid: tuple[int, int]
    size: tuple[int, int]
    turns: int = 0
    mirror: int | None = None
    colours: tuple[bytes, ...] = ()
    exif: bytes = b""
    xmp: bytes = b""

    @property
    def bits(self) -> int:
        """Bits of a sample."""
        return 8 + max(self.config[17] & 7, self.config[18] & 7)

    @property
    def chroma(self) -> int:
        """0 grey, 1 for 4:2:0, 2 for 4:2:2, 3 for 4:4:4."""
        return self.config[16] & 3


@dataclass(slots=True)
class _Meta:
    """The parts of a `meta` box that are needed."""

    primary: int = 0
    kinds: dict[int, bytes] = field(default_factory=dict)
    data: dict[int, bytes] = field(default_factory=dict)
    references: list[tuple[bytes, int, tuple[int, ...]]] = field(default_factory=list)
    properties: list[tuple[bytes, bytes]] = field(default_factory=list)
    owned: dict[int, list[int]] = field(default_factory=dict)

    def of(self, item: int) -> Mapping[bytes, list[bytes]]:
        """Properties of an item by kind, in order."""
        found: dict[bytes, list[bytes]] = {}
        for at in self.owned.get(item, ()):
            kind, body = self.properties[at - 1]
            found.setdefault(kind, []).append(body)
        return found

    def pointed(self, kind: bytes, item: int) -> tuple[int, ...]:
        """Items that `item` points to."""
        return next((to for k, at, to in self.references if (k, at) == (kind, item)), ())


def read_heif(data: bytes) -> Still:
    """Take a HEIC file apart.

    Raises:
        StageError: It is damaged, or of a kind that is not known here.
    """
    try:
        meta = _meta(data)
        return _still(meta)
    except (struct.error, IndexError, KeyError, ValueError):
        fail("corrupt", "the picture cannot be decoded", "its boxes are damaged")


def _still(meta: _Meta) -> Still:
    first = meta.primary
    kind, own = meta.kinds[first], meta.of(first)
    for link, at, to in meta.references:
        hidden = b"".join(meta.of(at).get(b"auxC", []))
        if link == b"auxl" and first in to and b"alpha" in hidden:
            fail("unsupported", "a HEIC with transparency cannot be labelled", "", "write a PNG")
    width, height = struct.unpack_from(">II", own[b"ispe"][0], 4)
    items: tuple[int, ...] = (first,)
    grid = (1, 1)
    if kind == b"grid":
        raw = meta.data[first]
        grid = (raw[2] + 1, raw[3] + 1)
        width, height = struct.unpack_from(">II" if raw[1] & 1 else ">HH", raw, 4)
        items = meta.pointed(b"dimg", first)
    if any(meta.kinds[one] != b"hvc1" for one in items):
        fail("unsupported", "this kind of HEIC cannot be labelled", "", "write a JPEG")
    if len(items) != grid[0] * grid[1] or len(items) > _LIMIT:
        raise ValueError("the grid does not add up")
    part = meta.of(items[0])
    if any(meta.of(one)[b"hvcC"] != part[b"hvcC"] for one in items):
        fail("unsupported", "a HEIC of unlike tiles cannot be labelled", "", "write a JPEG")
    turned, mirrored = own.get(b"irot"), own.get(b"imir")
    exif, xmp = _described(meta, b"Exif"), _described(meta, b"mime")
    return Still(
        config=part[b"hvcC"][0],
        tiles=tuple(meta.data[one] for one in items),
        tile=struct.unpack_from(">II", part[b"ispe"][0], 4),
        grid=grid,
        size=(width, height),
        turns=turned[0][0] & 3 if turned else 0,
        mirror=mirrored[0][0] & 1 if mirrored else None,
        colours=tuple(own.get(b"colr") or part.get(b"colr") or ()),
        exif=exif[4 + int.from_bytes(exif[:4], "big") :] if exif else b"",
        xmp=xmp,
    )


def _described(meta: _Meta, kind: bytes) -> bytes:
    """The item of this kind that describes the picture, or nothing."""
    for link, at, to in meta.references:
        right = kind != b"mime" or b"RDF" in meta.data.get(at, b"")
        if link == b"cdsc" and meta.primary in to and meta.kinds.get(at) == kind and right:
            return meta.data[at]
    return b""


# --- boxes -------------------------------------------------------------------------------------


def boxes(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind, begin and end of the body of each box.

    Raises:
        ValueError: A box is larger than what it lies in.
    """
    while start + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, start)
        head = 8
        if size == 1:
            (size,), head = struct.unpack_from(">Q", data, start + 8), 16
        size = size or end - start
        if size < head or start + size > end:
            raise ValueError("a box is too large")
        yield kind, start + head, start + size
        start += size


def _meta(data: bytes) -> _Meta:
    meta = _Meta()
    begin, end = next((b, e) for kind, b, e in boxes(data, 0, len(data)) if kind == b"meta")
    parts = {kind: data[b:e] for kind, b, e in boxes(data, begin + 4, end)}
    wide = parts[b"pitm"][0] > 0
    meta.primary = int.from_bytes(parts[b"pitm"][4 : 8 if wide else 6], "big")
    info = parts[b"iinf"]
    for kind, b, _ in boxes(info, 6 if info[0] == 0 else 8, len(info)):
        if kind == b"infe" and info[b] >= 2:
            size = 2 if info[b] == 2 else 4
            number = int.from_bytes(info[b + 4 : b + 4 + size], "big")
            meta.kinds[number] = info[b + 6 + size : b + 10 + size]
    _references(parts.get(b"iref", b""), meta)
    properties = parts[b"iprp"]
    for kind, b, e in boxes(properties, 0, len(properties)):
        if kind == b"ipco":
            meta.properties = [(k, properties[x:y]) for k, x, y in boxes(properties, b, e)]
        elif kind == b"ipma":
            _owners(properties[b:e], meta)
    _located(parts[b"iloc"], data, parts.get(b"idat", b""), meta)
    return meta


def _references(body: bytes, meta: _Meta) -> None:
    if not body:
        return
    form, size = (">H", 2) if body[0] == 0 else (">I", 4)
    for kind, b, _ in boxes(body, 4, len(body)):
        (source,), (count,) = (
            struct.unpack_from(form, body, b),
            struct.unpack_from(">H", body, b + size),
        )
        to = struct.unpack_from(f">{count}{form[1]}", body, b + size + 2)
        meta.references.append((kind, source, to))


def _owners(body: bytes, meta: _Meta) -> None:
    """Which properties belong to which item."""
    wide_item, wide_index = body[0] >= 1, body[3] & 1
    (count,), at = struct.unpack_from(">I", body, 4), 8
    for _ in range(count):
        (item,) = struct.unpack_from(">I" if wide_item else ">H", body, at)
        at += 4 if wide_item else 2
        many, at = body[at], at + 1
        size = 2 if wide_index else 1
        raw = [
            int.from_bytes(body[at + k * size : at + (k + 1) * size], "big") for k in range(many)
        ]
        meta.owned.setdefault(item, []).extend(
            one & (0x7FFF if wide_index else 0x7F) for one in raw
        )
        at += many * size


def _located(body: bytes, data: bytes, inline: bytes, meta: _Meta) -> None:
    """Fetch the bytes of every item."""
    version = body[0]
    sizes = (body[4] >> 4, body[4] & 15, body[5] >> 4, body[5] & 15 if version else 0)
    at = 6

    def number(size: int) -> int:
        nonlocal at
        value = int.from_bytes(body[at : at + size], "big")
        at += size
        return value

    for _ in range(number(2 if version < 2 else 4)):
        item = number(2 if version < 2 else 4)
        method = number(2) & 15 if version else 0
        number(2)
        base, pieces = number(sizes[2]), []
        for _ in range(number(2)):
            number(sizes[3])
            start, length = base + number(sizes[0]), number(sizes[1])
            source = inline if method == 1 else data
            if method > 1 or start + length > len(source):
                raise ValueError("an item lies outside the file")
            pieces.append(source[start : start + length if length else len(source)])
        meta.data[item] = b"".join(pieces)


# --- writing -----------------------------------------------------------------------------------


def write_heif(still: Still) -> bytes:
    """A file with one upright picture, the first tile of `still`, and its metadata."""
    items: list[tuple[bytes, bytes, bytes]] = [(b"hvc1", b"", still.tiles[0])]
    if still.exif:
        items.append((b"Exif", b"", b"\0\0\0\0" + still.exif))
    if still.xmp:
        items.append((b"mime", b"application/rdf+xml\0", still.xmp))
    size = struct.pack(">III", 0, *still.size)
    pixel = bytes([0, 0, 0, 0, 3]) + bytes([still.bits]) * 3
    properties = [_box(b"hvcC", still.config), _box(b"ispe", size), _box(b"pixi", pixel)]
    properties += [_box(b"colr", body) for body in still.colours]
    owned = bytes([0x80 | 1, *range(2, len(properties) + 1)])  # the codec's set-up is essential
    owners = struct.pack(">IIHB", 0, 1, 1, len(owned)) + owned
    brand = b"heic" if still.chroma == 1 else b"heix"
    head = _box(b"ftyp", brand + bytes(4) + b"mif1" + brand + b"miaf")
    middle = _box(b"iprp", _box(b"ipco", b"".join(properties)) + _box(b"ipma", owners))
    length = len(_described_items(items, middle, 0))
    meta = _described_items(items, middle, len(head) + length + 8)
    return head + meta + _box(b"mdat", b"".join(data for _, _, data in items))


def _described_items(
    items: Sequence[tuple[bytes, bytes, bytes]], properties: bytes, start: int
) -> bytes:
    """The `meta` box of items that lie one after the other from `start`."""
    information, places, links = b"", b"", b""
    for number, (kind, extra, data) in enumerate(items, 1):
        hidden = 0 if number == 1 else 1
        body = struct.pack(">BBBBHH", 2, 0, 0, hidden, number, 0) + kind + b"\0" + extra
        information += _box(b"infe", body)
        places += struct.pack(">HHHII", number, 0, 1, start, len(data))
        links += _box(b"cdsc", struct.pack(">HHH", number, 1, 1)) if number > 1 else b""
        start += len(data)
    handler = _box(b"hdlr", bytes(8) + b"pict" + bytes(13))
    return _box(
        b"meta",
        bytes(4)
        + handler
        + _box(b"pitm", struct.pack(">IH", 0, 1))
        + _box(b"iloc", struct.pack(">IBBH", 0, 0x44, 0, len(items)) + places)
        + _box(b"iinf", struct.pack(">IH", 0, len(items)) + information)
        + (_box(b"iref", bytes(4) + links) if links else b"")
        + properties,
    )


def _box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body) + 8, kind) + body
