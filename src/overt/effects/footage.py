"""Where pixels come from: one picture, a movie, or numbered frames; and a few of them, made small.

EXR and DPX frames are decoded by ffmpeg. EXR holds light in proportion, up to white here; it is
put on the scale of a screen, or what happens in the dark would count for nothing. Sampling is by
the number of the frame, so that a movie and the frames it was made of are compared frame by frame.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from overt.asking import ingredients
from overt.effects import movie, sequence
from overt.errors import ConfigError, StageError
from overt.models import Media, Modality

if TYPE_CHECKING:
    import numpy as np

    Frames = np.ndarray[Any, np.dtype[np.float32]]

SIZE = (192, 128)
"""Width and height at which moving pictures are compared, whatever their shape."""
FRAMES = 12
"""Frames that are looked at, spread over the length."""
_PATTERN = re.compile(r"%0?\d*d|#+")
_LIMIT_S = 120.0
_GAMMA = 1 / 2.2


@dataclass(frozen=True, slots=True)
class Footage:
    """A source of pixels.

    Args:
        media: What stands for it in a manifest: the picture, the movie, or the first frame.
        frames: All frames, where it is a sequence; a still that only ffmpeg is to decode has one.
    """

    media: Media
    frames: tuple[Path, ...] = ()

    @property
    def moves(self) -> bool:
        """Whether it has more than one moment."""
        return len(self.frames) > 1 or self.media.modality is Modality.VIDEO


def footage(path: Path) -> Footage:
    """What a path of a declaration means.

    Args:
        path: A picture, a movie, frames as `s.%04d.exr` or `s.####.exr`, a folder with the frames
            of one shot, or the manifest of a master.

    Raises:
        ConfigError: Nothing is there, or a folder has several sequences.
    """
    if path.name.endswith((sequence.SUFFIX, movie.SUFFIX)):
        return _of_master(path)
    if path.is_dir():
        found = sequence.sequences(path)
        if len(found) != 1:
            raise ConfigError(
                "effects.frames", f"{path} has {len(found)} sequences", todo="name one by a pattern"
            )
        return of_sequence(found[0])
    if is_pattern(path):
        return of_sequence(matching(path))
    known = sequence.FORMATS.get(path.suffix.lower()) or movie.type_of(path)
    if known in _UNKNOWN_TO_SNIFF and path.is_file():
        return Footage(Media(media_type=known, path=path))
    (media,) = ingredients(path)
    return Footage(media)


_UNKNOWN_TO_SNIFF = ("image/x-exr", "image/x-dpx", "video/mxf")


def of_sequence(frames: sequence.Sequence) -> Footage:
    """A sequence as a source of pixels."""
    paths = tuple(path for _, path in frames.frames)
    return Footage(Media(media_type=frames.media_type, path=paths[0]), paths)


def samples(source: Footage) -> Frames:
    """A few frames of something that moves, small, values 0 to 1.

    Raises:
        StageError: `effects.undecodable`.
    """
    import numpy as np

    if source.frames:
        chosen = [source.frames[at] for at in _places(len(source.frames))]
        return np.concatenate([frame(path, SIZE) for path in chosen])
    path = source.media.path
    if path is None:
        from overt.disclosure import ffmpeg

        with ffmpeg.as_file(source.media) as kept:
            return _of_movie(kept)
    return _of_movie(path)


def frame(path: Path, size: tuple[int, int]) -> Frames:
    """One frame that is a file of its own, by ffmpeg: 1 x height x width x 3.

    Raises:
        StageError: `effects.undecodable`.
    """
    import numpy as np

    from overt.disclosure import ffmpeg

    # No pattern: a name with a percent sign is a name.
    taken = _decoded(["-f", "image2", "-pattern_type", "none", *ffmpeg.source(path)], size)
    return np.power(taken, _GAMMA) if path.suffix.lower() == ".exr" else taken


def _of_movie(path: Path) -> Frames:
    import numpy as np

    from overt.disclosure import ffmpeg

    length_s, count = _length(path)
    if not length_s:
        raise _undecodable()
    taken = []
    for at in _places(count) if count > 1 else [0]:
        # Half a frame early: the first frame that is not before it is the wanted one.
        moment = max(0.0, (at - 0.5) * length_s / max(count, 1))
        opened = ["-ss", f"{moment:.6f}", *ffmpeg.source(path), "-map", "0:v:0", "-an"]
        taken.append(_decoded(opened, SIZE))
    return np.concatenate(taken)


def _places(count: int) -> list[int]:
    """Numbers of the frames that are looked at, each in the middle of its share."""
    wanted = min(FRAMES, count)
    return [int((each + 0.5) * count / wanted) for each in range(wanted)]


def _length(path: Path) -> tuple[float, int]:
    """Seconds and frames of the pictures of a movie; zeros where there are none."""
    track = movie.picture_track(path)
    if track is None:
        return 0.0, 0
    seconds = float(track.duration or 0) / 1000
    rate = float(track.frame_rate or 0)
    return seconds, int(track.frame_count or 0) or round(seconds * rate)


def _decoded(opened: list[str], size: tuple[int, int]) -> Frames:
    """The first frame of an input of ffmpeg."""
    import numpy as np

    from overt.disclosure import ffmpeg

    width, height = size
    wanted = f"scale={width}:{height}:flags=area,format=rgb48le"
    arguments = [*opened, "-vf", wanted, "-frames:v", "1", "-f", "rawvideo", "pipe:1"]
    try:
        raw = ffmpeg.run(arguments, limit_s=_LIMIT_S, strict=False).output
    except ffmpeg.Failed:
        raise _undecodable() from None
    if len(raw) != width * height * 6:
        raise _undecodable()
    flat = np.frombuffer(raw, dtype="<u2").reshape(1, height, width, 3)
    return flat.astype(np.float32) / np.float32(65535)


def _undecodable() -> StageError:
    return StageError(
        "screen", "effects.undecodable", "a shot or its plate cannot be compared", "", "see it"
    )


def is_pattern(path: Path) -> bool:
    """Whether a path names frames, as `s.%04d.exr` does, and no file."""
    return bool(_PATTERN.search(path.name)) and not path.exists()


def matching(pattern: Path) -> sequence.Sequence:
    """The sequence that a pattern names.

    Raises:
        ConfigError: `effects.frames`: there is none.
    """
    if pattern.parent.is_dir():
        start = _PATTERN.split(pattern.name, maxsplit=1)[0]
        for one in sequence.sequences(pattern.parent):
            if one.stem == start and one.suffix == pattern.suffix:
                return one
    raise ConfigError("effects.frames", f"no frames are called {pattern.name}", todo="see the path")


def _of_master(manifest: Path) -> Footage:
    from overt.effects.master import read

    listed = read(manifest)
    if listed.movie is not None:
        return footage(listed.movie)
    paths = tuple(path for path, _ in listed.frames)
    media_type = sequence.FORMATS[paths[0].suffix.lower()]
    return Footage(Media(media_type=media_type, path=paths[0]), paths)
