"""What the database keeps of the policy: bundles in service, overrides, shadow differences.

An override is stored exactly as it was signed and verified again each time it is read, so that a
row that somebody wrote into the database by hand is worth nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from overt.errors import ConfigError, VerificationError
from overt.policy.bundle import Bundle
from overt.policy.case import Case
from overt.policy.elections import Calendar
from overt.policy.live import Shadow
from overt.policy.overrides import Override, open_override
from overt.policy.replay import Change
from overt.ports import Ledger

if TYPE_CHECKING:
    from sqlalchemy import Connection

_PAGE = 500


def accept(
    tx: Connection,
    ledger: Ledger,
    data: bytes,
    trusted: Sequence[bytes],
    bundle: Bundle,
    now: datetime,
) -> Override:
    """Verify an override, store it and record it in the ledger.

    Raises:
        VerificationError: It is not accepted; see `overrides.open_override`.
    """
    from sqlalchemy import insert

    from overt.storage.schema import overrides

    override = open_override(data, trusted, bundle, last_seq=last_seq(tx), now=now)
    record = ledger.append(
        tx,
        {
            "type": "policy.override",
            "id": secrets.token_hex(16),
            "at": now.isoformat(),
            "override": override.digest,
            "seq": override.seq,
            "policy": bundle.digest,
            "signers": list(override.signers),
            "starts_at": override.starts_at.isoformat(),
            "expires_at": override.expires_at.isoformat(),
        },
    )
    tx.execute(
        insert(overrides).values(
            seq=override.seq,
            id=override.digest[:64],
            digest=override.digest,
            state="accepted",
            starts_at=override.starts_at,
            expires_at=override.expires_at,
            body=data,
            idx=record.index,
        )
    )
    return override


def last_seq(tx: Connection) -> int:
    """Highest sequence number that was ever accepted; 0 before the first."""
    from sqlalchemy import func, select

    from overt.storage.schema import overrides

    return int(tx.execute(select(func.max(overrides.c.seq))).scalar() or 0)


def in_force(
    tx: Connection, trusted: Sequence[bytes], bundle: Bundle, now: datetime
) -> tuple[Override, ...]:
    """Overrides that count now or begin later, verified again, by sequence number.

    Raises:
        VerificationError: A stored override does not verify: the database was changed, or the
            trusted keys were. Nothing is decided on half an emergency.
    """
    from sqlalchemy import select

    from overt.storage.schema import overrides

    rows = tx.execute(
        select(overrides.c.body, overrides.c.seq)
        .where(overrides.c.expires_at > now, overrides.c.state == "accepted")
        .order_by(overrides.c.seq)
    ).all()
    found = []
    for row in rows:
        opened = open_override(bytes(row.body), trusted, bundle, last_seq=row.seq - 1, now=now)
        if opened.seq != row.seq:
            raise VerificationError("override.malformed", "a stored override was changed")
        found.append(opened)
    return tuple(found)


def record_bundle(
    tx: Connection, ledger: Ledger, bundle: Bundle, status: str, now: datetime, code: str = ""
) -> None:
    """Keep that a bundle was taken into service, or refused, and say so in the ledger.

    Args:
        tx: An open transaction.
        ledger: Gets the entry.
        bundle: The bundle in service afterwards.
        status: `loaded` or `rejected`.
        now: The guard's clock.
        code: Why another one was rejected.
    """
    if not _kept(tx, bundle.digest, "policy", bundle.version[:64], now) and status == "loaded":
        return
    entry: dict[str, Any] = {
        "type": f"policy.{status}",
        "id": secrets.token_hex(16),
        "at": now.isoformat(),
        "policy": bundle.digest,
    }
    if code:
        entry["code"] = code
    ledger.append(tx, entry)


def record_calendar(tx: Connection, ledger: Ledger, calendar: Calendar, now: datetime) -> bool:
    """Keep that a calendar, with its overlay, was taken into service; false when it was known."""
    digest = calendar.digest
    if not _kept(tx, digest, "elections", calendar.as_of.isoformat(), now):
        return False
    ledger.append(
        tx,
        {
            "type": "elections.loaded",
            "id": secrets.token_hex(16),
            "at": now.isoformat(),
            "elections": digest,
        },
    )
    return True


def _kept(tx: Connection, digest: str, kind: str, version: str, now: datetime) -> bool:
    """Keep that a bundle is in service; false when it was kept before.

    Several guards may start on a new database at once, so it is not asked first: one of them has
    the row, and the others wait for it.
    """
    from sqlalchemy import select

    from overt.storage.rows import insert_new
    from overt.storage.schema import bundles

    if tx.execute(select(bundles.c.digest).where(bundles.c.digest == digest)).first() is not None:
        return False
    row = {"digest": digest, "kind": kind, "version": version, "status": "loaded", "loaded_at": now}
    return insert_new(tx, bundles, row)


def case_of(tx: Connection, decision_id: str) -> tuple[Case, str, str]:
    """The recorded input of a decision, with its outcome and the digest of its policy.

    Raises:
        ConfigError: `policy.unknown_decision`.
    """
    from sqlalchemy import select

    from overt.storage.schema import decisions

    row = tx.execute(
        select(decisions.c.case, decisions.c.outcome, decisions.c.policy).where(
            decisions.c.id == decision_id
        )
    ).one_or_none()
    if row is None or row.case is None:
        raise ConfigError("policy.unknown_decision", "there is no recorded input of that decision")
    return Case.from_json(row.case), str(row.outcome), str(row.policy)


def recorded_cases(tx: Connection, since: datetime | None = None) -> Iterator[tuple[str, Case]]:
    """Recorded inputs, oldest first, in pages; those of another version are left out."""
    from sqlalchemy import select

    from overt.storage.schema import decisions

    query = select(decisions.c.id, decisions.c.case).order_by(decisions.c.at)
    if since is not None:
        query = query.where(decisions.c.at >= since)
    for row in tx.execute(query.execution_options(yield_per=_PAGE)):
        try:
            yield str(row.id), Case.from_json(row.case)
        except (ConfigError, AttributeError, TypeError):
            continue


def note_shadow(
    tx: Connection, case: Case, live: Bundle, candidate: Bundle, decision_id: str, now: datetime
) -> Change | None:
    """Decide a case with the candidate too and write a difference aside.

    A fault of the candidate is logged and changes nothing: it has no part in the decision.
    """
    from sqlalchemy import insert

    from overt.storage.schema import shadow_changes

    found: list[Change] = []
    Shadow(candidate, found.append).look(case, live, decision_id)
    for change in found:
        tx.execute(
            insert(shadow_changes).values(
                decision_id=decision_id,
                candidate=candidate.digest,
                at=now,
                before=change.before.value,
                after=change.after.value,
                gone=list(change.gone),
                new=list(change.new),
            )
        )
    return found[0] if found else None
