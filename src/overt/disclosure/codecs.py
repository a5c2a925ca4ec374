"""Which codec settings write a stream again as it was, and what a media file holds.

Streams are read with MediaInfo; encoders are ffmpeg's. Quality is set where a second generation is
hard to see (x264 CRF 18 and its equals), speed where burning keeps up with a bare overlay.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from overt.disclosure.facts import Facts, Limits, fail
from overt.errors import StageError

_VIDEO = {
    "AVC": ["libx264", "-preset", "veryfast", "-crf", "18"],
    "HEVC": ["libx265", "-preset", "ultrafast", "-crf", "19", "-x265-params", "log-level=error"],
    "VP9": ["libvpx-vp9", "-deadline", "realtime", "-cpu-used", "7", "-row-mt", "1", "-crf", "24",
            "-b:v", "0"],
    "VP8": ["libvpx", "-deadline", "realtime", "-cpu-used", "7", "-crf", "10", "-b:v", "8M"],
    "AV1": ["libsvtav1", "-preset", "10", "-crf", "24"],
    "ProRes": ["prores_ks", "-profile:v", "3"],
    "MPEG-4 Visual": ["mpeg4", "-q:v", "2"],
    "JPEG": ["mjpeg", "-q:v", "2"],
    "FFV1": ["ffv1"],
}  # fmt: skip
_AUDIO = {
    "AAC": "aac",
    "Opus": "libopus",
    "Vorbis": "libvorbis",
    "MPEG Audio": "libmp3lame",
    "FLAC": "flac",
    "ALAC": "alac",
    "AC-3": "ac3",
    "E-AC-3": "eac3",
}
_CHROMA = {"4:2:0": "420", "4:2:2": "422", "4:4:4": "444"}


def streams(path: Path, media_type: str, limits: Limits) -> Facts:
    """Facts of a file's streams, as MediaInfo reads them.

    Raises:
        StageError: No streams, encrypted, too large, or MediaInfo is not installed.
    """
    tracks = _parsed(path)
    video = [track for track in tracks if track.track_type == "Video"]
    audio = [track for track in tracks if track.track_type == "Audio"]
    general = next(iter(track for track in tracks if track.track_type == "General"), None)
    if not video and not audio:
        fail(
            "corrupt", "the file has no streams", "it is damaged or holds nothing", "check the tool"
        )
    if any(track.encryption for track in (*video, *audio)):
        fail("encrypted", "the file is encrypted", "", "give the clear one")
    duration = _number(general.duration if general else 0) / 1000
    duration = max([duration, *(_number(t.duration) / 1000 for t in (*video, *audio))])
    if duration > limits.duration_s:
        fail("too_large", "the file is too long", f"{duration:.0f} s")
    sound = audio[0] if audio else None
    return Facts(
        media_type,
        **_pictures(video[0] if video else None, limits),
        duration_s=duration,
        channels=int(_number(sound.channel_s)) if sound else 0,
        sample_rate=int(_number(sound.sampling_rate) or 48_000) if sound else 0,
        has_audio=bool(audio),
        has_video=bool(video),
        detail={
            **_detail(video[0] if video else None),
            "audio_format": sound.format if sound else None,
            "audio_bits": int(_number(sound.bit_depth)) if sound else 0,
            "audio_bit_rate": int(_number(sound.bit_rate)) if sound else 0,
            "audio_tracks": len(audio),
            "video_tracks": len(video),
            "attachments": general is not None and bool(general.attachments),
            "index_first": general is not None and general.isstreamable == "Yes",
            "cut_off": general is not None and general.istruncated == "Yes",
            "text_tracks": sum(track.track_type == "Text" for track in tracks),
        },
    )


def _parsed(path: Path) -> list[Any]:
    try:
        from pymediainfo import MediaInfo
    except ImportError:
        raise StageError(
            "tool", "output.unsupported", "this file cannot be read here",
            "pymediainfo is not installed", "install overt[video]",
        ) from None  # fmt: skip
    return list(MediaInfo.parse(path).tracks)


def _pictures(track: Any, limits: Limits) -> dict[str, int]:
    if track is None:
        return {}
    width, height = int(_number(track.width)), int(_number(track.height))
    if not width or not height:
        fail("empty", "the video has no pixels")
    if max(width, height) > limits.side or width * height > limits.pixels:
        fail("too_large", "the video is too large", f"{width} x {height} pixels")
    if round(_number(track.rotation)) % 180 == 90:
        width, height = height, width
    return {"width": width, "height": height, "frames": int(_number(track.frame_count))}


def _detail(track: Any) -> dict[str, Any]:
    if track is None:
        return {}
    bits = int(_number(track.bit_depth) or 8)
    chroma = _CHROMA.get(str(track.chroma_subsampling or "4:2:0").split(" ")[0], "420")
    deep = f"{10 if bits <= 10 else 12}le" if bits > 8 else ""
    return {
        "video_format": track.format,
        "profile": track.format_profile,
        "pixel_format": f"yuv{chroma}p{deep}",
        "bits": bits,
        "fps": _number(track.frame_rate),
        "variable": track.frame_rate_mode == "VFR",
        "rotation": _number(track.rotation),
    }


def _number(value: Any) -> float:
    try:
        return float(str(value).split("/")[0].strip()) if value is not None else 0.0
    except ValueError:
        return 0.0


def video_options(facts: Facts) -> list[str]:
    """Encoder arguments that write the pictures as they were.

    Raises:
        StageError: No encoder here writes that codec.
    """
    form = str(facts.detail.get("video_format"))
    if form not in _VIDEO:
        raise StageError(
            "disclose", "disclose.codec", f"video in {form} cannot be written again", "",
            "give H.264, H.265, VP9, AV1 or ProRes",
        )  # fmt: skip
    options = ["-c:v", *_VIDEO[form], "-pix_fmt", str(facts.detail["pixel_format"])]
    options += ["-fps_mode", "passthrough", "-enc_time_base:v", "demux"]
    if form == "HEVC" and facts.media_type != "video/x-matroska":
        options += ["-tag:v", "hvc1"]
    return options


def audio_options(facts: Facts) -> list[str]:
    """Encoder arguments that write the sound as it was, at no lower rate.

    Raises:
        StageError: No encoder here writes that codec.
    """
    form = str(facts.detail.get("audio_format"))
    rate = ["-ar", str(facts.sample_rate)]
    if form == "PCM":
        bits = int(facts.detail.get("audio_bits") or 16)
        return ["-c:a", f"pcm_s{bits if bits in (16, 24, 32) else 16}le", *rate]
    if form not in _AUDIO:
        raise StageError(
            "disclose", "disclose.codec", f"sound in {form} cannot be written again", "",
            "give AAC, Opus, Vorbis, MP3, FLAC or PCM",
        )  # fmt: skip
    options = ["-c:a", _AUDIO[form], *rate]
    if form not in ("FLAC", "ALAC"):
        floor = 64_000 * max(1, facts.channels)
        options += ["-b:a", str(max(floor, int(facts.detail.get("audio_bit_rate") or 0)))]
    return options


def overlay_format(facts: Facts) -> str:
    """The overlay filter's working format: the video's own, so that only the label is converted."""
    pixel = str(facts.detail["pixel_format"])
    chroma = pixel[3:6]
    if facts.detail["bits"] > 8:
        return f"yuv{chroma}p10"
    return f"yuv{chroma}"
