"""Shared fixtures: real guards in temporary folders, and the stand-in generators."""

from __future__ import annotations

import importlib.util
import io
import sys
from collections.abc import Iterator
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import HealthCheck, settings

from overt.config import GuardConfig, load_config
from overt.guard import Guard
from overt.setup import initialise

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "examples"))

settings.register_profile(
    "ci",
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("ci")


@dataclass(frozen=True)
class Done:
    """What a command printed and its exit code."""

    returncode: int
    stdout: str
    stderr: str


def command(*arguments: str, cwd: Path, stdin: str = "") -> Done:
    """Run `overt …` in this process, as if in `cwd`: a second faster than a new process."""
    from overt.cli import main

    out, err = io.StringIO(), io.StringIO()
    given = io.TextIOWrapper(io.BytesIO(stdin.encode("utf-8", "surrogatepass")))
    before, sys.stdin = sys.stdin, given
    try:
        with chdir(cwd), redirect_stdout(out), redirect_stderr(err):
            code = main(list(arguments))
    finally:
        sys.stdin = before
    return Done(code, out.getvalue(), err.getvalue())


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as `overt init` leaves it, shared by tests that only read it."""
    folder = tmp_path_factory.mktemp("installation")
    initialise(folder)
    return folder


@pytest.fixture
def config(tmp_path: Path) -> GuardConfig:
    """The configuration of a fresh installation."""
    folder = tmp_path / "house"
    folder.mkdir()
    initialise(folder)
    return load_config(folder / "overt.toml")


@pytest.fixture
def guard(config: GuardConfig) -> Iterator[Guard]:
    """A guard of a fresh installation."""
    with Guard.open(config) as guard:
        yield guard


@pytest.fixture(scope="session")
def generators() -> ModuleType:
    """The stand-ins of `examples/`."""
    spec = importlib.util.spec_from_file_location("generators", ROOT / "examples/generators.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
