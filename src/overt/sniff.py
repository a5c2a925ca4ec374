"""What a file is, told from its first bytes and never from what somebody says it is.

`media_type_of` knows the formats that overt handles, by their signatures. It does not decode
anything: `overt.disclosure.examine` does. A name is looked at only to tell apart kinds of plain
text, which carry no signature.

Source of the signatures: the format specifications (ISO BMFF brands: ISO/IEC 14496-12 and the MP4
registration authority; EBML DocType: RFC 8794; RIFF and AIFF forms; RFC 3533 for Ogg).
"""

from __future__ import annotations

from pathlib import Path

HEAD_BYTES = 4096
"""How much of a file `media_type_of` wants to see."""

_ALIASES = {
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/apng": "image/png",
    "image/vnd.mozilla.apng": "image/png",
    "image/heif": "image/heic",
    "image/x-tiff": "image/tiff",
    "audio/x-wav": "audio/wav",
    "audio/wave": "audio/wav",
    "audio/vnd.wave": "audio/wav",
    "audio/mp3": "audio/mpeg",
    "audio/x-mp3": "audio/mpeg",
    "audio/x-flac": "audio/flac",
    "audio/opus": "audio/ogg",
    "audio/vorbis": "audio/ogg",
    "audio/x-m4a": "audio/mp4",
    "audio/m4a": "audio/mp4",
    "audio/x-aiff": "audio/aiff",
    "audio/x-aac": "audio/aac",
    "video/x-m4v": "video/mp4",
    "video/mkv": "video/x-matroska",
    "video/avi": "video/x-msvideo",
    "video/vnd.avi": "video/x-msvideo",
    "text/x-markdown": "text/markdown",
    "text/srt": "application/x-subrip",
    "application/xhtml+xml": "text/html",
}

_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"II+\x00", "image/tiff"),
    (b"MM\x00+", "image/tiff"),
    (b"\xff\x0a", "image/jxl"),
    (b"\x00\x00\x00\x0cJXL \r\n\x87\n", "image/jxl"),
    (b"%PDF-", "application/pdf"),
    (b"fLaC", "audio/flac"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
)

_FORMS = {
    (b"RIFF", b"WAVE"): "audio/wav",
    (b"RF64", b"WAVE"): "audio/wav",
    (b"BW64", b"WAVE"): "audio/wav",
    (b"RIFF", b"WEBP"): "image/webp",
    (b"RIFF", b"AVI "): "video/x-msvideo",
    (b"FORM", b"AIFF"): "audio/aiff",
    (b"FORM", b"AIFC"): "audio/aiff",
}

_BRANDS = {
    b"avif": "image/avif",
    b"avis": "image/avif",
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"heim": "image/heic",
    b"heis": "image/heic",
    b"hevc": "image/heic",
    b"hevx": "image/heic",
    b"M4A ": "audio/mp4",
    b"M4B ": "audio/mp4",
    b"qt  ": "video/quicktime",
}

_TEXT_SUFFIXES = {
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".html": "text/html",
    ".htm": "text/html",
    ".vtt": "text/vtt",
    ".srt": "application/x-subrip",
    ".svg": "image/svg+xml",
}

SUFFIXES = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "image/gif": ".gif",
    "image/tiff": ".tif",
    "image/avif": ".avif",
    "image/heic": ".heic",
    "image/jxl": ".jxl",
    "image/svg+xml": ".svg",
    "application/pdf": ".pdf",
    "audio/wav": ".wav",
    "audio/mpeg": ".mp3",
    "audio/flac": ".flac",
    "audio/ogg": ".ogg",
    "audio/mp4": ".m4a",
    "audio/aac": ".aac",
    "audio/aiff": ".aiff",
    "video/mp4": ".mp4",
    "video/quicktime": ".mov",
    "video/webm": ".webm",
    "video/x-matroska": ".mkv",
    "video/x-msvideo": ".avi",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "text/html": ".html",
    "text/vtt": ".vtt",
    "application/x-subrip": ".srt",
}
"""File name ending of each canonical media type, dot included."""


def canonical(media_type: str) -> str:
    """The one name overt uses for a media type: `audio/x-wav` is `audio/wav`.

    Parameters after a semicolon are dropped and letters are lowered. A type that overt does not
    know comes back unchanged.
    """
    plain = media_type.partition(";")[0].strip().lower()
    return _ALIASES.get(plain, plain)


