"""Suspended actors: whoever asks, known by a keyed digest only.

A suspension has an end and a reason code, is in the ledger, and can be lifted early. Counts of
refused attempts come on top: they are the guard's, by the limits in the configuration.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import TYPE_CHECKING, Any

from overt.ports import Ledger

if TYPE_CHECKING:
    from sqlalchemy import Connection


def suspend(
    tx: Connection, ledger: Ledger, actor: str, *, until: datetime, code: str, now: datetime
) -> None:
    """Refuse everything of an actor until a moment.

    Args:
        tx: An open transaction.
        ledger: Gets the entry.
        actor: Keyed digest, never an id in clear.
        until: When it ends by itself.
        code: Why, dotted: `actor.repeated_refusals`.
        now: The guard's clock.
    """
    _write(tx, actor, until, code, now)
    entry = _entry("actor.suspended", code, now) | {
        "subject": actor,
        "expires_at": until.isoformat(),
    }
    ledger.append(tx, entry)


def lift(tx: Connection, ledger: Ledger, actor: str, *, code: str, now: datetime) -> None:
    """End a suspension early."""
    _write(tx, actor, None, None, now)
    ledger.append(tx, _entry("actor.reinstated", code, now) | {"subject": actor})


def is_suspended(tx: Connection, actor: str, now: datetime) -> bool:
    """Whether the actor is suspended at that moment."""
    from sqlalchemy import select

    from overt.storage.schema import actors

    until = tx.execute(
        select(actors.c.suspended_until).where(actors.c.actor == actor)
    ).scalar_one_or_none()
    return until is not None and now < until


def _write(
    tx: Connection, actor: str, until: datetime | None, code: str | None, now: datetime
) -> None:
    from sqlalchemy import insert, update

    from overt.storage.schema import actors

    changes = {"suspended_until": until, "suspended_code": code, "last_at": now}
    done = tx.execute(update(actors).where(actors.c.actor == actor).values(**changes))
    if done.rowcount == 0:
        tx.execute(insert(actors).values(actor=actor, first_at=now, **changes))


def _entry(type_: str, code: str, now: datetime) -> dict[str, Any]:
    return {"type": type_, "id": secrets.token_hex(16), "at": now.isoformat(), "code": code}
