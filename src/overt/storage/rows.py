"""Small statements that SQLite and PostgreSQL share but SQLAlchemy spells once for each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_new(tx: Connection, table: Table, values: Mapping[str, Any]) -> bool:
    """Insert a row unless its key is there already. Returns whether it was inserted."""
    if tx.dialect.name == "postgresql":
        return bool(
            tx.execute(postgresql.insert(table).values(**values).on_conflict_do_nothing()).rowcount
        )
    return bool(tx.execute(sqlite.insert(table).values(**values).on_conflict_do_nothing()).rowcount)
