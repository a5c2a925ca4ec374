"""Looks at a video, or at sound that only ffmpeg reads, before anything is spent on it.

The container says whether it is whole; the first and the last keyframe are decoded, and sound files
to their end. The rest is read once, by the run that writes the new file, and that
one stops at the first damaged packet: reading a video twice would cost what its sound costs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from overt.beside import beside
from overt.disclosure import ffmpeg
from overt.disclosure.codecs import streams
from overt.disclosure.damage import cut_off, damaged
from overt.disclosure.facts import Facts, Limits
from overt.models import Media

_KEYFRAME = ("-threads", "1", "-noaccurate_seek", "-skip_frame", "nokey")
"""One thread: for a single picture, starting more takes longer than they save."""


def examine_video(media: Media, media_type: str, limits: Limits) -> Facts:
    """Tell a file's streams, whether it is whole, and whether its ends decode.

    Raises:
        StageError: See `overt.disclosure.examine`.
    """
    with ffmpeg.as_file(media) as path:
        facts = streams(path, media_type, limits)
        if facts.detail["cut_off"]:
            cut_off()
        if facts.has_video:
            facts = _look(path, facts)
        else:
            _read_through([*ffmpeg.source(path), "-map", "0:a"])
    if media_type == "audio/mp4" and facts.has_video:
        return replace(facts, media_type="video/mp4")
    if media_type == "video/mp4" and not facts.has_video:
        return replace(facts, media_type="audio/mp4")
    return facts


def _look(path: Path, facts: Facts) -> Facts:
    """Decode the first second and the last, of the pictures keyframes only, at the same time.

    The sound is decoded for as long as it takes to tell how loud the programme is, which a notice
    will have to know.
    """
    first = ["-t", "1", *_KEYFRAME, *ffmpeg.source(path), "-map", "0:v:0"]
    last = ["-sseof", "-1", *_KEYFRAME, *ffmpeg.source(path), "-map", "0:v:0", "-map", "0:a?"]
    with (
        beside(partial(_read_through, first)) as first_looked,
        beside(partial(_read_through, last)) as last_looked,
    ):
        detail = facts.detail
        if facts.has_audio:
            from overt.disclosure.programme import programme_lufs

            detail = {**detail, "programme_lufs": programme_lufs(path, facts, strict=True)}
        first_looked(), last_looked()
    return replace(facts, detail=detail)


def _read_through(arguments: Sequence[str]) -> None:
    try:
        done = ffmpeg.run([*arguments, "-f", "null", "-"], limit_s=1800.0)
    except ffmpeg.Failed as failed:
        damaged(str(failed))
    if done.complaint.strip():
        damaged(done.complaint)
