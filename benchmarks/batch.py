"""What a batch costs: one core against several, the guard against bare label-and-sign, memory.

Run: `python benchmarks/batch.py [--count N] [--workers W] [--big GB] [--json FILE]`. The assets are
mixed: pictures of two sizes as PNG and JPEG, sounds and texts. *Bare* is the same examine, plan,
render, sign and read-back of the same files by the same library calls, with no screen, policy,
database or ledger; nor fingerprints for `overt lookup`, which are no part of labelling or signing,
so that the guard is shown with and without them. Bare and guarded are taken file by file in turn,
because the machine is shared, and both do all their work in one thread, as a worker of a batch does
(a guard in a service uses threads beside, which costs some more processor time); the batch on one
core (one worker, and the coordinator, and nothing else of the machine) and on several follow each
other, each with its processes' start left out. CPU seconds are given beside wall seconds: on a busy
machine only they compare.

`--big` is another run: that many gigabytes of sounds to be labelled and of movies to be signed,
made with holes so that the sources take no room; an output is removed once it was made. It shows
what all processes together keep in memory.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import tempfile
import threading
import time
import wave
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests/support"))
from batch_media import house, picture, sound
from effects_media import CODECS, movie, scene

from overt.batch.local import LocalEngine
from overt.batch.run import Batch
from overt.batch.sources import Tree
from overt.batch.tasks import Mark, Settings
from overt.beside import one_by_one
from overt.config import load_config
from overt.disclosing import content
from overt.disclosure import examine, plan
from overt.effects.declaration import Declaration
from overt.effects.marking import mark
from overt.effects.metadata import declared_for
from overt.guard import Guard
from overt.models import Media
from overt.provenance.manifest import manifest_for
from overt.sniff import HEAD_BYTES, media_type_of


def assets(folder: Path, count: int, scale: int = 1) -> list[Path]:
    """Seven pictures, two sounds and a text in each ten."""
    folder.mkdir()
    made = []
    for number in range(count):
        kind = number % 10
        if kind == 9:
            name, data = "txt", f"Note {number} about the weather on the coast.".encode()
        elif kind >= 7:
            name, data = "wav", sound(number, 4.0 * scale)
        else:
            size = (1280 * scale, 960 * scale) if kind < 4 else (640 * scale, 480 * scale)
            name = "jpg" if kind % 2 else "png"
            data = picture(number, size, "JPEG" if kind % 2 else "PNG")
        path = folder / f"a{number:05d}.{name}"
        path.write_bytes(data)
        made.append(path)
    return made


class Bare:
    """Label and sign, and nothing else, with what the guard decided once for such an asset."""

    def __init__(self, guard: Guard) -> None:
        self._parts = guard._parts
        self._samples: dict[str, Any] = {}
        self._guard = guard

    def prepare(self, media: Media) -> None:
        """Learn, once a media type, what is owed."""
        if media.media_type not in self._samples:
            request = Declaration().request(media, self._guard.subject)
            request = request.model_copy(update={"inputs": (media,)})
            self._samples[media.media_type] = self._guard.prepare(request)

    def __call__(self, media: Media, target: Path) -> None:
        """Examine, plan, render, sign, read back, deliver."""
        parts, clearance = self._parts, self._samples[media.media_type]
        facts = examine(media, declared=media.media_type)
        planned = plan(
            content(clearance, facts), clearance.decision.obligations, (), clearance.languages
        )
        with tempfile.TemporaryDirectory(dir=target.parent) as name:
            shown, disclosures = parts.renderer.disclose(
                media, planned, name=None, facts=facts, work=Path(name)
            )
            manifest = manifest_for(
                media.media_type,
                act=clearance.request.act,
                extent=clearance.request.extent,
                tool_name="bench",
                tool_version=None,
                disclosures=disclosures,
                inputs=(media,),
                when=datetime.now(UTC),
            )
            done = parts.embedder.sign(
                shown, manifest, inputs=(media,), destination=Path(name) / target.name
            )
            assert done.media.path is not None
            done.media.path.replace(target)


def overhead(config: Path, files: list[Path], out: Path, *, lookup: bool) -> dict[str, float]:
    """Processor time, bare and guarded, file by file in turn: means and their ratio."""
    out.mkdir()
    read = load_config(config)
    kept = read.lookup.model_copy(update={"fingerprints": lookup})
    read = read.model_copy(update={"lookup": kept})
    times: dict[str, list[float]] = {"bare": [], "guarded": []}
    one_by_one()
    with Guard.open(read) as guard:
        bare = Bare(guard)

        def guarded(media: Media, target: Path) -> None:
            mark(guard, media, Declaration(), destination=target, isolated=False)

        jobs: list[tuple[str, Callable[[Media, Path], None]]] = [
            ("bare", bare),
            ("guarded", guarded),
        ]
        for number, path in enumerate(files):
            kind = media_type_of(path.read_bytes()[:HEAD_BYTES], path)
            media = Media(media_type=str(kind), path=path)
            bare.prepare(media)
            # In turn, and each first in every second pair: caches favour whoever comes second.
            for name, job in jobs if number % 2 else reversed(jobs):
                started = time.process_time()
                job(media, out / f"{name}{number}{path.suffix}")
                times[name].append(time.process_time() - started)
    cut = len(files) // 10  # the first ones load libraries
    sums = {name: sum(values[cut:]) for name, values in times.items()}
    count = len(files) - cut
    return {
        "bare_ms": 1e3 * sums["bare"] / count,
        "guarded_ms": 1e3 * sums["guarded"] / count,
        "ratio": sums["guarded"] / sums["bare"],
    }


class Watched(LocalEngine):
    """Notes when marking began, and the workers' memory as it goes."""

    def __init__(self, settings: Settings, workers: int) -> None:
        super().__init__(settings, workers, 3600.0)
        self.began = 0.0
        self.memory_mb: list[float] = []

    def give(self, task: Any) -> None:
        """Note the moment of the first mark."""
        if isinstance(task, Mark) and not self.began:
            self.began = time.perf_counter()
        super().give(task)

    def take(self) -> Any:
        """Note the workers' resident memory."""
        self.memory_mb.append(max(resident_mb(lane._process.pid) for lane in self._lanes))
        return super().take()


