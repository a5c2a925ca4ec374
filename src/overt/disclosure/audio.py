"""Spoken notices in sound files that libsndfile reads and writes.

The notice goes before the programme with 0.4 s of silence between, so that it masks nothing; where
the profile says so it comes again at the end and every N seconds. The programme's own samples pass
through as integers where the file has integers: not a bit of them changes in WAV and FLAC. Rate,
channels, bit depth, sample format and text tags are kept. Files are streamed in blocks: memory does
not grow with length.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from overt.disclosure.facts import Facts, Limits, fail
from overt.disclosure.loudness import SILENT, loudness
from overt.disclosure.profiles import Profile
from overt.disclosure.speech import Notice, at_level, target_lufs
from overt.errors import StageError
from overt.models import Media

PAUSE_S = 0.4
BLOCK = 1 << 16
MEASURE_S = 30.0
"""How much of the programme is measured for its loudness."""
_TAGS = ("title", "copyright", "software", "artist", "comment", "date", "album", "license",
         "tracknumber", "genre")  # fmt: skip
_LOSSY = frozenset({"OGG", "MP3"})


@dataclass(frozen=True, slots=True)
class Heard:
    """One notice as it lies in the finished file.

    Attributes:
        start_s: Where it begins.
        end_s: Where it ends.
        lufs: Loudness it was set to.
    """

    notice: Notice
    start_s: float
    end_s: float
    lufs: float
    programme_lufs: float


def examine_audio(media: Media, media_type: str, limits: Limits) -> Facts:
    """Decode all of a sound file.

    Raises:
        StageError: See `overt.disclosure.examine`.
    """
    with opened(media) as sound:
        frames, rate, channels = sound.frames, sound.samplerate, sound.channels
        if rate <= 0 or channels <= 0:
            fail("corrupt", "the sound file has no channels")
        if channels > 16:
            fail("unsupported", "more than 16 channels cannot be labelled")
        if frames / rate > limits.duration_s:
            fail("too_large", "the sound is too long", f"{frames / rate:.0f} s")
        seen = 0
        while block := len(sound.read(BLOCK, dtype=_kind(sound.subtype))):
            seen += block
            if seen / rate > limits.duration_s:
                fail("too_large", "the sound is too long")
        detail = {"format": sound.format, "subtype": sound.subtype, "endian": sound.endian}
    if not seen:
        fail("empty", "the sound file has no sound")
    if sound.format not in _LOSSY and seen < frames:
        fail("truncated", "the sound is cut off", f"{seen} of {frames} samples")
    _container_whole(media, media_type)
    return Facts(
        media_type,
        duration_s=seen / rate,
        channels=channels,
        sample_rate=rate,
        has_audio=True,
        detail=detail,
    )


@contextmanager
def opened(media: Media) -> Iterator[Any]:
    """A sound file for reading; libsndfile's complaints become ours."""
    import soundfile

    source: Any = io.BytesIO(media.data) if media.data is not None else str(media.path)
    try:
        with soundfile.SoundFile(source) as sound:
            yield sound
    except soundfile.LibsndfileError:
        fail("corrupt", "the sound cannot be decoded", "", "check the tool")


def _container_whole(media: Media, media_type: str) -> None:
    """A WAV says how long its data is; libsndfile forgives a shorter file, we do not."""
    if media_type != "audio/wav":
        return
    head = media.data[:4096] if media.data is not None else _first(media.path)
    at = head.find(b"data", 12)
    if at < 0 or head[:4] != b"RIFF":
        return
    stated = int.from_bytes(head[at + 4 : at + 8], "little")
    if stated not in (0, 0xFFFFFFFF) and at + 8 + stated > media.size() + 1:
        fail("truncated", "the sound is cut off", "the data chunk says it is longer")


def _first(path: Path | None) -> bytes:
    assert path is not None
    with path.open("rb") as stream:
        return stream.read(4096)


# --- speaking ----------------------------------------------------------------------------------


def speak_into(
    media: Media, notices: Sequence[Notice], rules: Profile, target: Path | None
) -> tuple[Media, list[Heard]]:
    """Put the notices before, between and after, and return the new asset.

    Raises:
        StageError: The file cannot be read again or the format cannot be written.
    """
    import soundfile

    out: Any = io.BytesIO() if target is None else str(target)
    programme = _programme_level(media)
    with opened(media) as sound:
        options: dict[str, Any] = {
            "format": sound.format, "subtype": sound.subtype, "endian": sound.endian,
        }  # fmt: skip
        if sound.format in _LOSSY:
            options.update(_quality(media, sound))
        try:
            with soundfile.SoundFile(
                out, "w", sound.samplerate, sound.channels, **options
            ) as written:
                for tag in _TAGS:
                    value = getattr(sound, tag, "")
                    if value:
                        setattr(written, tag, value)
                heard = _write(sound, written, notices, rules, programme)
        except soundfile.LibsndfileError as error:
            raise StageError(
                "disclose", "disclose.encode", "the sound cannot be written again", sound.format
            ) from error
    changed = {"data": out.getvalue()} if target is None else {"path": target}
    return media.model_copy(update=changed), heard


def _programme_level(media: Media) -> float:
    with opened(media) as sound:
        start = sound.read(int(MEASURE_S * sound.samplerate), dtype="float32", always_2d=True)
        return loudness(start, sound.samplerate) if len(start) else SILENT


