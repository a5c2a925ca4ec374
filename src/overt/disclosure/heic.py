"""HEIC pictures through the ffmpeg program: its HEVC codec, our container.

No codec library is imported, so none of their licences reach the importing program. The picture is
written upright, as a turned video is; chroma subsampling, ICC, EXIF and XMP are kept. Samples of
more than 8 bits are refused rather than cut.
"""

from __future__ import annotations

import struct
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from overt.disclosure import ffmpeg
from overt.disclosure.exif import set_upright
from overt.disclosure.facts import fail
from overt.disclosure.heif import Still, boxes, read_heif, write_heif
from overt.errors import StageError

if TYPE_CHECKING:
    from PIL.Image import Image

_MATRICES = {1: "bt709", 5: "bt470bg", 6: "smpte170m", 9: "bt2020"}
_START = b"\0\0\0\1"
_LIMIT_S = 120.0


def open_heic(data: bytes, pixels: int) -> Image:
    """Decode a HEIC file to an upright Pillow picture with its metadata in `info`.

    Args:
        data: The file.
        pixels: As many are decoded, at most.

    Raises:
        StageError: No codec is there, the file is damaged, too large, or not known here.
    """
    from PIL import Image

    still = read_heif(data)
    width, height = still.size
    tiles = still.grid[0] * still.tile[1] * still.grid[1] * still.tile[0]
    if not width or not height:
        fail("empty", "the picture has no pixels")
    if width * height > pixels or tiles > 2 * pixels:
        fail("too_large", "the picture is too large", f"{width} x {height} pixels")
    if still.bits > 8:
        fail("unsupported", f"a HEIC of {still.bits} bits would lose depth", "", "write a PNG")
    raw = _decoded(still)
    whole = Image.new("RGB", (still.tile[0] * still.grid[1], still.tile[1] * still.grid[0]))
    size = still.tile[0] * still.tile[1] * 3
    for at in range(len(still.tiles)):
        part = Image.frombytes("RGB", still.tile, raw[at * size : (at + 1) * size])
        row, column = divmod(at, still.grid[1])
        whole.paste(part, (column * still.tile[0], row * still.tile[1]))
    shown = _upright(whole.crop((0, 0, width, height)), still)
    shown.format = "HEIF"
    profile = next((body[4:] for body in still.colours if body[:4] in (b"prof", b"rICC")), b"")
    kept = {"icc_profile": profile, "xmp": still.xmp}
    kept["exif"] = b"Exif\0\0" + set_upright(still.exif) if still.exif else b""
    shown.info = {key: value for key, value in kept.items() if value}
    shown.info["overt_heif"] = replace(still, tiles=())
    return shown


def save_heic(image: Image, xmp: bytes | None) -> bytes:
    """Encode a picture that `open_heic` has opened.

    Raises:
        StageError: No HEVC encoder is there.
    """
    still: Still = image.info["overt_heif"]
    rgb = image.convert("RGB")
    odd = rgb.width % 2 or rgb.height % 2
    chroma = "444" if odd else {2: "422", 3: "444"}.get(still.chroma, "420")
    coded, config = _encoded(rgb, chroma)
    exif = image.info.get("exif", b"")
    profiles = tuple(body for body in still.colours if body[:4] != b"nclx")
    nclx = b"nclx" + struct.pack(">HHHB", 1, 13, 6, 0x80)  # sRGB's, where no profile says more
    made = Still(
        config, (coded,), rgb.size, (1, 1), rgb.size,
        colours=(nclx, *profiles),
        exif=exif.removeprefix(b"Exif\0\0"),
        xmp=xmp or image.info.get("xmp", b""),
    )  # fmt: skip
    return write_heif(made)


@cache
def has_heic() -> bool:
    """Whether the ffmpeg program here writes HEVC."""
    try:
        return b" libx265 " in ffmpeg.run(["-encoders"], limit_s=20.0).output
    except (StageError, ffmpeg.Failed):
        return False


def _upright(image: Image, still: Still) -> Image:
    from PIL.Image import Transpose

    steps = [Transpose.ROTATE_90, Transpose.ROTATE_180, Transpose.ROTATE_270]
    if still.turns:
        image = image.transpose(steps[still.turns - 1])
    if still.mirror is None:
        return image
    sides = (Transpose.FLIP_TOP_BOTTOM, Transpose.FLIP_LEFT_RIGHT)
    return image.transpose(sides[still.mirror])


