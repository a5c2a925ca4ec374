"""The database behind a guard: SQLite by default, PostgreSQL for several machines.

::

    db = Database.open("sqlite:////srv/app/.overt/overt.db")
    index = db.write(lambda tx: ledger.append(tx, entry).index)

`write` returns after the commit, with full sync, or raises; there is no third case. On SQLite one
thread of the process writes for all (see `writer`); on PostgreSQL the caller's thread does.
Opening brings an older database up to date and refuses one from a newer version.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import QueuePool

from overt.errors import ConfigError, StageError
from overt.storage import migrate
from overt.storage.faults import FAULTS, describe, transient
from overt.storage.turn import Turn, TurnTimeoutError
from overt.storage.writer import Writer

T = TypeVar("T")

BUSY_S = 10.0
"""How long a write waits for another process before it fails with `storage.locked`."""
CACHE_KB = 32 * 1024
"""Page cache of a SQLite connection. Ids are random, so an index is touched all over: with the
default of 2 MB, appends to a log of a million entries wait for reads."""
CHECKPOINT_PAGES = 4000
"""Pages of write-ahead log before they go to the database file, where hot ones then go once."""
IDLE = 2
"""Reading connections that are kept out of the pool, of which others may be waiting for one."""
RETRIES = 5
"""How often PostgreSQL may ask for a transaction again after a deadlock."""


class Database:
    """One database, open. Safe for threads, and for children after a fork."""

    def __init__(self, url: URL) -> None:
        self.url = url
        self._guard = threading.Lock()
        self._closed = False
        self._inherited: list[object] = []
        self._connect()

    @classmethod
    def open(cls, url: str) -> Database:
        """Open a database and bring its schema up to date.

        Args:
            url: `sqlite:////absolute/path.db` or `postgresql+psycopg://user@host/name`.

        Raises:
            ConfigError: The URL is none of these (`storage.url`), the database is from a newer
                version (`storage.newer`), is locked, read-only, full or not a database at all.
        """
        try:
            parsed = make_url(url)
        except ArgumentError:
            raise ConfigError(
                "storage.url", "the database URL cannot be read", "", "see the guide"
            ) from None
        _check_url(parsed)
        database: Database | None = None
        try:
            database = cls(parsed)
            database._migrate()
        except BaseException as error:
            if database is not None:
                database.close()
            if isinstance(error, TurnTimeoutError):
                raise _cannot_open("storage.locked", "another process holds it", "") from None
            if isinstance(error, FAULTS):
                raise _cannot_open(*describe(error)) from None
            raise
        return database

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.url.get_backend_name()

    def write(self, fn: Callable[[Connection], T], *, priority: bool = False) -> T:
        """Run `fn` in one transaction and return its result once that is on disk.

        `fn` may run again after a deadlock, so it must have no effect outside its transaction. An
        exception of `fn` undoes what it did and reaches the caller unchanged.

        Args:
            fn: Gets the connection; must not commit.
            priority: For revocations: goes ahead of everything that waits.

        Raises:
            StageError: The database failed (`storage.locked`, `.full`, `.read_only`, ...).
        """
        self._alive()
        if self._writer is not None:
            result: T = self._writer.run(fn, priority=priority)
            return result
        for attempt in range(RETRIES + 1):
            try:
                with self._engine.begin() as tx:
                    return fn(tx)
            except FAULTS as error:
                if not transient(error) or attempt == RETRIES:
                    code, why, todo = describe(error)
                    raise StageError(
                        "record", code, "the database could not be written", why, todo
                    ) from None
        raise AssertionError("unreachable")

    def read(self, fn: Callable[[Connection], T]) -> T:
        """Run `fn` on a consistent view of the database. It must not write.

        Raises:
            StageError: The database failed.
        """
        self._alive()
        try:
            with self._reading() as tx:
                return fn(tx)
        except FAULTS as error:
            code, why, todo = describe(error)
            raise StageError("record", code, "the database could not be read", why, todo) from None

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        """A transaction to read in.

        On SQLite connections are kept between reads: to take one from the pool and give it back
        costs more than most reads do.
        """
        if self.dialect == "postgresql":
            with self._reader.connect() as tx, tx.begin():
                tx.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                yield tx
            return
        try:
            tx = self._idle.pop()
        except IndexError:
            tx = self._reader.connect()
        try:
            with tx.begin():
                yield tx
        except BaseException:
            tx.close()  # to the pool, which looks after what may be half undone
            raise
        if len(self._idle) < IDLE and not self._closed and os.getpid() == self._pid:
            self._idle.append(tx)
        else:
            tx.close()

    def shred(self) -> None:
        """Make what was deleted unreadable in the files too, as far as the database can.

        On SQLite deleted content is overwritten as it goes (`secure_delete`); this empties the
        write-ahead log, which still has it. PostgreSQL does it in its own time (vacuum).
        """
        if self.dialect == "sqlite":
            with self._reader.connect() as connection:
                raw = connection.connection.driver_connection
                assert isinstance(raw, sqlite3.Connection)
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Finish what was handed in and give everything back. Closing twice is fine."""
        if self._closed:
            return
        if os.getpid() == self._pid and self._writer is not None:
            self._writer.close()  # it refuses inside a write, and then nothing is closed
        self._closed = True
        if os.getpid() == self._pid:
            if self._turn is not None:
                self._turn.close()
            while self._idle:
                self._idle.pop().close()
        self._engine.dispose(close=os.getpid() == self._pid)
        self._reader.dispose(close=os.getpid() == self._pid)

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _connect(self) -> None:
        self._turn: Turn | None = None
        self._writer: Writer | None = None
        self._idle: deque[Connection] = deque()
        if self.dialect == "sqlite":
            path = Path(str(self.url.database))
            made = path.resolve()  # where a link leads to: made by SQLite, all could read it
            with suppress(FileExistsError):
                # Never open one that is there: closing a file gives up every lock of this process
                # on it, SQLite's own too, and then another process may take its log away.
                os.close(os.open(made, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
            self._turn = Turn(path, BUSY_S)
            self._engine = _sqlite_engine(self.url, begin="BEGIN IMMEDIATE")
            reader = _sqlite_engine(self.url, begin="BEGIN", query_only=True)
            self._writer = Writer(self._engine, self._turn)
        else:
            self._engine = create_engine(
                self.url,
                hide_parameters=True,
                pool_size=8,
                max_overflow=24,
                pool_pre_ping=True,
                isolation_level="READ COMMITTED",
                connect_args={"connect_timeout": 10},
            )
            reader = self._engine
        self._reader = reader.execution_options(overt_read_only=True)
        self._pid = os.getpid()  # last: what other threads ask for before they use the rest

    def _alive(self) -> None:
        """A child process must not share its parent's connections: it gets its own."""
        if self._closed:
            raise RuntimeError("the database is closed")
        if os.getpid() != self._pid:
            with self._guard:
                if os.getpid() != self._pid:
                    self._engine.dispose(close=False)
                    self._reader.dispose(close=False)
                    # Kept, or what is left of the parent's would be closed here, in the child.
                    self._inherited += (self._writer, self._idle)
                    if self._turn is not None:
                        self._turn.close()  # or the parent's turn would not end with the parent
                    self._connect()

    def _migrate(self) -> None:
        if self._turn is None:
            with self._engine.begin() as tx:
                tx.exec_driver_sql("SELECT pg_advisory_xact_lock(743001)")
                migrate.upgrade(tx)
            return
        with self._turn.take(priority=False), self._engine.begin() as tx:
            migrate.upgrade(tx)


def _check_url(url: URL) -> None:
    backend = url.get_backend_name()
    if backend == "sqlite" and url.database not in (None, "", ":memory:"):
        if not Path(str(url.database)).parent.is_dir():
            raise ConfigError(
                "storage.unreachable",
                "the database cannot be opened",
                "its folder is not there",
                "run `overt init`, or create the folder",
            )
        return
    if backend == "postgresql" and url.get_driver_name() == "psycopg":
        try:
            import psycopg  # noqa: F401 - is the driver there?
        except ImportError:
            raise ConfigError(
                "storage.driver", "PostgreSQL needs psycopg", "", "pip install 'overt[postgres]'"
            ) from None
        return
    raise ConfigError(
        "storage.url",
        "this kind of database is not supported",
        "only sqlite:////path and postgresql+psycopg:// are",
        "change the URL",
    )


def _cannot_open(code: str, why: str, todo: str) -> ConfigError:
    return ConfigError(code, "the database cannot be opened", why, todo)


def _sqlite_engine(url: URL, *, begin: str, query_only: bool = False) -> Engine:
    engine = create_engine(
        url,
        hide_parameters=True,
        connect_args={"timeout": BUSY_S, "check_same_thread": False, "isolation_level": None},
        **_pool(query_only),
    )

    def prepare(raw: sqlite3.Connection, _record: Any) -> None:
        # The driver's own BEGIN is off: deferred transactions fail on upgrade without waiting.
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",
            "trusted_schema=OFF",
            f"cache_size=-{CACHE_KB}",
            f"wal_autocheckpoint={CHECKPOINT_PAGES}",
            f"query_only={'ON' if query_only else 'OFF'}",
        ):
            raw.execute(f"PRAGMA {pragma}").close()

    def start(connection: Connection) -> None:
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        raw.execute(begin)  # past SQLAlchemy's cursor, which costs more than what it carries

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", start)
    return engine


def _pool(query_only: bool) -> dict[str, Any]:
    if query_only:
        return {"poolclass": QueuePool, "pool_size": 4, "max_overflow": 28}
    return {"poolclass": QueuePool, "pool_size": 1, "max_overflow": 1}