def _write(
    sound: Any, written: Any, notices: Sequence[Notice], rules: Profile, programme: float
) -> list[Heard]:
    """Copy the programme block by block, with the notices where they belong."""
    rate, channels = sound.samplerate, sound.channels
    kind = _kind(sound.subtype)
    level = target_lufs(programme)
    spoken = _sentence(notices, rate, channels, level, rules.spoken_min_s)
    pause = np.zeros((int(PAUSE_S * rate), channels), kind)
    heard: list[Heard] = []
    position = 0

    def put(frames: Any) -> None:
        nonlocal position
        written.write(frames)
        position += len(frames)

    def say() -> None:
        for notice, samples in spoken:
            start = position / rate
            put(_as(spread(samples, channels), kind))
            heard.append(Heard(notice, start, position / rate, level, programme))
            put(pause)

    if rules.spoken_start or not rules.spoken_end:
        say()
    every = int(rules.spoken_every_s * rate) if rules.spoken_every_s else 0
    done = 0
    while True:
        size = min(BLOCK, every - done % every) if every else BLOCK
        block = sound.read(size, dtype=kind, always_2d=True)
        if not len(block):
            break
        put(block)
        done += len(block)
        if every and done % every == 0 and sound.frames - done > rate * 5:
            put(pause)
            say()
    if rules.spoken_end:
        put(pause)
        say()
    return heard


def _sentence(
    notices: Sequence[Notice], rate: int, channels: int, level: float, min_s: float
) -> list[tuple[Notice, np.ndarray[Any, np.dtype[np.float32]]]]:
    """The notices at the file's rate; said again until they last as long as the profile asks."""
    once = [(notice, at_level(notice, rate, level, channels)) for notice in notices]
    seconds = sum(len(samples) / rate + PAUSE_S for _, samples in once)
    times = max(1, -int(-min_s // seconds)) if seconds else 1
    return once * times


def spread(
    samples: np.ndarray[Any, np.dtype[np.float32]], channels: int
) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Mono speech over the channels: both of two, the centre of five or more."""
    out = np.zeros((len(samples), channels), np.float32)
    if channels >= 5:
        out[:, 2] = samples
    else:
        out[:, : min(channels, 2)] = samples[:, None]
    return out


def _kind(subtype: str) -> str:
    """The sample type that carries the file's own values without loss."""
    if subtype in ("PCM_16", "PCM_S8", "PCM_U8", "ULAW", "ALAW"):
        return "int16"
    if subtype == "DOUBLE":
        return "float64"
    return "int32" if subtype.startswith("PCM_") else "float32"


def _as(frames: np.ndarray[Any, np.dtype[np.float32]], kind: str) -> Any:
    if kind.startswith("float"):
        return frames
    top = np.iinfo(kind).max
    return (np.clip(frames, -1.0, 1.0).astype(np.float64) * top).astype(kind)


def _quality(media: Media, sound: Any) -> dict[str, Any]:
    """A compression level at least as good as the source's bit rate."""
    seconds = max(0.2, sound.frames / sound.samplerate)
    kbits = media.size() * 8 / seconds / 1000
    if sound.format == "MP3":
        top = 320.0 if sound.samplerate >= 32_000 else 160.0
        level = (top - min(top, kbits * 1.1)) / (top - 8.0)
        return {"bitrate_mode": "VARIABLE", "compression_level": min(0.6, max(0.0, level * 0.7))}
    if sound.subtype == "OPUS":
        per_channel = kbits / sound.channels
        return {"compression_level": min(0.96, max(0.0, (256 - per_channel * 1.1) / 250))}
    return {"compression_level": min(0.7, max(0.0, 1 - kbits / sound.channels / 160))}


# --- looking again -----------------------------------------------------------------------------


def check_sound(media: Media, heard: Heard) -> dict[str, float]:
    """Listen to the finished file where the notice should be.

    Returns:
        `match`: correlation with the notice, within half a second of its place (codecs add delay);
        `lufs`: loudness measured there.
    """
    with opened(media) as sound:
        rate = sound.samplerate
        wanted = at_level(heard.notice, rate, heard.lufs, sound.channels)
        slack = rate // 2 if sound.format in _LOSSY else 64
        start = max(0, int(heard.start_s * rate) - slack)
        _skip(sound, min(start, max(0, sound.frames - 1)))
        frames = sound.read(len(wanted) + 2 * slack, dtype="float32", always_2d=True)
    if not len(frames):
        return {"match": 0.0, "lufs": SILENT}
    mono = frames[:, 2] if frames.shape[1] >= 5 else frames[:, 0]
    found, at = correlation(mono, wanted)
    part = frames[at : at + len(wanted)]
    return {"match": round(found, 3), "lufs": round(loudness(part, rate), 1)}


def _skip(sound: Any, frames: int) -> None:
    """Go to a place; telephone codecs are read up to there."""
    if sound.seekable():
        sound.seek(frames)
    while not sound.seekable() and frames > 0 and len(sound.read(min(frames, BLOCK))):
        frames -= BLOCK


def correlation(
    signal: np.ndarray[Any, np.dtype[np.float32]], wanted: np.ndarray[Any, np.dtype[np.float32]]
) -> tuple[float, int]:
    """Best normalised cross-correlation of `wanted` in `signal`, and its offset."""
    if len(signal) < len(wanted):
        signal = np.pad(signal, (0, len(wanted) - len(signal)))
    size = 1 << (len(signal) + len(wanted)).bit_length()
    both = np.fft.irfft(np.fft.rfft(signal, size) * np.conj(np.fft.rfft(wanted, size)), size)
    lags = both[: len(signal) - len(wanted) + 1]
    power = np.concatenate([[0.0], np.cumsum(signal.astype(np.float64) ** 2)])
    local = np.sqrt(np.maximum(power[len(wanted) :] - power[: len(lags)], 1e-12))
    scores = lags / (local * max(1e-9, float(np.linalg.norm(wanted))))
    at = int(scores.argmax())
    return float(scores[at]), at
