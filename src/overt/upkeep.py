"""Keeps the policy in service up to date: edited rule files, and emergency overrides.

A guard asks at most every few seconds. A bundle that does not load leaves the last good one in
place; both are recorded in the ledger. A request finishes with the bundle that it began with.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from overt.policy.live import LivePolicy, PolicyEvent
from overt.policy.register import in_force, record_bundle

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from overt.policy.overrides import Override
    from overt.ports import Clock, Ledger
    from overt.storage import Database


class PolicyWatch:
    """Looks after a `LivePolicy`.

    Args:
        policy: What to keep up to date.
        database: Where overrides are, and where events are recorded.
        ledger: Gets an entry for each event.
        trusted: Public keys in PEM of those who may sign overrides.
        clock: Tells when overrides count.
        interval_s: Seconds between two looks; the staleness that is possible.
    """

    def __init__(
        self,
        policy: LivePolicy,
        database: Database,
        ledger: Ledger,
        *,
        trusted: Sequence[bytes],
        clock: Clock,
        interval_s: float,
    ) -> None:
        self._policy, self._database, self._ledger = policy, database, ledger
        self._trusted, self._clock, self._interval_s = tuple(trusted), clock, interval_s
        self._next = 0.0
        self._seen: tuple[str, ...] = ()
        self._lock = threading.Lock()

    def start(self) -> None:
        """Record what is in service from the start."""
        self._record(PolicyEvent("loaded", self._policy.current().digest))
        self.refresh()

    def refresh(self) -> None:
        """Look for edits and overrides, unless that was done a moment ago.

        Raises:
            VerificationError: A stored override does not verify: nothing is decided on it.
        """
        if time.monotonic() < self._next:
            return
        with self._lock:
            if time.monotonic() < self._next:
                return
            self._next = time.monotonic() + self._interval_s
            event = self._policy.poll()
            if event is not None:
                self._record(event)
            if self._trusted:
                self._take(self._database.read(self._stored))

    def _stored(self, tx: Connection) -> tuple[Override, ...]:
        return in_force(tx, self._trusted, self._policy.base, self._clock())

    def _take(self, overrides: Sequence[Override]) -> None:
        seen = tuple(one.digest for one in overrides)
        if seen != self._seen:
            self._policy.override(overrides)
            self._seen = seen

    def _record(self, event: PolicyEvent) -> None:
        bundle = self._policy.current()
        self._database.write(
            lambda tx: record_bundle(
                tx, self._ledger, bundle, event.kind, self._clock(), event.code or ""
            )
        )
