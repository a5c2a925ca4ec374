"""Small statements that SQLite and PostgreSQL share but SQLAlchemy spells once for each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_new(tx: Connection, table: Table, values: Mapping[str, Any]) -> bool:
    """Insert a row unless its key is there already. Returns whether it was inserted."""
    dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table).values(**values).on_conflict_do_nothing()
    # Without being told, SQLAlchemy lets the count of an INSERT go, and -1 would pass for a row.
    done = tx.execute(statement.execution_options(preserve_rowcount=True))
    return bool(done.rowcount == 1)
