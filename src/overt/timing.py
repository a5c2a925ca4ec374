"""Milliseconds by stage, for results and the demo's table."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Stopwatch:
    """Adds up the wall time of named stages.

    Example:
        >>> watch = Stopwatch()
        >>> with watch("sign"):
        ...     pass
        >>> list(watch.elapsed_ms)
        ['sign']
    """

    def __init__(self) -> None:
        self.elapsed_ms: dict[str, float] = {}
        self._started = time.perf_counter()

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Time the body under `stage`."""
        begun = time.perf_counter()
        try:
            yield
        finally:
            spent = (time.perf_counter() - begun) * 1000
            self.elapsed_ms[stage] = self.elapsed_ms.get(stage, 0.0) + spent

    def total_ms(self) -> float:
        """Milliseconds since the stopwatch was made."""
        return (time.perf_counter() - self._started) * 1000
