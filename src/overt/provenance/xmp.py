"""XMP: the metadata that simple readers and platforms look at beside the manifest.

`packet` makes a packet with the IPTC digital source type and, where asked, China's label.
`edits_for` says where it goes in a file, for `overt.provenance.splice`. It is written before
signing, because any change after it breaks the signature. A packet that is in the file already is
kept and gets our description added.

Carriers: JPEG APP1, PNG iTXt, WebP and RIFF chunks, GIF application block, an item in HEIC and AVIF
(`overt.provenance.heif`), a top-level `uuid` box in other ISO media, `xml ` box in JPEG XL,
`metadata` in SVG; TIFF and MP3 in `overt.provenance.containers`, PDF in `overt.provenance.pdf`.
FLAC has no common place for it.

Sources: Adobe XMP specification, part 3; IPTC photo metadata standard; GB 45438-2025 and the TC260
practice guide on metadata (namespace and field names).
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO
from xml.sax.saxutils import escape

from overt.provenance import containers
from overt.provenance.actions import DigitalSourceType
from overt.provenance.formats import format_of
from overt.provenance.heif import item_edits
from overt.provenance.pdf import pdf
from overt.provenance.splice import Edit

_JPEG_ID = b"http://ns.adobe.com/xap/1.0/\x00"
_PNG_KEY = b"XML:com.adobe.xmp"
_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_GIF_ID = b"\x21\xff\x0bXMP DataXMP"
_GIF_TRAILER = b"\x01" + bytes(range(255, -1, -1)) + b"\x00"
_IPTC = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
_TC260 = "http://www.tc260.org.cn/ns/AIGC/1.0/"
_SCAN = 1 << 20
_JPEG_SEGMENT = 65_533


@dataclass(frozen=True, slots=True, kw_only=True)
class ChinaLabel:
    """China's implicit label (GB 45438-2025): who made it and under which number."""

    producer: str
    produce_id: str = ""
    """When empty, the signer puts in the id of the decision, which is new for every run."""
    label: str = "1"
    """`1` is generated, `2` possibly, `3` suspected."""
    propagator: str = ""
    propagate_id: str = ""

    def to_json(self) -> str:
        """The value of the `AIGC` field."""
        fields: Mapping[str, str] = {
            "Label": self.label,
            "ContentProducer": self.producer,
            "ProduceID": self.produce_id,
            "ReservedCode1": "",
            "ContentPropagator": self.propagator,
            "PropagateID": self.propagate_id,
            "ReservedCode2": "",
        }
        return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


def packet(source: DigitalSourceType | str, *, china: ChinaLabel | None = None) -> bytes:
    """An XMP packet.

    Args:
        source: The digital source type; its bare word or its address.
        china: Adds the field that China asks for.

    Raises:
        ValueError: `source` is not a source type that overt knows.
    """
    known = DigitalSourceType.from_uri(str(source))
    if known is None:
        raise ValueError("unknown digital source type")
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'{_description(known, china)}</rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode()


def _description(source: DigitalSourceType, china: ChinaLabel | None) -> str:
    text = (
        f'<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="{_IPTC}">'
        f"<Iptc4xmpExt:DigitalSourceType>{source.uri}</Iptc4xmpExt:DigitalSourceType>"
        "</rdf:Description>"
    )
    if china is not None:
        text += (
            f'<rdf:Description rdf:about="" xmlns:TC260="{_TC260}">'
            f"<TC260:AIGC>{escape(china.to_json())}</TC260:AIGC></rdf:Description>"
        )
    return text


def edits_for(stream: IO[bytes], media_type: str, xmp: bytes) -> list[Edit]:
    """What has to change in a file so that it carries `xmp`.

    Returns:
        Edits for `Spliced`; none where the format has no writer here, where the file already
        states a digital source type, or where its structure is not what this writer knows (the
        signer will then say so).
    """
    kind = format_of(media_type)
    if kind is None or kind.carrier == "none":
        return []
    size = stream.seek(0, 2)
    stream.seek(0)
    try:
        edits = list(_WRITERS[kind.carrier](stream, size, xmp))
    except (struct.error, IndexError):
        return []
    # A file cut short can point behind its own end.
    return edits if all(edit.at + edit.remove <= size for edit in edits) else []


def _read(stream: IO[bytes], at: int, length: int) -> bytes:
    stream.seek(at)
    return stream.read(length)