def resident_mb(pid: int | None) -> float:
    """Resident memory of a process."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * resource.getpagesize() / 1e6


def batch(config: Path, source: Path, out: Path, workers: int, cores: set[int]) -> dict[str, Any]:
    """Seconds from the first mark to the last on these cores, and memory over time."""
    os.sched_setaffinity(0, cores)  # what is started from here on inherits it
    engines: list[Watched] = []

    def engine(settings: Settings) -> Watched:
        engines.append(Watched(settings, workers))
        return engines[0]

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    summary = Batch(Tree(source, {}), out, load_config(config), engine).run()
    ended = time.perf_counter()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    memory = engines[0].memory_mb
    tenth = max(1, len(memory) // 10)
    return {
        "cores": len(cores),
        "workers": workers,
        "outcomes": dict(summary.outcomes),
        "seconds": ended - engines[0].began,
        "cpu_seconds": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "memory_mb_early": float(np.median(memory[tenth : 3 * tenth])),
        "memory_mb_late": float(np.median(memory[-2 * tenth :])),
        "coordinator_mb": resident_mb(os.getpid()),
    }


HOLE = 500_000_000


class Swept(Watched):
    """Adds up the memory of all processes, and removes outputs that were made."""

    def take(self) -> Any:
        """Pass answers on."""
        for task, answer in super().take():
            if isinstance(task, Mark):
                (self._settings.out / task.name).unlink(missing_ok=True)
            yield task, answer


class Memory(threading.Thread):
    """Samples the memory of this process and of all that it started.

    Pages that several of them share are counted once (`Pss`); beside that stands the sum of what
    each has resident, which counts them in each.
    """

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak_mb, self.resident_mb, self.over = 0.0, 0.0, threading.Event()

    def run(self) -> None:
        """Until it is told that it is over."""
        while not self.over.wait(0.1):
            found = family(os.getpid())
            self.peak_mb = max(self.peak_mb, sum(map(share_mb, found)))
            self.resident_mb = max(self.resident_mb, sum(map(resident_mb, found)))


def share_mb(pid: int) -> float:
    """A process's share of the memory: what it has alone, and its part of what it shares."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1e3


