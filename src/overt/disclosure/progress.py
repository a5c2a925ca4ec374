"""Tells whoever watches how far the work on a long video is.

    >>> with watching(lambda done_s, whole_s: None):
    ...     pass  # everything that is disclosed in here is reported

The line has many layers between a command and the renderer; a context variable spares each of them
a parameter that it only hands on. It follows into the threads of `arun`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Watcher = Callable[[float, float], None]
"""Told the seconds of media that are done, and how many there are."""

_watcher: ContextVar[Watcher | None] = ContextVar("overt_disclosure_watcher", default=None)


@contextmanager
def watching(watcher: Watcher) -> Iterator[None]:
    """Report the work inside to `watcher`; what it raises cancels that work."""
    token = _watcher.set(watcher)
    try:
        yield
    finally:
        _watcher.reset(token)


def reporter(whole_s: float) -> Callable[[float], None] | None:
    """What the renderer calls with the seconds that are done; none when nobody watches."""
    watcher = _watcher.get()
    if watcher is None:
        return None
    return lambda done_s: watcher(min(done_s, whole_s), whole_s)