def _merged(old: bytes, new: bytes) -> bytes | None:
    """`old` with our descriptions; none when it says its source type already or cannot take one."""
    if b"DigitalSourceType" in old or old.count(b"</rdf:RDF>") != 1:
        return None
    start = new.index(b"<rdf:Description")
    descriptions = new[start : new.index(b"</rdf:RDF>")]
    return old.replace(b"</rdf:RDF>", descriptions + b"</rdf:RDF>")


def _jpeg(stream: IO[bytes], size: int, xmp: bytes) -> Iterator[Edit]:
    at, after = 2, 2
    while at + 4 <= size:
        marker, length = struct.unpack(">2sH", _read(stream, at, 4))
        if marker[0] != 0xFF or marker[1] in (0xDA, 0xD9):
            break
        if marker[1] == 0xE0:
            after = at + 2 + length
        if marker[1] == 0xE1 and _read(stream, at + 4, len(_JPEG_ID)) == _JPEG_ID:
            old = _read(stream, at + 4 + len(_JPEG_ID), length - 2 - len(_JPEG_ID))
            merged = _merged(old, xmp)
            if merged is not None and len(merged) + len(_JPEG_ID) <= _JPEG_SEGMENT:
                yield Edit(at, 2 + length, _jpeg_segment(merged))
            return
        at += 2 + length
    yield Edit(after, 0, _jpeg_segment(xmp))


def _jpeg_segment(xmp: bytes) -> bytes:
    return b"\xff\xe1" + struct.pack(">H", 2 + len(_JPEG_ID) + len(xmp)) + _JPEG_ID + xmp


def _png(stream: IO[bytes], size: int, xmp: bytes) -> Iterator[Edit]:
    at = 8
    while at + 12 <= size:
        length, kind = struct.unpack(">I4s", _read(stream, at, 8))
        if kind == b"IDAT":
            break
        if kind == b"iTXt":
            body = _read(stream, at + 8, length)
            if body.startswith(_PNG_KEY + b"\x00"):
                head = len(_PNG_KEY) + 5  # terminator, two flags, empty language and keyword
                merged = _merged(body[head:], xmp) if body[len(_PNG_KEY) + 1] == 0 else None
                if merged is not None:
                    yield Edit(at, 12 + length, _png_chunk(merged))
                return
        at += 12 + length
    yield Edit(33, 0, _png_chunk(xmp))


def _png_chunk(xmp: bytes) -> bytes:
    body = b"iTXt" + _PNG_KEY + b"\x00\x00\x00\x00\x00" + xmp
    return struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))