def family(pid: int) -> list[int]:
    """A process and its descendants."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(folder.name))
    found = [pid]
    for one in found:
        found.extend(children.get(one, ()))
    return found


def hollow(folder: Path, gigabytes: float) -> int:
    """Half the bytes as sounds of 104 MB, half as movies with a hole of 500 MB; how many files."""
    folder.mkdir()
    sounds = round(gigabytes * 500 / 104)
    for number in range(sounds):
        rate, frames = 48_000, 104_000_000 // 4
        with wave.open(str(folder / f"s{number:03d}.wav"), "wb") as file:
            file.setnchannels(2)
            file.setsampwidth(2)
            file.setframerate(rate + number)  # no two files are the same asset
            file.writeframes(b"")
        with (folder / f"s{number:03d}.wav").open("r+b") as raw:
            raw.seek(4)
            raw.write((36 + frames * 4).to_bytes(4, "little"))
            raw.seek(40)
            raw.write((frames * 4).to_bytes(4, "little"))
            raw.truncate(44 + frames * 4)
    for number in range(round(gigabytes)):
        path = folder / f"m{number:03d}.mov"
        movie(path, scene(12, gain=0.9 + number / 100), CODECS["prores.mov"])
        size = path.stat().st_size
        with path.open("r+b") as raw:
            raw.seek(size)
            raw.write(HOLE.to_bytes(4, "big") + b"free")
            raw.truncate(size + HOLE)
    (folder / "overt.yaml").write_text("files:\n  '*.mov': {extent: minor}\n")
    return len(list(folder.iterdir())) - 1


def big(config: Path, root: Path, gigabytes: float, workers: int) -> dict[str, Any]:
    """Peak memory of all processes over a batch of large files."""
    files = hollow(root / "big", gigabytes)
    total = sum(path.stat().st_size for path in (root / "big").iterdir())
    memory, started = Memory(), time.perf_counter()
    memory.start()
    source = Tree(root / "big", {}, declared_for)
    summary = Batch(
        source, root / "done", load_config(config), lambda settings: Swept(settings, workers)
    ).run()
    memory.over.set()
    return {
        "files": files,
        "bytes": total,
        "workers": workers,
        "outcomes": dict(summary.outcomes),
        "seconds": time.perf_counter() - started,
        "peak_mb": memory.peak_mb,
        "resident_peak_mb": memory.resident_mb,
    }


def main() -> None:
    """All three, as a table and as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--pairs", type=int, default=100, help="files for bare against guarded")
    parser.add_argument("--scale", type=int, default=1, help="3: pictures of 11 megapixels")
    parser.add_argument("--workers", type=int, help="default: 3, with --big 2")
    parser.add_argument("--big", type=float, help="gigabytes of large files, and nothing else")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    Image.MAX_IMAGE_PIXELS = None
    workers = options.workers or (2 if options.big else 3)
    with tempfile.TemporaryDirectory(prefix="overt-bench-") as name:
        root = Path(name)
        config = house(root / "house")
        if options.big:
            shown(big(config, root, options.big, workers), options.json)
            return
        files = assets(root / "in", options.count, options.scale)
        found: dict[str, Any] = {
            "count": options.count,
            "scale": options.scale,
            "bytes": sum(path.stat().st_size for path in files),
            "load": os.getloadavg()[0],
            "overhead": overhead(config, files[: options.pairs], root / "pairs", lookup=False),
            "overhead_with_lookup": overhead(
                config, files[: options.pairs], root / "pairs2", lookup=True
            ),
        }
        cores = os.sched_getaffinity(0)
        one = batch(config, root / "in", root / "one", 1, {min(cores)})
        many = batch(config, root / "in", root / "many", workers, cores)
        found |= {"one": one, "many": many, "speed_up": one["seconds"] / many["seconds"]}
    shown(found, options.json)


def shown(found: dict[str, Any], file: Path | None) -> None:
    """Print figures, and keep them where asked."""
    print(json.dumps(found, indent=1))
    if file:
        file.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
