"""Commands that look into a guard's database: explain, replay, override."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from overt import Guard
from overt.cli import main
from overt.models import Outcome, Request

from .test_overrides import ALICE, BOB, NEW_RULE, body

PICTURE = Request(prompt="A photo of Joe Biden at lunch", media_type="image/png")


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    assert main(["init", "."]) == 0
    for name, (private, public) in (("a", ALICE), ("b", BOB)):
        (tmp_path / f"{name}.pem").write_bytes(private)
        (tmp_path / f"{name}.pub").write_bytes(public)
    settings = tmp_path / "overt.toml"
    text = settings.read_text("utf-8")
    keys = 'override_keys = ["a.pub", "b.pub"]\nreload_seconds = 0.0\n'
    assert "[policy]\n" in text
    settings.write_text(text.replace("[policy]\n", f"[policy]\n{keys}", 1), "utf-8")
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[Any]:
    capsys.readouterr()
    code = main(["policy", *arguments])
    out, err = capsys.readouterr()
    assert code == 0, err
    return [json.loads(line) for line in out.splitlines()]


def test_explain_and_replay_from_the_database(
    house: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Guard.open("overt.toml") as guard:
        decision = guard.prepare(PICTURE).decision
    told = run(capsys, "explain", decision.id, "--json")[0]
    assert (told["outcome"], told["same_policy"]) == ("label", True)
    assert told["steps"][0]["rule"] == "PF-001"
    assert main(["policy", "explain", "nope"]) == 1
    stricter = house / "candidate"
    stricter.mkdir()
    (stricter / "bundle.yaml").write_text("extends: packaged\nset: {PF-001: refuse}", "utf-8")
    report = run(capsys, "replay", "--candidate", str(stricter), "--json")[0]
    assert (report["total"], report["tightened"]) == (1, 1)
    assert report["samples"][0]["place"] == decision.id


def test_an_override_reaches_the_guard(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    now = datetime.now(UTC)
    urgent = body(
        add=[NEW_RULE],
        set={"PF-001": "review"},
        starts_at=(now - timedelta(minutes=1)).isoformat(),
        expires_at=(now + timedelta(hours=1)).isoformat(),
    )
    (house / "urgent.json").write_text(json.dumps(urgent), "utf-8")
    assert (
        main(["policy", "override", "sign", "urgent.json", "--key", "a.pem", "-o", "s.json"]) == 0
    )
    with Guard.open("overt.toml") as guard:
        before = guard.check(PICTURE)
        applied = run(capsys, "override", "apply", "s.json", "--json")[0]
        assert applied["loosens"] is False
        after = guard.check(PICTURE)
    assert (before.outcome, after.outcome) == (Outcome.LABEL, Outcome.REVIEW)
    assert before.policy != after.policy
    listed = run(capsys, "override", "list", "--json")
    assert [row["seq"] for row in listed] == [1]
    assert main(["policy", "override", "apply", "s.json"]) == 6
    assert "override.replayed" in capsys.readouterr().err
