"""One piece of work beside another: for libraries that let other threads run while they work.

    >>> with beside(lambda: 6 * 7) as answer:
    ...     done = "what the caller does meanwhile"
    >>> answer()
    42

The threads are kept, for starting one costs as much as some of the work. A child process after a
fork has none of its parent's threads and gets its own. Where there is a process for each core, as
in a batch, threads only get into each other's way: `one_by_one` turns them off.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from functools import cache
from threading import Event
from typing import TypeVar

T = TypeVar("T")

_BEGIN_S = 0.01
"""How long the block waits for the work to begin, so that it is not held up by the block."""

_in_turn = False


def one_by_one() -> None:
    """From now on do all work of this process in turn: other processes have the other cores."""
    global _in_turn
    _in_turn = True


def in_turn() -> bool:
    """Whether this process does all work in turn."""
    return _in_turn


@contextmanager
def beside(work: Callable[[], T]) -> Iterator[Callable[[], T]]:
    """Run `work` in another thread while the block runs; it is over when the block is left.

    The work must not use `beside` itself: it could wait for a thread that waits for it.

    Yields:
        Gives the result when it is called, waiting for it where it must, or raises what the work
        raised. What is never asked for is never raised.
    """
    if _in_turn:
        yield _done(work).result
        return
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


def _done(work: Callable[[], T]) -> Future[T]:
    """What came of the work, done here and now."""
    future: Future[T] = Future()
    try:
        future.set_result(work())
    except Exception as error:
        future.set_exception(error)
    return future


@cache
def _threads(_process: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(thread_name_prefix="overt-beside")
