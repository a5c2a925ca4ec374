"""What a broken surrounding gets: one line, the right exit code, nothing at the output path."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from conftest import Done, command
from overt.provenance.identity import make_test_identity
from overt.setup import initialise

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PAINT = f"import sys; sys.path.insert(0, {str(EXAMPLES)!r})\n"
PAINT += "from generators import picture\nopen(sys.argv[1], 'wb').write(picture('hills'))\n"


@pytest.fixture
def house(tmp_path: Path) -> Path:
    folder = tmp_path / "house"
    folder.mkdir()
    initialise(folder)
    (folder / "paint.py").write_text(PAINT, encoding="utf-8")
    return folder


def _run(house: Path, *extra: str, output: str = "out.png", code: str | None = None) -> Done:
    script = house / "paint.py"
    if code is not None:
        script = house / "bad.py"
        script.write_text(code, encoding="utf-8")
    prompt = () if "--prompt-file" in extra else ("--prompt", "a hill with zqxjk sheep")
    return command(
        *("run", "--tool", f"{sys.executable} {script} {{out}}", "--media-type", "image/png"),
        *("-o", output, *prompt, *extra),
        cwd=house,
    )


def _failed(done: Done, code: int, name: str) -> None:
    assert done.returncode == code, done.stderr
    assert f"[{name}" in done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    assert "zqxjk" not in done.stderr
    assert "Traceback" not in done.stderr


def _types(house: Path) -> list[str]:
    with sqlite3.connect(house / ".overt" / "overt.db") as database:
        rows = database.execute("SELECT body FROM entries ORDER BY idx").fetchall()
    database.close()
    types = [json.loads(row[0])["type"] for row in rows]
    return [one for one in types if not one.startswith(("policy.", "elections."))]


@pytest.mark.parametrize(
    ("code", "name"),
    [
        pytest.param("import time; time.sleep(60)", "tool.timeout", id="hangs"),
        pytest.param("import os; os.kill(os.getpid(), 11)", "tool.failed", id="dies"),
        pytest.param("", "tool.no_output", id="writes nothing"),
        pytest.param("open('x', 'w').write('y')", "tool.no_output", id="writes elsewhere"),
        pytest.param(
            "import sys; print(sys.argv, file=sys.stderr); sys.stderr.write('a hill with zqxjk');"
            "sys.exit(1)",
            "tool.failed",
            id="prints the prompt",
        ),
        pytest.param(
            "import sys; open(sys.argv[1], 'w').write('x')", "output.", id="is no picture"
        ),
        pytest.param("import sys; open(sys.argv[1], 'w')", "tool.no_output", id="zero bytes"),
    ],
)
def test_a_tool_that_goes_wrong(house: Path, code: str, name: str) -> None:
    _failed(_run(house, "--time-limit", "1.5", code=code), 2, name)
    assert not (house / "out.png").exists()
    assert _types(house) == ["decision", "failed"]


def test_a_megabyte_of_prompt_is_fine_by_file_and_told_by_argument(house: Path) -> None:
    (house / "long.txt").write_text("a quiet hill with sheep and grass. " * 30_000, "utf-8")
    done = _run(house, "--prompt-file", "long.txt")
    assert done.returncode == 0, done.stderr


@contextmanager
def _mounted(tmp_path: Path, size: str) -> Iterator[Path]:
    """A small file system of its own."""
    if os.geteuid() != 0 or sys.platform != "linux":
        pytest.skip("mounting a small file system needs root on Linux")
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("this machine does not let tests mount a file system")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """200 kB: less than one of our pictures."""
    with _mounted(tmp_path, "200k") as place:
        yield place


@pytest.fixture
def store_disk(tmp_path: Path) -> Iterator[Path]:
    """8 MB: enough for a new database, and not for much more."""
    with _mounted(tmp_path, "8m") as place:
        yield place


def test_a_full_disk_leaves_nothing(house: Path, small_disk: Path) -> None:
    _failed(_run(house, output=str(small_disk / "out.png")), 2, "")
    assert list(small_disk.iterdir()) == []
    assert _types(house) == ["decision", "failed"]


def test_a_read_only_folder_is_told_before_the_tool_runs(house: Path, small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    _failed(_run(house, output=str(small_disk / "out.png")), 2, "output.folder")
    assert _types(house) == []


def test_a_store_on_a_full_disk_records_and_releases_nothing(house: Path, store_disk: Path) -> None:
    shutil.copytree(house / ".overt", store_disk / ".overt")
    with (store_disk / "filler").open("wb", buffering=0) as stream, suppress(OSError):
        while True:
            stream.write(b"x" * 1024)
    config = (house / "overt.toml").read_text("utf-8")
    (house / "overt.toml").write_text(
        config.replace("sqlite:///.overt/overt.db", f"sqlite:///{store_disk}/.overt/overt.db"),
        "utf-8",
    )
    done = _run(house)
    assert done.returncode in (1, 2), done.stderr
    assert "[storage." in done.stderr
    assert not (house / "out.png").exists()


def test_a_database_from_a_newer_version_is_left_alone(house: Path) -> None:
    with sqlite3.connect(house / ".overt" / "overt.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    before = (house / ".overt" / "overt.db").read_bytes()
    _failed(_run(house), 1, "storage.newer")
    assert (house / ".overt" / "overt.db").read_bytes() == before


def test_an_expired_certificate_is_named(house: Path) -> None:
    keys = house / ".overt" / "identity"
    for name in ("root.pem", "chain.pem", "key.pem"):
        (keys / name).unlink()
    make_test_identity(keys, now=datetime(2020, 1, 1, tzinfo=UTC))
    _failed(_run(house), 1, "cert.expired")


def test_a_key_of_another_certificate_is_named(house: Path, tmp_path: Path) -> None:
    other = make_test_identity(tmp_path / "other")
    shutil.copyfile(other.key, house / ".overt" / "identity" / "key.pem")
    _failed(_run(house), 1, "cert.key_mismatch")


@pytest.mark.parametrize("name", ["chain.pem", "key.pem", "root.pem", "ledger.key", "sealing.key"])
def test_a_missing_secret_is_named(house: Path, name: str) -> None:
    (house / ".overt" / "identity" / name).unlink()
    code = "secret.missing" if name.endswith(".key") else "keys.file_missing"
    done = _run(house)
    _failed(done, 1, code)
    assert name in done.stderr
    assert "identity" not in done.stderr.replace("test-identity", "")
    assert str(house) not in done.stderr
    assert not (house / "out.png").exists()


def test_a_variable_that_is_not_set_is_named(house: Path) -> None:
    file = house / "overt.toml"
    told = file.read_text("utf-8").replace(
        "file:.overt/identity/ledger.key", "env:OVERT_TEST_UNSET"
    )
    file.write_text(told, encoding="utf-8")
    done = _run(house)
    _failed(done, 1, "secret.missing")
    assert "OVERT_TEST_UNSET" in done.stderr


def test_a_configuration_with_an_unknown_key(house: Path) -> None:
    with (house / "overt.toml").open("a", encoding="utf-8") as stream:
        stream.write("\ncolour = 'blue'\n")
    _failed(_run(house), 1, "config.unknown_key")
