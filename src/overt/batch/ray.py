"""Workers on a Ray cluster: the same tasks, one actor each, each with a guard of its own.

Ray places, restarts and reconnects; nothing of that is made here. An actor takes one task at a
time (back-pressure), and a task whose actor died comes back as `batch.worker_died`, to be tried
again by its key. The output folder and the sources have to be visible to every node under the same
path, and consent and ledger in PostgreSQL where there is more than one node.

Ray joins a cluster by `RAY_ADDRESS`, else it starts a private one on this machine.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from typing import Any

from overt.batch.tasks import Answer, Died, Settings, Task
from overt.errors import ConfigError, OvertError


class RayEngine:
    """Actors of a Ray cluster.

    Args:
        settings: What each worker is built from.
        workers: How many actors, one core each.
        time_limit_s: After so long with one task an actor is ended.

    Raises:
        ConfigError: `batch.ray_missing`: the extra is not installed; `batch.store`: SQLite with
            more than one node; or an actor could not be built.
    """

    def __init__(self, settings: Settings, workers: int, time_limit_s: float) -> None:
        self._ray = _imported()
        self._settings, self._time_limit_s = settings, time_limit_s
        self._started = not self._ray.is_initialized()
        if self._started:
            self._ray.init(
                include_dashboard=False,
                log_to_driver=False,
                configure_logging=False,
                **({} if "RAY_ADDRESS" in os.environ else {"num_cpus": workers}),
            )
        self._running: dict[Any, tuple[int, Task, float]] = {}
        self._actors: list[Any] = []
        try:
            self._check_store()
            self._actors = [self._actor() for _ in range(workers)]
            for actor in self._actors:
                self._ready(actor)
        except BaseException:
            self.close()
            raise

    def free(self) -> int:
        """Actors without a task."""
        return len(self._actors) - len(self._running)

    def busy(self) -> int:
        """Actors with one."""
        return len(self._running)

    def give(self, task: Task) -> None:
        """Hand a task to an actor that has none."""
        taken = {place for place, _, _ in self._running.values()}
        place = next(at for at in range(len(self._actors)) if at not in taken)
        reference = self._actors[place].do.remote(task)
        self._running[reference] = (place, task, time.monotonic())

    def take(self) -> Iterator[tuple[Task, Answer | Died]]:
        """Wait for answers, deaths and time limits."""
        first = min(since for _, _, since in self._running.values())
        patience = max(0.0, first + self._time_limit_s - time.monotonic())
        ready, _ = self._ray.wait(list(self._running), num_returns=1, timeout=patience)
        for reference in ready:
            place, task, _ = self._running.pop(reference)
            try:
                answer: Answer | Died = self._ray.get(reference)
            except self._ray.exceptions.RayError:
                answer = Died("batch.worker_died")
                self._replace(place)
            yield task, answer
        if not ready:
            now = time.monotonic()
            for reference, (place, task, since) in list(self._running.items()):
                if since + self._time_limit_s <= now:
                    del self._running[reference]
                    self._replace(place)
                    yield task, Died("batch.time_limit")

    def close(self) -> None:
        """End the actors, and the cluster where it is ours."""
        for actor in self._actors:
            self._ray.kill(actor)
        self._actors = []
        if self._started and self._ray.is_initialized():
            self._ray.shutdown()

    def _actor(self) -> Any:
        # max_restarts=0: a new actor is ours to start, after the dead one let go of its locks.
        remote = self._ray.remote(num_cpus=1, max_restarts=0, max_task_retries=0)
        return remote(_Actor).remote(self._settings)

    def _ready(self, actor: Any) -> None:
        try:
            said = self._ray.get(actor.ready.remote())
        except self._ray.exceptions.RayError:
            said = ("batch.worker", "an actor died while it started", "", "see Ray's logs")
        if said is not None:
            raise ConfigError(*said)

    def _replace(self, place: int) -> None:
        self._ray.kill(self._actors[place])
        self._actors[place] = self._actor()
        self._ready(self._actors[place])

    def _check_store(self) -> None:
        nodes = sum(bool(node["Alive"]) for node in self._ray.nodes())
        if nodes > 1 and self._settings.config.database_url().startswith("sqlite"):
            raise ConfigError(
                "batch.store",
                "SQLite cannot serve several machines",
                f"the cluster has {nodes} nodes",
                "set store.url to PostgreSQL",
            )


class _Actor:
    """A worker in a Ray process. What cannot start says why instead of dying unheard."""

    def __init__(self, settings: Settings) -> None:
        from overt.batch.lock import hold
        from overt.batch.worker import Worker
        from overt.beside import one_by_one
        from overt.effects.decoder import limit

        one_by_one()  # an actor has one core
        self._worker: Worker | None = None
        self._fault: tuple[str, str, str, str] | None = None
        try:
            hold(settings.out)
            self._worker = Worker(settings)
            limit(settings.memory_mb)
        except OvertError as error:
            self._fault = (error.code, error.what, error.why, error.todo)

    def ready(self) -> tuple[str, str, str, str] | None:
        """Nothing, or why there is no worker."""
        return self._fault

    def do(self, task: Task) -> Answer:
        """Do one task."""
        assert self._worker is not None
        return self._worker.do(task)


def _imported() -> Any:
    try:
        import ray
    except ImportError:
        raise ConfigError(
            "batch.ray_missing", "Ray is not installed", todo="pip install 'overt[ray]'"
        ) from None
    return ray
