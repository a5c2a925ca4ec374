"""HEIC: what phones write, what is kept, what other tools read, and what is refused."""

import io
import shutil
import struct
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from disclosure_media import disclosed, media, picture, pixels
from PIL import Image, ImageCms

from overt.disclosure import examine
from overt.disclosure.exif import set_upright, without_preview
from overt.disclosure.ffmpeg import program
from overt.disclosure.heic import _encoded, has_heic, open_heic
from overt.disclosure.heif import Still, _box, read_heif, write_heif
from overt.errors import StageError

SAMPLE = Path(__file__).parents[2] / "data/provenance/sample.heic"
PIXELS = 10_000_000

pytestmark = pytest.mark.skipif(not has_heic(), reason="this ffmpeg has no HEVC encoder")


@cache
def profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def phone_like(turns: int = 0, bits: int = 8) -> tuple[bytes, Image.Image]:
    """Four tiles of a grid in an `idat`, a turn, a profile, EXIF and a preview; and as stored."""
    stored = Image.fromarray(pixels(24, 16, 3)).resize((480, 320), Image.Resampling.BICUBIC)
    coded = [
        _encoded(stored.crop((x, y, x + 256, y + 192)), "420") for y in (0, 192) for x in (0, 256)
    ]
    exif = Image.Exif()
    exif[0x0110], exif[0x0112] = "Phone 9", 6
    tiff = exif.tobytes().removeprefix(b"Exif\0\0")
    config = bytearray(coded[0][1])
    config[17] = config[18] = 0xF8 | (bits - 8)
    items = [(b"grid", b""), *((b"hvc1", one) for one, _ in coded)]
    items.append((b"Exif", b"\0\0\0\6Exif\0\0" + tiff))
    grid = struct.pack(">BBBBHH", 0, 0, 1, 1, 480, 320)
    properties = [
        _box(b"hvcC", bytes(config)), _box(b"ispe", struct.pack(">III", 0, 256, 192)),
        _box(b"ispe", struct.pack(">III", 0, 480, 320)), _box(b"irot", bytes([turns])),
        _box(b"colr", b"prof" + profile()),
    ]  # fmt: skip
    owners = struct.pack(">IIHB3s", 0, 5, 1, 3, bytes([3, 4, 5]))
    owners += b"".join(struct.pack(">HB2s", k, 2, bytes([0x81, 2])) for k in range(2, 6))
    info = b"".join(
        _box(b"infe", struct.pack(">BBBBHH", 2, 0, 0, 0, k, 0) + kind + b"\0")
        for k, (kind, _) in enumerate(items, 1)
    )
    links = _box(b"dimg", struct.pack(">HHHHHH", 1, 4, 2, 3, 4, 5))
    links += _box(b"cdsc", struct.pack(">HHH", 6, 1, 1))

    def meta(start: int) -> bytes:
        places = struct.pack(">HHHHII", 1, 1, 0, 1, 0, len(grid))
        for k, (_, data) in enumerate(items[1:], 2):
            places += struct.pack(">HHHHII", k, 0, 0, 1, start, len(data))
            start += len(data)
        return _box(
            b"meta",
            bytes(4) + _box(b"pitm", struct.pack(">IH", 0, 1))
            + _box(b"iloc", struct.pack(">IBBH", 1 << 24, 0x44, 0, len(items)) + places)
            + _box(b"iinf", struct.pack(">IH", 0, len(items)) + info)
            + _box(b"iref", bytes(4) + links) + _box(b"idat", grid)
            + _box(b"iprp", _box(b"ipco", b"".join(properties)) + _box(b"ipma", owners)),
        )  # fmt: skip

    head = _box(b"ftyp", b"heic" + bytes(4) + b"mif1heic")
    data = head + meta(len(head) + len(meta(0)) + 8)
    return data + _box(b"mdat", b"".join(part for _, part in items[1:])), stored


def difference(one: Image.Image, other: Image.Image) -> float:
    return float(np.abs(np.asarray(one, np.int16) - np.asarray(other, np.int16)).mean())


@pytest.mark.parametrize("turns", [0, 1, 3])
def test_a_phones_grid_is_labelled_upright(turns: int) -> None:
    data, stored = phone_like(turns)
    made, (one,), _, facts = disclosed(media(data, "image/heic"), languages=("ur",))
    assert (facts.width, facts.height) == ((480, 320) if turns == 0 else (320, 480))
    after = open_heic(made.read(), PIXELS)
    upright = stored.rotate(90 * turns, expand=True)
    left, top, right, bottom = one.evidence["box"]
    rest = after.copy()
    rest.paste(upright.crop((left, top, right, bottom)), (left, top))
    assert difference(rest, upright) < 4
    assert one.evidence["contrast"] >= 7
    assert after.info["icc_profile"] == profile()
    exif = Image.Exif()
    exif.load(after.info["exif"])
    assert (exif[0x0110], exif[0x0112]) == ("Phone 9", 1)


