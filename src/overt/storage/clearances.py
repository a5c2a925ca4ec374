"""Clearances in the database: made once, claimed once, closed once.

A clearance is what lets a finished asset leave. Its row is the only truth about it: copies of the
Python object are worth nothing, because `claim` turns `open` into `claimed` in one statement. When
it ends, the leases on consent records that were taken with it end too.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, or_, select, update

from overt.errors import StageError
from overt.storage.prepared import Prepared
from overt.storage.schema import authorisations, clearances

CLOSED = frozenset({"released", "failed", "quarantined", "lapsed"})
"""States that nothing leaves."""

_GOOD = (
    clearances.c.id == bindparam("of"),
    clearances.c.state == "open",
    clearances.c.digest == bindparam("bound"),
    clearances.c.expires_at > bindparam("now"),
)
_ISSUE = Prepared(insert(clearances))
_CLAIM = Prepared(update(clearances).where(*_GOOD))
_CHECK = Prepared(select(clearances.c.id).where(*_GOOD))
_CLOSE = update(clearances).where(clearances.c.id == bindparam("of"))
_CLOSE_CLAIMED = Prepared(_CLOSE.where(clearances.c.state == "claimed"))
_UNENDED = or_(clearances.c.state == "open", clearances.c.state == "claimed")
_CLOSE_ANY = Prepared(_CLOSE.where(_UNENDED))
_LIVE = or_(authorisations.c.state == "open", authorisations.c.state == "checked")
_DECISION = select(clearances.c.decision_id).where(clearances.c.id == bindparam("of"))
_END_LEASES = Prepared(
    update(authorisations).where(authorisations.c.decision_id == _DECISION.scalar_subquery(), _LIVE)
)
_OVERDUE = Prepared(
    select(clearances.c.id, clearances.c.decision_id)
    .where(_UNENDED, clearances.c.expires_at <= bindparam("now"))
    .order_by(clearances.c.id)
    .with_for_update()
)


def issue(tx: Connection, id: str, decision_id: str, digest: str, expires_at: datetime) -> None:
    """Store a new clearance, `open` until `expires_at`.

    Args:
        tx: The transaction that records the decision.
        id: Unguessable.
        decision_id: What it rests on.
        digest: Over everything the clearance is bound to.
        expires_at: From then on it is worth nothing.
    """
    row = {"id": id, "decision_id": decision_id, "digest": digest}
    _ISSUE.change(tx, {**row, "state": "open", "expires_at": expires_at})


def claim(
    tx: Connection, id: str, digest: str, now: datetime, *, until: datetime | None = None
) -> None:
    """Use a clearance up. Of any number of callers one succeeds.

    Args:
        tx: An open transaction; the claim counts when it commits.
        id: Of the clearance.
        digest: Must be the one it was issued with.
        now: The present moment.
        until: A later end for the finishing stages; after it the claim lapses.

    Raises:
        StageError: `clearance.replayed`, `.expired`, `.unknown` or `.changed`.
    """
    values: dict[str, object] = {"state": "claimed"}
    if until is not None:
        values["expires_at"] = until
    if _CLAIM.change(tx, {"of": id, "bound": digest, "now": now, **values}) != 1:
        raise _refusal(tx, id, digest)


def check(tx: Connection, id: str, digest: str, now: datetime) -> None:
    """See whether a claim would succeed now. It promises nothing: only `claim` decides.

    Raises:
        StageError: As `claim`.
    """
    if not _CHECK.rows(tx, {"of": id, "bound": digest, "now": now}):
        raise _refusal(tx, id, digest)


def close(tx: Connection, id: str, state: str, now: datetime | None = None) -> None:
    """End a clearance.

    Args:
        tx: The transaction that appends the closing entry.
        id: Of the clearance.
        state: `released`, `failed`, `quarantined` or `lapsed`. Only a claimed one is `released`.
        now: When, for the record.

    Raises:
        StageError: `clearance.closed`: it ended before (it may have lapsed), so this run must not
            release anything.
        ValueError: No such state.
    """
    if state not in CLOSED:
        raise ValueError(f"no closed state: {state}")
    ended = {"of": id, "state": state, "closed_at": now}
    closing = _CLOSE_CLAIMED if state == "released" else _CLOSE_ANY
    if closing.change(tx, ended) != 1:
        raise StageError(
            "clearance",
            "clearance.closed",
            "the clearance has ended",
            "it was closed or lapsed before",
            "start over",
        )
    _END_LEASES.change(tx, ended)  # those that this run took on consent records


def lapse(tx: Connection, now: datetime) -> list[tuple[str, str]]:
    """End everything whose time is over, claimed or not.

    Returns:
        `(id, decision_id)` of each, so that the caller can append its closing entry in the same
        transaction.
    """
    rows = [(str(id), str(decision)) for id, decision in _OVERDUE.rows(tx, {"now": now})]
    if rows:
        ids = [id for id, _ in rows]
        tx.execute(
            update(clearances).where(clearances.c.id.in_(ids)).values(state="lapsed", closed_at=now)
        )
        ended = [decision for _, decision in rows]
        tx.execute(
            update(authorisations)
            .where(authorisations.c.decision_id.in_(ended), _LIVE)
            .values(state="lapsed", closed_at=now)
        )
    return rows


def _refusal(tx: Connection, id: str, digest: str) -> StageError:
    row = tx.execute(
        select(clearances.c.state, clearances.c.digest).where(clearances.c.id == id)
    ).one_or_none()
    if row is None:
        code, why = "clearance.unknown", "there is no such clearance"
    elif row.digest != digest:
        code, why = "clearance.changed", "what is finished is not what was cleared"
    elif row.state == "open" or row.state == "lapsed":
        code, why = "clearance.expired", "its time is over"
    else:
        code, why = "clearance.replayed", "it was used before"
    return StageError("clearance", code, "the clearance does not count", why, "start over")
