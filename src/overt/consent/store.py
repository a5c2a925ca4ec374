"""Consent records in the database: the one truth about what may be done to whom. Fails closed.

Rows are locked before they are read, so that a revocation comes wholly before an answer or wholly
after it. Whether something is valid is computed anew each time; only the verified, immutable
record is kept in memory, by its digest. On SQLite, where `FOR UPDATE` is silently nothing, the
database's single writer gives the same guarantee.
"""

from __future__ import annotations

import hmac
from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, or_, select, update

from overt.consent import leases, registry
from overt.consent.assurance import Assessment, assess
from overt.consent.matching import concerned, fault
from overt.consent.records import LikenessMatcher
from overt.consent.refusals import RANK, VALID
from overt.consent.trust import Trust
from overt.errors import StageError, VerificationError
from overt.models import ConsentNeed, ConsentState, Subject, utc_now
from overt.ports import Clock, Ledger
from overt.storage.schema import grants
from overt.storage.sealing import Sealing

CLOCKS_DIFFER = timedelta(minutes=5)
"""How far the clock may be behind a record's last use, between machines."""
_KEPT = 4096


class SqlConsentStore(registry.Registry):
    """Answers consent questions and keeps leases. A `ports.ConsentStore`.

    Args:
        trust: Whose word counts.
        sealing: Keeps the signed records.
        ledger: Gets an entry for each consent event; leave it out only in tests.
        grantee: Our own id, compared with a record's grantees when it is given.
        matcher: Says whether a reference voice or face is the person's.
        clock: For what is not given a time.
    """

    def __init__(
        self,
        trust: Trust,
        sealing: Sealing,
        *,
        ledger: Ledger | None = None,
        grantee: str | None = None,
        matcher: LikenessMatcher | None = None,
        clock: Clock = utc_now,
    ) -> None:
        super().__init__(trust, sealing, ledger=ledger, clock=clock)
        self._grantee, self._matcher = grantee, matcher
        self._assessed: OrderedDict[str, Assessment | str] = OrderedDict()

    def states(
        self, tx: Connection, needs: Sequence[ConsentNeed], at: datetime
    ) -> tuple[ConsentState, ...]:
        """The best record's answer for each need, in the same order.

        Args:
            tx: The transaction that records the decision; of a `read()`, nothing is locked.
            needs: The questions.
            at: The moment that counts.
        """
        if not needs:
            return ()
        rows = self._locked(tx, _candidates(needs))
        return tuple(self._best(tx, need, rows, at) for need in needs)

    def authorise(
        self,
        tx: Connection,
        states: Sequence[ConsentState],
        *,
        decision_id: str,
        request_digest: str,
        expires_at: datetime,
        at: datetime | None = None,
    ) -> tuple[str, ...]:
        """Take a lease on each valid state that a decision relies on. Returns their ids.

        Raises:
            StageError: `consent.changed`: a record is not what the state says any more.
        """
        valid = [state for state in states if state.valid]
        ids = {state.grant_id for state in valid}
        seqs = {row.id: row.seq for row in self._locked(tx, grants.c.id.in_(ids))} if ids else {}
        if any(seqs.get(state.grant_id) != state.grant_seq for state in valid):
            raise StageError(
                "consent",
                "consent.changed",
                "the run was not cleared",
                "a consent record changed while it was decided",
                "try again",
            )
        return leases.take(
            tx,
            valid,
            decision_id=decision_id,
            request_digest=request_digest,
            at=at or self._clock(),
            expires_at=expires_at,
        )

    def release(self, tx: Connection, decision_id: str, at: datetime) -> tuple[ConsentState, ...]:
        """Look again, under lock, at everything a decision relies on.

        Call it before anything is signed and once more in the transaction of the closing entry.

        Returns:
            The states that do not hold any more; empty means: go on.
        """
        if not leases.any_of(tx, decision_id):
            return ()
        held = leases.of_decision(tx, decision_id)
        ids = {row.grant_id for row in held}
        rows = {row.id: row for row in self._locked(tx, grants.c.id.in_(ids))}
        # Only now: a revocation may have ended them while we waited for the lock.
        lost = [
            state
            for lease in leases.of_decision(tx, decision_id)
            if not (state := self._again(tx, lease, rows.get(lease.grant_id), at)).valid
        ]
        if lost:
            leases.mark(tx, [row.id for row in held], "quarantined", at)
            return tuple(lost)
        leases.mark(tx, [row.id for row in held], "checked", at)
        tx.execute(
            update(grants)
            .where(grants.c.id.in_(ids), or_(grants.c.last_at.is_(None), grants.c.last_at < at))
            .values(last_at=at)
        )
        return ()

    def subject_of(self, tx: Connection, grant_id: str) -> Subject | None:
        """Whom a record is of, with what it covers of them; none when there is no such record."""
        row = next(iter(self._locked(tx, grants.c.id == grant_id)), None)
        found = None if row is None else self._assess(tx, row)
        if row is None or not isinstance(found, Assessment):
            return None if row is None else Subject(id=row.subject_id, figure_id=row.figure_id)
        modalities = {word for scope in found.grant.scopes for word in scope.modalities}
        return Subject(
            id=row.subject_id, figure_id=row.figure_id, modalities=tuple(sorted(modalities))
        )

    def _locked(self, tx: Connection, condition: Any) -> Sequence[Row[Any]]:
        query = select(grants).where(condition).order_by(grants.c.id)
        if not tx.get_execution_options().get("overt_read_only"):
            query = query.with_for_update()
        return tx.execute(query).all()

    def _best(
        self, tx: Connection, need: ConsentNeed, rows: Sequence[Row[Any]], at: datetime
    ) -> ConsentState:
        answers = [
            self._answer(tx, need, row, at)
            for row in rows
            if (not need.only or row.id in need.only)
            and (
                row.subject_id == need.subject_id
                or need.figure_id in (row.figure_id, row.subject_id)
            )
        ]
        answers = [answer for answer in answers if answer.code != "consent.absent"]
        if not answers:
            return ConsentState(need=need, code="consent.absent")
        return min(answers, key=_preference)

    def _again(
        self, tx: Connection, lease: Any, row: Row[Any] | None, at: datetime
    ) -> ConsentState:
        need = leases.need_of(lease)
        if row is None:
            return ConsentState(need=need, code="consent.absent")
        state = self._answer(tx, need, row, at, decision_id=lease.decision_id)
        if not state.valid:
            return state
        if lease.state not in leases.OPEN:
            return state.model_copy(update={"code": "consent.changed"})
        if lease.state == "open" and lease.expires_at <= at:
            return state.model_copy(update={"code": "consent.lapsed"})
        return state

    def _answer(
        self, tx: Connection, need: ConsentNeed, row: Row[Any], at: datetime, decision_id: str = ""
    ) -> ConsentState:
        found = self._assess(tx, row) if row.state != "forgotten" else "consent.forgotten"
        if isinstance(found, str):
            return ConsentState(need=need, code=found, grant_id=row.id, grant_seq=row.seq)
        about = concerned(found.grant, need)
        code = fault(found, need, at, grantee=self._grantee, matcher=self._matcher)
        if row.state != "given" and code != "consent.absent":
            code = f"consent.{row.state}"
        if code == VALID and row.last_at is not None and at < row.last_at - CLOCKS_DIFFER:
            code = "consent.clock"
        scope = found.grant.scope(need.act)
        if code == VALID and scope is not None and scope.max_uses is not None:
            used = leases.uses(tx, row.id, need.act.value, without=decision_id)
            code = "consent.used_up" if used >= scope.max_uses else code
        disclosure = scope.disclosure if scope is not None else None
        authority = found.grant.authority
        return ConsentState(
            need=need,
            code=code,
            grant_id=row.id,
            grant_seq=row.seq,
            assurance=found.level(about),
            basis=str(authority.basis) if authority is not None else "self",
            mandate=found.mandate(about),
            unreachable=found.grant.subject.status in registry.UNREACHABLE,
            required_language=disclosure.language if disclosure is not None else None,
            required_modes=disclosure.modes if disclosure is not None else (),
            digest=row.digest,
        )

    def _assess(self, tx: Connection, row: Row[Any]) -> Assessment | str:
        """The verified record of a row, or the code of what is wrong with it."""
        known = self._assessed.get(row.digest)
        if known is not None:
            return known
        found: Assessment | str
        try:
            data = self.signed(tx, row.id)
            if not hmac.compare_digest(registry.digest_of(data, row.salt), row.digest):
                raise VerificationError("consent.signature", "the record was changed")
            found = assess(data, self.trust)
        except VerificationError as error:
            found = error.code
        except StageError as error:
            if error.code != "consent.unknown":
                raise  # such as another sealing key: no answer at all, loudly
            return error.code
        self._assessed[row.digest] = found
        while len(self._assessed) > _KEPT:
            self._assessed.popitem(last=False)
        return found


def _candidates(needs: Sequence[ConsentNeed]) -> Any:
    ids = {need.subject_id for need in needs} | {n.figure_id for n in needs if n.figure_id}
    return or_(grants.c.subject_id.in_(ids), grants.c.figure_id.in_(ids))


def _preference(state: ConsentState) -> tuple[int, int, str]:
    """Valid before invalid, well assured before weakly, then an order that never changes."""
    from overt.consent.assurance import ORDER

    level = ORDER.index(state.assurance) if state.assurance is not None else -1
    return (-1 if state.valid else RANK.get(state.code, 0), -level, state.grant_id or "")
