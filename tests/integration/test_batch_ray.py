"""The Ray engine on two local workers, one of which is killed: nothing is lost or done twice."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import postgres
import pytest
from batch_media import house, tree
from test_batch import _check_complete

from overt.batch.ray import RayEngine
from overt.batch.tasks import Settings
from overt.config import load_config
from overt.errors import ConfigError


def test_without_ray_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    config = load_config(house(tmp_path / "house"))
    with pytest.raises(ConfigError) as missing:
        RayEngine(Settings(config, tmp_path), 1, 60)
    assert missing.value.code == "batch.ray_missing"


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """The URL of the store; none for the SQLite file that `overt init` makes."""
    if request.param == "sqlite":
        yield None
        return
    if postgres.binaries() is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    with postgres.server() as url:
        yield postgres.new_database(url, "overt")


@pytest.mark.slow
def test_two_workers_one_killed(tmp_path: Path, store: str | None) -> None:
    pytest.importorskip("ray", reason="the extra `ray` is not installed")
    config = house(tmp_path / "house")
    if store is not None:
        text = re.sub(r'(?m)^url = "sqlite.*"', f'url = "{store}"', config.read_text("utf-8"))
        config.write_text(text, "utf-8")
        assert load_config(config).database_url() == store
    files = tree(tmp_path / "in", 30)
    out = tmp_path / "out"
    environment = {
        **os.environ,
        "HOME": str(tmp_path / "home"),
        "RAY_AUTH_MODE": "disabled",
        "RAY_TMPDIR": "/tmp/overt-ray",
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",
    }
    (tmp_path / "home").mkdir()
    Path(environment["RAY_TMPDIR"]).mkdir(exist_ok=True)
    command = [sys.executable, "-m", "overt", "batch", str(tmp_path / "in"), "--out", str(out)]
    command += ["--engine", "ray", "--workers", "2", "--strict", "--config", str(config)]
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    killed: list[int] = []

    def kill_one() -> None:
        work = out / ".overt-batch/work"
        until = time.monotonic() + 300
        while process.poll() is None and not (work.exists() and any(work.iterdir())):
            if time.monotonic() > until:
                return
            time.sleep(0.02)
        for pid in _actors(out):
            os.kill(pid, signal.SIGKILL)
            killed.append(pid)
            return

    killer = threading.Thread(target=kill_one)
    killer.start()
    _, complaint = process.communicate(timeout=900)
    killer.join()
    assert process.returncode == 0, complaint[-2000:]
    assert killed, "no worker was killed: the test showed nothing"
    _check_complete(config, tmp_path, [path.name for path in files])


def _actors(out: Path) -> list[int]:
    """Processes that hold the workers' lock of this very batch."""
    lock = (out / ".overt-batch/workers").resolve()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            held = any(link.resolve() == lock for link in (folder / "fd").iterdir())
            name = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if held and b"ray::" in name:
            found.append(int(folder.name))
    return found
