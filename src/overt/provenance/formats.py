"""Which formats carry a manifest inside, and which get a sidecar.

Source: measured with c2pa-python 0.38.1 and checked with a verifier that shares no code with it.
ZIP, EPUB and office documents are left out on purpose: the two disagree about their hashes.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from overt.sniff import HEAD_BYTES, canonical, media_type_of

Carrier = Literal["jpeg", "png", "riff", "gif", "bmff", "heif", "xml", "tiff", "id3", "pdf", "none"]


@dataclass(frozen=True, slots=True)
class Format:
    """How one media type is signed.

    Attributes:
        media_type: Canonical name.
        embeds: Whether the manifest goes into the file; if not, it goes beside it.
        carrier: Which of the writers of `overt.provenance.xmp` puts XMP into it.
    """

    media_type: str
    embeds: bool
    carrier: Carrier = "none"


_EMBEDDED: dict[str, Carrier] = {
    "image/jpeg": "jpeg",
    "image/png": "png",
    "image/webp": "riff",
    "image/gif": "gif",
    "image/tiff": "tiff",
    "image/avif": "heif",
    "image/heic": "heif",
    "image/jxl": "bmff",
    "image/svg+xml": "xml",
    "application/pdf": "pdf",
    "audio/wav": "riff",
    "audio/mpeg": "id3",
    "audio/flac": "none",
    "audio/mp4": "bmff",
    "video/mp4": "bmff",
    "video/quicktime": "bmff",
    "video/x-msvideo": "riff",
}

_BESIDE = (
    "audio/ogg",
    "audio/aac",
    "audio/aiff",
    "audio/webm",
    "video/ogg",
    "video/webm",
    "video/x-matroska",
    "text/plain",
    "text/markdown",
    "text/html",
    "text/vtt",
    "application/x-subrip",
)

FORMATS: dict[str, Format] = {
    **{name: Format(name, True, carrier) for name, carrier in _EMBEDDED.items()},
    **{name: Format(name, False) for name in _BESIDE},
}
"""Every format that overt signs, by canonical media type."""


def format_of(media_type: str) -> Format | None:
    """The format for a media type or one of its other names; none where overt signs none."""
    return FORMATS.get(canonical(media_type))


def first_box_digest(stream: IO[bytes]) -> str | None:
    """SHA-256 of the `ftyp` box of an ISO media file; none when it does not begin with one.

    The C2PA hash of such files leaves that box out, so a manifest of ours holds its digest.
    """
    stream.seek(0)
    head = stream.read(8)
    length = int.from_bytes(head[:4], "big")
    if head[4:] != b"ftyp" or not 8 <= length <= HEAD_BYTES:
        return None
    return hashlib.sha256(head + stream.read(length - 8)).hexdigest()


JXL_CONTAINER = bytes.fromhex("0000000c4a584c200d0a870a00000014667479706a786c20000000006a786c20")
"""What stands before the first box of a JPEG XL container (ISO/IEC 18181-2)."""


def bare_jxl(stream: IO[bytes]) -> bool:
    """Whether an open file is a JPEG XL codestream without the container that takes a manifest."""
    stream.seek(0)
    bare = stream.read(2) == b"\xff\x0a"
    stream.seek(0)
    return bare


def sniffed(stream: IO[bytes], path: Path | None = None) -> str | None:
    """Media type of an open file; leaves it at its start.

    The signer puts the manifest of a FLAC file into an ID3 tag in front of it, so what stands
    behind such a tag decides.
    """
    stream.seek(0)
    head = stream.read(HEAD_BYTES)
    if head.startswith(b"ID3") and len(head) >= 10:
        size = 0
        for octet in head[6:10]:  # seven bits each
            size = size << 7 | octet & 0x7F
        stream.seek(10 + size)
        if stream.read(4) == b"fLaC":
            stream.seek(0)
            return "audio/flac"
    stream.seek(0)
    return media_type_of(head, path)
