"""What one worker process does: it holds a guard and takes tasks.

A work is done in a folder of its own under `.overt-batch/`, named by its key. The source is read
once, into a private copy, whose digest must be the planned one: what is marked is what was planned,
and the source is never opened for writing. The finished file is moved to its place only after the
ledger has it, and what was recorded is written down first, so that a worker killed at any point
leaves either nothing that left, or enough to finish the move without marking again.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from overt.batch.files import code_of, copy, digest_of, identity, what
from overt.batch.sources import MASTER, STATE
from overt.batch.tasks import Answer, Copy, Identify, Mark, Settings, Task
from overt.errors import (
    ConsentRequired,
    HeldForReview,
    NotCleared,
    OvertError,
    StageError,
)
from overt.models import Decision, Media, Result, write_whole
from overt.sniff import SUFFIXES

if TYPE_CHECKING:
    from overt.guard import Guard

_RESULT = "result.json"
_HELD = ("open", "claimed", "denied", "expired")


class Worker:
    """Takes tasks; every answer is a plain mapping, whatever went wrong.

    Args:
        settings: What it is built from.
        guard: Used instead of one of its own, and closed with it.

    Raises:
        ConfigError: The guard cannot be built.
    """

    def __init__(self, settings: Settings, guard: Guard | None = None) -> None:
        from overt.guard import Guard

        self._settings = settings
        self._guard = guard or Guard.open(settings.config)
        self._out = settings.out

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the guard back."""
        self._guard.close()

    def do(self, task: Task) -> Answer:
        """Do one task. Only what ends the process keeps it from answering."""
        try:
            if isinstance(task, Identify):
                files = [(seq, *identity(path)) for seq, path in task.files]
                return {"policy": self._guard.policy_digest, "files": files}
            if isinstance(task, Copy):
                return self._copied(task)
            return self._mark(task) if self._settings.record else self._checked(task)
        except NotCleared as answer:
            return _refusal(answer)
        except OvertError as error:
            return {"outcome": "failed", "code": error.code}
        except OSError as error:
            return {"outcome": "failed", "code": code_of(error)}
        except MemoryError:
            return {"outcome": "failed", "code": "batch.memory_limit"}
        except Exception as error:
            # A foreign error's text may quote what nobody should read: its type is enough.
            return {"outcome": "failed", "code": "batch.internal", "type": type(error).__name__}

    # --- marking -------------------------------------------------------------------------------

    def _mark(self, task: Mark) -> Answer:
        if self._guard.policy_digest != task.policy:
            return {"outcome": "failed", "code": "batch.policy_changed"}
        stage, target = self._out / STATE / "work" / task.key, self._out / task.name
        result = self._recovered(stage, task.digest, target)
        if result is None:
            if stage.exists():
                shutil.rmtree(stage)
            held = self._held(task)
            if held is not None:
                return held
            stage.mkdir(parents=True)
            try:
                result = self._made(stage, task)
            except BaseException:
                if self._released(stage, task.digest) is None:
                    shutil.rmtree(stage, ignore_errors=True)
                raise
        self._deliver(stage, result, target)
        # The folder with the result stays until the coordinator has written it down: a worker
        # killed before it could answer must not make its successor do the work again.
        return result

    def _held(self, task: Mark) -> Answer | None:
        """The same answer as before while a review is open, or when it said no."""
        if task.ticket is None:
            return None
        state = self._guard.wait(task.ticket, 0)
        if state not in _HELD:
            return None
        return {"outcome": "review", "code": f"review.{state}", "ticket": task.ticket}

    def _made(self, stage: Path, task: Mark) -> dict[str, Any]:
        from overt.effects.marking import mark

        target = self._out / task.name
        if target.is_symlink() or (target.exists() and not self._ours(target)):
            raise StageError(
                "deliver", "batch.output_exists", "another file is there", todo="move it away"
            )
        if task.declared.delivery == MASTER:
            return self._noted(stage, self._master(stage, task))
        suffix = SUFFIXES.get(task.media_type)
        if suffix is None:
            raise StageError("tool", "input.unknown_type", "only masters may be of this type")
        source = stage / f"source{suffix}"
        if copy(task.source, source) != task.digest:
            raise StageError("tool", "batch.source_changed", "a source changed during the run")
        carried = _beside(task.source), _beside(source)
        if carried[0].is_file():  # credentials that the format keeps outside belong to it
            copy(*carried)
        done = mark(
            self._guard,
            Media(media_type=task.media_type, path=source),
            task.declared,
            destination=stage / f"asset{suffix}",
            ticket=task.ticket,
            isolated=False,  # this process is one with limits
        )
        source.unlink()
        carried[1].unlink(missing_ok=True)
        return self._noted(stage, done)

    def _master(self, stage: Path, task: Mark) -> Result:
        """A master is read where it lies; only its manifest is made: nobody copies terabytes."""
        from overt.effects.master import sign

        return sign(
            self._guard,
            what(task),
            task.declared,
            destination=stage / "asset.json",
            ticket=task.ticket,
            expected=task.digest,
        )

    @staticmethod
    def _noted(stage: Path, done: Result) -> dict[str, Any]:
        """Write down what was released, before anything else."""
        asset = done.media.path
        assert asset is not None
        result = {
            "outcome": done.decision.outcome.value,
            "record": {"index": done.record.index, "id": done.record.id},
            "decision_id": done.decision.id,
            "digest": digest_of(asset),
            "size": asset.stat().st_size,
            "sidecar": done.sidecar is not None,
        }
        write_whole(stage / _RESULT, json.dumps(result).encode())
        return result

    def _recovered(self, stage: Path, source: str, target: Path) -> dict[str, Any] | None:
        """What a worker that was killed had recorded already; none when nothing left."""
        if not (stage / _RESULT).is_file():
            return self._released(stage, source)
        result = dict(json.loads((stage / _RESULT).read_bytes()))
        kept = [one for one in (*stage.glob("asset.*"), target) if one.is_file()]
        return result if any(digest_of(one) == result["digest"] for one in kept) else None

    def _released(self, stage: Path, source: str) -> dict[str, Any] | None:
        """The result of a stage that has none, by the ledger: bytes that it knows have left."""
        for path in sorted(stage.rglob("*")) if stage.is_dir() else ():
            digest = digest_of(path) if path.is_file() else source
            known = self._known(digest) if digest != source else None
            if known is None:  # the private copy may itself be an older release
                continue
            sidecar = path.with_name(path.name + ".c2pa")
            if path.parent != stage:  # killed before the guard's own rename
                if sidecar.is_file():
                    sidecar.replace(stage / f"asset{path.suffix}.c2pa")
                path = path.replace(stage / f"asset{path.suffix}")
                sidecar = path.with_name(path.name + ".c2pa")
            size = path.stat().st_size
            result = {**known, "size": size, "sidecar": sidecar.is_file()}
            write_whole(stage / _RESULT, json.dumps(result).encode())
            return result
        return None

    def _known(self, digest: str) -> dict[str, Any] | None:
        """The release that the ledger has of these bytes."""
        from overt.recording import released

        return self._guard._parts.database.read(lambda tx: released(tx, digest))

    def _ours(self, path: Path) -> bool:
        return path.is_file() and self._known(digest_of(path)) is not None

    @staticmethod
    def _deliver(stage: Path, result: Answer, target: Path) -> None:
        """Move the sidecar, then the asset; doing it twice does no harm."""
        target.parent.mkdir(parents=True, exist_ok=True)
        for asset in stage.glob("asset.*"):
            if asset.suffix == ".c2pa":
                asset.replace(target.with_name(target.name + ".c2pa"))
        for asset in stage.glob("asset.*"):
            asset.replace(target)
        if not result["sidecar"]:
            target.with_name(target.name + ".c2pa").unlink(missing_ok=True)

    def _checked(self, task: Mark) -> Answer:
        """A dry run's answer."""
        from overt.effects import marking, master

        if task.declared.delivery == MASTER:
            decision = master.preview(self._guard, what(task), task.declared)
        else:
            media = Media(media_type=task.media_type, path=task.source)
            decision = marking.check(self._guard, media, task.declared, isolated=False)
        answer: dict[str, Any] = {"outcome": decision.outcome.value}
        if not decision.outcome.clears:
            answer["code"] = _reason(decision)
        return answer

    def _copied(self, task: Copy) -> Answer:
        """A second output of one work: the same bytes, so the same record speaks for it."""
        target = self._out / task.name
        if target.is_symlink() or (target.exists() and not self._ours(target)):
            return {"outcome": "failed", "code": "batch.output_exists"}
        if target.exists() and digest_of(target) == task.digest:
            return {"outcome": "copied"}
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = task.source.with_name(task.source.name + ".c2pa")
        if beside.is_file():
            with beside.open("rb") as stream:
                write_whole(target.with_name(target.name + ".c2pa"), stream)
        with task.source.open("rb") as stream:
            write_whole(target, stream)
        if digest_of(target) != task.digest:
            target.unlink()
            return {"outcome": "failed", "code": "batch.output_changed"}
        return {"outcome": "copied"}


def _beside(path: Path) -> Path:
    return path.with_name(path.name + ".c2pa")


# --- answers -------------------------------------------------------------------------------------


def _refusal(error: NotCleared) -> dict[str, Any]:
    decision = error.decision
    answer: dict[str, Any] = {
        "outcome": decision.outcome.value,
        "code": _reason(decision) or error.code,
        "decision_id": decision.id,
    }
    if decision.outcome.clears:  # the request was cleared, what came out of it was not
        answer |= {"outcome": "refuse", "code": error.code}
    if decision.index is not None:
        answer["record"] = {"index": decision.index, "id": decision.id}
    if isinstance(error, ConsentRequired):
        answer |= {"subjects": list(error.subjects), "acts": [act.value for act in error.acts]}
    if isinstance(error, HeldForReview):
        answer["ticket"] = error.ticket_id
    return answer


def _reason(decision: Decision) -> str:
    """Code of the first reason that stops it, else of the first."""
    return decision.reasons[0].code if decision.reasons else f"decision.{decision.outcome.value}"
