"""Workers on this machine: one process each, started afresh (`spawn`), one task at a time.

The standard library's executors cannot say which task a dead process was busy with, and their
workers wait for ever when the coordinator is killed. Here each worker has a pipe of its own: its
end tells whose task was lost, and a worker whose coordinator is gone ends at once.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection, wait
from typing import Any

from overt.batch.lock import hold
from overt.batch.tasks import Answer, Died, Settings, Task
from overt.batch.worker import Worker
from overt.beside import one_by_one
from overt.effects.decoder import limit
from overt.errors import ConfigError, OvertError


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


_SPAWN = multiprocessing.get_context("spawn")
_STARTS = 5
"""How many workers may die in a row before they are ready, none finishing a task between."""
_START_S = 120.0
"""A worker that is not ready after so long never will be."""


class LocalEngine:
    """Processes of this machine.

    Args:
        settings: What each worker is built from.
        workers: How many.
        time_limit_s: After so long with one task a worker is ended.

    Raises:
        ConfigError: `batch.worker`: a worker could not be built; its own error's code and text.
    """

    def __init__(self, settings: Settings, workers: int, time_limit_s: float) -> None:
        self._settings, self._time_limit_s = settings, time_limit_s
        self._starts_lost = 0
        self._crowded = workers >= cores()
        self._lanes = [_Lane(settings, self._crowded) for _ in range(workers)]
        try:
            for place in range(workers):
                while not self._lanes[place].begin():
                    self._restart(place)
        except BaseException:
            self.close()
            raise

    def free(self) -> int:
        """Workers without a task."""
        return sum(lane.task is None for lane in self._lanes)

    def busy(self) -> int:
        """Workers with one."""
        return len(self._lanes) - self.free()

    def give(self, task: Task) -> None:
        """Hand a task to a worker that has none, replacing one that died idle."""
        free = (at for at, lane in enumerate(self._lanes) if lane.task is None)
        place = min(free, key=lambda at: not self._lanes[at].ready)
        while not self._lanes[place].give(task):
            if self._lanes[place].ready:
                self._replace(place)
            else:
                self._restart(place)

    def take(self) -> Iterator[tuple[Task, Answer | Died]]:
        """Wait for answers, deaths and time limits; nothing, where a worker only became ready."""
        running = {lane.pipe: at for at, lane in enumerate(self._lanes) if lane.task is not None}
        first = min(self._ends_at(self._lanes[at]) for at in running.values())
        ready = wait(list(running), timeout=max(0.0, first - time.monotonic()))
        for pipe in ready:
            place = running[pipe]  # type: ignore[index]
            if not self._lanes[place].ready:
                self._begin(place)
                continue
            task, answer = self._lanes[place].take()
            if isinstance(answer, Died):
                self._replace(place)
            else:
                self._starts_lost = 0
            yield task, answer
        for place in () if ready else running.values():
            lane = self._lanes[place]
            if lane.task is None or self._ends_at(lane) > time.monotonic():
                continue
            if not lane.ready:
                self._start_over(place, lane.task)
                continue
            task = lane.task
            self._replace(place)
            yield task, Died("batch.time_limit")

    def close(self) -> None:
        """End all workers; one that is busy is killed, for nobody waits for it any more."""
        for lane in self._lanes:
            lane.end()

    def _ends_at(self, lane: _Lane) -> float:
        """When a worker's time is up; the limit is for tasks, not for starting."""
        limit = self._time_limit_s if lane.ready else max(self._time_limit_s, _START_S)
        return lane.since + limit

    def _begin(self, place: int) -> None:
        """A worker that was given a task while it started is ready, or died."""
        lane = self._lanes[place]
        if not lane.begin():
            assert lane.task is not None
            self._start_over(place, lane.task)

    def _start_over(self, place: int, task: Task) -> None:
        """The task of a worker that was never ready is for its successor."""
        self._restart(place)
        while not self._lanes[place].give(task):
            self._restart(place)

    def _restart(self, place: int) -> None:
        """Start a worker again that died before it was ready, unless too many did."""
        self._starts_lost += 1
        if self._starts_lost >= _STARTS:
            raise ConfigError(
                "batch.worker",
                "a worker dies while it starts",
                f"{_STARTS} times in a row",
                "see the memory",
            )
        self._replace(place)

    def _replace(self, place: int) -> None:
        """A new process; the others go on while it starts."""
        self._lanes[place].end()
        self._lanes[place] = _Lane(self._settings, self._crowded)


class _Lane:
    """One process and our end of its pipe."""

    def __init__(self, settings: Settings, crowded: bool) -> None:
        self.pipe, theirs = _SPAWN.Pipe()
        self.task: Task | None = None
        self.ready = False
        self.since = 0.0
        self._process = _SPAWN.Process(
            target=_serve, args=(theirs, settings, crowded), name="overt-batch"
        )
        self._process.start()
        theirs.close()

    def begin(self) -> bool:
        """Wait until the worker has built its guard; whether it lived to say so.

        Raises:
            ConfigError: It could not be built.
        """
        try:
            said = self.pipe.recv()
        except (EOFError, OSError):
            return False
        if said is not None:
            raise ConfigError(*said)
        self.ready, self.since = True, time.monotonic()
        return True

    def give(self, task: Task) -> bool:
        try:
            self.pipe.send(task)
        except OSError:
            return False
        self.task, self.since = task, time.monotonic()
        return True

    def take(self) -> tuple[Task, Answer | Died]:
        task, self.task = self.task, None
        assert task is not None
        try:
            return task, self.pipe.recv()
        except (EOFError, OSError):
            return task, Died("batch.worker_died")

    def end(self) -> None:
        idle = self.ready and self.task is None
        self.pipe.close()
        if idle:  # it ends by itself
            self._process.join(timeout=10)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._process.close()


def _serve(pipe: Connection[Any, Any], settings: Settings, crowded: bool) -> None:
    """A worker's life; `crowded` when there is a worker for each core."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the coordinator ends us
    threading.Thread(target=_follow, daemon=True).start()
    if crowded:
        one_by_one()
    try:
        hold(settings.out)
        worker = Worker(settings)
        limit(settings.memory_mb)
    except OvertError as error:
        pipe.send((error.code, error.what, error.why, error.todo))
        return
    with worker:
        pipe.send(None)
        while True:
            try:
                task = pipe.recv()
            except (EOFError, OSError):
                return
            answer = worker.do(task)
            try:
                pipe.send(answer)
            except OSError:
                return


def _follow() -> None:
    """End with the coordinator, at once: a new one may be waiting to do the same work."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
