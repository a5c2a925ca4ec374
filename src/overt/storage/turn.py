"""Whose turn it is to write a SQLite file, among several processes.

SQLite lets one process write at a time, and those who wait poll without any order: under load a
revocation can wait for seconds (measured: 3 revocations in 6 s). Two lock files put that right.
Everybody takes `turn` to write. A priority writer holds `gate` while it waits, and an ordinary one
takes the turn only when it finds the gate open, each time it tries: a revocation waits for the
writer whose turn it is, and for nobody else.

This is courtesy, not safety: SQLite's own lock keeps the data right if the files are removed.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # pragma: no cover - not on POSIX: SQLite's own lock alone
    fcntl = None  # type: ignore[assignment]

PAUSE_S = 0.0005
"""Between two looks at a taken lock."""


class TurnTimeoutError(Exception):
    """Nobody let us in for as long as we were ready to wait."""


class Turn:
    """The two lock files beside a database file."""

    def __init__(self, database: Path, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._turn = self._open(database, ".turn")
        self._gate = self._open(database, ".gate")

    @staticmethod
    def _open(database: Path, suffix: str) -> int:
        path = database.with_name(database.name + suffix)
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def close(self) -> None:
        """Give the files back; locks go with them."""
        for descriptor in (self._turn, self._gate):
            with suppress(OSError):
                os.close(descriptor)

    @contextmanager
    def take(self, *, priority: bool) -> Iterator[None]:
        """Hold the turn.

        Raises:
            TurnTimeoutError: It did not come in time.
        """
        if fcntl is None:  # pragma: no cover
            yield
            return
        deadline = time.monotonic() + self._timeout_s
        try:  # from here on: an interrupt may come between a lock and the line after it
            if priority:
                self._until(lambda: _try(self._gate, fcntl.LOCK_EX), deadline)
            self._until(lambda: self._enter(priority), deadline)
            yield
        finally:  # what is not held is not given back
            fcntl.flock(self._turn, fcntl.LOCK_UN)
            if priority:
                fcntl.flock(self._gate, fcntl.LOCK_UN)

    def _enter(self, priority: bool) -> bool:
        """Take the turn if it is free and, unless we have priority, nobody with priority waits."""
        if priority:
            return _try(self._turn, fcntl.LOCK_EX)
        try:
            return _try(self._gate, fcntl.LOCK_SH) and _try(self._turn, fcntl.LOCK_EX)
        finally:
            fcntl.flock(self._gate, fcntl.LOCK_UN)

    @staticmethod
    def _until(attempt: Callable[[], bool], deadline: float) -> None:
        while not attempt():
            if time.monotonic() >= deadline:
                raise TurnTimeoutError
            time.sleep(PAUSE_S)


def _try(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
