"""The one thread that writes a SQLite database, many operations a commit.

Callers hand in functions and wait. The thread runs those that wait in one `BEGIN IMMEDIATE`
transaction, each in a savepoint, so that one that fails does not take the others with it, and
commits once, with full sync. Nobody is told that something is done before that commit.

A process that does all its work in turn (`beside.one_by_one`) has nobody to wait for: there the
caller's own thread does the same, and two changes of thread are saved.

Two lanes: operations of the priority lane (revocations) go first, and when one arrives the
running group is committed at once.
"""

from __future__ import annotations

import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from typing import Any

from sqlalchemy import Connection, Engine

from overt.beside import in_turn
from overt.errors import StageError
from overt.storage.faults import FAULTS, describe
from overt.storage.turn import Turn, TurnTimeoutError

GROUP = 200
"""Most operations in one commit."""


class _Operation:
    """One function, and the place where its caller waits."""

    __slots__ = ("done", "error", "function", "priority", "result")

    def __init__(self, function: Callable[[Connection], Any], priority: bool) -> None:
        self.function, self.priority = function, priority
        self.done = threading.Lock()
        self.done.acquire()
        self.result: Any = None
        self.error: BaseException | None = None


class Writer:
    """Owns the writing connection of one process."""

    def __init__(self, engine: Engine, turn: Turn) -> None:
        self._engine, self._turn = engine, turn
        self._lanes: tuple[deque[_Operation], deque[_Operation]] = (deque(), deque())
        # Both are entered without a line of Python between, so that an interrupt cannot lose them.
        self._entry = threading.Lock()
        self._wake: SimpleQueue[None] = SimpleQueue()
        self._writing = threading.Lock()  # whose holder uses the connection
        self._holder: int | None = None
        self._closed = False
        self._tx: Connection | None = None
        self._thread = threading.Thread(target=self._serve, name="overt-writer", daemon=True)
        self._thread.start()

    def run(self, function: Callable[[Connection], Any], *, priority: bool) -> Any:
        """Run `function` in a transaction and return its result after the commit.

        Raises:
            RuntimeError: Called from inside another write, which would wait for itself.
            StageError: The database failed; nothing of `function` is stored.
        """
        if self._holder == threading.get_ident():
            raise RuntimeError("write inside a write: use the connection that you were given")
        operation = _Operation(function, priority)
        with self._entry:
            if self._closed:
                raise RuntimeError("the database is closed")
            self._lanes[0 if priority else 1].append(operation)
        if not in_turn():
            self._wake.put(None)
        while in_turn() and operation.done.locked():
            self._write()
        operation.done.acquire()
        if operation.error is not None:
            raise operation.error
        return operation.result

    def close(self) -> None:
        """Finish what was handed in, then stop."""
        if self._holder == threading.get_ident():
            raise RuntimeError("a database cannot be closed inside a write")
        with self._entry:
            self._closed = True
        self._wake.put(None)
        self._thread.join()
        with self._writing:
            self._disconnect()

    def _serve(self) -> None:
        while True:
            self._wake.get()
            while any(self._lanes):
                self._write()
            if self._closed:
                return

    def _write(self) -> None:
        """One transaction with those that wait, if nobody else has done them meanwhile."""
        with self._writing:
            if any(self._lanes):
                self._holder = threading.get_ident()
                try:
                    self._group(urgent=bool(self._lanes[0]))
                finally:
                    self._holder = None

    def _group(self, urgent: bool) -> None:
        """One transaction; whoever took part hears of it when it is over, not before."""
        taken: list[_Operation] = []
        try:
            with self._turn.take(priority=urgent), self._connected().begin():
                while operation := self._next(taken):
                    taken.append(operation)
                    self._attempt(self._connected(), operation)
        except TurnTimeoutError:
            self._fail(taken, *_NO_TURN)
        except FAULTS as error:
            self._fail(taken, *describe(error))
            self._disconnect()
        except BaseException as error:  # the thread must outlive anything
            self._fail(taken, "storage.failed", type(error).__name__, "report this")
            self._disconnect()
        for operation in taken:
            operation.done.release()

    def _connected(self) -> Connection:
        """The writing connection, kept between groups: taking it anew costs half a commit."""
        if self._tx is None:
            self._tx = self._engine.connect()
        return self._tx

    def _disconnect(self) -> None:
        """After a fault nobody knows what state the connection is in."""
        if self._tx is not None:
            with suppress(*FAULTS):
                self._tx.invalidate()
            with suppress(*FAULTS):
                self._tx.close()
            self._tx = None

    def _next(self, taken: list[_Operation]) -> _Operation | None:
        first, second = self._lanes
        if first:
            return first.popleft()
        if second and len(taken) < GROUP and not (taken and taken[-1].priority):
            return second.popleft()
        return None

    @staticmethod
    def _attempt(tx: Connection, operation: _Operation) -> None:
        raw = tx.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        raw.execute("SAVEPOINT operation")
        try:
            operation.result = operation.function(tx)
        except BaseException as error:
            operation.error = _ours(error)
            # A full disk ends SQLite's whole transaction; then this raises, and all have failed.
            raw.execute("ROLLBACK TO operation")
        raw.execute("RELEASE operation")

    def _fail(self, taken: list[_Operation], code: str, why: str, todo: str) -> None:
        """Nothing of the group is stored. With nobody in it yet, the first in line is told."""
        if not taken:
            first, second = self._lanes
            taken.extend((first or second).popleft() for _ in range(bool(first or second)))
        for operation in taken:
            operation.result = None
            if not isinstance(operation.error, StageError):
                operation.error = _not_written(code, why, todo)


_NO_TURN = ("storage.locked", "another process holds the turn", "try again")


def _ours(error: BaseException) -> BaseException:
    return _not_written(*describe(error)) if isinstance(error, FAULTS) else error


def _not_written(code: str, why: str, todo: str) -> StageError:
    return StageError("record", code, "the database could not be written", why, todo)
