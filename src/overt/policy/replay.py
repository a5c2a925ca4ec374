"""Replay: what another bundle would have said to inputs that were recorded.

Only the policy is replayed. A change of a screen cannot show here, for recorded inputs hold what
the screens of that day saw. Loosened decisions come first in every listing: they are the risk.
"""

from __future__ import annotations

import json
import multiprocessing
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from overt.errors import ConfigError
from overt.models import Outcome
from overt.policy.bundle import Bundle
from overt.policy.case import Case
from overt.policy.decide import outcome_of
from overt.policy.schema import INDEX

SAMPLES = 20
"""Examples that a report keeps for each direction."""
_CHUNK_BYTES = 8 << 20


@dataclass(slots=True)
class Change:
    """One input that the two bundles decide differently."""

    place: str
    before: Outcome
    after: Outcome
    gone: tuple[str, ...]
    new: tuple[str, ...]

    @property
    def loosened(self) -> bool:
        """Whether the candidate is milder."""
        return self.after < self.before


@dataclass(slots=True)
class Report:
    """Result of a replay. Counters are by rule, and by modality, role and phase."""

    total: int = 0
    same: int = 0
    loosened: int = 0
    tightened: int = 0
    unreadable: int = 0
    by_rule: Counter[str] = field(default_factory=Counter)
    by_stratum: Counter[str] = field(default_factory=Counter)
    by_outcome: Counter[str] = field(default_factory=Counter)
    samples: list[Change] = field(default_factory=list)

    def add(self, change: Change | None, case: Case) -> None:
        """Count one input."""
        self.total += 1
        if change is None:
            self.same += 1
            return
        word = "loosened" if change.loosened else "tightened"
        if change.before is change.after:
            self.same += 1
            word = "rules"
        else:
            setattr(self, word, getattr(self, word) + 1)
        for rule in (*change.gone, *change.new):
            self.by_rule[f"{word} {rule}"] += 1
        self.by_stratum[f"{word} {_stratum(case)}"] += 1
        self.by_outcome[f"{change.before.value} to {change.after.value}"] += 1
        kept = sum(sample.loosened == change.loosened for sample in self.samples)
        if change.before is not change.after and kept < SAMPLES:
            self.samples.append(change)

    def merge(self, other: Report) -> None:
        """Add the counts of another part."""
        for name in ("total", "same", "loosened", "tightened", "unreadable"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("by_rule", "by_stratum", "by_outcome"):
            getattr(self, name).update(getattr(other, name))
        self.samples.extend(other.samples)

    def to_json(self) -> dict[str, Any]:
        """For `overt policy replay --json`: loosened first everywhere."""
        ordered = sorted(self.samples, key=lambda change: (not change.loosened, change.place))
        return {
            "total": self.total,
            "loosened": self.loosened,
            "tightened": self.tightened,
            "same": self.same,
            "unreadable": self.unreadable,
            "outcomes": dict(self.by_outcome.most_common()),
            "rules": dict(sorted(self.by_rule.items(), key=lambda item: (item[0][:1], -item[1]))),
            "strata": dict(
                sorted(self.by_stratum.items(), key=lambda item: (item[0][:1], -item[1]))
            ),
            "samples": [
                {
                    "place": change.place,
                    "before": change.before.value,
                    "after": change.after.value,
                    "gone": list(change.gone),
                    "new": list(change.new),
                }
                for change in ordered[: 2 * SAMPLES]
            ],
        }


def compare(case: Case, live: Bundle, candidate: Bundle, place: str = "") -> Change | None:
    """How two bundles differ on one case; none where outcome and rules are the same."""
    before, old = outcome_of(case, live)
    after, new = outcome_of(case, candidate)
    if before is after and old == new:
        return None
    gone = tuple(rule for rule in old if rule not in new)
    return Change(place, before, after, gone, tuple(rule for rule in new if rule not in old))


def replay(cases: Iterable[tuple[str, Case]], live: Bundle, candidate: Bundle) -> Report:
    """Replay cases that are already in memory or come from a database."""
    report = Report()
    for place, case in cases:
        report.add(compare(case, live, candidate, place), case)
    return report


def replay_file(path: Path, live: Bundle, candidate: Bundle, *, processes: int = 1) -> Report:
    """Replay a file with one recorded input a line.

    Args:
        path: JSON lines; a line may also be `{"id": …, "case": …}`.
        live: The bundle in service.
        candidate: The one to compare.
        processes: Works in this many processes where the platform can fork and no thread runs.

    Raises:
        ConfigError: `policy.replay_file`: the file cannot be read.
    """
    try:
        parts = _parts(path, max(1, processes))
    except OSError as error:
        raise ConfigError(
            "policy.replay_file", "the recorded inputs cannot be read", type(error).__name__
        ) from None
    report = Report()
    can_fork = "fork" in multiprocessing.get_all_start_methods() and threading.active_count() == 1
    if processes > 1 and can_fork and len(parts) > 1:
        _SHARED[:] = [(path, live, candidate)]  # compiled rules cannot be pickled: fork has them
        with multiprocessing.get_context("fork").Pool(processes) as pool:
            for done in pool.imap(_forked, parts):
                report.merge(done)
        _SHARED.clear()
        return report
    for part in parts:
        report.merge(_part(path, live, candidate, *part))
    return report


_SHARED: list[tuple[Path, Bundle, Bundle]] = []


def _forked(part: tuple[int, int]) -> Report:
    return _part(*_SHARED[0], *part)


def _parts(path: Path, processes: int) -> list[tuple[int, int]]:
    size = path.stat().st_size
    step = max(1, min(_CHUNK_BYTES, -(-size // processes)))
    return [(start, min(start + step, size)) for start in range(0, size, step)] or [(0, 0)]


def _part(path: Path, live: Bundle, candidate: Bundle, start: int, end: int) -> Report:
    report = Report()
    for place, line in _lines(path, start, end):
        try:
            data = json.loads(line)
            case = Case.from_json(data.get("case", data))
        except (ValueError, AttributeError, ConfigError):
            report.unreadable += 1
            continue
        name = str(data.get("id", place))
        report.add(compare(case, live, candidate, name), case)
    return report


def _lines(path: Path, start: int, end: int) -> Iterator[tuple[str, bytes]]:
    """Lines that begin inside the part, whole; the one that straddles belongs to the first."""
    with path.open("rb") as stream:
        stream.seek(start)
        if start:
            stream.seek(start - 1)
            stream.readline()
        while (at := stream.tell()) < end:
            line = stream.readline()
            if line.strip():
                yield f"byte {at}", line


def _stratum(case: Case) -> str:
    row = case.rows[0]
    roles = sorted({str(other[INDEX["subject.role"]]) for other in case.rows[1:]}) or ["nobody"]
    modality, phase = row[INDEX["request.modality"]], row[INDEX["election.phase"]]
    return f"{modality} {'+'.join(roles)} {phase}"
