"""Approvals: what a decided ticket lets through, and how little that is.

An approval belongs to one request, by its salted digest, so that an edited prompt is a new
question. It covers the rules that every approving reviewer named, is used once, and lapses. It
does not decide: resuming decides again, with the election phase, the consents and the rules of
that moment.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from overt.review import tickets as book
from overt.review.tickets import APPROVAL_LIFE, refusal

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Approval:
    """A reviewer's yes.

    Args:
        request: Salted digest of the request it is bound to.
        salt: Makes that digest from the request again.
        rules: The only rules it covers.
        output: Salted digest of the words that came out, where they are what was approved.
    """

    ticket_id: str
    decision_id: str
    request: str
    salt: bytes = field(repr=False)
    rules: frozenset[str]
    expires_at: datetime
    output: str | None = None

    def check(self, digest: str) -> None:
        """Hold a request against the approval.

        Args:
            digest: Salted digest of the request that is resumed, made with `salt`.

        Raises:
            StageError: `review.other_request`: it is not the one that was approved.
        """
        if not hmac.compare_digest(self.request, digest):
            raise refusal(
                "other_request",
                "the approval is for another request",
                "something in the request was changed",
                "send the changed request as a new one",
            )


def approval_of(tx: Connection, ticket_id: str, now: datetime) -> Approval:
    """The approval of a ticket, while it can be used.

    Raises:
        StageError: `review.unknown_ticket`, `.pending` (nobody has decided yet), `.denied`,
            `.used`, `.lapsed`, or `.erased` (the request was erased since).
    """
    from sqlalchemy import select

    from overt.storage.schema import decisions

    book.expire(tx, now)
    row = book.row_of(tx, ticket_id, lock=True)
    state = row["state"]
    if state in book.OPEN:
        raise refusal(
            "pending", "nobody has decided this ticket yet", "", "wait, then resume again"
        )
    if state in ("denied", "expired"):
        raise refusal("denied", "the request was not approved", "", "appeal it or change it")
    if state == "used":
        raise refusal("used", "this approval was used", "", "send the request again")
    expires = row["decided_at"] + APPROVAL_LIFE
    if now >= expires:
        raise refusal("lapsed", "this approval is too old", "", "send the request again")
    query = select(decisions.c.salt).where(decisions.c.id == row["decision_id"])
    salt = tx.execute(query).scalar_one_or_none()
    if salt is None:
        raise refusal("erased", "the request of this ticket was erased")
    named = [
        frozenset((event["details"] or {}).get("rules", ()))
        for event in book.current_round(tx, ticket_id)
        if event["type"] == "approved"
    ]
    return Approval(
        ticket_id=ticket_id,
        decision_id=row["decision_id"],
        request=row["request"],
        salt=bytes(salt),
        rules=frozenset.intersection(*named) if named else frozenset(),
        expires_at=expires,
        output=row["details"].get("output"),
    )


def use(tx: Connection, approval: Approval, now: datetime) -> None:
    """Use an approval up, in the transaction that clears the resumed request.

    Raises:
        StageError: `review.used`: somebody else was faster.
    """
    from sqlalchemy import update

    from overt.storage.schema import tickets

    taken = tx.execute(
        update(tickets)
        .where(tickets.c.id == approval.ticket_id, tickets.c.state == "approved")
        .values(state="used")
    )
    if taken.rowcount != 1:
        raise refusal("used", "this approval was used", "", "send the request again")
    book.add_event(tx, approval.ticket_id, "used", now)
