"""Takes records in, changes their state, gives them back, erases them.

Every change is an event with a number, in the transaction of its ledger entry. The signed bytes
are sealed under the subject's key; in clear there are ids, dates, acts and digests only.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from overt.consent import leases
from overt.consent.assurance import Assessment, assess
from overt.consent.envelope import open_signed
from overt.consent.events import FINAL, STATE_AFTER, TIGHTENS, UNDOES, Actor, EventType
from overt.consent.records import Status, first_moment, last_moment
from overt.consent.refusals import refusal
from overt.consent.trust import Trust
from overt.errors import StageError
from overt.models import utc_now
from overt.ports import Clock, Ledger
from overt.storage.rows import insert_new
from overt.storage.schema import consent_events, grants, subjects
from overt.storage.sealing import Sealing

UNREACHABLE = frozenset({Status.UNREACHABLE, Status.INCAPACITATED, Status.DECEASED})
"""Subjects who cannot confirm at present."""
_AHEAD = timedelta(minutes=5)


class Registry:
    """The records themselves. `SqlConsentStore` adds the questions."""

    def __init__(
        self,
        trust: Trust,
        sealing: Sealing,
        *,
        ledger: Ledger | None = None,
        clock: Clock = utc_now,
    ) -> None:
        self.trust, self.sealing = trust, sealing
        self._ledger, self._clock = ledger, clock

    def add(self, tx: Connection, data: bytes, *, at: datetime | None = None) -> str:
        """Take in a signed record, or one that is here with more signatures. Returns its id.

        Every signature must hold. That nobody trusted signed is no reason to refuse it here: it
        may be countersigned later, and until then it counts for nothing.

        Raises:
            VerificationError: It is not a sound record; `consent.replayed`: the id is taken, or
                was; `consent.clock`: a signature is from the future.
        """
        moment = at or self._clock()
        envelope, found = open_signed(data), assess(data, self.trust)
        if any(one.signed_at > moment + _AHEAD for one in envelope.signatures):
            raise refusal("consent.clock", "check the clocks")
        grant = found.grant
        row = self._row(tx, grant.id)
        if row is not None:
            return self._replace(tx, row, data, found, moment)
        if grant.supersedes is not None:
            self._supersede(tx, found, moment)
        salt = secrets.token_bytes(32)
        figure = next(iter(grant.subject.figure_ids), None)
        insert_new(
            tx,
            subjects,
            {
                "id": grant.subject.id,
                "figure_id": figure,
                "status": grant.subject.status.value,
                "added_at": moment,
            },
        )
        tx.execute(
            insert(grants).values(
                id=grant.id,
                subject_id=grant.subject.id,
                figure_id=figure,
                state="given",
                seq=0,
                not_before=first_moment(grant),
                not_after=last_moment(grant),
                added_at=moment,
                supersedes=grant.supersedes,
                **_columns(data, found, salt),
            )
        )
        self.sealing.seal(tx, grant.subject.id, _field(grant.id), data, moment)
        self._event(tx, grant.id, EventType.GIVEN, "grantor", moment)
        return grant.id

    def revoke(
        self,
        tx: Connection,
        grant_id: str,
        *,
        by: Actor = "subject",
        reason: str = "withdrawn",
        at: datetime | None = None,
    ) -> int:
        """Revoke a record, at once and for good. Revoking twice is fine.

        Use the priority lane: `db.write(lambda tx: store.revoke(tx, id), priority=True)`.

        Returns:
            The record's event number; after the commit nothing is released on the record.

        Raises:
            StageError: `consent.unknown`.
        """
        row = self._known(tx, grant_id)
        if row.state in FINAL:
            return int(row.seq)
        return self._event(tx, grant_id, EventType.REVOKED, by, at or self._clock(), reason=reason)

    def happen(
        self,
        tx: Connection,
        grant_id: str,
        event: EventType,
        *,
        by: Actor,
        reason: str | None = None,
        at: datetime | None = None,
    ) -> int:
        """Note anything else that happens to a record: suspended, disputed, the subject's death.

        Raises:
            StageError: `consent.unknown`; `consent.final`: what ended cannot change;
                `consent.not_yours`: only who suspended it, or the subject, can resume it.
        """
        row = self._known(tx, grant_id)
        if row.state in FINAL:
            raise _stage("consent.final", "what ended cannot change", "ask for a new record")
        if event in UNDOES and row.state != STATE_AFTER[UNDOES[event]]:
            raise _stage("consent.final", "there is nothing to take back", "see its events")
        if event in UNDOES and by not in ("subject", self._who(tx, grant_id, UNDOES[event])):
            raise _stage("consent.not_yours", "somebody else stopped it", "ask them")
        return self._event(tx, grant_id, event, by, at or self._clock(), reason=reason)

    def end(self, tx: Connection, grant_id: str, event: EventType, at: datetime) -> bool:
        """Erasure's last event, also after a final one; whether there was anything left to end."""
        if self._known(tx, grant_id).state == STATE_AFTER[event]:
            return False
        self._event(tx, grant_id, event, "grantee", at)
        return True

    def listed(self, tx: Connection) -> list[dict[str, Any]]:
        """Every record in short, the newest last."""
        columns = (
            grants.c.id,
            grants.c.subject_id,
            grants.c.figure_id,
            grants.c.state,
            grants.c.seq,
            grants.c.assurance,
            grants.c.basis,
            grants.c.not_before,
            grants.c.not_after,
            grants.c.added_at,
            grants.c.summary,
        )
        rows = tx.execute(select(*columns).order_by(grants.c.added_at, grants.c.id))
        return [dict(row) for row in rows.mappings()]

    def signed(self, tx: Connection, grant_id: str) -> bytes:
        """The signed record, exactly as it came.

        Raises:
            StageError: `consent.unknown`: there is none, or it was erased.
        """
        row = self._known(tx, grant_id)
        data = self.sealing.open(tx, row.subject_id, _field(grant_id))
        if data is None:
            raise _stage("consent.unknown", "the record is not here", "it may have been erased")
        return data

    def events(self, tx: Connection, grant_id: str) -> list[dict[str, Any]]:
        """What happened to a record, oldest first; `idx` is where the ledger says so."""
        columns = consent_events.c
        rows = tx.execute(
            select(
                columns.seq, columns.type, columns.at, columns.actor, columns.reason, columns.idx
            )
            .where(columns.grant_id == grant_id)
            .order_by(columns.seq)
        )
        return [dict(row) for row in rows.mappings()]

    def _replace(
        self, tx: Connection, row: Row[Any], data: bytes, found: Assessment, at: datetime
    ) -> str:
        """More signatures over the very same payload; anything else is a replay."""
        if row.state in FINAL:
            raise refusal("consent.replayed", "ask for a new record")
        before, after = open_signed(self.signed(tx, row.id)), open_signed(data)
        old = {(one.protected, one.value) for one in before.signatures}
        new = {(one.protected, one.value) for one in after.signatures}
        if before.payload != after.payload or not old < new:
            raise refusal("consent.replayed", "ask for a new record")
        tx.execute(
            update(grants)
            .where(grants.c.id == row.id)
            .values(**_columns(data, found, secrets.token_bytes(32)))
        )
        self.sealing.seal(tx, row.subject_id, _field(row.id), data, at)
        self._event(tx, row.id, EventType.COUNTERSIGNED, "registrar", at)
        return str(row.id)

    def _supersede(self, tx: Connection, found: Assessment, at: datetime) -> None:
        """A record that counts may end an earlier one of the same subject, and no other may."""
        old = self._known(tx, str(found.grant.supersedes))
        if old.subject_id != found.grant.subject.id:
            raise refusal("consent.replayed", "a record takes the place of the same subject's only")
        if not found.trusted(frozenset({old.subject_id})):
            raise refusal("consent.untrusted", "countersign it before it is added")
        if old.state not in FINAL:
            self._event(tx, old.id, EventType.SUPERSEDED, "grantor", at)

    def _event(
        self,
        tx: Connection,
        grant_id: str,
        event: EventType,
        by: Actor,
        at: datetime,
        *,
        reason: str | None = None,
    ) -> int:
        """Append an event: its number, its state, its ledger entry, the end of open leases."""
        row = self._known(tx, grant_id)
        seq, state = int(row.seq) + 1, STATE_AFTER.get(event, row.state)
        if event is EventType.SUBJECT_DIED and row.summary.get("posthumous") == "continues":
            state = row.state
        tx.execute(update(grants).where(grants.c.id == grant_id).values(seq=seq, state=state))
        if event in TIGHTENS and state != "given":
            leases.end_all(tx, grant_id, at)
        event_id = secrets.token_hex(16)
        index = None  # the ledger comes last: from here on every other writer waits
        if self._ledger is not None:
            entry = {
                "type": f"consent.{event.value}",
                "id": event_id,
                "at": at,
                "grant": grant_id,
                "seq": seq,
                "digest": row.digest,
                "state": state,
                "acts": row.summary.get("acts", []),
                "assurance": row.assurance,
                "basis": row.basis,
                "reason": reason,
            }
            index = self._ledger.append(tx, entry).index
        tx.execute(
            insert(consent_events).values(
                id=event_id,
                grant_id=grant_id,
                seq=seq,
                type=event.value,
                at=at,
                actor=by,
                reason=reason,
                idx=index,
            )
        )
        return seq

    def _who(self, tx: Connection, grant_id: str, event: EventType) -> str | None:
        columns = consent_events.c
        return tx.execute(
            select(columns.actor)
            .where(columns.grant_id == grant_id, columns.type == event.value)
            .order_by(columns.seq.desc())
            .limit(1)
        ).scalar()

    def _row(self, tx: Connection, grant_id: str) -> Row[Any] | None:
        query = select(grants).where(grants.c.id == grant_id)
        if not tx.get_execution_options().get("overt_read_only"):
            query = query.with_for_update()
        return tx.execute(query).one_or_none()

    def _known(self, tx: Connection, grant_id: str) -> Row[Any]:
        row = self._row(tx, grant_id)
        if row is None:
            raise _stage("consent.unknown", "there is no such record", "check the id")
        return row


def digest_of(data: bytes, salt: bytes) -> str:
    """Salted digest of a signed record: all that manifests and the ledger say of it."""
    return hmac.new(bytes(salt), data, hashlib.sha256).hexdigest()


def _columns(data: bytes, found: Assessment, salt: bytes) -> dict[str, Any]:
    grant = found.grant
    about = frozenset({grant.subject.id, *grant.subject.figure_ids})
    return {
        "digest": digest_of(data, salt),
        "salt": salt,
        "basis": grant.authority.basis.value if grant.authority is not None else "self",
        "assurance": found.level(about).value,
        "summary": {
            "acts": sorted(scope.act.value for scope in grant.scopes),
            "posthumous": grant.posthumous,
            "evidence": [one.kind.value for one in grant.evidence],
        },
    }


def _field(grant_id: str) -> str:
    return f"grants/{grant_id}/jws"


def _stage(code: str, why: str, todo: str) -> StageError:
    return StageError("consent", code, "the consent record cannot be used", why, todo)
