"""Notices in videos and in sound files that only ffmpeg reads.

The label is drawn once and laid over the pictures; the notice is mixed over the start, the
programme ducked under it by 15 dB with ramps of 200 ms, for a notice put before would shift the
pictures. If only the sound changes, the video packets are copied bit for bit. Kept: frame count,
timestamps (variable frame rates too), sound rate and channels, every sound and subtitle track,
chapters, colour flags and metadata. A rotated video is written upright.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from overt.disclosure import ffmpeg
from overt.disclosure.audio import PAUSE_S, Heard, correlation, spread
from overt.disclosure.codecs import audio_options, overlay_format, streams, video_options
from overt.disclosure.facts import Facts, Limits, fail
from overt.disclosure.loudness import SILENT, loudness
from overt.disclosure.placing import Artist, Placed, measure, place
from overt.disclosure.profiles import Profile
from overt.disclosure.speech import Notice, at_level, target_lufs
from overt.errors import StageError
from overt.models import Media

DUCK = 0.178
"""Gain of the programme under a notice: -15 dB."""
RAMP_S = 0.2
MEASURE_S = 30.0


@dataclass(frozen=True, slots=True)
class Schedule:
    """When the notice is heard in a video.

    Attributes:
        cycle: The sentences in a row with their pauses, frames by channels.
        starts: Where the first one begins; empty when nothing is said at the start.
        every_s: Distance of repeats.
        last_s: No repeat begins after this.
        end_s: Where the one at the end begins.
        total_s: Length of the finished sound track.
    """

    cycle: np.ndarray[Any, np.dtype[np.float32]]
    rate: int
    at_start: bool
    every_s: float | None
    last_s: float
    end_s: float | None
    total_s: float

    @property
    def length_s(self) -> float:
        """Seconds of one notice."""
        return len(self.cycle) / self.rate


def render_video(
    path: Path,
    target: Path,
    facts: Facts,
    rules: Profile,
    artist: Artist | None,
    notices: Sequence[Notice],
    progress: ffmpeg.Progress | None = None,
) -> tuple[Placed | None, list[Heard]]:
    """Write `target` with the label burned in and the notice mixed in.

    Raises:
        StageError: The label has no room, or ffmpeg fails.
    """
    import tempfile

    with tempfile.TemporaryDirectory(prefix="overt-") as folder:
        placed = _placed(path, facts, rules, artist) if artist is not None else None
        inputs: list[str] = []
        graph: list[str] = []
        maps: list[str] = []
        count = 1
        if placed is not None:
            overlay = Path(folder) / "label.png"
            placed.art.image.save(overlay, "PNG", compress_level=1)
            inputs += ffmpeg.source(overlay)
            graph.append(_overlay(count, placed, facts, rules))
            maps += ["-map", "[v]", *video_options(facts)]
            count += 1
        elif facts.has_video:
            maps += ["-map", "0:v", "-c:v", "copy"]
        heard: list[Heard] = []
        if notices:
            schedule, heard = _scheduled(path, facts, rules, notices)
            _write_wav(Path(folder) / "notice.wav", schedule)
            inputs += ffmpeg.source(Path(folder) / "notice.wav")
            tracks = int(facts.detail.get("audio_tracks", 1))
            graph += [_mix(track, tracks, count, schedule) for track in range(tracks)]
            for track in range(tracks):
                maps += ["-map", f"[a{track}]"]
            maps += audio_options(facts)
        elif facts.has_audio:
            maps += ["-map", "0:a", "-c:a", "copy"]
        maps += ["-map", "0:s?", "-c:s", "copy", "-map_metadata", "0", "-map_chapters", "0"]
        maps += _container(facts)
        arguments = [*ffmpeg.source(path), *inputs]
        if graph:
            arguments += ["-filter_complex", ";".join(graph)]
        limit = 120 + 30 * facts.duration_s
        try:
            ffmpeg.run([*arguments, *maps], target=target, limit_s=limit, progress=progress)
        except ffmpeg.Failed as failed:
            _refused(str(failed))
    return placed, heard


def _refused(complaint: str) -> None:
    for sign in ("Invalid data", "corrupt", "Error submitting packet", "partial file"):
        if sign in complaint:
            fail("corrupt", "the video is damaged", "a frame cannot be decoded", "check the tool")
    raise StageError(
        "disclose", "disclose.encode", "the video cannot be written again", "ffmpeg failed"
    )


# --- pictures ----------------------------------------------------------------------------------


def _placed(path: Path, facts: Facts, rules: Profile, artist: Artist) -> Placed:
    """Choose the corner on a frame from inside the video, on even pixels for 4:2:0."""
    frame = frame_at(path, facts, min(1.0, facts.duration_s * 0.2))
    found = place(frame, (facts.width, facts.height), 1, artist, rules.corner, strip=False)
    x, y = found.box[0] // 2 * 2, found.box[1] // 2 * 2
    w, h = found.art.image.size
    return Placed((x, y, x + w, y + h), found.size, False, found.art)


def _overlay(index: int, placed: Placed, facts: Facts, rules: Profile) -> str:
    until = "" if rules.visible_whole else f":enable='lt(t,{max(2.0, rules.visible_min_s):.2f})'"
    form = overlay_format(facts)
    x, y = placed.box[:2]
    pixel = facts.detail["pixel_format"]
    return f"[0:v:0][{index}:v]overlay={x}:{y}:format={form}{until},format={pixel}[v]"


def frame_at(
    path: Path, facts: Facts, at_s: float, box: tuple[int, int, int, int] | None = None
) -> Any:
    """One frame as shown, or a region of it, as a Pillow picture.

    Raises:
        StageError: It cannot be decoded.
    """
    from PIL import Image

    left, top, right, bottom = box or (0, 0, facts.width, facts.height)
    w, h = right - left, bottom - top
    crop = ["-vf", f"crop={w}:{h}:{left}:{top}:exact=1,format=rgb24"] if box else []
    seek = ["-ss", f"{at_s:.3f}"] if at_s > 0 else []
    try:
        done = ffmpeg.run(
            [
                *seek,
                *ffmpeg.source(path),
                *["-map", "0:v:0", *crop, "-frames:v", "1", "-pix_fmt", "rgb24"],
                *["-f", "rawvideo", "pipe:1"],
            ],
            limit_s=60.0,
            strict=False,
        )
    except ffmpeg.Failed:
        fail("corrupt", "the video is damaged", "a frame cannot be decoded")
    if len(done.output) != w * h * 3:
        fail("corrupt", "the video is damaged", "a frame is missing")
    return Image.frombytes("RGB", (w, h), done.output)


def check_pictures(path: Path, facts: Facts, placed: Placed, rules: Profile) -> dict[str, float]:
    """Look at frames at the start, in the middle and at the end."""
    last = max(0.0, facts.duration_s - max(0.5, 3.0 / float(facts.detail.get("fps") or 25)))
    until = last if rules.visible_whole else min(last, max(2.0, rules.visible_min_s) - 0.2)
    worst = {"contrast": 99.0, "match": 1.0}
    for at in sorted({0.0, round(until / 2, 2), round(max(0.0, until), 2)}):
        found = measure(frame_at(path, facts, at, placed.box), placed.art.mask)
        worst = {key: min(worst[key], found[key]) for key in worst}
    return worst


# --- sound -------------------------------------------------------------------------------------


def sound_of(path: Path, rate: int, channels: int, at_s: float, length_s: float) -> Any:
    """Float samples of the first sound track, frames by channels."""
    seek = ["-ss", f"{at_s:.3f}"] if at_s > 0 else []
    try:
        done = ffmpeg.run(
            [
                *[*seek, *ffmpeg.source(path), "-map", "0:a:0", "-t", f"{length_s:.3f}"],
                *["-ar", str(rate), "-ac", str(channels), "-f", "f32le", "pipe:1"],
            ],
            limit_s=120.0,
            strict=False,
        )
    except ffmpeg.Failed:
        fail("corrupt", "the sound track is damaged")
    whole = len(done.output) // (4 * channels) * 4 * channels
    return np.frombuffer(done.output[:whole], np.float32).reshape(-1, channels)


def _scheduled(
    path: Path, facts: Facts, rules: Profile, notices: Sequence[Notice]
) -> tuple[Schedule, list[Heard]]:
    rate, channels = facts.sample_rate, max(1, facts.channels)
    start = sound_of(path, rate, channels, 0.0, MEASURE_S)
    programme = loudness(start, rate) if len(start) else SILENT
    level = target_lufs(programme)
    parts, offsets = _cycle(notices, rate, channels, level, rules.spoken_min_s)
    cycle = np.concatenate(parts)
    length = len(cycle) / rate
    duration = facts.duration_s
    at_start = rules.spoken_start or not rules.spoken_end
    every = rules.spoken_every_s
    if every is not None and every <= length + 5:
        every = length + 5
    end = max(0.0, duration - length) if rules.spoken_end else None
    if end is not None and at_start and end < length + 1:
        end = None  # the one at the start is still being said
    last = (end if end is not None else duration) - length - 1
    schedule = Schedule(
        cycle, rate, at_start, every, last, end, max(duration, length if at_start else 0.0)
    )
    times = [0.0] if at_start else []
    if every is not None:
        times += [k * every for k in range(1, int(max(0.0, last) // every) + 1)]
    times += [end] if end is not None else []
    heard = [
        Heard(notice, time + offset, time + offset + seconds, level, programme)
        for time in times
        for notice, offset, seconds in offsets
    ]
    return schedule, heard


def _cycle(
    notices: Sequence[Notice], rate: int, channels: int, level: float, min_s: float
) -> tuple[list[Any], list[tuple[Notice, float, float]]]:
    """The sentences one after the other, and where each lies."""
    pause = np.zeros((int(PAUSE_S * rate), channels), np.float32)
    parts: list[Any] = []
    offsets: list[tuple[Notice, float, float]] = []
    position = 0
    while True:
        for notice in notices:
            frames = spread(at_level(notice, rate, level, channels), channels)
            offsets.append((notice, position / rate, len(frames) / rate))
            parts += [frames, pause]
            position += len(frames) + len(pause)
        if position / rate >= min_s:
            return parts, offsets


def _write_wav(path: Path, schedule: Schedule) -> None:
    import soundfile

    soundfile.write(path, schedule.cycle, schedule.rate, subtype="FLOAT", format="WAV")


def _mix(track: int, tracks: int, index: int, s: Schedule) -> str:
    """Filters for one sound track: the programme ducked, the notices over it."""
    length, rate = s.length_s, s.rate
    windows: list[str] = []
    chain: list[str] = []
    mixed = f"[p{track}]"
    inputs = 1
    copies = (1 if s.at_start else 0) + (1 if s.end_s is not None else 0)
    labels = [f"[n{track}_{k}]" for k in range(copies)]
    chain.append(f"[{index}:a]asplit={copies}{''.join(labels)}" if copies > 1 else "")
    feeds = labels if copies > 1 else [f"[{index}:a]"]
    if s.at_start:
        feed = feeds.pop(0)
        if s.every_s is not None and s.last_s >= s.every_s:
            period = round(s.every_s * rate)
            until = (s.last_s // s.every_s) * s.every_s + length
            loop = f"apad=whole_len={period},aloop=loop=-1:size={period},atrim=end={until:.4f}"
            chain.append(f"{feed}{loop}[s{track}]")
            windows.append(
                f"lt(t,{until + RAMP_S:.4f})*{_window(f'mod(t,{s.every_s:.4f})', length)}"
            )
        else:
            chain.append(f"{feed}anull[s{track}]")
            windows.append(_window("t", length))
        mixed += f"[s{track}]"
        inputs += 1
    if s.end_s is not None:
        chain.append(f"{feeds.pop(0)}adelay={round(s.end_s * 1000)}:all=1[e{track}]")
        windows.append(_window(f"(t-{s.end_s:.4f})", length))
        mixed += f"[e{track}]"
        inputs += 1
    duck = f"1-{1 - DUCK:.3f}*min(1,{'+'.join(windows)})"
    programme = f"[0:a:{track}]volume='{duck}':eval=frame,apad=whole_dur={s.total_s:.4f}[p{track}]"
    limiter = "alimiter=limit=0.89:level=0"
    mix = f"{mixed}amix=inputs={inputs}:normalize=0:duration=first,{limiter}[a{track}]"
    return ";".join(part for part in (*chain, programme, mix) if part)


def _window(t: str, length: float) -> str:
    """1 while a notice is heard, with ramps at both ends."""
    return f"clip(min(({t}+{RAMP_S})/{RAMP_S},({length:.4f}-{t})/{RAMP_S}),0,1)"


def check_notice(path: Path, facts: Facts, heard: Heard) -> dict[str, float]:
    """Listen to the finished file where the notice should be."""
    rate, channels = facts.sample_rate, max(1, facts.channels)
    slack = 0.3
    begin = max(0.0, heard.start_s - slack)
    frames = sound_of(path, rate, channels, begin, heard.end_s - heard.start_s + 2 * slack)
    if not len(frames):
        return {"match": 0.0, "lufs": SILENT}
    mono = frames[:, 2] if channels >= 5 else frames[:, 0]
    wanted = at_level(heard.notice, rate, heard.lufs, channels)
    found, at = correlation(mono, wanted)
    part = frames[at : at + len(wanted)]
    return {"match": round(found, 3), "lufs": round(loudness(part, rate), 1)}


def _container(facts: Facts) -> list[str]:
    if facts.media_type in ("video/mp4", "audio/mp4"):
        return ["-movflags", "+faststart+use_metadata_tags"]
    return []


# --- before work starts ------------------------------------------------------------------------


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
