"""Real media for the disclosure tests: pictures, sounds and videos made by the tools people use."""

from __future__ import annotations

import io
import subprocess
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from PIL import Image

from overt.disclosure import Content, DisclosurePlan, Facts, Renderer, examine, plan
from overt.disclosure.ffmpeg import program
from overt.models import Disclosure, Media


def pixels(width: int, height: int, seed: int = 1) -> np.ndarray[Any, Any]:
    """A noisy gradient: neither flat nor alike anywhere."""
    rng = np.random.default_rng(seed)
    base = np.linspace(0, 255, width)[None, :, None] * np.ones((height, 1, 3))
    return (base + rng.normal(0, 20, base.shape)).clip(0, 255).astype("uint8")


def picture(width: int, height: int, form: str = "PNG", mode: str = "RGB", **options: Any) -> bytes:
    """An encoded picture."""
    buffer = io.BytesIO()
    Image.fromarray(pixels(width, height)).convert(mode).save(buffer, form, **options)
    return buffer.getvalue()


def sound(
    rate: int = 24_000,
    channels: int = 1,
    seconds: float = 3.0,
    form: str = "WAV",
    subtype: str | None = None,
    gain: float = 0.2,
) -> bytes:
    """An encoded tone whose loudness rises and falls."""
    t = np.arange(int(rate * seconds)) / rate
    wave = gain * np.sin(2 * np.pi * 220 * t) * (1 + np.sin(2 * np.pi * 3 * t)) / 2
    buffer = io.BytesIO()
    soundfile.write(buffer, wave[:, None] * np.ones(channels), rate, format=form, subtype=subtype)
    return buffer.getvalue()


def media(data: bytes | Path, media_type: str) -> Media:
    """An asset from bytes or a path."""
    if isinstance(data, Path):
        return Media(media_type=media_type, path=data)
    return Media(media_type=media_type, data=data)


def disclosed(
    asset: Media,
    content: Content | None = None,
    languages: tuple[str, ...] = ("en",),
    *,
    obligations: tuple[Any, ...] = (),
    profiles: tuple[str, ...] = (),
    name: str | None = None,
    renderer: Renderer | None = None,
    **options: Any,
) -> tuple[Media, tuple[Disclosure, ...], DisclosurePlan, Facts]:
    """Examine, plan and render in one go."""
    facts = examine(asset, declared=asset.media_type)
    known = replace(content or Content(asset.media_type), facts=facts)
    owed = plan(known, obligations, profiles, languages)
    made, shown = (renderer or Renderer()).disclose(asset, owed, name, facts=facts, **options)
    return made, shown, owed, facts


def samples(asset: Media) -> tuple[np.ndarray[Any, Any], int]:
    """Float samples of a sound asset."""
    data, rate = soundfile.read(io.BytesIO(asset.read()), dtype="float64", always_2d=True)
    return data, rate


def ffmpeg(*arguments: str | Path) -> None:
    """Run ffmpeg as other tools would."""
    subprocess.run([program(), "-v", "error", "-y", *map(str, arguments)], check=True)


@cache
def _video(folder: Path, name: str, options: tuple[str, ...], seconds: float, size: str) -> Path:
    path = folder / name
    ffmpeg(
        *["-f", "lavfi", "-i", f"testsrc2=s={size}:r=25:d={seconds}"],
        *["-f", "lavfi", "-i", f"sine=f=300:d={seconds}:r=48000"],
        *options,
        path,
    )
    return path


def video(
    folder: Path, name: str, *options: str, seconds: float = 7.0, size: str = "640x360"
) -> Path:
    """A video with a tone; made once a session for one set of options."""
    return _video(folder, name, options, seconds, size)


H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-ac", "2")
