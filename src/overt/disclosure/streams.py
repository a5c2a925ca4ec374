"""Looks at a video, or at sound that only ffmpeg reads, before anything is spent on it.

The container says whether it is whole; the first and the last keyframe are decoded, and sound files
to their end, in one process. The rest is read once, by the run that writes the new file, and that
one stops at the first damaged packet: reading a video twice would cost what its sound costs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from overt.disclosure import ffmpeg
from overt.disclosure.codecs import streams
from overt.disclosure.facts import Facts, Limits, fail
from overt.models import Media

_KEYFRAME = ("-noaccurate_seek", "-skip_frame", "nokey")


def examine_video(media: Media, media_type: str, limits: Limits) -> Facts:
    """Tell a file's streams, whether it is whole, and whether its ends decode.

    Raises:
        StageError: See `overt.disclosure.examine`.
    """
    with ffmpeg.as_file(media) as path:
        facts = streams(path, media_type, limits)
        if facts.detail["cut_off"]:
            _cut_off()
        _read_through(_looks(path) if facts.has_video else [*ffmpeg.source(path), "-map", "0:a"])
    if media_type == "audio/mp4" and facts.has_video:
        return replace(facts, media_type="video/mp4")
    if media_type == "video/mp4" and not facts.has_video:
        return replace(facts, media_type="audio/mp4")
    return facts


def _looks(path: Path) -> list[str]:
    """Two looks at one file: its first second and its last, of the pictures keyframes only."""
    head, tail = ["-t", "1", *_KEYFRAME], ["-sseof", "-1", *_KEYFRAME]
    arguments = [*head, *ffmpeg.source(path), *tail, *ffmpeg.source(path)]
    arguments += ["-map", "0:v:0", "-map", "0:a?", "-f", "null", "-"]
    return [*arguments, "-map", "1:v:0", "-map", "1:a?"]


def _read_through(arguments: Sequence[str]) -> None:
    try:
        done = ffmpeg.run([*arguments, "-f", "null", "-"], limit_s=1800.0)
    except ffmpeg.Failed as failed:
        _damaged(str(failed))
    if done.complaint.strip():
        _damaged(done.complaint)


def _damaged(complaint: str) -> NoReturn:
    lower = complaint.lower()
    signs = ("partial file", "moov atom not found", "ended prematurely", "end of file", "truncated")
    if any(sign in lower for sign in signs):
        _cut_off()
    fail("corrupt", "the file is damaged", "it cannot be decoded", "check the tool")


def _cut_off() -> NoReturn:
    fail("truncated", "the file is cut off", "", "check that the tool wrote all of it")
