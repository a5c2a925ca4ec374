"""The wheel carries everything: built, installed into an empty environment, demonstrated."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def _call(*arguments: str | Path, cwd: Path) -> str:
    done = subprocess.run(
        [str(one) for one in arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=1200,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.mark.slow
def test_a_wheel_alone_runs_the_demo(tmp_path: Path) -> None:
    _call(
        *(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"),
        *("--wheel-dir", tmp_path, ROOT),
        cwd=tmp_path,
    )
    (wheel,) = tmp_path.glob("overt-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "overt/_examples/generators.py" in names
    assert any(name.startswith("overt/_data/figures/") for name in names)
    assert not [name for name in names if name.startswith(("tests/", "data/", "tools/"))]
    _call(sys.executable, "-m", "venv", tmp_path / "empty", cwd=tmp_path)
    python = tmp_path / "empty" / "bin" / "python"
    _call(python, "-m", "pip", "install", "--quiet", wheel, cwd=tmp_path)
    outside = tmp_path / "outside"
    outside.mkdir()
    printed = _call(tmp_path / "empty" / "bin" / "overt", "demo", "--out", "shown", cwd=outside)
    assert "new-hampshire" in printed
    assert (outside / "shown" / "index.html").is_file()
    assert (outside / "shown" / "picture-en.png").is_file()