def agrees(declared: str, found: str) -> bool:
    """Whether a file found to be `found` may be handed over as `declared`.

    Plain text has no signature, so every kind of text passes as `text/plain` or `text/markdown`;
    Matroska and WebM are told apart by their DocType; MP4 with sound only may be declared as
    either audio or video, which `examine` settles by its streams.
    """
    want, have = canonical(declared), canonical(found)
    if want == have:
        return True
    if want in {"text/plain", "text/markdown"}:
        return have.startswith("text/") or have == "application/x-subrip"
    return {want, have} == {"audio/mp4", "video/mp4"}


def media_type_of(head: bytes, path: Path | None = None) -> str | None:
    """Media type of a file, by its first bytes.

    Args:
        head: The first bytes, `HEAD_BYTES` of them where the file is that long.
        path: Name of the file; used only to tell kinds of plain text apart.

    Returns:
        A canonical media type, or none when the bytes are nothing that overt handles.
    """
    for start, media_type in _STARTS:
        if head.startswith(start):
            return media_type
    form = _FORMS.get((head[:4], head[8:12]))
    if form is not None:
        return form
    if head.startswith(b"\x1aE\xdf\xa3"):
        return _ebml(head)
    if head[4:8] == b"ftyp":
        return _iso_media(head)
    if head[4:8] in (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot") and len(head) > 8:
        return "video/quicktime"
    if len(head) > 2 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:
        return _mpeg_audio(head)
    return _text(head, path)


def _ebml(head: bytes) -> str | None:
    """WebM or Matroska, by the DocType element (id 0x4282) of the EBML header."""
    at = head.find(b"\x42\x82", 0, 256)
    if at < 0 or at + 3 > len(head):
        return None
    length = head[at + 2] & 0x7F
    doctype = head[at + 3 : at + 3 + length].rstrip(b"\x00")
    return {b"webm": "video/webm", b"matroska": "video/x-matroska"}.get(doctype)


def _iso_media(head: bytes) -> str:
    """The kind of an ISO base media file: its major brand, else a telling compatible one."""
    size = int.from_bytes(head[:4], "big")
    brands = [head[8:12]]
    if head[8:12] in (b"mif1", b"msf1", b"miaf"):  # a picture; which codec, the others tell
        brands += [head[at : at + 4] for at in range(16, min(size, len(head)), 4)]
    for brand in brands:
        if brand in _BRANDS:
            return _BRANDS[brand]
    return "image/heic" if head[8:12] in (b"mif1", b"msf1") else "video/mp4"


def _mpeg_audio(head: bytes) -> str | None:
    """MP3 or ADTS AAC: the layer bits of the first frame are 01 (layer III) or 00 (ADTS)."""
    layer = (head[1] >> 1) & 3
    if layer == 0 and head[1] & 0xF0 == 0xF0:
        return "audio/aac"
    version, bitrate, rate = (head[1] >> 3) & 3, head[2] >> 4, (head[2] >> 2) & 3
    valid = layer == 1 and version != 1 and bitrate not in (0, 15) and rate != 3
    return "audio/mpeg" if valid else None


def _text(head: bytes, path: Path | None) -> str | None:
    """A kind of text, or none where the bytes are not UTF-8 text."""
    if not head:
        return None
    text = _decoded(head)
    if text is None:
        return None
    start = text.lstrip("\ufeff \t\r\n")[:1024].lower()
    if start.startswith("webvtt"):
        return "text/vtt"
    if start.startswith("<svg") or (
        start.startswith(("<?xml", "<!--", "<!doctype svg")) and "<svg" in text.lower()
    ):
        return "image/svg+xml"
    if start.startswith(("<!doctype html", "<html")):
        return "text/html"
    if start[:1].isdigit() and _is_subrip(start):
        return "application/x-subrip"
    suffix = path.suffix.lower() if path is not None else ""
    return _TEXT_SUFFIXES.get(suffix, "text/plain")


def _decoded(head: bytes) -> str | None:
    """`head` as text; a character cut at its end is forgiven, a control character is not."""
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        if len(head) < HEAD_BYTES or error.start < len(head) - 4:
            return None
        text = head[: error.start].decode("utf-8")
    if any(ord(letter) < 32 and letter not in "\t\n\r\f\x1b" for letter in text):
        return None
    return text


def _is_subrip(start: str) -> bool:
    """Whether the second line is a SubRip time span."""
    lines = start.splitlines()
    return len(lines) > 1 and lines[0].strip().isdigit() and "-->" in lines[1]
