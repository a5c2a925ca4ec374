"""What a disclosure costs beside the same work done bare, in the same process and run.

Run: `python benchmarks/disclosure.py [--json FILE]`. Each pair does the same steps: decode, draw,
encode and decode again for a picture; a remux with the same audio transcode, and an overlay of the
same picture, for a video. Ours counts everything: the look before, the work, and the proof. Pairs
are run in turn and the best of each is taken, for the machine is shared; `cpu_ratio` compares the
processor time, children included, and moves less with what else runs. Memory is the peak of
our process and that of the largest ffmpeg process, over a short and a long film.
"""

from __future__ import annotations

import argparse
import io
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from PIL import Image

from overt.disclosure import Content, Renderer, examine, plan
from overt.disclosure.ffmpeg import program
from overt.disclosure.fonts import Fonts
from overt.disclosure.label import LabelLine, draw
from overt.language import identify
from overt.models import Media


def compared(rounds: int, bare: Callable[[], Any], ours: Callable[[], Any]) -> dict[str, float]:
    """Wall and processor time of the fastest run of each, the two taken in turn."""
    spent = []
    for at in range(rounds + 1):
        for job in (bare, ours):
            start, used = time.perf_counter(), _used()
            job()
            if at:  # the first round warms caches
                spent.append((time.perf_counter() - start, _used() - used))
    one, two = spent[::2], spent[1::2]
    wall = [min(w for w, _ in runs) for runs in (one, two)]
    cpu = [min(c for _, c in runs) for runs in (one, two)]
    median = statistics.median(b[0] / a[0] for a, b in zip(one, two, strict=True))
    return {
        "bare_s": wall[0],
        "overt_s": wall[1],
        "ratio": wall[1] / wall[0],
        "median_ratio": median,
        "cpu_ratio": cpu[1] / cpu[0],
    }


def _used() -> float:
    """Processor seconds of this process and of its finished children."""
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(sum(resource.getrusage(kind)[:2]) for kind in kinds)


def photo(width: int = 4000, height: int = 3000) -> bytes:
    """A 12 megapixel JPEG with the detail of a photograph."""
    rng = np.random.default_rng(2)
    coarse = Image.fromarray(rng.integers(0, 255, (75, 100, 3), np.uint8))
    smooth = np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC), np.int16)
    noisy = (smooth + rng.normal(0, 6, smooth.shape)).clip(0, 255).astype("uint8")
    buffer = io.BytesIO()
    Image.fromarray(noisy).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def bench_picture(rounds: int) -> dict[str, float]:
    """Label a 12 MP JPEG."""
    data = photo()
    fonts, renderer = Fonts(), Renderer()
    line = LabelLine("AI-generated", "Latn", "ltr", "en")
    asset = Media(media_type="image/jpeg", data=data)

    def bare() -> None:
        image = Image.open(io.BytesIO(data))
        image.load()
        art = draw([line], fonts, 90, (3800, 2000), floor_px=11)
        assert art is not None
        image.paste(art.image, (image.width - art.image.width - 60, 60), art.image)
        out = io.BytesIO()
        image.save(out, "JPEG", quality="keep")
        Image.open(io.BytesIO(out.getvalue())).load()

    def ours() -> None:
        facts = examine(asset, declared="image/jpeg")
        owed = plan(Content("image/jpeg", facts), (), (), ("en",))
        renderer.disclose(asset, owed, facts=facts)

    return compared(rounds, bare, ours)


def bench_sound(rounds: int) -> dict[str, float]:
    """Speak before ten minutes of stereo WAV."""
    rng = np.random.default_rng(1)
    buffer = io.BytesIO()
    soundfile.write(buffer, rng.normal(0, 0.1, (48_000 * 600, 2)), 48_000, "PCM_16", format="WAV")
    data = buffer.getvalue()
    asset, renderer = Media(media_type="audio/wav", data=data), Renderer()

    def bare() -> None:
        samples, rate = soundfile.read(io.BytesIO(data), dtype="int32")
        out = io.BytesIO()
        pause = np.zeros((rate * 5, 2), np.int32)
        soundfile.write(out, np.concatenate([pause, samples]), rate, "PCM_16", format="WAV")
        soundfile.read(io.BytesIO(out.getvalue()), dtype="int32")

    def ours() -> None:
        facts = examine(asset, declared="audio/wav")
        renderer.disclose(asset, plan(Content("audio/wav", facts), (), (), ("fr",)), facts=facts)

    return compared(rounds, bare, ours)


