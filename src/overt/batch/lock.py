"""One batch at a time into one folder.

The coordinator holds `lock`. Every worker holds `workers` together with the others, and a new
coordinator waits until all of them are gone: a worker of a killed batch must not finish a work that
another one has begun. The operating system lets go of both when a process ends, however it ends.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from overt.batch.sources import STATE
from overt.errors import ConfigError

_PATIENCE_S = 30.0
_PAUSE_S = 0.05


@contextmanager
def alone(out: Path) -> Iterator[None]:
    """Be the only batch that writes into a folder.

    Raises:
        ConfigError: `batch.busy`: another one does.
    """
    (out / STATE).mkdir(parents=True, exist_ok=True)
    coordinator, workers = _file(out, "lock"), _file(out, "workers")
    try:
        if not _taken(coordinator):
            raise _busy("another batch writes into this folder")
        until = time.monotonic() + _PATIENCE_S
        while not _taken(workers):
            if time.monotonic() >= until:
                raise _busy("a worker of an earlier batch is still at work")
            time.sleep(_PAUSE_S)
        fcntl.flock(workers, fcntl.LOCK_UN)
        yield
    finally:
        os.close(coordinator)
        os.close(workers)


def hold(out: Path) -> None:
    """Hold the workers' lock until this process ends."""
    fcntl.flock(_file(out, "workers"), fcntl.LOCK_SH)


def _file(out: Path, name: str) -> int:
    return os.open(out / STATE / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _busy(why: str) -> ConfigError:
    return ConfigError("batch.busy", "the batch was not started", why, "wait for it to end")
