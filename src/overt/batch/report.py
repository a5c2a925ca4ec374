"""`report.jsonl`: one line an input, in the order in which the inputs were found.

Written whole at the end. Names are escaped, so that no line break or mark in one can break a line.
"""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from overt.batch.journal import Item, Journal
from overt.batch.sources import REPORT, STATE

DRY_REPORT = "dry-run.jsonl"
"""A dry run's report, where a real one stands already."""
_KEPT = ("record", "decision_id", "subjects", "acts", "ticket", "type")


@dataclass(frozen=True, slots=True)
class Summary:
    """What a batch came to.

    Args:
        report: Path of the report.
        outcomes: How many inputs came to each outcome.
        made: How many works were marked in this run; the rest was kept from earlier ones.
        cost: Of a dry run: bytes, signatures, ledger entries.
    """

    report: Path
    outcomes: Mapping[str, int]
    made: int
    cost: Mapping[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """Inputs."""
        return sum(self.outcomes.values())


def write(journal: Journal, out: Path, *, dry: bool) -> tuple[Path, Counter[str]]:
    """Write the report in one step; where it is, and how many inputs came to each outcome."""
    real = (out / STATE / "journal.db").exists()
    target = out / (DRY_REPORT if dry and real else REPORT)
    temporary = out / f".overt-{REPORT}.{secrets.token_hex(4)}"
    counts: Counter[str] = Counter()
    try:
        with temporary.open("x", encoding="ascii") as stream:
            for item in journal.items():
                row = line(journal, item, out, dry=dry)
                counts[row["outcome"]] += 1
                stream.write(json.dumps(row, ensure_ascii=True) + "\n")
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    return target, counts


def line(journal: Journal, item: Item, out: Path, *, dry: bool) -> dict[str, Any]:
    """One input's line."""
    row: dict[str, Any] = {
        "input": str(item.path),
        "output": None,
        "outcome": item.outcome,
        "digest": item.digest,
    }
    code = item.code
    if item.outcome in ("work", "copied"):
        assert item.work is not None
        work = journal.work(item.work)
        row["outcome"], code = work.outcome, code or work.code
        row |= {key: work.answer[key] for key in _KEPT if key in work.answer}
        if work.outcome in ("allow", "label") and not dry and work.name is not None:
            row["output"] = str(out / (item.name if item.outcome == "copied" else work.name))
        if item.outcome == "copied":
            code = "batch.duplicate"
    if row["digest"] is None:
        del row["digest"]
    if dry:
        row["dry_run"] = True
    if code:
        row["code"] = code
    return row


def cost(journal: Journal) -> dict[str, int]:
    """What a real run would take: bytes to read and write, signatures, ledger entries."""
    bytes_, signatures, entries = 0, 0, 0
    for item in journal.firsts():
        clears = journal.work(str(item.work)).outcome in ("allow", "label")
        bytes_ += item.size
        signatures += clears
        entries += 2 if clears else 1
    return {"bytes": bytes_, "signatures": signatures, "ledger_entries": entries}
