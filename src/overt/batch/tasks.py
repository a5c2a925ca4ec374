"""What travels between the coordinator of a batch and its workers.

All of it can be pickled. An engine carries tasks to workers and brings answers back; it knows
nothing of what they mean. It has to say when a worker died over a task, and with which.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from overt.config import GuardConfig
from overt.effects.declaration import Declaration

MEMORY_MB = 6144
"""What a worker and each program it starts may take beyond what a guard takes at rest."""


def work_key(digest: str, policy: str, declared: Declaration, config: GuardConfig) -> str:
    """What makes a work the same: the asset, the policy, what is declared, what is disclosed how.

    Args:
        digest: SHA-256 of the asset.
        policy: Digest of the bundle.
        declared: What somebody vouches for.
        config: Its disclosure profiles and audience count, for they change the label.
    """
    bound = {
        "asset": digest,
        "policy": policy,
        "declared": declared.model_dump(mode="json"),
        "profiles": config.disclosure.profiles,
        "audience": config.disclosure.audience,
    }
    return hashlib.sha256(json.dumps(bound, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Settings:
    """What a worker is built from.

    Args:
        out: The output folder.
        record: Whether anything may be made; a dry run only looks.
        memory_mb: Address space for assets (I10): strangers' files are decoded in workers.
    """

    config: GuardConfig
    out: Path
    record: bool = True
    memory_mb: int = MEMORY_MB


@dataclass(frozen=True, slots=True)
class Identify:
    """Tell what files are, `(seq, path)` each, and under which policy."""

    files: tuple[tuple[int, Path], ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """Do one work.

    Args:
        key: Of the work.
        digest: The asset's; bytes that are others are `batch.source_changed`.
        policy: Digest of the bundle that it was planned under; another one is
            `batch.policy_changed`.
        name: Of the output, relative to the output folder.
        ticket: Of a review that held this work before.
    """

    key: str
    source: Path
    digest: str
    policy: str
    media_type: str
    name: Path
    declared: Declaration = field(repr=False)
    ticket: str | None = None


@dataclass(frozen=True, slots=True)
class Copy:
    """Give a second path of the same asset the first one's output."""

    seq: int
    source: Path
    digest: str
    name: Path


Task = Identify | Mark | Copy
Answer = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Died:
    """A worker ended without an answer: `batch.worker_died` or `batch.time_limit`."""

    code: str


class Engine(Protocol):
    """Carries tasks to workers."""

    def free(self) -> int:
        """How many tasks can be given now."""
        ...

    def busy(self) -> int:
        """How many tasks are under way."""
        ...

    def give(self, task: Task) -> None:
        """Start a task."""
        ...

    def take(self) -> Iterator[tuple[Task, Answer | Died]]:
        """Wait for at least one task to end; those that have."""
        ...

    def close(self) -> None:
        """End all workers."""
        ...
