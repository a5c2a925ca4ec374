"""Statements that every run executes, compiled once.

    >>> from sqlalchemy import bindparam, select
    >>> from overt.storage.schema import clearances
    >>> find = Prepared(select(clearances.c.state).where(clearances.c.id == bindparam("of")))

SQLAlchemy spends a tenth of a millisecond on a statement when its code has left the processor's
caches, as it has after work on a picture. On SQLite a prepared statement goes straight to the
driver, with the same text and the same conversions of its values; elsewhere the way to the server
costs more, and SQLAlchemy executes it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Delete, Dialect, Insert, Select, Update

Values = Mapping[str, Any]
_Fill = tuple[str, Any, Callable[[Any], Any] | None]
"""Name of a value, what stands there when it is not given, and how the driver wants it."""


class Prepared:
    """One statement.

    Args:
        statement: Its values are named by `bindparam`, or are columns. It selects only columns
            that need no conversion: texts, numbers, bytes. It has no `IN`, and no column with a
            default that it is not given a value for.
    """

    def __init__(self, statement: Select[Any] | Insert | Update | Delete) -> None:
        self._statement = statement
        self._compiled: dict[tuple[str, ...], tuple[str, tuple[_Fill, ...]]] = {}

    def change(self, tx: Connection, values: Values) -> int:
        """Execute it; how many rows it changed."""
        raw = tx.connection.driver_connection
        if isinstance(raw, sqlite3.Connection):
            return self._direct(raw, tx.dialect, values).rowcount
        return tx.execute(self._statement, dict(values)).rowcount

    def rows(self, tx: Connection, values: Values | None = None) -> Sequence[Sequence[Any]]:
        """Execute it; all its rows."""
        raw = tx.connection.driver_connection
        if isinstance(raw, sqlite3.Connection):
            return self._direct(raw, tx.dialect, values or {}).fetchall()
        return tx.execute(self._statement, dict(values or {})).all()

    def _direct(self, raw: sqlite3.Connection, dialect: Dialect, values: Values) -> sqlite3.Cursor:
        keys = tuple(values)
        known = self._compiled.get(keys)
        if known is None:
            known = self._compiled[keys] = _compile(self._statement, dialect, keys)
        text, fills = known
        return raw.execute(text, [_filled(values, fill) for fill in fills])


def _filled(values: Values, fill: _Fill) -> Any:
    name, fixed, convert = fill
    value = values.get(name, fixed)
    return value if convert is None else convert(value)


def _compile(
    statement: Any, dialect: Dialect, keys: tuple[str, ...]
) -> tuple[str, tuple[_Fill, ...]]:
    """The text, and what goes in for each of its question marks."""
    made = statement.compile(dialect=dialect, column_keys=list(keys))
    if getattr(made, "prefetch", ()) or made.post_compile_params:
        raise ValueError("a default of a column, or a list, which SQLAlchemy would fill in")
    fixed = made.construct_params(dict.fromkeys(keys))
    fills = []
    for name in made.positiontup or ():
        bind = made.binds.get(name)
        convert = None
        if bind is not None:
            convert = bind.type.dialect_impl(dialect).bind_processor(dialect)
        fills.append((name, fixed.get(name), convert))
    return str(made.string), tuple(fills)
