"""The examples and the README run as they are."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"


def _run(arguments: list[str], cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(EXAMPLES)},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("image_api.py", ["'status': 200", "'status': 403"], id="image API"),
        pytest.param("tts_service.py", ["bonjour.wav", "voice:somebody-new"], id="speech service"),
        pytest.param("vfx_pipeline.py", ["compositeWithTrained"], id="effects pipeline"),
    ],
)
def test_an_example_runs(tmp_path: Path, name: str, expected: list[str]) -> None:
    done = _run([str(EXAMPLES / name)], tmp_path)
    assert done.returncode == 0, done.stderr
    for text in expected:
        assert text in done.stdout


def test_the_readmes_python_runs(tmp_path: Path) -> None:
    """The code of the README, with a real generator and a real installation."""
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.S)
    assert blocks
    setup = "from generators import speech\nmy_tts = lambda text, lang: speech('speech-fr.ogg')\n"
    (tmp_path / "readme.py").write_text(setup + "\n".join(blocks), encoding="utf-8")
    assert _run(["-m", "overt", "init"], tmp_path).returncode == 0
    done = _run(["readme.py"], tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out.wav").stat().st_size > 10_000


def test_every_command_of_the_readme_exists() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    commands = set(re.findall(r"^\$ overt ([a-z]+)", text, re.M))
    helped = _run(["-m", "overt", "--help"], ROOT).stdout
    assert commands
    for command in commands:
        assert re.search(rf"│ {command}\b", helped), command


def test_the_demo_shows_every_case_and_every_file_verifies_elsewhere(tmp_path: Path) -> None:
    """All media verify in a verifier that shares no code with the signer; a flipped byte fails."""
    import encypher_c2pa

    done = _run(["-m", "overt", "demo", "--out", "demo-out"], tmp_path)
    assert done.returncode == 0, done.stderr
    out = tmp_path / "demo-out"
    page = (out / "index.html").read_text("utf-8")
    for outcome in ("allow", "label", "consent", "refuse", "error"):
        assert f'class="outcome {outcome}"' in page
    assert "181/2014" in page, "the silence period's source is named"
    assert "<script" not in page
    assert "http://" not in re.sub(r"<pre>.*?</pre>", "", page, flags=re.S)
    assert not (out / "truncated.png").exists()
    root = (out / "root.pem").read_text("utf-8")
    media = [p for p in out.iterdir() if p.suffix in (".png", ".jpg", ".wav", ".mp4")]
    assert len(media) >= 7
    for path in media:
        good = _verified(encypher_c2pa, path, root)
        assert good == ("valid", "match", "valid_for_supplied_material"), path.name
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        flipped = tmp_path / f"flipped{path.suffix}"
        flipped.write_bytes(data)
        assert _verified(encypher_c2pa, flipped, root)[0] == "invalid", path.name
    spoken = _disclosures(out / "pakistan.wav", out)
    assert ("spoken", "ur") in spoken
    assert ("visible", "ur") in _disclosures(out / "pakistan.mp4", out)
    assert ("spoken", "ur") in _disclosures(out / "pakistan.mp4", out)


def _verified(library: object, path: Path, root: str) -> tuple[str, str, str]:
    result = library.verify(  # type: ignore[attr-defined]
        str(path), trust_pem=root, no_default_trust=True, telemetry=False
    )
    return result["integrity"], result["hard_binding"], result["trust"]["status"]


def _disclosures(path: Path, out: Path) -> set[tuple[str, str]]:
    done = _run(
        ["-m", "overt", "verify", str(path), "--trust", str(out / "root.pem"), "--json"], out
    )
    assert done.returncode == 0, done.stdout
    return {(one["mode"], one["language"]) for one in json.loads(done.stdout)["disclosures"]}
