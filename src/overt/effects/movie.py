"""Movies as masters: ProRes, DNxHR and their like, in QuickTime or MXF; a hash for each picture.

A hash is over a picture as it is coded in the file, so that it stays the same when the movie is put
into another container, and an insert edit shows which pictures it touched. Sound, time code and
other tracks get one hash each, and so does the whole file.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from overt.effects.sequence import ALONE, digest_of, whole
from overt.errors import StageError

SUFFIX = ALONE
SCHEMA = "overt-master/1"
TYPES = {".mov": "video/quicktime", ".mxf": "video/mxf", ".mkv": "video/x-matroska",
         ".mp4": "video/mp4"}  # fmt: skip
"""Media types by suffix. The registered name of MXF is `application/mxf`; ours starts with what it
is, for that is what rules go by."""
_STARTS = {
    "video/quicktime": (4, (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")),
    "video/mp4": (4, (b"ftyp",)),
    "video/mxf": (0, (b"\x06\x0e\x2b\x34",)),
    "video/x-matroska": (0, (b"\x1a\x45\xdf\xa3",)),
}
"""Place and value of four bytes; for MXF, SMPTE ST 377-1, the key of the partition pack."""
_HOUR_S = 3600.0


def type_of(path: Path) -> str | None:
    """Media type of a movie by its suffix and its first bytes; none for anything else."""
    media_type = TYPES.get(path.suffix.lower())
    if media_type is None:
        return None
    at, known = _STARTS[media_type]
    try:
        with path.open("rb") as stream:
            head = stream.read(8)
    except OSError:
        return None
    return media_type if head[at : at + 4] in known else None


def manifest_of(path: Path) -> Path:
    """Where the manifest of a movie goes: beside it."""
    return path.with_name(path.name + SUFFIX)


def picture_track(path: Path) -> Any:
    """What MediaInfo knows of the pictures of a movie; none where there are none.

    Raises:
        StageError: MediaInfo is not installed.
    """
    try:
        from pymediainfo import MediaInfo
    except ImportError:
        raise StageError(
            "tool", "output.unsupported", "movies cannot be read here",
            "pymediainfo is not installed", "install overt[video]",
        ) from None  # fmt: skip
    try:
        tracks = MediaInfo.parse(str(path)).tracks
    except (OSError, RuntimeError):
        return None
    return next((track for track in tracks if track.track_type == "Video"), None)


def describe(path: Path) -> dict[str, Any]:
    """A movie as a manifest lists it.

    Raises:
        StageError: `effects.movie`: it is no movie, is damaged, or cannot be read.
    """
    media_type, track = type_of(path), None
    if media_type is not None:
        track = picture_track(path)
    if media_type is None or track is None:
        raise _broken(path, "it is no movie in QuickTime, MXF, Matroska or MP4")
    frames, others = _hashes(path)
    return {
        "schema": SCHEMA,
        "name": path.name,
        "media_type": media_type,
        "codec": " ".join(filter(None, (track.format, track.format_profile))),
        "sha256": digest_of(path),
        "frames": frames,
        "tracks": others,
        "digest": whole(_numbered(frames, others)),
    }


def _numbered(frames: list[str], others: list[str]) -> Iterator[tuple[str, str]]:
    for number, sha256 in enumerate(frames):
        yield f"frame {number}", sha256
    for number, sha256 in enumerate(others):
        yield f"track {number}", sha256


def listed_digest(body: dict[str, Any]) -> str:
    """The digest that a manifest's own lines come to."""
    return whole(_numbered(list(body["frames"]), list(body["tracks"])))


def _hashes(path: Path) -> tuple[list[str], list[str]]:
    """SHA-256 of each picture as coded, and of each other track, in one pass."""
    from overt.disclosure import ffmpeg

    with tempfile.TemporaryDirectory(prefix="overt-") as folder:
        pictures, tracks = Path(folder) / "pictures", Path(folder) / "tracks"
        each = ["-c", "copy", "-hash", "sha256", "-f"]
        arguments = [*ffmpeg.source(path), "-map", "0:v:0", *each, "framehash", f"file:{pictures}"]
        # Every track, the pictures too: what is not there cannot be asked for, so nothing is named.
        arguments += ["-map", "0", "-copy_unknown", *each, "streamhash"]
        try:
            done = ffmpeg.run(arguments, target=tracks, limit_s=24 * _HOUR_S)
        except ffmpeg.Failed:
            raise _broken(path, "it is damaged") from None
        if done.complaint.strip():
            raise _broken(path, "it is damaged")
        lines = [line for line in pictures.read_text("ascii").splitlines() if line[:1] != "#"]
        frames = [line.rpartition(",")[2].strip() for line in lines]
        rest = [line.rpartition("=")[2] for line in tracks.read_text("ascii").splitlines() if line]
    if not frames:
        raise _broken(path, "it has no pictures")
    return frames, rest


def _broken(path: Path, why: str) -> StageError:
    return StageError("tool", "effects.movie", f"{path.name} is no master", why, "see the file")
