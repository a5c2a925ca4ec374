"""Clearances: made once, claimed once, closed once, lapsed in time."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from overt.errors import StageError
from overt.models import utc_now
from overt.storage import Database, clearances
from overt.storage.schema import clearances as table

NOW = utc_now()
LATER = NOW + timedelta(minutes=10)


@pytest.fixture
def db(tmp_path: Path):
    with Database.open(f"sqlite:///{tmp_path}/overt.db") as database:
        database.write(lambda tx: clearances.issue(tx, "c", "d", "digest", LATER))
        yield database


def state(db: Database, id: str = "c") -> str:
    return db.read(lambda tx: tx.execute(select(table.c.state).where(table.c.id == id)).scalar())


def test_a_clearance_is_claimed_once(db: Database) -> None:
    db.write(lambda tx: clearances.claim(tx, "c", "digest", NOW))
    with pytest.raises(StageError) as caught:
        db.write(lambda tx: clearances.claim(tx, "c", "digest", NOW))
    assert caught.value.code == "clearance.replayed"
    assert caught.value.stage == "clearance"


@pytest.mark.parametrize(
    ("name", "id", "digest", "at", "code"),
    [
        ("never issued", "x", "digest", NOW, "clearance.unknown"),
        ("another request", "c", "other", NOW, "clearance.changed"),
        ("too late", "c", "digest", LATER, "clearance.expired"),
    ],
)
def test_what_cannot_be_claimed(db: Database, name: str, id: str, digest: str, at, code: str):
    with pytest.raises(StageError) as caught:
        db.write(lambda tx: clearances.claim(tx, id, digest, at))
    assert caught.value.code == code
    assert state(db) == "open"


@pytest.mark.parametrize(
    ("claimed", "to", "good"),
    [
        (True, "released", True),
        (True, "failed", True),
        (True, "quarantined", True),
        (False, "released", False),
        (False, "failed", True),
    ],
)
def test_only_what_was_claimed_is_released(
    db: Database, claimed: bool, to: str, good: bool
) -> None:
    if claimed:
        db.write(lambda tx: clearances.claim(tx, "c", "digest", NOW))
    if good:
        db.write(lambda tx: clearances.close(tx, "c", to, NOW))
        assert state(db) == to
    with pytest.raises(StageError) as caught:
        db.write(lambda tx: clearances.close(tx, "c", to, NOW))
    assert caught.value.code == "clearance.closed"


def test_closing_needs_a_closed_state(db: Database) -> None:
    with pytest.raises(ValueError, match="no closed state"):
        db.write(lambda tx: clearances.close(tx, "c", "open", NOW))


@pytest.mark.parametrize("claimed", [True, False])
def test_what_is_overdue_lapses_and_cannot_be_released_any_more(
    db: Database, claimed: bool
) -> None:
    if claimed:
        db.write(lambda tx: clearances.claim(tx, "c", "digest", NOW))
    assert db.write(lambda tx: clearances.lapse(tx, NOW)) == []
    assert db.write(lambda tx: clearances.lapse(tx, LATER)) == [("c", "d")]
    assert db.write(lambda tx: clearances.lapse(tx, LATER)) == []

    def release(tx: Connection) -> None:
        clearances.close(tx, "c", "released", LATER)

    with pytest.raises(StageError) as caught:
        db.write(release)
    assert caught.value.code == "clearance.closed"


def test_a_claim_can_ask_for_more_time_to_finish(db: Database) -> None:
    until = LATER + timedelta(hours=1)
    db.write(lambda tx: clearances.claim(tx, "c", "digest", NOW, until=until))
    assert db.write(lambda tx: clearances.lapse(tx, LATER)) == []
    assert db.write(lambda tx: clearances.lapse(tx, until)) == [("c", "d")]
