"""Media types by signature, on real files where a library here can make them."""

import io
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from overt.sniff import SUFFIXES, agrees, canonical, media_type_of


def _picture(form: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(buffer, form)
    return buffer.getvalue()


def _sound(form: str, subtype: str | None = None) -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, np.zeros(4800, "float32"), 48000, format=form, subtype=subtype)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(_picture("JPEG"), "image/jpeg", id="jpeg"),
        pytest.param(_picture("PNG"), "image/png", id="png"),
        pytest.param(_picture("GIF"), "image/gif", id="gif"),
        pytest.param(_picture("WEBP"), "image/webp", id="webp"),
        pytest.param(_picture("TIFF"), "image/tiff", id="tiff"),
        pytest.param(_picture("AVIF"), "image/avif", id="avif"),
        pytest.param(_sound("WAV"), "audio/wav", id="wav"),
        pytest.param(_sound("RF64"), "audio/wav", id="rf64"),
        pytest.param(_sound("FLAC"), "audio/flac", id="flac"),
        pytest.param(_sound("OGG", "VORBIS"), "audio/ogg", id="vorbis"),
        pytest.param(_sound("OGG", "OPUS"), "audio/ogg", id="opus"),
        pytest.param(_sound("MP3"), "audio/mpeg", id="mp3-frames"),
        pytest.param(_sound("AIFF"), "audio/aiff", id="aiff"),
        pytest.param(b"ID3\x04\x00\x00" + bytes(40), "audio/mpeg", id="mp3-id3"),
        pytest.param(b"\xff\xf1\x50\x80\x02\x1f\xfc", "audio/aac", id="adts"),
        pytest.param(b"\xff\x0a" + bytes(20), "image/jxl", id="jxl-codestream"),
        pytest.param(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "image/heic", id="heic"),
        pytest.param(b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif", "image/avif", id="avif-mif1"),
        pytest.param(b"\0\0\0\x18ftypisom\0\0\2\0isomavc1", "video/mp4", id="mp4"),
        pytest.param(b"\0\0\0\x18ftypM4A \0\0\2\0M4A isom", "audio/mp4", id="m4a"),
        pytest.param(b"\0\0\0\x14ftypqt  \0\0\2\0qt  ", "video/quicktime", id="mov"),
        pytest.param(b"\0\0\0\x08wide\0\0\0\0mdat", "video/quicktime", id="mov-no-ftyp"),
        pytest.param(b"\x1aE\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm", "video/webm", id="webm"),
        pytest.param(b"\x1aE\xdf\xa3\xa3\x42\x82\x88matroska", "video/x-matroska", id="mkv"),
        pytest.param(b"RIFF\0\0\0\0AVI LIST", "video/x-msvideo", id="avi"),
        pytest.param(b"%PDF-1.7\n", "application/pdf", id="pdf"),
        pytest.param(b'<svg xmlns="http://www.w3.org/2000/svg"/>', "image/svg+xml", id="svg"),
        pytest.param(b'<?xml version="1.0"?>\n<svg/>', "image/svg+xml", id="svg-xml"),
        pytest.param(b"<!DOCTYPE html><p>x", "text/html", id="html"),
        pytest.param(b"\xef\xbb\xbfWEBVTT\n\n", "text/vtt", id="vtt-bom"),
        pytest.param(b"1\n00:00:00,000 --> 00:00:02,000\nhi\n", "application/x-subrip", id="srt"),
        pytest.param("یہ اردو ہے".encode(), "text/plain", id="urdu-text"),
    ],
)
def test_signature(data: bytes, expected: str) -> None:
    assert media_type_of(data[:4096]) == expected
    assert expected in SUFFIXES


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\x00\x01\x02\x03" * 9, id="binary"),
        pytest.param(b"\xff\xff\xff\xff", id="bad-mpeg-frame"),
        pytest.param(b"MZ\x90\x00" + bytes(60), id="program"),
        pytest.param(b"RIFF\0\0\0\0ACON", id="unknown-riff"),
        pytest.param(b"abc\xff\xfe def", id="not-utf8"),
        pytest.param(b"\x1aE\xdf\xa3\x42\x82\x84nope", id="unknown-doctype"),
    ],
)
def test_nothing_we_handle(data: bytes) -> None:
    assert media_type_of(data) is None


def test_text_cut_inside_a_character_is_text() -> None:
    whole = ("a" + "é" * 4000).encode()
    assert media_type_of(whole[:4096]) == "text/plain"


def test_name_only_tells_kinds_of_text() -> None:
    assert media_type_of(b"# Title", Path("a.md")) == "text/markdown"
    assert media_type_of(_picture("PNG"), Path("a.md")) == "image/png"


@pytest.mark.parametrize(
    ("declared", "found", "expected"),
    [
        ("audio/x-wav", "audio/wav", True),
        ("image/png; charset=x", "image/png", True),
        ("image/apng", "image/png", True),
        ("text/markdown", "text/html", True),
        ("audio/mp4", "video/mp4", True),
        ("image/png", "image/jpeg", False),
        ("video/mp4", "video/webm", False),
        ("text/html", "text/plain", False),
    ],
)
def test_agreement(declared: str, found: str, expected: bool) -> None:
    assert agrees(declared, found) is expected


def test_canonical_leaves_unknown_types_alone() -> None:
    assert canonical("Model/GLTF+json") == "model/gltf+json"
