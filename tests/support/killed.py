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

LONGEST_S = 0.6
"""The first run of a child takes some 200 ms, those after it 20, so this falls anywhere."""


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


def main(folder: Path, rounds: int, seed: int) -> None:
    """Start and kill `rounds` children."""
    source = random.Random(seed)
    (folder / "out").mkdir()
    guard = Guard.open(folder / "overt.toml")
    guard.check_prompt("a lighthouse at dusk", "image/png")  # tables are loaded once, here
    data = picture()
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
        time.sleep(source.random() * LONGEST_S)
        os.kill(child, signal.SIGKILL)
        status = os.waitpid(child, 0)[1]
        if not os.WIFSIGNALED(status):
            raise SystemExit("a child ended by itself")
    guard.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
