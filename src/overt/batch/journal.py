"""What a batch has done so far: one SQLite file beside the outputs, written by the coordinator.

`items` has a row a path, new at every run. `works` has a row a *work*, which is one asset by its
bytes under one policy with one declaration; it outlives runs and is what "exactly once" speaks of.
No name of a person and no declared text is in it.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from overt.batch.names import plain_name
from overt.batch.sources import Found
from overt.errors import ConfigError

FINAL = ("allow", "label", "refuse")
"""Outcomes that a work keeps: the same bytes under the same policy come out the same."""
ATTEMPTS = 3
"""Failed attempts, or workers lost, after which a work is held."""
_PAGE = 256
_TABLES = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT) STRICT;
CREATE TABLE IF NOT EXISTS items (
  seq INTEGER PRIMARY KEY, path BLOB NOT NULL, place INTEGER NOT NULL, name BLOB UNIQUE,
  outcome TEXT NOT NULL, code TEXT, deaths INTEGER NOT NULL DEFAULT 0, digest TEXT,
  size INTEGER, media_type TEXT, work TEXT) STRICT;
CREATE INDEX IF NOT EXISTS items_work ON items (work);
CREATE INDEX IF NOT EXISTS items_outcome ON items (outcome, seq);
CREATE TABLE IF NOT EXISTS works (
  key TEXT PRIMARY KEY, policy TEXT NOT NULL, outcome TEXT NOT NULL, code TEXT, name BLOB,
  answer TEXT, attempts INTEGER NOT NULL DEFAULT 0, ticket TEXT) STRICT;
"""
_SELECT = (
    "SELECT seq, path, place, name, outcome, code, digest, COALESCE(size, 0), media_type, work"
    " FROM items"
)


@dataclass(frozen=True, slots=True)
class Item:
    """One row of `items`, with what its work came to."""

    seq: int
    path: Path
    place: int
    name: Path
    outcome: str
    code: str | None
    digest: str | None
    size: int
    media_type: str | None
    work: str | None


@dataclass(frozen=True, slots=True)
class Work:
    """One row of `works`. `answer` is what the worker said; `name` is where the output is."""

    key: str
    policy: str
    outcome: str
    code: str | None
    name: Path | None
    answer: dict[str, Any]
    attempts: int
    ticket: str | None


