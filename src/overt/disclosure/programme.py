"""The sound track of a file that ffmpeg reads, as samples, and how loud the programme is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from overt.disclosure import ffmpeg
from overt.disclosure.damage import damaged
from overt.disclosure.facts import Facts
from overt.disclosure.loudness import SILENT, loudness

MEASURE_S = 15.0
"""How much of the programme is measured for its loudness."""


def sound_of(
    path: Path, rate: int, channels: int, at_s: float, length_s: float, *, strict: bool = False
) -> Any:
    """Float samples of the first sound track, frames by channels.

    Args:
        path: The file.
        rate: Frames a second that are wanted.
        channels: Channels that are wanted.
        at_s: Where to begin.
        length_s: How much is read; less where the track ends before.
        strict: Whether one damaged packet counts.

    Raises:
        StageError: `disclose.corrupt`.
    """
    # At the beginning, sound that begins late is filled up with silence.
    place = ["-ss", f"{at_s:.3f}"] if at_s > 0 else []
    filled = [] if at_s > 0 else ["-af", "aresample=first_pts=0"]
    try:
        done = ffmpeg.run(
            [
                *[*place, *ffmpeg.source(path), "-map", "0:a:0", "-t", f"{length_s:.3f}"],
                *[*filled, "-ar", str(rate), "-ac", str(channels), "-f", "f32le", "pipe:1"],
            ],
            limit_s=120.0,
            strict=strict,
        )
    except ffmpeg.Failed as failed:
        damaged(str(failed))
    if strict and done.complaint.strip():
        damaged(done.complaint)
    whole = len(done.output) // (4 * channels) * 4 * channels
    return np.frombuffer(done.output[:whole], np.float32).reshape(-1, channels)


def programme_lufs(path: Path, facts: Facts, *, strict: bool = False) -> float:
    """Loudness of the programme's first `MEASURE_S`; `SILENT` where there is no sound in it.

    Raises:
        StageError: As of `sound_of`.
    """
    rate, channels = facts.sample_rate, max(1, facts.channels)
    start = sound_of(path, rate, channels, 0.0, MEASURE_S, strict=strict)
    return loudness(start, rate) if len(start) else SILENT
