"""Begin to write a file to the disk without waiting, so that a flush later on finds it done.

`fsync` alone begins and waits; other work in between is done while the disk works. Nothing depends
on it: a flush must still follow, and where the system has no such call nothing happens.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from functools import cache
from typing import Any

_WRITE = 2
"""SYNC_FILE_RANGE_WRITE of Linux: start the writing, wait for none of it."""


def begin(descriptor: int) -> None:
    """Ask the system to write out what was written to an open file."""
    call = _call()
    if call is not None:
        call(descriptor, 0, 0, _WRITE)  # advice: what it answers changes nothing


@cache
def _call() -> Callable[..., Any] | None:
    if not sys.platform.startswith("linux"):
        return None
    call = getattr(ctypes.CDLL(None), "sync_file_range", None)
    if call is not None:
        call.argtypes = (ctypes.c_int, ctypes.c_int64, ctypes.c_int64, ctypes.c_uint)
    return call
