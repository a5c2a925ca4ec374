"""JPEG XL: what is kept, what is refused, and that a bare codestream is signed like another."""

import io
import struct
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import media_samples as samples
import numpy as np
import pytest
from disclosure_media import disclosed, media, picture
from PIL import Image

from overt import Guard, verify
from overt.disclosure import examine
from overt.disclosure.ffmpeg import program
from overt.disclosure.jxl import as_png, has_jxl, header
from overt.errors import StageError
from overt.models import Media, Request

pytestmark = pytest.mark.skipif(not has_jxl(), reason="this ffmpeg has no JPEG XL")
PIXELS = 10_000_000
P3 = ["-vf", "setparams=color_primaries=smpte432:color_trc=iec61966-2-1"]


@cache
def jxl(form: str = "rgb24", *options: str, size: str = "640x480") -> bytes:
    """A bare codestream from ffmpeg's encoder."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.jxl"
        source = f"testsrc2=duration=1:size={size}:rate=10,format=rgb24"
        arguments = ["-f", "lavfi", "-i", source, "-pix_fmt", form, *options]
        command = [program(), "-v", "error", "-y", *arguments, "-frames:v", "1", str(out)]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, timeout=60)
        return out.read_bytes()


def headed(bits: str) -> bytes:
    """A codestream of 64 by 64 pixels that goes on with these bits, the first to be read first."""
    written = ("1 11100 100" + bits).replace(" ", "").ljust(400, "0")
    octets = (written[at : at + 8][::-1] for at in range(0, len(written), 8))
    return b"\xff\x0a" + bytes(int(each, 2) for each in octets)


def box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(body), kind) + body


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(as_png(data, PIXELS))).convert("RGBA")).astype(int)


def depth(data: bytes) -> int:
    return as_png(data, PIXELS)[24]


@pytest.mark.parametrize(
    ("form", "options"),
    [
        ("rgb24", ("-distance", "1")),
        ("rgb24", ("-distance", "0")),
        ("rgba", ("-distance", "0")),
        ("gray", ("-distance", "1")),
        ("rgb48le", ("-distance", "0")),
        ("rgb24", ("-distance", "1", *P3)),
    ],
    ids=["lossy", "lossless", "alpha", "grey", "16 bits", "P3"],
)
@pytest.mark.parametrize("contained", [False, True])
def test_the_label_is_on_it_and_the_rest_is_kept(form, options, contained):
    before = jxl(form, *options)
    before = samples.jxl_container(before) if contained else before
    made, shown, _, _ = disclosed(media(before, "image/jxl"))
    after = made.read()
    assert [one.mode for one in shown] == ["visible"]
    assert examine(made, declared="image/jxl").media_type == "image/jxl"
    assert depth(after) == depth(before)
    old, new = pixels(before), pixels(after)
    assert old.shape == new.shape
    left, top, right, bottom = shown[0].evidence["box"]
    assert np.abs(old - new)[top:bottom, left:right].mean() > 10
    change = np.abs(old - new)
    change[top:bottom, left:right] = 0
    assert change.max() == 0 if options[1] == "0" else change.mean() < 2
    assert header(after).lossy == header(before).lossy


@pytest.mark.parametrize("colour", [b"cICP", b"cHRM"])
def test_colour_is_kept(colour):
    made, _, _, _ = disclosed(media(jxl("rgb24", *P3), "image/jxl"))

    def said(data):
        png = as_png(data, PIXELS)
        at = png.index(colour)
        return png[at - 4 : at + 4 + int.from_bytes(png[at - 4 : at], "big")]

    assert said(made.read()) == said(jxl("rgb24", *P3))


def test_metadata_is_kept_upright_and_without_its_preview():
    exif = Image.Exif()
    exif[0x0110], exif[0x0112] = "Phone 9", 6
    tiff = exif.tobytes().removeprefix(b"Exif\0\0")
    data = samples.jxl_container(jxl())
    data += box(b"Exif", bytes(4) + tiff) + box(b"xml ", b"<x:xmpmeta>mine</x:xmpmeta>")
    made, _, _, _ = disclosed(media(data, "image/jxl"))
    after = made.read()
    kept = Image.Exif()
    start = after.index(b"Exif") + 8
    kept.load(after[start : start + len(tiff)])
    assert (kept[0x0110], kept[0x0112]) == ("Phone 9", 1)
    assert b"<x:xmpmeta>mine</x:xmpmeta>" in after


def test_a_codestream_in_pieces_is_read():
    bare = jxl()
    parts = box(b"jxlp", struct.pack(">I", 0) + bare[:100])
    parts += box(b"jxlp", struct.pack(">I", 0x80000001) + bare[100:])
    whole = samples.jxl_container(bare)[:32] + parts
    assert (pixels(whole) == pixels(bare)).all()
    assert header(whole).width == 640


@pytest.mark.parametrize(
    ("size", "wide", "high"), [("640x480", 640, 480), ("333x77", 333, 77), ("1600x900", 1600, 900)]
)
def test_the_header_tells_the_size(size, wide, high):
    found = header(jxl(size=size))
    assert (found.width, found.height) == (wide, high)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (lambda: headed("0 1 000 0 0 1"), "output.unsupported"),
        (lambda: headed("0 1 000 0 1"), "output.unsupported"),
        (lambda: headed("0 0 1 00 0000"), "output.unsupported"),
        (lambda: headed("0 0 0 11 111110 0 00 1"), "output.unsupported"),
        (lambda: jxl()[: len(jxl()) // 2], "output.corrupt"),
        (lambda: jxl()[:3], "output.truncated"),
        (lambda: samples.jxl_container(jxl())[:60], "output.truncated"),
        (lambda: b"\xff\x0a" + bytes(range(200)), "output."),
        (lambda: b"\xff\x0a" + b"\xfe" * 300, "output."),
    ],
    ids=["moving", "preview", "float", "32 bits", "half", "stub", "cut", "noise", "huge"],
)
def test_what_cannot_be_labelled_is_told(data, code):
    with pytest.raises(StageError) as raised:
        examine(media(data(), "image/jxl"), declared="image/jxl")
    assert raised.value.code.startswith(code)


def test_too_many_pixels_are_not_decoded():
    with pytest.raises(StageError) as raised:
        as_png(jxl(), 1000)
    assert raised.value.code == "output.too_large"


@pytest.mark.parametrize("contained", [False, True])
@pytest.mark.parametrize("extent", ["minor", "significant"])
def test_it_is_marked_like_any_other_picture(contained, extent, tmp_path):
    data = samples.jxl_container(jxl()) if contained else jxl()
    source, out = tmp_path / "in.jxl", tmp_path / "out.jxl"
    source.write_bytes(data)
    asset = Media(media_type="image/jxl", path=source)
    request = Request(
        prompt="", media_type="image/jxl", act="alter", extent=extent, inputs=(asset,)
    )
    with Guard.ephemeral() as guard:
        result = guard.mark(asset, request, destination=out)
        root = (guard._parts.config.folder / ".overt/identity/root.pem").read_bytes()
    assert result.sidecar is None
    assert source.read_bytes() == data
    seen = verify(out, trust=root, require_disclosure=extent == "significant")
    assert (seen.integrity, seen.trust, seen.passed) == ("valid", "trusted", True)
    assert [one.relationship for one in seen.ingredients] == ["parentOf"]
    said = samples.oracle(out.read_bytes(), "image/jxl", root)
    assert (said["integrity"], said["hard_binding"]) == ("valid", "match")
    if extent == "minor":
        assert (pixels(out.read_bytes()) == pixels(data)).all()


def test_a_small_picture_gets_a_strip():
    made, shown, _, _ = disclosed(media(jxl(size="120x90"), "image/jxl"))
    assert shown[0].evidence["strip"]
    assert pixels(made.read()).shape[0] > 90


def test_a_png_is_no_jxl():
    with pytest.raises(StageError):
        examine(media(picture(64, 64), "image/jxl"), declared="image/jxl")
