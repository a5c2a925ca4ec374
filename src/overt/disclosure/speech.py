"""Where the samples of a spoken notice come from.

In this order: the builder's own speaker (the voice of the content, as Colorado asks), the packaged
clip, an installed `espeak-ng` program in a process of its own, and at last the rhythm short-long-
short-short with the English clip. What was used is always told. A clip is used only where its
sentence is the one that is owed: a builder who rewrote a sentence must bring a voice for it.
"""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from overt.disclosure.clips import clip_for, samples
from overt.disclosure.loudness import loudness, resampled
from overt.disclosure.planning import Spoken
from overt.errors import OvertError, StageError
from overt.ports import Speaker, Speech

_ESPEAK_GOOD = frozenset({"en", "es", "it", "ro", "pl", "de", "nl", "cs", "hu", "hr", "id", "sw"})
"""Languages in which espeak-ng 1.51 was understood by a transcriber (error rate under 0.25)."""
_ESPEAK_LIMIT_S = 20.0
_REFERENCE_LUFS = -18.0


@dataclass(frozen=True, slots=True, eq=False)
class Notice:
    """Samples of one sentence, with where they came from.

    `language` is what is really spoken: `en` where the planned one could not be.
    """

    samples: np.ndarray[Any, np.dtype[np.float32]]
    rate: int
    language: str
    kind: str
    key: str
    text: str
    engine: str
    voice: str
    licence: str
    cer: float | None = None
    earcon: bool = False
    heard_by: str | None = None


def notice_for(spoken: Spoken, speaker: Speaker | None) -> Notice:
    """Samples for a sentence of the plan.

    Raises:
        StageError: Nothing here can speak it, and the profile forbids another language.
    """
    for source in (_own_voice, _clip, _espeak):
        notice = source(spoken, speaker)
        if notice is not None:
            return notice
    if spoken.exact:
        raise StageError(
            "disclose",
            "disclose.no_voice",
            f"no voice here speaks this sentence in {spoken.language}",
            "the profile wants that one and no other",
            "give the guard a speaker",
        )
    return _earcon(spoken)


def _own_voice(spoken: Spoken, speaker: Speaker | None) -> Notice | None:
    if speaker is None or not _speaks(speaker.languages(), spoken.language):
        return None
    try:
        made: Speech | None = speaker.speak(spoken.reading or spoken.text, spoken.language)
    except OvertError:
        raise
    except Exception as error:
        raise StageError(
            "disclose", "disclose.speaker_failed", "the speaker failed", type(error).__name__
        ) from None
    if made is None:
        return None
    sound = np.asarray(made.samples, np.float32).ravel()
    if len(sound) < made.sample_rate // 4 or not np.isfinite(sound).all():
        raise StageError("disclose", "disclose.speaker_failed", "the speaker made no usable speech")
    return Notice(
        sound, made.sample_rate, spoken.language, spoken.kind, spoken.key, spoken.text,
        made.engine, made.voice, made.licence,
    )  # fmt: skip


def _speaks(languages: Collection[str], wanted: str) -> bool:
    return wanted in languages or wanted.split("-")[0] in {tag.split("-")[0] for tag in languages}


def _clip(spoken: Spoken, _: Speaker | None) -> Notice | None:
    return _packaged(spoken)


@lru_cache(maxsize=64)
def _packaged(spoken: Spoken) -> Notice | None:
    clip = clip_for(spoken.language, spoken.kind)
    if clip is None or clip.text != spoken.text:
        return None
    sound, rate = samples(clip.file)
    return Notice(
        sound, rate, spoken.language, spoken.kind, spoken.key, spoken.text,
        clip.engine, clip.voice, clip.licence, clip.cer, heard_by=clip.review,
    )  # fmt: skip


def _espeak(spoken: Spoken, _: Speaker | None) -> Notice | None:
    """The installed program, in languages where it was understood; text in, WAV out."""
    program = shutil.which("espeak-ng")
    if program is None or spoken.language not in _ESPEAK_GOOD:
        return None
    voice = spoken.language
    command = [program, "-v", voice, "-s", "150", "--stdout", "--stdin"]
    try:
        done = subprocess.run(  # noqa: S603  a list, no shell
            command, input=spoken.text.encode(), capture_output=True, timeout=_ESPEAK_LIMIT_S
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    if done.returncode or len(done.stdout) < 1000:
        return None
    import soundfile

    try:
        sound, rate = soundfile.read(io.BytesIO(done.stdout), dtype="float32")
    except soundfile.LibsndfileError:
        return None
    return Notice(
        sound, int(rate), spoken.language, spoken.kind, spoken.key, spoken.text,
        "espeak-ng", voice, "output of a separate program",
    )  # fmt: skip


def _earcon(spoken: Spoken) -> Notice:
    """Short, long, short, short (GB 45438-2025), then the English sentence."""
    clip = clip_for("en", spoken.kind) or clip_for("en", "generated")
    if clip is None:
        raise StageError("disclose", "disclose.no_clip", "the packaged English clip is missing")
    sound, rate = samples(clip.file)
    gap = np.zeros(int(0.12 * rate), np.float32)
    parts: list[Any] = []
    for seconds in (0.12, 0.36, 0.12, 0.12):
        parts += [_tone(seconds, rate), gap]
    return Notice(
        np.concatenate([*parts, gap, sound]), rate, "en", clip.kind, f"spoken_{clip.kind}",
        clip.text, f"earcon+{clip.engine}", clip.voice, clip.licence, clip.cer, earcon=True,
        heard_by=clip.review,
    )  # fmt: skip


def _tone(seconds: float, rate: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    t = np.arange(int(seconds * rate)) / rate
    fade = np.minimum(1, np.minimum(t, seconds - t) / 0.01)
    return (0.2 * np.sin(2 * np.pi * 880 * t) * fade).astype(np.float32)


@lru_cache(maxsize=16)
def at_level(
    notice: Notice, rate: int, lufs: float, channels: int = 1, limit: float = 10 ** (-1 / 20)
) -> np.ndarray[Any, np.dtype[np.float32]]:
    """The notice at a sample rate and loudness, its peak held under `limit`, -1 dBFS by default.

    Loudness is that over all `channels`: on both of two, each carries 3 dB less.
    """
    if 2 <= channels <= 4:
        lufs -= 10 * float(np.log10(2))
    sound = np.asarray(resampled(notice.samples, notice.rate, rate), np.float32)
    measured = loudness(sound, rate)
    if not np.isfinite(measured):
        measured = _REFERENCE_LUFS
    sound = sound * np.float32(10 ** ((lufs - measured) / 20))
    peak = float(np.abs(sound).max())
    if peak > limit:  # soft knee: loudness is kept, only the peaks give way
        sound = np.float32(limit) * np.tanh(sound / np.float32(limit))
    return np.asarray(sound, np.float32)


def target_lufs(programme: float) -> float:
    """A little louder than the programme, within what is heard on any device."""
    if not np.isfinite(programme):
        return _REFERENCE_LUFS
    return float(min(-14.0, max(-23.0, programme + 3.0)))