def _decoded(still: Still) -> bytes:
    """RGB samples of all tiles, one after the other."""
    wanted = still.tile[0] * still.tile[1] * 3 * len(still.tiles)
    with tempfile.TemporaryDirectory(prefix="overt-") as folder:
        path = Path(folder) / "tiles.hevc"
        sets = _parameter_sets(still.config)
        step = (still.config[21] & 3) + 1
        path.write_bytes(b"".join(sets + _annex_b(tile, step) for tile in still.tiles))
        flags = "scale=flags=accurate_rnd+full_chroma_int" + _colour(still)
        try:
            done = ffmpeg.run(
                [
                    *["-f", "hevc", *ffmpeg.source(path), "-vf", f"{flags},format=rgb24"],
                    *["-fps_mode", "passthrough", "-f", "rawvideo", "pipe:1"],
                ],
                limit_s=_LIMIT_S,
            )
        except ffmpeg.Failed:
            fail("corrupt", "the picture cannot be decoded", "", "check the tool")
    if len(done.output) != wanted:
        fail("corrupt", "the picture cannot be decoded", "a part is missing", "check the tool")
    return done.output


def _colour(still: Still) -> str:
    """What the container says of the samples, which goes before what the codec says."""
    nclx = next((body for body in still.colours if body[:4] == b"nclx"), None)
    if nclx is None or len(nclx) < 11:
        return ""
    matrix = _MATRICES.get(int.from_bytes(nclx[8:10], "big"))
    span = "full" if nclx[10] & 0x80 else "limited"
    return f":in_range={span}" + (f":in_color_matrix={matrix}" if matrix else "")


def _parameter_sets(config: bytes) -> bytes:
    """VPS, SPS and PPS out of `hvcC`, as a stream has them."""
    out, at = b"", 23
    for _ in range(config[22]):
        (count,) = struct.unpack_from(">H", config, at + 1)
        at += 3
        for _ in range(count):
            (size,) = struct.unpack_from(">H", config, at)
            out += _START + config[at + 2 : at + 2 + size]
            at += 2 + size
    return out


def _annex_b(sample: bytes, step: int) -> bytes:
    """NAL units with start codes in place of their lengths."""
    out, at = b"", 0
    while at + step <= len(sample):
        size = int.from_bytes(sample[at : at + step], "big")
        out += _START + sample[at + step : at + step + size]
        at += step + size
    return out


def _encoded(image: Image, chroma: str) -> tuple[bytes, bytes]:
    """One HEVC picture, and the body of its `hvcC`."""
    if not has_heic():
        fail("unsupported", "HEIC cannot be written here", "no HEVC codec", "install overt[video]")
    with tempfile.TemporaryDirectory(prefix="overt-") as folder:
        raw, made = Path(folder) / "in.rgb", Path(folder) / "out.mp4"
        raw.write_bytes(image.tobytes())
        profile = ["-profile:v", "main"] if chroma == "420" else []
        full = "scale=flags=accurate_rnd:out_range=full:out_color_matrix=smpte170m"
        ffmpeg.run(
            [
                *["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{image.width}x{image.height}"],
                *[*ffmpeg.source(raw), "-vf", f"{full},format=yuv{chroma}p"],
                *["-frames:v", "1", "-c:v", "libx265", "-preset", "veryfast", "-crf", "14"],
                *["-color_range", "pc", "-colorspace", "smpte170m", "-color_primaries", "bt709"],
                *["-color_trc", "iec61966-2-1", "-tag:v", "hvc1"],
                *["-x265-params", "log-level=error:no-info=1", *profile],
            ],
            target=made,
            limit_s=_LIMIT_S,
        )
        return _taken_apart(made.read_bytes())


def _taken_apart(data: bytes) -> tuple[bytes, bytes]:
    """Sample and `hvcC` of a file with one frame."""
    start, end = next((b, e) for kind, b, e in boxes(data, 0, len(data)) if kind == b"mdat")
    at = data.index(b"hvcC")
    (size,) = struct.unpack_from(">I", data, at - 4)
    return data[start:end], data[at + 4 : at - 4 + size]
