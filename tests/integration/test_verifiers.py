"""A third implementation, in TypeScript, for the formats it reads."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import media_samples as samples
import pytest

NODE = Path(samples.__file__).parent / "node"
READY = (NODE / "node_modules/@trustnxt/c2pa-ts").is_dir() and shutil.which("node")
MEDIA_TYPES = ("image/jpeg", "image/png", "image/heic", "image/avif")

pytestmark = pytest.mark.skipif(
    not READY and os.environ.get("CI") != "true", reason="run tools/install_node_verifier.sh"
)


def judged(paths):
    done = subprocess.run(
        ["node", str(NODE / "verify.mjs"), *map(str, paths)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("algorithm", ["es256", "ps256", "ed25519"])
def test_typescript_agrees(algorithm, tmp_path):
    embedder = samples.keys(algorithm).embedder()
    paths = []
    for media_type in MEDIA_TYPES:
        data = embedder.sign(samples.media(media_type), samples.manifest(media_type)).media.read()
        whole = tmp_path / f"whole{samples.SUFFIXES[media_type]}"
        broken = tmp_path / f"broken{samples.SUFFIXES[media_type]}"
        whole.write_bytes(data)
        broken.write_bytes(samples.flipped(data, samples.middle_of_content(data, media_type)))
        paths += [whole, broken]
    results = judged(paths)
    assert [each["valid"] for each in results] == [True, False] * len(MEDIA_TYPES), results
