"""Leases: which record a run relies on, from the decision to the release.

A lease is taken in the transaction that locked the record, and looked at again, under the lock,
before anything is signed and once more with the closing entry. A revocation in between ends it.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from overt.models import ConsentNeed, ConsentState
from overt.storage.prepared import Prepared
from overt.storage.schema import authorisations

OPEN = ("open", "checked")
"""States of a lease on which something can still be released."""
_ANY = Prepared(
    select(authorisations.c.id)
    .where(authorisations.c.decision_id == bindparam("decision"))
    .limit(1)
)
_OF_DECISION = (
    select(
        authorisations.c.id,
        authorisations.c.grant_id,
        authorisations.c.state,
        authorisations.c.expires_at,
        authorisations.c.need,
        authorisations.c.decision_id,
    )
    .where(authorisations.c.decision_id == bindparam("decision"))
    .order_by(authorisations.c.grant_id, authorisations.c.id)
)


def take(
    tx: Connection,
    states: Sequence[ConsentState],
    *,
    decision_id: str,
    request_digest: str,
    at: datetime,
    expires_at: datetime,
) -> tuple[str, ...]:
    """Store one open lease for each state. Returns their ids."""
    ids = tuple(secrets.token_hex(16) for _ in states)
    if states:
        tx.execute(
            insert(authorisations),
            [
                {
                    "id": id,
                    "grant_id": state.grant_id,
                    "grant_seq": state.grant_seq,
                    "act": state.need.act.value,
                    "decision_id": decision_id,
                    "request": request_digest,
                    "state": "open",
                    "issued_at": at,
                    "expires_at": expires_at,
                    "need": state.need.model_dump(mode="json"),
                }
                for id, state in zip(ids, states, strict=True)
            ],
        )
    return ids


def any_of(tx: Connection, decision_id: str) -> bool:
    """Whether a decision took any lease: most did not, and every run asks."""
    return bool(_ANY.rows(tx, {"decision": decision_id}))


def of_decision(tx: Connection, decision_id: str) -> Sequence[Row[tuple[str, str, str, datetime]]]:
    """Leases of a decision: `id`, `grant_id`, `state`, `expires_at` and `need`."""
    return tx.execute(_OF_DECISION, {"decision": decision_id}).all()  # type: ignore[return-value]


def need_of(row: Row[tuple[str, str, str, datetime]]) -> ConsentNeed:
    """The need that a lease was taken for."""
    return ConsentNeed.model_validate(row.need)


def mark(tx: Connection, ids: Sequence[str], state: str, at: datetime) -> None:
    """Set the state of leases."""
    if ids:
        tx.execute(
            update(authorisations)
            .where(authorisations.c.id.in_(ids))
            .values(state=state, closed_at=at)
        )


def end_all(tx: Connection, grant_id: str, at: datetime) -> int:
    """End every open lease on a record that was revoked or suspended. Returns how many."""
    return tx.execute(
        update(authorisations)
        .where(authorisations.c.grant_id == grant_id, authorisations.c.state.in_(OPEN))
        .values(state="lapsed", closed_at=at)
    ).rowcount


def uses(tx: Connection, grant_id: str, act: str, *, without: str = "") -> int:
    """Runs that used, or may still use, a record for an act; those that made nothing are free.

    Args:
        tx: The transaction that holds the record's lock.
        grant_id: The record.
        act: The act.
        without: Id of a decision that is not counted.
    """
    return tx.execute(
        select(func.count(func.distinct(authorisations.c.decision_id))).where(
            authorisations.c.grant_id == grant_id,
            authorisations.c.act == act,
            authorisations.c.decision_id != without,
            authorisations.c.state.in_((*OPEN, "released")),
        )
    ).scalar_one()