@pytest.mark.parametrize("turns", [0, 1])
def test_a_phones_grid_is_looked_at_whole(turns: int, tmp_path: Path) -> None:
    from overt.provenance.fingerprint import fingerprint
    from overt.viewing import viewed

    data, stored = phone_like(turns)
    upright = io.BytesIO()
    stored.rotate(90 * turns, expand=True).save(upright, "PNG")
    one = fingerprint(viewed(media(data, "image/heic")))
    other = fingerprint(media(upright.getvalue(), "image/png"))
    assert one is not None
    assert other is not None
    assert (int.from_bytes(one.code) ^ int.from_bytes(other.code)).bit_count() <= 8


def test_other_tools_read_what_is_written(tmp_path: Path) -> None:
    data, _ = phone_like(1)
    made, (one,), _, facts = disclosed(media(data, "image/heic"), languages=("en",))
    path = tmp_path / "made.heic"
    path.write_bytes(made.read())
    done = subprocess.run(
        [program(), "-v", "error", "-i", path, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"],
        capture_output=True,
        check=True,
    )
    seen = Image.frombytes("RGB", (facts.width, facts.height), done.stdout)
    assert difference(seen, open_heic(made.read(), PIXELS)) < 2
    assert one.evidence["match"] > 0.8
    reader = shutil.which("exiftool")
    if reader is not None:
        told = subprocess.run([reader, path], capture_output=True, check=True).stdout.decode()
        assert "Phone 9" in told
        assert "320x480" in told
        assert any("Profile IDC" in line and line.endswith(": Main") for line in told.splitlines())


def test_a_file_of_another_encoder() -> None:
    made, (one,), _, facts = disclosed(
        media(SAMPLE.read_bytes(), "image/heic"), languages=("hi",), xmp=b"<x/>"
    )
    assert (facts.width, facts.height) == (160, 120)
    assert one.evidence["strip"]
    assert read_heif(made.read()).xmp == b""  # no RDF in it: it is not taken for XMP
    assert b"<x/>" in made.read()


def test_odd_sizes_keep_every_pixel() -> None:
    coded, config = _encoded(Image.fromarray(pixels(301, 241, 1)), "444")
    data = write_heif(Still(config, (coded,), (301, 241), (1, 1), (301, 241)))
    made, _, _, facts = disclosed(media(data, "image/heic"))
    assert (facts.width, facts.height) == (301, 241)
    assert open_heic(made.read(), PIXELS).size == (301, 241)


def damaged(data: bytes, at: bytes, change: bytes) -> bytes:
    found = data.index(at)
    return data[:found] + change + data[found + len(change) :]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(lambda: phone_like()[0][:2000], "output.corrupt", id="cut"),
        pytest.param(lambda: phone_like(bits=10)[0], "output.unsupported", id="ten-bits"),
        pytest.param(
            lambda: damaged(phone_like()[0], b"hvc1", b"av01"), "output.unsupported", id="av1"
        ),
        pytest.param(
            lambda: damaged(SAMPLE.read_bytes(), b"ispe", b"ispe\0\0\0\0\0\0\xff\xff\0\0\xff\xff"),
            "output.too_large",
            id="gigantic",
        ),
        pytest.param(lambda: SAMPLE.read_bytes()[:-900], "output.corrupt", id="half"),
    ],
)
def test_bad_files_are_refused(data: Any, code: str) -> None:
    with pytest.raises(StageError) as caught:
        examine(media(data(), "image/heic"), declared="image/heic")
    assert caught.value.code == code


# --- EXIF --------------------------------------------------------------------------------------


def with_preview() -> bytes:
    """A JPEG whose EXIF has a thumbnail of the picture."""
    small = picture(160, 120, "JPEG")
    first = struct.pack("<HHHIIHHII", 2, 0x0110, 2, 3, 0x00394350, 0x0112, 3, 1, 6)
    second_at = 8 + len(first) + 4
    second = struct.pack(
        "<HHHIIHHIII", 2, 0x0201, 4, 1, second_at + 30, 0x0202, 4, 1, len(small), 0
    )
    body = b"II*\0\x08\0\0\0" + first + struct.pack("<I", second_at) + second + small
    buffer = io.BytesIO()
    Image.fromarray(pixels(640, 400, 1)).save(buffer, "JPEG", exif=b"Exif\0\0" + body)
    return buffer.getvalue()


def test_an_unlabelled_thumbnail_does_not_travel() -> None:
    data = with_preview()
    assert data.count(b"\xff\xd8\xff") == 2
    made, _, _, _ = disclosed(media(data, "image/jpeg"))
    assert made.read().count(b"\xff\xd8\xff") == 1
    exif = Image.open(io.BytesIO(made.read())).getexif()
    assert (exif[0x0110], exif[0x0112]) == ("PC9", 6)
    assert exif.get_ifd(0x1) == {}


@pytest.mark.parametrize("exif", [b"", b"II*\0", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff", bytes(40)])
def test_odd_exif_is_left_alone(exif: bytes) -> None:
    assert without_preview(exif) == exif
    assert set_upright(exif) == exif
