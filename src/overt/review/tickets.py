"""Tickets: what the policy holds, written down so that a person can decide it.

A ticket is a row without text: ids, codes, spans and digests. The prompt is sealed under a key of
the ticket's own and can be destroyed. The state is `open`, `claimed`, `approved`, `denied`,
`expired` or `used`; when the time limit runs out the answer is no.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol

from overt.errors import StageError
from overt.models import Decision, FindingKind, Phase, Request, Strength

if TYPE_CHECKING:
    from sqlalchemy import Connection, RowMapping

    from overt.storage.sealing import Sealing

TIME_LIMIT: Final = timedelta(hours=24)
"""How long a question stays open; half of it is over when it is escalated."""
APPROVAL_LIFE: Final = timedelta(hours=72)
"""How long an approval can be used."""
OPEN: Final = ("open", "claimed")
CLOSED: Final = ("approved", "denied", "expired", "used")
_ELECTION_PHASES = (Phase.CAMPAIGN, Phase.SILENCE, Phase.POLLING, Phase.COUNTING)
_PRIORITY_ELECTION = 20
_PRIORITY_FIGURE = 10


class Held(Protocol):
    """The part of a ruling that a ticket needs."""

    @property
    def held_by(self) -> tuple[str, ...]:
        """Ids of the rules that an approval has to name."""
        ...


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket as a list shows it: nothing here identifies anybody.

    Args:
        rules: Rules that hold the request; an approval names some of them.
        reviewers: How many have to approve.
        approvals: How many have.
        spans: Kind, code, score and place of each finding; spans are code points.
    """

    id: str
    decision_id: str
    queue: str
    priority: int
    state: str
    opened_at: datetime
    due_at: datetime
    reviewers: int
    approvals: int
    rules: tuple[str, ...]
    reasons: tuple[str, ...]
    spans: tuple[Mapping[str, Any], ...]
    media_type: str
    language: str
    owner: str | None
    lease_until: datetime | None
    outcome: str | None

    def to_json(self) -> dict[str, Any]:
        """For `overt review list --json`."""
        return {
            "id": self.id,
            "decision": self.decision_id,
            "queue": self.queue,
            "priority": self.priority,
            "state": self.state,
            "opened_at": self.opened_at.isoformat(),
            "due_at": self.due_at.isoformat(),
            "reviewers": self.reviewers,
            "approvals": self.approvals,
            "rules": list(self.rules),
            "reasons": list(self.reasons),
            "findings": [dict(span) for span in self.spans],
            "media_type": self.media_type,
            "language": self.language,
            "lease_until": self.lease_until.isoformat() if self.lease_until else None,
            "outcome": self.outcome,
        }


def open_ticket(
    tx: Connection,
    sealing: Sealing,
    decision: Decision,
    ruling: Held,
    request: Request,
    digest: str,
    now: datetime,
    *,
    output: str | None = None,
    output_digest: str | None = None,
    time_limit: timedelta = TIME_LIMIT,
) -> str:
    """Write down a held request, in the transaction that records its decision.

    Args:
        tx: The open transaction.
        sealing: Seals the prompt.
        decision: What was decided; its outcome is `review`.
        ruling: Names the rules that hold it.
        request: The request; only its prompt is kept, sealed.
        digest: Salted digest of the request, which an approval is bound to.
        now: The guard's clock.
        output: The words that came out, where they are what is held; kept sealed.
        output_digest: Their salted digest, which the approval is bound to as well.
        time_limit: After this the ticket is denied.

    Returns:
        The id of the ticket.
    """
    from sqlalchemy import insert

    from overt.storage.schema import tickets

    ticket_id = secrets.token_hex(16)
    sensitive, elections = _weighty(decision)
    details = {
        "rules": list(ruling.held_by),
        "reasons": [reason.code for reason in decision.reasons],
        "spans": _spans(decision),
        "media_type": request.media_type,
        "language": decision.language,
        "policy": decision.policy,
    }
    if output_digest is not None:
        details["output"] = output_digest
    tx.execute(
        insert(tickets).values(
            id=ticket_id,
            decision_id=decision.id,
            request=digest,
            queue="elections" if elections else "likeness" if sensitive else "general",
            priority=_PRIORITY_ELECTION * elections + _PRIORITY_FIGURE * sensitive,
            state="open",
            opened_at=now,
            due_at=now + time_limit,
            reviewers=2 if sensitive or elections else 1,
            details=details,
        )
    )
    words = {"prompt": request.prompt} | ({} if output is None else {"output": output})
    value = json.dumps(words, ensure_ascii=False)
    # A prompt may hold lone surrogates; they come back as they were.
    sealing.seal(
        tx, owner_of(ticket_id), field_of(ticket_id), value.encode("utf-8", "surrogatepass"), now
    )
    add_event(tx, ticket_id, "opened", now)
    return ticket_id


def owner_of(ticket_id: str) -> str:
    """Whose key seals what belongs to a ticket: the ticket's own."""
    return f"ticket:{ticket_id}"


