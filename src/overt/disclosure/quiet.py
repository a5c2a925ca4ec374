"""Keeps a picture decoder's warnings about odd metadata off standard error.

Phone pictures with slightly wrong EXIF are everywhere; they decode well. `warnings.catch_warnings`
saves and restores the state of the whole process, so two threads in it can leave each other's
filters behind. Here one filter for Pillow's own modules is put in by the first thread and taken
out by the last.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_inside = 0
_MODULE = r"PIL\."


@contextmanager
def pillow_quiet() -> Iterator[None]:
    """No warning of Pillow's comes out while this is open, in any thread."""
    global _inside
    with _lock:
        _inside += 1
        if _inside == 1:
            warnings.filterwarnings("ignore", module=_MODULE)
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if _inside == 0:
                for one in [one for one in warnings.filters if _ours(one)]:
                    warnings.filters.remove(one)  # type: ignore[attr-defined]


def _ours(one: tuple[object, ...]) -> bool:
    return one[0] == "ignore" and getattr(one[3], "pattern", one[3]) == _MODULE
