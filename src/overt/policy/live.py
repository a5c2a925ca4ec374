"""The bundle in service: reloaded by content, replaced whole, never half.

`LivePolicy.current()` is one immutable `Bundle`. A request takes it once and finishes with it,
whatever is loaded meanwhile. `poll()` looks at the folder's content (not at file times), loads
and checks what is new beside the old, and swaps one reference; a bundle that does not load or
does not pass leaves the last good one in place. Both outcomes are told to `on_event`, which
records them. A candidate bundle may run in the shadow: it sees every case and changes nothing.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from overt import log
from overt.errors import ConfigError, VerificationError
from overt.models import utc_now
from overt.policy.bundle import Bundle
from overt.policy.case import Case
from overt.policy.checks import check
from overt.policy.overrides import Override, apply
from overt.policy.replay import Change, compare
from overt.policy.signing import SIGNATURE, verify_bundle
from overt.ports import Clock

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PolicyEvent:
    """Something that happened to the bundle in service.

    Args:
        kind: `loaded`, `rejected` (the last good one stays), `override` or `override_ended`.
        digest: Digest of the bundle that is in service now.
        code: Why a bundle was rejected.
    """

    kind: str
    digest: str
    code: str | None = None
    what: str = ""


class LivePolicy:
    """A bundle that can be replaced while requests are in flight. Safe for threads.

    Args:
        folder: The rule files; none for a bundle that never changes.
        bundle: What to start with; loaded from `folder` when not given.
        on_event: Records what happened; called outside the lock.
        signers: Public keys in PEM; where there are any, one of them has to have signed the
            folder's bundle.
        clock: Tells when overrides begin and end.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        bundle: Bundle | None = None,
        on_event: Callable[[PolicyEvent], None] | None = None,
        clock: Clock = utc_now,
        signers: Sequence[bytes] = (),
    ) -> None:
        self._signers = tuple(signers)
        if bundle is None:
            if folder is None:
                raise ConfigError("policy.missing", "there is neither a policy folder nor a bundle")
            bundle = load_checked(folder, clock(), self._signers)
        self._folder, self._base, self._clock = folder, bundle, clock
        self._served = bundle
        self._seen = content_digest(folder) if folder is not None else ""
        self._overrides: tuple[Override, ...] = ()
        self._in_force: tuple[str, ...] = ()
        self._lock = threading.Lock()
        self._tell = on_event or (lambda event: None)

    def current(self) -> Bundle:
        """The bundle of this moment, overrides included. Take it once for each request."""
        if self._overrides:
            self._settle()
        return self._served

    @property
    def base(self) -> Bundle:
        """The bundle without overrides: what overrides are verified against."""
        return self._base

    def poll(self) -> PolicyEvent | None:
        """Load the folder again when its content changed; none when it did not."""
        if self._folder is None:
            return None
        with self._lock:
            try:
                seen = content_digest(self._folder)
            except OSError as error:
                seen = type(error).__name__
            if seen == self._seen:
                return None
            self._seen = seen
            try:
                bundle = load_checked(self._folder, self._clock(), self._signers)
                served = apply(bundle, self._overrides, self._clock())
            except (ConfigError, VerificationError) as error:
                event = PolicyEvent("rejected", self._served.digest, error.code, error.what)
            else:
                self._base, self._served = bundle, served
                event = PolicyEvent("loaded", served.digest)
        log.event(_logger, f"policy.{event.kind}", policy=event.digest, code=event.code or "")
        self._tell(event)
        return event

    def override(self, overrides: Sequence[Override]) -> None:
        """Use these overrides from now on, in place of those before.

        Raises:
            VerificationError: One does not fit the bundle; nothing changes.
        """
        with self._lock:
            apply(self._base, overrides, self._clock())
            self._overrides = tuple(overrides)
        self._settle(force=True)

    def _settle(self, *, force: bool = False) -> None:
        """Follow overrides that begin or end by the clock."""
        now = self._clock()
        with self._lock:
            before = self._in_force
            in_force = tuple(one.id for one in self._overrides if one.in_force(now))
            if in_force == before and not force:
                return
            self._served = apply(self._base, self._overrides, now)
            self._in_force = in_force
            self._overrides = tuple(one for one in self._overrides if now < one.expires_at)
            digest = self._served.digest
        if in_force != before:
            kind = "override" if set(in_force) - set(before) else "override_ended"
            self._tell(PolicyEvent(kind, digest))


class Shadow:
    """A candidate bundle beside the one in service.

    Args:
        candidate: What might be taken into service.
        on_change: Gets each difference; writes it aside, never into a decision.
    """

    def __init__(self, candidate: Bundle, on_change: Callable[[Change], None]) -> None:
        self.candidate = candidate
        self._on_change = on_change

    def look(self, case: Case, live: Bundle, decision_id: str) -> Change | None:
        """Decide the case with the candidate too. A fault of the candidate changes nothing."""
        try:
            change = compare(case, live, self.candidate, decision_id)
        except Exception:
            log.event(_logger, "policy.shadow_failed", policy=self.candidate.digest)
            return None
        if change is not None:
            self._on_change(change)
        return change


def with_shadow_rules(bundle: Bundle) -> Bundle:
    """The bundle as it would be if its rules of status `shadow` were active."""
    from dataclasses import replace

    rules = [
        replace(rule, status="active") if rule.status == "shadow" else rule
        for rule in bundle.rules.values()
    ]
    digest = hashlib.sha256(f"shadow {bundle.digest}".encode()).hexdigest()
    return Bundle.of(rules, digest, f"{bundle.version}+shadow")


def load_checked(folder: Path, now: datetime, signers: Sequence[bytes] = ()) -> Bundle:
    """A bundle that loads, has no error of `overt policy check`, and is signed where it must be.

    Raises:
        ConfigError: What is wrong with it, the first thing.
    """
    bundle = Bundle.load(folder)
    if signers:
        verify_bundle(folder, bundle, signers)
    for problem in check(bundle, now.date()):
        if problem.level == "error":
            raise ConfigError(problem.code, f"{problem.rule}: {problem.message}")
    return bundle


def content_digest(folder: Path) -> str:
    """SHA-256 over the rule files as they are on disk, loadable or not."""
    digest = hashlib.sha256()
    for path in sorted((*folder.rglob("*.yaml"), *folder.glob(SIGNATURE))):
        name = path.relative_to(folder).as_posix().encode()
        digest.update(len(name).to_bytes(4, "big") + name)
        raw = path.read_bytes()
        digest.update(len(raw).to_bytes(8, "big") + raw)
    return digest.hexdigest()
