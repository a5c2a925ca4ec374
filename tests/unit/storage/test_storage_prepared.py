"""A prepared statement does what SQLAlchemy would do with it, on its way past it."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import bindparam, insert, or_, select, update

from overt.errors import StageError
from overt.storage import Database
from overt.storage.prepared import Prepared
from overt.storage.schema import actors, clearances, decisions

AT = datetime(2026, 3, 1, 12, 30, 15, 250, tzinfo=timezone(timedelta(hours=2)))
ROW: dict[str, Any] = {
    "id": "d1",
    "idx": 7,
    "at": AT,
    "outcome": "allow",
    "policy": "p",
    "registry": "r",
    "request": "q",
    "media_type": "image/png",
    "language": "en",
    "rules": ["A-1", "B-2"],
    "case": {"k": [1, None]},
    "salt": b"\x00\x01",
}


@pytest.fixture
def database(tmp_path: Path) -> Any:
    with Database.open(f"sqlite:///{tmp_path / 'x.db'}") as opened:
        yield opened


@pytest.mark.parametrize("change", [{}, {"case": None}, {"salt": None}, {"rules": []}])
def test_a_row_is_stored_as_sqlalchemy_stores_it(database: Database, change: Any) -> None:
    row = {**ROW, **change}
    prepared = Prepared(insert(decisions))

    def both(tx: Any) -> None:
        assert prepared.change(tx, row) == 1
        tx.execute(insert(decisions), {**row, "id": "d2", "idx": 8})

    database.write(both)

    def stored(tx: Any) -> list[tuple[Any, ...]]:
        raw: sqlite3.Connection = tx.connection.driver_connection
        return raw.execute("SELECT * FROM decisions ORDER BY id").fetchall()

    one, other = database.read(stored)
    columns = [column.name for column in decisions.c]
    differing = {n for n, a, b in zip(columns, one, other, strict=True) if a != b}
    assert differing == {"id", "idx"}
    again = database.read(lambda tx: tx.execute(select(decisions).order_by("id")).first())
    assert again.at == AT.astimezone(UTC)
    assert again.rules == row["rules"]


def test_conditions_with_constants_lists_and_moments(database: Database) -> None:
    issue = Prepared(insert(clearances))
    close = Prepared(
        update(clearances).where(
            clearances.c.id == bindparam("of"),
            or_(clearances.c.state == "open", clearances.c.state == "claimed"),
            clearances.c.expires_at > bindparam("now"),
        )
    )
    find = Prepared(select(clearances.c.id, clearances.c.state).order_by(clearances.c.id))

    def work(tx: Any) -> tuple[list[int], Any]:
        for id in ("a", "b"):
            issue.change(
                tx,
                {"id": id, "decision_id": "d", "digest": "x", "state": "open", "expires_at": AT},
            )
        early, late = AT - timedelta(seconds=1), AT + timedelta(seconds=1)
        counts = [
            close.change(tx, {"of": "a", "now": late, "state": "failed"}),
            close.change(tx, {"of": "a", "now": early, "state": "claimed"}),
            close.change(tx, {"of": "a", "now": early, "state": "failed", "closed_at": late}),
            close.change(tx, {"of": "a", "now": early, "state": "failed"}),
        ]
        return counts, [tuple(row) for row in find.rows(tx)]

    counts, rows = database.write(work)
    assert counts == [0, 1, 1, 0]
    assert rows == [("a", "failed"), ("b", "open")]


def test_naive_moments_are_refused_here_too(database: Database) -> None:
    naive = {**ROW, "at": datetime(2026, 3, 1)}
    with pytest.raises(ValueError, match="naive"):
        database.write(lambda tx: Prepared(insert(decisions)).change(tx, naive))


def test_a_conflict_is_named_as_ever(database: Database) -> None:
    prepared = Prepared(insert(decisions))
    database.write(lambda tx: prepared.change(tx, ROW))
    with pytest.raises(StageError) as caught:
        database.write(lambda tx: prepared.change(tx, ROW))
    assert caught.value.code == "storage.conflict"
    assert "d1" not in str(caught.value)


@pytest.mark.parametrize(
    ("statement", "values"),
    [
        (insert(actors), {"actor": "a", "first_at": AT, "last_at": AT}),
        (select(clearances.c.id).where(clearances.c.state.in_(("open", "claimed"))), {}),
    ],
)
def test_what_only_sqlalchemy_can_fill_in_is_refused(
    database: Database, statement: Any, values: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match="fill in"):
        database.write(lambda tx: Prepared(statement).change(tx, values))
