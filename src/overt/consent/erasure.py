"""Forgets a person: what identifies them is destroyed, and the ledger still verifies.

Destroyed are the subject's key, everything sealed under it (the signed records with names, contacts
and documents' places), and the salts that open commitments. What stays is the least that proves
what was done and when: ids, acts, dates, digests that nothing opens any more. Copies elsewhere
(backups of the wrapped keys, receipts, signed files that were sent out) are not ours to destroy.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from overt.consent.events import EventType
from overt.consent.registry import Registry
from overt.ports import Ledger
from overt.storage.schema import authorisations, decisions, grants, subjects

TYPE = "erasure-certificate+jws"


def forget(
    tx: Connection, records: Registry, ledger: Ledger, subject_id: str, at: datetime
) -> dict[str, Any]:
    """Forget a subject, in one transaction; call `Database.shred()` after it.

    Args:
        tx: An open transaction, best of the priority lane.
        records: The consent store.
        ledger: Gets the entries.
        subject_id: Opaque id of the person.
        at: Now.

    Returns:
        The erasure certificate, to be signed with `sign_value(..., kind=TYPE)`. It says what was
        destroyed, what stays, and where in the ledger that stands. Forgetting somebody who is not
        known, or twice, gives a certificate that says so.
    """
    ids = list(
        tx.execute(
            select(grants.c.id).where(grants.c.subject_id == subject_id).order_by(grants.c.id)
        ).scalars()
    )
    ended = [id for id in ids if records.end(tx, id, EventType.FORGOTTEN, at)]
    sealed = records.sealing.forget(tx, subject_id)
    tx.execute(update(grants).where(grants.c.subject_id == subject_id).values(salt=None))
    leased = select(authorisations.c.decision_id).where(authorisations.c.grant_id.in_(ids))
    salts = tx.execute(
        update(decisions)
        .where(decisions.c.id.in_(leased), decisions.c.salt.is_not(None))
        .values(salt=None)
    ).rowcount
    tx.execute(update(subjects).where(subjects.c.id == subject_id).values(forgotten_at=at))
    certificate_id = secrets.token_hex(16)
    entry = {
        "type": "subject.forgotten",
        "id": certificate_id,
        "at": at,
        "count": sealed,
        "grants": ended,
    }
    record = ledger.append(tx, entry)
    return {
        "type": "overt-erasure-certificate",
        "version": 1,
        "id": certificate_id,
        "at": at.isoformat(),
        "subject": subject_id,
        "records": ids,
        "destroyed": {"sealed_values": sealed, "subject_key": True, "request_salts": salts},
        "kept": "ids, acts, dates, states and digests, for legal claims",
        "ledger": {"origin": record.origin, "index": record.index},
    }
