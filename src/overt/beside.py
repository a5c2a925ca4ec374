"""One piece of work beside another: for libraries that let other threads run while they work.

    >>> with beside(lambda: 6 * 7) as answer:
    ...     done = "what the caller does meanwhile"
    >>> answer()
    42

The threads are kept, for starting one costs as much as some of the work. A child process after a
fork has none of its parent's threads and gets its own.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from functools import cache
from threading import Event
from typing import TypeVar

T = TypeVar("T")

_BEGIN_S = 0.01
"""How long the block waits for the work to begin, so that it is not held up by the block."""


@contextmanager
def beside(work: Callable[[], T]) -> Iterator[Callable[[], T]]:
    """Run `work` in another thread while the block runs; it is over when the block is left.

    The work must not use `beside` itself: it could wait for a thread that waits for it.

    Yields:
        Gives the result when it is called, waiting for it where it must, or raises what the work
        raised. What is never asked for is never raised.
    """
    begun = Event()

    def begin() -> T:
        begun.set()
        return work()

    future = _threads(os.getpid()).submit(begin)
    begun.wait(_BEGIN_S)
    try:
        yield future.result
    finally:
        wait((future,))


@cache
def _threads(_process: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(thread_name_prefix="overt-beside")
