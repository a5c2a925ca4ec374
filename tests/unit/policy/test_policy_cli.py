"""The commands `policy` and `elections`, as somebody types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from overt.cli import main
from overt.policy import Bundle
from overt.tables import data_path

from .conftest import case_of, figure
from .test_bundles import folder_with, rule_text


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(arguments)
    out, err = capsys.readouterr()
    return code, out, err


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_elections_status_is_the_contract(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(
        capsys, "elections", "status", "--country", "SK", "--at", "2023-09-28T12:00", "--json"
    )
    assert code == 0
    row = json.loads(out)
    assert row["country"] == "SK"
    assert row["at"] == "2023-09-28T12:00:00+02:00"
    assert row["phase"] == "silence"
    assert row["election"] == {
        "id": "sk-parliamentary-2023-09-30",
        "type": "parliamentary",
        "date": "2023-09-30",
        "days_to": 2,
    }
    silence = row["silence"]
    assert silence["in_force"] is True
    assert silence["from"] == "2023-09-28T00:00:00+02:00"
    assert silence["to"] == "2023-09-30T22:00:00+02:00"
    assert "181/2014" in silence["citation"]
    assert silence["confidence"] == "high"
    assert silence["scope"]
    assert isinstance(row["data_age_days"], int)


@pytest.mark.parametrize("country", ["PK", "IN", "FR", "US", "ZZ"])
def test_elections_status_for_people(capsys: pytest.CaptureFixture[str], country: str) -> None:
    code, out, _ = run(capsys, "elections", "status", "--country", country)
    assert code == 0
    assert "days old" in out


def test_elections_status_refuses_a_name(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "elections", "status", "--country", "Slovakia")
    assert code == 1
    assert "elections.country" in err


def test_policy_check_of_the_packaged_rules(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "policy", "check", "--json")
    assert code == 0
    assert json.loads(out)["problems"] == []


def test_policy_check_names_file_line_and_code(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    folder = folder_with(tmp_path, rule_text(a=("outcome: review", "outcome: block")))
    code, _, err = run(capsys, "policy", "check", str(folder))
    assert code == 1
    assert "r0.yaml, line 10" in err
    assert "policy.effect" in err


def test_policy_check_exits_1_on_a_conflict(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    other = rule_text("T-2", "two", a=("outcome: review", "outcome: refuse"))
    code, out, _ = run(capsys, "policy", "check", str(folder_with(tmp_path, rule_text(), other)))
    assert code == 1
    assert "policy.conflict" in out


def test_policy_docs(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, out, _ = run(capsys, "policy", "docs")
    assert code == 0
    assert "## EL-004" in out
    code, _, _ = run(capsys, "policy", "docs", "-o", str(tmp_path / "book.html"))
    assert code == 0
    assert (tmp_path / "book.html").read_text("utf-8").startswith("<!doctype html>")


def test_policy_replay_of_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    looser = tmp_path / "looser"
    looser.mkdir()
    for path in data_path("policy").glob("*.yaml"):
        if not path.name.startswith("PF-001"):
            (looser / path.name).write_bytes(path.read_bytes())
    inputs = tmp_path / "inputs.jsonl"
    cases = [case_of([]), case_of([figure()])]
    lines = [json.dumps({"id": f"d{n}", "case": case.to_json()}) for n, case in enumerate(cases)]
    inputs.write_text("\n".join([*lines, "not json"]) + "\n", "utf-8")
    code, out, _ = run(
        capsys, "policy", "replay", "--candidate", str(looser), "--inputs", str(inputs), "--json"
    )
    assert code == 0
    row = json.loads(out)
    assert (row["total"], row["loosened"], row["tightened"], row["unreadable"]) == (2, 1, 0, 1)
    assert row["outcomes"] == {"label to allow": 1}
    assert row["samples"][0]["place"] == "d1"
    assert row["samples"][0]["gone"] == ["PF-001"]
    assert row["live"] == Bundle.packaged().digest
