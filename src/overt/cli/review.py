"""`overt review`: the queue of held requests, from a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from overt.cli.common import DEFAULT_CONFIG, ConfigOption, JsonOption, emit

if TYPE_CHECKING:
    from overt.policy import Bundle
    from overt.review import Queue, Ticket

app = typer.Typer(help="Held requests: list, claim, decide, appeal.", no_args_is_help=True)

TicketArgument = Annotated[str, typer.Argument(metavar="TICKET", help="Id of a ticket.")]
ReviewerOption = Annotated[
    str, typer.Option(help="Your id, as in requests: nobody reviews theirs.")
]


@app.command("list")
def list_(
    queue: Annotated[
        str | None, typer.Option(help="elections, likeness, general, appeals.")
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="Decided ones too.")] = False,
    json_: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Open tickets, the most urgent first."""
    from overt.review.tickets import CLOSED, OPEN

    with _opened(config) as (desk, _):
        for ticket in desk.list(states=(*OPEN, *CLOSED) if all_ else OPEN, queue=queue):
            emit(ticket.to_json()) if json_ else typer.echo(_line(ticket))


@app.command()
def claim(
    reviewer: ReviewerOption,
    ticket: Annotated[str | None, typer.Argument(metavar="[TICKET]")] = None,
    queue: Annotated[str | None, typer.Option(help="Only from this queue.")] = None,
    json_: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Take a ticket and see what it is about; the token is needed to decide it."""
    with _opened(config) as (desk, bundle):
        taken = desk.claim(reviewer, ticket, queue=queue)
    rules = [
        {"id": rule.id, "title": rule.title, "rationale": rule.rationale, "guidance": rule.guidance}
        for name in taken.ticket.rules
        if (rule := bundle.rules.get(name)) is not None
    ]
    if json_:
        emit({**taken.ticket.to_json(), "token": taken.token, "prompt": taken.prompt,
              "output": taken.output, "guidance": rules})  # fmt: skip
        return
    typer.echo(_line(taken.ticket))
    typer.echo(f"token   {taken.token} until {taken.lease_until.isoformat(timespec='minutes')}")
    typer.echo(f"prompt  {taken.prompt}")
    if taken.output is not None:
        typer.echo(f"output  {taken.output}")
    for span in taken.ticket.spans:
        typer.echo(f"found   {span['kind']} {span['code']} {span['score']} at {span['span']}")
    for row in rules:
        typer.echo(f"rule    {row['id']} {row['title']}\n        {row['guidance']}")


@app.command()
def decide(
    ticket: TicketArgument,
    reviewer: ReviewerOption,
    token: Annotated[str, typer.Option(help="From `overt review claim`.")],
    approve: Annotated[bool, typer.Option("--approve/--deny", help="What you decide.")],
    code: Annotated[str, typer.Option(help="Reason code, dotted: review.clear_satire.")],
    rule: Annotated[list[str], typer.Option(help="A rule your decision rests on; repeat.")],
    text: Annotated[str, typer.Option(help="Why, in words; kept sealed.")],
    json_: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Approve or deny a claimed ticket. An approval covers the named rules and no others."""
    with _opened(config) as (desk, _):
        done = desk.decide(
            ticket, token, reviewer, approve=approve, code=code, rules=rule, text=text
        )
    emit(done.to_json()) if json_ else typer.echo(_line(done))


@app.command()
def appeal(
    ticket: TicketArgument,
    by: Annotated[str, typer.Option(help="Id of whoever appeals.")],
    code: Annotated[str, typer.Option(help="Reason code, dotted: appeal.context.")],
    text: Annotated[str, typer.Option(help="Why, in words; kept sealed.")],
    json_: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Put a denied ticket before reviewers who have not decided it."""
    with _opened(config) as (desk, _):
        done = desk.appeal(ticket, by, code=code, text=text)
    emit(done.to_json()) if json_ else typer.echo(_line(done))


@contextmanager
def _opened(config: Path) -> Iterator[tuple[Queue, Bundle]]:
    from overt.cli.policy import bundle_of
    from overt.config import load_config
    from overt.parts import build
    from overt.review import Queue

    parts: Any = build(load_config(config))
    try:
        desk = Queue(parts.database, parts.sealing, parts.ledger, actor_key=parts.actor_key)
        yield desk, bundle_of(None, config)
    finally:
        parts.close()


def _line(ticket: Ticket) -> str:
    eyes = f"{ticket.approvals} of {ticket.reviewers} approvals"
    held = ", ".join(ticket.rules)
    due = ticket.due_at.isoformat(timespec="minutes")
    return (
        f"{ticket.id} {ticket.state} {ticket.queue} {ticket.media_type} [{held}] {eyes}, due {due}"
    )
