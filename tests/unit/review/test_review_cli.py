"""The review commands, from a held request to a resumed one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from overt import Guard, HeldForReview
from overt.cli import main
from overt.models import Outcome, Request

PROMPT = "photo of Jое Вidеn at the beach"


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    assert main(["init", "."]) == 0
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    capsys.readouterr()
    code = main(["review", *arguments])
    out, err = capsys.readouterr()
    assert code == 0, err
    return [json.loads(line) for line in out.splitlines()]


def test_a_ticket_from_the_queue_to_the_answer(
    house: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    request = Request(prompt=PROMPT, media_type="image/png", actor="alice")
    with Guard.open("overt.toml") as guard, pytest.raises(HeldForReview) as held:
        guard.prepare(request)
    ticket = held.value.ticket_id
    rows = run(capsys, "list", "--json")
    assert [row["id"] for row in rows] == [ticket]
    assert "EV-002" in rows[0]["rules"]
    assert PROMPT not in json.dumps(rows)
    for reviewer in ("r1", "r2"):
        taken = run(capsys, "claim", ticket, "--reviewer", reviewer, "--json")[0]
        assert taken["prompt"] == PROMPT
        assert {rule["id"] for rule in taken["guidance"]} == set(taken["rules"])
        named = [word for rule in taken["rules"] for word in ("--rule", rule)]
        words = ["--token", taken["token"], "--approve", "--code", "review.harmless"]
        done = run(
            capsys, "decide", ticket, "--reviewer", reviewer, *words, *named,
            "--text", "A spelling joke.", "--json",
        )  # fmt: skip
    assert done[0]["state"] == "approved"
    assert run(capsys, "list", "--json") == []
    assert run(capsys, "list", "--all", "--json")[0]["outcome"] == "approve"
    with Guard.open("overt.toml") as guard:
        assert guard.prepare(request, ticket=ticket).decision.outcome is Outcome.LABEL


def test_a_denial_and_its_appeal(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Guard.open("overt.toml") as guard, pytest.raises(HeldForReview) as held:
        guard.prepare(Request(prompt=PROMPT, media_type="image/png", actor="alice"))
    ticket = held.value.ticket_id
    taken = run(capsys, "claim", "--reviewer", "r1", "--json")[0]
    words = ["--token", taken["token"], "--deny", "--code", "review.evasion", "--rule", "EV-002"]
    denied = run(
        capsys, "decide", ticket, "--reviewer", "r1", *words, "--text", "It hides.", "--json"
    )
    assert denied[0]["state"] == "denied"
    more = ["--by", "alice", "--code", "appeal.context", "--text", "A joke.", "--json"]
    assert run(capsys, "appeal", ticket, *more)[0]["queue"] == "appeals"
    assert main(["review", "claim", ticket, "--reviewer", "r1"]) == 2
    assert "review.already_decided" in capsys.readouterr().err
    assert main(["review", "claim", ticket, "--reviewer", "alice"]) == 2
    assert "review.own_request" in capsys.readouterr().err
