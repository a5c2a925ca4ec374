"""The few statements of an append, which every recorded decision waits for.

On SQLite they go straight to the driver: SQLAlchemy's 15 microseconds a statement would be most of
what an append costs there (measured: 1 microsecond without). On PostgreSQL round trips are what
counts, so there it is one statement.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import Connection, select, text

from overt.ledger.merkle import Node
from overt.storage.schema import ledger_heads

_HEAD = select(ledger_heads.c.origin, ledger_heads.c.size, ledger_heads.c.frontier)
_APPEND = text(
    """
    WITH leaf AS (
      INSERT INTO entries (idx, id, type, at, body, hash)
      VALUES (:idx, :id, :type, :at, :body, :hash)
    ), subtrees AS (
      INSERT INTO nodes (level, idx, hash)
      SELECT * FROM unnest(
        CAST(:levels AS integer[]), CAST(:indices AS bigint[]), CAST(:hashes AS bytea[])
      )
    )
    UPDATE ledger_heads SET size = :size, frontier = :frontier WHERE origin = :origin
    """
)
"""PostgreSQL: one round trip, for everybody else waits for the head row meanwhile."""
_START = "INSERT INTO ledger_heads (origin, size, frontier) VALUES (:origin, 0, :frontier)"
_UNLESS_THERE = " ON CONFLICT DO NOTHING"


class Head(NamedTuple):
    """Where the log stands."""

    origin: str
    size: int
    frontier: bytes


class Leaf(NamedTuple):
    """One row of `entries`."""

    idx: int
    id: str
    type: str
    at: datetime
    body: bytes
    hash: bytes


def head(tx: Connection, *, lock: bool) -> Head | None:
    """The head row, locked where rows can be; none before the first append."""
    raw = _sqlite(tx)
    if raw is not None:
        row = raw.execute("SELECT origin, size, frontier FROM ledger_heads").fetchone()
        return None if row is None else Head(*row)
    found = tx.execute(_HEAD.with_for_update() if lock else _HEAD).one_or_none()
    return None if found is None else Head(found.origin, found.size, bytes(found.frontier))


def start(tx: Connection, origin: str) -> None:
    """Make the head row, unless somebody else just did."""
    tx.execute(text(_START + _UNLESS_THERE), {"origin": origin, "frontier": b""})


def append(tx: Connection, leaf: Leaf, finished: Sequence[tuple[Node, bytes]], after: Head) -> None:
    """Store a leaf and the subtrees that it finished, and move the head on."""
    raw = _sqlite(tx)
    if raw is not None:
        at = leaf.at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
        raw.execute(
            "INSERT INTO entries (idx, id, type, at, body, hash) VALUES (?, ?, ?, ?, ?, ?)",
            (leaf.idx, leaf.id, leaf.type, at, leaf.body, leaf.hash),
        )
        for (level, index), value in finished:
            raw.execute(
                "INSERT INTO nodes (level, idx, hash) VALUES (?, ?, ?)", (level, index, value)
            )
        raw.execute(
            "UPDATE ledger_heads SET size = ?, frontier = ? WHERE origin = ?",
            (after.size, after.frontier, after.origin),
        )
        return
    tx.execute(
        _APPEND,
        {
            **leaf._asdict(),
            "levels": [name[0] for name, _ in finished],
            "indices": [name[1] for name, _ in finished],
            "hashes": [value for _, value in finished],
            "size": after.size,
            "frontier": after.frontier,
            "origin": after.origin,
        },
    )


def _sqlite(tx: Connection) -> sqlite3.Connection | None:
    raw = tx.connection.driver_connection
    return raw if isinstance(raw, sqlite3.Connection) else None
