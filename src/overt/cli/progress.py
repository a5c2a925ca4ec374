"""A bar for long videos, on standard error and only where somebody looks at it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def video_bar(*, quiet: bool) -> Iterator[None]:
    """Show how far a video's disclosure is while the block runs; it appears once there is one."""
    from rich.console import Console

    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield
        return
    from rich.progress import Progress, TaskID

    from overt.disclosure.progress import watching

    # What a tool says itself passes by unchanged.
    bar = Progress(console=console, transient=True, redirect_stdout=False, redirect_stderr=False)
    with bar:
        tasks: list[TaskID] = []

        def show(done_s: float, whole_s: float) -> None:
            if not tasks:
                tasks.append(bar.add_task("disclose", total=whole_s))
            bar.update(tasks[0], completed=done_s, total=whole_s)

        with watching(show):
            yield