class Journal:
    """The journal of one output folder.

    Raises:
        ConfigError: `batch.journal`: the file cannot be opened or is none of ours.
    """

    def __init__(self, file: Path) -> None:
        try:
            self._db = sqlite3.connect(file, isolation_level=None)
            self._db.executescript(
                f"PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; BEGIN; {_TABLES} COMMIT;"
            )
        except sqlite3.Error as error:
            raise ConfigError(
                "batch.journal", "the batch's journal cannot be used", str(error), "remove it"
            ) from None

    @classmethod
    def of(cls, folder: Path, *, dry: bool) -> Self:
        """The journal in a state folder. A dry run has one of its own, new each time."""
        if not dry:
            return cls(folder / "journal.db")
        for file in folder.glob("dry-run.db*"):
            file.unlink()
        return cls(folder / "dry-run.db")

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    # --- items -------------------------------------------------------------------------------

    def plan(self, found: Iterable[Found], reserved: Iterable[str]) -> int:
        """Forget the items of an earlier run and store those of this one; how many there are."""
        self._db.execute("BEGIN")
        self._db.execute("DELETE FROM items")
        taken, count = set(reserved), 0
        for count, one in enumerate(found, 1):
            name = self._free(plain_name(one.name), taken)
            self._db.execute(
                "INSERT INTO items (seq, path, place, name, outcome, code) VALUES (?,?,?,?,?,?)",
                (count, os.fsencode(one.path), one.place, name, one.outcome, one.code),
            )
        self._db.execute("COMMIT")
        return count

    def _free(self, name: Path, reserved: set[str]) -> bytes:
        """A name that no other item has; the second one gets a number."""
        number, wanted = 1, name
        while True:
            encoded = os.fsencode(wanted)
            clash = self._db.execute("SELECT 1 FROM items WHERE name = ?", (encoded,)).fetchone()
            if clash is None and str(wanted) not in reserved:
                return encoded
            number += 1
            wanted = name.with_name(f"{name.stem}~{number}{name.suffix}")

    def identified(
        self, seq: int, digest: str, size: int, media_type: str, work: str, policy: str
    ) -> None:
        """Store what an item is, and that its work is to be done."""
        self._db.execute(
            "UPDATE items SET digest=?, size=?, media_type=?, work=?, outcome='work' WHERE seq=?",
            (digest, size, media_type, work, seq),
        )
        self._db.execute(
            "INSERT OR IGNORE INTO works (key, policy, outcome) VALUES (?, ?, 'pending')",
            (work, policy),
        )

    def passed_over(self, seq: int, outcome: str, code: str | None) -> None:
        """An item that no work is done on, or a copy of another one's output."""
        self._db.execute("UPDATE items SET outcome=?, code=? WHERE seq=?", (outcome, code, seq))

    def died(self, seq: int) -> int:
        """A worker died over this item alone; how often one has."""
        row = self._db.execute(
            "UPDATE items SET deaths = deaths + 1 WHERE seq = ? RETURNING deaths", (seq,)
        ).fetchone()
        return int(row[0])

    def item(self, seq: int) -> Item:
        """One item."""
        return next(self._rows(f"seq = {int(seq)}", ()))

    def items(self, outcome: str | None = None) -> Iterator[Item]:
        """Items in order, a page at a time: the journal may be written meanwhile."""
        last = 0
        while True:
            seen = last
            for item in self._rows(
                "seq > ? AND outcome = COALESCE(?, outcome) ORDER BY seq LIMIT ?",
                (last, outcome, _PAGE),
            ):
                yield item
                last = item.seq
            if last == seen:
                return

    def _rows(self, condition: str, values: tuple[Any, ...]) -> Iterator[Item]:
        rows = self._db.execute(f"{_SELECT} WHERE {condition}", values).fetchall()
        for row in rows:
            yield Item(row[0], _path(row[1]), row[2], _path(row[3]), *row[4:])

    def firsts(self) -> Iterator[Item]:
        """The first item of each work; the others get copies of its output."""
        for item in self.items("work"):
            before = self._db.execute(
                "SELECT 1 FROM items WHERE work = ? AND seq < ? LIMIT 1", (item.work, item.seq)
            ).fetchone()
            if before is None:
                yield item

    def count(self, outcome: str) -> int:
        """How many items have this outcome."""
        row = self._db.execute("SELECT COUNT(*) FROM items WHERE outcome=?", (outcome,)).fetchone()
        return int(row[0])

    # --- works -------------------------------------------------------------------------------

    def work(self, key: str) -> Work:
        """A work by its key."""
        row = self._db.execute(
            "SELECT key, policy, outcome, code, name, answer, attempts, ticket FROM works"
            " WHERE key = ?",
            (key,),
        ).fetchone()
        key, policy, outcome, code, name, answer, attempts, ticket = row
        where = _path(name) if name is not None else None
        return Work(key, policy, outcome, code, where, json.loads(answer or "{}"), attempts, ticket)

    def is_final(self, key: str) -> bool:
        """Whether a work is known, and came to something that it keeps."""
        row = self._db.execute("SELECT outcome FROM works WHERE key = ?", (key,)).fetchone()
        return row is not None and row[0] in FINAL

    def done(self, key: str, name: Path, answer: dict[str, Any]) -> None:
        """Store what a work came to; a failure counts as an attempt."""
        failed = answer["outcome"] == "failed"
        self._db.execute(
            "UPDATE works SET outcome=?, code=?, name=?, answer=?, ticket=?,"
            " attempts=CASE WHEN ? THEN attempts + 1 ELSE 0 END WHERE key=?",
            (answer["outcome"], answer.get("code"), os.fsencode(name), json.dumps(answer),
             answer.get("ticket"), failed, key),
        )  # fmt: skip

    def lost(self, key: str) -> int:
        """A worker died over this work; how often one has."""
        row = self._db.execute(
            "UPDATE works SET attempts = attempts + 1 WHERE key = ? RETURNING attempts", (key,)
        ).fetchone()
        return int(row[0])

    def retry(self) -> None:
        """Try works again that are held."""
        self._db.execute("UPDATE works SET attempts = 0")


def _path(raw: bytes) -> Path:
    return Path(os.fsdecode(raw))
