"""After an acknowledged revocation nothing is released, whoever else is busy (I6)."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

import postgres
from race import race


def test_a_short_race_on_sqlite(tmp_path: Path) -> None:
    outcome = race(
        tmp_path,
        f"sqlite:///{tmp_path}/overt.db",
        generators=2,
        revocations=15,
        authorisations=60,
    )
    assert outcome.late == 0
    assert outcome.revocations == 15
    assert outcome.ledger_valid


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_six_generators_against_one_revoker(tmp_path: Path, kind: str) -> None:
    if kind == "sqlite":
        outcome = race(tmp_path, f"sqlite:///{tmp_path}/overt.db")
    else:
        if postgres.binaries() is None:
            pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
        with postgres.server() as url:
            outcome = race(tmp_path, url)
    print(
        f"{kind}: {outcome.authorisations} authorisations, {outcome.revocations} revocations,"
        f" {outcome.stopped} runs stopped, p99 {outcome.percentile(0.99):.0f} ms"
    )
    assert outcome.authorisations >= 2000
    assert outcome.revocations >= 200
    assert outcome.late == 0
    assert outcome.stopped > 0
    assert outcome.ledger_valid
