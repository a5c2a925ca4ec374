"""Runs a guard in children that are killed without warning, one after the other.

`python killed.py FOLDER ROUNDS SEED`: FOLDER is an installation of `overt init`. Each child runs
the whole line again and again, puts its outputs into FOLDER/out, and writes a line to FOLDER/acks
only after `run()` has returned. The parent kills each with SIGKILL at a random moment.
"""

from __future__ import annotations

import io
import json
import os
import random
import signal
import sys
import time
from pathlib import Path

from overt.guard import Guard
from overt.models import Media, Request

RUNS = 3
"""A child lives at most as long as so many first runs took, so its end falls anywhere in one or
in the ten times shorter runs after it, on a slow machine as on a fast one."""
PATIENCE_S = 120.0


def picture() -> bytes:
    from PIL import Image

    stream = io.BytesIO()
    Image.new("RGB", (256, 256), (200, 30, 30)).save(stream, "PNG")
    return stream.getvalue()


def work(guard: Guard, folder: Path, name: str, ready: int, data: bytes) -> None:
    """Until killed: run, then acknowledge."""
    acks = os.open(folder / "acks", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(ready, b"r")
    for number in range(1_000_000):
        path = folder / f"out/{name}-{number}.png"
        result = guard.run(
            Request(prompt="a lighthouse at dusk", media_type="image/png"),
            lambda _: Media(media_type="image/png", data=data),
            destination=path,
        )
        line = {"index": result.record.index, "path": path.name, "id": result.decision.id}
        os.write(acks, json.dumps(line).encode() + b"\n")


def first_run(folder: Path) -> float:
    """Seconds until the child has acknowledged a run."""
    start = time.monotonic()
    acks = folder / "acks"
    while not (acks.exists() and acks.read_bytes().endswith(b"\n")):
        if time.monotonic() - start > PATIENCE_S:
            raise SystemExit(f"no run was acknowledged within {PATIENCE_S:.0f} s")
        time.sleep(0.005)
    return time.monotonic() - start


def main(folder: Path, rounds: int, seed: int) -> None:
    """Start and kill `rounds` children: the first after one run, the others at any moment."""
    source = random.Random(seed)
    (folder / "out").mkdir()
    guard = Guard.open(folder / "overt.toml")
    guard.check_prompt("a lighthouse at dusk", "image/png")  # tables are loaded once, here
    data = picture()
    longest = 0.0
    for number in range(rounds):
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                work(guard, folder, str(number), writer, data)
            finally:
                os._exit(1)
        os.close(writer)
        if os.read(reader, 1) != b"r":
            raise SystemExit("a child died by itself")
        os.close(reader)
        if number == 0:
            longest = RUNS * first_run(folder)
        else:
            time.sleep(source.random() * longest)
        os.kill(child, signal.SIGKILL)
        status = os.waitpid(child, 0)[1]
        if not os.WIFSIGNALED(status):
            raise SystemExit("a child ended by itself")
    guard.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
