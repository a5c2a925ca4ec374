"""The whole line around a no-op tool, beside the same steps done bare, as a ratio.

Bare: decode, draw a label, encode, sign with c2pa-python and read back, decode again, fsync,
rename, two SQLite commits with full sync. Same picture, same process, in blocks of ten runs by
turns. Fingerprinting and keeping the manifest for `overt lookup` are no step of the bare run, so
both ways are shown.

The bare run is as fast as these steps allow one after another: it verifies what it signed once (the
library's `verify_after_sign` would do it a second time), encodes with the guard's settings, and
keeps its signer, context and connection. The guard looks at the finished file in one thread while
another reads the signature back, so beside the ratio of wall time, which counts for a caller who
waits, stands that of processor time, which counts for a server whose cores are all busy. Run it:

    python benchmarks/line.py [--runs 60]
"""

from __future__ import annotations

import argparse
import io
import json
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "examples"))
_WARM_UP = 3
_BLOCK = 10


def main() -> None:
    """Print medians and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=60)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for title, data, media_type in _pictures():
            bare = _bare(folder, data, media_type)
            for lookup in (False, True):
                ours = _ours(folder, data, media_type, lookup=lookup)
                row = {"picture": title, "kept_for_lookup": lookup, **_paired(ours, bare, runs)}
                print(json.dumps(row), flush=True)


def _pictures() -> list[tuple[str, bytes, str]]:
    from generators import photograph, picture

    return [
        ("jpeg 1600x1067", photograph(), "image/jpeg"),
        ("jpeg 4000x3000", photograph(size=(4000, 3000)), "image/jpeg"),
        ("png 960x640", picture("a lighthouse"), "image/png"),
    ]


def _paired(one: Callable[[], None], other: Callable[[], None], runs: int) -> dict[str, float]:
    """Medians in milliseconds and their ratios, of runs in short blocks and turn by turn.

    A server does the one or the other many times over: that is `ratio`. Turn by turn, each finds
    the processor's caches full of the other's code, which costs ours, being the larger, more: that
    is `alternating`, the harder of the two.
    """
    ours: list[_Spent] = []
    bare: list[_Spent] = []
    for step in (one, other):
        for _ in range(_WARM_UP):
            step()
    for block in range(-(-runs // _BLOCK)):
        turns = [(one, ours), (other, bare)]
        for step, times in turns if block % 2 else reversed(turns):
            times += [_spent(step) for _ in range(_BLOCK)]
    turns_ms = [
        (_spent(one).wall_ms, _spent(other).wall_ms)
        if number % 2
        else (_spent(other).wall_ms, _spent(one).wall_ms)[::-1]
        for number in range(runs)
    ]
    guard_ms, bare_ms = (statistics.median(t.wall_ms for t in times) for times in (ours, bare))
    guard_cpu, bare_cpu = (statistics.median(t.cpu_ms for t in times) for times in (ours, bare))
    return {
        "guard_ms": round(guard_ms, 2),
        "bare_ms": round(bare_ms, 2),
        "ratio": round(guard_ms / bare_ms, 3),
        "alternating": round(statistics.median(a / b for a, b in turns_ms), 3),
        "cpu_ratio": round(guard_cpu / bare_cpu, 3),
    }


class _Spent(NamedTuple):
    wall_ms: float
    cpu_ms: float


def _spent(step: Callable[[], None]) -> _Spent:
    wall, cpu = time.perf_counter(), time.process_time()
    step()
    return _Spent((time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000)


def _ours(folder: Path, data: bytes, media_type: str, *, lookup: bool) -> Callable[[], None]:
    from overt import Guard, Media, Request

    kept = {} if lookup else {"fingerprints": False, "archive": None}
    guard = Guard.ephemeral(lookup=kept)
    request = Request(prompt="a lighthouse on a cliff at dusk", media_type=media_type)
    media = Media(media_type=media_type, data=data)
    out = folder / f"ours.{media_type.rpartition('/')[2]}"

    def step() -> None:
        guard.run(request, lambda _: media, destination=out)

    return step


def _bare(folder: Path, data: bytes, media_type: str) -> Callable[[], None]:
    from c2pa import Builder, C2paSignerInfo, Context, Reader, Signer
    from PIL import Image, ImageDraw, ImageFont

    from overt.provenance.identity import make_test_identity
    from overt.tables import data_path

    keys = make_test_identity(folder / f"keys-{len(data)}")
    context = Context.from_dict(
        {
            "version": 1,
            "verify": {"verify_after_sign": False, "remote_manifest_fetch": False},
            "trust": {"trust_anchors": keys.root.read_text()},
            "builder": {"thumbnail": {"enabled": False}},
        }
    )
    signer = Signer.from_info(
        C2paSignerInfo(b"es256", keys.chain.read_bytes(), keys.key.read_bytes(), None)
    )
    manifest = {
        "claim_generator_info": [{"name": "bare"}],
        "assertions": [
            {
                "label": "c2pa.actions.v2",
                "data": {
                    "actions": [
                        {
                            "action": "c2pa.created",
                            "digitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/"
                            "trainedAlgorithmicMedia",
                        }
                    ]
                },
            }
        ],
    }
    font_file = next(data_path("disclosure", "fonts").glob("*.ttf"))
    database = sqlite3.connect(folder / f"bare-{len(data)}.db", isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE log (body BLOB)")
    out = folder / f"bare.{media_type.rpartition('/')[2]}"
    kind = media_type.rpartition("/")[2].upper()
    how: dict[str, Any] = {"quality": "keep"} if kind == "JPEG" else {"compress_level": 4}

    def commit() -> None:
        database.execute("BEGIN IMMEDIATE")
        database.execute("INSERT INTO log VALUES (?)", (b"x" * 300,))
        database.execute("COMMIT")

    def step() -> None:
        commit()
        image = Image.open(io.BytesIO(data))
        image.load()
        size = max(16, min(image.size) // 20)
        font = ImageFont.truetype(str(font_file), size)
        draw = ImageDraw.Draw(image, "RGBA")
        draw.rounded_rectangle(
            (20, 20, 30 + 8 * size, 40 + size), size // 2, fill=(17, 17, 17, 230)
        )
        draw.text((30, 26), "AI-generated", font=font, fill="white")
        encoded = io.BytesIO()
        image.save(encoded, kind, **how)
        encoded.seek(0)
        temporary = out.with_suffix(".tmp")
        with temporary.open("w+b") as target:
            Builder(manifest, context).sign(signer, media_type, encoded, target)
            target.flush()
            os.fsync(target.fileno())
            target.seek(0)
            with Reader(media_type, target, context=context) as reader:
                assert json.loads(reader.json())["validation_state"] == "Trusted"
        with Image.open(temporary, formats=[kind]) as again:
            again.load()
        temporary.replace(out)
        commit()

    return step


if __name__ == "__main__":
    main()
