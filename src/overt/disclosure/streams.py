"""Looks at a video, or at sound that only ffmpeg reads, before anything is spent on it.

Every packet is read; the first and the last seconds are decoded, and sound files whole. The burn-in
decodes the rest and fails on the first damaged frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NoReturn

from overt.disclosure import ffmpeg
from overt.disclosure.codecs import streams
from overt.disclosure.facts import Facts, Limits, fail
from overt.models import Media


def examine_video(media: Media, media_type: str, limits: Limits) -> Facts:
    """Read all packets of a file, decode its first and last seconds, and tell its streams.

    Raises:
        StageError: See `overt.disclosure.examine`.
    """
    with ffmpeg.as_file(media) as path:
        facts = streams(path, media_type, limits)
        whole = ["-map", "0:v?", "-map", "0:a?", "-c", "copy"]
        if not facts.has_video:
            whole = ["-map", "0:a"]
        _read_through([*ffmpeg.source(path), *whole])
        if facts.has_video:
            _read_through(["-t", "1", *ffmpeg.source(path), "-map", "0:v:0", "-map", "0:a?"])
            _read_through(["-sseof", "-1", *ffmpeg.source(path), "-map", "0:v:0", "-map", "0:a?"])
    if media_type == "audio/mp4" and facts.has_video:
        return replace(facts, media_type="video/mp4")
    if media_type == "video/mp4" and not facts.has_video:
        return replace(facts, media_type="audio/mp4")
    return facts


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
        fail("truncated", "the file is cut off", "", "check that the tool wrote all of it")
    fail("corrupt", "the file is damaged", "it cannot be decoded", "check the tool")
