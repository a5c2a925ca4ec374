"""A ledger in a fresh database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from overt.ledger import SqlLedger
from overt.ledger.checkpoint import new_key
from overt.models import Record, utc_now
from overt.storage import Database


@dataclass
class Log:
    db: Database
    ledger: SqlLedger

    @property
    def keys(self) -> list[str]:
        return [self.ledger.signer().verifier]

    def add(self, count: int = 1, **fields: object) -> list[Record]:
        def work(tx):
            start = self.ledger.size(tx)
            return [
                self.ledger.append(
                    tx,
                    {"type": "released", "id": f"e{start + n}", "at": utc_now(), **fields},
                )
                for n in range(count)
            ]

        return self.db.write(work)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    (tmp_path / "key").write_bytes(new_key())
    with Database.open(f"sqlite:///{tmp_path}/overt.db") as db:
        yield Log(db, SqlLedger("example.org/log", f"file:{tmp_path}/key"))
