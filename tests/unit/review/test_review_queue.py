"""Tickets: who may decide what, how often, until when, and what an approval is worth."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from overt.errors import StageError
from overt.ledger import SqlLedger
from overt.models import (
    Decision,
    FigureRef,
    Finding,
    FindingKind,
    MatchKind,
    Outcome,
    Reason,
    Request,
)
from overt.review import Queue, Ticket, approval_of, open_ticket, use
from overt.storage import Database
from overt.storage.schema import decisions, entries, tickets
from overt.storage.sealing import Sealing, create_key

CANARY = "canary-prompt-4711"
START = datetime(2026, 11, 21, 12, tzinfo=UTC)
FIGURE = Finding(
    kind=FindingKind.FIGURE,
    code="q:leader",
    score=0.9,
    span=(0, 4),
    figure=FigureRef(id="q:leader", name="A Name", kind="candidate", match=MatchKind.EXACT),
)


@dataclass
class Desk:
    database: Database
    sealing: Sealing
    ledger: SqlLedger
    now: datetime = START
    salt: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    @property
    def queue(self) -> Queue:
        return Queue(
            self.database, self.sealing, self.ledger, actor_key=b"k" * 32, clock=lambda: self.now
        )

    def hold(
        self,
        *,
        rules: tuple[str, ...] = ("EV-002",),
        figures: bool = False,
        actor: str | None = None,
        prompt: str = CANARY,
    ) -> str:
        decision = Decision(
            id=secrets.token_hex(16),
            outcome=Outcome.REVIEW,
            reasons=(Reason(code="evasion.strong", message="…", rule="EV-002"),),
            rules=rules,
            findings=(FIGURE,) if figures else (),
            at=self.now,
        )
        held = type("Held", (), {"held_by": rules})()
        request = Request(prompt=prompt, media_type="image/png")

        def write(tx: Any) -> str:
            tx.execute(
                insert(decisions).values(
                    id=decision.id,
                    at=self.now,
                    outcome="review",
                    policy="p",
                    registry="r",
                    request="digest",
                    media_type="image/png",
                    rules=list(rules),
                    actor=self.queue._digest(actor) if actor else None,
                    salt=self.salt,
                )
            )
            return open_ticket(tx, self.sealing, decision, held, request, "digest", self.now)

        return self.database.write(write)

    def judge(self, ticket: str, reviewer: str, *, approve: bool = True, **fields: Any) -> Ticket:
        claim = self.queue.claim(reviewer, ticket)
        words = {"code": "review.fine", "rules": ("EV-002",), "text": "looked at"} | fields
        return self.queue.decide(ticket, claim.token, reviewer, approve=approve, **words)


@pytest.fixture
def desk(tmp_path: Path) -> Any:
    create_key(tmp_path / "key")
    with Database.open(f"sqlite:///{tmp_path}/overt.db") as database:
        yield Desk(database, Sealing(f"file:{tmp_path}/key"), SqlLedger("test.example/log"))


def code_of(call: Any) -> str:
    with pytest.raises(StageError) as caught:
        call()
    assert CANARY not in str(caught.value)
    return caught.value.code


def test_the_prompt_is_sealed_and_opens_for_the_reviewer(desk: Desk, tmp_path: Path) -> None:
    ticket = desk.hold(prompt=CANARY + "\ud800")
    desk.judge(ticket, "r1", text=CANARY)
    for file in tmp_path.glob("overt.db*"):
        assert CANARY.encode() not in file.read_bytes()
    other = desk.hold(prompt=CANARY + "\ud800")
    claim = desk.queue.claim("r1", other)
    assert claim.prompt == CANARY + "\ud800"
    assert CANARY not in repr(desk.queue.get(ticket))


def test_a_decision_is_in_the_ledger_without_words(desk: Desk) -> None:
    ticket = desk.hold()
    desk.judge(ticket, "r1")
    bodies = desk.database.read(lambda tx: tx.execute(select(entries.c.body)).scalars().all())
    assert any(ticket.encode() in body and b"review.approved" in body for body in bodies)
    assert not any(b"looked at" in body for body in bodies)


def test_one_yes_is_enough_for_an_ordinary_ticket(desk: Desk) -> None:
    ticket = desk.hold()
    assert desk.judge(ticket, "r1").state == "approved"


def test_four_eyes_for_figures(desk: Desk) -> None:
    ticket = desk.hold(figures=True)
    first = desk.judge(ticket, "r1")
    assert (first.state, first.approvals, first.reviewers) == ("open", 1, 2)
    assert code_of(lambda: desk.queue.claim("r1", ticket)) == "review.already_decided"
    assert desk.judge(ticket, "r2").state == "approved"


def test_one_no_is_enough(desk: Desk) -> None:
    ticket = desk.hold(figures=True)
    desk.judge(ticket, "r1")
    assert desk.judge(ticket, "r2", approve=False).state == "denied"


def test_nobody_reviews_their_own(desk: Desk) -> None:
    ticket = desk.hold(actor="alice")
    assert code_of(lambda: desk.queue.claim("alice", ticket)) == "review.own_request"
    assert code_of(lambda: desk.queue.claim("alice")) == "review.none"


def test_a_claim_is_a_lease(desk: Desk) -> None:
    ticket = desk.hold()
    claim = desk.queue.claim("r1", ticket)
    assert code_of(lambda: desk.queue.claim("r2", ticket)) == "review.claimed"
    desk.now += timedelta(minutes=16)
    late = {"approve": True, "code": "review.fine", "rules": ("EV-002",), "text": "x"}
    assert code_of(lambda: desk.queue.decide(ticket, claim.token, "r1", **late)) == (
        "review.stale_token"
    )
    taken = desk.queue.claim("r2", ticket)
    assert code_of(lambda: desk.queue.decide(ticket, claim.token, "r1", **late)) == (
        "review.stale_token"
    )
    assert code_of(lambda: desk.queue.decide(ticket, taken.token, "r1", **late)) == (
        "review.stale_token"
    )
    desk.queue.extend(ticket, taken.token)
    assert desk.queue.decide(ticket, taken.token, "r2", **late).state == "approved"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"text": " "}, "review.reason"),
        ({"code": "fine"}, "review.reason"),
        ({"code": "review.not fine"}, "review.reason"),
        ({"rules": ()}, "review.reason"),
        ({"rules": ("EL-001",)}, "review.rules"),
    ],
)
def test_a_decision_needs_reasons(desk: Desk, fields: dict[str, Any], code: str) -> None:
    ticket = desk.hold()
    assert code_of(lambda: desk.judge(ticket, "r1", **fields)) == code


def test_the_time_limit_denies(desk: Desk) -> None:
    ticket = desk.hold()
    claim = desk.queue.claim("r1", ticket)
    desk.now += timedelta(hours=24)
    assert desk.queue.list() == []
    assert desk.queue.get(ticket).state == "expired"
    late = {"approve": True, "code": "review.fine", "rules": ("EV-002",), "text": "x"}
    assert code_of(lambda: desk.queue.decide(ticket, claim.token, "r1", **late)) == (
        "review.stale_token"
    )
    assert code_of(lambda: desk.database.write(lambda tx: approval_of(tx, ticket, desk.now))) == (
        "review.denied"
    )


def test_half_the_time_escalates_once(desk: Desk) -> None:
    ticket = desk.hold()
    desk.now += timedelta(hours=13)
    raised = desk.queue.get(ticket).priority
    assert raised >= 100
    assert desk.queue.get(ticket).priority == raised


def test_the_most_urgent_comes_first(desk: Desk) -> None:
    plain, figures = desk.hold(), desk.hold(figures=True)
    assert [ticket.id for ticket in desk.queue.list()] == [figures, plain]
    assert desk.queue.claim("r1").ticket.id == figures


def test_an_appeal_goes_to_others_once(desk: Desk) -> None:
    ticket = desk.hold()
    assert code_of(lambda: desk.queue.appeal(ticket, "a", code="appeal.new", text="x")) == (
        "review.not_denied"
    )
    desk.judge(ticket, "r1", approve=False)
    appealed = desk.queue.appeal(ticket, "a", code="appeal.context", text="it is satire")
    assert (appealed.state, appealed.queue) == ("open", "appeals")
    assert code_of(lambda: desk.queue.claim("r1", ticket)) == "review.already_decided"
    assert desk.judge(ticket, "r2", approve=False).state == "denied"
    assert code_of(lambda: desk.queue.appeal(ticket, "a", code="appeal.more", text="x")) == (
        "review.appealed"
    )


def test_an_approval_is_bound_to_one_request_and_used_once(desk: Desk) -> None:
    ticket = desk.hold(rules=("EV-002", "EL-020"))
    pending = lambda: desk.database.write(lambda tx: approval_of(tx, ticket, desk.now))  # noqa: E731
    assert code_of(pending) == "review.pending"
    desk.judge(ticket, "r1")
    approval = desk.database.write(lambda tx: approval_of(tx, ticket, desk.now))
    assert approval.rules == {"EV-002"}
    approval.check("digest")
    assert code_of(lambda: approval.check("another")) == "review.other_request"
    desk.database.write(lambda tx: use(tx, approval, desk.now))
    assert code_of(lambda: desk.database.write(lambda tx: use(tx, approval, desk.now))) == (
        "review.used"
    )
    assert code_of(pending) == "review.used"


def test_two_reviewers_cover_what_both_named(desk: Desk) -> None:
    ticket = desk.hold(rules=("EV-002", "EL-020"), figures=True)
    desk.judge(ticket, "r1", rules=("EV-002", "EL-020"))
    desk.judge(ticket, "r2", rules=("EL-020",))
    assert desk.database.write(lambda tx: approval_of(tx, ticket, desk.now)).rules == {"EL-020"}


def test_an_approval_lapses(desk: Desk) -> None:
    ticket = desk.hold()
    desk.judge(ticket, "r1")
    desk.now += timedelta(hours=73)
    assert code_of(lambda: desk.database.write(lambda tx: approval_of(tx, ticket, desk.now))) == (
        "review.lapsed"
    )


def test_waiting_ends_with_the_state(desk: Desk) -> None:
    ticket = desk.hold()
    assert desk.queue.wait(ticket, 0.0) == "open"
    desk.judge(ticket, "r1")
    assert desk.queue.wait(ticket, 5.0) == "approved"


def test_a_decided_ticket_can_be_forgotten(desk: Desk) -> None:
    ticket = desk.hold()
    assert code_of(lambda: desk.queue.forget(ticket)) == "review.undecided"
    desk.judge(ticket, "r1", approve=False)
    assert desk.queue.forget(ticket) == 2
    assert desk.queue.get(ticket).state == "denied"
    appealed = desk.queue.appeal(ticket, "a", code="appeal.late", text="x")
    assert desk.queue.claim("r2", appealed.id).prompt == ""


def test_unknown_tickets(desk: Desk) -> None:
    assert code_of(lambda: desk.queue.get("nope")) == "review.unknown_ticket"


def test_the_row_holds_no_text(desk: Desk) -> None:
    desk.hold()
    rows = desk.database.read(lambda tx: tx.execute(select(tickets)).all())
    assert CANARY not in str(rows)
    assert "A Name" not in str(rows)