def field_of(ticket_id: str, name: str = "prompt") -> str:
    """Place of a sealed value of a ticket."""
    return f"tickets/{ticket_id}/{name}"


def add_event(
    tx: Connection,
    ticket_id: str,
    type_: str,
    at: datetime,
    *,
    reviewer: str | None = None,
    code: str | None = None,
    details: Mapping[str, Any] | None = None,
    index: int | None = None,
) -> None:
    """Append one line to a ticket's history; history is never changed."""
    from sqlalchemy import func, insert, select

    from overt.storage.schema import ticket_events as events

    last = tx.execute(select(func.max(events.c.seq)).where(events.c.ticket_id == ticket_id))
    tx.execute(
        insert(events).values(
            id=secrets.token_hex(16),
            ticket_id=ticket_id,
            seq=(last.scalar() or 0) + 1,
            type=type_,
            at=at,
            reviewer=reviewer,
            code=code,
            idx=index,
            details=dict(details) if details else None,
        )
    )


def events_of(tx: Connection, ticket_id: str) -> Sequence[RowMapping]:
    """The history of a ticket, oldest first."""
    from sqlalchemy import select

    from overt.storage.schema import ticket_events as events

    query = select(events).where(events.c.ticket_id == ticket_id).order_by(events.c.seq)
    return tx.execute(query).mappings().all()


def row_of(tx: Connection, ticket_id: str, *, lock: bool = False) -> RowMapping:
    """The row of a ticket, locked where it is going to change.

    Raises:
        StageError: `review.unknown_ticket`.
    """
    from sqlalchemy import select

    from overt.storage.schema import tickets

    query = select(tickets).where(tickets.c.id == ticket_id)
    row = tx.execute(query.with_for_update() if lock else query).mappings().one_or_none()
    if row is None:
        raise refusal("unknown_ticket", "there is no such ticket", "", "see `overt review list`")
    return row


def expire(tx: Connection, now: datetime) -> tuple[str, ...]:
    """Deny what nobody decided in time, and raise what has half its time left."""
    from sqlalchemy import select, update

    from overt.storage.schema import tickets

    waiting = select(tickets).where(tickets.c.state.in_(OPEN))
    over = []
    for row in tx.execute(waiting).mappings().all():
        details = dict(row["details"])
        if row["due_at"] <= now:
            changes = {"state": "expired", "outcome": "deny", "decided_at": now, "owner": None}
            tx.execute(update(tickets).where(tickets.c.id == row["id"]).values(**changes))
            add_event(tx, row["id"], "expired", now, code="review.time_limit")
            over.append(str(row["id"]))
        elif not details.get("escalated") and now >= _half_time(row):
            details["escalated"] = True
            changes = {"details": details, "priority": row["priority"] + 100}
            tx.execute(update(tickets).where(tickets.c.id == row["id"]).values(**changes))
            add_event(tx, row["id"], "escalated", now)
    return tuple(over)


def as_ticket(tx: Connection, row: RowMapping) -> Ticket:
    """A row as a value."""
    details = row["details"]
    approvals = sum(event["type"] == "approved" for event in current_round(tx, row["id"]))
    return Ticket(
        id=row["id"],
        decision_id=row["decision_id"],
        queue=row["queue"],
        priority=row["priority"],
        state=row["state"],
        opened_at=row["opened_at"],
        due_at=row["due_at"],
        reviewers=row["reviewers"],
        approvals=approvals,
        rules=tuple(details["rules"]),
        reasons=tuple(details["reasons"]),
        spans=tuple(details["spans"]),
        media_type=details["media_type"],
        language=details["language"],
        owner=row["owner"],
        lease_until=row["lease_until"],
        outcome=row["outcome"],
    )


def current_round(tx: Connection, ticket_id: str) -> list[RowMapping]:
    """Events since the ticket was opened or, later, appealed."""
    events = list(events_of(tx, ticket_id))
    starts = [place for place, event in enumerate(events) if event["type"] == "appealed"]
    return events[starts[-1] :] if starts else events


def refusal(code: str, what: str, why: str = "", todo: str = "") -> StageError:
    """An error of the review stage."""
    return StageError("review", f"review.{code}", what, why, todo)


def _half_time(row: RowMapping) -> datetime:
    opened: datetime = row["opened_at"]
    span: timedelta = row["due_at"] - opened
    return opened + span / 2


def _weighty(decision: Decision) -> tuple[bool, bool]:
    """Whether a public figure is found, and whether an election is concerned: four eyes."""
    figures = any(
        finding.kind is FindingKind.FIGURE and finding.strength is Strength.STRONG
        for finding in decision.findings
    )
    reasons = any(reason.code.startswith("elections.") for reason in decision.reasons)
    phase = decision.election is not None and decision.election.phase in _ELECTION_PHASES
    return figures, reasons or (phase and figures)


def _spans(decision: Decision) -> list[dict[str, Any]]:
    return [
        {
            "kind": finding.kind.value,
            "code": finding.code,
            "score": finding.score,
            "span": list(finding.span) if finding.span else None,
            "strength": finding.strength.value,
        }
        for finding in decision.findings
    ]
