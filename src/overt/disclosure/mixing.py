"""The sound of a video: when the notice is heard, and the filters that mix it in.

The programme is ducked by 15 dB under each notice, with ramps of 200 ms. The notice keeps its peaks
`HEADROOM` under full scale, so that the sum does not clip and no limiter has to touch the programme
anywhere else. Repeats come from one short file that is looped, so memory does not grow with the
video's length.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from overt.disclosure.audio import PAUSE_S, Heard, spread
from overt.disclosure.facts import Facts
from overt.disclosure.profiles import Profile
from overt.disclosure.programme import programme_lufs
from overt.disclosure.speech import Notice, at_level, target_lufs

DUCK = 0.178
"""Gain of the programme under a notice: -15 dB."""
HEADROOM = 0.71
"""Highest peak of a notice that is mixed: with a ducked programme at full scale it makes 0.89."""
RAMP_S = 0.2


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


def scheduled(
    path: Path, facts: Facts, rules: Profile, notices: Sequence[Notice]
) -> tuple[Schedule, list[Heard]]:
    """When each sentence is heard, at which level beside the programme."""
    rate, channels = facts.sample_rate, max(1, facts.channels)
    measured = facts.detail.get("programme_lufs")
    programme = programme_lufs(path, facts) if measured is None else float(measured)
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
    if rules.end_card_s:
        end = duration  # over the card, not over the work
    if end is not None and at_start and end < length + 1:
        end = None  # the one at the start is still being said
    last = (end if end is not None else duration) - length - 1
    total = max(duration, length if at_start else 0.0, end + length if end is not None else 0.0)
    schedule = Schedule(cycle, rate, at_start, every, last, end, total)
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
            frames = spread(at_level(notice, rate, level, channels, HEADROOM), channels)
            offsets.append((notice, position / rate, len(frames) / rate))
            parts += [frames, pause]
            position += len(frames) + len(pause)
        if position / rate >= min_s:
            return parts, offsets


def write_wav(path: Path, schedule: Schedule) -> None:
    """One round of the notice as a file for ffmpeg."""
    import soundfile

    soundfile.write(path, schedule.cycle, schedule.rate, subtype="FLOAT", format="WAV")


def mix_filters(track: int, index: int, s: Schedule) -> str:
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
    said = "+".join(windows)
    duck = f"volume='1-{1 - DUCK:.3f}*min(1,{said})':eval=frame:enable='gt({said},0)'"
    # Sound that begins late is filled up first, or everything would begin with it.
    whole = f"aresample=first_pts=0,{duck},apad=whole_dur={s.total_s:.4f}"
    programme = f"[0:a:{track}]{whole}[p{track}]"
    mix = f"{mixed}amix=inputs={inputs}:normalize=0:duration=first[a{track}]"
    return ";".join(part for part in (*chain, programme, mix) if part)


def _window(t: str, length: float) -> str:
    """1 while a notice is heard, with ramps at both ends."""
    return f"clip(min(({t}+{RAMP_S})/{RAMP_S},({length:.4f}-{t})/{RAMP_S}),0,1)"
