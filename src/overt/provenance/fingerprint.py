"""Fingerprints: what an asset looks or sounds like, in 32 bytes, to find it without its manifest.

ISCC content codes (ISO 24138, `io.iscc.v0` on the C2PA list of soft bindings) for pictures, sound,
video and text. A fingerprint says that two assets are alike, never that they are the same; it
cannot be turned back into the asset.

Needs the extra `lookup`. Sound and video are decoded by an ffmpeg process: the user's, or the one
of the extra `video`.

Sources: ISO 24138:2024; Chromaprint for sound; ISO/IEC 15938-3 video signature for video.
"""

from __future__ import annotations

import re
import shutil
import struct
import subprocess
import tempfile
from dataclasses import dataclass
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from overt.errors import ConfigError
from overt.models import Media, Modality
from overt.provenance.upstream import on_disk
from overt.sniff import canonical

ALGORITHM = "io.iscc.v0"
BITS = 256
WIDTH = BITS // 8
_SHORT = 64
"""Bits of the code that a manifest carries."""
_SIDE = 32
_SECONDS = 600
"""Sound and video are fingerprinted by at most their first ten minutes."""
_TIME_LIMIT_S = 600
_FRAMES_PER_S = 5
_MIN_SOUND = 8
"""Values of a Chromaprint vector, about an eighth of a second each; fewer say nothing."""
_MIN_LETTERS = 40


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A content code.

    Attributes:
        kind: `image`, `audio`, `video` or `text`.
        code: 32 bytes; near codes mean like assets.
        iscc: The same as an ISCC of 64 bits, for the manifest.
    """

    kind: str
    code: bytes
    iscc: str


def available() -> bool:
    """Whether the extra `lookup` is installed."""
    return find_spec("iscc_lib") is not None


def fingerprint(media: Media) -> Fingerprint | None:
    """The fingerprint of an asset.

    Returns:
        None where there is nothing to tell it by: silence, a few words, a kind without a
        fingerprint (PDF, SVG), a file that does not decode. HEIC and JPEG XL want
        `overt.viewing.viewed` first.

    Raises:
        ConfigError: The extra `lookup` is not installed, or there is no ffmpeg for sound or video.
    """
    if not available():
        raise ConfigError(
            "lookup.missing",
            "no fingerprint was made",
            "iscc-lib is not installed",
            "install overt[lookup]",
        )
    kind = canonical(media.media_type)
    if kind in ("application/pdf", "image/svg+xml"):
        return None
    modality = Modality.TEXT if kind == "application/x-subrip" else Modality.of(kind)
    with on_disk(media) as path:
        match modality:
            case Modality.IMAGE:
                return _image(path)
            case Modality.AUDIO:
                return _audio(path)
            case Modality.VIDEO:
                return _video(path)
            case Modality.TEXT:
                return _text(path.read_bytes(), kind)


def stored(
    after: Fingerprint | None, before: Fingerprint | None = None
) -> tuple[str, bytes] | None:
    """The form for the asset table: at most 64 bytes, the finished asset first.

    Args:
        after: Of the asset as it was released.
        before: Of the asset before it was labelled, so that cutting the notice off hides nothing.
    """
    if after is None:
        return None
    code = after.code
    if before is not None and before.kind == after.kind and before.code != code:
        code += before.code
    return after.kind, code


@dataclass(frozen=True, slots=True)
class Remembered:
    """What the asset table and the manifest keep: columns, and the ISCC of the finished asset."""

    kind: str
    blob: bytes
    iscc: str


def remembered(after: Media, before: Media | None = None) -> Remembered | None:
    """What to keep of an asset so that it can be found again.

    Args:
        after: The asset with its disclosures on, before or after signing.
        before: As the tool made it.

    Returns:
        None where there is no fingerprint; see `known_by`.
    """
    return kept(known_by(after), known_by(before))


def known_by(seen: Media | bytes | None) -> Fingerprint | None:
    """The fingerprint of an asset, or of a picture that was looked at while it was decoded.

    Args:
        seen: The asset; or the picture's levels, upright and on white: 32 rows of 32 grey ones.

    Returns:
        None where the extra `lookup` or ffmpeg is missing, or there is nothing to tell it by:
        finding assets again is a help, and no reason to hold one back.
    """
    if seen is None or not available():
        return None
    if isinstance(seen, bytes):
        return _of_levels(seen)
    try:
        return fingerprint(seen)
    except ConfigError:
        return None


def kept(after: Fingerprint | None, before: Fingerprint | None) -> Remembered | None:
    """What to keep, from both fingerprints; see `stored`."""
    columns = stored(after, before)
    return None if columns is None or after is None else Remembered(*columns, after.iscc)


def codes(blob: bytes) -> list[bytes]:
    """The codes in a stored form."""
    return [blob[at : at + WIDTH] for at in range(0, len(blob) // WIDTH * WIDTH, WIDTH)]


def _made(kind: str, maker: str, *features: Any) -> Fingerprint:
    import iscc_lib

    whole = getattr(iscc_lib, maker)(*features, bits=BITS)["iscc"]
    short = getattr(iscc_lib, maker)(*features, bits=_SHORT)["iscc"]
    digest = iscc_lib.iscc_decode(whole)[4]
    return Fingerprint(kind, bytes(digest), str(short))


def _image(path: Path) -> Fingerprint | None:
    """As ISO 24138 prepares a picture: upright, on white, 32 by 32 levels of grey."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with Image.open(path) as opened:
            opened.draft("L", (_SIDE * 8, _SIDE * 8))  # JPEG decodes at a fraction of its size
            picture = ImageOps.exif_transpose(opened)
            if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
                alpha = picture.convert("RGBA")
                picture = Image.new("RGBA", alpha.size, "white")
                picture.alpha_composite(alpha)
            small = picture.convert("L").resize((_SIDE, _SIDE), Image.Resampling.BICUBIC)
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        return None
    return _of_levels(small.tobytes())