def make_video(folder: Path, seconds: int, size: str = "1920x1080") -> Path:
    """An H.264 video with stereo AAC."""
    path = folder / f"v{seconds}.mp4"
    command = [program(), "-v", "error", "-y", "-f", "lavfi", "-i", f"testsrc2=s={size}:r=30"]
    command += ["-f", "lavfi", "-i", "sine=f=300:r=48000", "-t", str(seconds), "-ac", "2"]
    command += ["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-c:a", "aac"]
    subprocess.run([*command, "-b:a", "128k", str(path)], check=True)
    return path


def bench_video(rounds: int, seconds: int, part: str) -> dict[str, float]:
    """Change only the sound of a 1080p video (`sound`), or burn a label into it (`burn`)."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = make_video(folder, seconds)
        asset, renderer = Media(media_type="video/mp4", path=source), Renderer()
        line = LabelLine("AI-generated", "Latn", "ltr", "en")
        art = draw([line], Fonts(), 33, (1800, 400), floor_px=11)
        assert art is not None
        art.image.save(folder / "label.png")
        bare = [program(), "-v", "error", "-y", "-i", str(source)]
        if part == "sound":
            bare += ["-c:v", "copy", "-c:a", "aac", "-b:a", "128k"]
        else:
            bare += ["-i", str(folder / "label.png"), "-map", "[v]", "-map", "0:a", "-c:a", "copy"]
            bare += ["-filter_complex", "[0:v][1:v]overlay=1500:20:format=yuv420[v]"]
            bare += ["-c:v", "libx264", "-preset", "veryfast", "-crf", "18"]

        def plain() -> None:
            subprocess.run([*bare, str(folder / "bare.mp4")], check=True)

        def ours() -> None:
            facts = examine(asset, declared="video/mp4")
            owed = plan(Content("video/mp4", facts), (), (), ("en",))
            owed = replace(owed, visible=()) if part == "sound" else replace(owed, spoken=())
            made, _ = renderer.disclose(asset, owed, facts=facts, work=folder)
            assert made.path is not None
            made.path.unlink()

        return {"seconds": seconds, **compared(rounds, plain, ours)}


def bench_memory() -> dict[str, float]:
    """Peak memory of labelling and speaking over 2 and over 20 minutes, and how they compare."""
    peaks = {}
    with tempfile.TemporaryDirectory() as name:
        for minutes in (2, 20):
            source = make_video(Path(name), minutes * 60, "320x240")
            code = (
                "import resource,sys;from pathlib import Path;from overt.disclosure import *;"
                "from overt.models import Media;"
                "m=Media(media_type='video/mp4',path=Path(sys.argv[1]));"
                "f=examine(m,declared='video/mp4');"
                "Renderer().disclose(m,plan(Content('video/mp4',f),(),(),('en',)),facts=f,"
                "work=Path(sys.argv[1]).parent);"
                "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,"
                "resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
            )
            done = subprocess.run(
                [sys.executable, "-c", code, source], capture_output=True, check=True
            )
            own, children = (int(part) / 1024 for part in done.stdout.split())
            peaks[f"{minutes}min_python_mb"], peaks[f"{minutes}min_ffmpeg_mb"] = own, children
    for part in ("python", "ffmpeg"):
        peaks[f"{part}_ratio"] = peaks[f"20min_{part}_mb"] / peaks[f"2min_{part}_mb"]
    return peaks


def bench_language() -> dict[str, float]:
    """Identify the language of a short prompt."""
    identify("A warm-up text for the model, so that it is loaded")
    start = time.perf_counter()
    for _ in range(2000):
        identify("Les bureaux de vote fermeront à huit heures ce soir")
    return {"ms": (time.perf_counter() - start) / 2}


def main() -> None:
    """Run all, print a table, and write JSON when asked."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", type=Path)
    parser.add_argument("--memory", action="store_true", help="2 and 20 minutes: takes minutes")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=120)
    args = parser.parse_args()
    jobs: dict[str, Callable[[], Any]] = {
        "jpeg_12mp": lambda: bench_picture(args.rounds),
        "wav_10min": lambda: bench_sound(2),
        "video_sound": lambda: bench_video(args.rounds, args.seconds, "sound"),
        "video_burn": lambda: bench_video(args.rounds, max(5, args.seconds // 12), "burn"),
        "language": bench_language,
        **({"memory": bench_memory} if args.memory else {}),
    }
    results: dict[str, Any] = {}
    for name, job in jobs.items():
        results[name] = job()
        print(name, results[name], flush=True)
    if args.json:
        args.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
