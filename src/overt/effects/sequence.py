"""Image sequences: frames of one shot, found by their numbers and described by a hash each.

A still is a sequence of one.

The description is what a master's manifest says; `overt.effects.master` signs it. No frame is ever
opened for writing.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from overt.errors import ConfigError, StageError

SUFFIX = ".overt-sequence.json"
ALONE = ".overt-master.json"
"""Of the manifest of one file: a movie, or a picture that is no frame of several."""
SCHEMA = "overt-sequence/1"
FORMATS = {".exr": "image/x-exr", ".tif": "image/tiff", ".tiff": "image/tiff", ".png": "image/png",
           ".dpx": "image/x-dpx"}  # fmt: skip
_STARTS = {
    "image/x-exr": (b"\x76\x2f\x31\x01",),
    "image/tiff": (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"),
    "image/png": (b"\x89PNG",),
    "image/x-dpx": (b"SDPX", b"XPDS"),
}
"""First four bytes of a frame: openexr.com file layout, TIFF 6.0, PNG, SMPTE ST 268-1."""
_NUMBERED = re.compile(r"^(.*?)(\d+)(\.[A-Za-z0-9]+)$")


@dataclass(frozen=True, slots=True)
class Sequence:
    """Frames of one shot: files of one folder that differ in one number."""

    folder: Path
    stem: str
    suffix: str
    frames: tuple[tuple[int, Path], ...]

    @property
    def name(self) -> str:
        """`shot_0010.%04d.exr`, as programs write it; of a still, its own."""
        first = self.frames[0][1].name
        width = len(first) - len(self.stem) - len(self.suffix)
        return f"{self.stem}%0{width}d{self.suffix}" if width else first

    @property
    def missing(self) -> tuple[int, ...]:
        """Numbers between the first and the last that no file has."""
        there = {number for number, _ in self.frames}
        return tuple(sorted(set(range(min(there), max(there) + 1)) - there))

    @property
    def media_type(self) -> str:
        """Of its frames."""
        return FORMATS[self.suffix.lower()]

    @property
    def manifest(self) -> Path:
        """Where its manifest goes: beside the frames."""
        if self.name == self.frames[0][1].name:
            return self.folder / f"{self.name}{ALONE}"
        return self.folder / f"{self.stem.rstrip('._-') or 'sequence'}{SUFFIX}"


def sequences(folder: Path) -> list[Sequence]:
    """Image sequences of a folder, two frames or more each, by name."""
    found: dict[tuple[str, str, int], list[tuple[int, Path]]] = defaultdict(list)
    for path in sorted(folder.iterdir()):
        match = _NUMBERED.match(path.name)
        if match and match[3].lower() in FORMATS and path.is_file() and not path.is_symlink():
            found[match[1], match[3], len(match[2])].append((int(match[2]), path))
    return [
        Sequence(folder, stem, suffix, tuple(sorted(frames)))
        for (stem, suffix, _), frames in sorted(found.items())
        if len(frames) > 1
    ]


def still(path: Path) -> Sequence:
    """A picture that is no frame of several, as a sequence of one."""
    return Sequence(path.parent, path.stem, path.suffix, ((0, path),))


def type_of(path: Path) -> str | None:
    """Media type of a frame by its suffix and its first bytes; none for anything else."""
    media_type = FORMATS.get(path.suffix.lower())
    try:
        with path.open("rb") as stream:
            head = stream.read(4)
    except OSError:
        return None
    return media_type if head in _STARTS.get(str(media_type), ()) else None


def describe(sequence: Sequence) -> dict[str, Any]:
    """The frames as a manifest lists them: a hash each, and one over all.

    Raises:
        ConfigError: `effects.frames_missing`: there are holes.
        StageError: `effects.frame`: a file is no frame of its format, or cannot be read.
    """
    if sequence.missing:
        raise ConfigError(
            "effects.frames_missing",
            f"{sequence.name} has holes",
            f"{len(sequence.missing)} frames, the first is {sequence.missing[0]}",
            "render them first",
        )
    starts = _STARTS[sequence.media_type]
    frames = [{"file": path.name, "sha256": _hashed(path, starts)} for _, path in sequence.frames]
    one = {"sha256": frames[0]["sha256"]} if len(frames) == 1 else {}
    return {
        **one,
        "schema": SCHEMA,
        "name": sequence.name,
        "media_type": sequence.media_type,
        "first": sequence.frames[0][0],
        "last": sequence.frames[-1][0],
        "frames": frames,
        "digest": whole((row["file"], row["sha256"]) for row in frames),
    }


def digest_of(path: Path) -> str:
    """SHA-256 of a file, read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def whole(frames: Any) -> str:
    """One digest over names and digests, so that no line can be taken out unseen."""
    digest = hashlib.sha256()
    for name, sha256 in frames:
        digest.update(f"{name}\0{sha256}\n".encode())
    return digest.hexdigest()


def _hashed(path: Path, starts: tuple[bytes, ...]) -> str:
    try:
        with path.open("rb") as stream:
            if stream.read(4) not in starts:
                raise StageError(
                    "tool",
                    "effects.frame",
                    f"{path.name} is no frame of this format",
                    "its first bytes are others",
                    "render it again",
                )
            stream.seek(0)
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise StageError(
            "tool", "effects.frame", f"{path.name} cannot be read", error.strerror or "", "see it"
        ) from None
