"""Killed at any moment: what was acknowledged is there, and what is there is recorded."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from overt.ledger.audit import verify_database
from overt.models import utc_now
from overt.setup import initialise
from overt.storage import Database, clearances
from overt.storage.schema import clearances as table
from overt.storage.schema import decisions, entries

SCRIPT = Path(__file__).resolve().parents[1] / "support/killed.py"
CLOSING = ("released", "failed", "quarantined", "lapsed")


def kill(folder: Path, rounds: int) -> None:
    initialise(folder)
    done = subprocess.run(
        [sys.executable, SCRIPT, folder, str(rounds), "7"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def check(folder: Path) -> tuple[int, int]:
    """Everything that must hold afterwards. Returns acknowledged and lapsed runs."""
    with Database.open(f"sqlite:///{folder}/.overt/overt.db") as db:
        report = db.read(verify_database)
        assert report.valid, report.problems
        leaves = [json.loads(body) for body in db.read(lambda tx: _all(tx))]
        acks = [json.loads(line) for line in (folder / "acks").read_text().splitlines()]
        for ack in acks:
            leaf = leaves[ack["index"]]
            assert (leaf["type"], leaf["decision"]) == ("released", ack["id"])
            content = (folder / "out" / ack["path"]).read_bytes()
            assert hashlib.sha256(content).hexdigest() in leaf["assets"]
        recorded = {digest for leaf in leaves for digest in leaf.get("assets", ())}
        for path in (folder / "out").glob("*.png"):
            assert hashlib.sha256(path.read_bytes()).hexdigest() in recorded, path.name

        later = utc_now() + timedelta(days=2)
        lapsed = db.write(lambda tx: clearances.lapse(tx, later))
        left = db.read(lambda tx: tx.execute(select(table.c.state)).scalars().all())
        assert set(left) <= set(CLOSING)
        closing = Counter(leaf["decision"] for leaf in leaves if leaf["type"] in CLOSING)
        closing.update(decision for _, decision in lapsed)
        made = db.read(lambda tx: tx.execute(select(decisions.c.id)).scalars().all())
        assert closing == Counter(made)  # one closing entry for each cleared run, never two
        return len(acks), len(lapsed)


def _all(tx: Connection) -> list[bytes]:
    return list(tx.execute(select(entries.c.body).order_by(entries.c.idx)).scalars())


def test_killed_a_few_times(tmp_path: Path) -> None:
    kill(tmp_path, 8)
    acknowledged, _ = check(tmp_path)
    assert acknowledged > 0


@pytest.mark.slow
def test_killed_two_hundred_times(tmp_path: Path) -> None:
    kill(tmp_path, 200)
    acknowledged, lapsed = check(tmp_path)
    print(f"{acknowledged} runs acknowledged, {lapsed} cut off")
    assert acknowledged > 100
    assert lapsed > 20
