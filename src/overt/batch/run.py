"""The coordinator of a batch, readable top to bottom: find, identify, mark, copy, report.

It decides nothing about an asset and touches none: workers do, each with a guard of its own. What
it owns is the journal, in which a work (the same bytes, policy and declaration) exists once.
"""

from __future__ import annotations

import shutil
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path

from overt.batch import report
from overt.batch.journal import ATTEMPTS, FINAL, Item, Journal, Work
from overt.batch.lock import alone
from overt.batch.report import DRY_REPORT, Summary
from overt.batch.sources import LIGHT, MANIFESTS, MASTER, REPORT, STATE, Source
from overt.batch.tasks import (
    MEMORY_MB,
    Answer,
    Copy,
    Died,
    Engine,
    Identify,
    Mark,
    Settings,
    Task,
    work_key,
)
from overt.config import GuardConfig
from overt.effects.declaration import Declaration
from overt.effects.movie import manifest_of
from overt.effects.registry import Effects
from overt.errors import ConfigError

_CHUNK = 16
"""Files that a worker tells apart in one task."""

Progress = Callable[[str, int, int], None]
MakeEngine = Callable[[Settings], Engine]


class Batch:
    """Marks everything a source has into one folder.

    Args:
        source: The inputs.
        out: The output folder; made when needed.
        config: What the workers' guards are built from.
        engine: Makes the engine that carries tasks to them.
        dry: Only say what would be decided; nothing is made and nothing recorded.
        retry: Try works again that are held after too many failures.
        memory_mb: What a worker may take for its assets.
        progress: Told the stage, what is done and how much there is.

    Raises:
        ConfigError: The folders overlap: `batch.output_inside_input`,
            `batch.input_inside_output`.
    """

    def __init__(
        self,
        source: Source,
        out: Path,
        config: GuardConfig,
        engine: MakeEngine,
        *,
        dry: bool = False,
        retry: bool = False,
        memory_mb: int = MEMORY_MB,
        progress: Progress = lambda stage, done, total: None,
    ) -> None:
        self._source, self._config, self._engine = source, config, engine
        self._out = out.resolve()
        self._dry, self._retry, self._progress = dry, retry, progress
        self._settings = Settings(config, self._out, record=not dry, memory_mb=memory_mb)
        own = config.effects.registry
        self._effects = Effects.load(None if own is None else config.path(own))
        self._made = 0

    def run(self) -> Summary:
        """Do all of it; killed at any point, the next run goes on from there.

        Raises:
            ConfigError: The configuration, the folder or the manifest is wrong, or another batch
                is at work here (`batch.busy`).
        """
        self._out.mkdir(parents=True, exist_ok=True)
        with alone(self._out):
            journal = Journal.of(self._out / STATE, dry=self._dry)
            engine = None
            try:
                if self._retry:
                    journal.retry()
                self._sweep(journal)
                journal.plan(self._source.found(), reserved=(REPORT, DRY_REPORT))
                engine = self._engine(self._settings)
                self._identify(journal, engine)
                self._mark(journal, engine)
                if not self._dry:
                    self._copy(journal, engine)
                target, counts = report.write(journal, self._out, dry=self._dry)
                cost = report.cost(journal) if self._dry else {}
            finally:
                if engine is not None:
                    engine.close()
                journal.close()
        return Summary(target, dict(counts), self._made, cost)

    # --- the three passes ------------------------------------------------------------------------

    def _identify(self, journal: Journal, engine: Engine) -> None:
        """Tell every file's bytes, and by them its work."""
        total, done = journal.count("pending"), 0

        def tasks() -> Iterator[Task]:
            items = journal.items("pending")
            while chunk := list(islice(items, _CHUNK)):
                yield Identify(tuple((item.seq, item.path) for item in chunk))

        def ended(task: Task, answer: Answer | Died) -> Sequence[Task]:
            nonlocal done
            assert isinstance(task, Identify)
            if isinstance(answer, Died):
                return self._alone(journal, task, answer)
            for seq, state, code, size, media_type in answer.get("files", ()):
                if state == "ok":
                    self._known(journal, answer["policy"], seq, code, size, media_type)
                else:
                    journal.passed_over(seq, state, code)
            done += len(task.files)
            self._progress("identify", done, total)
            return []

        _pump(engine, tasks(), ended)

    def _known(
        self, journal: Journal, policy: str, seq: int, digest: str, size: int, media_type: str
    ) -> None:
        item = journal.item(seq)
        try:
            # With the floors of its effect: another register is another work.
            declared = self._effects.applied(self._source.declaration(item.path, item.place))
        except ConfigError as error:
            journal.passed_over(seq, "failed", error.code)
            return
        if media_type in LIGHT and declared.delivery != MASTER:
            journal.passed_over(seq, "skipped", "input.unknown_type")
            return
        key = work_key(digest, policy, declared, self._config)
        journal.identified(seq, digest, size, media_type, key, policy)

    @staticmethod
    def _alone(journal: Journal, task: Identify, died: Died) -> Sequence[Task]:
        """A file that kills whoever looks at it is found by looking at each alone."""
        if len(task.files) > 1:
            return [Identify((one,)) for one in task.files]
        if journal.died(task.files[0][0]) < ATTEMPTS:
            return [task]
        journal.passed_over(task.files[0][0], "failed", died.code)
        return []

    def _mark(self, journal: Journal, engine: Engine) -> None:
        """Do every work that is not done, once."""
        total, done = journal.count("work"), 0

        def tasks() -> Iterator[Task]:
            nonlocal done
            for item in journal.firsts():
                work = journal.work(str(item.work))
                task = self._task(journal, item, work)
                if task is not None:
                    yield task
                else:
                    done += 1
                    self._progress("mark", done, total)

        def ended(task: Task, answer: Answer | Died) -> Sequence[Task]:
            nonlocal done
            assert isinstance(task, Mark)
            if isinstance(answer, Died):
                if journal.lost(task.key) < ATTEMPTS:
                    return [task]
                answer = {"outcome": "failed", "code": answer.code}
            elif answer["outcome"] == "review" and task.ticket:  # as before, nothing was asked anew
                answer = {**journal.work(task.key).answer, **answer}
            journal.done(task.key, task.name, dict(answer))
            if answer["outcome"] != "failed":  # else it may hold a release that was not delivered
                shutil.rmtree(self._stage(task.key), ignore_errors=True)
            self._made += answer["outcome"] in ("allow", "label")
            done += 1
            self._progress("mark", done, total)
            return []

        _pump(engine, tasks(), ended)

    def _task(self, journal: Journal, item: Item, work: Work) -> Mark | None:
        """What is still to be done about a work; nothing when it is done or held."""
        if not self._dry and work.outcome in FINAL and self._whole(work):
            return None
        if work.outcome == "failed" and work.attempts >= ATTEMPTS:
            return None
        assert item.digest is not None
        assert item.media_type is not None
        declared = self._as_planned(item, work)
        if declared is None:
            fault = {"outcome": "failed", "code": "batch.declaration_changed"}
            journal.done(work.key, item.name, fault)
            return None
        alone = declared.delivery == MASTER and not item.name.name.endswith(MANIFESTS)
        return Mark(
            key=work.key,
            source=item.path,
            digest=item.digest,
            policy=work.policy,
            media_type=item.media_type,
            name=manifest_of(item.name) if alone else item.name,
            declared=declared,
            ticket=work.ticket,
        )

    def _as_planned(self, item: Item, work: Work) -> Declaration | None:
        """What is declared; nothing where it is no longer what the work was planned by."""
        with suppress(ConfigError):
            declared = self._source.declaration(item.path, item.place)
            whole = self._effects.applied(declared)
            if work_key(str(item.digest), work.policy, whole, self._config) == work.key:
                return declared
        return None

    def _stage(self, key: str) -> Path:
        return self._out / STATE / "work" / key

    def _sweep(self, journal: Journal) -> None:
        """Remove what a killed coordinator had written down and not tidied up."""
        for stage in self._stage("x").parent.glob("*"):
            if journal.is_final(stage.name):
                shutil.rmtree(stage, ignore_errors=True)

    def _whole(self, work: Work) -> bool:
        """Whether the output of a finished work is still there."""
        if work.outcome == "refuse":
            return True
        if work.name is None:
            return False
        try:
            found = (self._out / work.name).stat().st_size
        except OSError:
            return False
        return bool(found == work.answer.get("size"))

    def _copy(self, journal: Journal, engine: Engine) -> None:
        """Give the second and further paths of an asset the first one's output."""
        waiting = ((item, journal.work(str(item.work))) for item in journal.items("work"))
        tasks = (
            Copy(item.seq, self._out / work.name, work.answer["digest"], item.name)
            for item, work in waiting
            if work.outcome in ("allow", "label")
            and work.name is not None
            and work.name != item.name
            and not work.name.name.endswith(MANIFESTS)  # a master's manifest is by its one name
        )

        def ended(task: Task, answer: Answer | Died) -> Sequence[Task]:
            assert isinstance(task, Copy)
            if isinstance(answer, Died):
                if journal.died(task.seq) < ATTEMPTS:
                    return [task]
                answer = {"outcome": "failed", "code": answer.code}
            journal.passed_over(task.seq, answer["outcome"], answer.get("code"))
            return []

        _pump(engine, tasks, ended)


def _pump(
    engine: Engine,
    tasks: Iterable[Task],
    ended: Callable[[Task, Answer | Died], Sequence[Task]],
) -> None:
    """Keep all workers busy and no more waiting than that; `ended` may give tasks back."""
    waiting, again = iter(tasks), deque[Task]()
    while True:
        while engine.free():
            task = again.popleft() if again else next(waiting, None)
            if task is None:
                break
            engine.give(task)
        if not engine.busy():
            return
        for task, answer in engine.take():
            again.extend(ended(task, answer))
