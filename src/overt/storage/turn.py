"""Whose turn it is to write a SQLite file, among several processes.

SQLite lets one process write at a time, and those who wait poll without any order: under load a
revocation can wait for seconds (measured: 3 revocations in 6 s). Two lock files put that right.
Everybody takes `turn` to write. A priority writer first holds `gate`, and ordinary writers pass
through `gate` before they ask for the turn, so nobody new gets in front of a revocation.

This is courtesy, not safety: SQLite's own lock keeps the data right if the files are removed.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
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
        self._lock(self._gate, deadline)
        try:
            if not priority:
                fcntl.flock(self._gate, fcntl.LOCK_UN)
            self._lock(self._turn, deadline)
            try:
                yield
            finally:
                fcntl.flock(self._turn, fcntl.LOCK_UN)
        finally:
            fcntl.flock(self._gate, fcntl.LOCK_UN)

    @staticmethod
    def _lock(descriptor: int, deadline: float) -> None:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise TurnTimeoutError from None
                time.sleep(PAUSE_S)
