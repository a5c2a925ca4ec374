"""Who is depicted in a production, under which record, until when; and which shots that touches.

Read from the leases that every cleared run takes on the records it relies on: it is what was used,
not what somebody planned to use. People appear by their opaque ids; `guard.reveal` has the names.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from overt.models import Value
from overt.storage.schema import assets, authorisations, grants

if TYPE_CHECKING:
    from overt.guard import Guard

_PLACES = ("production", "scene", "shot")


class Use(Value):
    """One use of one record in one shot.

    Args:
        state: Of the record now: `given`, `expired`, `revoked`, `suspended` and so on.
        until: When the record ends; none when it has no end.
        asset: SHA-256 of what was released; none when nothing was.
        affected: The record no longer holds, or ends within the time that was asked for.
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
    limit = parts.now() + expiring
    found = parts.database.read(lambda tx: list(_uses(tx, parts.now(), limit)))
    wanted = [one for one in found if production is None or one.production == production]
    return sorted(
        wanted,
        key=lambda one: (
            one.production or "",
            one.scene or "",
            one.shot or "",
            one.subject,
            one.used_at,
        ),
    )


def _uses(tx: Connection, now: datetime, limit: datetime) -> Iterator[Use]:
    rows = tx.execute(
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