def _chunk(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + b"\x00" * (len(body) % 2)


def _riff(stream: IO[bytes], size: int, xmp: bytes) -> Iterator[Edit]:
    magic, length, form = struct.unpack("<4sI4s", _read(stream, 0, 12))
    end = 8 + length + length % 2
    name = b"XMP " if form == b"WEBP" else b"_PMX"
    # RF64 keeps its true size elsewhere; a file with anything behind its form is left alone.
    if magic != b"RIFF" or end != size or any(k == name for k, _, _ in _chunks(stream, 12, size)):
        return
    extra = _chunk(name, xmp)
    grown = len(extra) + length % 2
    header: list[Edit] = []
    if form == b"WEBP":
        edit = _webp_header(stream)
        if edit is None:
            return
        header = [edit]
        grown += len(edit.insert) - edit.remove
    if length + grown >= 1 << 32:
        return
    yield Edit(4, 4, struct.pack("<I", length + grown))
    yield from header
    yield Edit(size, 0, extra)


def _chunks(stream: IO[bytes], at: int, size: int) -> Iterator[tuple[bytes, int, int]]:
    while at + 8 <= size:
        kind, length = struct.unpack("<4sI", _read(stream, at, 8))
        yield kind, at + 8, length
        at += 8 + length + length % 2


def _webp_header(stream: IO[bytes]) -> Edit | None:
    """The change that makes a WebP file say that it has XMP."""
    kind = _read(stream, 12, 4)
    body = _read(stream, 20, 10)
    if kind == b"VP8X":
        return Edit(20, 1, bytes([body[0] | 0x04]))
    flags = 0x04
    if kind == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        width, height = bits & 0x3FFF, (bits >> 14) & 0x3FFF
        flags |= 0x10 if bits >> 28 & 1 else 0
    elif kind == b"VP8 ":
        width = (int.from_bytes(body[6:8], "little") & 0x3FFF) - 1
        height = (int.from_bytes(body[8:10], "little") & 0x3FFF) - 1
    else:
        return None
    canvas = width.to_bytes(3, "little") + height.to_bytes(3, "little")
    return Edit(12, 0, _chunk(b"VP8X", bytes([flags, 0, 0, 0]) + canvas))


def _gif(stream: IO[bytes], size: int, xmp: bytes) -> Iterator[Edit]:
    head = _read(stream, 0, 13)
    at = 13 + (3 << (head[10] & 7) + 1 if head[10] & 0x80 else 0)
    if _GIF_ID in _read(stream, 0, min(size, _SCAN)):
        return
    # Blocks of this kind exist from the 1989 version on; a file that says 1987 is brought up.
    if head[3:6] == b"87a":
        yield Edit(3, 3, b"89a")
    yield Edit(at, 0, _GIF_ID + xmp + _GIF_TRAILER)


def _bmff(stream: IO[bytes], size: int, xmp: bytes) -> Iterator[Edit]:
    at = 0
    jpeg_xl = _read(stream, 4, 4) == b"JXL "
    while at + 8 <= size:
        length, kind = struct.unpack(">I4s", _read(stream, at, 8))
        if length == 1:
            length = struct.unpack(">Q", _read(stream, at + 8, 8))[0]
        if length == 0:  # up to the end of the file: nothing can follow unless it is told its size
            if size - at >= 1 << 32:
                return
            yield Edit(at, 4, struct.pack(">I", size - at))
            break
        if length < 8 or at + length > size:
            return
        if kind == b"uuid" and _read(stream, at + 8, 16) == _UUID:
            merged = _merged(_read(stream, at + 24, length - 24), xmp)
            if merged is not None and at + length == size:  # elsewhere, offsets would move
                yield Edit(at, length, _uuid_box(merged))
            return
        if jpeg_xl and kind == b"xml ":
            return
        at += length
    body = struct.pack(">I", 8 + len(xmp)) + b"xml " + xmp if jpeg_xl else _uuid_box(xmp)
    yield Edit(size, 0, body)


def _uuid_box(xmp: bytes) -> bytes:
    return struct.pack(">I", 24 + len(xmp)) + b"uuid" + _UUID + xmp


def _svg(stream: IO[bytes], size: int, xmp: bytes) -> Iterator[Edit]:
    head = _read(stream, 0, min(size, _SCAN))
    start = head.find(b"<svg")
    if start < 0 or b"<x:xmpmeta" in head:
        return
    end = _tag_end(head, start)
    if end < 0 or head[end - 1 : end] == b"/":
        return
    meta = xmp[xmp.index(b"<x:xmpmeta") : xmp.index(b"</x:xmpmeta>")] + b"</x:xmpmeta>"
    yield Edit(end + 1, 0, b"<metadata>" + meta + b"</metadata>")


def _tag_end(text: bytes, start: int) -> int:
    """Where the tag that begins at `start` ends; a `>` inside quotes does not count."""
    quote = 0
    for at in range(start, len(text)):
        letter = text[at]
        if quote:
            quote = 0 if letter == quote else quote
        elif letter in b"\"'":
            quote = letter
        elif letter == ord(">"):
            return at
    return -1


def _heif(stream: IO[bytes], size: int, xmp: bytes) -> Iterator[Edit]:
    edits = item_edits(stream, size, xmp)
    return _bmff(stream, size, xmp) if edits is None else edits


def _tiff(stream: IO[bytes], size: int, xmp: bytes) -> Iterator[Edit]:
    return containers.tiff(stream, size, xmp, _merged)


def _mp3(stream: IO[bytes], size: int, xmp: bytes) -> Iterator[Edit]:
    return containers.mp3(stream, size, xmp, _merged)


def _pdf(stream: IO[bytes], size: int, xmp: bytes) -> Iterator[Edit]:
    return pdf(stream, size, xmp, _merged)


_WRITERS = {
    "jpeg": _jpeg,
    "png": _png,
    "riff": _riff,
    "gif": _gif,
    "bmff": _bmff,
    "heif": _heif,
    "xml": _svg,
    "tiff": _tiff,
    "id3": _mp3,
    "pdf": _pdf,
}