def _of_levels(levels: bytes) -> Fingerprint:
    """A picture's code. The one of 64 bits is its beginning."""
    import iscc_lib

    whole = iscc_lib.gen_image_code_v0(levels, bits=BITS)["iscc"]
    main, sub, version, _, digest = iscc_lib.iscc_decode(whole)
    short = iscc_lib.encode_component(main, sub, version, _SHORT, bytes(digest))
    return Fingerprint("image", bytes(digest), f"ISCC:{short.removeprefix('ISCC:')}")


def _audio(path: Path) -> Fingerprint | None:
    raw = _ffmpeg(path, "-vn", "-t", str(_SECONDS), "-f", "chromaprint", "-fp_format", "raw", "-")
    if raw is None or len(raw) < 4 * _MIN_SOUND:
        return None
    vector = list(struct.unpack(f"<{len(raw) // 4}i", raw[: len(raw) // 4 * 4]))
    if len(set(vector)) < 3:
        return None  # silence
    return _made("audio", "gen_audio_code_v0", vector)


def _video(path: Path) -> Fingerprint | None:
    with tempfile.TemporaryDirectory(prefix="overt-signature-") as folder:
        out = Path(folder) / "signature.xml"
        # The filter's argument names the file by a relative path: its own escaping is a riddle.
        chain = f"fps={_FRAMES_PER_S},signature=format=xml:filename={out.name}"
        done = _ffmpeg(
            path.absolute(), "-an", "-t", str(_SECONDS), "-vf", chain, "-f", "null", "-", cwd=folder
        )
        if done is None or not out.exists():
            return None
        frames = _frames(out.read_text("ascii", "replace"))
    return _made("video", "gen_video_code_v0", frames) if frames else None


def _frames(xml: str) -> list[list[int]]:
    """Frame signatures, 380 values each, from the filter's description."""
    found = re.findall(r"<FrameSignature>([0-9 \s]*)</FrameSignature>", xml)
    return [[int(value) for value in frame.split()] for frame in found]


def _text(data: bytes, kind: str) -> Fingerprint | None:
    text = data.decode("utf-8", "replace")
    if kind == "text/html":
        reader = _Words()
        reader.feed(text)
        reader.close()
        text = " ".join(reader.words)
    if sum(letter.isalnum() for letter in text) < _MIN_LETTERS:
        return None
    return _made("text", "gen_text_code_v0", text)


class _Words(HTMLParser):
    """The words of a page, without scripts and styles."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("script", "style") and self._hidden > 0

    def handle_data(self, data: str) -> None:
        if not self._hidden and data.strip():
            self.words.append(data.strip())


def _ffmpeg(path: Path, *arguments: str, cwd: str | None = None) -> bytes | None:
    """Standard output of ffmpeg; none when it cannot read the file."""
    command = [_program(), "-nostdin", "-v", "error", "-protocol_whitelist", "file,pipe"]
    command += ["-i", str(path), *arguments]
    try:
        done = subprocess.run(  # noqa: S603 (no shell; our own arguments)
            command, capture_output=True, timeout=_TIME_LIMIT_S, cwd=cwd, check=False
        )
    except subprocess.TimeoutExpired:
        return None
    return done.stdout if done.returncode == 0 else None


def _program() -> str:
    """An ffmpeg that knows Chromaprint: the wheel's is built with it, a system's may not be."""
    if find_spec("imageio_ffmpeg") is not None:
        import imageio_ffmpeg

        return str(imageio_ffmpeg.get_ffmpeg_exe())
    found = shutil.which("ffmpeg")
    if found is None:
        raise ConfigError(
            "lookup.ffmpeg", "no fingerprint was made", "there is no ffmpeg", "install overt[video]"
        )
    return found
