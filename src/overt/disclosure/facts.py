"""What an asset really is: its signature checked, its whole content decoded, its size limited.

`examine` runs before anything is spent on an asset, so that a mislabelled, truncated, corrupt or
gigantic file is refused in one clear sentence. Pictures and sound are decoded whole. Of a video
the container is checked, the first and the last keyframe are decoded: the run that writes the new
file reads the rest and fails on the first damaged packet, and a video whose pictures are only
copied must not cost a decode.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from overt import sniff
from overt.errors import StageError
from overt.models import Media


@dataclass(frozen=True, slots=True)
class Limits:
    """How large an asset may be.

    Attributes:
        pixels: Width times height times frames held at once.
        side: Longest side in pixels.
        frames: Frames of an animation.
        bytes: Size of a picture, sound or text file.
        video_bytes: Size of a video file.
        duration_s: Length of sound or video.
    """

    pixels: int = 178_956_970
    side: int = 65_500
    frames: int = 5_000
    bytes: int = 2 * 1024**3
    video_bytes: int = 200 * 1024**3
    duration_s: float = 24 * 3600.0
    text_bytes: int = 64 * 1024**2


@dataclass(frozen=True, slots=True)
class Facts:
    """What `examine` found.

    Attributes:
        media_type: Canonical media type, by signature.
        width: Pixels as shown, after rotation.
        height: Pixels as shown, after rotation.
        frames: Frames of a picture or video; 1 for a still.
        duration_s: Seconds.
        channels: Sound channels.
        sample_rate: Hertz.
        has_audio: A sound track exists.
        has_video: Moving pictures exist.
        detail: Further facts a renderer needs: codecs, pixel format, rotation.
    """

    media_type: str
    width: int = 0
    height: int = 0
    frames: int = 0
    duration_s: float = 0.0
    channels: int = 0
    sample_rate: int = 0
    has_audio: bool = False
    has_video: bool = False
    detail: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain values for a manifest or a log."""
        return asdict(self)


def fail(code: str, what: str, why: str = "", todo: str = "") -> NoReturn:
    """Refuse the tool's output.

    Raises:
        StageError: Always, of stage `tool`.
    """
    raise StageError("tool", f"output.{code}", what, why, todo) from None


def examine(media: Media, *, declared: str, limits: Limits | None = None) -> Facts:
    """Check an asset before work starts.

    Args:
        media: The asset.
        declared: The media type its maker promised.
        limits: Size limits.

    Raises:
        StageError: Stage `tool`; `output.empty`, `.wrong_type`, `.truncated`, `.corrupt`,
            `.too_large`, `.encrypted` or `.unsupported`.
    """
    limits = limits or Limits()
    head = _head(media)
    found = sniff.media_type_of(head, media.path)
    if found is None or not sniff.agrees(declared, found):
        _wrong_type(declared, found)
    kind = found.split("/")[0]
    _size(media, kind, limits)
    if found == "application/pdf":
        from overt.disclosure.pdf import examine_pdf

        return examine_pdf(media.read(), limits)
    if found == "image/svg+xml" or kind == "text" or found == "application/x-subrip":
        from overt.disclosure.text import examine_text

        named = sniff.canonical(declared)
        return examine_text(media, named if kind == "text" and "markdown" in named else found)
    if kind == "image":
        from overt.disclosure.image import examine_image

        return examine_image(media, found, limits)
    if kind == "audio" and found in _SOUNDFILE:
        from overt.disclosure.audio import examine_audio

        return examine_audio(media, found, limits)
    from overt.disclosure.streams import examine_video

    return examine_video(media, found, limits)


_SOUNDFILE = frozenset({"audio/wav", "audio/flac", "audio/ogg", "audio/mpeg", "audio/aiff"})


def _head(media: Media) -> bytes:
    if media.data is not None:
        head = media.data[: sniff.HEAD_BYTES]
    else:
        assert media.path is not None
        try:
            with Path(media.path).open("rb") as stream:
                head = stream.read(sniff.HEAD_BYTES)
        except OSError:
            fail("missing", "the output file cannot be read", "", "check the tool's output path")
    if not head:
        fail("empty", "the tool made no bytes", "", "check the tool")
    return head


def _wrong_type(declared: str, found: str | None) -> NoReturn:
    have = found or "nothing known"
    fail(
        "wrong_type",
        f"the output is not {sniff.canonical(declared)}",
        f"its bytes are {have}",
        "declare the type that the tool really makes",
    )


def _size(media: Media, kind: str, limits: Limits) -> None:
    allowed = {"video": limits.video_bytes, "text": limits.text_bytes}.get(kind, limits.bytes)
    if media.size() > allowed:
        fail("too_large", "the output is too large", f"limit {allowed} bytes")
