"""The queue: list, claim, look at, decide and appeal tickets.

A claim is a lease with a token; only its holder decides, and a stale token is refused. Whoever
asked for the media never reviews it. Tickets about figures or elections need two reviewers; one
denial is enough. An appeal goes to people who have not decided the ticket before.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from overt.models import utc_now
from overt.ports import Clock, Ledger
from overt.review import tickets as book
from overt.review.tickets import Ticket, refusal

if TYPE_CHECKING:
    from sqlalchemy import Connection, RowMapping

    from overt.storage import Database
    from overt.storage.sealing import Sealing

LEASE = timedelta(minutes=15)
_TEXT_MAX = 4000
_CODE = re.compile(r"[a-z_]+(\.[a-z_]+)+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Claim:
    """A ticket in a reviewer's hands, with what is needed to judge it.

    Args:
        token: Shown to the queue with the decision.
        prompt: The sealed prompt, opened for this reviewer; never logged.
        output: Likewise the words that came out, where they are what is held.
    """

    ticket: Ticket
    token: str
    lease_until: datetime
    prompt: str
    output: str | None = None


class Queue:
    """All tickets of one database.

    Args:
        database: Where they are.
        sealing: Opens prompts, seals what reviewers write.
        ledger: Gets an entry for each decision.
        actor_key: Key of the digests of actors: the requester and a reviewer with one id are one.
        clock: Tells the time.
        lease: How long a claim lasts.
    """

    def __init__(
        self,
        database: Database,
        sealing: Sealing,
        ledger: Ledger,
        *,
        actor_key: bytes,
        clock: Clock = utc_now,
        lease: timedelta = LEASE,
    ) -> None:
        self._database, self._sealing, self._ledger = database, sealing, ledger
        self._key, self._clock, self._lease = actor_key, clock, lease

    def list(
        self, *, states: Collection[str] = book.OPEN, queue: str | None = None
    ) -> list[Ticket]:
        """Tickets, the most urgent first; what is overdue is denied on the way."""
        from sqlalchemy import select

        from overt.storage.schema import tickets

        def read(tx: Connection) -> list[Ticket]:
            book.expire(tx, self._clock())
            query = select(tickets).where(tickets.c.state.in_(tuple(states)))
            if queue is not None:
                query = query.where(tickets.c.queue == queue)
            query = query.order_by(tickets.c.priority.desc(), tickets.c.due_at, tickets.c.id)
            return [book.as_ticket(tx, row) for row in tx.execute(query).mappings().all()]

        return self._database.write(read)

    def get(self, ticket_id: str) -> Ticket:
        """One ticket, in any state.

        Raises:
            StageError: `review.unknown_ticket`.
        """

        def read(tx: Connection) -> Ticket:
            book.expire(tx, self._clock())
            return book.as_ticket(tx, book.row_of(tx, ticket_id))

        return self._database.write(read)

    def claim(
        self, reviewer: str, ticket_id: str | None = None, *, queue: str | None = None
    ) -> Claim:
        """Take a ticket, or the most urgent one that the reviewer may decide.

        Raises:
            StageError: `review.none`, `.unknown_ticket`, `.not_open`, `.claimed`, `.own_request`,
                `.already_decided`: it cannot be this reviewer's.
        """
        wanted = [ticket_id] if ticket_id else [ticket.id for ticket in self.list(queue=queue)]
        for candidate in wanted:
            taken = self._database.write(partial(self._claim, candidate, reviewer))
            if isinstance(taken, Claim):
                return taken
            if ticket_id is not None:
                raise taken
        raise refusal("none", "there is no ticket for this reviewer")

    def extend(self, ticket_id: str, token: str) -> datetime:
        """Keep a claim for another lease; returns its new end.

        Raises:
            StageError: `review.stale_token`: the claim is over.
        """
        from sqlalchemy import update

        from overt.storage.schema import tickets

        def write(tx: Connection) -> datetime:
            row = self._held(tx, ticket_id, token)
            until = self._clock() + self._lease
            tx.execute(update(tickets).where(tickets.c.id == row["id"]).values(lease_until=until))
            return until

        return self._database.write(write)

    def decide(
        self,
        ticket_id: str,
        token: str,
        reviewer: str,
        *,
        approve: bool,
        code: str,
        rules: Collection[str],
        text: str,
    ) -> Ticket:
        """Approve or deny a claimed ticket.

        Args:
            ticket_id: The ticket.
            token: From `claim()`.
            reviewer: Whoever claimed it.
            approve: Whether the request may be made.
            code: Reason code of the reviewer, dotted.
            rules: Rules the decision rests on; an approval covers these and no others.
            text: Why, in words; sealed, never in the ledger.

        Raises:
            StageError: `review.stale_token`, `.reason` (no code, text or rule), `.rules` (a rule
                that does not hold the ticket).
        """
        named = tuple(sorted(set(rules)))
        if not named or not _CODE.fullmatch(code) or not 0 < len(text.strip()) <= _TEXT_MAX:
            raise refusal("reason", "a decision needs a dotted reason code, a rule and a reason")

        def write(tx: Connection) -> Ticket:
            row = self._held(tx, ticket_id, token)
            who = self._digest(reviewer)
            if not hmac.compare_digest(row["owner"] or "", who):
                raise refusal("stale_token", "this claim is somebody else's")
            if not set(named) <= set(row["details"]["rules"]):
                raise refusal("rules", "a named rule does not hold this ticket")
            self._settle(tx, row, who, approve=approve, code=code, rules=named, text=text)
            return book.as_ticket(tx, book.row_of(tx, ticket_id))

        return self._database.write(write)

    def appeal(self, ticket_id: str, by: str, *, code: str, text: str) -> Ticket:
        """Put a denied or expired ticket before other reviewers, once.

        Raises:
            StageError: `review.not_denied`, or `review.appealed` for a second appeal.
        """
        from sqlalchemy import update

        from overt.storage.schema import tickets

        def write(tx: Connection) -> Ticket:
            now = self._clock()
            book.expire(tx, now)
            row = book.row_of(tx, ticket_id, lock=True)
            if row["state"] not in ("denied", "expired"):
                raise refusal("not_denied", "only a denied ticket can be appealed")
            if any(event["type"] == "appealed" for event in book.events_of(tx, ticket_id)):
                raise refusal("appealed", "this ticket was appealed before")
            due = now + (row["due_at"] - row["opened_at"])
            tx.execute(
                update(tickets)
                .where(tickets.c.id == ticket_id)
                .values(state="open", due_at=due, outcome=None, decided_at=None, queue="appeals")
            )
            self._seal(tx, ticket_id, "appeal", text, now)
            self._record(tx, row, "appealed", now, code=code, who=self._digest(by))
            return book.as_ticket(tx, book.row_of(tx, ticket_id))

        return self._database.write(write)

    def forget(self, ticket_id: str) -> int:
        """Destroy the prompt and what reviewers wrote; the row and the ledger stay.

        Returns:
            How many sealed values there were.

        Raises:
            StageError: `review.undecided`: somebody still has to decide it.
        """

        def write(tx: Connection) -> int:
            book.expire(tx, self._clock())
            row = book.row_of(tx, ticket_id, lock=True)
            if row["state"] in book.OPEN:
                raise refusal("undecided", "this ticket is not decided yet")
            gone = self._sealing.forget(tx, book.owner_of(ticket_id))
            book.add_event(tx, ticket_id, "forgotten", self._clock())
            return gone

        return self._database.write(write)

    def wait(self, ticket_id: str, timeout_s: float, *, poll_s: float = 0.5) -> str:
        """Wait until a ticket is decided; returns its state, `open` or `claimed` on a time-out.

        A time-out is not an answer: nothing may be made of it.
        """
        until = time.monotonic() + timeout_s
        while True:
            state = self.get(ticket_id).state
            if state in book.CLOSED or time.monotonic() >= until:
                return state
            time.sleep(min(poll_s, max(0.0, until - time.monotonic())))

    def _claim(self, ticket_id: str, reviewer: str, tx: Connection) -> Claim | Exception:
        from sqlalchemy import update

        from overt.storage.schema import tickets

        now, who = self._clock(), self._digest(reviewer)
        book.expire(tx, now)
        row = book.row_of(tx, ticket_id, lock=True)
        problem = self._not_theirs(tx, row, who, now)
        if problem is not None:
            return problem
        token, until = secrets.token_hex(16), now + self._lease
        tx.execute(
            update(tickets)
            .where(tickets.c.id == ticket_id)
            .values(state="claimed", owner=who, lock_token=token, lease_until=until)
        )
        book.add_event(tx, ticket_id, "claimed", now, reviewer=who)
        opened = self._sealing.open(tx, book.owner_of(ticket_id), book.field_of(ticket_id))
        words = json.loads(opened.decode("utf-8", "surrogatepass")) if opened else {"prompt": ""}
        ticket = book.as_ticket(tx, book.row_of(tx, ticket_id))
        return Claim(ticket, token, until, words["prompt"], words.get("output"))

    def _not_theirs(
        self, tx: Connection, row: RowMapping, who: str, now: datetime
    ) -> Exception | None:
        if row["state"] not in book.OPEN:
            return refusal("not_open", "this ticket is decided")
        leased = row["state"] == "claimed" and row["lease_until"] > now
        if leased and row["owner"] != who:
            return refusal("claimed", "somebody else is looking at this ticket")
        if self._requester(tx, row) == who:
            return refusal("own_request", "nobody reviews a request of their own")
        decided = {
            event["reviewer"]
            for event in book.events_of(tx, row["id"])
            if event["type"] in ("approved", "denied")
        }
        if who in decided:
            return refusal("already_decided", "this reviewer has decided this ticket before")
        return None

    def _held(self, tx: Connection, ticket_id: str, token: str) -> RowMapping:
        now = self._clock()
        book.expire(tx, now)
        row = book.row_of(tx, ticket_id, lock=True)
        same = hmac.compare_digest(row["lock_token"] or "", token)
        if row["state"] != "claimed" or not same or row["lease_until"] <= now:
            raise refusal("stale_token", "the claim is over", "", "claim the ticket again")
        return row

    def _settle(
        self,
        tx: Connection,
        row: RowMapping,
        who: str,
        *,
        approve: bool,
        code: str,
        rules: tuple[str, ...],
        text: str,
    ) -> None:
        from sqlalchemy import update

        from overt.storage.schema import tickets

        now = self._clock()
        word = "approved" if approve else "denied"
        before = [e for e in book.current_round(tx, row["id"]) if e["type"] == "approved"]
        enough = not approve or len(before) + 1 >= row["reviewers"]
        state = word if enough else "open"
        changes: dict[str, Any] = {"state": state, "owner": None, "lock_token": None}
        changes |= {"lease_until": None}
        if enough:
            changes |= {"outcome": "approve" if approve else "deny", "decided_at": now}
        tx.execute(update(tickets).where(tickets.c.id == row["id"]).values(**changes))
        self._seal(tx, row["id"], f"reason-{len(book.events_of(tx, row['id']))}", text, now)
        self._record(tx, row, word, now, code=code, who=who, rules=rules)

    def _record(
        self,
        tx: Connection,
        row: RowMapping,
        type_: str,
        now: datetime,
        *,
        code: str,
        who: str,
        rules: tuple[str, ...] = (),
    ) -> None:
        entry = {
            "type": f"review.{type_}",
            "id": secrets.token_hex(16),
            "at": now.isoformat(),
            "ticket": row["id"],
            "decision": row["decision_id"],
            "code": code,
        }
        if rules:
            entry["rules"] = list(rules)
        record = self._ledger.append(tx, entry)
        details = {"rules": list(rules)} if rules else None
        book.add_event(
            tx, row["id"], type_, now, reviewer=who, code=code, details=details, index=record.index
        )

    def _seal(self, tx: Connection, ticket_id: str, name: str, text: str, now: datetime) -> None:
        field = book.field_of(ticket_id, name)
        data = text.encode("utf-8", "surrogatepass")
        self._sealing.seal(tx, book.owner_of(ticket_id), field, data, now)

    def _requester(self, tx: Connection, row: RowMapping) -> str | None:
        from sqlalchemy import select

        from overt.storage.schema import decisions

        query = select(decisions.c.actor).where(decisions.c.id == row["decision_id"])
        return tx.execute(query).scalar_one_or_none()

    def _digest(self, reviewer: str) -> str:
        return hmac.new(self._key, reviewer.encode(), hashlib.sha256).hexdigest()
