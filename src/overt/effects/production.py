"""Who is depicted in a production, under which record, until when; and which shots that touches.

Read from the leases that every cleared run takes on the records it relies on: it is what was used,
not what somebody planned to use. People appear by their opaque ids; `guard.reveal` has the names.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from overt.consent.envelope import open_signed
from overt.consent.records import Window
from overt.errors import OvertError
from overt.models import Act, Value
from overt.storage.schema import assets, authorisations, grants

if TYPE_CHECKING:
    from overt.consent.records import ConsentGrant
    from overt.guard import Guard
    from overt.parts import Parts
    from overt.storage import Database

_PLACES = ("production", "scene", "shot")


class Use(Value):
    """One use of one record in one shot.

    Args:
        state: Of the record now: `given`, `blackout`, `expired`, `revoked`, `suspended` and so on.
        until: When the record ends; none when it has no end.
        asset: SHA-256 of what was released; none when nothing was.
        blackouts: Times in which the record does not count for this act, as it says itself.
        affected: The record no longer holds, or ends or has a blackout within the time that was
            asked for.
    """

    production: str | None
    scene: str | None
    shot: str | None
    subject: str
    act: str
    grant: str
    state: str
    until: datetime | None
    used_at: datetime
    run: str
    asset: str | None
    blackouts: tuple[Window, ...] = ()
    affected: bool


def uses(
    guard: Guard, production: str | None = None, *, expiring: timedelta = timedelta(0)
) -> list[Use]:
    """Every use of a record, by production, scene and shot.

    Args:
        guard: Whose database is read.
        production: Only of this one.
        expiring: Records that end so soon count as affected, too.
    """
    parts = guard._parts
    now = parts.now()
    found = uses_in(parts.database, now, expiring=expiring)
    wanted = [one for one in found if production is None or one.production == production]
    grants_by_id = parts.database.read(
        lambda tx: {id_: _grant(parts, tx, id_) for id_ in {one.grant for one in wanted}}
    )
    return [_timed(one, grants_by_id[one.grant], now, now + expiring) for one in wanted]


def uses_in(
    database: Database,
    now: datetime,
    *,
    record: str | None = None,
    expiring: timedelta = timedelta(0),
) -> list[Use]:
    """`uses` without a guard: what a database knows, of all records or of one.

    Args:
        database: Where leases are.
        now: The moment that counts.
        record: Only uses of this one.
        expiring: Records that end so soon count as affected, too.
    """
    found = database.read(lambda tx: list(_uses(tx, now, now + expiring, record)))
    return sorted(found, key=_place)


def _grant(parts: Parts, tx: Connection, id_: str) -> ConsentGrant | None:
    """A record as it was signed; none where it was erased."""
    try:
        return open_signed(parts.consents.signed(tx, id_)).grant()
    except OvertError:
        return None


def _timed(use: Use, grant: ConsentGrant | None, now: datetime, limit: datetime) -> Use:
    """A use with the blackouts of its record."""
    scope = None if grant is None else grant.scope(Act(use.act))
    if scope is None or not scope.blackout:
        return use
    windows = scope.blackout
    inside = use.state == "given" and any(one.start <= now < one.end for one in windows)
    soon = any(one.start <= limit and now < one.end for one in windows)
    return use.model_copy(
        update={
            "blackouts": windows,
            "state": "blackout" if inside else use.state,
            "affected": use.affected or soon,
        }
    )


def place_of(use: Use) -> str:
    """`P1/2/0010`, a dash for what is not known."""
    return "/".join(one or "-" for one in (use.production, use.scene, use.shot))


def _place(use: Use) -> tuple[str, str, str, str, datetime]:
    return use.production or "", use.scene or "", use.shot or "", use.subject, use.used_at


def _uses(tx: Connection, now: datetime, limit: datetime, record: str | None) -> Iterator[Use]:
    wanted = (
        select(
            authorisations.c.need,
            authorisations.c.act,
            authorisations.c.state.label("run"),
            authorisations.c.issued_at,
            grants.c.id,
            grants.c.subject_id,
            grants.c.state,
            grants.c.not_after,
            assets.c.sha256,
        )
        .join(grants, grants.c.id == authorisations.c.grant_id)
        .outerjoin(assets, assets.c.decision_id == authorisations.c.decision_id)
    )
    rows = tx.execute(wanted if record is None else wanted.where(grants.c.id == record))
    for row in rows:
        ended = row.not_after is not None and row.not_after <= now
        state = "expired" if ended and row.state == "given" else row.state
        soon = row.not_after is not None and row.not_after <= limit
        context: dict[str, Any] = row.need.get("context") or {}
        yield Use(
            **{place: context.get(place) for place in _PLACES},
            subject=row.subject_id,
            act=row.act,
            grant=row.id,
            state=state,
            until=row.not_after,
            used_at=row.issued_at,
            run=row.run,
            asset=row.sha256,
            affected=state != "given" or soon,
        )
