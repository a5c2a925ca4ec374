"""Small real assets for batch tests: pictures, a sound, a text; each file different."""

from __future__ import annotations

import io
import json
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from PIL import Image

from overt.batch.tasks import Answer, Settings, Task
from overt.batch.worker import Worker
from overt.config import load_config
from overt.guard import Guard
from overt.setup import initialise


def house(folder: Path) -> Path:
    """A fresh installation without the encoder, which takes seconds to load; its overt.toml."""
    folder.mkdir(parents=True, exist_ok=True)
    initialise(folder)
    file = folder / "overt.toml"
    text = file.read_text("utf-8").replace("# intent_model = true", "intent_model = false #")
    file.write_text(text, "utf-8")
    return file


def picture(seed: int, size: tuple[int, int] = (200, 160), kind: str = "PNG") -> bytes:
    """A smooth picture whose colours come from the seed."""
    rng = np.random.default_rng(seed)
    small = Image.fromarray(rng.integers(60, 200, (4, 4, 3), dtype=np.uint8))
    buffer = io.BytesIO()
    small.resize(size, Image.Resampling.BICUBIC).save(buffer, kind)
    return buffer.getvalue()


def sound(seed: int, seconds: float = 1.0) -> bytes:
    """A tone whose pitch comes from the seed."""
    at = np.arange(int(16000 * seconds)) / 16000
    buffer = io.BytesIO()
    soundfile.write(buffer, 0.3 * np.sin(2 * np.pi * (200 + seed) * at), 16000, format="WAV")
    return buffer.getvalue()


def tree(folder: Path, pictures: int, *, others: bool = True) -> list[Path]:
    """Pictures in two folders, and where asked a photograph, a sound and a text."""
    (folder / "deep").mkdir(parents=True)
    made = []
    for seed in range(pictures):
        path = folder / ("deep" if seed % 2 else ".") / f"p{seed:03d}.png"
        path.write_bytes(picture(seed))
        made.append(path)
    if others:
        for name, data in (
            ("photo.jpg", picture(900, kind="JPEG")),
            ("tone.wav", sound(1)),
            ("note.txt", b"A plain note about the weather on the coast."),
        ):
            (folder / name).write_bytes(data)
            made.append(folder / name)
    return made


def report(out: Path, name: str = "report.jsonl") -> dict[str, dict[str, Any]]:
    """Lines of a report by the input's name."""
    lines = (out / name).read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    assert len({row["input"] for row in rows}) == len(rows), "an input has two lines"
    return {Path(row["input"]).name: row for row in rows}


def leaves(config: Path) -> list[dict[str, Any]]:
    """All entries of the ledger of an installation."""
    from sqlalchemy import create_engine, text

    engine = create_engine(load_config(config).database_url())
    with engine.connect() as db:
        bodies = db.execute(text("SELECT body FROM entries ORDER BY idx")).scalars().all()
    engine.dispose()
    return [json.loads(bytes(body)) for body in bodies]


_guards: dict[Path, Guard] = {}


class InlineEngine:
    """Does each task at once, in this process, with one guard an installation."""

    def __init__(self, settings: Settings) -> None:
        folder = settings.config.folder
        if folder not in _guards:
            _guards[folder] = Guard.open(settings.config)
        self._worker = Worker(settings, _guards[folder])
        self._task: Task | None = None

    def free(self) -> int:
        """One task at a time."""
        return 1 - self.busy()

    def busy(self) -> int:
        """Whether there is one."""
        return int(self._task is not None)

    def give(self, task: Task) -> None:
        """Keep it until it is asked for."""
        self._task = pickle.loads(pickle.dumps(task))

    def take(self) -> Iterator[tuple[Task, Answer]]:
        """Do it now."""
        task, self._task = self._task, None
        assert task is not None
        yield task, self._worker.do(task)

    def close(self) -> None:
        """The guard stays for the next batch."""
