"""The ledger in SQL: appended in the same transaction as what it records.

No decision without a leaf, no leaf without a decision: both are in one transaction or neither is.
Appends lock the one row of `ledger_heads` until their transaction ends, so indices have no gap and
no twin. On SQLite, where row locks do not exist and SQLAlchemy leaves them out silently, the
database's write lock does the same (`Database.write` takes it before anything is read).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert, select

from overt.errors import ConfigError, StageError
from overt.ledger import checkpoint as notes
from overt.ledger import entries as leaves
from overt.ledger import merkle, rows
from overt.ledger.proofs import inclusion_text
from overt.models import Record, utc_now
from overt.ports import Clock
from overt.storage.prepared import Prepared
from overt.storage.schema import checkpoints, entries, nodes

_WIDTH = 32
_AT_LEAST_EVERY = timedelta(hours=1)
_LAST = Prepared(
    select(checkpoints.c.size, checkpoints.c.root, checkpoints.c.note)
    .order_by(checkpoints.c.size.desc())
    .limit(1)
)


class _Signed(NamedTuple):
    """A row of `checkpoints`."""

    size: int
    root: bytes
    note: bytes


class SqlLedger:
    """A Merkle log (RFC 9162) in the tables `entries` and `nodes`. A `ports.Ledger`.

    Args:
        origin: Name of the log, such as `log.example.org/overt`; never changes.
        key_ref: Reference of the Ed25519 key that signs checkpoints; read when first needed.
            Without one the log works, and nothing is signed.
        clock: Tells when checkpoints are made.
        sign_every: An append whose number this divides signs a checkpoint in its transaction, and
            so does the first of a process and the first in an hour: manifests carry the last one.
            0 leaves it to `checkpoint()`.
    """

    def __init__(
        self,
        origin: str,
        key_ref: str | None = None,
        *,
        clock: Clock = utc_now,
        sign_every: int = 256,
    ) -> None:
        self.origin = notes.check_origin(origin)
        self._key_ref = key_ref
        self._clock = clock
        self._signer: notes.NoteSigner | None = None
        self._sign_every = sign_every if key_ref else 0
        self._signed_at: datetime | None = None

    def append(self, tx: Connection, entry: Mapping[str, Any]) -> Record:
        """Append one entry. It counts when `tx` commits.

        Raises:
            StageError: `ledger.entry`: something a ledger must not hold; `ledger.origin`: the
                database holds another log.
        """
        body = leaves.encode(entry)
        size, frontier = self._head(tx, lock=True)
        leaf = merkle.leaf_hash(body)
        finished = merkle.grow(size, frontier, leaf)
        at = leaves.when(entry)
        row = rows.Leaf(size, str(entry["id"]), str(entry["type"]), at, body, leaf)
        after = rows.Head(self.origin, size + 1, b"".join(frontier))
        rows.append(tx, row, finished, after)
        if self._sign_every:
            self._sign_when_due(tx, size + 1)
        return Record(index=size, id=str(entry["id"]), origin=self.origin)

    def _sign_when_due(self, tx: Connection, size: int) -> None:
        now = self._clock()
        if size % self._sign_every and self._signed_at and now - self._signed_at < _AT_LEAST_EVERY:
            return
        try:
            self.checkpoint(tx)
        except ConfigError as error:  # in the line every failure is a stage's
            raise StageError("record", error.code, error.what, error.why, error.todo) from None
        self._signed_at = now

    def size(self, tx: Connection) -> int:
        """How many entries there are."""
        return self._head(tx, lock=False)[0]

    def entry(self, tx: Connection, index: int) -> bytes:
        """Exact bytes of a leaf.

        Raises:
            StageError: `ledger.no_entry`.
        """
        found = tx.execute(select(entries.c.body).where(entries.c.idx == index)).scalar()
        if found is None:
            raise _no_entry()
        return bytes(found)

    def find(self, tx: Connection, id: str) -> tuple[Record, ...]:
        """Entries with this id, oldest first."""
        rows = tx.execute(select(entries.c.idx).where(entries.c.id == id).order_by(entries.c.idx))
        return tuple(Record(index=index, id=id, origin=self.origin) for index in rows.scalars())

    def checkpoint(self, tx: Connection) -> str:
        """Sign the present root, store the note, return it.

        Before it signs, the root of the last checkpoint is computed again from the tree: a log
        that forgot or changed something is not signed any more.

        Raises:
            StageError: `ledger.inconsistent`: the tree does not contain the last checkpoint.
            ConfigError: There is no key, or it cannot be used.
        """
        size, frontier = self._head(tx, lock=True)
        last = self._last(tx)
        if last is not None:
            if last.size > size or merkle.root_at(last.size, self._lookup(tx)) != last.root:
                raise StageError(
                    "record",
                    "ledger.inconsistent",
                    "the ledger is not signed",
                    "it does not contain what was signed before",
                    "run `overt ledger verify` and restore a backup",
                )
            if last.size == size:
                return bytes(last.note).decode()
        root = merkle.fold(frontier)
        note = self.signer().sign(notes.body(self.origin, size, root))
        tx.execute(
            insert(checkpoints).values(size=size, at=self._clock(), root=root, note=note.encode())
        )
        return note

    def latest(self, tx: Connection) -> str | None:
        """The last checkpoint, for manifests; none before the first."""
        last = self._last(tx)
        return None if last is None else bytes(last.note).decode()

    def prove(self, tx: Connection, index: int) -> str:
        """A `.tlog-proof` for one entry: offline, it and the entry's bytes are all one needs.

        It uses the last checkpoint, or makes one where that does not reach the entry yet; then
        `tx` must be able to write.

        Raises:
            StageError: `ledger.no_entry`, or as `checkpoint`.
        """
        last = self._last(tx)
        if last is None or last.size <= index:
            if not 0 <= index < self.size(tx):
                raise _no_entry()
            self.checkpoint(tx)
            last = self._last(tx)
            assert last is not None
        if index < 0:
            raise _no_entry()
        path = merkle.inclusion(index, last.size, self._lookup(tx))
        return inclusion_text(index, path, bytes(last.note).decode())

    def prove_consistency(self, tx: Connection, old: int, new: int) -> list[bytes]:
        """Proof (RFC 9162, section 2.1.4) that the first `old` entries are among the first `new`.

        Raises:
            StageError: `ledger.no_entry`: not `0 < old <= new <= size`.
        """
        if not 0 < old <= new <= self.size(tx):
            raise _no_entry()
        return merkle.consistency(old, new, self._lookup(tx))

    def signer(self) -> notes.NoteSigner:
        """Who signs checkpoints; its `verifier` is the public key to give away.

        Raises:
            ConfigError: There is no key, or it cannot be used.
        """
        if self._signer is None:
            self._signer = notes.NoteSigner(self.origin, self._key_ref or "")
        return self._signer

    def _head(self, tx: Connection, *, lock: bool) -> tuple[int, list[bytes]]:
        row = rows.head(tx, lock=lock)
        if row is None:
            if not lock:
                return 0, []
            rows.start(tx, self.origin)
            row = rows.head(tx, lock=True)
            assert row is not None
        if row.origin != self.origin:
            raise StageError(
                "record",
                "ledger.origin",
                "the ledger cannot be used",
                "this database holds the log of another origin",
                "set the origin that it was made with",
            )
        packed = row.frontier
        return row.size, [packed[at : at + _WIDTH] for at in range(0, len(packed), _WIDTH)]

    @staticmethod
    def _last(tx: Connection) -> _Signed | None:
        rows = _LAST.rows(tx)
        return _Signed(*rows[0]) if rows else None

    @staticmethod
    def _lookup(tx: Connection) -> merkle.Lookup:
        def lookup(name: merkle.Node) -> bytes:
            level, index = name
            if level == 0:
                query = select(entries.c.hash).where(entries.c.idx == index)
            else:
                query = select(nodes.c.hash).where(nodes.c.level == level, nodes.c.idx == index)
            return bytes(tx.execute(query).scalar_one())

        return lookup


def _no_entry() -> StageError:
    return StageError(
        "record",
        "ledger.no_entry",
        "there is no such ledger entry",
        "",
        "see `overt ledger export`",
    )
