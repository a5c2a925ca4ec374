"""Real masters for tests, made by ffmpeg: ProRes, DNxHR, EXR, TIFF and DPX of a drawn scene."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import numpy as np

from overt.disclosure import ffmpeg

SIZE = (256, 144)
RATE = 24
CODECS = {
    "prores.mov": ["-c:v", "prores_ks", "-profile:v", "3", "-pix_fmt", "yuv422p10le"],
    "dnxhr.mov": ["-c:v", "dnxhd", "-profile:v", "dnxhr_hq", "-pix_fmt", "yuv422p"],
    "dnxhr.mxf": ["-c:v", "dnxhd", "-profile:v", "dnxhr_hq", "-pix_fmt", "yuv422p"],
}
_FRAMES = {".exr": "gbrpf32le", ".tif": "rgb48le", ".dpx": "gbrp10be", ".png": "rgb24"}


def scene(frames: int, *, half: bool = False, gain: float = 1.0) -> np.ndarray[Any, Any]:
    """A soft scene in which a bright disc moves, as a screen shows it: values 0 to 1.

    Args:
        frames: How many.
        half: The left half is painted over with another picture.
        gain: A grade.
    """
    width, height = SIZE
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    made = np.empty((frames, height, width, 3), np.float32)
    for at in range(frames):
        for channel, tone in enumerate((0.25, 0.35, 0.5)):
            made[at, ..., channel] = tone + 0.2 * np.sin(x / 40 + channel) * np.cos(y / 30)
        disc = (x - 150 - 3 * at) ** 2 + (y - 70) ** 2 < 400
        made[at][disc] = (0.8, 0.7, 0.3)
        if half:
            stripes = 0.5 + 0.4 * np.sin(x / 3 + y / 5)
            for channel, tone in enumerate((0.9, 0.2, 0.6)):
                made[at, :, : width // 2, channel] = (stripes * tone)[:, : width // 2]
    return np.clip(made * gain, 0, 1)


def movie(path: Path, pictures: np.ndarray[Any, Any], codec: list[str]) -> Path:
    """Pictures and a tone as a movie."""
    seconds = len(pictures) / RATE
    tone = ["-f", "lavfi", "-i", f"sine=frequency=440:sample_rate=48000:duration={seconds}"]
    _run(pictures, [*tone, "-map", "0:v", "-map", "1:a", *codec, "-c:a", "pcm_s24le", str(path)])
    return path


def frames(folder: Path, pictures: np.ndarray[Any, Any], suffix: str, stem: str = "s_") -> Path:
    """Pictures as numbered files; the pattern they are called by. EXR holds linear light."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = np.power(pictures, 2.2) if suffix == ".exr" else pictures
    name = f"{stem}%04d{suffix}"
    _run(kept, ["-map", "0:v", "-pix_fmt", _FRAMES[suffix], "-start_number", "1001",
                str(folder / name)])  # fmt: skip
    return folder / name


def _run(pictures: np.ndarray[Any, Any], rest: list[str]) -> None:
    count, height, width, _ = pictures.shape
    planes = pictures.astype("<f4")[..., [1, 2, 0]].transpose(0, 3, 1, 2)  # G, B, R
    raw = ["-f", "rawvideo", "-pix_fmt", "gbrpf32le", "-s", f"{width}x{height}", "-r", str(RATE)]
    command = [ffmpeg.program(), "-v", "error", "-y", *raw, "-i", "pipe:0", *rest]
    subprocess.run(command, input=planes.tobytes(), check=True, timeout=120)
    assert count
